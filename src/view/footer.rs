//! The bottom of the terminal: hints of this screen, or the line that is typed into; the last message above it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::{Clear, Widget};

use super::Cx;
use super::pen::{Pen, select};
use crate::app::format::{count, width};
use crate::app::keymap::{Binding, Scope, hints, shown};
use crate::app::prompt::{Kind, Prompt};
use crate::app::{App, Intent, Level, Screen};
use crate::model::State;

/// A question came while something was typed.
const WAITS: &str = "a question waits until this is sent or closed";

/// The last row.
pub fn footer(app: &App, cx: &Cx, area: Rect, buf: &mut Buffer) {
    match app.prompt() {
        Some(prompt) => typed(prompt, app, cx, area, buf),
        None => keys(app, cx, area, buf),
    }
}

/// The hints that fit, best first; the way to all others always stays.
fn keys(app: &App, cx: &Cx, area: Rect, buf: &mut Buffer) {
    let unseen = app.messages().unseen();
    let news = if app.is_holding() {
        WAITS.to_owned()
    } else if unseen > 0 {
        count(unseen as u64, "message")
    } else {
        String::new()
    };
    let all = hints(app.views().top().scopes(), app.settings().read_only);
    let plan = match app.views().top() {
        Screen::Plan(plan) => Some(plan),
        _ => None,
    };
    // What would do nothing is not offered.
    let offered =
        |binding: &&Binding| binding.scope != Scope::Plan || plan.is_none_or(|plan| plan.offers(binding.intent));
    let all = all.into_iter().filter(|binding| offered(binding) && app.is_of_use(binding.intent));
    let (more, rest): (Vec<_>, Vec<_>) = all.partition(|binding| binding.intent == Intent::Help);
    let name = |key: &str| match (key, cx.theme.ascii) {
        ("enter", false) => "⏎".to_owned(),
        _ => shown(key),
    };
    let texts = |binding: &Binding| {
        let verb = plan.filter(|_| (binding.scope, binding.intent) == (Scope::Plan, Intent::Open));
        let label = verb.map_or(binding.label, |plan| plan.verb());
        (binding.keys.first().copied().map(name).unwrap_or_default(), label)
    };
    let long = |(key, label): &(String, &str)| width(key) + 1 + width(label) + 2;
    let more: Vec<_> = more.into_iter().map(texts).collect();
    let kept: usize = more.iter().map(long).sum::<usize>() + width(&news) + 2;
    let mut room = usize::from(area.width).saturating_sub(kept);
    let mut pen = Pen::at(buf, area, 0);
    pen.skip(1);
    for hint in rest
        .into_iter()
        .map(texts)
        .take_while(|hint| {
            let fits = long(hint) <= room;
            room = room.saturating_sub(long(hint));
            fits
        })
        .chain(more.clone())
    {
        pen.put(&hint.0, cx.theme.accent()).put(" ", Style::new()).put(hint.1, Style::new()).skip(2);
    }
    if !news.is_empty() {
        pen.last(width(&news) + 1).put(&news, cx.theme.dim());
    }
}

