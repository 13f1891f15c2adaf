//! `status`: nodes, quorum, tiers, stacks and services, each with its reason.

use serde::Serialize;

use super::args::Globals;
use super::connect::World;
use super::{Ending, Stopped, print};
use crate::model::text::{clean, counted};
use crate::model::{Node, Passed, Picture, Service, ServiceHealth, StackHealth, State, Tier, TierHealth};

/// Looks once and says what is.
pub async fn run(globals: &Globals, world: &World) -> Result<Ending, Stopped> {
    let picture = world.look().await?;
    if globals.verbose > 0 {
        print::remark(&format!("engine: {} ({})", picture.swarm.cluster.endpoint, world.said_by));
    }
    for passed in &picture.swarm.cluster.passed {
        print::remark(&format!("passed over: {} is {}", passed.endpoint, passed.why));
    }
    if globals.json {
        print::document(&Status::of(&picture));
    } else {
        for line in text(&picture) {
            if !print::line(&line) {
                break;
            }
        }
    }
    Ok(if is_healthy(&picture) { Ending::Done } else { Ending::Failed })
}

fn is_healthy(picture: &Picture) -> bool {
    picture.troubles.is_empty() && picture.services.values().all(|health| health.state.is_settled())
}

/// The document of `status --json`; names in it are a promise to scripts.
#[derive(Debug, Serialize)]
struct Status<'a> {
    cluster: ClusterRow<'a>,
    nodes: Vec<NodeRow<'a>>,
    quorum: QuorumRow,
    tiers: Vec<TierRow<'a>>,
    stacks: Vec<StackRow<'a>>,
    services: Vec<ServiceRow<'a>>,
}

#[derive(Debug, Serialize)]
struct ClusterRow<'a> {
    id: &'a str,
    through: &'a str,
    endpoint: &'a str,
    engine_version: &'a str,
    api_version: &'a str,
    passed_over: Vec<PassedRow<'a>>,
}

#[derive(Debug, Serialize)]
struct PassedRow<'a> {
    endpoint: &'a str,
    why: &'a str,
}

/// A node, as scripts read it.
#[derive(Debug, Serialize)]
pub struct NodeRow<'a> {
    id: &'a str,
    hostname: &'a str,
    role: &'a str,
    leader: bool,
    reachability: Option<&'a str>,
    state: &'a str,
    availability: &'a str,
    address: &'a str,
    engine_version: &'a str,
    tasks: u64,
    unknown_tasks: u64,
}

#[derive(Debug, Serialize)]
struct QuorumRow {
    managers: usize,
    reachable: usize,
    can_lose: usize,
}

#[derive(Debug, Serialize)]
struct TierRow<'a> {
    name: &'a str,
    state: &'a str,
    reason: Option<&'a str>,
    stacks: &'a [String],
}

#[derive(Debug, Serialize)]
struct StackRow<'a> {
    name: &'a str,
    tier: &'a str,
    state: &'a str,
    reasons: &'a [String],
    file: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct ServiceRow<'a> {
    id: &'a str,
    name: &'a str,
    stack: Option<&'a str>,
    tier: &'a str,
    mode: &'a str,
    running: u64,
    desired: u64,
    completed: u64,
    unknown: u64,
    state: &'a str,
    reasons: &'a [String],
    image: &'a str,
}

impl<'a> Status<'a> {
    fn of(picture: &'a Picture) -> Self {
        let cluster = &picture.swarm.cluster;
        Self {
            cluster: ClusterRow {
                id: &cluster.id,
                through: &cluster.through,
                endpoint: &cluster.endpoint,
                engine_version: &cluster.engine_version,
                api_version: &cluster.api_version,
                passed_over: cluster.passed.iter().map(PassedRow::of).collect(),
            },
            nodes: nodes(picture).into_iter().map(|node| NodeRow::of(picture, node)).collect(),
            quorum: QuorumRow {
                managers: picture.quorum.managers,
                reachable: picture.quorum.reachable,
                can_lose: picture.quorum.can_lose,
            },
            // What is in no folder is in no tier: those stacks say so themselves.
            tiers: picture.tiers.iter().filter(|tier| tier.tier != Tier::Unassigned).map(TierRow::of).collect(),
            stacks: picture.stacks.iter().filter(|stack| !stack.name.is_empty()).map(StackRow::of).collect(),
            services: services(picture)
                .into_iter()
                .map(|(service, health)| ServiceRow::of(picture, service, health))
                .collect(),
        }
    }
}

impl<'a> PassedRow<'a> {
    fn of(passed: &'a Passed) -> Self {
        Self { endpoint: &passed.endpoint, why: &passed.why }
    }
}

