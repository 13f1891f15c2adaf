//! `exec`: a shell, or a command, in a container on any node. Its exit code is the command's.

use std::io::IsTerminal;

use futures_util::stream;

use super::args::{ExecWish, Globals};
use super::connect::World;
use super::{Ending, Stopped, print};
use crate::app::Subject;
use crate::app::shell::choose;
use crate::diag::Diagnostic;
use crate::jobs::{ShellWish, open_shell, relay};
use crate::model::{Inside, Picture};
use crate::session;

/// A command that was killed, or whose end nobody knows.
const KILLED: i64 = 137;

/// Runs it, and ends as it ends.
pub async fn run(globals: &Globals, world: &World, wish: &ExecWish) -> Result<Ending, Stopped> {
    if globals.read_only {
        return Err(misuse("a read-only session runs nothing in containers", "leave out --read-only"));
    }
    let picture = world.look().await?;
    let inside = find(&picture, &wish.target)?;
    let at_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let terminal = (at_terminal && !wish.no_tty).then(session::size);
    // A terminal that is not handed over is not read from: what is typed there is for others.
    let input = terminal.is_some() || !std::io::stdin().is_terminal();
    let shell = ShellWish { inside: inside.clone(), words: wish.command.clone(), terminal, input };
    let failed = |fault| Stopped::new(Ending::Failed, fault);
    let shell = open_shell(&world.fleet, &picture, shell).await.map_err(failed)?;
    let ended = match terminal {
        Some(_) => session::give(shell).await,
        None if input => relay(shell, tokio::io::stdin(), print::bytes, stream::pending()).await,
        None => relay(shell, tokio::io::empty(), print::bytes, stream::pending()).await,
    };
    let code = ended.map_err(failed)?.unwrap_or(KILLED);
    if code == KILLED {
        print::remark(&format!("the command in {} was killed: its container may be gone", inside.name));
    }
    Ok(Ending::Command(u8::try_from(code).unwrap_or(u8::MAX)))
}

fn misuse(what: &str, mend: &str) -> Stopped {
    Stopped::new(Ending::Misuse, Diagnostic::new(what, mend))
}

/// A service, a task `service.slot`, or a task's id.
pub fn find(picture: &Picture, name: &str) -> Result<Inside, Stopped> {
    let subject = subject(picture, name)
        .ok_or_else(|| misuse(&format!("no service or task is called {name}"), "list them: quarterdeck status"))?;
    match choose(picture, &subject) {
        Ok(choice) => {
            if choice.of > 1 {
                let text = format!("in {} on {}, the newest of {}", choice.inside.name, choice.node, choice.of);
                print::remark(&text);
            }
            Ok(choice.inside)
        }
        Err(why) => Err(Stopped::new(Ending::Failed, Diagnostic::new(why, "list what runs: quarterdeck status"))),
    }
}

fn subject(picture: &Picture, name: &str) -> Option<Subject> {
    let swarm = &picture.swarm;
    let by_name = |name: &str| swarm.services.values().find(|s| s.name == name || s.id.as_str() == name);
    if let Some(service) = by_name(name) {
        return Some(Subject::Service(service.id.clone()));
    }
    let slot = name.rsplit_once('.').and_then(|(owner, slot)| {
        let (owner, slot) = (by_name(owner)?, slot.parse::<u64>().ok()?);
        let mut tasks = swarm.tasks_of(&owner.id).iter().filter(|task| task.slot == Some(slot));
        let wanted = tasks.clone().find(|task| task.is_wanted()).or_else(|| tasks.next_back())?;
        Some(Subject::Task(owner.id.clone(), wanted.id.clone()))
    });
    slot.or_else(|| {
        let mut found = swarm
            .services
            .keys()
            .flat_map(|id| swarm.tasks_of(id))
            .filter(|task| name.len() >= 6 && task.id.as_str().starts_with(name));
        // A beginning that fits two tasks means neither.
        let task = found.next()?;
        found.next().is_none().then(|| Subject::Task(task.service.clone(), task.id.clone()))
    })
}
