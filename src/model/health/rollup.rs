//! From services to stacks, tiers, nodes, quorum and the list of what is wrong now.

use std::collections::{BTreeMap, BTreeSet};

use super::picture::{NodeLoad, Quorum, Services, StackHealth, TierHealth, Trouble, TroubleAt};
use crate::model::text::counted;
use crate::model::{
    Availability, Catalogue, Filed, NodeId, NodeState, Reachability, ServiceId, Snapshot, State, Task, TaskState, Tier,
};

/// Each live stack and each stack of the folder, in tier order, then by name.
pub fn stacks(swarm: &Snapshot, catalogue: &Catalogue, healths: &Services) -> Vec<StackHealth> {
    let mut members: BTreeMap<&str, Vec<&ServiceId>> =
        catalogue.stacks.keys().map(|name| (name.as_str(), Vec::new())).collect();
    for service in swarm.services.values() {
        members.entry(service.stack.as_deref().unwrap_or_default()).or_default().push(&service.id);
    }
    let mut stacks: Vec<StackHealth> = members
        .into_iter()
        .map(|(name, mut ids)| {
            ids.sort_by_key(|id| swarm.services.get(*id).map(|service| service.name.as_str()));
            stack(name, &ids, swarm, catalogue, healths)
        })
        .collect();
    stacks.sort_by(|a, b| (&a.tier, &a.name).cmp(&(&b.tier, &b.name)));
    stacks
}

fn stack(name: &str, ids: &[&ServiceId], swarm: &Snapshot, catalogue: &Catalogue, healths: &Services) -> StackHealth {
    let mut health = StackHealth {
        name: name.to_owned(),
        tier: catalogue.tier_of(name),
        state: State::Off,
        reasons: Vec::new(),
        services: ids.iter().map(|id| (*id).clone()).collect(),
        ready: 0,
        long_running: 0,
        done: 0,
        one_shots: 0,
        nodes: Vec::new(),
        file: catalogue.stacks.get(name).map(|filed| filed.file.display().to_string()),
    };
    let mut nodes = BTreeSet::new();
    let mut reasons: Vec<(State, String)> = Vec::new();
    let mut state = None;
    for (service, judged) in ids.iter().filter_map(|id| Some((swarm.services.get(*id)?, healths.get(*id)?))) {
        if service.mode.is_one_shot() {
            health.one_shots += 1;
            health.done += usize::from(judged.state == State::Done);
        } else {
            health.long_running += 1;
            health.ready += usize::from(judged.state.is_settled());
        }
        nodes.extend(judged.nodes.iter().cloned());
        state = state.max(Some(judged.state));
        if !judged.state.is_settled() {
            let why = judged.reasons.first().map_or(judged.state.word(), String::as_str);
            reasons.push((judged.state, format!("{}: {why}", service.short_name())));
        }
    }
    reasons.sort_by_key(|(state, _)| std::cmp::Reverse(*state));
    health.state = state.unwrap_or(State::Off);
    health.reasons = reasons.into_iter().map(|(_, reason)| reason).collect();
    if ids.is_empty() {
        let absent = catalogue.stacks.get(name).and_then(Filed::why_absent);
        health.reasons.push(absent.unwrap_or_else(|| "not deployed".to_owned()));
    }
    health.nodes = nodes.into_iter().collect();
    health
}

/// Each tier that has a stack. What the swarm does not run, and is not to run, counts nowhere.
pub fn tiers(stacks: &[StackHealth], catalogue: &Catalogue) -> Vec<TierHealth> {
    let counts = |stack: &&StackHealth| {
        !stack.services.is_empty() || catalogue.stacks.get(&stack.name).is_none_or(Filed::is_awaited)
    };
    Tier::ALL
        .into_iter()
        .filter_map(|tier| {
            let members: Vec<&StackHealth> = stacks.iter().filter(|stack| stack.tier == tier).filter(counts).collect();
            let worst = members.iter().max_by_key(|stack| stack.state)?;
            Some(TierHealth {
                state: worst.state,
                stacks: members.iter().map(|stack| stack.name.clone()).collect(),
                ready: members.iter().filter(|stack| stack.state.is_settled() && !stack.services.is_empty()).count(),
                reason: tier_reason(worst, &members),
                tier,
            })
        })
        .collect()
}

fn tier_reason(worst: &StackHealth, members: &[&StackHealth]) -> Option<String> {
    if !worst.state.is_settled() {
        return Some(format!("{}: {}", worst.name, worst.reasons.first().map_or("", String::as_str)));
    }
    match members.iter().filter(|stack| stack.services.is_empty()).count() {
        0 => None,
        all if all == members.len() => Some("not deployed".to_owned()),
        some => Some(format!("{} not deployed", counted(some as u64, "stack"))),
    }
}

