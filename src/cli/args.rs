//! The words of the command line, as one tree.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as ClapArgs, Parser, Subcommand};

use super::machines::{ForwardWish, RunWish, StorageWish};
use super::register::RegisterWish;
use super::{Ending, Stopped};
use crate::action::gate::Mode;
use crate::diag::Diagnostic;
use crate::model::Tier;
use crate::plan::{Options, Prune};

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
    /// Bring a stack to what its file says, with the newest digests, replacing only what differs; a service, or a stack
    /// without a file, gets new tasks of the same spec.
    Redeploy {
        /// The name of a stack or a service.
        target: String,
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

/// Which stacks of the folder.
#[derive(Debug, Clone, Default, ClapArgs)]
pub struct Which {
    /// Names of stacks.
    #[arg(value_name = "STACK")]
    pub stacks: Vec<String>,
    /// All stacks of a tier.
    #[arg(long, value_enum, value_name = "TIER")]
    pub tier: Option<TierWord>,
    /// All stacks of the folder.
    #[arg(long)]
    pub all: bool,
    /// Of those, only these.
    #[arg(long, value_name = "STACK", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Of those, not these.
    #[arg(long, value_name = "STACK", value_delimiter = ',')]
    pub skip: Vec<String>,
}

/// A tier of the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum TierWord {
    /// Ingress, secrets, deployment.
    Infrastructure,
    /// Databases, sign-on, monitoring.
    Platform,
    /// What people use.
    Application,
}

impl From<TierWord> for Tier {
    fn from(word: TierWord) -> Self {
        match word {
            TierWord::Infrastructure => Tier::Infrastructure,
            TierWord::Platform => Tier::Platform,
            TierWord::Application => Tier::Application,
        }
    }
}

/// How plans are drawn.
#[derive(Debug, Clone, Copy, Default, ClapArgs)]
pub struct Drawing {
    /// Give secrets and configs with another content another name, and let their services follow.
    #[arg(long)]
    pub rotate: bool,
    /// Leave what the files no longer have.
    #[arg(long)]
    pub no_prune: bool,
}

impl Drawing {
    fn options(self) -> Options {
        let prune = if self.no_prune { Prune::Nothing } else { Prune::Everything };
        Options { rotate: self.rotate, prune, ..Options::default() }
    }
}

/// Which plans, drawn how.
#[derive(Debug, Clone, ClapArgs)]
pub struct PlanWish {
    /// Which stacks; all of them where nothing is said.
    #[command(flatten)]
    pub which: Which,
    /// How.
    #[command(flatten)]
    pub drawing: Drawing,
}

impl PlanWish {
    /// How the plans are drawn.
    pub fn options(&self) -> Options {
        self.drawing.options()
    }
}

/// What to deploy, and how.
#[derive(Debug, Clone, ClapArgs)]
pub struct DeployWish {
    /// Which stacks.
    #[command(flatten)]
    pub which: Which,
    /// How.
    #[command(flatten)]
    pub drawing: Drawing,
    /// End when everything is written, converged or not.
    #[arg(short, long)]
    pub detach: bool,
    /// How long each service, and each gate, may take.
    #[arg(long, value_name = "SECONDS")]
    pub patience: Option<u64>,
    /// What a gate between two tiers does when the lower one does not stand; else what quarterdeck.yaml says, or stop.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub gate: Option<GateWord>,
    /// Show what would be done, and in which order; write nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// What a gate does when something is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum GateWord {
    /// Nothing of the next tier is begun.
    Stop,
    /// It is told, and goes on.
    Warn,
    /// The operator decides.
    Ask,
}

impl From<GateWord> for Mode {
    fn from(word: GateWord) -> Self {
        match word {
            GateWord::Stop => Mode::Stop,
            GateWord::Warn => Mode::Warn,
            GateWord::Ask => Mode::Ask,
        }
    }
}

impl DeployWish {
    /// How the plans are drawn.
    pub fn options(&self) -> Options {
        self.drawing.options()
    }

    /// How long each service may take.
    pub fn patience(&self) -> Option<Duration> {
        self.patience.map(Duration::from_secs)
    }
}

/// What to take away.
#[derive(Debug, Clone, ClapArgs)]
pub struct TeardownWish {
    /// Names of stacks.
    #[arg(required_unless_present = "all", conflicts_with = "all", value_name = "STACK")]
    pub stacks: Vec<String>,
    /// All stacks of the folder that are in the swarm, the last tier first.
    #[arg(long)]
    pub all: bool,
    /// Their volumes on every node, too: this destroys the data in them.
    #[arg(long)]
    pub volumes: bool,
}

pub use super::words::{HistoryWish, NodeVerb};

/// What to do with stacks.
#[derive(Debug, Subcommand)]
pub enum StackVerb {
    /// Deploy or update a stack: every service is written, variables come from the environment alone.
    #[command(visible_alias = "up")]
    Deploy(StackDeploy),
    /// Remove stacks; their volumes stay.
    #[command(visible_aliases = ["remove", "down"])]
    Rm {
        /// Taken for the docker CLI's sake: the last tasks are never waited for.
        #[arg(short, long, hide = true, value_name = "BOOL", num_args = 0..=1, require_equals = true,
            default_value_t = true, default_missing_value = "true", action = clap::ArgAction::Set)]
        detach: bool,
        /// The names of the stacks.
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
    },
    /// Print the stack files laid over each other, with variables put in.
    Config(StackFiles),
}

/// Which files.
#[derive(Debug, Clone, ClapArgs)]
pub struct StackFiles {
    /// A stack file, or - for standard input; later ones are laid over earlier ones.
    #[arg(short = 'c', long = "compose-file", value_name = "FILE", value_delimiter = ',', required = true)]
    pub files: Vec<String>,
}

/// A deployment as `docker stack deploy` does it.
#[derive(Debug, Clone, ClapArgs)]
pub struct StackDeploy {
    /// Which files.
    #[command(flatten)]
    pub files: StackFiles,
    /// Remove services that the files do not name any more.
    #[arg(long)]
    pub prune: bool,
    /// When to ask registries for digests.
    #[arg(long, value_enum, value_name = "WHEN", default_value = "always")]
    pub resolve_image: ResolveImage,
    /// Hand the credentials for registries to the swarm.
    #[arg(long)]
    pub with_registry_auth: bool,
    /// Do not wait until the services run.
    #[arg(
        short,
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_value_t = false,
        default_missing_value = "true",
        action = clap::ArgAction::Set
    )]
    pub detach: bool,
    /// Say only what went wrong.
    #[arg(short, long)]
    pub quiet: bool,
    /// The name of the stack.
    #[arg(value_name = "NAME")]
    pub name: String,
}

/// When registries are asked for digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ResolveImage {
    /// Every time.
    Always,
    /// When the file names another image than before.
    Changed,
    /// Not at all.
    Never,
}

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
}

impl Args {
    /// The words after `demo --`, with what was said before them still holding.
    pub fn again(before: Globals, verb: &[OsString]) -> Result<Self, Stopped> {
        let words = std::iter::once(OsString::from("quarterdeck")).chain(verb.iter().cloned());
        let mut args = Self::try_parse_from(words).map_err(|error| {
            let fault = Diagnostic::new("the words after `demo --` are no verb", "see: quarterdeck --help");
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
