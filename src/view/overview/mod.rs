//! The overview: what is wrong now, the machines, the tiers, and what happened lately. Fits what matters into any size.

mod boxes;
mod lately;
mod nodes;
mod tiers;
mod troubles;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;

use super::{Cx, pen};
use crate::action::{Board, History};
use crate::app::describe::describe;
use crate::app::screens::World;
use crate::app::{OverviewView, Pane, Spot, Subject, machines};
use crate::model::{Drifts, Link, Node, Picture, Survey};

/// From this width on, what happened lately stands beside the tiers.
const BESIDE: u16 = 96;
/// From this width on, all about the selected thing stands at the right.
const DETAIL: u16 = 160;
/// From this height on, parts have titles.
const TITLES: u16 = 14;

/// The overview, ready to be drawn.
pub struct Overview<'a> {
    /// The swarm.
    pub picture: &'a Picture,
    /// The jobs.
    pub board: &'a Board,
    /// Where the operator looks.
    pub view: &'a OverviewView,
    /// How to draw.
    pub cx: &'a Cx,
}

/// What all parts of the overview are told.
struct Scene<'a> {
    picture: &'a Picture,
    board: &'a Board,
    cx: &'a Cx,
    spot: Option<Spot>,
    titles: bool,
    managers: Vec<&'a Node>,
    workers: Vec<&'a Node>,
}

impl Scene<'_> {
    fn is_selected(&self, pane: Pane, subject: &Subject) -> bool {
        self.spot.as_ref().is_some_and(|spot| spot.pane == pane && spot.subject == *subject)
    }

    fn title_rows(&self) -> u16 {
        u16::from(self.titles)
    }
}

impl Widget for Overview<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        if area.is_empty() {
            return;
        }
        if !self.picture.swarm.known {
            connecting(&self.picture.swarm.link, self.cx, area, buf);
            return;
        }
        let (managers, workers) = machines(self.picture);
        let scene = Scene {
            picture: self.picture,
            board: self.board,
            cx: self.cx,
            spot: self.view.spot(self.picture),
            titles: area.height >= TITLES,
            managers,
            workers,
        };
        draw(&scene, area, buf);
        if !self.picture.swarm.link.is_live() {
            pen::dim(buf, area);
        }
        pen::plain(buf, area, self.cx.theme);
    }
}

fn draw(scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
    let wide = area.width >= DETAIL && area.height >= 2 * TITLES;
    let body = if wide { Rect { width: area.width - area.width / 3 - 1, ..area } } else { area };
    if wide {
        let left = body.width + 1;
        aside(scene, Rect { x: area.x + left, width: area.width - left, ..area }, buf);
    }

    let mut rest = body;
    let wrong = take(&mut rest, troubles::height(scene, body.height));
    troubles::draw(scene, wrong, buf);

    let tiers_least = tiers::least(scene);
    let tiers_full = tiers::full(scene, tiers_width(rest.width));
    let form = nodes::form(scene, rest.width, rest.height, (tiers_least, tiers_full));
    let spare = rest.height.saturating_sub(form.height() + tiers_least);
    let gap = u16::from(scene.titles && spare >= 4);
    take(&mut rest, gap);
    let machines = take(&mut rest, form.height());
    nodes::draw(scene, &form, machines, buf);
    take(&mut rest, gap);

    let beside = body.width >= BESIDE;
    let (tiers, lately) = if beside {
        let width = tiers_width(rest.width);
        // The bar between the two is no longer than what stands beside it.
        rest.height = rest.height.min(tiers_full.max(lately::full(scene)));
        (Rect { width, ..rest }, Rect { x: rest.x + width, width: rest.width - width, ..rest })
    } else {
        let tiers = take(&mut rest, tiers_full);
        take(&mut rest, gap);
        (tiers, rest)
    };
    tiers::draw(scene, tiers, buf);
    lately::draw(scene, lately, beside, buf);
}

fn tiers_width(width: u16) -> u16 {
    if width >= BESIDE { width / 2 } else { width }
}

/// Cuts rows off the top.
fn take(rest: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(rest.height);
    let top = Rect { height: rows, ..*rest };
    rest.y += rows;
    rest.height -= rows;
    top
}

/// All about the selected thing, as much as there is room for.
fn aside(scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
    let (survey, drift, done) = (Survey::default(), Drifts::default(), History::default());
    let world = World {
        picture: scene.picture,
        board: scene.board,
        survey: &survey,
        drift: &drift,
        done: &done,
        now: scene.cx.now,
    };
    if let Some(described) = scene.spot.as_ref().and_then(|spot| describe(&spot.subject, world)) {
        super::glance(&described, scene.cx, area, buf);
    }
}

/// Nothing was heard yet: says what is tried, and why it has not worked.
fn connecting(link: &Link, cx: &Cx, area: Rect, buf: &mut Buffer) {
    let (what, why) = match link {
        Link::Connecting { to, why } if to.is_empty() => ("connecting …".to_owned(), why.as_deref()),
        Link::Connecting { to, why } => (format!("connecting to {to} …"), why.as_deref()),
        Link::Live { .. } => ("connected, reading the swarm …".to_owned(), None),
        Link::Stale { why, .. } => ("the line was lost before anything was read".to_owned(), Some(why.as_str())),
    };
    let row = u16::from(area.height > 4);
    pen::Pen::at(buf, area, row).put(" ", cx.theme.dim()).fit(&what, cx.theme.strong());
    if let Some(why) = why {
        pen::Pen::at(buf, area, row + 1).put(" ", cx.theme.dim()).fit(why, cx.theme.dim());
    }
    pen::plain(buf, area, cx.theme);
}

#[cfg(test)]
mod tests;
