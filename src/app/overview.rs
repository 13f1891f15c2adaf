//! Where the operator looks on the overview: at one trouble, one machine, one tier or one stack. Knows no size.

use std::sync::Arc;

use super::{Move, Subject};
use crate::model::{Node, Picture};

/// A part of the overview.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pane {
    /// What is wrong now.
    Troubles,
    /// The machines.
    Nodes,
    /// Tiers with their stacks.
    Tiers,
}

/// A place under the cursor. The same node can be a trouble and a machine, so the pane belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// Where.
    pub pane: Pane,
    /// What.
    pub subject: Subject,
}

/// The cursor of the overview. It stays on its object while rows come and go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OverviewView {
    at: Option<Spot>,
    /// Where the object was last, so that the cursor stays near when the object goes.
    row: usize,
    column: usize,
}

impl OverviewView {
    /// What is under the cursor.
    #[must_use]
    pub fn selected(&self, picture: &Picture) -> Option<Subject> {
        self.spot(picture).map(|spot| spot.subject)
    }

    /// What is under the cursor, and in which pane. Before the first key: the first there is.
    #[must_use]
    pub fn spot(&self, picture: &Picture) -> Option<Spot> {
        let rows = rows(picture);
        let (row, column) = self.place(&rows);
        spot_at(&rows, row, column)
    }

    /// One row down.
    pub fn next(&mut self, picture: &Picture) {
        self.step(picture, |rows, (row, _)| ((row + 1).min(rows.len().saturating_sub(1)), 0));
    }

    /// One row up.
    pub fn previous(&mut self, picture: &Picture) {
        self.step(picture, |_, (row, _)| (row.saturating_sub(1), 0));
    }

    /// To the object at the left: within a tier its stacks, elsewhere the one before.
    pub fn left(&mut self, picture: &Picture) {
        self.step(picture, |rows, (row, column)| match rows.get(row) {
            Some((Pane::Tiers, _)) => (row, column.saturating_sub(1)),
            _ => (row.saturating_sub(1), 0),
        });
    }

    /// To the object at the right: within a tier its stacks, elsewhere the one after.
    pub fn right(&mut self, picture: &Picture) {
        self.step(picture, |rows, (row, column)| match rows.get(row) {
            Some((Pane::Tiers, subjects)) => (row, (column + 1).min(subjects.len().saturating_sub(1))),
            _ => ((row + 1).min(rows.len().saturating_sub(1)), 0),
        });
    }

    /// To the first row of the next pane, and from the last pane to the first.
    pub fn next_pane(&mut self, picture: &Picture) {
        self.step(picture, |rows, (row, _)| {
            let here = rows.get(row).map(|(pane, _)| *pane);
            (rows.iter().position(|(pane, _)| Some(*pane) > here).unwrap_or(0), 0)
        });
    }

    /// To the first row of the pane before.
    pub fn previous_pane(&mut self, picture: &Picture) {
        self.step(picture, |rows, (row, _)| {
            let here = rows.get(row).map(|(pane, _)| *pane);
            let before = rows.iter().rev().map(|(pane, _)| *pane).find(|pane| Some(*pane) < here).or(here);
            (rows.iter().position(|(pane, _)| Some(*pane) == before).unwrap_or(0), 0)
        });
    }

    /// Moves as the key says; a page is a pane.
    pub fn go(&mut self, to: Move, picture: &Picture) {
        match to {
            Move::Up => self.previous(picture),
            Move::Down => self.next(picture),
            Move::Left => self.left(picture),
            Move::Right => self.right(picture),
            Move::PageUp => self.previous_pane(picture),
            Move::PageDown => self.next_pane(picture),
            Move::Top => self.step(picture, |_, _| (0, 0)),
            Move::Bottom => self.step(picture, |rows, _| (rows.len().saturating_sub(1), 0)),
        }
    }

    /// Puts the cursor on an object, as after a search.
    pub fn select(&mut self, pane: Pane, subject: Subject) {
        self.at = Some(Spot { pane, subject });
    }

    fn step(&mut self, picture: &Picture, to: impl FnOnce(&[Row], (usize, usize)) -> (usize, usize)) {
        let rows = rows(picture);
        (self.row, self.column) = to(&rows, self.place(&rows));
        self.at = spot_at(&rows, self.row, self.column);
    }

