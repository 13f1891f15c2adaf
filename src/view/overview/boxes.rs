//! Machines as boxes, managers before workers, in as many rows as it takes.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::nodes::{load, platform, ratio, reservations, role, troubled, word};
use super::{Scene, take};
use crate::app::format::{count, width};
use crate::app::{Pane, Subject};
use crate::model::Node;
use crate::view::pen::{Pen, gauge};

/// The narrowest box.
const NARROW: u16 = 22;
/// The widest box.
const WIDE: u16 = 32;
/// Columns between managers and workers in one row.
const BETWEEN: u16 = 2;

/// How many boxes stand in a row, and how large each is.
pub struct Grid {
    width: u16,
    inner: u16,
    per_row: u16,
    /// Rows of boxes of each group; managers and workers share one row if `one_row`.
    rows: [u16; 2],
    one_row: bool,
    title: u16,
}

impl Grid {
    /// Boxes with at most this many lines inside, in this width: none that all boxes would leave empty.
    pub fn of(scene: &Scene<'_>, width: u16, inner: u16) -> Self {
        let mut grid = Self::sized(scene, width, inner);
        let columns = usize::from(grid.width.saturating_sub(4));
        let loads = scene.picture.nodes.values();
        let stacks = loads.map(|load| wrap(&load.stacks, columns, usize::from(inner)).len()).max().unwrap_or(0);
        grid.inner = inner.min(u16::try_from(stacks).unwrap_or(0) + 5);
        grid
    }

    fn sized(scene: &Scene<'_>, width: u16, inner: u16) -> Self {
        let title = scene.title_rows();
        let counts = [&scene.managers, &scene.workers].map(|group| u16::try_from(group.len()).unwrap_or(u16::MAX));
        let groups = counts.iter().filter(|count| **count > 0).count();
        let total = counts.iter().fold(0, |sum: u16, count| sum.saturating_add(*count)).max(1);
        let between = if groups == 2 { BETWEEN } else { 0 };
        let usable = width.saturating_sub(1);
        let one_row = total.saturating_mul(NARROW + 1).saturating_add(between) <= usable;
        if one_row {
            let each = ((usable - between) / total).saturating_sub(1).clamp(NARROW, WIDE);
            return Self { width: each, inner, per_row: total, rows: [1, 0], one_row, title };
        }
        let per_row = (usable / (NARROW + 1)).max(1);
        let each = (usable / per_row).saturating_sub(1).clamp(NARROW, WIDE);
        Self { width: each, inner, per_row, rows: counts.map(|count| count.div_ceil(per_row)), one_row, title }
    }

    /// Rows on screen, with the headings of the groups and the title.
    pub fn height(&self) -> u16 {
        let [managers, workers] = self.rows;
        let headings = u16::from(managers > 0) + u16::from(workers > 0);
        managers.saturating_add(workers).saturating_mul(self.inner + 2).saturating_add(headings + self.title)
    }

    /// Draws them.
    pub fn draw(&self, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
        let groups = [("managers", &scene.managers), ("workers", &scene.workers)];
        let mut rest = area;
        let mut x = 1;
        for (name, nodes) in groups.into_iter().filter(|(_, nodes)| !nodes.is_empty()) {
            let heading = if self.one_row { Rect { height: 1, ..rest } } else { take(&mut rest, 1) };
            Pen::at(buf, heading, 0).skip(usize::from(x) + 1).fit(name, scene.cx.theme.dim());
            for line in nodes.chunks(usize::from(self.per_row)) {
                let mut row = if self.one_row {
                    Rect { y: rest.y + 1, height: rest.height.saturating_sub(1), ..rest }
                } else {
                    take(&mut rest, self.inner + 2)
                };
                row.x += x;
                for node in line {
                    let place = Rect { width: self.width, height: self.inner + 2, ..row };
                    self.machine(scene, node, place.intersection(area), buf);
                    row.x += self.width + 1;
                }
                if self.one_row {
                    x = row.x - rest.x + BETWEEN;
                }
            }
        }
    }