/// What runs on each node.
pub fn nodes(swarm: &Snapshot, healths: &Services) -> BTreeMap<NodeId, NodeLoad> {
    let mut loads: BTreeMap<NodeId, NodeLoad> = BTreeMap::new();
    let mut stacks: BTreeMap<&NodeId, BTreeSet<&str>> = BTreeMap::new();
    for (service_id, tasks) in swarm.tasks.iter() {
        let service = swarm.services.get(service_id);
        let troubled = healths.get(service_id).is_some_and(|health| health.state.is_trouble());
        let mut seen = BTreeSet::new();
        for (node, task) in tasks.iter().filter_map(|task| Some((task.node.as_ref()?, task.as_ref()))) {
            let away = swarm.nodes.get(node).is_some_and(|node| !node.is_ready());
            // Swarm gives up the tasks of a lost node at once, and nobody knows whether they still run there.
            if !runs(task) || !(away || task.is_wanted()) {
                continue;
            }
            let load = loads.entry(node.clone()).or_default();
            load.tasks += u64::from(!away);
            load.unknown += u64::from(away);
            load.reserved_cpus += task.reserved_cpus;
            load.reserved_memory += task.reserved_memory;
            stacks.entry(node).or_default().extend(service.and_then(|service| service.stack.as_deref()));
            load.troubled += u64::from(troubled && seen.insert(node));
        }
    }
    for (id, node) in swarm.nodes.iter() {
        let load = loads.entry(id.clone()).or_default();
        load.stacks =
            stacks.get(id).map(|names| names.iter().map(|name| (*name).to_owned()).collect()).unwrap_or_default();
        (load.state, load.reason) = match (&node.state, &node.availability) {
            (NodeState::Down, _) => (State::Failed, Some(said("down", &node.message))),
            (NodeState::Disconnected, _) => (State::Failed, Some(said("disconnected", &node.message))),
            (NodeState::Ready, Availability::Drain) => (State::Off, Some("drained".to_owned())),
            (NodeState::Ready, Availability::Pause) => (State::Waiting, Some("paused: takes no new tasks".to_owned())),
            (NodeState::Ready, _) => match &node.manager {
                Some(manager) if manager.reachability == Reachability::Unreachable => {
                    (State::Degraded, Some("the other managers do not reach it".to_owned()))
                }
                _ => (State::Ready, None),
            },
            (other, _) => (State::Unknown, Some(said(other.as_str(), &node.message))),
        };
    }
    loads
}

fn runs(task: &Task) -> bool {
    matches!(task.state, TaskState::Running | TaskState::Starting | TaskState::Preparing | TaskState::Ready)
}

fn said(word: &str, message: &str) -> String {
    if message.is_empty() { word.to_owned() } else { format!("{word}: {message}") }
}

/// The managers and how many of them may fail.
pub fn quorum(swarm: &Snapshot) -> Quorum {
    let managers = swarm.nodes.values().filter(|node| node.manager.is_some()).count();
    let reachable = swarm.nodes.values().filter(|node| node.is_reachable_manager()).count();
    let majority = managers / 2 + 1;
    Quorum {
        managers,
        reachable,
        can_lose: reachable.saturating_sub(majority),
        held: managers > 0 && reachable >= majority,
    }
}

/// What is wrong now, worst first; nodes before the services that suffer from them.
pub fn troubles(
    swarm: &Snapshot,
    healths: &Services,
    loads: &BTreeMap<NodeId, NodeLoad>,
    quorum: Quorum,
) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    if !quorum.held && !swarm.nodes.is_empty() {
        troubles.push(Trouble {
            state: State::Failed,
            at: TroubleAt::Quorum,
            name: "quorum".to_owned(),
            why: format!("{} of {} managers reachable: nothing can be changed", quorum.reachable, quorum.managers),
            node: None,
            since: None,
        });
    }
    for (node, load) in swarm.nodes.values().filter_map(|node| Some((node, loads.get(&node.id)?))) {
        if load.state.is_trouble() {
            let tasks =
                if load.unknown > 0 { format!("; {} unknown", counted(load.unknown, "task")) } else { String::new() };
            troubles.push(Trouble {
                state: load.state,
                at: TroubleAt::Node(node.id.clone()),
                name: node.hostname.clone(),
                why: format!("{}{tasks}", load.reason.as_deref().unwrap_or(load.state.word())),
                node: Some(node.id.clone()),
                since: None,
            });
        }
    }
    let mut services: Vec<Trouble> = swarm
        .services
        .values()
        .filter_map(|service| Some((service, healths.get(&service.id).filter(|health| health.state.is_trouble())?)))
        .map(|(service, health)| Trouble {
            state: health.state,
            at: TroubleAt::Service(service.id.clone()),
            name: service.name.clone(),
            why: health.reasons.first().cloned().unwrap_or_else(|| health.state.word().to_owned()),
            node: swarm.tasks_of(&service.id).iter().rev().find_map(|task| task.node.clone()),
            since: health.since,
        })
        .collect();
    services.sort_by(|a, b| b.state.cmp(&a.state).then_with(|| a.name.cmp(&b.name)));
    troubles.extend(services);
    troubles
}
