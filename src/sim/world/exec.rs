//! A command that was asked for in a container: what it is, and how it ended. Must never run it.

use serde_json::{Value, json};

use super::refusal::{Answer, Refusal};
use super::task::Task;
use super::{Id, World};

/// A command in a container.
#[derive(Debug, Clone)]
pub(crate) struct Exec {
    pub(crate) id: String,
    pub(crate) container: String,
    pub(crate) task: Id,
    /// The id of the node it runs on.
    pub(crate) node: Id,
    pub(crate) words: Vec<String>,
    pub(crate) env: Vec<String>,
    pub(crate) tty: bool,
    pub(crate) stdin: bool,
    pub(crate) stdout: bool,
    pub(crate) stderr: bool,
    pub(crate) running: bool,
    pub(crate) exit: Option<i64>,
    /// Rows and columns of its terminal.
    pub(crate) size: (u64, u64),
}

/// How many ended commands are remembered.
const KEPT: usize = 200;

impl World {
    /// Takes a command in, refused in the engine's words.
    pub(crate) fn exec_create(&mut self, node: &Id, container: &str, asked: &Value) -> Answer<String> {
        let task = self.container(node, container)?;
        if !task.is_contained() {
            return Err(Refusal::new(409, format!("container {} is not running", task.container)));
        }
        let strings = |pointer: &str| -> Vec<String> {
            let all = asked.pointer(pointer).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            all.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let words = strings("/Cmd");
        if words.is_empty() {
            return Err(Refusal::bad("No exec command specified"));
        }
        let flag = |pointer: &str| asked.pointer(pointer).and_then(Value::as_bool).unwrap_or(false);
        let exec = Exec {
            id: String::new(),
            container: task.container.clone(),
            task: task.id.clone(),
            node: node.clone(),
            words,
            env: strings("/Env"),
            tty: flag("/Tty"),
            stdin: flag("/AttachStdin"),
            stdout: flag("/AttachStdout"),
            stderr: flag("/AttachStderr"),
            running: false,
            exit: None,
            size: size(asked),
        };
        let id = self.rng.hex(64);
        if self.execs.len() >= KEPT
            && let Some(old) = self.execs.values().find(|e| e.exit.is_some()).map(|e| e.id.clone())
        {
            self.execs.remove(&old);
        }
        self.execs.insert(id.clone(), Exec { id: id.clone(), ..exec });
        Ok(id)
    }

    pub(crate) fn exec(&self, id: &str) -> Answer<&Exec> {
        self.execs.get(id).ok_or_else(|| Refusal::new(404, format!("No such exec instance: {id}")))
    }

    /// Marks it as running. Each runs once.
    pub(crate) fn exec_start(&mut self, id: &str, asked: &Value) -> Answer<()> {
        let exec = self.exec(id)?;
        if exec.exit.is_some() {
            return Err(Refusal::new(409, format!("exec command {id} has already run")));
        }
        if exec.running {
            return Err(Refusal::new(409, format!("exec command {id} is already running")));
        }
        if self.exec_task(id).is_none() {
            return Err(Refusal::new(409, format!("container {} is not running", exec.container)));
        }
        if let Some(exec) = self.execs.get_mut(id) {
            exec.running = true;
            exec.size = if size(asked) == (0, 0) { exec.size } else { size(asked) };
        }
        Ok(())
    }

    /// The task a command runs in, as long as its container runs on a node that is up.
    pub(crate) fn exec_task(&self, id: &str) -> Option<&Task> {
        let exec = self.execs.get(id)?;
        let up = self.nodes.get(&exec.node).is_some_and(|node| node.up);
        self.tasks.get(&exec.task).filter(|t| up && t.is_contained() && !self.gone.contains(&t.container))
    }

    pub(crate) fn exec_end(&mut self, id: &str, code: i64) {
        if let Some(exec) = self.execs.get_mut(id) {
            (exec.running, exec.exit) = (false, Some(code));
        }
    }
}

/// Rows and columns as a client says them beside the command.
fn size(asked: &Value) -> (u64, u64) {
    let side = |at: usize| asked.pointer("/ConsoleSize").and_then(|s| s.get(at)).and_then(Value::as_u64).unwrap_or(0);
    (side(0), side(1))
}

impl Exec {
    /// As `GET /exec/{id}/json`.
    pub(crate) fn view(&self) -> Value {
        let mut words = self.words.iter();
        json!({
            "ID": self.id,
            "Running": self.running,
            "ExitCode": self.exit,
            "ProcessConfig": {"tty": self.tty, "entrypoint": words.next(), "arguments": words.collect::<Vec<_>>(), "privileged": false},
            "OpenStdin": self.stdin,
            "OpenStderr": self.stderr,
            "OpenStdout": self.stdout,
            "CanRemove": false,
            "ContainerID": self.container,
            "DetachKeys": "",
            "Pid": if self.running { 4242 } else { 0 },
        })
    }
}
