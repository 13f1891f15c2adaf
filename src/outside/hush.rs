//! Words of a program outside, as they may be told: they control no terminal, and a secret that was sent and comes back
//! in them is not repeated.

use crate::model::text::clean;

/// What stands where a secret stood.
const HIDDEN: &str = "…";

/// The words, without the secret.
pub(super) fn hushed(words: &str, secret: &str) -> String {
    // Before anything is made of them: what is cleaned may look different from what was sent.
    if secret.is_empty() { clean(words) } else { clean(&words.replace(secret, HIDDEN)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_comes_back_in_an_answer_is_not_told() {
        assert_eq!(hushed("no token t0p\u{1b}s3cret here\nand none", "t0p\u{1b}s3cret"), "no token … here and none");
        assert_eq!(hushed("as it is", ""), "as it is");
    }
}
