//! `lint`: faults of the folder, each with its place and its mend. Asks no swarm.

use std::collections::BTreeMap;

use serde::Serialize;

use super::args::Globals;
use super::{Ending, Stopped, connect, print};
use crate::diag::{Diagnostic, Finding, Severity};
use crate::lint;
use crate::model::text::{clean, counted};
use crate::platform::{self, Files, rules};

/// Reads the folder that the words name, and tells what breaks these rules; none means all of them.
pub fn run(globals: &Globals, only: &[String]) -> Result<Ending, Stopped> {
    let files = connect::folder(globals)?.ok_or_else(|| {
        let fault = Diagnostic::new("there is no platform folder here", "give the folder with -C DIR");
        Stopped::new(Ending::Misuse, fault.because("neither this folder nor one above it has a `stacks` in it"))
    })?;
    let platform = platform::read(&files);
    if platform.catalogue.stacks.is_empty() && platform.catalogue.hosts.is_empty() && platform.findings.is_empty() {
        let mend = "put each compose file into a directory of its own below stacks/, as in stacks/web/compose.yaml";
        let fault = Diagnostic::new(format!("the folder {} holds neither stacks nor hosts", clean(files.name())), mend);
        return Err(Stopped::new(Ending::Misuse, fault));
    }
    tell(globals, only, &files)
}

/// The same on files that are at hand.
pub fn tell(globals: &Globals, only: &[String], files: &Files) -> Result<Ending, Stopped> {
    if let Some(id) = only.iter().find(|id| lint::rule(id).is_none()) {
        let known: Vec<&str> = rules::ALL.iter().map(|rule| rule.id).collect();
        let mend = match platform::nearest(id, &known) {
            Some(near) => format!("write --rule {near}"),
            None => "see the rules in assets/docs/rules.md".to_owned(),
        };
        return Err(Stopped::new(Ending::Misuse, Diagnostic::new(format!("there is no rule `{}`", clean(id)), mend)));
    }
    let mut findings = lint::check(files, super::wishes::surroundings());
    findings.retain(|finding| only.is_empty() || only.iter().any(|id| id == finding.rule));
    if globals.json {
        print::document(&Document { findings: findings.iter().map(Row::of).collect() });
    } else {
        for line in text(&findings) {
            if !print::line(&line) {
                break;
            }
        }
    }
    let failed = findings.iter().any(|finding| finding.severity == Severity::Error);
    Ok(if failed { Ending::Failed } else { Ending::Done })
}

/// The document of `lint --json`; names in it are a promise to scripts.
#[derive(Debug, Serialize)]
struct Document<'a> {
    findings: Vec<Row<'a>>,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    rule: &'a str,
    severity: &'a str,
    file: &'a str,
    line: u32,
    column: u32,
    what: &'a str,
    why: &'a str,
    mend: &'a str,
}

impl<'a> Row<'a> {
    fn of(finding: &'a Finding) -> Self {
        Self {
            rule: finding.rule,
            severity: finding.severity.word(),
            file: &finding.spot.file,
            line: finding.spot.line,
            column: finding.spot.column,
            what: &finding.what,
            why: &finding.why,
            mend: &finding.mend,
        }
    }
}

fn text(findings: &[Finding]) -> Vec<String> {
    let mut lines = Vec::new();
    for finding in findings {
        lines.push(format!("{}[{}]: {}", finding.severity.word(), finding.rule, clean(&finding.what)));
        lines.push(format!("  --> {}", clean(&finding.spot.to_string())));
        lines.push(format!("  why: {}", clean(&finding.why)));
        lines.push(format!(" mend: {}", clean(&finding.mend)));
        lines.push(String::new());
    }
    lines.push(summary(findings));
    lines
}

fn summary(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return "nothing found".to_owned();
    }
    let words: BTreeMap<Severity, &str> =
        [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "remark")].into();
    let parts: Vec<String> = lint::counts(findings)
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| counted(count as u64, words.get(&severity).copied().unwrap_or_default()))
        .collect();
    parts.join(", ")
}
