//! From where on lines of a log are asked for.

/// Lines asked for at first.
pub(super) const TAIL: u64 = 200;

/// From where on lines are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Window {
    /// The last so many of each task, and all that come.
    Tail(u64),
    /// The oldest ones; ends when no more fits.
    Head,
    /// Those of the last minutes, and all that come.
    Minutes(u16),
}

impl Window {
    /// As k9s numbers them: 0 tail, 1 head, 2 to 6 the last 1, 5, 15, 30 and 60 minutes.
    #[must_use]
    pub fn of_digit(digit: u8) -> Option<Self> {
        Some(match digit {
            0 => Window::Tail(TAIL),
            1 => Window::Head,
            2 => Window::Minutes(1),
            3 => Window::Minutes(5),
            4 => Window::Minutes(15),
            5 => Window::Minutes(30),
            6 => Window::Minutes(60),
            _ => return None,
        })
    }

    /// The next one that reaches further back.
    #[must_use]
    pub fn longer(self) -> Self {
        match self {
            Window::Tail(lines) if lines < 10_000 => Window::Tail((lines * 10).min(10_000)),
            Window::Minutes(minutes) if minutes < 60 => {
                Window::Minutes([5, 15, 30].into_iter().find(|more| *more > minutes).unwrap_or(60))
            }
            Window::Minutes(_) => Window::Tail(10_000),
            other => other,
        }
    }
}

impl std::fmt::Display for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Window::Tail(lines) => write!(f, "last {lines}"),
            Window::Head => f.write_str("head"),
            Window::Minutes(60) => f.write_str("last 1 h"),
            Window::Minutes(minutes) => write!(f, "last {minutes} min"),
        }
    }
}
