//! `register`: what the name servers and monitors of the folder lack of a stack is shown, and made known after a yes.
//! Ends with 0 if all is as it should be, and with 1 if something is not.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::args::Globals;
use super::connect::World;
use super::follow::{Following, Outcome, close, confirmed, may_change, misuse, with_hub};
use super::{Ending, Stopped, print};
use crate::action::Action;
use crate::diag::Diagnostic;
use crate::jobs::register::{self, Found, Look};

/// Whose names, and whether they come or go.
#[derive(Debug, Clone, ClapArgs)]
pub struct RegisterWish {
    /// The name of a stack of the folder. The label uptime_kuma.group of a service names the group of its monitors.
    pub stack: String,
    /// Take its names and monitors back.
    #[arg(long)]
    pub remove: bool,
    /// Only look; ends with 1 if something is not as it should be.
    #[arg(long)]
    pub check: bool,
}

/// Makes a stack known.
pub async fn run(globals: &Globals, world: World, wish: &RegisterWish) -> Result<Ending, Stopped> {
    if !register::is_wanted(&world.checkout) {
        let mend = "say where under `registrations` in quarterdeck.yaml";
        return Err(misuse("the folder makes nothing known anywhere", mend));
    }
    let found = register::look(&world.checkout, &wish.stack, wish.remove).await.map_err(|mut faults| {
        let last = faults.pop();
        faults.iter().for_each(print::fault);
        last.map_or_else(
            || misuse("its file cannot be read", "look at it"),
            |fault| Stopped::new(Ending::Misuse, fault),
        )
    })?;
    let todo = found.iter().any(|(_, found)| found.as_ref().is_ok_and(|found| !found.todo.is_empty()));
    let faulty = found.iter().any(|(_, found)| found.is_err());
    show(globals, wish, &found);
    if wish.check || (!todo && faulty) {
        return Ok(if todo || faulty { Ending::Failed } else { Ending::Done });
    }
    may_change(globals)?;
    if todo && !confirmed(globals, if wish.remove { "take back now?" } else { "register now?" }) {
        return Ok(Ending::Cancelled);
    }
    // Where nothing is to be done, it is still asked whether the servers say so.
    with_hub(&world, async |handle, _| {
        let mut following = Following::new(globals, handle);
        handle.agree(&wish.stack, &found);
        let action = Action::Register { stack: wish.stack.clone(), gone: wish.remove, labels: Vec::new() };
        let ending = following.run(vec![action]).await?;
        if let (true, Some(job)) = (globals.json, following.ended.first()) {
            print::document(&Outcome::of(job));
        }
        close(&following.ended, ending)
    })
    .await
}

#[derive(Serialize)]
struct Row {
    outlet: &'static str,
    todo: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    note: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    fault: String,
}

fn show(globals: &Globals, wish: &RegisterWish, found: &Look) {
    if globals.json {
        let row = |(outlet, found): &'_ (&'static str, Result<Found, Diagnostic>)| Row {
            outlet,
            todo: found.as_ref().map(|found| found.todo.clone()).unwrap_or_default(),
            note: found.as_ref().map(|found| found.note.clone()).unwrap_or_default(),
            fault: found.as_ref().err().map(Diagnostic::line).unwrap_or_default(),
        };
        if wish.check {
            let rows: Vec<Row> = found.iter().map(row).collect();
            print::document(&serde_json::json!({ "stack": wish.stack, "outlets": rows }));
        }
        return;
    }
    for (outlet, found) in found {
        let lines = match found {
            Ok(found) if !found.note.is_empty() => vec![found.note.clone()],
            Ok(found) if found.todo.is_empty() => vec!["as it should be".to_owned()],
            Ok(found) => found.todo.clone(),
            Err(fault) => {
                print::fault(fault);
                continue;
            }
        };
        lines.iter().all(|line| print::line(&format!("{outlet}: {line}")));
    }
}
