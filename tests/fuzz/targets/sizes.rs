//! Any text as a size, a length of time or a number of processors: it is read or refused with words, and a length of
//! time that is printed is read back as itself.

#![no_main]

use libfuzzer_sys::fuzz_target;
use quarterdeck::stack::grammar::{cpus, duration, size};

fuzz_target!(|text: &str| {
    for why in [size::parse(text).err(), cpus::parse(text).err()].into_iter().flatten() {
        assert!(!why.is_empty());
    }
    if let Ok(nanos) = duration::parse(text) {
        assert_eq!(duration::parse(&duration::show(nanos)), Ok(nanos));
    }
});
