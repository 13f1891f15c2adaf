//! What stands before the text of each line, and how wide that is. Names come from the picture.

use std::collections::HashMap;

use crate::app::format::width;
use crate::model::{LogTarget, NodeId, Picture, ServiceId, Task, TaskId};

/// Widths of what stands before the text; 0 where it is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Columns {
    /// The time of day: 12 with, 8 without its thousandths.
    pub time: usize,
    /// The replica.
    pub name: usize,
    /// The node.
    pub node: usize,
    /// The level.
    pub level: usize,
}

impl Columns {
    /// Columns before the text, with the margin and the bar.
    #[must_use]
    pub fn total(&self) -> usize {
        let each = [self.time, self.name, self.node, self.level];
        each.iter().filter(|wide| **wide > 0).map(|wide| wide + 1).sum::<usize>() + 3
    }
}

/// The names of tasks and nodes. What was once known stays, as the swarm forgets old tasks.
#[derive(Debug, Clone, Default)]
pub struct Names {
    tasks: HashMap<TaskId, String>,
    nodes: HashMap<NodeId, String>,
    longest_task: usize,
    longest_node: usize,
}

impl Names {
    /// Learns the names of the tasks of one target, and of all nodes.
    pub fn learn(&mut self, target: &LogTarget, picture: &Picture) {
        let (LogTarget::Service { id: service, .. } | LogTarget::Task { service, .. }) = target;
        for task in picture.swarm.tasks_of(service).iter() {
            if self.tasks.contains_key(&task.id) {
                continue;
            }
            let name = replica(picture, service, task);
            self.longest_task = self.longest_task.max(width(&name));
            self.tasks.insert(task.id.clone(), name);
        }
        for node in picture.swarm.nodes.values() {
            if self.nodes.get(&node.id).is_none_or(|known| *known != node.hostname) {
                self.longest_node = self.longest_node.max(width(&node.hostname));
                self.nodes.insert(node.id.clone(), node.hostname.clone());
            }
        }
    }

    /// The name of a task: `service.slot`.
    #[must_use]
    pub fn task<'a>(&'a self, id: &'a TaskId) -> &'a str {
        self.tasks.get(id).map_or_else(|| id.short(), String::as_str)
    }

    /// The name of a node.
    #[must_use]
    pub fn node<'a>(&'a self, id: &'a NodeId) -> &'a str {
        self.nodes.get(id).map_or_else(|| id.short(), String::as_str)
    }

    /// Columns that fit a screen of this width.
    #[must_use]
    pub fn columns(&self, total: u16, (times, names): (bool, bool)) -> Columns {
        let narrow = total < 60;
        let full = |on: bool, wide: usize| if on { wide } else { 0 };
        Columns {
            time: full(times, if narrow { 8 } else { 12 }),
            name: full(names, self.longest_task.clamp(6, if narrow { 10 } else { 20 })),
            node: full(names && total >= 80, self.longest_node.clamp(4, 12)),
            level: full(total >= 80, 3),
        }
    }
}

fn replica(picture: &Picture, service: &ServiceId, task: &Task) -> String {
    let name = picture.swarm.services.get(service).map_or_else(|| service.short(), |service| service.short_name());
    match (task.slot, &task.node) {
        (Some(slot), _) => format!("{name}.{slot}"),
        (None, Some(node)) => format!("{name}.{}", picture.swarm.hostname(node)),
        (None, None) => name.to_owned(),
    }
}
