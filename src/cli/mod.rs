//! The command line: words in, a verb done, an exit code out. The only room that prints.

mod args;
mod ask;
mod author;
mod connect;
mod console;
mod deploy;
mod deploy_words;
mod drift;
mod exec;
mod follow;
mod forward;
mod history;
mod hooks;
mod interview;
mod lint;
mod logs;
mod machines;
mod new;
mod node;
mod plan;
mod print;
mod progress;
mod prune;
mod redeploy;
mod register;
mod route;
mod run;
mod secure;
mod sim;
mod stack;
mod stack_words;
mod standing;
mod status;
mod storage;
mod sync;
mod teardown;
mod undo;
mod ways;
mod wishes;
mod words;

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;

use crate::clock::{SharedClock, SystemClock};
use crate::diag::Diagnostic;
use crate::platform::Files;
use crate::telemetry::{self, Face};
use args::{Args, Globals, StackVerb, Verb};
use connect::World;
use ways::Front;

pub use hooks::install as install_hooks;

/// How a verb ended, as scripts see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Done and healthy.
    Done,
    /// Failed or degraded.
    Failed,
    /// Asked for in a way that cannot be.
    Misuse,
    /// Cancelled by the operator.
    Cancelled,
    /// The swarm cannot be reached.
    Unreachable,
    /// A command in a container ended with this code.
    Command(u8),
}

impl Ending {
    /// The exit code.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Ending::Done => 0,
            Ending::Failed => 1,
            Ending::Misuse => 2,
            Ending::Cancelled => 3,
            Ending::Unreachable => 4,
            Ending::Command(code) => code,
        }
    }
}

/// A verb that did not do what was asked.
#[derive(Debug)]
pub struct Stopped {
    /// The exit code's meaning.
    pub ending: Ending,
    /// What to tell.
    pub fault: Diagnostic,
}

impl Stopped {
    /// Ends with this fault.
    pub fn new(ending: Ending, fault: Diagnostic) -> Self {
        Self { ending, fault }
    }
}

/// Runs the program with the words it was called with.
#[must_use]
pub fn main() -> ExitCode {
    let args = Args::parse();
    let face = if args.is_console() { Face::Console } else { Face::Verb(args.globals.verbose) };
    let guard = telemetry::start(face);
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            print::fault(
                &Diagnostic::new("the program cannot start", "look at the limits of this machine")
                    .because(error.to_string()),
            );
            return ExitCode::from(Ending::Failed.code());
        }
    };
    let ending = runtime.block_on(run(args));
    // What still waits for a network that does not answer must not hold the operator's shell.
    runtime.shutdown_background();
    // Nor must a question that nobody answers any more keep the operator's keys.
    crate::session::unhush();
    drop(guard);
    match ending {
        Ok(ending) => ExitCode::from(ending.code()),
        Err(stopped) => {
            print::fault(&stopped.fault);
            ExitCode::from(stopped.ending.code())
        }
    }
}

async fn run(args: Args) -> Result<Ending, Stopped> {
    let clock: SharedClock = Arc::new(SystemClock);
    let Args { globals, verb } = args;
    match verb {
        Some(Verb::Sim { listen }) => sim::run(&listen, clock).await,
        Some(Verb::Demo { verb }) => {
            let inner = Args::again(globals, &verb)?;
            let front = if inner.verb.is_none() { Front::Console } else { Front::Verb };
            let world = World::demo(clock, front);
            perform(inner.globals, inner.verb, world).await
        }
        Some(Verb::Lint { rules }) => lint::run(&globals, &rules),
        Some(Verb::New(wish)) => new::until_called_off(globals, wish).await,
        Some(Verb::History(wish)) => history::run(&globals, &wish, &clock),
        Some(Verb::Drop { id }) => undo::drop_it(&globals, &id, &clock),
        // The folder is read after it was brought forward.
        Some(Verb::Sync { auto }) => Box::pin(sync::run(&globals, clock, auto)).await,
        // Printing files needs no swarm.
        Some(Verb::Stack { verb: StackVerb::Config(files) }) => stack::config(&files),
        verb => {
            let front = if verb.is_none() { Front::Console } else { Front::Verb };
            // What is wrong with the words is told before the swarm is asked.
            undo::known(&globals, verb.as_ref())?;
            let world = World::real(&globals, clock, front).await?;
            perform(globals, verb, world).await
        }
    }
}

async fn perform(globals: Globals, verb: Option<Verb>, world: World) -> Result<Ending, Stopped> {
    match verb {
        None => console::run(&globals, world).await,
        Some(Verb::Status) => status::run(&globals, &world).await,
        Some(Verb::Redeploy { targets, all_tasks }) => {
            Box::pin(redeploy::run(&globals, world, &targets, all_tasks)).await
        }
        Some(Verb::Plan(wish)) => Box::pin(plan::run(&globals, &world, &wish.which, wish.options())).await,
        Some(Verb::Deploy(wish)) => Box::pin(deploy::run(&globals, world, &wish)).await,
        Some(Verb::Teardown(wish)) => Box::pin(teardown::run(&globals, world, &wish)).await,
        Some(Verb::Rollback { target }) => redeploy::back(&globals, world, &target).await,
        Some(Verb::Scale { services }) => redeploy::scale(&globals, world, &services).await,
        Some(Verb::Node { verb }) => Box::pin(node::run(&globals, world, verb)).await,
        Some(Verb::Stack { verb }) => stack::run(&globals, &world, verb).await,
        Some(Verb::Logs(wish)) => logs::run(&globals, &world, &wish).await,
        Some(Verb::Prune(wish)) => prune::run(&globals, world, &wish).await,
        Some(Verb::Lint { rules }) => lint::tell(&globals, &rules, &Files::shipped()),
        Some(Verb::Drift) => drift::run(&globals, &world).await,
        Some(Verb::New(_)) => Err(Stopped::new(
            Ending::Misuse,
            Diagnostic::new("the folder of the demo lies in the program", "leave out `demo --`"),
        )),
        Some(Verb::History(wish)) => history::run(&globals, &wish, &world.clock),
        Some(Verb::Undo { id }) => Box::pin(undo::run(&globals, world, id.as_deref())).await,
        Some(Verb::Resume { id }) => Box::pin(undo::resume(&globals, world, &id)).await,
        Some(Verb::Drop { id }) => undo::drop_it(&globals, &id, &world.clock),
        Some(Verb::Exec(wish)) => exec::run(&globals, &world, &wish).await,
        Some(Verb::Storage(wish)) => storage::run(&globals, &world, &wish).await,
        Some(Verb::Run(wish)) => run::run(&globals, &world, &wish).await,
        Some(Verb::Forward(wish)) => forward::run(&globals, &world, &wish).await,
        Some(Verb::Register(wish)) => Box::pin(register::run(&globals, world, &wish)).await,
        Some(Verb::Sync { .. }) => Err(Stopped::new(
            Ending::Misuse,
            Diagnostic::new("the folder of the demo is no checkout", "leave out demo, and give the folder with -C DIR"),
        )),
        Some(Verb::Demo { .. } | Verb::Sim { .. }) => Err(Stopped::new(
            Ending::Misuse,
            Diagnostic::new("a simulated swarm cannot hold another", "leave out the second demo or sim"),
        )),
    }
}