    fn machine(&self, scene: &Scene<'_>, node: &Node, area: Rect, buf: &mut Buffer) {
        let theme = scene.cx.theme;
        frame(scene, node, area, buf);
        let inside = Rect {
            x: area.x + 2,
            y: area.y + 1,
            width: area.width.saturating_sub(4),
            height: area.height.saturating_sub(2),
        };
        let load = load(scene, node);
        let style = theme.state(load.state);
        let mut row = 0..;
        let mut next = || row.next().unwrap_or(u16::MAX);

        let mut pen = Pen::at(buf, inside, next());
        pen.put(&format!("{} {}", theme.sign(load.state), word(node)), style);
        if node.manager.is_some() {
            let unreachable = role(node) == "unreachable";
            pen.skip(2).fit(role(node), if unreachable { theme.fault() } else { Style::new() });
        }
        if self.inner > 3 {
            Pen::at(buf, inside, next()).fit(&platform(scene, node), theme.dim());
        }
        if self.inner > 3 || !node.is_ready() {
            for (what, part, whole) in reservations(node, &load) {
                if self.inner == 3 && what == "mem" {
                    continue;
                }
                let mut pen = Pen::at(buf, inside, next());
                pen.put(what, theme.dim()).skip(1);
                if node.is_ready() {
                    let numbers = ratio(what, part, whole);
                    let cells = pen.left().saturating_sub(width(&numbers) + 1).min(10);
                    pen.put(&gauge(theme, part, whole, cells), Style::new()).skip(1).put(&numbers, Style::new());
                } else {
                    pen.put("–", theme.dim());
                }
            }
        } else {
            let mut pen = Pen::at(buf, inside, next());
            for (what, part, whole) in reservations(node, &load) {
                pen.put(what, theme.dim()).skip(1).put(&gauge(theme, part, whole, 4), Style::new()).skip(1);
            }
        }
        let tasks =
            if load.unknown > 0 { format!("{} ?", count(load.unknown, "task")) } else { count(load.tasks, "task") };
        let mut pen = Pen::at(buf, inside, next());
        pen.put(&tasks, Style::new()).skip(2).put(&troubled(scene, &load), theme.state(crate::model::State::Degraded));
        for line in wrap(&load.stacks, usize::from(inside.width), usize::from(self.inner.saturating_sub(5))) {
            Pen::at(buf, inside, next()).fit(&line, theme.dim());
        }
    }
}

/// The border, with the name in it; the name is reversed under the cursor.
fn frame(scene: &Scene<'_>, node: &Node, area: Rect, buf: &mut Buffer) {
    let theme = scene.cx.theme;
    let [top_left, top_right, low_left, low_right] = if theme.ascii { ["+"; 4] } else { ["┌", "┐", "└", "┘"] };
    let selected = scene.is_selected(Pane::Nodes, &Subject::Node(node.id.clone()));
    let (edge, name) =
        if selected { (Style::new(), theme.strong().patch(theme.selected())) } else { (theme.dim(), theme.strong()) };
    let star = if node.is_leader() { format!("{} ", theme.leader()) } else { String::new() };
    let mut pen = Pen::at(buf, area, 0);
    pen.put(top_left, edge);
    let room = pen.left().saturating_sub(width(&star) + 4);
    let title = format!(" {} {star}", crate::view::pen::cut(&node.hostname, room));
    pen.put(&title, name);
    let line = theme.line().repeat(pen.left().saturating_sub(1));
    pen.put(&line, edge).put(top_right, edge);
    for row in 1..area.height.saturating_sub(1) {
        Pen::at(buf, area, row).put(theme.bar(), edge).last(1).put(theme.bar(), edge);
    }
    let mut pen = Pen::at(buf, area, area.height.saturating_sub(1));
    let line = theme.line().repeat(pen.left().saturating_sub(2));
    pen.put(low_left, edge).put(&line, edge).put(low_right, edge);
}

/// Names over a few lines; the last one says how many are left out.
fn wrap(names: &[String], columns: usize, lines: usize) -> Vec<String> {
    let mut wrapped: Vec<String> = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let left = names.len() - at;
        let last = wrapped.len() >= lines;
        let more = format!(" …{left}");
        let reserve = if last && left > 1 { width(&more) } else { 0 };
        match wrapped.last_mut() {
            Some(line) if width(line) + 1 + width(name) + reserve <= columns => {
                line.push(' ');
                line.push_str(name);
            }
            Some(line) if last => {
                line.push_str(&more);
                break;
            }
            _ if lines == 0 => break,
            _ => wrapped.push(name.clone()),
        }
    }
    wrapped
}
