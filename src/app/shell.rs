//! Which container a shell is opened in: the task under the cursor, or the newest running one of a service.

use super::{App, Effect, Level, Subject, screen};
use crate::diag::Diagnostic;
use crate::model::{Inside, Picture, Service, ServiceId, Task, TaskId, TaskState};

/// A container to open a shell in, and how it was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The container.
    pub inside: Inside,
    /// The name of its node.
    pub node: String,
    /// Running tasks it was chosen among.
    pub of: usize,
}

/// The container of a task, or of the newest running task of a service.
///
/// # Errors
/// With why there is none, in a sentence.
pub fn choose(picture: &Picture, subject: &Subject) -> Result<Choice, String> {
    match subject {
        Subject::Task(service, id) => task(picture, service, id),
        Subject::Service(id) => newest(picture, id),
        Subject::Container(node, id) => {
            let name = screen::name(subject, picture);
            let inside = Inside { node: node.clone(), container: id.clone(), name };
            Ok(Choice { inside, node: picture.swarm.hostname(node).to_owned(), of: 1 })
        }
        other => Err(format!("a {} has no shell: point at a task or a service", other.kind())),
    }
}

fn task(picture: &Picture, service: &ServiceId, id: &TaskId) -> Result<Choice, String> {
    let name = screen::name(&Subject::Task(service.clone(), id.clone()), picture);
    let found = picture.swarm.tasks_of(service).iter().find(|task| task.id == *id);
    let task = found.ok_or_else(|| format!("{name} is gone"))?;
    match inside(picture, service, task) {
        Some((inside, node)) if runs(task) => Ok(Choice { inside, node, of: 1 }),
        _ => Err(format!("{name} does not run ({}): a shell needs a running container", task.state)),
    }
}

fn newest(picture: &Picture, id: &ServiceId) -> Result<Choice, String> {
    let service: &Service = picture.swarm.services.get(id).ok_or("the service is gone")?;
    let mut running: Vec<_> = picture.swarm.tasks_of(id).iter().filter(|task| runs(task)).collect();
    running.sort_by_key(|task| (task.since, task.created));
    let found = running.last().and_then(|task| inside(picture, id, task));
    let (inside, node) = found.ok_or_else(|| format!("no task of {} runs", service.name))?;
    Ok(Choice { inside, node, of: running.len() })
}

/// The task that runs in the place of one that is over. A verb that names a task by its id means that one alone.
fn successor(picture: &Picture, subject: &Subject) -> Option<Subject> {
    let Subject::Task(service, id) = subject else { return None };
    let tasks = picture.swarm.tasks_of(service);
    let pointed_at = tasks.iter().find(|task| task.id == *id && task.is_over())?;
    let heir = tasks.iter().find(|task| runs(task) && task.has_place_of(pointed_at))?;
    Some(Subject::Task(service.clone(), heir.id.clone()))
}

fn runs(task: &Task) -> bool {
    matches!(task.state, TaskState::Running | TaskState::Starting) && task.container.is_some()
}

fn inside(picture: &Picture, service: &ServiceId, task: &Task) -> Option<(Inside, String)> {
    let (node, container) = (task.node.clone()?, task.container.clone()?);
    let hostname = picture.swarm.hostname(&node).to_owned();
    let name = screen::name(&Subject::Task(service.clone(), task.id.clone()), picture);
    Some((Inside { node, container, name }, hostname))
}

impl App {
    /// Opens a shell in what the operator points at.
    pub(super) fn shell(&mut self) -> Vec<Effect> {
        match self.views.top().subject(&self.picture) {
            Some(subject) => self.shell_in(&subject),
            None => {
                self.tell(Level::Warning, "nothing is selected");
                Vec::new()
            }
        }
    }

    pub(super) fn shell_in(&mut self, subject: &Subject) -> Vec<Effect> {
        if self.settings.read_only {
            self.tell(Level::Warning, "refused: this console is read-only");
            return Vec::new();
        }
        let successor = successor(&self.picture, subject);
        match choose(&self.picture, successor.as_ref().unwrap_or(subject)) {
            Ok(Choice { inside, node, of }) => {
                let newest = if of > 1 { format!(", the newest of {of}") } else { String::new() };
                let instead = if successor.is_some() { ", which took over from the task you point at" } else { "" };
                let text = format!("opening a shell in {} on {node}{newest}{instead} · esc gives up", inside.name);
                self.tell(Level::Info, text);
                vec![Effect::Shell(inside)]
            }
            Err(why) => {
                self.tell(Level::Warning, why);
                Vec::new()
            }
        }
    }

    pub(super) fn on_shell_ended(&mut self, name: &str, ended: Result<Option<i64>, Diagnostic>) -> Vec<Effect> {
        match ended {
            Ok(Some(0)) => self.tell(Level::Info, format!("the shell in {name} ended with code 0")),
            Ok(Some(code @ (137 | 143))) => {
                let text = format!("the shell in {name} was ended with code {code}: its container may be gone");
                self.tell(Level::Warning, text);
            }
            Ok(Some(code)) => self.tell(Level::Info, format!("the shell in {name} ended with code {code}")),
            Ok(None) => self.tell(Level::Warning, format!("the shell in {name} broke off: its container is gone")),
            Err(fault) => return self.on_fault(fault),
        }
        Vec::new()
    }

    pub(super) fn on_shell_given_up(&mut self, name: &str) -> Vec<Effect> {
        self.tell(Level::Info, format!("no shell in {name}: given up"));
        Vec::new()
    }

    /// A question from below waits for an answer.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        matches!(self.popups.last(), Some(super::Popup::Ask(_)))
    }
}
