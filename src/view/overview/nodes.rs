//! The machines: chooses between boxes and rows, and draws the rows.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{Scene, boxes, take};
use crate::app::format::{count, width};
use crate::app::{Pane, Subject};
use crate::model::{Availability, Node, NodeLoad, NodeState, Reachability, State};
use crate::view::pen::{self, Pen, gauge};

/// How the machines are drawn.
pub enum Form {
    /// Each in a box.
    Boxes(boxes::Grid),
    /// Each in a row; this many rows with the title.
    Rows(u16),
}

impl Form {
    /// Rows it takes.
    pub fn height(&self) -> u16 {
        match self {
            Form::Boxes(grid) => grid.height(),
            Form::Rows(rows) => *rows,
        }
    }
}

/// The best form for this room, beside tiers that need at least so much and like to have so much.
pub fn form(scene: &Scene<'_>, width: u16, height: u16, (least, full): (u16, u16)) -> Form {
    let generous = height.saturating_sub(full.min(height / 2) + 2);
    let tight = height.saturating_sub(least);
    let title = scene.title_rows();
    let grids = [(8, generous), (7, generous), (6, generous), (5, tight), (3, tight)];
    let grid = grids
        .into_iter()
        .map(|(inner, room)| (boxes::Grid::of(scene, width, inner), room))
        .find(|(grid, room)| grid.height() <= *room);
    if let (Some((grid, _)), true) = (grid, scene.titles) {
        return Form::Boxes(grid);
    }
    let nodes = u16::try_from(scene.picture.swarm.nodes.len().max(1)).unwrap_or(u16::MAX);
    Form::Rows(nodes.saturating_add(title).min(tight.max(title + 1)))
}

/// Draws them.
pub fn draw(scene: &Scene<'_>, form: &Form, mut area: Rect, buf: &mut Buffer) {
    let theme = scene.cx.theme;
    if scene.titles {
        let room =
            if area.width >= 60 { "topology ── cpu and memory: reserved of what there is" } else { "topology" };
        pen::title(buf, take(&mut area, 1), &room.replace('─', theme.line()), theme);
    }
    match form {
        Form::Boxes(grid) => grid.draw(scene, area, buf),
        Form::Rows(_) => rows(scene, area, buf),
    }
}

/// One row per machine; keeps the selected one in sight.
fn rows(scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
    let theme = scene.cx.theme;
    let nodes: Vec<&Node> = scene.managers.iter().chain(&scene.workers).copied().collect();
    if nodes.is_empty() {
        Pen::at(buf, area, 0).fit("   no node is known", theme.dim());
    }
    let all = nodes.len() <= usize::from(area.height);
    let shown = if all { nodes.len() } else { usize::from(area.height).saturating_sub(1) };
    let at = nodes.iter().position(|node| scene.is_selected(Pane::Nodes, &Subject::Node(node.id.clone())));
    let first = at.map_or(0, |at| (at + 1).saturating_sub(shown));
    let longest = nodes.iter().map(|node| width(&node.hostname)).max().unwrap_or(0);
    let name = longest.min(usize::from(area.width / 4).max(8));
    for (row, node) in (0..).zip(nodes.iter().skip(first).take(shown)) {
        draw_row(scene, node, name, (area, row), buf);
    }
    if !all {
        let more = format!("   … {}", count((nodes.len() - shown) as u64, "more node"));
        Pen::at(buf, area, area.height.saturating_sub(1)).fit(&more, theme.dim());
    }
}

