//! The one table: lays out columns, draws the rows on screen and no others.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Cx;
use super::pen::{Pen, cut, cut_front, select};
use crate::app::App;
use crate::app::format::{age, width};
use crate::app::list::{Align, Cell, Column, Filter, List, Row};
use crate::app::screens::ListScreen;
use crate::model::{Link, State};

/// Columns between two columns.
const GAP: usize = 2;
/// What a column that takes what is left would like to have, before others are dropped for it.
const PREFERRED: usize = 40;
/// From here on the wide columns are shown unasked.
const ROOMY: u16 = 180;

/// A column that is shown: its place in the row, and the columns it gets.
type Laid = (usize, Column, usize);

/// Draws a list with its header row, or says why there is none.
pub fn table(screen: &ListScreen, app: &App, cx: &Cx, area: Rect, buf: &mut Buffer) {
    if !app.picture().swarm.known && screen.what != crate::app::screens::What::Queue {
        return connecting(app, cx, area, buf);
    }
    let list = &screen.list;
    let (shown, all) = list.counts();
    if all == 0 || (shown == 0 && list.visible().next().is_none()) {
        let asking = screen.what.asked().is_some() && app.survey().nodes.is_empty();
        let text = match (all, list.filter.is_empty()) {
            (0, _) if asking => "asking the engines of the nodes …".to_owned(),
            (0, _) => screen.what.empty().to_owned(),
            (_, true) => format!("0 of {all} have a fault · esc shows all"),
            (_, false) => format!("0 of {all} match · esc clears"),
        };
        Pen::at(buf, area, 1).skip(2).fit(&text, cx.theme.dim());
        return;
    }
    let unfolds = list.is_tree();
    let laid = lay_out(screen.what.columns(), list, area.width, unfolds);
    head(&laid, list, cx, area, buf);
    let page = usize::from(area.height.saturating_sub(1));
    for (row, (selected, item)) in (1..).zip(list.on_screen(page)) {
        draw(item, (&laid, unfolds), (list, cx), Rect { y: area.y + row, height: 1, ..area }, buf);
        if selected {
            select(buf, area, row, cx.theme);
        }
    }
    let (above, below) = list.beyond(page);
    if above + below > 0 {
        let told = format!(" ↑{above} ↓{below} ");
        let told = if cx.theme.ascii { told.replace('↑', "^").replace('↓', "v") } else { told };
        let crumbs = Rect { y: area.y.saturating_sub(1), height: 1, ..area };
        Pen::at(buf, crumbs, 0).last(width(&told)).put(&told, cx.theme.dim());
    }
}

fn connecting(app: &App, cx: &Cx, area: Rect, buf: &mut Buffer) {
    let (to, why) = match &app.picture().swarm.link {
        Link::Connecting { to, why } => (to.as_str(), why.as_deref()),
        Link::Stale { why, .. } => ("", Some(why.as_str())),
        Link::Live { .. } => ("", None),
    };
    let to = if to.is_empty() { "the swarm" } else { to };
    Pen::at(buf, area, 1).skip(2).fit(&format!("connecting to {to} …"), cx.theme.strong());
    if let Some(why) = why {
        Pen::at(buf, area, 2).skip(2).put("why  ", cx.theme.dim()).fit(why, Style::new());
        Pen::at(buf, area, 3).skip(2).put("R    ", cx.theme.accent()).fit("tries again now", cx.theme.dim());
    }
}

/// Chooses the columns that fit and shares out the room. The least important goes first.
fn lay_out(columns: &[Column], list: &List, room: u16, unfolds: bool) -> Vec<Laid> {
    let room = usize::from(room).saturating_sub(1);
    let roomy = list.wide || room >= usize::from(ROOMY);
    let mut laid: Vec<Laid> = columns
        .iter()
        .enumerate()
        .filter(|(_, column)| roomy || !column.wide)
        .map(|(at, column)| {
            let lead = if unfolds && at == 0 { 4 } else { 0 };
            let cells = list.widths().get(at).copied().unwrap_or(0) + lead;
            let wanted = cells.max(width(column.title)).clamp(column.min, column.max.max(column.min));
            (at, *column, if column.grows { PREFERRED } else { wanted })
        })
        .collect();
    // A column in which nothing ever stood takes no room.
    laid.retain(|(at, column, _)| column.keep == 0 || list.widths().get(*at).is_none_or(|width| *width > 0));
    let taken = |laid: &[Laid]| laid.iter().map(|(_, _, width)| width + GAP).sum::<usize>();
    let wished: Vec<Laid> = laid.iter().filter(|(_, column, _)| column.shrinks).copied().collect();
    for (_, column, width) in laid.iter_mut().filter(|(_, column, _)| column.shrinks) {
        *width = column.min.min(*width);
    }
    while taken(&laid) > room {
        let goes = laid_max(&laid);
        let grown = laid.iter_mut().find(|(_, column, width)| column.grows && *width > column.min);

        match (grown, goes) {
            (Some((_, column, width)), goes) if goes <= column.keep => *width = column.min,
            (_, goes) if goes > 0 => laid.retain(|(_, column, _)| column.keep < goes),
            _ => break,
        }
    }
    let over = taken(&laid).saturating_sub(room);
    if let Some((_, column, width)) = laid.iter_mut().filter(|(_, c, _)| c.align == Align::Left).max_by_key(|l| l.2) {
        *width = width.saturating_sub(over).max(column.min.min(8));
    }
    // What was narrowed comes first where room is left, then what grows.
    for (at, _, wish) in wished {
        let left = room.saturating_sub(taken(&laid));
        if let Some((_, _, width)) = laid.iter_mut().find(|(own, _, _)| *own == at) {
            *width = wish.min(*width + left);
        }
    }
    let left = room.saturating_sub(taken(&laid));
    if let Some((_, _, width)) = laid.iter_mut().find(|(_, column, _)| column.grows) {
        *width += left;
    }
    laid
}

