//! Words of the verbs about what was done.

use clap::Args as ClapArgs;

/// Which deeds.
#[derive(Debug, Clone, ClapArgs)]
pub struct HistoryWish {
    /// Only deeds whose id begins so.
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// Only about this stack.
    #[arg(long, value_name = "STACK")]
    pub stack: Option<String>,
    /// Only of this kind, such as deploy, redeploy, scale, teardown.
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// Only those that ended so: done, failed, cancelled, dropped, running, interrupted.
    #[arg(long, value_name = "OUTCOME")]
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
