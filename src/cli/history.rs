//! `history`: what was done, by whom, why, and how it ended. Reads the journal and asks no swarm.

use serde::Serialize;

use super::args::{Globals, HistoryWish};
use super::{Ending, Stopped, author, print};
use crate::action::{Commit, Deed, Touched, Trodden};
use crate::app::format::{age, lasting};
use crate::clock::SharedClock;

/// Shows the newest deeds that are asked for, newest first.
pub fn run(globals: &Globals, wish: &HistoryWish, clock: &SharedClock) -> Result<Ending, Stopped> {
    let history = author::journal(globals).read().map_err(|fault| Stopped::new(Ending::Failed, fault))?;
    for note in &history.notes {
        print::remark(note);
    }
    let deeds = history.deeds.iter().filter(|deed| wanted(deed, wish)).take(wish.number);
    if globals.json {
        print::document(&Document { actions: deeds.map(|deed| Row::of(deed)).collect() });
        return Ok(Ending::Done);
    }
    let mut deeds = deeds.peekable();
    if deeds.peek().is_none() {
        let nothing =
            if history.deeds.is_empty() { "nothing was done from here yet" } else { "nothing of that kind was done" };
        print::line(nothing);
    }
    for deed in deeds {
        if !print::line(&line(deed, clock)) {
            break;
        }
    }
    Ok(Ending::Done)
}

fn wanted(deed: &Deed, wish: &HistoryWish) -> bool {
    let holds = |said: &Option<String>, has: &str| said.as_ref().is_none_or(|said| has == said);
    holds(&wish.stack, &deed.begun.stack)
        && holds(&wish.kind, &deed.begun.kind)
        && holds(&wish.outcome, deed.outcome())
        && wish.who.as_ref().is_none_or(|who| deed.begun.who.contains(who.as_str()))
        && (!wish.interrupted || deed.is_interrupted())
        && wish.id.as_ref().is_none_or(|id| deed.begun.job.starts_with(id.as_str()))
}

fn line(deed: &Deed, clock: &SharedClock) -> String {
    let begun = &deed.begun;
    let took = deed.end.as_ref().map(|end| lasting(end.at.duration_since(begun.at).as_secs())).unwrap_or_default();
    let commit = begun.commit.as_ref().map(Commit::short).unwrap_or_default();
    let fault = deed.end.as_ref().and_then(|end| end.fault.first().cloned()).unwrap_or_default();
    let although = deed.end.as_ref().filter(|end| !end.although.is_empty());
    let although = although.map(|end| format!("all the same: {}", end.although)).unwrap_or_default();
    let told = [begun.why.as_str(), although.as_str(), fault.as_str()].into_iter().filter(|text| !text.is_empty());
    format!(
        "{} {:<11} {:<20} {:>4} {:>5}  {:<16} {:<8}  {}{}",
        deed.state().sign(),
        deed.outcome(),
        begun.job,
        age(begun.at, clock.now()),
        took,
        begun.who,
        commit,
        begun.what,
        told.map(|text| format!("  · {text}")).collect::<String>(),
    )
    .trim_end()
    .to_owned()
}

/// The document of `history --json`; names in it are a promise to scripts.
#[derive(Debug, Serialize)]
struct Document<'a> {
    actions: Vec<Row<'a>>,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    id: &'a str,
    who: &'a str,
    at: String,
    ended: Option<String>,
    what: &'a str,
    kind: &'a str,
    stack: &'a str,
    swarm: &'a str,
    why: &'a str,
    /// Why it went on although something spoke against it; empty where nothing did.
    although: &'a str,
    outcome: &'a str,
    commit: Option<&'a Commit>,
    version: &'a str,
    can_undo: bool,
    fault: &'a [String],
    changes: &'a [Touched],
    steps: &'a [Trodden],
}

impl<'a> Row<'a> {
    fn of(deed: &'a Deed) -> Self {
        let begun = &deed.begun;
        let end = deed.end.as_ref();
        Self {
            id: &begun.job,
            who: &begun.who,
            at: begun.at.to_string(),
            ended: end.map(|end| end.at.to_string()),
            what: &begun.what,
            kind: &begun.kind,
            stack: &begun.stack,
            swarm: &begun.swarm,
            why: &begun.why,
            although: end.map_or("", |end| &end.although),
            outcome: deed.outcome(),
            commit: begun.commit.as_ref(),
            version: &begun.version,
            can_undo: deed.may_be_undone(),
            fault: end.map_or(&[], |end| &end.fault),
            changes: &begun.changes,
            steps: end.map_or(&[], |end| &end.steps),
        }
    }
}
