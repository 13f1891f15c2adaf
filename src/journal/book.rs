//! Lines read back: each deed with its end. A line that cannot be read is told and passed over; what stands after it
//! counts all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::process::is_there;
use super::record::Record;
use crate::action::{Begun, Deed, End, History, Process};

/// More deeds than these are not shown.
const SHOWN: usize = 5000;

/// Reads pages, the oldest first; each has a name and its text. `kept` are the deeds of which there is a keepsake.
pub fn read(pages: &[(String, String)], kept: &BTreeSet<String>, here: &Process) -> History {
    let mut notes = Vec::new();
    let mut deeds: Vec<Deed> = Vec::new();
    let mut by_key: BTreeMap<String, usize> = BTreeMap::new();
    let newest = pages.len().saturating_sub(1);
    for (number, (name, text)) in pages.iter().enumerate() {
        let torn = number == newest && !text.is_empty() && !text.ends_with('\n');
        let lines = text.lines().count();
        for (at, line) in text.lines().enumerate() {
            match serde_json::from_str::<Record>(line) {
                Ok(record) => take(record, &mut deeds, &mut by_key, here),
                Err(_) if line.trim().is_empty() => {}
                Err(_) if torn && at + 1 == lines => {
                    notes.push(format!("{name}:{}: the last line is torn: its writer broke off", at + 1));
                }
                Err(_) => notes.push(format!("{name}:{}: this line cannot be read and is passed over", at + 1)),
            }
        }
    }
    settle(&mut deeds);
    deeds.iter_mut().for_each(|deed| deed.kept = kept.contains(&deed.begun.job));
    // Not by time: clocks jump, and lines do not.
    deeds.reverse();
    deeds.truncate(SHOWN);
    History { deeds: deeds.into_iter().map(Arc::new).collect(), notes }
}

/// What broke off and was asked for once more later, and then done, is finished; and so is what was a part of it.
fn settle(deeds: &mut [Deed]) {
    let mut done: BTreeMap<(String, String, String), (String, jiff::Timestamp)> = BTreeMap::new();
    let mut courses: Vec<Deed> = Vec::new();
    for deed in deeds.iter_mut().rev() {
        let begun = &deed.begun;
        // A gate changes nothing: there is nothing of it to finish.
        if begun.kind == "gate" && deed.is_interrupted() {
            deed.end = Some(End::told(begun.at, "cancelled", "its console is gone".to_owned()));
            continue;
        }
        if let Some(request) = begun.request() {
            let covers = |done: &&Deed| {
                let all = done.begun.request().map_or(&[][..], |request| &request.stacks);
                done.begun.swarm == begun.swarm && request.stacks.iter().all(|stack| all.contains(stack))
            };
            match courses.iter().find(covers).filter(|_| deed.is_interrupted()) {
                Some(Deed { begun: Begun { job, .. }, end: Some(end), .. }) => {
                    deed.end = Some(End::told(end.at, "resumed", format!("finished by {job}")));
                }
                _ if deed.outcome() == "done" => courses.push(deed.clone()),
                _ => {}
            }
            continue;
        }
        let thing = (begun.swarm.clone(), begun.stack.clone(), begun.what.clone());
        if deed.is_interrupted()
            && let Some((job, at)) = done.get(&thing)
        {
            deed.end = Some(End::told(*at, "resumed", format!("finished by {job}")));
        } else if let Some(end) = deed.end.as_ref().filter(|end| end.outcome == "done") {
            done.insert(thing, (begun.job.clone(), end.at));
        }
    }
    let over: BTreeMap<String, (jiff::Timestamp, String)> = deeds
        .iter()
        .filter(|deed| deed.begun.request().is_some())
        .filter_map(|deed| Some((deed.begun.job.clone(), deed.end.as_ref()?)))
        .map(|(job, end)| (job, (end.at, end.outcome.clone())))
        .collect();
    for deed in deeds.iter_mut().filter(|deed| deed.is_interrupted()) {
        if let Some((at, outcome)) = over.get(&deed.begun.course) {
            let word = if outcome == "dropped" { "dropped" } else { "resumed" };
            deed.end = Some(End::told(*at, word, format!("with {}", deed.begun.course)));
        }
    }
}

fn take(record: Record, deeds: &mut Vec<Deed>, by_key: &mut BTreeMap<String, usize>, here: &Process) {
    match record {
        Record::Begun(begun) => {
            by_key.insert(begun.job.clone(), deeds.len());
            let (alive, own) = (is_there(&begun.process, here), begun.process == *here);
            deeds.push(Deed { begun: *begun, end: None, alive, own, kept: false });
        }
        Record::Ended { job, end } => {
            if let Some(deed) = by_key.get(&job).and_then(|at| deeds.get_mut(*at)) {
                deed.end = Some(end);
            }
        }
    }
}
