//! How the rows of the terminal are shared out. The console needs it to scroll, the view to draw.

/// The narrowest terminal that is drawn on.
pub const MIN_WIDTH: u16 = 36;
/// The lowest terminal that is drawn on.
pub const MIN_HEIGHT: u16 = 8;
/// From here on, what is selected is described beside the list.
pub const WIDE: u16 = 160;
/// Below this, every row goes to the list.
const TALL: u16 = 20;

/// Rows of each part, from above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rows {
    /// Swarm, line, nodes; tiers.
    pub header: u16,
    /// Where in the console this is.
    pub crumbs: u16,
    /// The screen itself.
    pub body: u16,
    /// A rule that carries the last message.
    pub rule: u16,
    /// Hints, or what is typed.
    pub footer: u16,
}

/// Shares out the rows.
#[must_use]
pub fn rows(height: u16) -> Rows {
    let (header, rule) = if height >= TALL { (2, 1) } else { (1, 0) };
    Rows { header, crumbs: 1, body: height.saturating_sub(header + rule + 2), rule, footer: 1 }
}

/// The terminal is too small to show anything true.
#[must_use]
pub fn is_too_small((width, height): (u16, u16)) -> bool {
    width < MIN_WIDTH || height < MIN_HEIGHT
}
