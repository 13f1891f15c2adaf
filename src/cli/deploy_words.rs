//! Words of the verbs that work on stacks of the folder: which, drawn how, and how they are brought up or taken away.

use std::time::Duration;

use clap::Args as ClapArgs;

use crate::action::gate::Mode;
use crate::model::Tier;
use crate::plan::{Options, Prune};

/// Which stacks of the folder.
#[derive(Debug, Clone, Default, ClapArgs)]
pub struct Which {
    /// Names of stacks.
    #[arg(value_name = "STACK", conflicts_with_all = ["tier", "all"])]
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
    /// What their pre-flights put on machines, too, where nothing else is to do.
    #[arg(long)]
    pub prepare: bool,
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
