//! The values of the platform: `.env` first, then the environment of whoever asks. Knows which of them are secret and
//! takes them out of any text.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use zeroize::Zeroizing;

use super::env::EnvFile;
use super::files::Files;
use super::{page, variables};
use crate::diag::{Diagnostic, Finding, Severity, Spot};
use crate::model::secret::Secrets;
use crate::stack::Source;

/// Where the values of a platform lie.
pub const VALUES: &str = ".env";

/// The process environment of whoever asks, given from outside: this room never asks for it.
pub type Environment = BTreeMap<String, String>;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// From `.env`, here.
    File(Spot),
    /// From the environment of the process.
    Environment,
}

/// The values of a platform.
#[derive(Clone, Default)]
pub struct Values {
    /// `.env`.
    pub env: Option<EnvFile>,
    /// `.env.example`: what a new `.env` begins with. It gives names and never values.
    pub example: Option<EnvFile>,
    environment: Environment,
    secrets: Secrets,
}

/// The values of a platform, over those of the surroundings, for whoever is about to use them.
///
/// # Errors
/// If the file is there and cannot be read in full, with the line: half of the values must not be deployed.
pub fn values(files: &Files, surroundings: Environment) -> Result<Values, Diagnostic> {
    let mut findings = Vec::new();
    let values = Values::read(files, surroundings, &mut findings);
    let broken = findings.iter().find(|one| one.severity == Severity::Error && &*one.spot.file == VALUES);
    broken.map_or(Ok(values), |broken| Err(Diagnostic::from(broken)))
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |file: &Option<EnvFile>| file.as_ref().map_or(0, |file| file.assignments.len());
        write!(f, "Values({} set, {} offered)", names(&self.env), names(&self.example))
    }
}

impl Values {
    /// Reads the files. Only the one that counts is judged: `.env`, or `.env.example` where there is none.
    pub fn read(files: &Files, environment: Environment, findings: &mut Vec<Finding>) -> Self {
        let both = !files.under(Path::new("ansible")).is_empty()
            || matches!(files.found(Path::new("ansible.cfg")), Ok(Some(_)));
        let mut read = |name: &str, judged: bool| {
            let (spot, text) = page::open(files, Path::new(name), findings)?;
            let mut unjudged = Vec::new();
            let told = if judged { &mut *findings } else { &mut unjudged };
            Some(EnvFile::read(&spot, &Zeroizing::new(text), both, told))
        };
        let env = read(VALUES, true);
        let example = read(".env.example", env.is_none());
        let mut values = Self { env, example, environment, secrets: Secrets::default() };
        values.secrets = values.find_secrets();
        values
    }

