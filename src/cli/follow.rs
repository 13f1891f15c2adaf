//! Jobs as a verb sees them: a question before, lines while they go on, one document or exit code at the end.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::args::Globals;
use super::connect::World;
use super::progress::{self, Block};
use super::{Ending, Stopped, ask, print};
use crate::action::{Action, Job, JobId, JobState, StepReport};
use crate::ask::Asker;
use crate::diag::Diagnostic;
use crate::hub::{self, After, Batch, Handle};
use crate::model::{Link, Picture, State};

/// How long the swarm may take to show itself.
const FIRST_LOOK: Duration = Duration::from_secs(15);
/// Signs of a bar.
const BAR: usize = 20;

/// Refuses a change where none may be made, or where nobody can be asked.
pub fn may_change(globals: &Globals) -> Result<(), Stopped> {
    refuse_reader(globals)?;
    if globals.json && !globals.yes {
        return Err(misuse(
            "with --json nothing is shown that could be agreed to",
            "add --yes, or leave out --json to be asked",
        ));
    }
    if !globals.yes && !std::io::stdin().is_terminal() {
        return Err(misuse("this changes the swarm, and there is no one to ask", "add --yes"));
    }
    Ok(())
}

/// Refuses a change where none may be made.
pub fn refuse_reader(globals: &Globals) -> Result<(), Stopped> {
    if globals.read_only {
        return Err(misuse("a read-only session changes nothing", "leave out --read-only"));
    }
    Ok(())
}

/// Asked for in a way that cannot be.
pub fn misuse(what: &str, mend: &str) -> Stopped {
    Stopped::new(Ending::Misuse, Diagnostic::new(what, mend))
}

/// Asks on the terminal; no is the answer of who says nothing.
pub fn confirmed(globals: &Globals, question: &str) -> bool {
    if globals.yes {
        return true;
    }
    let answer = ask::line(&format!("{question} [y/N] "));
    matches!(answer.to_ascii_lowercase().as_str(), "y" | "yes")
}

/// Follows the swarm and runs the queue for as long as a verb needs them.
pub async fn with_hub<T>(
    world: &World,
    act: impl AsyncFnOnce(&Handle, Arc<Picture>) -> Result<T, Stopped>,
) -> Result<T, Stopped> {
    let (handle, hub) = hub::begin_with(world.means(), world.seams(), Arc::clone(&world.clock));
    let result = match first_look(&handle, &world.asker).await {
        Ok(picture) => act(&handle, picture).await,
        Err(stopped) => Err(stopped),
    };
    handle.stop.cancel();
    let _ = tokio::time::timeout(Duration::from_secs(2), hub.ended()).await;
    result
}

async fn first_look(handle: &Handle, asker: &Asker) -> Result<Arc<Picture>, Stopped> {
    let mut swarm = handle.swarm.clone();
    loop {
        let looking = swarm.until(|picture| picture.swarm.known && picture.swarm.link.is_live());
        match tokio::time::timeout(FIRST_LOOK, looking).await {
            Ok(Ok(picture)) => return Ok(picture),
            // The operator's time to answer is not the swarm's.
            Err(_) if asker.is_asking() => {}
            _ => break,
        }
    }
    let why = match &handle.swarm.latest().swarm.link {
        Link::Connecting { why, .. } => why.clone().unwrap_or_default(),
        Link::Stale { why, .. } => why.clone(),
        Link::Live { .. } => String::new(),
    };
    let fault = Diagnostic::new("the swarm cannot be reached", "check the address after -H, and that its engine runs")
        .because(why);
    Err(Stopped::new(Ending::Unreachable, fault))
}

/// Refuses what changes stacks that others drive, before it is asked for.
pub fn ours<'a>(handle: &Handle, actions: impl IntoIterator<Item = &'a Action>) -> Result<(), Stopped> {
    let refused = |fault| Stopped::new(Ending::Misuse, fault);
    actions.into_iter().try_for_each(|action| handle.ours(action)).map_err(refused)
}

