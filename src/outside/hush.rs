//! Words of a program outside, as they may be told: they control no terminal, and a secret that was sent and comes back
//! in them is not repeated.

use std::fmt;
use std::ops::Deref;

use zeroize::Zeroizing;

use super::form::escaped;
use crate::model::text::clean;

/// A secret that is held for a while. It is wiped when it goes, and unlike what wipes it, it does not show itself.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl From<Zeroizing<String>> for Secret {
    fn from(secret: Zeroizing<String>) -> Self {
        Self(secret)
    }
}

impl Deref for Secret {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What stands where a secret stood.
const HIDDEN: &str = "…";

/// The words, without the secret.
pub(super) fn hushed(words: &str, secret: &str) -> String {
    // Before anything is made of them: what is cleaned may look different from what was sent.
    if secret.is_empty() {
        return clean(words);
    }
    // It went out as it is or in a form, and may come back as either.
    clean(&words.replace(secret, HIDDEN).replace(&*Zeroizing::new(escaped(secret)), HIDDEN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_comes_back_in_an_answer_is_not_told() {
        assert_eq!(hushed("no token t0p\u{1b}s3cret here\nand none", "t0p\u{1b}s3cret"), "no token … hereand none");
        assert_eq!(hushed("as it is", ""), "as it is");
        assert_eq!(hushed("token=a%20b%26c was refused", "a b&c"), "token=… was refused");
        let secret = Secret::from(Zeroizing::new("s3cret".to_owned()));
        assert!(!format!("{secret:?}").contains("s3cret") && &*secret == "s3cret");
    }
}
