//! What is wrong now, worst first. Never more than a third of the height; says how much is not shown.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Scene;
use crate::app::format::{age, width};
use crate::app::{Pane, Subject};
use crate::model::{State, Trouble};
use crate::view::pen::{self, Pen};

/// Columns of the longest state word.
const WORD: usize = 10;

/// The rows it takes of this height.
pub fn height(scene: &Scene<'_>, of: u16) -> u16 {
    let troubles = u16::try_from(scene.picture.troubles.len()).unwrap_or(u16::MAX);
    if troubles == 0 {
        return 1;
    }
    (troubles.saturating_add(scene.title_rows())).min((of / 3).max(scene.title_rows() + 1))
}

/// Draws the list, or the one calm line.
pub fn draw(scene: &Scene<'_>, mut area: Rect, buf: &mut Buffer) {
    let theme = scene.cx.theme;
    let troubles = &scene.picture.troubles;
    if troubles.is_empty() {
        let sign = format!(" {} ", theme.sign(State::Ready));
        let mut pen = Pen::at(buf, area, 0);
        pen.put(&sign, theme.state(State::Ready)).put("nothing is wrong ", theme.strong());
        if scene.titles {
            pen.rule(theme);
        }
        return;
    }
    if scene.titles {
        pen::title(buf, super::take(&mut area, 1), "wrong now", theme);
    }
    let rows = usize::from(area.height);
    let all = troubles.len() <= rows;
    let shown = if all { troubles.len() } else { rows.saturating_sub(1) };
    let at = troubles.iter().position(|trouble| scene.is_selected(Pane::Troubles, &Subject::from(&trouble.at)));
    let first = at.map_or(0, |at| (at + 1).saturating_sub(shown));
    let columns = Columns::of(scene, troubles, area.width);
    for (row, trouble) in (0..).zip(troubles.iter().skip(first).take(shown)) {
        draw_one(scene, trouble, &columns, (area, row), buf);
    }
    if !all {
        let more = format!("   … {} more", troubles.len() - shown);
        Pen::at(buf, area, area.height.saturating_sub(1)).fit(&more, theme.dim());
    }
}

/// Widths of what stands around the reason.
struct Columns {
    name: usize,
    node: usize,
}

impl Columns {
    fn of(scene: &Scene<'_>, troubles: &[Trouble], total: u16) -> Self {
        let longest = troubles.iter().map(|trouble| width(&trouble.name)).max().unwrap_or(0);
        let nodes = scene.picture.swarm.nodes.values().map(|node| width(&node.hostname)).max().unwrap_or(0);
        match total {
            0..60 => Self { name: longest.min(16), node: 0 },
            60..100 => Self { name: longest.min(24), node: nodes.min(10) },
            _ => Self { name: longest.min(34), node: nodes.min(16) },
        }
    }
}

fn draw_one(scene: &Scene<'_>, trouble: &Trouble, columns: &Columns, (area, row): (Rect, u16), buf: &mut Buffer) {
    let theme = scene.cx.theme;
    let style = theme.state(trouble.state);
    let age = trouble.since.map(|since| age(since, scene.cx.now)).unwrap_or_default();
    let tail = if columns.node > 0 { columns.node + 6 } else { 0 };
    let mut pen = Pen::at(buf, area, row);
    pen.put(&format!(" {} ", theme.sign(trouble.state)), style);
    if area.width >= 60 {
        pen.column(trouble.state.word(), WORD, style).skip(1);
    }
    pen.column(&trouble.name, columns.name, theme.strong()).skip(2);
    let room = pen.left().saturating_sub(tail + usize::from(tail > 0));
    pen.column(&trouble.why, room, Default::default());
    if tail > 0 {
        // The node of a node's trouble is its name already.
        let node = trouble.node.as_ref().map(|node| scene.picture.swarm.hostname(node));
        let node = node.filter(|node| *node != trouble.name).unwrap_or_default();
        pen.skip(1).column(node, columns.node, theme.dim()).number(&age, 5, theme.dim());
    }
    if scene.is_selected(Pane::Troubles, &Subject::from(&trouble.at)) {
        pen::select(buf, area, row, theme);
    }
}