/// Jobs that are followed to their ends, and what has been told of them.
pub struct Following<'a> {
    globals: &'a Globals,
    handle: &'a Handle,
    told: BTreeMap<(JobId, usize), (State, String)>,
    terminal: bool,
    block: Block,
    /// The jobs that have ended.
    pub ended: Vec<Job>,
}

impl<'a> Following<'a> {
    /// Nobody is followed yet.
    pub fn new(globals: &'a Globals, handle: &'a Handle) -> Self {
        let terminal = !globals.json && std::io::stderr().is_terminal();
        Self { globals, handle, told: BTreeMap::new(), terminal, block: Block::default(), ended: Vec::new() }
    }

    /// Runs these actions side by side to their ends. The worst ending counts.
    pub async fn run(&mut self, actions: Vec<Action>) -> Result<Ending, Stopped> {
        let mut batch = self.handle.batch();
        for action in actions {
            batch.add(action, After::default());
        }
        self.run_all(batch).await
    }

    /// Puts these into the queue and follows them to their ends. The worst ending counts.
    pub async fn run_all(&mut self, batch: Batch) -> Result<Ending, Stopped> {
        let ids: Vec<JobId> = batch.ids().collect();
        self.handle.submit_all(batch).map_err(|fault| Stopped::new(Ending::Failed, fault))?;
        let mut board = self.handle.board.clone();
        let mut over: BTreeMap<JobId, Job> = BTreeMap::new();
        while over.len() < ids.len() {
            let next = tokio::select! {
                next = board.changed() => next,
                _ = tokio::signal::ctrl_c() => {
                    self.block.clear();
                    print::remark("stopping: nothing more is begun; what was written goes on in the swarm");
                    self.handle.cancel_all(ids.clone());
                    continue;
                }
            };
            let Ok(board) = next else { return Ok(Ending::Failed) };
            let entered = board.job(*ids.last().unwrap_or(&JobId(0))).is_some() || !over.is_empty();
            let jobs: Vec<&Job> =
                ids.iter().filter(|id| !over.contains_key(id)).filter_map(|id| board.job(*id)).collect();
            if entered && jobs.is_empty() {
                // They came together, so what is neither open nor known has been forgotten since.
                print::remark("more jobs ended at once than the board keeps; look at the swarm: quarterdeck status");
                return Ok(Ending::Failed);
            }
            if self.terminal && ids.len() > 1 {
                self.draw(&jobs);
            } else if !self.globals.json {
                self.tell(&jobs);
            }
            over.extend(jobs.iter().filter(|job| job.state.is_over()).map(|job| (job.id, (*job).clone())));
        }
        print::bar("", self.terminal);
        self.block.clear();
        let ended: Vec<Job> = ids.iter().filter_map(|id| over.remove(id)).collect();
        let worst = worst(ended.iter().map(ending));
        self.ended.extend(ended);
        self.registered(ids.iter().max().copied()).await;
        Ok(worst)
    }

    /// Follows what is made known after jobs have ended. What fails there is told, and fails nothing else.
    async fn registered(&mut self, since: Option<JobId>) {
        let mut board = self.handle.board.clone();
        let mut now = self.handle.board.latest();
        loop {
            let later = |job: &&Job| job.action.is_registration() && since.is_none_or(|since| job.id > since);
            let jobs: Vec<&Job> = now.jobs.iter().map(AsRef::as_ref).filter(later).collect();
            if !self.globals.json {
                self.tell(&jobs);
            }
            if jobs.iter().all(|job| job.state.is_over()) {
                print::bar("", self.terminal);
                for job in jobs {
                    if let JobState::Failed(fault) = &job.state {
                        print::fault(fault);
                    }
                }
                return;
            }
            tokio::select! {
                next = board.changed() => match next {
                    Ok(next) => now = next,
                    Err(_) => return,
                },
                _ = tokio::signal::ctrl_c() => return,
            }
        }
    }

    /// A line for each job that has ended, and a block of those that have not.
    fn draw(&mut self, jobs: &[&Job]) {
        self.block.clear();
        let (over, open): (Vec<&Job>, Vec<&Job>) = jobs.iter().partition(|job| job.state.is_over());
        over.iter().map(|job| progress::ended(job)).all(|line| print::line(&line));
        self.block.draw(&open, &self.handle.swarm.latest().catalogue, crate::session::size());
    }

