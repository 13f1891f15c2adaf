//! What lies over the screen: a question with its two buttons, the help out of the key table, all messages.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::border;
use ratatui::widgets::{Block, Clear, Widget};
use tui_logger::TuiLoggerWidget;

use super::Cx;
use super::pen::Pen;
use crate::app::format::width;
use crate::app::sheet::{Line, Sheet, Tone};
use crate::app::{App, Popup};
use crate::model::State;

const ASCII: border::Set<'_> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

/// Draws one.
pub fn popup(popup: &Popup, app: &App, cx: &Cx, area: Rect, buf: &mut Buffer) {
    let (sheet, scroll) = (Sheet::of(popup, app, usize::from(area.width).saturating_sub(4)), popup.scrolled());
    match (popup, sheet) {
        (Popup::Ask(asking), Some(sheet)) => {
            let inner = text(&sheet, scroll, "up and down", (cx, area), buf);
            let last = Rect { y: inner.bottom().saturating_sub(1), height: 1, ..inner };
            super::asked::answer(asking, cx, last, buf);
        }
        (Popup::Confirm(confirm), Some(sheet)) => {
            let keys = if confirm.typing.is_some() { "up and down" } else { "j and k" };
            let inner = text(&sheet, scroll, keys, (cx, area), buf);
            let last = Rect { y: inner.bottom().saturating_sub(1), height: 1, ..inner };
            two_buttons(confirm.yes, confirm.on_yes, cx, last, buf);
        }
        (_, Some(sheet)) => {
            text(&sheet, scroll, "", (cx, area), buf);
        }
        (_, None) => own_log(cx, area, buf),
    }
}

/// What the program itself has logged: the pane of tui-logger, fed by `telemetry`.
fn own_log(cx: &Cx, area: Rect, buf: &mut Buffer) {
    let size = (usize::from(area.width).saturating_sub(8), usize::from(area.height).saturating_sub(4));
    let inner = boxed(" quarterdeck's own log · esc closes ", size, cx, area, buf);
    tui_logger::move_events();
    TuiLoggerWidget::default()
        .output_separator(' ')
        .output_timestamp(Some("%H:%M:%S".to_owned()))
        .output_file(false)
        .output_line(false)
        .style_error(cx.theme.state(State::Failed))
        .style_warn(cx.theme.state(State::Degraded))
        .style_debug(cx.theme.dim())
        .render(inner, buf);
}

/// An empty box in the middle; gives the room inside.
fn boxed(title: &str, (wide, high): (usize, usize), cx: &Cx, area: Rect, buf: &mut Buffer) -> Rect {
    let wide = u16::try_from(wide + 4).unwrap_or(area.width).min(area.width);
    let high = u16::try_from(high + 2).unwrap_or(area.height).min(area.height);
    let spot =
        Rect { x: area.x + (area.width - wide) / 2, y: area.y + (area.height - high) / 2, width: wide, height: high };
    Clear.render(spot, buf);
    let set = if cx.theme.ascii { ASCII } else { border::PLAIN };
    let block = Block::bordered().border_set(set).title(title.to_owned()).title_style(cx.theme.accent());
    let inner = block.inner(spot);
    block.render(spot, buf);
    Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner }
}

/// The button that does nothing, and the one that does it.
pub(super) fn two_buttons(yes: &str, on_yes: bool, cx: &Cx, area: Rect, buf: &mut Buffer) {
    let (focus, other) = (cx.theme.selected().patch(cx.theme.strong()), Style::new());
    let text = |word: &str, on: bool| if on { format!("[ {word} ]") } else { format!("  {word}  ") };
    let (cancel, yes) = (text("Cancel", !on_yes), text(yes, on_yes));
    let mut pen = Pen::at(buf, area, 0);
    let both = width(&cancel) + 2 + width(&yes);
    if pen.left() >= both + 20 {
        pen.put("tab ", cx.theme.accent()).put("other button", cx.theme.dim());
    }
    pen.last(both);
    pen.put(&cancel, if on_yes { other } else { focus }).skip(2);
    pen.put(&yes, if on_yes { focus } else { other });
}

/// Text in a box, scrolled, with what always stands below it; gives the room inside.
fn text(sheet: &Sheet, scroll: usize, keys: &str, (cx, area): (&Cx, Rect), buf: &mut Buffer) -> Rect {
    let of = |line: &Line| line.iter().map(|(text, tone)| width(text) + usize::from(is_sign(*tone))).sum();
    let wide = sheet.lines.iter().map(of).chain([sheet.wide, width(&sheet.title) + 2]).max().unwrap_or(0);
    let high = sheet.lines.len() + sheet.below.len() + sheet.buttons;
    let inner = boxed(&format!(" {} ", sheet.title), (wide, high), cx, area, buf);
    let room = sheet.room(usize::from(area.height));
    let from = scroll.min(sheet.last(usize::from(area.height)));
    let seen = sheet.lines.iter().skip(from).take(room);
    for (row, line) in (0..inner.height).zip(seen.chain(&sheet.below)) {
        let mut pen = Pen::at(buf, inner, row);
        for (text, tone) in line {
            match tone {
                Tone::Sign(state) => pen.put(&cx.theme.sign(*state).to_string(), cx.theme.state(*state)),
                tone => pen.fit(text, style(*tone, cx)),
            };
        }
    }
    let below = sheet.lines.len().saturating_sub(from + room);
    if from + below > 0 {
        let keys = if keys.is_empty() { String::new() } else { format!("· {keys} scroll ") };
        let told = format!(" {from} above, {below} below {keys}");
        let bottom = Rect { y: inner.bottom(), height: 1, ..inner };
        Pen::at(buf, bottom, 0).last(width(&told)).put(&told, cx.theme.dim());
    }
    inner
}

fn is_sign(tone: Tone) -> bool {
    matches!(tone, Tone::Sign(_))
}

fn style(tone: Tone, cx: &Cx) -> Style {
    match tone {
        Tone::Plain => Style::new(),
        Tone::Strong => cx.theme.strong(),
        Tone::Dim => cx.theme.dim(),
        Tone::Accent => cx.theme.accent(),
        Tone::Of(state) | Tone::Sign(state) => cx.theme.state(state),
        Tone::Cursor => cx.theme.selected(),
    }
}
