//! What stood in the way of a stream, where that is known better than the operating system tells it: with what to do.
//! It travels inside an [`io::Error`], so that a dialer of any kind can hand it up.

use std::fmt;
use std::io;

/// Why no stream could be opened, or why it broke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// What is wrong, in a few words that go on after "cannot be reached: ".
    pub what: String,
    /// The cause, in the words of who said it; may be empty.
    pub why: String,
    /// What to do, as one imperative sentence.
    pub mend: String,
}

impl Obstacle {
    /// An obstacle with its mend.
    pub fn new(what: impl Into<String>, why: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { what: what.into(), why: why.into(), mend: mend.into() }
    }

    /// Plain words at a port that wants TLS.
    #[must_use]
    pub fn wants_tls() -> Self {
        Self::new(
            "it wants TLS, and was spoken to without",
            "",
            "give the certificates with --tlscacert, --tlscert and --tlskey, or set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH",
        )
    }

    /// The same, with this done to all that may come from outside.
    #[must_use]
    pub fn cleaned(&self, clean: impl Fn(&str) -> String) -> Self {
        Self { what: clean(&self.what), why: clean(&self.why), mend: clean(&self.mend) }
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Obstacle {}

impl From<Obstacle> for io::Error {
    fn from(obstacle: Obstacle) -> Self {
        io::Error::other(obstacle)
    }
}