    /// One line for each step whose words have changed; on a terminal, what is under way is a bar that moves.
    fn tell(&mut self, jobs: &[&Job]) {
        for job in jobs {
            for (number, step) in job.steps.iter().enumerate() {
                let now = (step.state, step.detail.clone());
                let known = self.told.insert((job.id, number), now.clone());
                let fresh = known.is_none_or(|known| known != now) && step.state != State::Waiting;
                if fresh && (!self.terminal || step.state != State::Converging) {
                    print::bar("", self.terminal);
                    print::line(&line(step));
                }
            }
        }
        let all: Vec<&StepReport> = jobs.iter().flat_map(|job| &job.steps).collect();
        let over = all.iter().filter(|step| !matches!(step.state, State::Waiting | State::Converging)).count();
        let under_way = all.iter().find(|step| step.state == State::Converging);
        if let (true, Some(step)) = (self.terminal && !all.is_empty(), under_way) {
            let full = over * BAR / all.len();
            let bar: String = (0..BAR).map(|sign| if sign < full { '█' } else { '░' }).collect();
            print::bar(&format!("{bar} {over}/{}  {}  {}", all.len(), step.name, step.detail), true);
        }
    }
}

fn line(step: &StepReport) -> String {
    format!("{} {:<10} {}  {}", step.state.sign(), step.state.word(), step.name, step.detail)
}

/// How a job ended, as an exit code.
fn ending(job: &Job) -> Ending {
    match &job.state {
        JobState::Done => Ending::Done,
        JobState::Cancelled { .. } => Ending::Cancelled,
        _ => Ending::Failed,
    }
}

fn worst(endings: impl Iterator<Item = Ending>) -> Ending {
    endings.fold(Ending::Done, |worst, ending| match (worst, ending) {
        (Ending::Failed, _) | (_, Ending::Failed) => Ending::Failed,
        (Ending::Cancelled, _) | (_, Ending::Cancelled) => Ending::Cancelled,
        _ => Ending::Done,
    })
}

/// What a job says of itself in JSON.
#[derive(Debug, Serialize)]
pub struct Outcome<'a> {
    what: String,
    outcome: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    why: &'a str,
    steps: Vec<StepRow<'a>>,
}

#[derive(Debug, Serialize)]
struct StepRow<'a> {
    name: &'a str,
    state: &'a str,
    detail: &'a str,
}

impl<'a> Outcome<'a> {
    /// Of one job.
    pub fn of(job: &'a Job) -> Self {
        let row = |step: &'a StepReport| StepRow { name: &step.name, state: step.state.word(), detail: &step.detail };
        Self {
            what: job.action.title(),
            outcome: word(ending(job)),
            why: &job.why,
            steps: job.steps.iter().map(row).collect(),
        }
    }
}

/// The word of an ending in JSON.
pub fn word(ending: Ending) -> &'static str {
    match ending {
        Ending::Done => "done",
        Ending::Cancelled => "cancelled",
        _ => "failed",
    }
}

/// The end of a verb: faults of jobs on standard error, and the exit code.
pub fn close(jobs: &[Job], ending: Ending) -> Result<Ending, Stopped> {
    let mut faults = Vec::new();
    for job in jobs {
        if !job.why.is_empty() {
            print::remark(&format!("{}: all the same: {}", job.action.title(), job.why));
        }
        match &job.state {
            JobState::Failed(fault) => faults.push(fault.clone()),
            JobState::Skipped { because } => print::remark(&format!("skipped: {}: {because}", job.action.title())),
            JobState::Cancelled { done, left } => {
                print::remark(&format!("cancelled: {}: {done} steps done, {left} not done", job.action.title()));
            }
            _ => {}
        }
    }
    let Some(last) = faults.pop() else { return Ok(ending) };
    faults.iter().for_each(print::fault);
    Err(Stopped::new(ending, last))
}
