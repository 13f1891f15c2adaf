//! Something that is wrong in the folder, in words: why it is wrong, and what to do.

use super::{Description, Section};
use crate::app::Subject;
use crate::app::screens::World;
use crate::app::screens::lint;
use crate::model::text::clean;

/// A finding, as it was found last.
pub fn describe(subject: &Subject, world: World<'_>) -> Option<Description> {
    let finding = world.lint?.iter().find(|finding| lint::subject(finding) == *subject)?;
    let state = lint::state(finding.severity);
    let mut section = Section::new("finding");
    section
        .add("what", clean(&finding.what))
        .add("why", clean(&finding.why))
        .add("mend", clean(&finding.mend))
        .add("place", clean(&finding.spot.to_string()))
        .stated("severity", finding.severity.word(), state)
        .add("rule", finding.rule);
    Some(Description { title: format!("finding {}", finding.rule), state: Some(state.into()), sections: vec![section] })
}
