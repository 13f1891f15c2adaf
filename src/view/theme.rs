//! Every colour and every sign, once. Colour only repeats what a sign and a word already say.

use ratatui::style::{Color, Modifier, Style};

use crate::app::logs::Level;
use crate::model::State;

/// How to draw: with which colours, and with which signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// Colours may be used.
    pub colour: bool,
    /// Only ASCII can be shown.
    pub ascii: bool,
}

impl Default for Theme {
    fn default() -> Self {
        Self { colour: true, ascii: false }
    }
}

impl Theme {
    fn fg(self, colour: Color) -> Style {
        if self.colour { Style::new().fg(colour) } else { Style::new() }
    }

    /// The style of a state's sign and word.
    #[must_use]
    pub fn state(self, state: State) -> Style {
        match state {
            State::Ready => self.fg(Color::Green),
            State::Converging => self.fg(Color::Blue),
            State::Degraded => self.fg(Color::Yellow),
            State::Failed => self.fg(Color::Red),
            State::Waiting => self.fg(Color::Magenta),
            State::Unknown | State::Done | State::Off => self.dim(),
        }
    }

    /// The sign of a state.
    #[must_use]
    pub fn sign(self, state: State) -> char {
        if self.ascii { state.ascii_sign() } else { state.sign() }
    }

    /// The level of a log line.
    #[must_use]
    pub fn level(self, level: Level) -> Style {
        match level {
            Level::Error => self.fg(Color::Red),
            Level::Warn => self.fg(Color::Yellow),
            Level::Info | Level::Debug | Level::Trace => self.dim(),
        }
    }

    /// Secondary text.
    #[must_use]
    pub fn dim(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// Names and numbers that matter.
    #[must_use]
    pub fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// The one accent: keys in hints, the prompt, the breadcrumb of this screen.
    #[must_use]
    pub fn accent(self) -> Style {
        self.fg(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// The row under the cursor, over its whole width.
    #[must_use]
    pub fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// What a filter or search has found.
    #[must_use]
    pub fn found(self) -> Style {
        self.fg(Color::Yellow).add_modifier(Modifier::UNDERLINED)
    }

    /// Rules and titles over panes.
    #[must_use]
    pub fn rule(self) -> Style {
        self.dim()
    }

    /// A fault or a refusal in words.
    #[must_use]
    pub fn fault(self) -> Style {
        self.fg(Color::Red).add_modifier(Modifier::BOLD)
    }

    /// A manager that leads.
    #[must_use]
    pub fn leader(self) -> &'static str {
        if self.ascii { "^" } else { "★" }
    }

    /// The thin horizontal line.
    #[must_use]
    pub fn line(self) -> &'static str {
        if self.ascii { "-" } else { "─" }
    }

    /// The thin vertical line.
    #[must_use]
    pub fn bar(self) -> &'static str {
        if self.ascii { "|" } else { "│" }
    }

    /// The mark at the left of a marked row.
    #[must_use]
    pub fn mark(self) -> &'static str {
        if self.ascii { ">" } else { "┃" }
    }

    /// Cells of a gauge: filled and empty.
    #[must_use]
    pub fn gauge(self) -> (&'static str, &'static str) {
        if self.ascii { ("#", ".") } else { ("▅", "▁") }
    }
}
