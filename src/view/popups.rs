//! What lies over the screen: a question with its two buttons, the help out of the key table, all messages.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::border;
use ratatui::widgets::{Block, Clear, Widget};
use tui_logger::TuiLoggerWidget;

use super::Cx;
use super::pen::Pen;
use crate::app::format::{age, count, width};
use crate::app::keymap::{Scope, Scopes, shown};
use crate::app::{App, Confirm, Level, Popup, redeploy};
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

/// One line of a popup: pieces with their styles.
type Line = Vec<(String, Style)>;

/// Draws one.
pub fn popup(popup: &Popup, app: &App, cx: &Cx, area: Rect, buf: &mut Buffer) {
    match popup {
        Popup::Confirm(confirm) => question(confirm, app, cx, area, buf),
        Popup::Ask(asking) => super::asked::question(asking, cx, area, buf),
        Popup::Help { scopes, scroll } => {
            let wide = usize::from(area.width).saturating_sub(4);
            scrolled(" keys of this screen · esc closes ", help(*scopes, wide, cx), *scroll, (cx, area), buf);
        }
        Popup::Messages { scroll } => {
            scrolled(" messages · esc closes ", messages(app, cx), *scroll, (cx, area), buf);
        }
        Popup::OwnLog => own_log(cx, area, buf),
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
pub(super) fn boxed(title: &str, (wide, high): (usize, usize), cx: &Cx, area: Rect, buf: &mut Buffer) -> Rect {
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

fn question(confirm: &Confirm, app: &App, cx: &Cx, area: Rect, buf: &mut Buffer) {
    let theme = cx.theme;
    let names = confirm.items.iter().map(|item| width(&item.name)).max().unwrap_or(0);
    let amounts = confirm.items.iter().map(|item| width(&item.amount)).max().unwrap_or(0);
    let hows = confirm.items.iter().map(|item| width(&item.how)).max().unwrap_or(0);
    let outdated = redeploy::outdated(confirm, app.picture());
    let mut notes: Vec<(String, Style)> = every_task(confirm).into_iter().map(|note| (note, theme.accent())).collect();
    notes.extend(confirm.notes.iter().map(|note| (note.clone(), theme.dim())));
    if !outdated.is_empty() {
        let text = format!("changed since this was asked, will be refused: {}", outdated.join(", "));
        notes.push((text, theme.state(State::Degraded)));
    }
    let longest = notes.iter().map(|note| width(&note.0)).chain([width(&confirm.sums_up), 44]).max().unwrap_or(0);
    let room = usize::from(area.width).saturating_sub(4);
    // Where one line is too short, how it is done stands below each name.
    let below = names + amounts + hows + 4 > room;
    let wide = if below { (names + amounts + 2).max(hows + 2) } else { names + amounts + hows + 4 };
    let wide = wide.max(longest).min(room);
    let hows: Vec<Vec<String>> = confirm.items.iter().map(|item| broken(&item.how, wide.saturating_sub(2))).collect();
    let each = if below { 1 + hows.iter().map(Vec::len).max().unwrap_or(0) } else { 1 };
    let sums_up = broken(&confirm.sums_up, wide);
    let typing = usize::from(confirm.typing.is_some());
    let high = confirm.items.len() * each + notes.len() + sums_up.len() + typing + 3;
    let inner = boxed(&format!(" {} ", confirm.title), (wide, high), cx, area, buf);
    let mut row = 0;
    for line in &sums_up {
        Pen::at(buf, inner, row).fit(line, theme.strong());
        row += 1;
    }
    row += 1;
    let fixed = u16::try_from(notes.len() + typing).unwrap_or(0) + 2;
    let fit = usize::from(inner.height.saturating_sub(row + fixed)) / each;
    let names = names.min(usize::from(inner.width).saturating_sub(amounts + 2));
    let first = confirm.scroll.min(confirm.items.len().saturating_sub(fit));
    for (item, how) in confirm.items.iter().zip(&hows).skip(first).take(fit) {
        let mut pen = Pen::at(buf, inner, row);
        pen.column(&item.name, names, Style::new()).skip(2).number(&item.amount, amounts, Style::new());
        if !below {
            pen.skip(2).fit(&item.how, theme.dim());
        }
        row += 1;
        for line in how.iter().filter(|_| below) {
            Pen::at(buf, inner, row).skip(2).fit(line, theme.dim());
            row += 1;
        }
    }
    let hidden = confirm.items.len().saturating_sub(fit);
    if hidden > 0 {
        let keys = if confirm.typing.is_some() { "up and down" } else { "j and k" };
        let told = format!(" {hidden} more, {keys} scroll ");
        Pen::at(buf, Rect { y: inner.bottom(), height: 1, ..inner }, 0).last(width(&told)).put(&told, theme.dim());
    }
    for (note, style) in &notes {
        Pen::at(buf, inner, row).fit(note, *style);
        row += 1;
    }
    if let Some(typing) = &confirm.typing {
        let mut pen = Pen::at(buf, inner, row);
        pen.put(&format!("type {} to go on: ", typing.word), theme.strong());
        pen.put(&typing.typed, theme.accent()).put(" ", theme.selected());
    }
    two_buttons(confirm.yes, confirm.on_yes, cx, Rect { y: inner.bottom().saturating_sub(1), height: 1, ..inner }, buf);
}

/// The key that takes every task along, and whether it does.
fn every_task(confirm: &Confirm) -> Option<String> {
    let all = confirm.rolls.as_ref()?.all_tasks?;
    Some(match all {
        true => "a  every task is replaced; again: only what differs".to_owned(),
        false => "a  replace every task, not only what differs".to_owned(),
    })
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

fn scrolled(title: &str, lines: Vec<Line>, scroll: usize, (cx, area): (&Cx, Rect), buf: &mut Buffer) {
    let wide = lines.iter().map(|line| line.iter().map(|(text, _)| width(text)).sum()).max().unwrap_or(0);
    let inner = boxed(title, (wide.max(width(title)), lines.len()), cx, area, buf);
    let room = usize::from(inner.height);
    let from = scroll.min(lines.len().saturating_sub(room));
    for (row, line) in (0..inner.height).zip(lines.iter().skip(from)) {
        let mut pen = Pen::at(buf, inner, row);
        for (text, style) in line {
            pen.fit(text, *style);
        }
    }
    let below = lines.len().saturating_sub(from + room);
    if from + below > 0 {
        let told = format!(" {from} above, {below} below ");
        let bottom = Rect { y: inner.bottom(), height: 1, ..inner };
        Pen::at(buf, bottom, 0).last(width(&told)).put(&told, cx.theme.dim());
    }
}

fn help(scopes: Scopes, room: usize, cx: &Cx) -> Vec<Line> {
    let keys_of =
        |binding: &crate::app::keymap::Binding| binding.keys.iter().map(|key| shown(key)).collect::<Vec<_>>().join(" ");
    let wide = scopes.bindings().map(|binding| width(&keys_of(binding))).max().unwrap_or(0);
    let mut lines: Vec<Line> = Vec::new();
    let mut scope: Option<Scope> = None;
    for binding in scopes.bindings() {
        if scope != Some(binding.scope) {
            if scope.is_some() {
                lines.push(Vec::new());
            }
            scope = Some(binding.scope);
        }
        let keys = keys_of(binding);
        let mut before = (keys, cx.theme.accent());
        for part in broken(binding.help, room.saturating_sub(wide + 2)) {
            let blank = " ".repeat((wide + 2).saturating_sub(width(&before.0)));
            lines.push(vec![before, (blank, Style::new()), (part, Style::new())]);
            before = (String::new(), Style::new());
        }
    }
    lines
}

/// A sentence broken between words into lines of this width.
pub(super) fn broken(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if width(line) + 1 + width(word) <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn messages(app: &App, cx: &Cx) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for message in app.messages().newest_first() {
        let (state, style) = match message.level {
            Level::Info => (State::Done, Style::new()),
            Level::Warning => (State::Degraded, cx.theme.state(State::Degraded)),
            Level::Error => (State::Failed, cx.theme.state(State::Failed)),
        };
        let times = if message.times > 1 { format!(" ({})", count(message.times, "time")) } else { String::new() };
        lines.push(vec![
            (format!("{:>4} ", age(message.at, cx.now)), cx.theme.dim()),
            (format!("{} ", cx.theme.sign(state)), style),
            (format!("{}{times}", message.text), style),
        ]);
        let Some(fault) = &message.fault else { continue };
        let place = (!fault.place.is_empty()).then_some(("-->", &fault.place));
        let whys = fault.why.iter().map(|why| ("why:", why));
        for (word, text) in place.into_iter().chain(whys).chain([("mend:", &fault.mend)]) {
            lines.push(vec![(format!("       {word:>5} "), cx.theme.dim()), (text.clone(), Style::new())]);
        }
    }
    if lines.is_empty() {
        lines.push(vec![("nothing was told yet".to_owned(), cx.theme.dim())]);
    }
    lines
}
