//! What the screen shows: functions of what is and of where the operator looks. They change nothing and await nothing.

mod cx;
mod describe;
mod footer;
mod frame;
mod header;
mod logs;
mod overview;
mod pen;
mod popups;
#[cfg(test)]
mod screen;
mod sgr;
mod table;
#[cfg(test)]
mod tests;
pub mod theme;

pub use cx::Cx;
pub use describe::{describe, describe_room, glance};
pub use frame::frame;
pub use logs::{logs, logs_room};
pub use overview::Overview;
