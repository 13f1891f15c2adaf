//! What can go wrong with an engine, one variant per thing that a person would do differently.
//! It never says a fault without saying how to mend it.

use std::io::ErrorKind;
use std::time::Duration;

use crate::diag::{Diagnostic, Explain};
use crate::wire::Obstacle;

/// Why an engine did not do what was asked. Each names the place (`at`) as the user typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the fields are: at (where), asked (the request), and the engine's own words")]
pub enum EngineError {
    /// No connection, or it broke before anything was changed.
    #[error("the engine at {at} cannot be reached")]
    Unreachable { at: String, kind: ErrorKind, why: String },
    /// No connection, and what stood in the way is known.
    #[error("the engine at {at} cannot be reached: {obstacle}")]
    Barred { at: String, obstacle: Obstacle },
    /// No answer in time; nothing was asked that changes anything.
    #[error("the engine at {at} did not answer {asked} within {} s", after.as_secs_f32())]
    TimedOut { at: String, asked: String, after: Duration },
    /// A change was sent and its answer was lost: it may have been made.
    #[error("the answer to {asked} was lost, so it may or may not have been carried out")]
    Unsure { at: String, asked: String, why: String },
    /// Something answers, and it is no HTTP.
    #[error("what answers at {at} is no Docker Engine: it does not speak HTTP")]
    NotHttp { at: String, said: String },
    /// Something answers in HTTP, and it is not what an engine says.
    #[error("what answers at {at} is no Docker Engine: its answer to {asked} cannot be read")]
    NotJson { at: String, asked: String, said: String, why: String },
    /// More than is sane to keep in memory.
    #[error("the answer to {asked} is larger than {limit} bytes")]
    TooMuch { at: String, asked: String, limit: usize },
    /// The engine is older than what this program knows.
    #[error("the engine at {at} speaks API {theirs}, and at least {ours} is needed")]
    TooOld { at: String, theirs: String, ours: String },
    /// The engine refuses to speak as old an API as this program knows.
    #[error("the engine at {at} speaks API {theirs} or newer, and this program knows up to {ours}")]
    TooNew { at: String, theirs: String, ours: String },
    /// The engine is a worker.
    #[error("the engine at {at} is a worker, and only managers know the swarm")]
    NotAManager { at: String },
    /// The engine is in no swarm.
    #[error("the engine at {at} is not part of a swarm")]
    NotInSwarm { at: String, why: String },
    /// A manager of another swarm than the one that is looked at.
    #[error("the engine at {at} manages another swarm")]
    AnotherSwarm { at: String, id: String, ours: String },
    /// Several managers were given, and none serves.
    #[error("none of {} managers can be used", tried.len())]
    NoneUsable { at: String, tried: Vec<EngineError> },
    /// The manager waits for the unlock key.
    #[error("the swarm on the manager at {at} is locked")]
    Locked { at: String },
    /// The managers cannot agree.
    #[error("the swarm has no leader")]
    NoLeader { at: String, message: String },
    /// Somebody else changed the object first.
    #[error("{asked} was refused: somebody changed it in between")]
    Conflict { at: String, asked: String },
    /// It is not there.
    #[error("{message}")]
    NotFound { at: String, asked: String, message: String },
    /// The engine said no.
    #[error("the engine refused {asked}")]
    Refused { at: String, asked: String, status: u16, message: String },
}

impl EngineError {
    /// Where it happened.
    #[must_use]
    pub fn at(&self) -> &str {
        use EngineError as E;
        match self {
            E::Unreachable { at, .. } | E::TimedOut { at, .. } | E::Unsure { at, .. } | E::NotHttp { at, .. } => at,
            E::NotJson { at, .. } | E::TooMuch { at, .. } | E::TooOld { at, .. } | E::TooNew { at, .. } => at,
            E::NotAManager { at } | E::NotInSwarm { at, .. } | E::Locked { at } | E::NoLeader { at, .. } => at,
            E::Barred { at, .. } | E::AnotherSwarm { at, .. } | E::NoneUsable { at, .. } => at,
            E::Conflict { at, .. } | E::NotFound { at, .. } | E::Refused { at, .. } => at,
        }
    }