    /// Row and column of the object; near where it was, if it is gone.
    fn place(&self, rows: &[Row]) -> (usize, usize) {
        let Some(spot) = &self.at else { return (0, 0) };
        let found = rows.iter().enumerate().find_map(|(row, (pane, subjects))| {
            let column = subjects.iter().position(|subject| *subject == spot.subject)?;
            (*pane == spot.pane).then_some((row, column))
        });
        found.unwrap_or_else(|| {
            let first = rows.iter().position(|(pane, _)| *pane == spot.pane).unwrap_or(0);
            let last = rows.iter().rposition(|(pane, _)| *pane == spot.pane).unwrap_or(rows.len().saturating_sub(1));
            (self.row.clamp(first, last.max(first)), 0)
        })
    }
}

/// One row: all that can be reached with left and right.
type Row = (Pane, Vec<Subject>);

fn rows(picture: &Picture) -> Vec<Row> {
    let troubles = picture.troubles.iter().map(|trouble| (Pane::Troubles, vec![Subject::from(&trouble.at)]));
    let (managers, workers) = machines(picture);
    let nodes = managers.into_iter().chain(workers).map(|node| (Pane::Nodes, vec![Subject::Node(node.id.clone())]));
    let tiers = picture.tiers.iter().map(|tier| {
        let stacks = tier.stacks.iter().map(|stack| Subject::Stack(stack.clone()));
        (Pane::Tiers, std::iter::once(Subject::Tier(tier.tier.clone())).chain(stacks).collect())
    });
    troubles.chain(nodes).chain(tiers).collect()
}

fn spot_at(rows: &[Row], row: usize, column: usize) -> Option<Spot> {
    let (pane, subjects) = rows.get(row)?;
    Some(Spot { pane: *pane, subject: subjects.get(column)?.clone() })
}

/// Managers and workers, each by name: an order that stays when the leader or a state changes.
#[must_use]
pub fn machines(picture: &Picture) -> (Vec<&Node>, Vec<&Node>) {
    let mut nodes: Vec<&Node> = picture.swarm.nodes.values().map(Arc::as_ref).collect();
    nodes.sort_by(|a, b| (&a.hostname, &a.id).cmp(&(&b.hostname, &b.id)));
    nodes.into_iter().partition(|node| node.manager.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample::{node, noon, service, swarm};
    use crate::model::{NodeId, ServiceId, TaskState, Tier};

    fn picture(broken: &[&str]) -> Picture {
        let services = ["a_one", "a_two", "b_three"].map(|name| match broken.contains(&name) {
            true => service(name).task(1, "", TaskState::Pending).and(|task| task.error = "no suitable node".into()),
            false => service(name).task(1, "w1", TaskState::Running),
        });
        Picture::of(swarm([node("w1"), node("m1").manager(true)], services), &Arc::default(), noon())
    }

    #[test]
    fn down_goes_through_troubles_machines_and_tiers() {
        let picture = picture(&["a_two"]);
        let mut view = OverviewView::default();
        let mut seen = Vec::new();
        for _ in 0..5 {
            seen.extend(view.selected(&picture));
            view.next(&picture);
        }
        assert_eq!(
            seen,
            [
                Subject::Service(ServiceId::new("a_two")),
                Subject::Node(NodeId::new("m1")),
                Subject::Node(NodeId::new("w1")),
                Subject::Tier(Tier::Unassigned),
                Subject::Tier(Tier::Unassigned),
            ]
        );
        view.right(&picture);
        view.right(&picture);
        assert_eq!(view.selected(&picture), Some(Subject::Stack("b".into())));
    }

    #[test]
    fn the_cursor_stays_on_its_object_when_rows_come_and_go() {
        let calm = picture(&[]);
        let mut view = OverviewView::default();
        view.next(&calm);
        assert_eq!(view.selected(&calm), Some(Subject::Node(NodeId::new("w1"))));
        let troubled = picture(&["a_one", "a_two"]);
        assert_eq!(view.selected(&troubled), Some(Subject::Node(NodeId::new("w1"))));
        view.go(Move::Top, &troubled);
        view.next(&troubled);
        assert_eq!(view.selected(&troubled), Some(Subject::Service(ServiceId::new("a_two"))));
        assert_eq!(view.spot(&picture(&["a_one"])).map(|spot| spot.pane), Some(Pane::Troubles), "stays near");
    }

    #[test]
    fn a_page_is_a_pane() {
        let picture = picture(&["a_one"]);
        let mut view = OverviewView::default();
        let mut panes = Vec::new();
        for _ in 0..3 {
            view.go(Move::PageDown, &picture);
            panes.extend(view.spot(&picture).map(|spot| spot.pane));
        }
        assert_eq!(panes, [Pane::Nodes, Pane::Tiers, Pane::Troubles]);
        view.go(Move::Bottom, &picture);
        view.go(Move::PageUp, &picture);
        assert_eq!(view.spot(&picture).map(|spot| spot.pane), Some(Pane::Nodes));
    }
}
