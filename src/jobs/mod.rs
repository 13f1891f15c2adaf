//! The hand: what changes the world, one verb a file, and the queue that lets them.
//! Every change goes through the queue; nothing here knows a screen.

mod cx;
mod prune;
mod queue;
mod redeploy;
mod shell;
mod survey;
mod tail;
mod usage;

pub use cx::{JobCx, Progress};
pub use queue::{Queue, QueueHandle, run};
pub use shell::{Shell, ShellWish, open_shell, relay};
pub use survey::survey;
pub use tail::{TailNews, tail};
