//! What an operator lets a node do, and what that moves: its tasks, those that can run nowhere else, the data that stays
//! behind. Judged on the picture; changes nothing.

use serde_json::Value;

use super::redeploy::allowed;
use super::{Action, Member};
use crate::diag::Diagnostic;
use crate::model::text::{clean, counted};
use crate::model::{Availability, Node, NodeId, Picture, Service, State, eligible, unmet_constraint};

/// What a node is told to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Duty {
    /// Take tasks.
    Active,
    /// Keep its tasks, take no new ones.
    Pause,
    /// Run nothing.
    Drain,
}

impl Duty {
    /// All of them.
    pub const ALL: [Duty; 3] = [Duty::Active, Duty::Pause, Duty::Drain];

    /// The swarm's word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Duty::Active => "active",
            Duty::Pause => "pause",
            Duty::Drain => "drain",
        }
    }

    /// What an operator calls giving it.
    #[must_use]
    pub fn verb(self) -> &'static str {
        match self {
            Duty::Active => "activate",
            Duty::Pause => "pause",
            Duty::Drain => "drain",
        }
    }

    /// The one that the swarm has this word for.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|duty| duty.word() == word)
    }

    fn is(self, availability: &Availability) -> bool {
        availability.as_str() == self.word()
    }
}

/// Where the tasks of a service go that leave a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goes {
    /// To any of these.
    To(Vec<String>),
    /// Nowhere, and why.
    Nowhere(String),
    /// They end: their service has one on each node.
    Ends,
}

/// Tasks of one service that leave a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaves {
    /// The service.
    pub service: Service,
    /// How many of its tasks.
    pub tasks: u64,
    /// Where they go.
    pub goes: Goes,
}

impl Leaves {
    /// Where they go, in words.
    #[must_use]
    pub fn words(&self) -> String {
        match &self.goes {
            Goes::To(nodes) if nodes.len() > 4 => format!("moves to any of {} nodes", nodes.len()),
            Goes::To(nodes) => format!("moves to {}", nodes.join(" or ")),
            Goes::Nowhere(why) => format!("can run nowhere else: {why}"),
            Goes::Ends => "ends here: it has one on each node".to_owned(),
        }
    }
}

/// A change of a node's duty that could be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The action, with the node pinned.
    pub action: Action,
    /// The node's name.
    pub node: String,
    /// What leaves it.
    pub leaves: Vec<Leaves>,
    /// What else there is to know, one sentence each.
    pub notes: Vec<String>,
}

impl Offer {
    /// What it comes to, in a sentence.
    #[must_use]
    pub fn sums_up(&self) -> String {
        let Action::Availability { to, .. } = &self.action else { return String::new() };
        match to {
            Duty::Active => format!("{} takes tasks again.", self.node),
            Duty::Pause => format!("{} keeps its tasks and takes no new ones.", self.node),
            Duty::Drain if self.leaves.is_empty() => format!("{} runs no task of the swarm and takes none.", self.node),
            Duty::Drain => {
                let tasks = |is: fn(&Goes) -> bool| -> u64 {
                    self.leaves.iter().filter(|leaves| is(&leaves.goes)).map(|leaves| leaves.tasks).sum()
                };
                let parts = [
                    (tasks(|goes| matches!(goes, Goes::To(_))), "moved"),
                    (tasks(|goes| matches!(goes, Goes::Nowhere(_))), "with nowhere to go"),
                    (tasks(|goes| matches!(goes, Goes::Ends)), "ended"),
                ];
                let parts = parts.into_iter().filter(|(tasks, _)| *tasks > 0);
                let parts: Vec<String> = parts.map(|(tasks, word)| format!("{tasks} {word}")).collect();
                let all = self.leaves.iter().map(|leaves| leaves.tasks).sum();
                format!("{} leave {}: {}.", counted(all, "task"), self.node, parts.join(", "))
            }
        }
    }
}