impl<'a> NodeRow<'a> {
    /// Of one of them.
    pub fn of(picture: &Picture, node: &'a Node) -> Self {
        let load = picture.nodes.get(&node.id);
        Self {
            id: node.id.as_str(),
            hostname: &node.hostname,
            role: node.role.as_str(),
            leader: node.is_leader(),
            reachability: node.manager.as_ref().map(|manager| manager.reachability.as_str()),
            state: node.state.as_str(),
            availability: node.availability.as_str(),
            address: &node.address,
            engine_version: &node.engine_version,
            tasks: load.map_or(0, |load| load.tasks),
            unknown_tasks: load.map_or(0, |load| load.unknown),
        }
    }
}

impl<'a> TierRow<'a> {
    fn of(tier: &'a TierHealth) -> Self {
        Self { name: tier.tier.name(), state: tier.state.word(), reason: tier.reason.as_deref(), stacks: &tier.stacks }
    }
}

impl<'a> StackRow<'a> {
    fn of(stack: &'a StackHealth) -> Self {
        Self {
            name: &stack.name,
            tier: stack.tier.name(),
            state: stack.state.word(),
            reasons: &stack.reasons,
            file: stack.file.as_deref(),
        }
    }
}

impl<'a> ServiceRow<'a> {
    fn of(picture: &Picture, service: &'a Service, health: &'a ServiceHealth) -> Self {
        Self {
            id: service.id.as_str(),
            name: &service.name,
            stack: service.stack.as_deref(),
            tier: picture.catalogue.tier_of(service.stack.as_deref().unwrap_or_default()).name(),
            mode: service.mode.word(),
            running: health.running,
            desired: health.desired,
            completed: health.completed,
            unknown: health.unknown,
            state: health.state.word(),
            reasons: &health.reasons,
            image: &service.image,
        }
    }
}

/// Managers first, then by name.
pub fn nodes(picture: &Picture) -> Vec<&Node> {
    let mut nodes: Vec<&Node> = picture.swarm.nodes.values().map(AsRef::as_ref).collect();
    nodes.sort_by_key(|node| (node.manager.is_none(), &node.hostname));
    nodes
}

fn services(picture: &Picture) -> Vec<(&Service, &ServiceHealth)> {
    let mut services: Vec<(&Service, &ServiceHealth)> = picture
        .swarm
        .services
        .values()
        .filter_map(|service| Some((service.as_ref(), picture.health(&service.id)?)))
        .collect();
    services.sort_by_key(|(service, _)| &service.name);
    services
}

fn text(picture: &Picture) -> Vec<String> {
    let cluster = &picture.swarm.cluster;
    let nodes = nodes(picture);
    let ready = nodes.iter().filter(|node| node.is_ready()).count();
    let mut lines = vec![
        format!(
            "swarm through {} · {} · engine {}, API {}",
            cluster.through, cluster.endpoint, cluster.engine_version, cluster.api_version
        ),
        format!(
            "nodes {ready}/{} ready · {} managers, {} reachable, can lose {}",
            nodes.len(),
            picture.quorum.managers,
            picture.quorum.reachable,
            picture.quorum.can_lose
        ),
    ];
    for node in &nodes {
        let load = picture.nodes.get(&node.id).cloned().unwrap_or_default();
        let role = if node.is_leader() { "leader" } else { node.role.as_str() };
        let tasks = if load.unknown > 0 {
            format!("{} unknown", counted(load.unknown, "task"))
        } else {
            counted(load.tasks, "task")
        };
        let why = load.reason.map(|why| format!("  {why}")).unwrap_or_default();
        lines.push(format!("  {} {:<16} {role:<8} {:<15} {tasks}{why}", mark(load.state), node.hostname, node.address));
    }
    for tier in picture.tiers.iter() {
        lines.push(String::new());
        lines.push(format!("{} {}/{} stacks", tier.tier.name(), tier.ready, tier.stacks.len()));
        for stack in picture.stacks.iter().filter(|stack| stack.tier == tier.tier) {
            let name = if stack.name.is_empty() { "(no stack)" } else { &stack.name };
            let one_shots = if stack.one_shots > 0 {
                format!(", one-shots {}/{}", stack.done, stack.one_shots)
            } else {
                String::new()
            };
            lines.push(format!("  {} {name:<20} {}/{}{one_shots}", mark(stack.state), stack.ready, stack.long_running));
            lines.extend(stack.reasons.iter().map(|why| format!("      {}", clean(why))));
        }
    }
    lines
}

fn mark(state: State) -> String {
    format!("{} {:<10}", state.sign(), state.word())
}
