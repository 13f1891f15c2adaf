//! Any text as an entry of `ports` or `volumes`, as the name of an image or as a command: it is read or refused with
//! words, ports stay in bounds, and what an image is sent as is sent as itself.

#![no_main]

use libfuzzer_sys::fuzz_target;
use quarterdeck::stack::grammar::{image, port, shell, volume};

fuzz_target!(|text: &str| {
    match port::parse(text) {
        Ok(entry) => assert!(!entry.pairs.is_empty() && entry.pairs.len() <= 1 << 16),
        Err(why) => assert!(!why.is_empty()),
    }
    if let Ok(mount) = volume::parse(text) {
        assert!(!mount.target.is_empty());
    }
    let sent = image::tagged(text);
    assert_eq!(image::tagged(&sent), sent);
    let _ = shell::split(text);
});
