//! A finding: a fault of what is written or of what runs, with the rule it breaks and the exact place. Rules are rows
//! of one table, so that nothing is found that no list names.

use std::fmt;
use std::sync::Arc;

use super::Diagnostic;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It will not work.
    Error,
    /// It will probably not do what was meant.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// Its word, on screen and in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        }
    }
}

/// A row of the table of rules.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name in `--rule` and in JSON; never changed once it is out.
    pub id: &'static str,
    /// How bad a breach is.
    pub severity: Severity,
    /// What it looks for, as a headline.
    pub title: &'static str,
    /// Why that matters, in one sentence.
    pub why: &'static str,
}

impl Rule {
    /// A breach of this rule.
    pub fn broken(&self, spot: Spot, what: impl Into<String>, mend: impl Into<String>) -> Finding {
        Finding {
            rule: self.id,
            severity: self.severity,
            spot,
            what: what.into(),
            why: self.why.to_owned(),
            mend: mend.into(),
        }
    }
}

/// A place in a file of the folder. Line and column count from 1; 0 means the file as a whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Spot {
    /// The file, relative to the folder; empty for the folder itself.
    pub file: Arc<str>,
    /// Counted from 1.
    pub line: u32,
    /// Counted from 1, in characters.
    pub column: u32,
}

impl Spot {
    /// A file as a whole.
    #[must_use]
    pub fn of(file: &str) -> Self {
        Self { file: file.into(), line: 0, column: 0 }
    }

    /// A line and column of the same file.
    #[must_use]
    pub fn line(&self, line: u32, column: u32) -> Self {
        Self { file: Arc::clone(&self.file), line, column }
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.file),
            line => write!(f, "{}:{line}:{}", self.file, self.column),
        }
    }
}

/// A breach of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The id of the rule.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Where.
    pub spot: Spot,
    /// What is wrong, with the name of the thing.
    pub what: String,
    /// Why it is wrong.
    pub why: String,
    /// What to do, as one imperative sentence.
    pub mend: String,
}

impl Finding {
    /// Puts a cause that is known here in the place of the rule's own.
    #[must_use]
    pub fn because(mut self, why: impl Into<String>) -> Self {
        self.why = why.into();
        self
    }
}

impl From<&Finding> for Diagnostic {
    fn from(finding: &Finding) -> Self {
        Diagnostic::new(&*finding.what, &*finding.mend).at(finding.spot.to_string()).because(&*finding.why)
    }
}

/// In the order in which a person reads them: by file and line, the worst first where two share a place.
pub fn arrange(findings: &mut Vec<Finding>) {
    findings.sort_by(|a, b| (&a.spot, a.severity, a.rule, &a.what).cmp(&(&b.spot, b.severity, b.rule, &b.what)));
    findings.dedup();
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule { id: "x", severity: Severity::Warning, title: "X", why: "it matters" };

    #[test]
    fn a_finding_says_its_place_and_why_its_rule_is_there() {
        let finding = RULE.broken(Spot::of("a.yml").line(3, 7), "a is b", "make it a");
        let told = Diagnostic::from(&finding);
        assert_eq!((told.place.as_str(), told.why.len()), ("a.yml:3:7", 1));
        assert_eq!(Spot::of("a.yml").to_string(), "a.yml");
        assert_eq!(finding.because("it hurts").why, "it hurts");
    }

    #[test]
    fn findings_are_told_by_place_and_once() {
        let at = |line| RULE.broken(Spot::of("a").line(line, 1), "w", "m");
        let mut findings = vec![at(9), at(2), at(9)];
        arrange(&mut findings);
        assert_eq!(findings.iter().map(|finding| finding.spot.line).collect::<Vec<_>>(), [2, 9]);
    }
}
