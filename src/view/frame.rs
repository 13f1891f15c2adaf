//! The whole terminal: header, breadcrumbs, screen, rule, footer, and what lies over them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;

use super::overview::Overview;
use super::pen::{Pen, dim, plain};
use super::theme::Theme;
use super::{Cx, describe, footer, header, logs, plan, popups, table};
use crate::app::screens::{What, World};
use crate::app::{App, Screen, layout};

/// Draws everything. The only way in from outside.
pub fn frame(app: &App, theme: Theme, area: Rect, buf: &mut Buffer) {
    if layout::is_too_small((area.width, area.height)) {
        let need = format!("needs {}×{}, has {}×{}", layout::MIN_WIDTH, layout::MIN_HEIGHT, area.width, area.height);
        Pen::at(buf, area, 0).fit(&need, theme.strong());
        return plain(buf, area, theme);
    }
    let cx = Cx { theme, now: app.now() };
    let rows = layout::rows(area.height);
    let mut rest = area;
    let mut take = |height: u16| {
        let part = Rect { height: height.min(rest.height), ..rest };
        rest = Rect { y: rest.y + part.height, height: rest.height - part.height, ..rest };
        part
    };
    header::header(app, &cx, take(rows.header), buf);
    header::crumbs(app, &cx, take(rows.crumbs), buf);
    let body = take(rows.body);
    screen(app, &cx, body, buf);
    if !app.picture().swarm.link.is_live() && app.picture().swarm.known && matches!(app.views().top(), Screen::List(_))
    {
        dim(buf, body);
    }
    let rule = take(rows.rule);
    let foot = take(rows.footer);
    footer::footer(app, &cx, foot, buf);
    footer::message(app, &cx, if rule.height > 0 { rule } else { foot }, buf);
    if let Some(prompt) = app.prompt() {
        footer::offers(prompt, &cx, body, buf);
    }
    for popup in app.popups() {
        popups::popup(popup, app, &cx, Rect { height: rows.header + rows.crumbs + rows.body, ..area }, buf);
    }
    plain(buf, area, theme);
}

fn screen(app: &App, cx: &Cx, area: Rect, buf: &mut Buffer) {
    match app.views().top() {
        Screen::List(screen) => {
            // Numbers of machines want the whole width.
            let whole = matches!(screen.what, What::Usage(_) | What::Disk | What::Storage(_) | What::Output(_));
            let (left, right) = if whole { (area, None) } else { beside(area) };
            table::table(screen, app, cx, left, buf);
            if let Some(right) = right {
                detail(app, cx, right, buf);
            }
        }
        Screen::Overview(view) => {
            Overview { picture: app.picture(), board: app.board(), view, cx }.render(area, buf);
        }
        Screen::Logs(log) => logs::logs(app.picture(), &log.view, cx, area, buf),
        Screen::Plan(screen) => plan::plan(screen, cx, area, buf),
        Screen::Page(page) => describe::describe(page, cx, area, buf),
    }
}

/// On a wide terminal, the right part of it is for what is selected.
fn beside(area: Rect) -> (Rect, Option<Rect>) {
    if area.width < layout::WIDE {
        return (area, None);
    }
    let width = (area.width * 2 / 5).clamp(60, 90);
    let left = Rect { width: area.width - width - 1, ..area };
    (left, Some(Rect { x: left.right(), width: width + 1, ..area }))
}

/// All about what is selected, as far as there is room.
fn detail(app: &App, cx: &Cx, area: Rect, buf: &mut Buffer) {
    let world = World {
        picture: app.picture(),
        board: app.board(),
        survey: app.survey(),
        drift: app.drift(),
        done: app.done(),
        now: app.now(),
    };
    for row in 0..area.height {
        Pen::at(buf, area, row).put(cx.theme.bar(), cx.theme.rule());
    }
    let room = Rect { x: area.x + 1, width: area.width - 1, ..area };
    let subject = app.views().top().subject(app.picture());
    if let Some(described) = subject.and_then(|subject| crate::app::describe::describe(&subject, world)) {
        describe::glance(&described, cx, room, buf);
    }
}
