//! A swarm on paper: what is in it, and what can happen to it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::prelude::*;

use super::super::read;
use crate::model::{Node, Service, SwarmEvent, Task};

/// The truth.
#[derive(Debug, Default)]
pub(super) struct World {
    index: u64,
    made: u64,
    /// Services with their version.
    pub(super) services: BTreeMap<String, u64>,
    pub(super) nodes: BTreeMap<String, u64>,
    /// Tasks by id: their service, version and state.
    pub(super) tasks: BTreeMap<String, (String, u64, &'static str)>,
}

/// What can happen.
#[derive(Debug, Clone)]
pub(super) enum Happening {
    MakeService,
    ChangeService(usize),
    RemoveService(usize),
    MakeTask(usize),
    ChangeTask(usize, usize),
    ForgetTask(usize),
    MakeNode,
    ChangeNode(usize, bool),
    RemoveNode(usize),
    /// The question that is out reads one more of its lists.
    Read,
    /// The question that is out is answered.
    Deliver,
    /// The question that is out fails.
    Fail,
    /// The stream breaks; the question that is out may be answered much later.
    Cut,
    /// An answer from before a cut arrives after all.
    Late,
    /// The next event arrives.
    Hear,
    Nudge,
    Pass(u64),
}

impl World {
    pub(super) fn change(&mut self, happening: Happening) -> Option<SwarmEvent> {
        self.index += 1;
        let index = self.index;
        let pick = |keys: Vec<String>, at: usize| (!keys.is_empty()).then(|| keys[at % keys.len()].clone());
        let services: Vec<String> = self.services.keys().cloned().collect();
        let tasks: Vec<String> = self.tasks.keys().cloned().collect();
        let nodes: Vec<String> = self.nodes.keys().cloned().collect();
        self.made += 1;
        match happening {
            Happening::MakeService => {
                let id = format!("s{}", self.made);
                self.services.insert(id.clone(), index);
                event("service", "create", &id, "")
            }
            Happening::ChangeService(at) => {
                let id = pick(services, at)?;
                self.services.insert(id.clone(), index);
                event("service", "update", &id, "")
            }
            Happening::RemoveService(at) => {
                let id = pick(services, at)?;
                self.services.remove(&id);
                event("service", "remove", &id, "")
            }
            Happening::MakeTask(at) => {
                self.tasks.insert(format!("t{}", self.made), (pick(services, at)?, index, "pending"));
                None
            }
            Happening::ChangeTask(at, state) => {
                let task = self.tasks.get_mut(&pick(tasks, at)?)?;
                *task = (task.0.clone(), index, ["running", "failed", "starting"][state % 3]);
                None
            }
            Happening::ForgetTask(at) => {
                self.tasks.remove(&pick(tasks, at)?);
                None
            }
            Happening::MakeNode => {
                let id = format!("n{}", self.made);
                self.nodes.insert(id.clone(), index);
                event("node", "create", &id, "")
            }
            Happening::ChangeNode(at, notable) => {
                let id = pick(nodes, at)?;
                self.nodes.insert(id.clone(), index);
                event("node", "update", &id, if notable { "state ready → down" } else { "" })
            }
            Happening::RemoveNode(at) => {
                let id = pick(nodes, at)?;
                self.nodes.remove(&id);
                event("node", "remove", &id, "")
            }
            _ => None,
        }
    }

    pub(super) fn services(&self) -> Vec<Service> {
        let json = |(id, version): (&String, &u64)| {
            format!(
                r#"{{"ID":"{id}","Version":{{"Index":{version}}},"Spec":{{"Mode":{{"Replicated":{{"Replicas":1}}}}}}}}"#
            )
        };
        self.services.iter().map(|service| read::service(&json(service)).unwrap()).collect()
    }

    pub(super) fn tasks(&self) -> Vec<Task> {
        let json = |(id, (service, version, state)): (&String, &(String, u64, &str))| {
            format!(
                r#"{{"ID":"{id}","ServiceID":"{service}","Version":{{"Index":{version}}},"DesiredState":"running",
                "Status":{{"State":"{state}","Timestamp":"2026-01-01T00:00:00Z"}}}}"#
            )
        };
        self.tasks.iter().map(|task| read::task(&json(task)).unwrap()).collect()
    }

    pub(super) fn nodes(&self) -> Vec<Node> {
        let json = |(id, version): (&String, &u64)| format!(r#"{{"ID":"{id}","Version":{{"Index":{version}}}}}"#);
        self.nodes.iter().map(|node| read::node(&json(node)).unwrap()).collect()
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it is the answer of every arm that tells something")]
fn event(kind: &str, action: &str, id: &str, detail: &str) -> Option<SwarmEvent> {
    Some(SwarmEvent {
        at: Timestamp::UNIX_EPOCH,
        kind: kind.into(),
        action: action.into(),
        id: id.into(),
        name: String::new(),
        detail: detail.into(),
    })
}

pub(super) fn happening() -> impl Strategy<Value = Happening> {
    use Happening as H;
    let at = || 0_usize..8;
    prop_oneof![
        2 => Just(H::MakeService),
        4 => at().prop_map(H::ChangeService),
        2 => at().prop_map(H::RemoveService),
        3 => at().prop_map(H::MakeTask),
        4 => (at(), at()).prop_map(|(at, state)| H::ChangeTask(at, state)),
        1 => at().prop_map(H::ForgetTask),
        1 => Just(H::MakeNode),
        2 => (at(), any::<bool>()).prop_map(|(at, notable)| H::ChangeNode(at, notable)),
        1 => at().prop_map(H::RemoveNode),
        6 => Just(H::Read),
        8 => Just(H::Deliver),
        1 => Just(H::Fail),
        1 => Just(H::Cut),
        1 => Just(H::Late),
        8 => Just(H::Hear),
        1 => Just(H::Nudge),
        6 => prop_oneof![0_u64..200, 0_u64..20_000].prop_map(H::Pass),
    ]
}
