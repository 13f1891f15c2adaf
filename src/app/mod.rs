//! What the keys mean. Pure: messages in, effects out; no network, no terminal, no clock of its own.

pub mod describe;
pub mod format;
pub mod keymap;
pub mod list;
pub mod logs;
mod msg;
mod overview;
pub mod screens;
mod subject;
pub mod wrap;

pub use describe::DescribeView;
pub use keymap::{Intent, LogIntent, Move};
pub use logs::LogsView;
pub use msg::{Effect, Msg, TailId};
pub use overview::{OverviewView, Pane, Spot, machines};
pub use subject::Subject;
