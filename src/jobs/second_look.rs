//! The second look at a deploy whose plan could not know all: once the pre-flight of its stack is done, its files are
//! read and its plan is drawn anew. What is more than was shown needs a yes. Writes nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cx::{JobCx, Outcome};
use super::desk::{Desk, Prepared};
use super::folder::reading;
use super::truth;
use crate::action::{Action, How};
use crate::ask::{Answer, Question, Wants};
use crate::diag::{Diagnostic, Explain};
use crate::model::State;
use crate::plan::{self, Plan, Promised};
use crate::platform::Checkout;
use crate::stack::Wish;

/// How a job ends that does not begin.
type End = Result<Outcome, Diagnostic>;

/// The deploy as it is known now; none where all of it was known before.
///
/// # Errors
/// The job's end.
pub async fn second_look(cx: &JobCx, desk: &Desk, action: &Action) -> Result<Option<Action>, End> {
    let Action::Deploy { plan: shown, wish, how } = action else { return Ok(None) };
    let Some(Prepared { images, unread: Some(checkout), .. }) = desk.look(*wish) else { return Ok(None) };
    cx.steps(["what its pre-flight made".to_owned()]).await;
    cx.step(0, State::Converging, "reading the files and planning again").await;
    let (known, plan) = match draw(cx, shown, (checkout, &images), *how).await {
        Ok(found) => found,
        Err(fault) => {
            cx.step(0, State::Failed, fault.line()).await;
            return Err(Err(fault.because("nothing was written")));
        }
    };
    agree(cx, action, shown.unannounced(&plan), how.agreed).await?;
    cx.step(0, State::Done, plan::headline(&plan)).await;
    drop(desk.take(*wish));
    let wish = desk.keep(Prepared { wish: Arc::new(known), images, unread: None });
    Ok(Some(Action::Deploy { plan: Arc::new(plan), wish, how: *how }))
}

/// What is wished now, and the plan of it.
async fn draw(
    cx: &JobCx,
    shown: &Plan,
    (checkout, images): (Checkout, &BTreeMap<String, plan::Image>),
    how: How,
) -> Result<(Wish, Plan), Diagnostic> {
    let stack = shown.stack.clone();
    let read = reading(move || checkout.wish(&stack)).await?;
    let wish = read.map_err(|faults| not_made(shown, &faults))?;
    let mut truth = truth::swarm(&cx.engine).await.map_err(|error| error.explain())?;
    truth.images.clone_from(images);
    let plan = plan::draw(&wish, &truth, how.options, &Promised::new()).plan;
    if plan.faults.is_empty() { Ok((wish, plan)) } else { Err(not_made(shown, &plan.faults)) }
}

/// What speaks against the deploy although its pre-flight is done.
fn not_made(shown: &Plan, faults: &[Diagnostic]) -> Diagnostic {
    let mut makers: Vec<&str> = shown.unmade.iter().map(|awaited| awaited.by.as_str()).collect();
    makers.dedup();
    let what = format!("{} cannot be deployed although {} is done", shown.stack, makers.join(" and "));
    let mends: Vec<&str> = faults.iter().map(|fault| fault.mend.as_str()).collect();
    let fault = Diagnostic::new(what, format!("look whether it makes what is named here; else {}", mends.join("; ")));
    let place = faults.first().map(|fault| fault.place.clone()).unwrap_or_default();
    faults.iter().fold(fault.at(place), |told, fault| told.because(fault.line()))
}

/// Asks before more is done than was shown, unless that was agreed to beforehand.
async fn agree(cx: &JobCx, action: &Action, more: Vec<String>, agreed: bool) -> Result<(), End> {
    if more.is_empty() || agreed {
        return Ok(());
    }
    cx.step(0, State::Converging, "waiting for a yes to what was not shown").await;
    let question = Question {
        title: format!("{}: its pre-flight led to more than was shown", action.title()),
        lines: more.clone(),
        wants: Wants::Consent("Deploy"),
    };
    match cx.stop.run_until_cancelled(cx.seams.asker.ask(question)).await {
        None => Err(Ok(Outcome::Stopped { done: 0, left: 1 })),
        Some(Answer::Yes) => Ok(()),
        Some(_) => {
            cx.step(0, State::Failed, "more than was shown").await;
            let what = format!("{} was not begun: nobody agreed to what was not shown", action.title());
            let fault = Diagnostic::new(what, "look at the plan again, and deploy that");
            Err(Err(more.into_iter().fold(fault, |fault, why| fault.because(format!("not shown: {why}")))))
        }
    }
}
