//! How much containers use: now, and in the last minute. A node that does not answer is a row with its reason.

use super::{World, silent};
use crate::app::Subject;
use crate::app::format::{bytes, spark};
use crate::app::list::{Cell, Column, Row, rows};
use crate::model::{Node, NodeId, State, Told, Use, Used};

/// Cells of a sparkline; each stands for five seconds.
const CELLS: usize = 12;
/// What a full sparkline stands for at least, so that nothing is not drawn as much: a twentieth of a core, and so on.
const LEAST_CPU: u64 = 50;
const LEAST_MEMORY: u64 = 1 << 20;
const LEAST_RATE: u64 = 16 << 10;

/// The columns.
pub const COLUMNS: &[Column] = &[
    Column::words("STATE", 9, 12).keep(6),
    Column::words("NAME", 10, 48),
    Column::words("NODE", 6, 24).keep(2),
    Column::numbers("CPU", 6),
    Column::words("CPU 1 MIN", CELLS, CELLS).keep(3),
    Column::numbers("MEMORY", 8),
    Column::numbers("OF LIMIT", 8).keep(4),
    Column::numbers("NET IN/s", 9).keep(5),
    Column::numbers("NET OUT/s", 9).keep(5),
    Column::words("NET 1 MIN", CELLS, CELLS).keep(8),
    Column::numbers("READ/s", 9).keep(6),
    Column::numbers("WRITE/s", 9).keep(6),
    Column::words("DISK 1 MIN", CELLS, CELLS).keep(9),
    Column::words("MEM 1 MIN", CELLS, CELLS).keep(7),
    Column::numbers("LIMIT", 8).keep(10).quiet(),
    Column::words("REASON", 16, 200).keep(1).grows(),
];

/// One row a container, by name; nodes that do not answer first.
pub fn rows(world: World<'_>) -> Vec<Row> {
    let mut all: Vec<(String, Row)> = Vec::new();
    for (id, reply) in &world.survey.nodes {
        match super::told(reply) {
            Ok(Told::Usage(used)) => all.extend(used.iter().map(|used| row(used, id, world))),
            Ok(_) => {}
            Err(why) => all.push((String::new(), silent::row(id, why, world, COLUMNS))),
        }
    }
    rows::ranked(all)
}

fn row(used: &Used, id: &NodeId, world: World<'_>) -> (String, Row) {
    let swarm = &world.picture.swarm;
    let node = swarm.nodes.get(id).map(|node| node.as_ref());
    let container = &used.container;
    let name = name(used, node, world).unwrap_or_else(|| container.name.clone());
    let subject = match &container.task {
        Some((service, task)) if swarm.services.contains_key(service) => Subject::Task(service.clone(), task.clone()),
        _ => Subject::Container(id.clone(), container.id.clone()),
    };
    let now = used.now().copied().unwrap_or_default();
    let cpus: Vec<u64> = used.readings.iter().filter_map(|reading| reading.cpu).collect();
    let (net_in, net_out) = (used.rates(|reading| reading.received), used.rates(|reading| reading.sent));
    let (read, written) = (used.rates(|reading| reading.read), used.rates(|reading| reading.written));
    let both = |a: &[u64], b: &[u64]| a.iter().zip(b).map(|(a, b)| a.saturating_add(*b)).collect::<Vec<_>>();
    let memory: Vec<u64> = used.readings.iter().map(|reading| reading.memory).collect();
    let known = |text: Cell| if used.readings.is_empty() { Cell::None } else { text };
    let rate = |all: &[u64]| all.last().map_or(Cell::None, |rate| Cell::Number(*rate, bytes(*rate)));
    let line = |all: &[u64], least| Cell::Text(spark(all, CELLS, least));
    let cells = vec![
        Cell::state_as(State::Ready, "running"),
        Cell::Text(name.clone()),
        Cell::text_of(swarm.hostname(id)),
        now.cpu.map_or(Cell::None, |cpu| Cell::Number(cpu, percent(cpu))),
        line(&cpus, LEAST_CPU),
        known(Cell::Number(now.memory, bytes(now.memory))),
        known(share(&now)),
        rate(&net_in),
        rate(&net_out),
        line(&both(&net_in, &net_out), LEAST_RATE),
        rate(&read),
        rate(&written),
        line(&both(&read, &written), LEAST_RATE),
        line(&memory, LEAST_MEMORY),
        known(Cell::Number(now.limit, bytes(now.limit))),
        // Words here would keep the column for good, and others off a narrow screen.
        Cell::None,
    ];
    let mut row = Row::new(subject, State::Ready, cells);
    row.node = Some(id.clone());
    (name, row)
}

/// As the tasks are called everywhere.
fn name(used: &Used, node: Option<&Node>, world: World<'_>) -> Option<String> {
    let (service, id) = used.container.task.as_ref()?;
    let task = world.picture.swarm.tasks_of(service).iter().find(|task| task.id == *id)?;
    let service = world.picture.swarm.services.get(service)?;
    Some(match (task.slot, node) {
        (Some(slot), _) => format!("{}.{slot}", service.name),
        (None, Some(node)) => format!("{}@{}", service.name, node.hostname),
        (None, None) => service.name.clone(),
    })
}

/// Thousandths of a core as hundredths of one: `4.2%`, `118%`.
fn percent(cpu: u64) -> String {
    if cpu < 1000 { format!("{}.{}%", cpu / 10, cpu % 10) } else { format!("{}%", cpu / 10) }
}

fn share(now: &Use) -> Cell {
    match now.memory.saturating_mul(100).checked_div(now.limit) {
        Some(share) => Cell::Number(share, format!("{share}%")),
        None => Cell::None,
    }
}
