//! The variables that stacks use against the values that are set.

use std::collections::{BTreeMap, BTreeSet};

use super::Folder;
use super::stack::{Scene, users};
use crate::diag::{Finding, Spot};
use crate::platform::{Unset, Usage, Values, gives_away, nearest, rules};

/// Where a name was looked for.
enum Looked {
    /// In `.env` and the environment.
    Env,
    /// In `.env.example`, since there is no `.env`.
    Example,
}

/// Variables that are used without a default and set nowhere: each is told once, at its first use.
pub fn variables(folder: &Folder<'_>, findings: &mut Vec<Finding>) {
    let values = &folder.platform.values;
    let mut missing: BTreeMap<&str, Vec<(&str, &Usage)>> = BTreeMap::new();
    let looked = if values.env.is_none() && values.example.is_some() { Looked::Example } else { Looked::Env };
    let is_set = |usage: &Usage| match looked {
        Looked::Env => is_enough(usage, values),
        Looked::Example => values.is_offered(&usage.name) || values.get(&usage.name).is_some(),
    };
    for (stack, note) in &folder.depth.stacks {
        for usage in note.sketch.variables.iter().filter(|usage| usage.unset != Unset::Default && !is_set(usage)) {
            missing.entry(&usage.name).or_default().push((stack, usage));
        }
    }
    if values.env.is_none() && values.example.is_none() {
        if !missing.is_empty() {
            let names: Vec<&str> = missing.keys().copied().collect();
            let what = format!("there is no .env, and stacks use {}", names.join(", "));
            findings.push(rules::ENV_ABSENT.broken(Spot::of(".env"), what, "write a .env beside the stacks folder"));
        }
        return;
    }
    for (name, usages) in missing {
        findings.extend(finding(name, &usages, &looked, values));
    }
}

/// The variable is set as this use wants it.
fn is_enough(usage: &Usage, values: &Values) -> bool {
    match (values.get(&usage.name), usage.unset) {
        (None, _) => false,
        (Some((value, _)), Unset::RefusedOrEmpty) => !value.is_empty(),
        (Some(_), _) => true,
    }
}

fn finding(name: &str, usages: &[(&str, &Usage)], looked: &Looked, values: &Values) -> Option<Finding> {
    let refused = usages.iter().find(|(_, usage)| usage.unset != Unset::Empty);
    let (_, usage) = refused.or(usages.first())?;
    let stacks: BTreeSet<&str> = usages.iter().map(|(stack, _)| *stack).collect();
    let near = nearest(name, &values.names().into_iter().collect::<Vec<_>>()).filter(|near| *near != name);
    let hint = near.map(|near| format!("; it offers {near}")).unwrap_or_default();
    let (file, word) = match looked {
        Looked::Env if values.get(name).is_some() => (".env", format!("{name} is empty in .env")),
        Looked::Env => (".env", format!("{name} is not set in .env{hint}")),
        Looked::Example => (".env.example", format!("{name} is not in .env.example{hint}")),
    };
    let rule = if refused.is_some() { &rules::VARIABLE_REQUIRED } else { &rules::VARIABLE_MISSING };
    let what = format!("{word}, and {} it", users(&stacks));
    let found =
        rule.broken(usage.spot.clone(), what, format!("set {name} in {file}, or give it a default in the stack"));
    Some(match looked {
        Looked::Env => found,
        Looked::Example => {
            let why = format!("a .env that is made from .env.example does not set it; {}", rule.why);
            found.because(why)
        }
    })
}

/// Defaults that name a variable again.
pub fn nested(folder: &Folder<'_>, findings: &mut Vec<Finding>) {
    for (stack, note) in &folder.depth.stacks {
        for usage in note.sketch.variables.iter().filter(|usage| usage.nests) {
            let what = format!("the default for {} of {stack} is the text `{}`", usage.name, usage.default);
            let mend = format!("set {} in .env, and write it without a default", usage.name);
            findings.push(rules::VARIABLE_NESTED.broken(usage.spot.clone(), what, mend));
        }
    }
}

/// Secrets that a stack gives a value to if nobody else does, each told once for a stack.
pub fn defaults(folder: &Folder<'_>, findings: &mut Vec<Finding>) {
    for (stack, note) in &folder.depth.stacks {
        let mut told: BTreeSet<&str> = BTreeSet::new();
        for usage in note.sketch.variables.iter().filter(|usage| gives_away(&usage.name, &usage.default)) {
            if told.insert(&usage.name) {
                let what = format!("{stack} has a default for {}", usage.name);
                let mend = format!("write ${{{}:?}}, so that it must be set", usage.name);
                findings.push(rules::SECRET_DEFAULT.broken(usage.spot.clone(), what, mend));
            }
        }
    }
}

/// What of a line stands there itself: without what is put in for variables.
fn literal(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        rest = match (after.strip_prefix('$'), after.strip_prefix('{').and_then(|body| body.split_once('}'))) {
            (Some(escaped), _) => {
                out.push('$');
                escaped
            }
            (None, Some((_, behind))) => behind,
            (None, None) => after.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_'),
        };
    }
    out + rest
}

/// Secrets that stand in a stack file themselves: as a variable, or behind a flag of a command.
pub fn literals(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    for (stack, service) in scene.services() {
        // Values were put in by now: only what stands so in the file is told.
        let variables = service.environment.iter().map(|one| (one.key.as_str(), one.value.as_str(), &one.spot));
        let words = service.command.iter().flat_map(|word| word.text.split_whitespace().map(move |text| (text, word)));
        let next = words.clone().skip(1).map(|(text, _)| text).chain(std::iter::once("-"));
        let flags = words.zip(next).filter_map(|((text, word), next)| {
            let flag = text.strip_prefix("--")?;
            let (name, value) = flag.split_once('=').or_else(|| (!next.starts_with('-')).then_some((flag, next)))?;
            Some((name, value, &word.spot))
        });
        for (name, value, spot) in variables.chain(flags) {
            let written = || {
                let text = scene.folder.files.text(&stack.filed.file).unwrap_or_default();
                let line = text.lines().nth(spot.line.saturating_sub(1) as usize).unwrap_or_default();
                literal(line).contains(value)
            };
            if gives_away(&name.replace('-', "_"), value) && written() {
                let what = format!("{} of {} has the value of {name} in plain text", service.key, stack.name());
                let mend = "put it into .env or a vault, write ${NAME:?} in its place, and change the secret";
                findings.push(rules::SECRET_LITERAL.broken(spot.clone(), what, mend));
            }
        }
    }
}
