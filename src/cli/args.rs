//! The words of the command line, as one tree.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

use super::{Ending, Stopped};
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
    /// The engine of a manager: unix:///PATH or tcp://HOST:PORT; else `DOCKER_HOST`, else the local socket.
    #[arg(short = 'H', long = "host", global = true, value_name = "URL")]
    pub host: Option<String>,
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
    /// Say more on standard error; twice and thrice for more.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Nodes, quorum, tiers, stacks and services, with reasons.
    Status,
    /// Replace every task of a stack or service by a new one of the same spec.
    Redeploy {
        /// The name of a stack or a service.
        target: String,
    },
    /// Log lines of services, tasks or whole stacks, in time order.
    Logs(LogWish),
    /// Faults of the platform folder, each with its place and how to mend it; asks no swarm.
    Lint {
        /// Only this rule; may be given several times.
        #[arg(long = "rule", value_name = "RULE")]
        rules: Vec<String>,
    },
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
