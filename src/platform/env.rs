//! `.env`, read once and with places, as each of its two readers reads it: godotenv (go-task, docker compose) and the
//! line pattern of Ansible's load-env. Values are never told: a finding names the variable only.

use std::fmt;

use zeroize::Zeroizing;

use super::env_scan::{self, Scanned};
use super::rules;
use crate::diag::{Finding, Spot};

/// A line of a file of values.
#[derive(Clone, PartialEq, Eq)]
pub struct Assignment {
    /// What is set.
    pub name: String,
    /// To what, by godotenv's rules.
    pub value: Zeroizing<String>,
    /// To what, by Ansible's line pattern; none if that reader does not see the line.
    pub verbatim: Option<Zeroizing<String>>,
    /// Where.
    pub spot: Spot,
}

impl fmt::Debug for Assignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}=… ({})", self.name, self.spot)
    }
}

/// A file of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvFile {
    /// Its name.
    pub spot: Spot,
    /// Its assignments in order; where a name stands twice, the last one counts.
    pub assignments: Vec<Assignment>,
}

impl EnvFile {
    /// Reads a file. What its readers disagree on is told if `both` of them read it.
    pub fn read(spot: &Spot, whole: &str, both: bool, findings: &mut Vec<Finding>) -> Self {
        let mut file = Self { spot: spot.clone(), assignments: Vec::new() };
        if both && let Some(line) = whole.split('\n').position(|line| line.ends_with('\r')) {
            let spot = spot.line(u32::try_from(line + 1).unwrap_or_default(), 1);
            let mend = "save the file with Unix line ends";
            findings.push(rules::ENV_CRLF.broken(spot, format!("{} has Windows line ends", file.spot.file), mend));
        }
        let text = whole.strip_prefix('\u{feff}').inspect(|_| {
            let what = format!("{} begins with a byte order mark", file.spot.file);
            let mend = "save the file as UTF-8 without it";
            let why = "godotenv takes it for a part of the first name, and go-task refuses the whole file";
            findings.push(rules::ENV_BROKEN.broken(spot.line(1, 1), what, mend).because(why));
        });
        for scanned in env_scan::lines(text.unwrap_or(whole)) {
            let spot = spot.line(scanned.line, scanned.column);
            if let Some(why) = scanned.broken {
                let mend = "write NAME=value, or put # before the line";
                findings.push(rules::ENV_BROKEN.broken(
                    spot,
                    format!("{} has a line that is no assignment: {why}", file.spot.file),
                    mend,
                ));
                continue;
            }
            if both {
                disagreements(&scanned, &spot, findings);
            }
            file.twice(&scanned, &spot, findings);
            let value = file.expanded(&scanned, &spot, findings);
            file.assignments.push(Assignment { name: scanned.name, value, verbatim: scanned.verbatim, spot });
        }
        file
    }

    /// The assignment that counts.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Assignment> {
        self.assignments.iter().rev().find(|assignment| assignment.name == name)
    }

    fn twice(&self, scanned: &Scanned, spot: &Spot, findings: &mut Vec<Finding>) {
        if let Some(first) = self.get(&scanned.name) {
            let what = format!("{} is set here and in line {}", scanned.name, first.spot.line);
            findings.push(rules::ENV_TWICE.broken(spot.clone(), what, "keep one of the two lines"));
        }
    }

    /// References to earlier names, put in as godotenv does.
    fn expanded(&self, scanned: &Scanned, spot: &Spot, findings: &mut Vec<Finding>) -> Zeroizing<String> {
        if scanned.quote == Some('\'') {
            return scanned.value.clone();
        }
        let get = |name: &str| self.get(name).map(|assignment| assignment.value.to_string());
        let expanded = env_scan::expand(&scanned.value, get);
        if expanded != scanned.value {
            let what = format!("the value of {} has a $ in it, which refers to another variable", scanned.name);
            let mend = "write the value in full; if the $ belongs to it, put it in single quotes";
            findings.push(rules::ENV_REFERENCE.broken(spot.clone(), what, mend));
        }
        expanded
    }
}