fn draw_row(scene: &Scene<'_>, node: &Node, name: usize, (area, row): (Rect, u16), buf: &mut Buffer) {
    let theme = scene.cx.theme;
    let load = load(scene, node);
    let style = theme.state(load.state);
    let mut pen = Pen::at(buf, area, row);
    pen.put(&format!(" {} ", theme.sign(load.state)), style).column(&node.hostname, name, theme.strong());
    pen.put(if node.is_leader() { theme.leader() } else { " " }, theme.strong()).skip(1);
    pen.column(word(node), 8, style).skip(1);
    if area.width >= 56 {
        pen.column(role(node), 11, theme.dim()).skip(1);
    }
    if node.is_ready() {
        if area.width >= 120 {
            pen.column(&platform(scene, node), 18, theme.dim()).skip(1);
        }
        let cells = if area.width >= 100 { 8 } else { 4 };
        let gauges = if area.width >= 56 { 2 } else { 1 };
        for (what, part, whole) in reservations(node, &load).into_iter().take(gauges) {
            pen.put(what, theme.dim()).skip(1).put(&gauge(theme, part, whole, cells), Style::new()).skip(1);
            if area.width >= 76 {
                pen.column(&ratio(what, part, whole), 7, Style::new()).skip(1);
            }
        }
    }
    let tasks = if load.unknown > 0 { format!("{} ?", load.unknown) } else { load.tasks.to_string() };
    pen.last(if area.width >= 76 { 14 } else { 8 });
    pen.number(&tasks, 4, Style::new());
    if area.width >= 76 {
        pen.put(if load.tasks == 1 { " task" } else { " tasks" }, theme.dim());
    }
    pen.skip(1).put(&troubled(scene, &load), theme.state(State::Degraded));
    if scene.is_selected(Pane::Nodes, &Subject::Node(node.id.clone())) {
        pen::select(buf, area, row, theme);
    }
}

/// What is known of its load.
pub fn load(scene: &Scene<'_>, node: &Node) -> NodeLoad {
    scene.picture.nodes.get(&node.id).cloned().unwrap_or_default()
}

/// Whether it answers, and else whether the operator lets it work.
pub fn word(node: &Node) -> &str {
    match (&node.state, &node.availability) {
        (NodeState::Ready, Availability::Drain) => "drained",
        (NodeState::Ready, Availability::Pause) => "paused",
        (state, _) => state.as_str(),
    }
}

/// Leader, or how its peers reach it; `worker` otherwise.
pub fn role(node: &Node) -> &'static str {
    match &node.manager {
        None => "worker",
        Some(manager) if manager.leader => "leader",
        Some(manager) => match manager.reachability {
            Reachability::Reachable => "reachable",
            Reachability::Unreachable => "unreachable",
            _ => "manager ?",
        },
    }
}

/// What the inventory says it is, or what its engine says.
pub fn platform(scene: &Scene<'_>, node: &Node) -> String {
    match scene.picture.catalogue.hosts.get(&node.hostname) {
        Some(note) if !note.platform.is_empty() => note.platform.clone(),
        _ => format!("{} {}", node.os, node.arch),
    }
}

/// What is reserved, and of how much.
pub fn reservations(node: &Node, load: &NodeLoad) -> [(&'static str, u64, u64); 2] {
    [("cpu", load.reserved_cpus, node.nano_cpus), ("mem", load.reserved_memory, node.memory)]
}

/// `4.1/8`, in cores or GiB.
pub fn ratio(what: &str, part: u64, whole: u64) -> String {
    let unit = if what == "cpu" { 1_000_000_000 } else { 1 << 30 };
    format!("{}/{}", short(part, unit), short(whole, unit))
}

fn short(number: u64, unit: u64) -> String {
    let tenths = (number.saturating_mul(10).saturating_add(unit / 2)) / unit;
    match (tenths / 10, tenths % 10) {
        (whole, 0) => whole.to_string(),
        (whole, _) if whole >= 20 => whole.to_string(),
        (whole, part) => format!("{whole}.{part}"),
    }
}

/// Services with trouble here, with the sign; empty if none.
pub fn troubled(scene: &Scene<'_>, load: &NodeLoad) -> String {
    match load.troubled {
        0 => String::new(),
        n => format!("{}{n}", scene.cx.theme.sign(State::Degraded)),
    }
}
