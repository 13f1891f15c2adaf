//! The program: nothing but the door into the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    quarterdeck::cli::install_hooks();
    quarterdeck::cli::main()
}
