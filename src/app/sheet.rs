//! The text of what lies over the screen, row by row as wide as there is room, so that scrolling needs no screen.
//! Nothing is cut: what is too long goes on below.

use super::format::{age, count, width};
use super::keymap::{Binding, Scope, Scopes, shown};
use super::popup::{Confirm, Typing};
use super::{App, Asking, Level, Popup, layout, redeploy, wrap};
use crate::model::State;

/// How a piece of text is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As it is.
    Plain,
    /// It matters more.
    Strong,
    /// It matters less.
    Dim,
    /// A key.
    Accent,
    /// As grave as this state.
    Of(State),
    /// The sign of this state, in place of the text.
    Sign(State),
    /// The cursor stands here.
    Cursor,
}

/// Pieces of one row.
pub type Line = Vec<(String, Tone)>;

/// What lies over the screen, as text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sheet {
    /// What stands on its border.
    pub title: String,
    /// What can be scrolled.
    pub lines: Vec<Line>,
    /// What always stands below.
    pub below: Vec<Line>,
    /// Rows that must be left for buttons under that.
    pub buttons: usize,
    /// Columns it wants at least.
    pub wide: usize,
    /// Rows of the tallest thing in it: with less room it cannot be read.
    pub tallest: usize,
}

impl Sheet {
    /// Of a popup; none where it is no text. `columns` is the room inside its border.
    #[must_use]
    pub fn of(popup: &Popup, app: &App, columns: usize) -> Option<Self> {
        match popup {
            Popup::Confirm(confirm) => Some(question(confirm, app, columns)),
            Popup::Help { scopes, .. } => {
                let lines = help(*scopes, columns);
                Some(Self { title: "keys of this screen · esc closes".to_owned(), lines, ..Self::default() })
            }
            Popup::Messages { .. } => {
                let lines = messages(app, columns);
                Some(Self { title: "messages · esc closes".to_owned(), lines, ..Self::default() })
            }
            Popup::Ask(asking) => Some(asked(asking, columns)),
            Popup::OwnLog => None,
        }
    }

    /// Rows of text that are seen on so many rows, borders included.
    #[must_use]
    pub fn room(&self, rows: usize) -> usize {
        rows.saturating_sub(2 + self.below.len() + self.buttons)
    }

    /// The last row to which it can be scrolled.
    #[must_use]
    pub fn last(&self, rows: usize) -> usize {
        self.lines.len().saturating_sub(self.room(rows))
    }
}

/// The room that what lies over the screen has inside and outside its border: columns, rows.
#[must_use]
pub fn room((width, height): (u16, u16)) -> (usize, usize) {
    let rows = layout::rows(height);
    (usize::from(width).saturating_sub(4), usize::from(rows.header + rows.crumbs + rows.body))
}

fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// A text broken into rows, each after this many columns that the first row has filled.
fn hanging(first: Line, text: &str, tone: Tone, columns: usize) -> Vec<Line> {
    let before: usize = first.iter().map(|(text, tone)| if let Tone::Sign(_) = tone { 1 } else { width(text) }).sum();
    let mut first = Some(first);
    let rows = wrap::words(text, columns.saturating_sub(before).max(1));
    let indent = || vec![(" ".repeat(before), Tone::Plain)];
    rows.into_iter()
        .map(|row| {
            let mut line = first.take().unwrap_or_else(indent);
            line.push((row, tone));
            line
        })
        .collect()
}

fn question(confirm: &Confirm, app: &App, columns: usize) -> Sheet {
    let (mut notes, outdated) = (Vec::new(), redeploy::outdated(confirm, app.picture()));
    if !outdated.is_empty() {
        let text = format!("changed since this was asked, will be refused: {}", outdated.join(", "));
        notes.push((text, Tone::Of(State::Degraded)));
    }
    notes.extend(confirm.notes.iter().map(|note| (note.clone(), Tone::Dim)));
    let below: Vec<(String, Tone)> =
        every_task(confirm).map(|text| (text.to_owned(), Tone::Accent)).into_iter().collect();
    let longest = |of: fn(&super::Item) -> &String| confirm.items.iter().map(|item| width(of(item))).max().unwrap_or(0);
    let (names, amounts, hows) = (longest(|item| &item.name), longest(|item| &item.amount), longest(|item| &item.how));
    // Where one row is too short, how it is done stands below each name.
    let aside = names + amounts + hows + 4 <= columns;
    let wide = if aside { names + amounts + hows + 4 } else { (names + amounts + 2).max(hows + 2) };
    let texts = notes.iter().chain(&below).map(|(text, _)| width(text));
    let wide = texts.chain([wide, width(&confirm.sums_up), 44]).max().unwrap_or(0).min(columns);
    let mut lines = hanging(Vec::new(), &confirm.sums_up, Tone::Strong, wide);
    lines.push(Vec::new());
    let mut tallest = 0;
    for item in &confirm.items {
        let before = lines.len();
        let (text, amount) = (item.name.trim_start(), width(&item.amount).max(amounts));
        let indent = " ".repeat(width(&item.name) - width(text));
        let column = names.min(wide.saturating_sub(amount + 2)).max(1);
        let mut row = hanging(vec![(indent, Tone::Plain)], text, Tone::Plain, column);
        if let Some(first) = row.first_mut() {
            let used: usize = first.iter().map(|(text, _)| width(text)).sum();
            let blank = (column + 2).saturating_sub(used) + amount - width(&item.amount);
            first.push((format!("{}{}", " ".repeat(blank), item.amount), Tone::Plain));
            if aside && !item.how.is_empty() {
                first.push((format!("  {}", item.how), Tone::Dim));
            }
        }
        lines.extend(row);
        if !aside && !item.how.is_empty() {
            lines.extend(hanging(vec![("  ".to_owned(), Tone::Plain)], &item.how, Tone::Dim, wide));
        }
        tallest = tallest.max(lines.len() - before);
    }
    lines.extend(notes.iter().flat_map(|(note, tone)| hanging(Vec::new(), note, *tone, wide)));
    let mut below: Vec<Line> = below.iter().flat_map(|(text, tone)| hanging(Vec::new(), text, *tone, wide)).collect();
    below.extend(confirm.typing.iter().flat_map(|typing| typed(typing, wide)));
    below.push(Vec::new());
    Sheet { title: confirm.title.clone(), lines, below, buttons: 1, wide, tallest }
}

