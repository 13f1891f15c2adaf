//! The hand: what changes the world, one verb a file, and the queue that lets them.
//! Every change goes through the queue; nothing here knows a screen.

mod batch;
mod converge;
mod cx;
mod deploy;
mod desk;
mod drift;
mod forward;
mod gate;
mod holdings;
mod planner;
mod prune;
mod queue;
mod redeploy;
mod registries;
mod rollback;
mod rollout;
mod run_on;
mod scale;
mod seams;
mod shell;
mod snapshot;
mod storage;
mod survey;
mod tail;
mod teardown;
pub mod truth;
pub mod twin;
mod usage;
mod waits;
mod write;

pub use batch::{After, Batch};
pub use cx::{JobCx, Progress};
pub use desk::{Desk, Prepared};
pub use drift::drift;
pub use forward::{Passage, passage};
pub use planner::plan;
pub use queue::{Queue, QueueHandle, run};
pub use registries::{Header, LookUp, Registries};
pub use rollout::{Choice, Descent, NoRollout, Planned, Rollout, descent, rollout};
pub use run_on::{RunNews, run_line, run_on};
pub use seams::{Guard, Seams};
pub use shell::{Shell, ShellWish, open_shell, relay};
pub use storage::{look_over, take_snapshot, users};
pub use survey::{stored, survey};
pub use tail::{TailNews, tail};
