//! The program: nothing but the door into the library, and what must happen when it breaks.

use std::process::ExitCode;

fn main() -> ExitCode {
    let (panic, error) = color_eyre::config::HookBuilder::default()
        .panic_section("this is a bug in quarterdeck; its log lies in the state folder (~/.local/state/quarterdeck)")
        .display_env_section(false)
        .into_hooks();
    let _ = error.install();
    let report = panic.into_panic_hook();
    std::panic::set_hook(Box::new(move |info| {
        // A job that breaks is told on the board; only the screen's own thread takes the terminal down with it.
        if std::thread::current().name() != Some("main") && quarterdeck::session::is_up() {
            tracing::error!(%info, "a task broke: this is a bug");
            return;
        }
        quarterdeck::session::give_back();
        report(info);
    }));
    quarterdeck::cli::main()
}
