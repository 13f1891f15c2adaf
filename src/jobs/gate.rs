//! A gate: waits until a tier stands, and says per stack what is missing meanwhile. Reads the picture, writes nothing.

use std::time::Duration;

use tokio::time::Instant;

use super::cx::{JobCx, Outcome};
use crate::action::gate::{Gate, Mode, Standing, judge};
use crate::ask::{Answer, Question, Wants};
use crate::diag::Diagnostic;
use crate::model::{Picture, State};

/// How long a tier must have stood if tasks of it failed a short while ago: one that crashes again and again runs in
/// between.
const WATCH: Duration = Duration::from_secs(15);

/// Waits until every stack of the gate stands.
///
/// # Errors
/// If its time is up, or a stack of it has failed already, and nobody lets it go on.
pub async fn run(cx: &JobCx, gate: &Gate) -> Result<Outcome, Diagnostic> {
    cx.steps(gate.stacks.iter().cloned()).await;
    let mut swarm = cx.swarm.clone();
    let mut picture = swarm.snapshot();
    // What was deployed for this tier and failed does not mend itself: there is nothing to wait for.
    let patience = if cx.before.is_empty() { gate.patience } else { Duration::ZERO };
    let until = Instant::now() + patience;
    let mut told: Vec<Option<Standing>> = vec![None; gate.stacks.len()];
    let mut stood: Option<Instant> = None;
    loop {
        let missing = tell(cx, gate, &picture, &mut told).await;
        let shaky = told.iter().any(|now| matches!(now, Some(Standing::Shaky(_))));
        stood = missing.is_empty().then(|| stood.unwrap_or_else(Instant::now));
        let watched = stood.filter(|_| shaky).map(|since| since + WATCH);
        if missing.is_empty() && cx.before.is_empty() && watched.is_none_or(|end| Instant::now() >= end) {
            for (index, now) in told.iter().enumerate() {
                if let Some(Standing::Shaky(words)) = now {
                    cx.step(index, State::Ready, words.clone()).await;
                }
            }
            return Ok(Outcome::Whole);
        }
        if cx.stop.is_cancelled() {
            let left = gate.stacks.iter().filter(|stack| missing.iter().any(|(name, _)| name == *stack)).count();
            return Ok(Outcome::Stopped { done: gate.stacks.len() - left, left });
        }
        // What is being watched is given the rest of its time.
        let until = watched.map_or(until, |end| end.max(until));
        if Instant::now() >= until && (picture.swarm.link.is_live() || cx.before.is_empty()) {
            return shut(cx, gate, missing).await;
        }
        tokio::select! {
            next = swarm.changed() => match next {
                Ok(next) => picture = next,
                Err(_) => return Err(Diagnostic::new("the program is ending", "run it again to see the swarm as it is")),
            },
            () = cx.stop.cancelled() => {}
            () = tokio::time::sleep_until(watched.unwrap_or(until)), if Instant::now() < until => {}
        }
    }
}

/// Says of each stack how it stands, where that is news, and gives what is missing.
async fn tell(cx: &JobCx, gate: &Gate, picture: &Picture, told: &mut [Option<Standing>]) -> Vec<(String, String)> {
    let mut missing = Vec::new();
    for (index, (stack, told)) in gate.stacks.iter().zip(told).enumerate() {
        let now = judge(picture, stack);
        if told.as_ref() != Some(&now) {
            match &now {
                Standing::Stands(words) => cx.step(index, State::Ready, words.clone()).await,
                Standing::Shaky(words) => {
                    let words = format!("{words}; watched, for tasks of it failed a short while ago");
                    cx.step(index, State::Converging, words).await;
                }
                Standing::Lacks(_, why) => cx.step(index, State::Converging, format!("waits: {why}")).await,
            }
        }
        if let Standing::Lacks(_, why) = &now {
            missing.push((stack.clone(), why.clone()));
        }
        *told = Some(now);
    }
    missing
}

/// Time is up: what happens then is the gate's mode.
async fn shut(cx: &JobCx, gate: &Gate, missing: Vec<(String, String)>) -> Result<Outcome, Diagnostic> {
    let mut whys: Vec<String> = missing.iter().map(|(stack, why)| format!("{stack}: {why}")).collect();
    whys.extend(cx.before.iter().cloned());
    let what = match gate.inner {
        true => format!("{} does not stand", gate.stacks.join(", ")),
        false => format!("{} does not stand", gate.tier.name()),
    };
    let opened = match gate.mode {
        Mode::Stop => None,
        Mode::Warn => Some("goes on all the same"),
        Mode::Ask => {
            let question = Question {
                title: format!("{what}; go on to what stands on it?"),
                lines: whys.clone(),
                wants: Wants::Consent("Go on"),
            };
            (cx.seams.asker.ask(question).await == Answer::Yes).then_some("the operator lets it go on")
        }
    };
    for (index, stack) in gate.stacks.iter().enumerate() {
        let Some((_, why)) = missing.iter().find(|(name, _)| name == stack) else { continue };
        match opened {
            Some(words) => cx.step(index, State::Degraded, format!("{words}: {why}")).await,
            None => cx.step(index, State::Failed, why.clone()).await,
        }
    }
    if let Some(words) = opened {
        cx.why(format!("{words}: {}", whys.join("; "))).await;
        return Ok(Outcome::Whole);
    }
    let fault =
        Diagnostic::new(what, "mend what is named here and deploy again; --gate warn or ask goes on without it");
    Err(whys.into_iter().fold(fault, Diagnostic::because))
}
