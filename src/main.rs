//! The program: nothing but the door into the library.
fn main() {}
