//! What is to be run on a host: words, never a line of shell. The one place where words become such a line.

use std::time::Duration;

use zeroize::Zeroizing;

/// How long a command may take unless it is told otherwise.
const PATIENCE: Duration = Duration::from_secs(30);
/// How much a command may say unless it is told otherwise.
const ENOUGH: usize = 8 << 20;

/// A program and its words.
#[derive(Clone)]
pub struct Command {
    pub(super) words: Vec<String>,
    pub(super) sudo: bool,
    pub(super) within: Duration,
    pub(super) at_most: usize,
    pub(super) stdin: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Command {
    /// Without what is fed to it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Command").field("words", &self.words).field("sudo", &self.sudo).finish_non_exhaustive()
    }
}

impl Command {
    /// A command without words after it.
    pub fn new(program: impl Into<String>) -> Self {
        Self {
            words: vec![program.into()],
            sudo: false,
            within: PATIENCE,
            at_most: ENOUGH,
            stdin: Zeroizing::new(Vec::new()),
        }
    }

    /// Adds a word.
    #[must_use]
    pub fn arg(mut self, word: impl Into<String>) -> Self {
        self.words.push(word.into());
        self
    }

    /// Adds words.
    #[must_use]
    pub fn args<W: Into<String>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        self.words.extend(words.into_iter().map(Into::into));
        self
    }

    /// As root: by sudo, unless the user is root.
    #[must_use]
    pub fn sudo(mut self) -> Self {
        self.sudo = true;
        self
    }

    /// It may take this long, 30 s unless said. Counts for `run` only.
    #[must_use]
    pub fn within(mut self, patience: Duration) -> Self {
        self.within = patience;
        self
    }

    /// It may say this much on each of its outputs, 8 MiB unless said. Counts for `run` only.
    #[must_use]
    pub fn at_most(mut self, bytes: usize) -> Self {
        self.at_most = bytes;
        self
    }

    /// What it is fed; nothing unless said. Counts for `run` only.
    #[must_use]
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Zeroizing::new(bytes.into());
        self
    }

    /// The program, for a fault: its words may be many.
    pub(super) fn name(&self) -> String {
        self.words.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(" ")
    }

    /// The line of shell that runs it, after these words.
    pub(super) fn line_after(&self, before: &[&str]) -> String {
        let words = before.iter().copied().chain(self.words.iter().map(String::as_str));
        words.map(quote).collect::<Vec<_>>().join(" ")
    }
}

/// One word of a POSIX shell that stands for exactly this text. A NUL, which no program can be given, is left out.
pub(super) fn quote(word: &str) -> String {
    let word = word.replace('\0', "");
    match shlex::try_quote(&word) {
        Ok(quoted) => quoted.into_owned(),
        Err(_) => String::from("''"),
    }
}

/// What a command said, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// How it ended.
    pub exit: super::Exit,
    /// What it said.
    pub stdout: Vec<u8>,
    /// What it complained of.
    pub stderr: Vec<u8>,
}

impl Output {
    /// It ended with 0.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.exit == super::Exit::Code(0)
    }

    /// Its exit code, if it ended with one.
    #[must_use]
    pub fn status(&self) -> Option<u32> {
        match self.exit {
            super::Exit::Code(code) => Some(code),
            super::Exit::Signal(_) | super::Exit::Unknown => None,
        }
    }

    /// What it said, as text: bytes that are none are replaced, and nothing is cleaned.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// What it complained of, made safe to show.
    #[must_use]
    pub fn complaint(&self) -> String {
        crate::model::text::clean(String::from_utf8_lossy(&self.stderr).trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::process::Command as Local;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn a_real_shell_reads_back_every_word_as_it_was(words in proptest::collection::vec("[^\0]{0,12}", 1..6)) {
            let mut command = Command::new("printf").arg("%s\\0");
            command = command.args(words.clone());
            let out = Local::new("sh").arg("-c").arg(command.line_after(&[])).output().unwrap();
            let expected: Vec<u8> = words.iter().flat_map(|word| [word.as_bytes(), b"\0"].concat()).collect();
            prop_assert_eq!(out.stdout, expected);
        }
    }

    #[test]
    fn what_a_command_is_fed_is_not_shown() {
        assert!(!format!("{:?}", Command::new("tee").stdin("hunter2")).contains("hunter2"));
    }

    #[test]
    fn a_word_that_needs_no_quotes_gets_none() {
        assert_eq!(
            Command::new("df").arg("-P").arg("/var/lib").arg("").arg("~").line_after(&[]),
            "df -P /var/lib '' '~'"
        );
    }
}
