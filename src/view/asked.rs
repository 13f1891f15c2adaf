//! A question from below, as the operator sees it: what is known, and two buttons or a line for a secret.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Cx;
use super::pen::Pen;
use super::popups::{boxed, two_buttons};
use crate::app::format::width;
use crate::app::{Asking, wrap};
use crate::ask::Wants;

/// Signs that stand for a secret; never as many as it has characters.
const MOST_SIGNS: usize = 32;

/// Draws one.
pub fn question(asking: &Asking, cx: &Cx, area: Rect, buf: &mut Buffer) {
    let room = usize::from(area.width).saturating_sub(4);
    let longest = asking.question.lines.iter().map(|line| width(line)).max().unwrap_or(0);
    let wide = longest.max(width(&asking.question.title) + 2).max(44).min(room);
    let lines: Vec<String> = asking.question.lines.iter().flat_map(|line| wrap::words(line, wide)).collect();
    let inner = boxed(&format!(" {} ", asking.question.title), (wide, lines.len() + 2), cx, area, buf);
    let last = inner.height.saturating_sub(1);
    for (row, line) in (0..last.saturating_sub(1)).zip(&lines) {
        Pen::at(buf, inner, row).fit(line, Style::new());
    }
    let bottom = Rect { y: inner.y + last, height: 1, ..inner };
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
