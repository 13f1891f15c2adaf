//! A plan as rows: each object with its effect, below it every field that differs, and what else there is to know.

use super::format::{count, width};
use super::plan_screen::{PATH, PlanRow};
use super::popup::Item;
use super::wrap::words;
use crate::diag::Diagnostic;
use crate::model::text::clean;
use crate::plan::{Change, Effect, Field, Plan, Thing, short};

/// How much of each, in words: `2 restart · 1 in place · 4 unchanged`.
#[must_use]
pub fn sums_up(plan: &Plan) -> String {
    if !plan.faults.is_empty() {
        return format!("refused, {}", count(plan.faults.len() as u64, "fault"));
    }
    if plan.is_empty() {
        return "nothing to do: everything is as its file says".to_owned();
    }
    let some = |effect, words: &str| match plan.count(effect) {
        0 => None,
        n => Some(format!("{n} {words}")),
    };
    let parts = [
        some(Effect::Create, "created"),
        some(Effect::Restart, "restarted"),
        some(Effect::InPlace, "changed in place"),
        some(Effect::Remove, "removed"),
        some(Effect::None, "unchanged"),
        (!plan.unmade.is_empty()).then(|| format!("{} not known yet", plan.unmade.len())),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

pub(super) fn item(change: &Change) -> Item {
    Item { name: change.title(), amount: change.effect.words().to_owned(), how: how(change) }
}

fn how(change: &Change) -> String {
    let fields = match change.fields.as_slice() {
        [] => String::new(),
        [only] => short(&only.path).to_owned(),
        [first, rest @ ..] => format!("{} and {} more", short(&first.path), rest.len()),
    };
    [tasks(change), change.why.clone(), fields]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(", ")
}

fn tasks(change: &Change) -> String {
    match (change.effect, change.tasks) {
        (Effect::Restart, Some(tasks)) => format!("replaces {}", count(tasks, "task")),
        (Effect::InPlace, _) if change.kind == Thing::Service => "no task is replaced".to_owned(),
        (Effect::Remove, Some(tasks)) => format!("ends {}", count(tasks, "task")),
        _ => String::new(),
    }
}

pub(super) fn rows(plan: &Plan, full: bool, columns: usize) -> Vec<PlanRow> {
    let mut rows: Vec<PlanRow> = plan.faults.iter().flat_map(|fault| told(true, fault, columns)).collect();
    rows.extend(plan.warnings.iter().flat_map(|warning| told(false, warning, columns)));
    for unmade in &plan.unmade {
        let mut lines = words(&unmade.line(), columns).into_iter();
        rows.extend(lines.next().map(|line| PlanRow::Told(false, line)));
        rows.extend(lines.map(PlanRow::Below));
    }
    for change in plan.changes.iter().filter(|change| full || change.effect != Effect::None) {
        let about = [tasks(change), change.why.clone()].into_iter().filter(|part| !part.is_empty());
        let name = format!("{} {}", change.kind.word(), change.name);
        rows.push(PlanRow::Object(change.effect, name, about.collect::<Vec<_>>().join(", ")));
        rows.extend(change.fields.iter().flat_map(|field| differs(field, columns)));
    }
    if !plan.notes.is_empty() {
        rows.push(PlanRow::Blank);
        rows.extend(plan.notes.iter().flat_map(|note| told(false, note, columns)));
    }
    rows
}

/// Both values on one row, or the old above the new where they do not fit side by side.
fn differs(field: &Field, columns: usize) -> Vec<PlanRow> {
    // A value may hold lines, and was written by whoever made the service.
    let safe = |value: &Option<String>| value.as_ref().map(|text| clean(&text.trim_end().replace('\n', " ⏎ ")));
    let (path, old, new) = (clean(short(&field.path)), safe(&field.old), safe(&field.new));
    let room = columns.saturating_sub(PATH.min(columns * 2 / 5) + 13);
    match (old, new) {
        (Some(old), Some(new)) if width(&old) + width(&new) > room => {
            vec![PlanRow::Differs(path, Some(old), None), PlanRow::Differs(String::new(), None, Some(new))]
        }
        (old, new) => vec![PlanRow::Differs(path, old, new)],
    }
}

pub(super) fn told(forbids: bool, said: &Diagnostic, columns: usize) -> Vec<PlanRow> {
    let mut rows: Vec<PlanRow> =
        words(&said.what, columns).into_iter().take(1).map(|line| PlanRow::Told(forbids, line)).collect();
    rows.extend(words(&said.what, columns).into_iter().skip(1).map(PlanRow::Below));
    let mut below = said.why.clone();
    if !said.place.is_empty() {
        below.insert(0, said.place.clone());
    }
    if forbids {
        below.push(format!("mend: {}", said.mend));
    }
    rows.extend(below.iter().flat_map(|line| words(line, columns.saturating_sub(2))).map(PlanRow::Below));
    rows
}
