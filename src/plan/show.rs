//! A plan as a person reads it: one line an object, and under it what differs.

use std::fmt::Write;

use super::change::{Change, Effect, Field, Plan, Thing};
use crate::model::text::{clean, counted};

/// The whole plan as lines, without colours. Objects that stay as they are are counted.
#[must_use]
pub fn show(plan: &Plan) -> Vec<String> {
    let mut lines = vec![headline(plan)];
    for change in &plan.changes {
        if change.effect == Effect::None && change.fields.is_empty() {
            continue;
        }
        lines.push(format!("  {}", title(change)));
        for field in &change.fields {
            lines.extend(difference(field).into_iter().map(|line| format!("      {line}")));
        }
    }
    lines.extend(plan.unmade.iter().map(|unmade| format!("  ? {}", unmade.line())));
    for (word, said) in [("warning", &plan.warnings), ("note", &plan.notes), ("fault", &plan.faults)] {
        for diagnostic in said {
            let place = if diagnostic.place.is_empty() { String::new() } else { format!(" ({})", diagnostic.place) };
            lines.push(format!("  {word}: {}{place}", clean(&diagnostic.what)));
            lines.extend(diagnostic.why.iter().map(|why| format!("      why: {}", clean(why))));
            lines.push(format!("      mend: {}", clean(&diagnostic.mend)));
        }
    }
    lines
}

/// The stack and what happens to it, on one line.
#[must_use]
pub fn headline(plan: &Plan) -> String {
    let mut parts = Vec::new();
    for effect in [Effect::Create, Effect::Restart, Effect::InPlace, Effect::Remove] {
        let count = plan.count(effect);
        if count > 0 {
            parts.push(format!("{count} {}", effect.words()));
        }
    }
    if !plan.unmade.is_empty() {
        parts.push(format!("{} not known yet", plan.unmade.len()));
    }
    let same = plan.count(Effect::None);
    match (parts.is_empty(), plan.faults.len()) {
        (_, faults) if faults > 0 => {
            format!("{}: cannot be deployed, {} to mend", plan.stack, counted(faults as u64, "fault"))
        }
        (true, _) => format!("{}: nothing to do, {} as wished", plan.stack, counted(same as u64, "object")),
        (false, _) if same > 0 => format!("{}: {}, {same} as they are", plan.stack, parts.join(", ")),
        _ => format!("{}: {}", plan.stack, parts.join(", ")),
    }
}

fn sign(effect: Effect) -> char {
    match effect {
        Effect::Create => '+',
        Effect::Restart => '↻',
        Effect::InPlace => '~',
        Effect::None => '=',
        Effect::Remove => '-',
    }
}

fn title(change: &Change) -> String {
    let mut line =
        format!("{} {:<8} {:<8} {}", sign(change.effect), change.effect.words(), change.kind.word(), change.name);
    match (change.kind, change.effect, change.tasks) {
        (Thing::Service, Effect::Restart, Some(tasks)) => {
            let _ = write!(line, "  ({} replaced)", counted(tasks, "task"));
        }
        (Thing::Service, Effect::Create | Effect::Remove, Some(tasks)) => {
            let _ = write!(line, "  ({})", counted(tasks, "task"));
        }
        _ => {}
    }
    if !change.why.is_empty() {
        let _ = write!(line, "  ({})", change.why);
    }
    line
}

/// What a person calls a place in a spec.
#[must_use]
pub fn short(path: &str) -> &str {
    ["TaskTemplate.ContainerSpec.", "TaskTemplate.", "EndpointSpec.", "Mode.Replicated."]
        .iter()
        .find_map(|start| path.strip_prefix(start))
        .unwrap_or(path)
}

fn difference(field: &Field) -> Vec<String> {
    let name = short(&field.path);
    let one = |text: &str| clean(text).replace('\n', "⏎");
    match (&field.old, &field.new) {
        (None, Some(new)) => vec![format!("+ {name}: {}", one(new))],
        (Some(old), None) => vec![format!("- {name}: {}", one(old))],
        (Some(old), Some(new)) if old.contains('\n') || new.contains('\n') => {
            let mut lines = vec![format!("~ {name}:")];
            let diff = similar::TextDiff::from_lines(old, new);
            lines.extend(
                diff.iter_all_changes()
                    .map(|change| format!("    {}{}", change.tag(), clean(change.value().trim_end_matches('\n')))),
            );
            lines
        }
        (Some(old), Some(new)) if old.len() + new.len() > 80 => {
            vec![format!("~ {name}:"), format!("    - {}", one(old)), format!("    + {}", one(new))]
        }
        (Some(old), Some(new)) => vec![format!("~ {name}: {} → {}", one(old), one(new))],
        (None, None) => Vec::new(),
    }
}
