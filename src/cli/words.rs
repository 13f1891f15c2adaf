//! Words of the verbs about what was done, and about nodes.

use clap::builder::PossibleValuesParser;
use clap::{Args as ClapArgs, Subcommand};

use crate::action::OUTCOMES;

/// Which deeds.
#[derive(Debug, Clone, ClapArgs)]
pub struct HistoryWish {
    /// Only deeds whose id begins so.
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// Only about this stack.
    #[arg(long, value_name = "STACK")]
    pub stack: Option<String>,
    /// Only of this kind, such as deploy, course, redeploy, scale, teardown.
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// Only those that ended so, or go on.
    #[arg(long, value_name = "OUTCOME", value_parser = PossibleValuesParser::new(OUTCOMES))]
    pub outcome: Option<String>,
    /// Only by somebody whose name holds this.
    #[arg(long, value_name = "NAME")]
    pub who: Option<String>,
    /// Only those that broke off and were neither finished nor dropped.
    #[arg(long)]
    pub interrupted: bool,
    /// At most so many.
    #[arg(short, long, value_name = "N", default_value_t = 50)]
    pub number: usize,
}

/// What to do with nodes.
#[derive(Debug, Subcommand)]
pub enum NodeVerb {
    /// The nodes: role, state, availability, address, tasks. Ends with 1 if one of them does not answer.
    Ls,
    /// Move every task off nodes: shows first what moves, what can run nowhere else, and which data stays behind.
    Drain(NodeNames),
    /// Let nodes take tasks again; what runs elsewhere does not move back by itself.
    Activate(NodeNames),
    /// Let nodes keep the tasks they have, and take no new ones.
    Pause(NodeNames),
}

/// Which nodes.
#[derive(Debug, Clone, ClapArgs)]
pub struct NodeNames {
    /// Names or ids of nodes.
    #[arg(required = true, value_name = "NAME")]
    pub names: Vec<String>,
}