    /// Somebody changed the object first: read it again, then decide again.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self, EngineError::Conflict { .. })
    }

    /// The thing asked for is not there.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, EngineError::NotFound { .. })
    }

    /// The connection is to blame, not the question: ask again on a new one.
    #[must_use]
    pub fn is_of_the_line(&self) -> bool {
        use EngineError as E;
        match self {
            E::Unreachable { .. } | E::TimedOut { .. } | E::Unsure { .. } | E::NotHttp { .. } | E::Barred { .. } => {
                true
            }
            E::NoneUsable { tried, .. } => tried.iter().any(EngineError::is_of_the_line),
            _ => false,
        }
    }

    /// The managers cannot agree, or do not get through to the one who leads.
    #[must_use]
    pub fn is_leaderless(&self) -> bool {
        match self {
            EngineError::NoLeader { .. } => true,
            // It speaks, and has nothing to say of the swarm: so it is while the managers vote.
            EngineError::TimedOut { asked, .. } => asked == "GET /info",
            EngineError::NoneUsable { tried, .. } => tried.iter().any(EngineError::is_leaderless),
            _ => false,
        }
    }

    /// What is wrong and what to do, in one line for a place with no room: the managers' own words stand in the log.
    pub(super) fn headline(&self) -> String {
        match self {
            EngineError::NoneUsable { tried, .. } => {
                let lead = tried.iter().find(|error| matches!(error, EngineError::NoLeader { .. }));
                lead.map_or_else(|| self.explained(), EngineError::headline)
            }
            EngineError::NoLeader { .. } => format!("{self}; {}", self.mend()),
            _ => self.explained(),
        }
    }

    /// Whether a change was made is not known, or could not be found out: look at what is before anything else.
    #[must_use]
    pub fn leaves_doubt(&self) -> bool {
        matches!(self, EngineError::Unsure { .. } | EngineError::NoLeader { .. })
    }

    /// What the address leads to, if that is something else than a manager of this swarm.
    pub(super) fn misfit(&self) -> Option<&'static str> {
        match self {
            EngineError::NotAManager { .. } => Some("a worker"),
            EngineError::NotInSwarm { .. } => Some("in no swarm"),
            EngineError::AnotherSwarm { .. } => Some("of another swarm"),
            _ => None,
        }
    }

    /// Another manager may answer better.
    pub(super) fn is_of_the_manager(&self) -> bool {
        use EngineError as E;
        let silent = matches!(self, E::Locked { .. } | E::NoLeader { .. } | E::NotJson { .. });
        silent || self.is_of_the_line() || self.misfit().is_some()
    }

    /// A change that ended so was certainly not made, and may be asked for elsewhere.
    pub(super) fn is_before_any_change(&self) -> bool {
        use EngineError as E;
        // A change whose answer is late or lost is `Unsure`; what is left was never sent, or was refused unread.
        let unsent = matches!(self, E::Unreachable { .. } | E::TimedOut { .. } | E::Barred { .. } | E::Locked { .. });
        unsent || self.misfit().is_some()
    }

    /// What and why on one line.
    pub(super) fn explained(&self) -> String {
        self.explain().line()
    }

    /// The cause in the words of the one who said it; empty where the fault itself says all.
    fn why(&self) -> &str {
        use EngineError as E;
        match self {
            E::Unreachable { why, .. } | E::Unsure { why, .. } | E::NotJson { why, .. } | E::NotInSwarm { why, .. } => {
                why
            }
            E::NoLeader { message, .. } | E::Refused { message, .. } => message,
            E::Barred { obstacle, .. } => &obstacle.why,
            _ => "",
        }
    }

    fn mend(&self) -> String {
        use EngineError as E;
        match self {
            E::Unreachable { kind, .. } => unreachable_mend(*kind).into(),
            E::TimedOut { .. } => {
                "look whether the machine is overloaded or the network is slow; this program tries again".into()
            }
            E::Unsure { .. } => "look at the present state before you try again".into(),
            E::NotHttp { said, .. } if said.starts_with("SSH-") => {
                "give the address as ssh://, this is an SSH server".into()
            }
            E::NotHttp { said, .. } if said.contains("TLS") => Obstacle::wants_tls().mend,
            E::NotHttp { .. } => "check the address and port".into(),
            E::Barred { obstacle, .. } => obstacle.mend.clone(),
            E::AnotherSwarm { .. } => {
                "leave this address out; if the swarm was made anew, start quarterdeck again".into()
            }
            E::NoneUsable { tried, .. } => {
                let first = tried.iter().find(|error| error.is_leaderless()).or(tried.first());
                first.map_or_else(|| "give the address of a manager".into(), EngineError::mend)
            }
            E::NotJson { .. } => "check the address: a web server or a proxy may be in the way".into(),
            E::TooMuch { .. } => "ask a smaller question, or look why the engine has so much to say".into(),
            E::TooOld { .. } => "upgrade the Docker Engine to 20.10 or newer".into(),
            E::TooNew { .. } => "upgrade quarterdeck, or connect through an older manager".into(),
            E::NotAManager { .. } => "connect to a manager, or promote this node with  docker node promote".into(),
            E::NotInSwarm { .. } => "connect to a manager, or start a swarm here with  docker swarm init".into(),
            E::Locked { .. } => "unlock it on that machine with  docker swarm unlock".into(),
            E::NoLeader { .. } => {
                "bring managers back until more than half of them run; see the managers' own logs".into()
            }
            E::Conflict { .. } => "look at what it is now, and decide again".into(),
            E::NotFound { .. } => "look whether it was removed or renamed; press R to refresh".into(),
            E::Refused { status: 500.., .. } => {
                "look into the engine's log (journalctl -u docker) on that machine".into()
            }
            E::Refused { .. } => "change what the engine complains about".into(),
        }
    }
}

