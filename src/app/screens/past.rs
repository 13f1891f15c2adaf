//! What was done before, or by others: a row for each deed of the journal and, where it is unfolded, for each of its steps.

use super::queue::Tree;
use crate::action::{Commit, Deed, Trodden};
use crate::app::Subject;
use crate::app::format::lasting;
use crate::app::list::{Cell, Row};
use crate::model::State;

/// The rows of one deed: where it was a course, its parts lie below it, in the order in which they began.
pub fn rows(deed: &Deed, parts: &[&Deed], tree: &mut Tree<'_>) {
    let Some(at) = one(deed, !parts.is_empty(), None, tree) else { return };
    for part in parts {
        one(part, false, Some(at), tree);
    }
}

fn one(deed: &Deed, has_parts: bool, parent: Option<usize>, tree: &mut Tree<'_>) -> Option<usize> {
    let steps = deed.end.as_ref().map_or(&[][..], |end| &end.steps);
    let head = head(deed, Subject::Deed(deed.begun.job.clone()), steps);
    let at = tree.add(head, parent, (has_parts || !steps.is_empty()).then_some(false))?;
    for (number, step) in steps.iter().enumerate() {
        let state = state(&step.state);
        let cells = vec![
            Cell::text_of(&step.name),
            Cell::state_as(state, &step.state),
            Cell::None,
            Cell::None,
            Cell::text_of(&step.detail),
        ];
        let mut row = Row::new(Subject::Trodden(deed.begun.job.clone(), number), state, cells);
        row.quiet = true;
        tree.add(row, Some(at), None);
    }
    Some(at)
}

fn head(deed: &Deed, subject: Subject, steps: &[Trodden]) -> Row {
    let done = steps.iter().filter(|step| state(&step.state).is_settled()).count();
    let share = if steps.is_empty() { Cell::None } else { Cell::Share(done as u64, steps.len() as u64) };
    let at = deed.end.as_ref().map_or(deed.begun.at, |end| end.at);
    let mut row = Row::new(
        subject,
        deed.state(),
        vec![
            Cell::text_of(&deed.begun.what),
            Cell::state_as(deed.state(), deed.outcome()),
            share,
            Cell::When(Some(at)),
            Cell::Text(detail(deed)),
        ],
    );
    row.quiet = !deed.is_interrupted() && deed.end.is_some();
    row
}

fn detail(deed: &Deed) -> String {
    let begun = &deed.begun;
    let ended = match &deed.end {
        Some(end) if end.outcome == "done" => {
            format!("in {}", lasting(end.at.duration_since(begun.at).as_secs()))
        }
        Some(end) => end.fault.first().cloned().unwrap_or_else(|| end.by.clone()),
        None if deed.alive => "another console is at it".to_owned(),
        None => "its console is gone: f finishes it, z lets it be".to_owned(),
    };
    let commit = begun.commit.as_ref().map(Commit::short).unwrap_or_default();
    let parts = [begun.who.clone(), commit, begun.why.clone(), ended];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// The state that a word in the journal stands for.
pub fn state(word: &str) -> State {
    let all =
        [State::Ready, State::Converging, State::Degraded, State::Failed, State::Waiting, State::Done, State::Off];
    all.into_iter().find(|state| state.word() == word).unwrap_or(State::Unknown)
}