fn asked(asking: &Asking, columns: usize) -> Sheet {
    let (title, texts) = (asking.question.title.clone(), &asking.question.lines);
    let wide = texts.iter().map(|line| width(line)).chain([width(&title) + 2, 44]).max().unwrap_or(0).min(columns);
    let lines = texts.iter().flat_map(|line| hanging(Vec::new(), line, Tone::Plain, wide)).collect();
    Sheet { title, lines, below: vec![Vec::new()], buttons: 1, wide, ..Sheet::default() }
}

/// The word that has to be typed, and what was typed.
fn typed(typing: &Typing, columns: usize) -> Vec<Line> {
    let mut lines = hanging(Vec::new(), &format!("type {} to go on:", typing.word), Tone::Strong, columns);
    let so_far = [(format!(" {}", typing.typed), Tone::Accent), (" ".to_owned(), Tone::Cursor)];
    match lines.last_mut() {
        Some(last) if last.iter().map(|(text, _)| width(text)).sum::<usize>() + width(&typing.word) + 2 <= columns => {
            last.extend(so_far);
        }
        _ => lines.push(so_far.into()),
    }
    lines
}

/// The key that takes every task along, and whether it does.
fn every_task(confirm: &Confirm) -> Option<&'static str> {
    Some(match confirm.rolls.as_ref()?.all_tasks? {
        true => "a  every task is replaced; again: only what differs",
        false => "a  replace every task, not only what differs",
    })
}

fn help(scopes: Scopes, columns: usize) -> Vec<Line> {
    let keys_of = |binding: &Binding| binding.keys.iter().map(|key| shown(key)).collect::<Vec<_>>().join(" ");
    let wide = scopes.bindings().map(|binding| width(&keys_of(binding))).max().unwrap_or(0);
    let mut lines: Vec<Line> = Vec::new();
    let mut scope: Option<Scope> = None;
    for binding in scopes.bindings() {
        if scope.is_some_and(|scope| scope != binding.scope) {
            lines.push(Vec::new());
        }
        scope = Some(binding.scope);
        let keys = vec![(pad(&keys_of(binding), wide + 2), Tone::Accent)];
        lines.extend(hanging(keys, binding.help, Tone::Plain, columns));
    }
    lines
}

fn messages(app: &App, columns: usize) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for message in app.messages().newest_first() {
        let (state, tone) = match message.level {
            Level::Info => (State::Done, Tone::Plain),
            Level::Warning => (State::Degraded, Tone::Of(State::Degraded)),
            Level::Error => (State::Failed, Tone::Of(State::Failed)),
        };
        let times = if message.times > 1 { format!(" ({})", count(message.times, "time")) } else { String::new() };
        let age = (format!("{:>4} ", age(message.at, app.now())), Tone::Dim);
        let head = vec![age, (String::new(), Tone::Sign(state)), (" ".to_owned(), Tone::Plain)];
        lines.extend(hanging(head, &format!("{}{times}", message.text), tone, columns));
        let Some(fault) = &message.fault else { continue };
        let place = (!fault.place.is_empty()).then_some(("-->", &fault.place));
        let whys = fault.why.iter().map(|why| ("why:", why));
        for (word, text) in place.into_iter().chain(whys).chain([("mend:", &fault.mend)]) {
            lines.extend(hanging(vec![(format!("       {word:>5} "), Tone::Dim)], text, Tone::Plain, columns));
        }
    }
    if lines.is_empty() {
        lines.push(vec![("nothing was told yet".to_owned(), Tone::Dim)]);
    }
    lines
}
