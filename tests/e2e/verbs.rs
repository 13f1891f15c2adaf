//! The program called with a verb: what it printed, what it said, and how it ended.

use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// How a call ended.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// A home and a folder in which nothing lies: neither settings nor a platform.
pub fn nowhere() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Calls the program, on the engine at this address.
pub fn quarterdeck(engine: &str, words: &[&str]) -> Said {
    let home = nowhere();
    let ended = Command::new(env!("CARGO_BIN_EXE_quarterdeck"))
        .args(["-H", engine])
        .args(words)
        .env_clear()
        .env("HOME", home.path())
        .env("LANG", "C.UTF-8")
        .current_dir(home.path())
        .stdin(Stdio::null())
        .output()
        .expect("the program starts");
    said(ended)
}

/// What a call that has ended said.
pub fn said(out: Output) -> Said {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Said { code: out.status.code().unwrap_or(-1), out: text(&out.stdout), err: text(&out.stderr) }
}
