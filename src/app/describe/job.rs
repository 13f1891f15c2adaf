//! A job of the queue, with its steps.

use super::{Description, Section, when};
use crate::action::{Action, Job, JobState};
use crate::app::format::{count, lasting, steps_of};
use crate::app::screens::World;

pub fn describe(job: &Job, world: World<'_>) -> Description {
    let state = (job.state.state(), job.state.word());
    let mut now = Section::new("state");
    let said = match &job.state {
        JobState::Waiting { behind } => format!("waits for {behind}"),
        JobState::Cancelled { done, left } => steps_of(*done, *left),
        JobState::Failed(fault) => fault.what.clone(),
        JobState::Skipped { because } => because.clone(),
        JobState::Running | JobState::Done => String::new(),
    };
    now.stated("state", said, state);
    if let JobState::Failed(fault) = &job.state {
        now.add("where", fault.place.clone()).each("why", fault.why.iter().cloned()).add("mend", fault.mend.clone());
    }
    now.add("asked for", when(Some(job.submitted), world.now));
    now.add("began", when(job.started, world.now)).add("ended", when(job.ended, world.now));
    let until = job.ended.unwrap_or(world.now);
    now.add("takes", job.started.map(|began| lasting(until.duration_since(began).as_secs())).unwrap_or_default());
    now.add("all the same", job.why.clone());
    now.add("lane", job.action.lane().0);

    let mut steps = Section::new("steps");
    for step in &job.steps {
        steps.stated(&step.name, step.detail.clone(), step.state);
    }
    let mut about = Section::new("what it changes");
    for pinned in job.action.services() {
        about.add(&pinned.name, format!("{}, as of version {}", count(pinned.tasks, "task"), pinned.version));
    }
    if let Action::Prune { sweeps } | Action::Teardown { volumes: sweeps, .. } = job.action.as_ref() {
        for sweep in sweeps {
            let kinds = sweep.kinds.iter().map(|kind| format!("all {}s", kind.noun()));
            about.each(&sweep.name, kinds.chain(sweep.volumes.iter().map(|name| format!("volume {name}"))));
        }
    }
    if let Action::Deploy { plan, .. } | Action::Teardown { plan, .. } | Action::Undo { plan, .. } = job.action.as_ref()
    {
        for change in plan.work() {
            about.add(&format!("{} {}", change.kind.word(), change.name), change.effect.words().to_owned());
        }
    }
    Description {
        title: format!("job {} {}", job.id.0, job.action.title()),
        state: Some(state.into()),
        sections: vec![now, steps, about],
    }
}
