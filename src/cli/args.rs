//! The words of the command line, as one tree: what applies to every verb, and the verbs.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

use super::machines::{ForwardWish, RunWish, StorageWish};
use super::register::RegisterWish;
use super::{Ending, Stopped};
use crate::app::logs::Level;
use crate::diag::Diagnostic;

/// The operator's console for Docker Swarm platforms.
#[derive(Debug, Parser)]
#[command(name = "quarterdeck", version, disable_help_subcommand = true, max_term_width = 100)]
pub struct Args {
    /// What applies to every verb.
    #[command(flatten)]
    pub globals: Globals,
    /// What to do; nothing opens the console.
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// What applies to every verb.
#[derive(Debug, Clone, Default, ClapArgs)]
pub struct Globals {
    /// The platform folder; else the nearest folder above with a `stacks` in it.
    #[arg(short = 'C', long = "platform", global = true, value_name = "DIR")]
    pub platform: Option<PathBuf>,
    /// The engine of a manager: unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST; several times for several managers of
    /// one swarm. Else `DOCKER_HOST`, the docker CLI's context, the inventory's managers, the local socket.
    #[arg(short = 'H', long = "host", global = true, value_name = "URL")]
    pub hosts: Vec<String>,
    /// The authority that signed the engine's certificate; else ca.pem in `DOCKER_CERT_PATH`.
    #[arg(long, global = true, value_name = "FILE")]
    pub tlscacert: Option<PathBuf>,
    /// Our certificate for the engine; else cert.pem in `DOCKER_CERT_PATH`.
    #[arg(long, global = true, value_name = "FILE")]
    pub tlscert: Option<PathBuf>,
    /// The key of our certificate; else key.pem in `DOCKER_CERT_PATH`.
    #[arg(long, global = true, value_name = "FILE")]
    pub tlskey: Option<PathBuf>,
    /// One JSON document instead of text; JSON Lines where it follows.
    #[arg(long, global = true)]
    pub json: bool,
    /// No colours; `NO_COLOR` does the same.
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Refuse everything that changes the swarm.
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Do not ask before a change.
    #[arg(short = 'y', long, global = true)]
    pub yes: bool,
    /// Take a stack's lock over from a console that is gone; one that is still heard of keeps it.
    #[arg(long, global = true)]
    pub steal_lock: bool,
    /// Why it is done, in your words: kept in the journal.
    #[arg(long, global = true, value_name = "TEXT")]
    pub why: Option<String>,
    /// Touch a stack although somebody may be using its critical services; WHY is written down.
    #[arg(long, global = true, value_name = "WHY", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub override_guard: Option<String>,
    /// Say more on standard error; twice and thrice for more.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Nodes, quorum, tiers, stacks and services, with reasons.
    Status,
    /// Bring stacks to what their files say, with the newest digests, replacing only what differs; a service, or a stack
    /// without a file, gets new tasks of the same spec.
    Redeploy {
        /// Names of stacks or services.
        #[arg(required = true, value_name = "TARGET")]
        targets: Vec<String>,
        /// Replace every task, whether anything differs or not.
        #[arg(long)]
        all_tasks: bool,
    },
    /// What a deploy would change, and which services would restart; writes nothing.
    Plan(PlanWish),
    /// Make stacks what their files say: plan, apply, wait until converged, tier by tier.
    Deploy(DeployWish),
    /// Take stacks away: services, then their secrets, configs and networks.
    Teardown(TeardownWish),
    /// Bring the previous spec of a service, or of each service of a stack, back.
    Rollback {
        /// The name of a stack or a service.
        target: String,
    },
    /// Change how many tasks services have.
    Scale {
        /// A service and its number, such as `media_plex=2`.
        #[arg(required = true, value_name = "SERVICE=N")]
        services: Vec<String>,
    },
    /// Make the names and monitors of a stack known where `registrations` in quarterdeck.yaml says, or take them back.
    Register(RegisterWish),
    /// Bring the checkout forward to what its branch follows, and show what that changes in the swarm.
    ///
    /// Ends with 0 if everything that changed is deployed or waits for you, 1 if the checkout cannot be moved or a
    /// deploy failed, 4 if the swarm cannot be reached.
    Sync {
        /// Deploy the changed stacks that `sync: {auto: …}` in quarterdeck.yaml allows, without asking.
        #[arg(long)]
        auto: bool,
    },
    /// Log lines of services, tasks or whole stacks, in time order.
    Logs(LogWish),
    /// Faults of the platform folder, each with its place and how to mend it; asks no swarm.
    Lint {
        /// Only this rule; may be given several times.
        #[arg(long = "rule", value_name = "RULE")]
        rules: Vec<String>,
    },
    /// Writes the files of a new stack into the folder, with health check, labels, network and limits.
    New(super::new::NewWish),
    /// Where the inventory and the swarm say different things of machines: addresses, roles, labels.
    Drift,
    /// What was done, by whom, why, and how it ended; newest first. Asks no swarm.
    History(HistoryWish),
    /// Bring back what a deed replaced, byte for byte; shows first what differs.
    Undo {
        /// The id of the deed, as `history` shows it, or its beginning; else the newest that can be undone.
        id: Option<String>,
    },
    /// Finish a deed that broke off, on the swarm as it is now.
    Resume {
        /// The id of the deed, or its beginning: see `history --interrupted`.
        id: String,
    },
    /// Let a deed that broke off be; what it had done by then stays.
    Drop {
        /// The id of the deed, or its beginning: see `history --interrupted`.
        id: String,
    },
    /// The machines of the swarm, and what they are told to do.
    Node {
        /// What to do with them.
        #[command(subcommand)]
        verb: NodeVerb,
    },
    /// Stacks as `docker stack` has them, to the letter.
    Stack {
        /// What to do with them.
        #[command(subcommand)]
        verb: StackVerb,
    },
    /// A shell, or a command, in a container on any node; ends with the command's exit code.
    Exec(ExecWish),
    /// What the machines keep data on, asked over SSH: mounts, iSCSI, OCFS2, ZFS, NFS exports.
    Storage(StorageWish),
    /// A program on the machines of nodes, over SSH; ends well only if it did so everywhere.
    Run(RunWish),
    /// A port of a container on a port of this machine, until ctrl-c.
    Forward(ForwardWish),
    /// Throw away what nothing needs on every node: ended containers, dangling images, build cache. Shows first what goes.
    Prune(PruneWish),
    /// The console, or any verb, on an embedded simulated swarm.
    Demo {
        /// A verb with its options; nothing opens the console.
        #[arg(last = true, value_name = "VERB")]
        verb: Vec<OsString>,
    },
    /// Serve the simulated swarm's Engine API to other clients, such as the docker CLI.
    Sim {
        /// Where to: unix:///PATH or tcp://HOST:PORT.
        #[arg(long, value_name = "URL")]
        listen: String,
    },
}

pub use super::deploy_words::{DeployWish, PlanWish, TeardownWish, Which};
pub use super::stack_words::{ResolveImage, StackDeploy, StackFiles, StackVerb};
pub use super::words::{HistoryWish, NodeVerb};

/// What to throw away, and where.
#[derive(Debug, Clone, ClapArgs)]
pub struct PruneWish {
    /// Unused volumes as well: this destroys the data in them.
    #[arg(long)]
    pub volumes: bool,
    /// Only on this node; may be given more than once.
    #[arg(long, value_name = "NODE")]
    pub node: Vec<String>,
}

/// What to run, and where.
#[derive(Debug, Clone, ClapArgs)]
pub struct ExecWish {
    /// A service (its newest running task), a task (`service.slot`), or a task's id.
    pub target: String,
    /// Without a terminal, even where there is one.
    #[arg(short = 'T', long)]
    pub no_tty: bool,
    /// The program and its words; nothing runs a shell.
    #[arg(last = true, value_name = "CMD")]
    pub command: Vec<String>,
}

/// Which log lines.
#[derive(Debug, Clone, ClapArgs)]
pub struct LogWish {
    /// Services, tasks (`service.slot`) or stacks.
    #[arg(required = true)]
    pub targets: Vec<String>,
    /// Go on as lines come.
    #[arg(short, long)]
    pub follow: bool,
    /// The last so many lines of each task.
    #[arg(short = 'n', long, value_name = "N")]
    pub tail: Option<u64>,
    /// Only newer than this: `10m`, `2h`, or a time such as 2026-01-31T12:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only lines that match this regular expression.
    #[arg(long, value_name = "RE")]
    pub grep: Option<String>,
    /// Only lines at least as grave: trace, debug, info, warn or error; a line that names none counts as info.
    #[arg(long, value_name = "LEVEL", value_parser = level)]
    pub level: Option<Level>,
}

fn level(word: &str) -> Result<Level, String> {
    let all = Level::ALL.into_iter();
    all.clone()
        .find(|level| level.name() == word)
        .ok_or_else(|| format!("it is one of {}", all.map(Level::name).collect::<Vec<_>>().join(", ")))
}

impl Args {
    /// The words after `demo --`, with what was said before them still holding.
    pub fn again(before: Globals, verb: &[OsString]) -> Result<Self, Stopped> {
        let words = std::iter::once(OsString::from("quarterdeck")).chain(verb.iter().cloned());
        let mut args = Self::try_parse_from(words).map_err(|error| {
            if !error.use_stderr() {
                // Its help was asked for, and is no fault.
                error.exit();
            }
            let fault = Diagnostic::new("the words after `demo --` cannot be understood", "see: quarterdeck --help");
            Stopped::new(Ending::Misuse, fault.because(first_line(&error.to_string())))
        })?;
        let inner = &mut args.globals;
        inner.json |= before.json;
        inner.no_color |= before.no_color;
        inner.read_only |= before.read_only;
        inner.yes |= before.yes;
        inner.steal_lock |= before.steal_lock;
        inner.why = inner.why.take().or(before.why);
        inner.verbose = inner.verbose.max(before.verbose);
        Ok(args)
    }

    /// The console will be opened.
    pub fn is_console(&self) -> bool {
        match &self.verb {
            None => true,
            Some(Verb::Demo { verb }) => verb.is_empty(),
            Some(_) => false,
        }
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_tree_of_words_holds_together() {
        Args::command().debug_assert();
    }

    #[test]
    fn what_is_said_before_demo_holds_after_it() {
        let args = Args::try_parse_from(["quarterdeck", "--json", "demo", "--", "status"]).unwrap();
        let Some(Verb::Demo { verb }) = args.verb else { panic!("no demo") };
        let inner = Args::again(args.globals, &verb).unwrap();
        assert!(inner.globals.json && matches!(inner.verb, Some(Verb::Status)));
        assert!(Args::again(Globals::default(), &["fly".into()]).is_err());
    }
}