/// Which columns go next.
fn laid_max(laid: &[Laid]) -> u8 {
    laid.iter().map(|(_, column, _)| column.keep).max().unwrap_or(0)
}

fn head(laid: &[Laid], list: &List, cx: &Cx, area: Rect, buf: &mut Buffer) {
    let mut pen = Pen::at(buf, area, 0);
    pen.skip(1);
    for (at, column, columns) in laid {
        let sorted = list.sort().filter(|(by, _)| by == at);
        let style = if sorted.is_some() { cx.theme.accent() } else { cx.theme.dim() };
        let marker = match (sorted, cx.theme.ascii) {
            (None, _) => "",
            (Some((_, false)), false) => "↓",
            (Some((_, true)), false) => "↑",
            (Some((_, false)), true) => "v",
            (Some((_, true)), true) => "^",
        };
        let title = format!("{}{marker}", column.title);
        // The marker stands in the gap, so that no column moves when the sort does.
        match column.align {
            Align::Left => pen.column(&title, columns + 1, style).skip(GAP - 1),
            Align::Right => {
                let spare = usize::from(marker.is_empty());
                pen.skip(columns.saturating_sub(width(column.title)));
                pen.put(&title, style).skip(GAP - 1 + spare)
            }
        };
    }
}

fn draw(row: &Row, (laid, unfolds): (&[Laid], bool), (list, cx): (&List, &Cx), area: Rect, buf: &mut Buffer) {
    let marked = list.marks().contains(&row.subject);
    let mut pen = Pen::at(buf, area, 0);
    pen.put(if marked { cx.theme.mark() } else { " " }, cx.theme.accent());
    for (at, column, columns) in laid {
        let mut columns = *columns;
        if unfolds && *at == 0 {
            let indent = (usize::from(row.depth) * 2).min(columns);
            let sign = match (row.unfolds, cx.theme.ascii) {
                (Some(true), false) => "▾ ",
                (Some(false), false) => "▸ ",
                (Some(true), true) => "- ",
                (Some(false), true) => "+ ",
                (None, _) => "",
            };
            columns -= indent;
            pen.skip(indent).column(sign, columns.min(2), cx.theme.dim());
            columns = columns.saturating_sub(2);
        }
        let empty = Cell::None;
        let cell = row.cells.get(*at).unwrap_or(&empty);
        let base = if row.quiet || column.quiet { cx.theme.dim() } else { Style::new() };
        let base = if row.header || (*at == name_column(laid) && !row.quiet) { cx.theme.strong() } else { base };
        put(&mut pen, cell, columns, (row, column, base), (&list.filter, cx));
        pen.skip(GAP);
    }
}

/// The first column of words that is no state: the name of the thing.
fn name_column(laid: &[Laid]) -> usize {
    laid.iter().find(|(_, column, _)| column.align == Align::Left && column.title != "STATE").map_or(0, |l| l.0)
}

fn put(
    pen: &mut Pen<'_>,
    cell: &Cell,
    columns: usize,
    (row, column, style): (&Row, &Column, Style),
    (filter, cx): (&Filter, &Cx),
) {
    match cell {
        Cell::None => {
            pen.skip(columns);
        }
        Cell::State(state, word) => {
            let style = cx.theme.state(*state);
            let style = if row.quiet { style.patch(cx.theme.dim()) } else { style };
            pen.put(&cx.theme.sign(*state).to_string(), style).put(" ", style);
            found(pen, word, columns.saturating_sub(2), style, (filter, cx));
        }
        Cell::Text(text) if column.shrinks => found(pen, &cut_front(text, columns), columns, style, (filter, cx)),
        Cell::Text(text) if column.align == Align::Left => found(pen, text, columns, style, (filter, cx)),
        Cell::Text(text) | Cell::Number(_, text) => {
            pen.number(&cut(text, columns), columns, style);
        }
        Cell::Share(have, want) => {
            let lacks = have < want && !row.state.is_settled();
            let style = if lacks { cx.theme.state(row.state.max(State::Converging)) } else { style };
            pen.number(&format!("{have}/{want}"), columns, style);
        }
        Cell::When(at) => {
            let text = at.map(|at| age(at, cx.now)).unwrap_or_default();
            pen.number(&text, columns, style);
        }
    }
}

/// Text in a column, with what the filter found in it.
fn found(pen: &mut Pen<'_>, text: &str, columns: usize, style: Style, (filter, cx): (&Filter, &Cx)) {
    let text = cut(text, columns);
    let mut at = 0;
    for span in filter.spans(&text) {
        pen.put(text.get(at..span.start).unwrap_or_default(), style);
        pen.put(text.get(span.clone()).unwrap_or_default(), style.patch(cx.theme.found()));
        at = span.end;
    }
    pen.put(text.get(at..).unwrap_or_default(), style).skip(columns.saturating_sub(width(&text)));
}
