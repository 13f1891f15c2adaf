//! Tasks: every attempt to run something. What is wrong or went wrong lately comes first, the past last.

use std::cmp::Reverse;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::World;
use crate::app::Subject;
use crate::app::format;
use crate::app::list::{Cell, Column, Row, rows};
use crate::model::{Picture, Service, State, Task, TaskState};

/// The columns.
pub const COLUMNS: &[Column] = &[
    Column::words("STATE", 11, 14),
    Column::words("TASK", 10, 48),
    Column::words("NODE", 6, 24).keep(1),
    Column::words("WANTED", 8, 10).keep(5).quiet().common(),
    Column::numbers("AGE", 4).keep(2),
    Column::words("IMAGE", 8, 40).keep(4).quiet(),
    Column::words("ID", 12, 12).keep(6).wide().quiet(),
    Column::words("REASON", 8, 200).keep(3).grows(),
];

/// For so long a failed task that was replaced still asks for attention.
const FRESH: SignedDuration = SignedDuration::from_mins(10);

/// One row a task.
pub fn rows(world: World<'_>, of: Option<&Subject>) -> Vec<Row> {
    let swarm = &world.picture.swarm;
    let mut tasks: Vec<(&Service, &Task, State)> = Vec::new();
    for service in swarm.services.values().filter(|service| may_hold(service, of)) {
        for task in swarm.tasks_of(&service.id).iter().map(Arc::as_ref).filter(|task| belongs(task, of)) {
            tasks.push((service, task, task_state(world.picture, task)));
        }
    }
    // Each place is worked out once: ten thousand tasks are compared with each other a hundred thousand times.
    tasks.sort_by_cached_key(|task| place(task, world.now));
    let mut all: Vec<Row> =
        tasks.into_iter().map(|(service, task, state)| row(world.picture, service, task, state)).collect();
    rows::rank(&mut all);
    all
}

/// How a task is doing, in the one language of states.
#[must_use]
pub fn task_state(picture: &Picture, task: &Task) -> State {
    let away = task.node.as_ref().and_then(|id| picture.swarm.nodes.get(id)).is_some_and(|node| !node.is_ready());
    match &task.state {
        state if state.is_failure() => State::Failed,
        TaskState::Complete => State::Done,
        TaskState::Shutdown | TaskState::Remove => State::Off,
        _ if away => State::Unknown,
        _ if !task.is_wanted() => State::Off,
        TaskState::Running => State::Ready,
        TaskState::Pending if !task.error.is_empty() => State::Waiting,
        state if state.is_starting() => State::Converging,
        _ => State::Unknown,
    }
}

fn may_hold(service: &Service, of: Option<&Subject>) -> bool {
    match of {
        Some(Subject::Service(id)) => service.id == *id,
        Some(Subject::Stack(name)) => service.stack.as_deref().unwrap_or_default() == name,
        _ => true,
    }
}

fn belongs(task: &Task, of: Option<&Subject>) -> bool {
    match of {
        Some(Subject::Node(node)) => task.node.as_ref() == Some(node),
        Some(Subject::Task(_, id)) => task.id == *id,
        _ => true,
    }
}

/// Where a task stands without a sort: trouble, fresh failures, what runs, the past.
fn place<'a>(
    (service, task, state): &(&'a Service, &'a Task, State),
    now: Timestamp,
) -> (u8, Reverse<State>, &'a str, Option<u64>, Reverse<Option<Timestamp>>) {
    let fresh = task.since.is_some_and(|since| now.duration_since(since) <= FRESH);
    let rank = match (task.is_wanted(), state) {
        (_, State::Failed) if fresh => 0,
        (true, state) if state.is_trouble() && !task.state.is_failure() => 0,
        (true, State::Converging) => 1,
        (true, State::Ready) => 2,
        _ => 3,
    };
    // The past is ordered by time alone, the newest first.
    match rank {
        3 => (3, Reverse(State::Done), "", None, Reverse(task.since)),
        rank => (rank, Reverse(*state), &service.name, task.slot, Reverse(task.since)),
    }
}

fn row(picture: &Picture, service: &Service, task: &Task, state: State) -> Row {
    let node = task.node.as_ref().map(|id| picture.swarm.hostname(id)).unwrap_or_default();
    let name = match task.slot {
        Some(slot) => format!("{}.{slot}", service.name),
        None if node.is_empty() => service.name.clone(),
        None => format!("{}@{node}", service.name),
    };
    let mut row = Row::new(
        Subject::Task(service.id.clone(), task.id.clone()),
        state,
        vec![
            Cell::state_as(state, task.state.as_str()),
            Cell::Text(name),
            Cell::text_of(node),
            Cell::text_of(task.desired.as_str()),
            Cell::When(task.since),
            Cell::text_of(format::image(&task.image)),
            Cell::text_of(task.id.short()),
            Cell::Text(why(task)),
        ],
    );
    row.node.clone_from(&task.node);
    row.quiet = matches!(state, State::Off | State::Done) || (state == State::Failed && !task.is_wanted());
    row
}

fn why(task: &Task) -> String {
    let code = task.exit_code.filter(|code| *code != 0).map(|code| format!("exit {code}"));
    match (code, task.error.as_str()) {
        (Some(code), "") => code,
        (Some(code), error) if error.contains("non-zero exit") => code,
        (Some(code), error) => format!("{code}: {error}"),
        (None, "") if task.state == TaskState::Running => String::new(),
        (None, "") => task.message.clone(),
        (None, error) => error.to_owned(),
    }
}