fn typed(prompt: &Prompt, app: &App, cx: &Cx, area: Rect, buf: &mut Buffer) {
    let theme = cx.theme;
    let sign = match prompt.kind {
        Kind::Palette => ":",
        Kind::Sift => "&",
        Kind::Command => "$",
        Kind::Filter | Kind::Search => "/",
    };
    let fault = app.fault();
    let mut pen = Pen::at(buf, area, 0);
    pen.put(" ", Style::new()).put(sign, if fault.is_some() { theme.fault() } else { theme.accent() });
    let at = prompt.input.cursor();
    let text: Vec<char> = prompt.text().chars().collect();
    // What does not fit goes off at the left, so that the cursor is always seen.
    let from = at.saturating_sub(pen.left().saturating_sub(2));
    let part = |from: usize, to: usize| text.iter().skip(from).take(to.saturating_sub(from)).collect::<String>();
    let ghost = prompt.ghost().unwrap_or_default();
    pen.put(&part(from, at), theme.strong());
    if at < text.len() {
        pen.put(&part(at, at + 1), theme.selected()).put(&part(at + 1, text.len()), theme.strong());
    } else {
        let mut rest = ghost.chars();
        let under = rest.next().map_or_else(|| " ".to_owned(), String::from);
        pen.put(&under, theme.selected()).put(rest.as_str(), theme.dim());
    }
    let told = match (fault, prompt.kind) {
        (Some(fault), _) => format!("cannot be read: {fault}"),
        (None, _) if app.is_holding() => WAITS.to_owned(),
        (None, Kind::Filter) if prompt.text().is_empty() => {
            "words, or tier: state: node: stack: name: image: role: · ! inverts".to_owned()
        }
        (None, Kind::Palette) if prompt.text().is_empty() => {
            "a screen, stack, service or node; or redeploy, logs, describe and a name".to_owned()
        }
        (None, Kind::Command) if prompt.text().is_empty() => {
            format!("a line of shell, for {}", crate::model::text::counted(app.aimed() as u64, "node"))
        }
        _ => String::new(),
    };
    let style = match fault {
        Some(_) => theme.fault(),
        None if app.is_holding() => theme.state(State::Degraded),
        None => theme.dim(),
    };
    pen.skip(2).fit(&told, style);
}

/// What the palette offers, over the lower end of the screen.
pub fn offers(prompt: &Prompt, cx: &Cx, body: Rect, buf: &mut Buffer) {
    let rows = u16::try_from(prompt.offers.len()).unwrap_or(body.height).min(body.height);
    if prompt.kind != Kind::Palette || rows == 0 {
        return;
    }
    let longest = prompt.offers.iter().map(|offer| width(&offer.label)).max().unwrap_or(0);
    let area = Rect { y: body.bottom() - rows, height: rows, ..body };
    Clear.render(area, buf);
    for (row, (at, offer)) in (0..rows).zip(prompt.offers.iter().enumerate()) {
        let mut pen = Pen::at(buf, area, row);
        pen.skip(2).column(&offer.label, longest, cx.theme.strong()).skip(2).fit(offer.kind, cx.theme.dim());
        if at == prompt.at {
            select(buf, area, row, cx.theme);
        }
    }
}

/// The last message, on the rule above the footer; where there is no rule, on the footer itself.
pub fn message(app: &App, cx: &Cx, area: Rect, buf: &mut Buffer) {
    let theme = cx.theme;
    let is_rule = area.y + 1 < buf.area.bottom();
    let Some(message) = app.messages().current(cx.now) else {
        if is_rule {
            Pen::at(buf, area, 0).rule(theme);
        }
        return;
    };
    if !is_rule && app.prompt().is_some() {
        return;
    }
    if !is_rule {
        Clear.render(area, buf);
    }
    let (state, style) = match message.level {
        Level::Info => (State::Done, theme.strong()),
        Level::Warning => (State::Degraded, theme.state(State::Degraded)),
        Level::Error => (State::Failed, theme.fault()),
    };
    let times = if message.times > 1 { format!(" (×{})", message.times) } else { String::new() };
    let hint = if message.level == Level::Error { " E all · esc seen " } else { "" };
    let mut pen = Pen::at(buf, area, 0);
    pen.put(if is_rule { theme.line() } else { " " }, theme.rule()).put(" ", style);
    pen.put(&format!("{} ", theme.sign(state)), style);
    let room = pen.left().saturating_sub(width(hint) + 1);
    let text = super::pen::cut(&format!("{}{times}", message.text), room);
    pen.put(&text, style).put(" ", style);
    if is_rule {
        pen.rule(theme);
        Pen::at(buf, area, 0).last(width(hint)).put(hint, theme.dim());
    } else {
        pen.last(width(hint)).put(hint, theme.dim());
    }
}
