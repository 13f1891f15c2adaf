//! `undo`: what a deed replaced is brought back. `resume` and `drop` are for what broke off.

use std::sync::Arc;

use super::args::Globals;
use super::args::Verb;
use super::connect::World;
use super::follow::{Following, Outcome, close, confirmed, may_change, misuse, ours, refuse_reader, with_hub, word};
use super::teardown::may_go;
use super::{Ending, Stopped, author, print};
use crate::action::undo::Back;
use crate::action::{Action, Deed, End, History, How, Job, undo};
use crate::clock::SharedClock;
use crate::diag::Diagnostic;
use crate::hub::{Handle, Rest, Rollout};
use crate::plan::{self, Plan};

/// Refuses the id of a deed that nobody knows, before a swarm is asked.
pub fn known(globals: &Globals, verb: Option<&Verb>) -> Result<(), Stopped> {
    let (Some(Verb::Undo { id: Some(id) }) | Some(Verb::Resume { id })) = verb else { return Ok(()) };
    let history = author::journal(globals).read().map_err(refused)?;
    match verb {
        Some(Verb::Resume { .. }) => interrupted(&history, id).map(|_| ()),
        _ => find(&history, id).map(|_| ()),
    }
}

/// Undoes a deed: the one whose id begins so, or the newest.
pub async fn run(globals: &Globals, world: World, id: Option<&str>) -> Result<Ending, Stopped> {
    refuse_reader(globals)?;
    with_hub(&world, async |handle, picture| {
        let history = read(&world)?;
        id.map(|id| find(&history, id)).transpose()?;
        let back = undo::undo(&history, id, &picture.swarm.cluster.id).map_err(refused)?;
        take_back(globals, handle, &back).await
    })
    .await
}

/// Shows what goes back, asks, and does it.
pub async fn take_back(globals: &Globals, handle: &Handle, back: &Back) -> Result<Ending, Stopped> {
    let (plan, action) = handle.take_back(back).await.map_err(refused)?;
    if !globals.json {
        print::line(&back.title);
    }
    perform(globals, handle, (&plan, action), "undo now?").await
}

/// Takes up what broke off, on the swarm as it is.
pub async fn resume(globals: &Globals, world: World, id: &str) -> Result<Ending, Stopped> {
    refuse_reader(globals)?;
    with_hub(&world, async |handle, _| {
        let history = read(&world)?;
        let deed = interrupted(&history, id)?;
        let answer = Box::pin(handle.resume(deed)).await;
        let rest = answer.map_err(|mut faults| {
            let last = faults.pop().unwrap_or_else(|| Diagnostic::new("it cannot be taken up again", "let it be"));
            faults.iter().for_each(print::fault);
            refused(last)
        })?;
        let is_done = match &rest {
            Rest::Made(made) => made.1.is_none() && made.0.faults.is_empty(),
            Rest::FromFile(rollout) => !rollout.has_work() && rollout.faults().next().is_none(),
        };
        if is_done {
            // The swarm is as it was meant to be: there is nothing to finish.
            print::remark(&format!("{}: all of it is done", deed.begun.what));
            settle(&world, deed, "done", "was done already when it was looked at")?;
            return Ok(Ending::Done);
        }
        match rest {
            Rest::Made(made) => perform(globals, handle, (&made.0, made.1), "finish it now?").await,
            Rest::FromFile(rollout) => {
                let ending = deploy_rest(globals, handle, &rollout).await?;
                // What finishes a pre-flight or a course that broke off may have another name.
                if ending == Ending::Done && find(&read(&world)?, &deed.begun.job)?.is_interrupted() {
                    settle(&world, deed, "done", "was finished by a later deploy")?;
                }
                Ok(ending)
            }
        }
    })
    .await
}

/// Finishes a deploy that broke off as a deploy goes: pre-flight and all.
async fn deploy_rest(globals: &Globals, handle: &Handle, rollout: &Rollout) -> Result<Ending, Stopped> {
    if !globals.json {
        super::plan::show(rollout);
    }
    super::deploy::refuse_faults(rollout)?;
    may_change(globals)?;
    if !confirmed(globals, "finish it now?") {
        return Ok(Ending::Cancelled);
    }
    let how = How { options: rollout.options, agreed: globals.yes, ..How::default() };
    let mut following = Following::new(globals, handle);
    let ending = following.run_all(handle.enlist(rollout, how, rollout.gate)).await?;
    if globals.json {
        match rollout.stacks.as_slice() {
            [only] => report(Some(&only.plan), &following.ended, ending),
            _ => super::deploy::report(rollout, &following.ended, ending),
        }
    }
    close(&following.ended, ending)
}

fn report(plan: Option<&Plan>, jobs: &[Job], ending: Ending) {
    let actions: Vec<Outcome<'_>> = jobs.iter().map(Outcome::of).collect();
    print::document(&serde_json::json!({ "outcome": word(ending), "plan": plan, "actions": actions }));
}

/// Lets be what broke off.
pub fn drop_it(globals: &Globals, id: &str, clock: &SharedClock) -> Result<Ending, Stopped> {
    let journal = author::journal(globals);
    let history = journal.read().map_err(refused)?;
    let deed = interrupted(&history, id)?;
    let by = format!("let be by {}", journal.author().who());
    journal.end(&deed.begun.job, End::told(clock.now(), "dropped", by)).map_err(refused)?;
    print::remark(&format!("{}: dropped; what it had done by then stays", deed.begun.what));
    Ok(Ending::Done)
}

fn settle(world: &World, deed: &Deed, outcome: &str, by: &str) -> Result<(), Stopped> {
    let end = End::told(world.clock.now(), outcome, by.to_owned());
    world.journal.end(&deed.begun.job, end).map_err(refused)
}

fn refused(fault: Diagnostic) -> Stopped {
    Stopped::new(Ending::Failed, fault)
}

fn read(world: &World) -> Result<History, Stopped> {
    world.journal.read().map_err(refused)
}

fn find<'h>(history: &'h History, id: &str) -> Result<&'h Arc<Deed>, Stopped> {
    let unknown = format!("no deed, or more than one, has an id that begins with {id}");
    history.find(id).ok_or_else(|| misuse(&unknown, "list what was done: quarterdeck history"))
}

fn interrupted<'h>(history: &'h History, id: &str) -> Result<&'h Arc<Deed>, Stopped> {
    let list = "list them: quarterdeck history --interrupted";
    let deed = find(history, id)?;
    if !deed.is_interrupted() {
        return Err(misuse(&format!("{} did not break off: it is {}", deed.begun.what, deed.outcome()), list));
    }
    Ok(deed)
}

async fn perform(
    globals: &Globals,
    handle: &Handle,
    (plan, action): (&Plan, Option<Action>),
    question: &str,
) -> Result<Ending, Stopped> {
    if !globals.json {
        plan::show(plan).iter().all(|line| print::line(line));
    }
    if let Some((last, others)) = plan.faults.split_last() {
        others.iter().for_each(print::fault);
        return Err(refused(last.clone().because("nothing was written")));
    }
    let mut following = Following::new(globals, handle);
    let mut ending = Ending::Done;
    if let Some(action) = action {
        may_change(globals)?;
        ours(handle, [&action])?;
        let agreed = match action.word() {
            Some(stack) => may_go(globals, true, &[stack].into()),
            None => confirmed(globals, question),
        };
        if !agreed {
            return Ok(Ending::Cancelled);
        }
        ending = following.run(vec![action]).await?;
    }
    if globals.json {
        report(Some(plan), &following.ended, ending);
    }
    close(&following.ended, ending)
}
