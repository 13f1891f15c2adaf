//! The hand: what changes the world, one verb a file, and the queue that lets them.
//! Every change goes through the queue; nothing here knows a screen.

mod converge;
mod cx;
mod deploy;
mod desk;
mod planner;
mod queue;
mod redeploy;
mod rollback;
mod scale;
mod shell;
mod survey;
mod tail;
mod teardown;
pub mod truth;
pub mod twin;
mod write;

pub use cx::{JobCx, Progress};
pub use desk::{Desk, Prepared};
pub use planner::plan;
pub use queue::{Queue, QueueHandle, run};
pub use shell::{Shell, ShellWish, open_shell, relay};
pub use survey::{survey, take_snapshot, users};
pub use tail::{TailNews, tail};
