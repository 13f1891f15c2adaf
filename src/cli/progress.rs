//! Jobs under way, drawn on a terminal as a block that the next one takes the place of: a line for each, below its tier.
//! What has ended is told once, above it, and stays.

use std::collections::BTreeMap;

use super::print;
use crate::action::{Action, Job, JobState, StepReport};
use crate::model::text::clean;
use crate::model::{Catalogue, State, Tier};

/// Signs of a bar.
const BAR: usize = 12;
/// Columns for what a job is called.
const NAME: usize = 28;

/// The block that stands on the terminal.
#[derive(Debug, Default)]
pub struct Block {
    /// Lines that it has now.
    drawn: usize,
}

impl Block {
    /// Takes the block away, so that something else can be told.
    pub fn clear(&mut self) {
        print::up(self.drawn);
        self.drawn = 0;
    }

    /// Draws the jobs that are not over, in the room that there is.
    pub fn draw(&mut self, jobs: &[&Job], catalogue: &Catalogue, (width, height): (u16, u16)) {
        self.clear();
        let lines = lines(jobs, catalogue, usize::from(height).saturating_sub(2).max(1));
        for line in &lines {
            let short: String = line.chars().take(usize::from(width).saturating_sub(1)).collect();
            print::remark(&short);
        }
        self.drawn = lines.len();
    }
}

/// The lines of a block, no more than there is room for: what runs goes before what waits.
fn lines(jobs: &[&Job], catalogue: &Catalogue, room: usize) -> Vec<String> {
    let mut tiers: BTreeMap<Tier, Vec<&Job>> = BTreeMap::new();
    for job in jobs {
        tiers.entry(tier(job, catalogue)).or_default().push(job);
    }
    let runs = |job: &&Job| matches!(job.state, JobState::Running);
    let mut lines = Vec::new();
    for (tier, jobs) in &tiers {
        lines.push(tier.name().to_owned());
        lines.extend(jobs.iter().copied().filter(runs).map(line));
        let waiting: Vec<&Job> = jobs.iter().copied().filter(|job| !runs(job)).collect();
        if let [only] = waiting.as_slice() {
            lines.push(line(only));
        } else if let Some(first) = waiting.first() {
            let sign = State::Waiting.sign();
            lines.push(format!("  {sign} {} wait, the first {}", waiting.len(), behind(first)));
        }
    }
    if lines.len() > room {
        let more = lines.len() - room + 1;
        lines.truncate(room.saturating_sub(1));
        lines.push(format!("  and {more} more"));
    }
    lines
}

fn tier(job: &Job, catalogue: &Catalogue) -> Tier {
    match &*job.action {
        Action::Gate(gate) => gate.tier.clone(),
        // What all of them need comes before the lowest tier.
        Action::Prepare(prepare) if prepare.stack.is_empty() => Tier::Infrastructure,
        Action::Prepare(prepare) => catalogue.tier_of(&prepare.stack),
        Action::Deploy { plan, .. } | Action::Teardown { plan, .. } => catalogue.tier_of(&plan.stack),
        other => other.services().first().map_or(Tier::Unassigned, |pin| catalogue.tier_of(&pin.stack)),
    }
}

fn behind(job: &Job) -> String {
    match &job.state {
        JobState::Waiting { behind } if !behind.is_empty() => format!("for {behind}"),
        _ => String::new(),
    }
}

fn line(job: &Job) -> String {
    let state = job.state.state();
    let name: String = job.action.title().chars().take(NAME).collect();
    if matches!(job.state, JobState::Waiting { .. }) {
        return format!("  {} {name:<NAME$} waits {}", state.sign(), behind(job));
    }
    let over = job.steps.iter().filter(|step| step.state.is_settled()).count();
    let all = job.steps.len();
    let full = (over * BAR).checked_div(all).unwrap_or(0);
    let bar: String = (0..BAR).map(|sign| if sign < full { '█' } else { '░' }).collect();
    let now = job.steps.iter().find(|step| step.state == State::Converging);
    let now = now.map(|step: &StepReport| format!("{}: {}", step.name, clean(&step.detail))).unwrap_or_default();
    format!("  {} {name:<NAME$} {bar} {over}/{all}  {now}", state.sign())
}

/// One line for a job that has ended.
pub fn ended(job: &Job) -> String {
    let state = job.state.state();
    let (word, said) = match &job.state {
        JobState::Failed(fault) => ("failed", fault.line()),
        JobState::Skipped { because } => ("skipped", because.clone()),
        JobState::Cancelled { .. } => ("cancelled", String::new()),
        _ => {
            let took = job.started.zip(job.ended).map(|(from, to)| to.duration_since(from).as_secs());
            ("done", took.map(|took| format!("in {took} s")).unwrap_or_default())
        }
    };
    format!("{} {word:<10} {}  {}", state.sign(), job.action.title(), clean(&said))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;

    use super::*;
    use crate::action::JobId;
    use crate::model::Filed;
    use crate::plan::Plan;

    fn job(id: u64, stack: &str, state: JobState, steps: &[(State, &str)]) -> Job {
        let plan = Plan { stack: stack.to_owned(), ..Plan::default() };
        let step = |(state, detail): &(State, &str)| StepReport {
            name: format!("{stack}_web"),
            state: *state,
            detail: (*detail).to_owned(),
        };
        Job {
            id: JobId(id),
            action: Arc::new(Action::Teardown { plan: Arc::new(plan), volumes: Vec::new() }),
            course: None,
            after: Vec::new(),
            past: Vec::new(),
            submitted: Timestamp::UNIX_EPOCH,
            started: None,
            ended: None,
            state,
            steps: steps.iter().map(step).collect(),
            why: String::new(),
        }
    }

    #[test]
    fn each_job_that_runs_has_a_line_below_its_tier_and_what_waits_is_counted() {
        let mut catalogue = Catalogue::default();
        for (name, tier) in [("dns", Tier::Infrastructure), ("db", Tier::Platform), ("sso", Tier::Platform)] {
            catalogue.stacks.insert(name.to_owned(), Filed::new(name, tier, "f"));
        }
        let waits = || JobState::Waiting { behind: "gate of infrastructure".to_owned() };
        let jobs = [
            job(1, "dns", JobState::Running, &[(State::Done, "made"), (State::Converging, "0 of 1 run")]),
            job(2, "db", waits(), &[]),
            job(3, "sso", waits(), &[]),
        ];
        let jobs: Vec<&Job> = jobs.iter().collect();
        let told = lines(&jobs, &catalogue, 20);
        assert_eq!(told.len(), 4, "{told:#?}");
        assert_eq!((told[0].as_str(), told[2].as_str()), ("infrastructure", "platform"));
        assert!(told[1].contains("██████░░░░░░ 1/2  dns_web: 0 of 1 run"), "{}", told[1]);
        assert_eq!(told[3], "  ◌ 2 wait, the first for gate of infrastructure");
        let short = lines(&jobs, &catalogue, 2);
        assert_eq!(short.last().map(String::as_str), Some("  and 3 more"));
    }
}
