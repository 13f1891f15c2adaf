//! What the screen shows: functions of what is and of where the operator looks. They change nothing and await nothing.

mod asked;
mod cx;
mod describe;
mod footer;
mod frame;
mod header;
#[cfg(test)]
mod lint_tests;
mod logs;
mod overview;
mod pen;
mod plan;
#[cfg(test)]
mod popup_tests;
mod popups;
#[cfg(test)]
mod reach_tests;
#[cfg(test)]
mod screen;
mod sgr;
mod table;
#[cfg(test)]
mod tests;
pub mod theme;

pub use cx::Cx;
use describe::glance;
pub use frame::frame;
