//! What the screen shows: functions of what is and of where the operator looks. They change nothing and await nothing.

mod cx;
mod overview;
mod pen;
#[cfg(test)]
mod screen;
pub mod theme;

pub use cx::Cx;
pub use overview::Overview;
