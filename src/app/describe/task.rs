//! A task, and tasks in other descriptions.

use std::sync::Arc;

use super::{Description, Section, Stated, when};
use crate::app::format::{age, bytes, cpus, lasting};
use crate::app::screens::{World, task_state};
use crate::model::{NodeId, State, Task, TaskState};

pub fn describe(task: &Task, world: World<'_>) -> Description {
    let swarm = &world.picture.swarm;
    let mut now = Section::new("state");
    let known = last_known(task, world);
    let known = if known.is_empty() { known } else { format!("{known}, ") };
    now.stated("state", format!("{known}wanted: {}", task.desired), stated(task, world));
    now.add("message", task.message.clone()).add("error", task.error.clone());
    now.add("exit code", task.exit_code.filter(|_| !is_alive(task)).map(|code| code.to_string()).unwrap_or_default());
    now.add("since", when(task.since, world.now)).add("made", when(task.created, world.now));
    now.add("lived", lived(task));

    let mut place = Section::new("where");
    let service = swarm.services.get(&task.service);
    place.add("service", service.map_or_else(|| task.service.short().to_owned(), |service| service.name.clone()));
    place.add("slot", task.slot.map_or_else(|| "none: one on each node".to_owned(), |slot| slot.to_string()));
    match &task.node {
        Some(id) => {
            let known = swarm.nodes.get(id);
            let said = known.map_or_else(|| "unknown".to_owned(), |node| node.state.to_string());
            place.add("node", format!("{} ({said})", swarm.hostname(id)));
        }
        None => drop(place.add("node", "none yet")),
    }
    place.add("container", task.container.clone().unwrap_or_default());
    place.add("image", task.image.clone());
    place.add("task id", task.id.as_str());
    place.add("reserves", reserves(task.reserved_cpus, task.reserved_memory));

    let mut others = Section::new("other attempts of this slot");
    for other in swarm.tasks_of(&task.service).iter().rev().filter(|other| other.has_place_of(task)) {
        others.stated(other.id.short(), line(other, None, world), stated(other, world));
    }
    let name = service.map_or("", |service| service.name.as_str());
    Description {
        title: format!("task {name}{}", slot(task, world)),
        state: Some(stated(task, world)),
        sections: vec![now, place, others],
    }
}

fn is_alive(task: &Task) -> bool {
    task.state == TaskState::Running || task.state.is_starting()
}

/// How long it ran, if it ended.
fn lived(task: &Task) -> String {
    match (task.created, task.since) {
        (Some(created), Some(ended)) if !is_alive(task) => lasting(ended.duration_since(created).as_secs()),
        _ => String::new(),
    }
}

/// `.3`, or the node of a task that has no number.
pub fn slot(task: &Task, world: World<'_>) -> String {
    match (task.slot, &task.node) {
        (Some(slot), _) => format!(".{slot}"),
        (None, Some(node)) => format!(".{}", world.picture.swarm.hostname(node)),
        (None, None) => String::new(),
    }
}

/// How a task is, in its own word; what it was last, where nobody knows how it is, is said beside it.
pub fn stated(task: &Task, world: World<'_>) -> Stated {
    match task_state(world.picture, task) {
        State::Unknown => State::Unknown.into(),
        state => (state, task.state.as_str()).into(),
    }
}

fn last_known(task: &Task, world: World<'_>) -> String {
    match task_state(world.picture, task) {
        State::Unknown => task.state.to_string(),
        _ => String::new(),
    }
}

/// One task in one line: `on ching for 2h`, `on lorcha 40s ago after 4s, exit 1: …`. The state's word stands
/// before it and is not said again, nor is the node of a page about it.
pub fn line(task: &Task, page: Option<&NodeId>, world: World<'_>) -> String {
    let node = task.node.as_ref().filter(|node| Some(*node) != page);
    let at = node.map(|node| format!(" on {}", world.picture.swarm.hostname(node))).unwrap_or_default();
    let mut line = format!("{}{at}", last_known(task, world));
    if let Some(since) = task.since {
        let age = age(since, world.now);
        line.push_str(&if is_alive(task) { format!(" for {age}") } else { format!(" {age} ago") });
    }
    let lived = lived(task);
    if task.state.is_failure() && !lived.is_empty() {
        line.push_str(&format!(" after {lived}"));
    }
    if let Some(code) = task.exit_code.filter(|code| *code != 0 && !is_alive(task)) {
        line.push_str(&format!(", exit {code}"));
    }
    // Of a code alone the engine says no more than the code.
    let is_said = task.exit_code.is_some_and(|code| task.error == format!("task: non-zero exit ({code})"));
    if !task.error.is_empty() && !is_said {
        line.push_str(&format!(": {}", task.error));
    }
    line.trim_start().to_owned()
}

/// Tasks of a service by slot: what runs, and below it what was before.
pub fn by_slot(tasks: &[Arc<Task>], world: World<'_>) -> Section {
    let mut section = Section::new("tasks");
    let mut newest_first: Vec<&Task> = tasks.iter().rev().map(Arc::as_ref).collect();
    newest_first.sort_by(|a, b| {
        let key = |task: &Task| (task.slot, task.slot.is_none().then(|| task.node.clone()), !task.is_wanted());
        key(a).cmp(&key(b))
    });
    let mut last = None;
    for task in newest_first {
        let slot = slot(task, world);
        let label = if last.as_ref() == Some(&slot) { "" } else { &slot };
        section.stated(label, line(task, None, world), stated(task, world));
        last = Some(slot);
    }
    section
}

/// What a task reserves; empty if nothing.
pub fn reserves(cpu: u64, memory: u64) -> String {
    match (cpu, memory) {
        (0, 0) => "nothing".to_owned(),
        (cpu, 0) => format!("{} cpu", cpus(cpu)),
        (0, memory) => bytes(memory),
        (cpu, memory) => format!("{} cpu, {}", cpus(cpu), bytes(memory)),
    }
}