fn disagreements(scanned: &Scanned, spot: &Spot, findings: &mut Vec<Finding>) {
    let name = &scanned.name;
    let mut tell = |finding: Finding| findings.push(finding);
    if scanned.exported {
        let mend = format!("write {name}=… without export");
        tell(rules::ENV_EXPORT.broken(spot.clone(), format!("{name} is exported"), mend));
    }
    if scanned.quote.is_some() {
        let mend = format!("write the value of {name} without quotes");
        tell(rules::ENV_QUOTED.broken(spot.clone(), format!("the value of {name} is in quotes"), mend));
    }
    if scanned.comment {
        let mend = "put the comment on a line of its own";
        let finding = rules::ENV_COMMENT.broken(spot.clone(), format!("a comment follows the value of {name}"), mend);
        let bare =
            "there is no value before it, so other readers take the comment itself as the value; here it is empty";
        tell(if scanned.value.is_empty() { finding.because(bare) } else { finding });
    }
    if scanned.spaced && !scanned.comment {
        let mend = format!("write {name}=value without spaces");
        tell(rules::ENV_SPACES.broken(spot.clone(), format!("there are spaces around the = of {name}"), mend));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (EnvFile, Vec<(&'static str, u32)>) {
        let mut findings = Vec::new();
        let file = EnvFile::read(&Spot::of(".env"), text, true, &mut findings);
        (file, findings.iter().map(|finding| (finding.rule, finding.spot.line)).collect())
    }

    #[test]
    fn each_reader_has_its_own_mind() {
        // The line, what godotenv makes of it, what Ansible makes of it, and what is found.
        let cases: &[(&str, &str, Option<&str>, &[&str])] = &[
            ("A=b", "b", Some("b"), &[]),
            ("A=", "", Some(""), &[]),
            ("A=Your Name", "Your Name", Some("Your Name"), &[]),
            ("A=~/.ssh/id", "~/.ssh/id", Some("~/.ssh/id"), &[]),
            ("A=x#y", "x#y", Some("x#y"), &[]),
            ("A=\"b c\"", "b c", Some("\"b c\""), &["env-quoted"]),
            ("A='b $C'", "b $C", Some("'b $C'"), &["env-quoted"]),
            ("A=\"one\\ntwo\"", "one\ntwo", Some("\"one\\ntwo\""), &["env-quoted"]),
            ("A=b # c", "b", Some("b # c"), &["env-comment"]),
            ("A=b # c # d", "b # c", Some("b # c # d"), &["env-comment"]),
            ("A=  # openssl rand", "", Some("  # openssl rand"), &["env-comment"]),
            ("export A=b", "b", None, &["env-export"]),
            ("A = b", "b", None, &["env-spaces"]),
            ("A= b", "b", Some(" b"), &["env-spaces"]),
            ("A: b", "b", None, &[]),
            ("A=b$HOME", "b", Some("b$HOME"), &["env-reference"]),
            ("A=b\\$HOME", "b$HOME", Some("b\\$HOME"), &["env-reference"]),
        ];
        for (line, godotenv, ansible, found) in cases {
            let (file, findings) = read(line);
            let one = file.get("A").unwrap();
            assert_eq!(one.value.as_str(), *godotenv, "{line}");
            assert_eq!(one.verbatim.as_ref().map(|value| value.as_str()), *ansible, "{line}");
            assert_eq!(findings.iter().map(|(rule, _)| *rule).collect::<Vec<_>>(), *found, "{line}");
        }
    }

    #[test]
    fn the_last_of_two_counts_and_both_places_are_told() {
        let (file, findings) = read("# values\nA=1\n\nB=2\nA=3\n");
        assert_eq!(file.get("A").unwrap().value.as_str(), "3");
        assert_eq!(findings, [("env-twice", 5)]);
    }

    #[test]
    fn windows_line_ends_are_told_once_and_stay_out_of_the_value() {
        let (file, findings) = read("A=1\r\nB=2\r\n");
        assert_eq!(file.get("B").unwrap().value.as_str(), "2");
        assert_eq!(file.get("B").unwrap().verbatim.as_ref().unwrap().as_str(), "2\r");
        assert_eq!(findings, [("env-crlf", 1)]);
    }

    #[test]
    fn a_value_in_quotes_goes_over_several_lines() {
        let (file, _) = read("KEY=\"-----BEGIN\nabc\n-----END\"\nB=2\n");
        assert_eq!(file.get("KEY").unwrap().value.as_str(), "-----BEGIN\nabc\n-----END");
        assert_eq!(file.get("B").unwrap().spot.line, 4);
    }

    #[test]
    fn broken_lines_are_told_and_the_others_count() {
        let (file, findings) = read("just words\nA-B=1\nC=\"open\nD=4\n");
        assert_eq!(findings, [("env-broken", 1), ("env-broken", 2), ("env-broken", 3)]);
        assert_eq!(file.get("D").unwrap().value.as_str(), "4");
    }

    #[test]
    fn no_value_is_told_by_debug_or_by_a_finding() {
        let mut findings = Vec::new();
        let text = "export PASSWORD=\"hunter2\" # why\nPASSWORD=hunter2$X\n hunter2";
        let file = EnvFile::read(&Spot::of(".env"), text, true, &mut findings);
        assert!(findings.len() > 3);
        assert!(!format!("{file:?}{findings:?}").contains("hunter2"));
    }
}