    /// A value and where it comes from.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<(&str, Origin)> {
        if let Some(one) = self.env.as_ref().and_then(|file| file.get(name)) {
            return Some((one.value.as_str(), Origin::File(one.spot.clone())));
        }
        self.environment.get(name).map(|value| (value.as_str(), Origin::Environment))
    }

    /// The value that is used: what is set nowhere is empty.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.get(name).map_or("", |(value, _)| value)
    }

    /// Everything that is set, as stack files are filled in with it.
    #[must_use]
    pub fn all(&self) -> BTreeMap<String, String> {
        let mut all = self.environment.clone();
        let own = self.env.iter().flat_map(|file| &file.assignments);
        all.extend(own.map(|one| (one.name.clone(), one.value.to_string())));
        all
    }

    /// Names that a stack file takes from elsewhere than the folder's own values.
    #[must_use]
    pub fn borrowed(&self, source: &Source) -> BTreeSet<String> {
        let lines = source.text.lines().filter(|line| !line.trim_start().starts_with('#'));
        let names = lines.flat_map(variables::names);
        names.filter(|name| matches!(self.get(name), Some((_, Origin::Environment)))).collect()
    }

    /// The name stands in `.env.example`.
    #[must_use]
    pub fn is_offered(&self, name: &str) -> bool {
        self.example.as_ref().is_some_and(|file| file.get(name).is_some())
    }

    /// What `.env.example` offers for a name, where there is no `.env`.
    #[must_use]
    pub fn offered(&self, name: &str) -> Option<&str> {
        let example = self.example.as_ref().filter(|_| self.env.is_none())?;
        example.get(name).map(|one| one.value.as_str()).filter(|value| !value.is_empty())
    }

    /// All names of the files, each once.
    #[must_use]
    pub fn names(&self) -> BTreeSet<&str> {
        let files = [&self.env, &self.example];
        files.into_iter().flatten().flat_map(|file| &file.assignments).map(|one| one.name.as_str()).collect()
    }

    /// Those that are told nowhere.
    #[must_use]
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// The text with every secret value taken out of it, wherever it stands.
    #[must_use]
    pub fn mask(&self, text: &str) -> String {
        self.secrets.over(text)
    }

    /// The fault with no secret in it.
    #[must_use]
    pub fn told(&self, mut fault: Diagnostic) -> Diagnostic {
        for text in [&mut fault.what, &mut fault.mend].into_iter().chain(&mut fault.why) {
            *text = self.mask(text);
        }
        fault
    }

    fn find_secrets(&self) -> Secrets {
        let own = self.env.iter().flat_map(|file| &file.assignments).flat_map(|one| {
            let both = [Some(&one.value), one.verbatim.as_ref()];
            both.into_iter().flatten().map(|value| (one.name.as_str(), value.as_str()))
        });
        let around = self.environment.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Secrets::of(own.chain(around))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(env: &str) -> Values {
        Values::read(&Files::of(&[], &[(".env", env)]), Environment::new(), &mut Vec::new())
    }

    #[test]
    fn env_wins_over_the_environment_and_each_value_says_where_it_comes_from() {
        let files = Files::of(&[], &[(".env", "A=1\n"), (".env.example", "A=\nC=\n")]);
        let environment = [("A", "2"), ("B", "3")].map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let values = Values::read(&files, environment, &mut Vec::new());
        assert_eq!(values.get("A"), Some(("1", Origin::File(Spot::of(".env").line(1, 1)))));
        assert_eq!(values.get("B"), Some(("3", Origin::Environment)));
        assert_eq!((values.get("C"), values.is_offered("C"), values.text("C")), (None, true, ""));
        assert_eq!(values.names().into_iter().collect::<Vec<_>>(), ["A", "C"]);
    }

    #[test]
    fn a_secret_is_masked_by_its_value_wherever_it_stands() {
        let values = values(
            "DB_PASSWORD=hunter2!\nAPI_KEY=hunter2!long\nDOMAIN=example.test\nEMPTY_TOKEN=\nSMTP_SECRET=\"a\\nmultiple\"\nURL=postgres://u:p4ssw0rd@db/x\nPIN_SECRET=42\n",
        );
        for (text, masked) in [
            ("login failed for hunter2! at example.test", "login failed for ••• at example.test"),
            ("key hunter2!long", "key •••"),
            ("one line: multiple", "one line: •••"),
            ("connect p4ssw0rd", "connect •••"),
            ("pin 42 in 1420", "pin ••• in 1420"),
            ("nothing here", "nothing here"),
        ] {
            assert_eq!(values.mask(text), masked);
        }
        assert!(!format!("{values:?}").contains("hunter2"));
    }

    #[test]
    fn where_the_readers_disagree_both_readings_are_masked() {
        assert_eq!(values("TOKEN=\"abc def\"\n").mask("x \"abc def\" abc def"), "x ••• •••");
    }

    #[test]
    fn the_example_is_judged_only_where_there_is_no_env() {
        let mut findings = Vec::new();
        let files = Files::of(&[], &[("ansible.cfg", ""), (".env.example", "A='1'\n")]);
        let _ = Values::read(&files, Environment::new(), &mut findings);
        assert_eq!(findings.iter().map(|finding| &*finding.spot.file).collect::<Vec<_>>(), [".env.example"]);
        findings.clear();
        let files = Files::of(&[], &[("ansible.cfg", ""), (".env", "A=1"), (".env.example", "A='1'\n")]);
        let _ = Values::read(&files, Environment::new(), &mut findings);
        assert!(findings.is_empty());
    }

    #[test]
    fn what_a_stack_takes_from_the_surroundings_is_told() {
        let files = Files::of(&[], &[(VALUES, "DOMAIN=home.example\nEMPTY=\n")]);
        let surroundings = [("DOMAIN", "elsewhere"), ("TZ", "UTC"), ("HOME", "/x")];
        let surroundings = surroundings.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let values = super::values(&files, surroundings).unwrap();
        assert_eq!((values.all()["DOMAIN"].as_str(), values.all()["TZ"].as_str()), ("home.example", "UTC"));
        let text = "a: ${DOMAIN}-${TZ:-x} $EMPTY\n# ${HOME}\nb: $${HOME}\n";
        let source = Source { name: "x".into(), text: text.into() };
        assert_eq!(values.borrowed(&source), BTreeSet::from(["TZ".to_owned()]));
    }

    #[test]
    fn nothing_is_deployed_with_half_of_the_values() {
        let files = Files::of(&[], &[(VALUES, "A=1\nhunter2 hunter2\n")]);
        let fault = super::values(&files, Environment::new()).unwrap_err();
        assert_eq!(fault.place, ".env:2:1");
        assert!(!fault.to_string().contains("hunter2"), "{fault}");
        assert!(super::values(&Files::of(&[], &[]), Environment::new()).is_ok());
        assert_eq!(super::values(&Files::shipped(), Environment::new()).unwrap().text("DOMAIN"), "example.net");
    }
}
