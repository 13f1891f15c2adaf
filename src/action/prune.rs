//! What a prune would throw away, node by node, before it is done. Volumes hold data: they go only when they are asked
//! for by themselves, and only those that were shown.

use super::Action;
use crate::diag::Diagnostic;
use crate::model::text::counted;
use crate::model::{Amount, Disk, NodeId, Waste};

/// What goes on one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sweep {
    /// The node.
    pub id: NodeId,
    /// Its name.
    pub name: String,
    /// All of these kinds that nothing needs.
    pub kinds: Vec<Waste>,
    /// These volumes, by name.
    pub volumes: Vec<String>,
}

/// One node of a preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goes {
    /// Its name.
    pub node: String,
    /// What goes there: kinds, how many, bytes.
    pub parts: Vec<(Waste, Amount)>,
    /// The volumes that go, with their bytes.
    pub volumes: Vec<(String, u64)>,
}

/// A prune that could be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The action, with everything pinned.
    pub action: Action,
    /// What goes, node by node.
    pub goes: Vec<Goes>,
    /// What is left out, and why, a sentence each.
    pub left_out: Vec<String>,
}

/// A node, what it is called, and its disk or why that is not known.
pub type Known<'a> = (NodeId, String, Result<&'a Disk, String>);

/// What would go on these nodes: what holds no data, or volumes, or both.
///
/// # Errors
/// When nothing would go, with what is left out.
pub fn preview(nodes: &[Known<'_>], kinds: &[Waste]) -> Result<Preview, Diagnostic> {
    let (mut sweeps, mut goes, mut left_out, mut clean) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (id, name, disk) in nodes {
        let disk = match disk {
            Ok(disk) => disk,
            Err(why) => {
                left_out.push(format!("{name} is left out: {why}"));
                continue;
            }
        };
        let parts: Vec<(Waste, Amount)> =
            kinds.iter().map(|kind| (*kind, disk.waste(*kind))).filter(|(_, amount)| amount.count > 0).collect();
        if parts.is_empty() {
            clean.push(name.as_str());
            continue;
        }
        let volumes = if kinds.contains(&Waste::Volumes) { disk.unused_volumes.clone() } else { Vec::new() };
        sweeps.push(Sweep {
            id: id.clone(),
            name: name.clone(),
            kinds: parts.iter().map(|(kind, _)| *kind).filter(|kind| *kind != Waste::Volumes).collect(),
            volumes: volumes.iter().map(|(name, _)| name.clone()).collect(),
        });
        goes.push(Goes { node: name.clone(), parts, volumes });
    }
    if !clean.is_empty() {
        left_out.push(format!("nothing to throw away on {}", clean.join(", ")));
    }
    if sweeps.is_empty() {
        let fault = Diagnostic::new("there is nothing to throw away", "look at the disks: press D on the nodes");
        return Err(left_out.into_iter().fold(fault, Diagnostic::because));
    }
    Ok(Preview { action: Action::Prune { sweeps }, goes, left_out })
}

impl Preview {
    /// All of it together.
    #[must_use]
    pub fn total(&self) -> Amount {
        self.goes.iter().map(Goes::total).fold(Amount::default(), Amount::plus)
    }

    /// Data goes.
    #[must_use]
    pub fn destroys(&self) -> bool {
        self.goes.iter().any(|goes| !goes.volumes.is_empty())
    }

    /// What is to be typed before data goes: the node's name, or where there are several that of the act.
    #[must_use]
    pub fn word(&self) -> String {
        match self.goes.as_slice() {
            [only] => only.node.clone(),
            _ => "volumes".to_owned(),
        }
    }
}

impl Goes {
    /// All of it together.
    #[must_use]
    pub fn total(&self) -> Amount {
        self.parts.iter().map(|(_, amount)| *amount).fold(Amount::default(), Amount::plus)
    }

    /// In words: `3 ended containers, 2 dangling images`.
    #[must_use]
    pub fn words(&self) -> String {
        self.parts.iter().map(|(kind, amount)| counted(amount.count, kind.noun())).collect::<Vec<_>>().join(", ")
    }
}

/// What a person calls it.
#[must_use]
pub fn title(sweeps: &[Sweep]) -> String {
    let some = |is: fn(&Sweep) -> bool| sweeps.iter().any(is);
    let (things, data) = (some(|sweep| !sweep.kinds.is_empty()), some(|sweep| !sweep.volumes.is_empty()));
    let what = match (things, data) {
        (false, true) => "prune volumes of",
        (true, true) => "prune things and volumes of",
        _ => "prune",
    };
    match sweeps {
        [only] => format!("{what} {}", only.name),
        many => format!("{what} {} nodes", many.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk() -> Disk {
        Disk {
            dangling: Amount { count: 2, bytes: 20 },
            stopped: Amount { count: 1, bytes: 5 },
            unused_volumes: vec![("data".into(), 100)],
            ..Disk::default()
        }
    }

    fn known<'a>(name: &str, disk: Result<&'a Disk, String>) -> Known<'a> {
        (NodeId::new(name), name.to_owned(), disk)
    }

    #[test]
    fn volumes_go_only_when_they_are_asked_for_and_then_by_name() {
        let (full, empty) = (disk(), Disk::default());
        let nodes = [known("a", Ok(&full)), known("b", Ok(&empty)), known("c", Err("no way to c".into()))];
        let harmless = preview(&nodes, &Waste::HARMLESS).unwrap();
        assert!(!harmless.destroys());
        assert_eq!(harmless.total(), Amount { count: 3, bytes: 25 });
        assert_eq!(harmless.goes[0].words(), "1 ended container, 2 dangling images");
        assert_eq!(harmless.left_out, ["c is left out: no way to c", "nothing to throw away on b"]);
        let Action::Prune { sweeps } = harmless.action else { panic!("no prune") };
        assert!(sweeps.len() == 1 && sweeps[0].volumes.is_empty());

        let data = preview(&nodes, &[Waste::Volumes]).unwrap();
        assert!(data.destroys() && data.word() == "a");
        let Action::Prune { sweeps } = data.action else { panic!("no prune") };
        assert!(sweeps[0].kinds.is_empty() && sweeps[0].volumes == ["data"]);
    }

    #[test]
    fn where_nothing_would_go_nothing_is_offered() {
        let empty = Disk::default();
        let fault = preview(&[known("b", Ok(&empty))], &Waste::HARMLESS).unwrap_err();
        assert!(fault.to_string().contains("nothing to throw away on b"), "{fault}");
    }
}