/// Another duty for a node; none if it has it already. `beside` are nodes that are drained in the same breath.
///
/// # Errors
/// If it is no node, or nothing can be changed now.
pub fn node(picture: &Picture, name: &str, to: Duty, beside: &[NodeId]) -> Result<Option<Offer>, Diagnostic> {
    allowed(picture)?;
    let mut found = picture
        .swarm
        .nodes
        .values()
        .filter(|node| node.id.as_str() == name || node.hostname == name)
        .collect::<Vec<_>>();
    let list = "list the nodes: quarterdeck node ls";
    let Some(node) = found.pop() else {
        return Err(Diagnostic::new(format!("no node is called {name}"), list));
    };
    if !found.is_empty() {
        let what = format!("{} nodes are called {name}", found.len() + 1);
        return Err(Diagnostic::new(what, "name the one by its id, as node ls shows it"));
    }
    if to.is(&node.availability) {
        return Ok(None);
    }
    let leaves = if to == Duty::Drain { leaving(picture, node, beside) } else { Vec::new() };
    let notes = notes(picture, node, to, &leaves);
    let member = Member { id: node.id.clone(), name: node.hostname.clone(), version: node.version };
    let action = Action::Availability { node: member, to };
    Ok(Some(Offer { action, node: node.hostname.clone(), leaves, notes }))
}

/// What leaves a node that is drained, by the names of the services.
#[must_use]
pub fn leaving(picture: &Picture, node: &Node, beside: &[NodeId]) -> Vec<Leaves> {
    let swarm = &picture.swarm;
    let mut all: Vec<Leaves> = swarm
        .services
        .values()
        .filter_map(|service| {
            let here = swarm.tasks_of(&service.id).iter().filter(|task| task.node.as_ref() == Some(&node.id));
            let tasks = here.filter(|task| task.is_wanted() && !task.is_over()).count() as u64;
            (tasks > 0).then(|| Leaves {
                service: service.as_ref().clone(),
                tasks,
                goes: goes(picture, service, node, beside),
            })
        })
        .collect();
    all.sort_by(|a, b| a.service.name.cmp(&b.service.name));
    all
}

fn goes(picture: &Picture, service: &Service, from: &Node, beside: &[NodeId]) -> Goes {
    if service.mode.is_global() {
        return Goes::Ends;
    }
    let others: Vec<&Node> = picture
        .swarm
        .nodes
        .values()
        .map(AsRef::as_ref)
        .filter(|node| node.id != from.id && !beside.contains(&node.id))
        .filter(|node| node.is_ready() && node.availability == Availability::Active)
        .collect();
    if others.is_empty() {
        return Goes::Nowhere("no other node takes tasks".to_owned());
    }
    let fit: Vec<&Node> = others.iter().copied().filter(|node| eligible(service, node)).collect();
    if fit.is_empty() {
        let mut unmet: Vec<&str> =
            others.iter().filter_map(|node| unmet_constraint(node, &service.constraints)).collect();
        unmet.sort_unstable();
        unmet.dedup();
        let why = if unmet.is_empty() { "its image runs on no other node".to_owned() } else { unmet.join(", ") };
        return Goes::Nowhere(clean(&why));
    }
    let has_room = |node: &&Node| {
        let load = picture.nodes.get(&node.id);
        let free = |all: u64, taken: Option<u64>| all.saturating_sub(taken.unwrap_or(0));
        free(node.memory, load.map(|load| load.reserved_memory)) >= service.reserved_memory
            && free(node.nano_cpus, load.map(|load| load.reserved_cpus)) >= service.reserved_cpus
    };
    let mut names: Vec<String> = fit.iter().copied().filter(has_room).map(|node| node.hostname.clone()).collect();
    names.sort();
    if names.is_empty() { Goes::Nowhere("no other node has what it reserves".to_owned()) } else { Goes::To(names) }
}

fn notes(picture: &Picture, node: &Node, to: Duty, leaves: &[Leaves]) -> Vec<String> {
    let mut notes = Vec::new();
    match to {
        Duty::Active => {
            let waits = picture.services.values().filter(|health| health.state == State::Waiting).count() as u64;
            if waits > 0 {
                notes.push(format!("{} for a node, and may come here.", waiting(waits)));
            }
            notes.push("What runs elsewhere does not move back by itself.".to_owned());
        }
        Duty::Pause => {}
        Duty::Drain => {
            let moving = leaves.iter().filter(|leaves| leaves.goes != Goes::Ends);
            let volumes = moving.flat_map(|leaves| {
                local_volumes(&leaves.service).into_iter().map(|name| format!("{name} ({})", leaves.service.name))
            });
            let mut volumes: Vec<String> = volumes.collect();
            volumes.sort();
            if !volumes.is_empty() {
                notes.push(format!(
                    "Stays on {}, its data is not moved: volume {}.",
                    node.hostname,
                    volumes.join(", ")
                ));
            }
        }
    }
    if node.manager.is_some() && to != Duty::Active {
        notes.push("It stays a manager, and votes.".to_owned());
    }
    if !node.is_ready() {
        notes.push(format!("{} is {}: what is said to run there is not known.", node.hostname, node.state));
    }
    notes
}

