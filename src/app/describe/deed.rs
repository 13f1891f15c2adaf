//! Something that was done: who, when, why, from which commit, what it changed and how it ended.

use super::{Description, Section, when};
use crate::action::Deed;
use crate::app::format::lasting;
use crate::app::screens::{World, step_state};

pub fn describe(deed: &Deed, world: World<'_>) -> Description {
    let begun = &deed.begun;
    let mut now = Section::new("state");
    now.stated("state", "", (deed.state(), deed.outcome()));
    if let Some(end) = &deed.end {
        now.each("why it ended so", end.fault.iter().cloned());
        now.add("ended", when(Some(end.at), world.now));
        now.add("took", lasting(end.at.duration_since(begun.at).as_secs()));
        now.add("went on because", end.although.clone());
        now.add("by", end.by.clone());
    }
    if deed.is_interrupted() {
        let back = if begun.request().is_none() { ", u brings back what it replaced" } else { "" };
        now.add("what now", format!("f finishes it on the swarm as it is{back}, z lets it be"));
    }
    let mut who = Section::new("who and why");
    who.add("who", begun.who.clone()).add("began", when(Some(begun.at), world.now)).add("why", begun.why.clone());
    if let Some(commit) = &begun.commit {
        let dirty = if commit.dirty { ", and changes that are in no commit" } else { "" };
        who.add("commit", format!("{}{dirty}", commit.id));
    }
    who.add("stack", begun.stack.clone()).add("swarm", begun.swarm.clone());
    who.add(
        "program",
        format!("quarterdeck {}, process {} on {}", begun.version, begun.process.pid, begun.process.host),
    );
    let undo = match (begun.request().is_some(), deed.may_be_undone()) {
        (true, _) => "part by part, the newest first",
        (false, true) => "u brings back what it replaced",
        (false, false) => "nothing is kept of it",
    };
    who.add("undo", undo);

    let mut steps = Section::new("steps");
    for step in deed.end.iter().flat_map(|end| &end.steps) {
        steps.stated(&step.name, step.detail.clone(), step_state(&step.state));
    }
    let mut about = Section::new("what it changed");
    let request = begun.request().cloned().unwrap_or_default();
    about.each("stacks", request.stacks);
    for touched in &begun.changes {
        let effect = touched.effect.clone();
        let told = std::iter::once(effect).chain(touched.fields.iter().cloned());
        about.each(&format!("{} {}", touched.kind, touched.name), told);
    }
    Description {
        title: format!("deed {} {}", begun.job, begun.what),
        state: Some((deed.state(), deed.outcome()).into()),
        sections: vec![now, who, steps, about],
    }
}
