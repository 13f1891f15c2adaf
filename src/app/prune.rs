//! The question before something is thrown away on nodes: what goes, node by node. Changes nothing.

use super::format::{bytes, count};
use super::popup::{Confirm, Item, Typing};
use super::screens::What;
use super::{App, Level, Popup, Screen, Subject, redeploy};
use crate::action::prune::{Known, Preview, preview};
use crate::model::{Disk, NodeId, Reply, Told, Waste};

impl App {
    /// Asks before what nothing needs is thrown away: on disks what holds no data, among volumes the unused ones.
    pub(super) fn prune(&mut self) {
        if let Some(why) = redeploy::refusal(&self.picture, self.settings.read_only) {
            return self.tell(Level::Warning, why);
        }
        let Screen::List(screen) = self.views.top() else { return };
        let kinds: &[Waste] =
            if matches!(screen.what, What::Volumes(_)) { &[Waste::Volumes] } else { &Waste::HARMLESS };
        if screen.list.hidden_marks() > 0 {
            return self
                .tell(Level::Warning, "some of what is marked is hidden by the filter: show it or unmark it first");
        }
        let marks: Vec<&Subject> = screen.list.marks().iter().collect();
        let disks: Vec<(NodeId, String, Result<Disk, String>)> = self
            .survey()
            .nodes
            .iter()
            .filter_map(|(id, reply)| {
                let disk = disk(id, reply, &marks)?;
                Some((id.clone(), self.picture.swarm.hostname(id).to_owned(), disk))
            })
            .collect();
        let known: Vec<Known<'_>> = disks
            .iter()
            .map(|(id, name, disk)| (id.clone(), name.clone(), disk.as_ref().map_err(Clone::clone)))
            .collect();
        match preview(&known, kinds) {
            Ok(preview) => self.popups.push(Popup::Confirm(question(preview))),
            Err(fault) => {
                let why = fault.why.first().map(|why| format!(": {why}")).unwrap_or_default();
                self.tell(Level::Warning, format!("{}{why}", fault.what));
            }
        }
    }
}

/// The disk of a node, as far as it is marked: a marked node as a whole, or its marked volumes.
fn disk(node: &NodeId, reply: &Reply, marks: &[&Subject]) -> Option<Result<Disk, String>> {
    let whole = marks.iter().any(|mark| **mark == Subject::Node(node.clone()));
    match reply {
        Reply::Told(Told::Disk(disk)) => (marks.is_empty() || whole).then(|| Ok(disk.clone())),
        Reply::Told(Told::Volumes(volumes)) => {
            let marked = |name: &String| marks.contains(&&Subject::Volume(node.clone(), name.clone()));
            let unused = volumes.iter().filter(|volume| volume.used_by == 0);
            let goes: Vec<(String, u64)> = unused
                .filter(|volume| marks.is_empty() || marked(&volume.name))
                .map(|volume| (volume.name.clone(), volume.size.unwrap_or(0)))
                .collect();
            let wanted = marks.is_empty() || !goes.is_empty();
            wanted.then(|| Ok(Disk { unused_volumes: goes, ..Disk::default() }))
        }
        Reply::Told(_) => None,
        _ if !marks.is_empty() && !whole => None,
        Reply::Waiting => Some(Err("it has not answered yet".to_owned())),
        Reply::Silent { why, .. } => Some(Err(why.clone())),
    }
}

/// What is asked before this is done.
fn question(preview: Preview) -> Confirm {
    let (total, destroys) = (preview.total(), preview.destroys());
    let nodes = count(preview.goes.len() as u64, "node");
    let item = |name: &str, amount: u64, how: String| Item { name: name.to_owned(), amount: bytes(amount), how };
    let mut items = Vec::new();
    for goes in &preview.goes {
        items.push(item(&goes.node, goes.total().bytes, goes.words()));
        items.extend(goes.volumes.iter().map(|(name, size)| {
            // A volume without a name has a number that says nothing beyond its beginning; all others differ anywhere.
            let nameless = name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
            let name = if nameless { name.get(..12).unwrap_or(name) } else { name };
            item(&format!("  {name}"), *size, String::new())
        }));
    }
    let mut notes = preview.left_out.clone();
    if destroys {
        notes.push("The data in these volumes is gone for good. There is no undo.".to_owned());
    } else {
        notes.push("Logs of ended tasks go with their containers. No volume is touched.".to_owned());
    }
    let amount = bytes(total.bytes);
    Confirm {
        title: preview.action.title(),
        sums_up: match destroys {
            true => format!("{} with {amount} of data on {nodes} are removed.", count(total.count, "volume")),
            false => format!("About {amount} on {nodes} become free."),
        },
        items,
        notes,
        typing: destroys.then(|| Typing { word: preview.word(), typed: String::new() }),
        actions: vec![preview.action],
        rolls: None,
        yes: if destroys { "Destroy" } else { "Prune" },
        on_yes: false,
        scroll: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_volumes_never_read_alike_unless_both_are_numbers_without_a_name() {
        let long = |end: &str| format!("observability_prometheus_long_term_storage_of_{end}");
        let number = "ab".repeat(32);
        let volumes = [long("2024"), long("2025"), number].map(|name| (name, 7)).to_vec();
        let disk = Disk { unused_volumes: volumes, ..Disk::default() };
        let known = [(NodeId::new("n"), "lorcha".to_owned(), Ok(&disk))];
        let asked = question(preview(&known, &[Waste::Volumes]).unwrap());
        let names: Vec<&str> = asked.items.iter().map(|item| item.name.trim()).collect();
        assert_eq!(names, ["lorcha", &long("2024"), &long("2025"), "abababababab"]);
    }
}
