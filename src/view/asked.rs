//! How a question from below is answered: two buttons, or a line for a secret.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Cx;
use super::pen::Pen;
use super::popups::two_buttons;
use crate::app::Asking;
use crate::app::format::width;
use crate::ask::Wants;

/// Signs that stand for a secret; never as many as it has characters.
const MOST_SIGNS: usize = 32;

/// Draws the row in which it is answered.
pub fn answer(asking: &Asking, cx: &Cx, bottom: Rect, buf: &mut Buffer) {
    match asking.question.wants {
        Wants::Consent(yes) => two_buttons(yes, asking.on_yes, cx, bottom, buf),
        Wants::Secret => {
            let sign = if cx.theme.ascii { "*" } else { "•" };
            let signs = sign.repeat(asking.typed.len().min(MOST_SIGNS));
            let mut pen = Pen::at(buf, bottom, 0);
            pen.put("> ", cx.theme.accent()).fit(&signs, Style::new()).fit(" ", cx.theme.selected());
            let keys = "enter hands it over, esc cancels";
            if pen.left() > width(keys) + 2 {
                pen.last(width(keys)).put(keys, cx.theme.dim());
            }
        }
    }
}