fn unreachable_mend(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::PermissionDenied => {
            "join the group of the socket (usually `docker`), or run as a user who may use it"
        }
        ErrorKind::NotFound => "check the path, and start the engine with  systemctl start docker",
        ErrorKind::ConnectionRefused => "start the engine, or check the address and port",
        _ => "check that the engine runs and that the network leads there",
    }
}

impl Explain for EngineError {
    fn explain(&self) -> Diagnostic {
        let fault = Diagnostic::new(self.to_string(), self.mend()).at(self.at()).because(self.why());
        match self {
            EngineError::NotHttp { said, .. } | EngineError::NotJson { said, .. } if !said.is_empty() => {
                fault.because(format!("it said: {said}"))
            }
            EngineError::AnotherSwarm { id, ours, .. } => fault.because(format!("it is {id}, and this one is {ours}")),
            EngineError::NoneUsable { tried, .. } => {
                // What all of them say is told first: the line that has no room for more shows that.
                let lead = tried.iter().find(|error| error.is_leaderless());
                let rest = tried.iter().map(EngineError::explained);
                lead.map(EngineError::explained).into_iter().chain(rest).fold(fault, Diagnostic::because)
            }
            EngineError::Refused { status, message, .. } if message.is_empty() => {
                fault.because(format!("status {status}"))
            }
            _ => fault,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<EngineError> {
        let (at, asked) = ("unix:///run/docker.sock".to_owned(), "GET /services".to_owned());
        let text = |text: &str| text.to_owned();
        use EngineError as E;
        vec![
            E::Unreachable {
                at: at.clone(),
                kind: ErrorKind::NotFound,
                why: text("No such file or directory (os error 2)"),
            },
            E::Unreachable {
                at: at.clone(),
                kind: ErrorKind::PermissionDenied,
                why: text("Permission denied (os error 13)"),
            },
            E::TimedOut { at: at.clone(), asked: asked.clone(), after: Duration::from_secs(10) },
            E::Unsure { at: at.clone(), asked: text("POST /services/web/update"), why: text("connection closed") },
            E::NotHttp { at: at.clone(), said: text("SSH-2.0-OpenSSH_9.2") },
            E::NotJson {
                at: at.clone(),
                asked: asked.clone(),
                said: text("<html>"),
                why: text("expected value at line 1"),
            },
            E::TooMuch { at: at.clone(), asked: asked.clone(), limit: 1 << 28 },
            E::TooOld { at: at.clone(), theirs: text("1.38"), ours: text("1.41") },
            E::TooNew { at: at.clone(), theirs: text("1.99"), ours: text("1.51") },
            E::Barred { at: at.clone(), obstacle: Obstacle::wants_tls() },
            E::AnotherSwarm { at: at.clone(), id: text("b"), ours: text("a") },
            E::NoneUsable {
                at: at.clone(),
                tried: vec![
                    E::NotAManager { at: text("tcp://192.0.2.21:2375") },
                    E::NoLeader { at: text("tcp://192.0.2.10:2375"), message: text("too few managers") },
                ],
            },
            E::NoneUsable { at: at.clone(), tried: Vec::new() },
            E::NotAManager { at: at.clone() },
            E::NotInSwarm { at: at.clone(), why: String::new() },
            E::Locked { at: at.clone() },
            E::NoLeader { at: at.clone(), message: text("rpc error: The swarm does not have a leader.") },
            E::Conflict { at: at.clone(), asked: text("POST /services/web/update") },
            E::NotFound { at: at.clone(), asked: asked.clone(), message: text("service web not found") },
            E::Refused { at: at.clone(), asked: asked.clone(), status: 500, message: text("disk full") },
            E::Refused { at, asked, status: 400, message: String::new() },
        ]
    }

    #[test]
    fn every_fault_says_where_it_is_and_how_to_mend_it() {
        for error in all() {
            let told = error.explain();
            println!("{told}\n");
            assert!(!told.what.is_empty() && !told.mend.trim().is_empty() && told.place == error.at(), "{error:?}");
        }
    }
}
