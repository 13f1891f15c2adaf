//! What every drawing function is told beside the thing itself.

use jiff::Timestamp;

use super::theme::Theme;

/// How to draw, and what time it is.
#[derive(Debug, Clone, Copy)]
pub struct Cx {
    /// Colours and signs.
    pub theme: Theme,
    /// The present time, as ages are counted from.
    pub now: Timestamp,
}
