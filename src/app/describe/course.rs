//! Jobs that were asked for together, or those of one tier of them.

use super::{Description, Section, when};
use crate::action::{Job, JobId, JobState, Standing};
use crate::app::screens::{World, tally};
use crate::model::Tier;

pub fn describe(first: JobId, tier: Option<&Tier>, world: World<'_>) -> Option<Description> {
    let all = world.board.course(first);
    let course = world.board.course(first).next()?.course.as_ref()?;
    let jobs: Vec<&Job> = all.filter(|job| tier.is_none_or(|tier| job.is_in(tier))).collect();
    let standing = Standing::of(jobs.iter().copied());
    let mut now = Section::new("state");
    now.stated("state", tally(&jobs), standing.state());
    now.add("asked for", when(jobs.first().map(|job| job.submitted), world.now));
    now.add("began", when(jobs.iter().filter_map(|job| job.started).min(), world.now));
    let ended = jobs.iter().filter_map(|job| job.ended).max().filter(|_| standing.is_over());
    now.add("ended", when(ended, world.now));

    let mut failed = Section::new("what failed");
    for job in &jobs {
        if let JobState::Failed(fault) = &job.state {
            let title = job.action.title();
            failed.stated(&title, fault.line(), (job.state.state(), job.state.word()));
            failed.add("mend", fault.mend.clone());
        }
    }
    let mut list = Section::new("jobs");
    for job in &jobs {
        let said = match &job.state {
            JobState::Waiting { behind } => format!("waits for {behind}"),
            JobState::Skipped { because } => because.clone(),
            _ => String::new(),
        };
        list.stated(&job.action.title(), said, (job.state.state(), job.state.word()));
    }
    let of = tier.map(|tier| format!(", {}", tier.name())).unwrap_or_default();
    Some(Description {
        title: format!("{}{of}", course.title),
        state: Some(standing.state().into()),
        sections: vec![now, failed, list],
    })
}