fn waiting(services: u64) -> String {
    if services == 1 { "1 service waits".to_owned() } else { format!("{services} services wait") }
}

/// Names of the volumes of a service whose data lies on the disk of the node that its task runs on.
fn local_volumes(service: &Service) -> Vec<String> {
    let object: Value = serde_json::from_str(&service.raw).unwrap_or_default();
    let mounts = object.pointer("/Spec/TaskTemplate/ContainerSpec/Mounts").and_then(Value::as_array);
    let text = |mount: &Value, at: &str| mount.pointer(at).and_then(Value::as_str).unwrap_or_default().to_owned();
    let is_local = |mount: &&Value| {
        let driver = text(mount, "/VolumeOptions/DriverConfig/Name");
        // What is mounted from elsewhere, such as NFS, is the same on each node.
        let elsewhere = mount.pointer("/VolumeOptions/DriverConfig/Options/device").is_some();
        text(mount, "/Type") == "volume" && matches!(driver.as_str(), "" | "local") && !elsewhere
    };
    let names = mounts.into_iter().flatten().filter(is_local).map(|mount| clean(&text(mount, "/Source")));
    names.filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::sample::{node as machine, noon, service as sample, swarm};
    use crate::model::{Catalogue, Mode, TaskState, Version};

    fn picture() -> Picture {
        let services = [
            sample("media_plex").task(1, "lorcha", TaskState::Running).with(|s| {
                s.constraints = vec!["node.hostname == lorcha".to_owned()];
                s.raw = r#"{"Spec": {"TaskTemplate": {"ContainerSpec": {"Mounts": [
                    {"Type": "volume", "Source": "media_library"},
                    {"Type": "volume", "Source": "nas", "VolumeOptions": {"DriverConfig": {"Name": "local", "Options": {"type": "nfs", "device": ":/x"}}}},
                    {"Type": "bind", "Source": "/mnt"}]}}}}"#.into();
            }),
            sample("media_sonarr").task(1, "lorcha", TaskState::Running),
            sample("media_old").task(1, "barbary", TaskState::Running),
            sample("mon_agent").mode(Mode::Global).task(1, "lorcha", TaskState::Running),
        ];
        let nodes = [machine("barbary").manager(true), machine("lorcha").with(|n| n.version = Version(7))];
        Picture::of(swarm(nodes, services), &Arc::new(Catalogue::default()), noon())
    }

    #[test]
    fn a_drain_says_what_moves_what_cannot_and_which_data_stays() {
        let picture = picture();
        let offer = node(&picture, "lorcha", Duty::Drain, &[]).unwrap().unwrap();
        let told: Vec<(&str, String)> =
            offer.leaves.iter().map(|leaves| (leaves.service.name.as_str(), leaves.words())).collect();
        assert_eq!(
            told,
            [
                ("media_plex", "can run nowhere else: node.hostname == lorcha".to_owned()),
                ("media_sonarr", "moves to barbary".to_owned()),
                ("mon_agent", "ends here: it has one on each node".to_owned()),
            ]
        );
        assert_eq!(offer.sums_up(), "3 tasks leave lorcha: 1 moved, 1 with nowhere to go, 1 ended.");
        assert_eq!(offer.notes, ["Stays on lorcha, its data is not moved: volume media_library (media_plex)."]);
        let Action::Availability { node: member, to } = &offer.action else { panic!() };
        assert_eq!((member.version, *to, offer.action.lane().0.as_str()), (Version(7), Duty::Drain, "node lorcha"));
        // Both at once: what moves from the one does not find the other.
        let beside = [picture.swarm.nodes.values().find(|n| n.hostname == "barbary").unwrap().id.clone()];
        let offer = node(&picture, "lorcha", Duty::Drain, &beside).unwrap().unwrap();
        assert!(offer.leaves[1].words().contains("no other node takes tasks"), "{}", offer.leaves[1].words());
    }

    #[test]
    fn what_a_node_does_already_is_no_offer_and_an_unknown_node_is_a_fault() {
        assert_eq!(node(&picture(), "lorcha", Duty::Active, &[]), Ok(None));
        assert!(node(&picture(), "dhow", Duty::Drain, &[]).unwrap_err().what.contains("no node is called dhow"));
    }
}
