//! What a refusal means: from status and text to the error that a person can act on.

use serde::Deserialize;

use super::super::error::EngineError;
use super::super::soft::Text;
use crate::model::text::clean;

/// How much of an unreadable answer is told.
const SNIPPET: usize = 60;

/// The first clean characters of what was said.
pub(crate) fn snippet(said: &str) -> String {
    clean(said.get(..1024).unwrap_or(said))
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(SNIPPET)
        .collect()
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct MessageJson {
    message: Text,
}

/// The engine's words in the body of a refusal.
pub(crate) fn message(body: &str) -> String {
    match serde_json::from_str::<MessageJson>(body) {
        Ok(said) if !said.message.0.is_empty() => clean(&said.message.0),
        _ => snippet(body),
    }
}

/// The managers had trouble among themselves while they dealt with it. For a question that is no answer; a change may
/// have been made all the same, because a leader that falls leaves what it proposed behind.
pub(crate) fn is_torn(status: u16, message: &str) -> bool {
    const WORDS: [&str; 5] =
        ["deadline exceeded", "lost leader", "code = Unavailable", "context canceled", "transport is closing"];
    matches!(status, 500 | 503 | 504) && WORDS.iter().any(|words| message.contains(words))
}

/// The error that stands for a refusal.
pub(crate) fn refusal(at: &str, asked: &str, status: u16, message: String) -> EngineError {
    let (at, asked) = (at.to_owned(), asked.to_owned());
    let said = |words: &str| message.contains(words);
    match status {
        // Older engines answer a stale version with 500, newer ones with 400.
        400 | 409 | 412 | 500 if said("out of sequence") => EngineError::Conflict { at, asked },
        404 if message.is_empty() => EngineError::NotFound { message: format!("{asked}: nothing is there"), at, asked },
        404 => EngineError::NotFound { at, asked, message },
        406 | 500 | 503 if said("not a swarm manager") && said("Worker nodes") => EngineError::NotAManager { at },
        406 | 500 | 503 if said("not a swarm manager") || said("not part of a swarm") => {
            EngineError::NotInSwarm { at, why: message }
        }
        500 | 503 if said("is encrypted and needs to be unlocked") => EngineError::Locked { at },
        500 | 503 if said("does not have a leader") || said("no leader") || said("no elected primary") => {
            EngineError::NoLeader { at, message }
        }
        _ if is_torn(status, &message) => EngineError::NoLeader { at, message },
        // A server of the Go kind at a port that wants TLS.
        400 if said("HTTP request to an HTTPS server") => {
            EngineError::Barred { at, obstacle: crate::wire::Obstacle::wants_tls() }
        }
        _ => EngineError::Refused { at, asked, status, message },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_is_told_from_the_others_by_the_engines_words() {
        let read = |status, words: &str| refusal("here", "GET /x", status, words.to_owned());
        let sequence = "rpc error: code = Unknown desc = update out of sequence";
        assert!(read(500, sequence).is_conflict() && read(400, sequence).is_conflict());
        assert!(read(404, "service x not found").is_not_found());
        assert!(matches!(
            read(503, "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state."),
            EngineError::NotAManager { .. }
        ));
        assert!(matches!(
            read(503, "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\"."),
            EngineError::NotInSwarm { .. }
        ));
        assert!(matches!(
            read(503, "Swarm is encrypted and needs to be unlocked before it can be used."),
            EngineError::Locked { .. }
        ));
        assert!(matches!(read(500, "rpc error: The swarm does not have a leader."), EngineError::NoLeader { .. }));
        assert!(matches!(
            read(409, "name conflicts with an existing object"),
            EngineError::Refused { status: 409, .. }
        ));
    }

    #[test]
    fn a_page_of_a_web_server_is_told_in_a_few_clean_words() {
        assert_eq!(message("<html>\n <h1>\x1b[2J404</h1>"), "<html> <h1>404</h1>");
        assert_eq!(message(&"x".repeat(5000)).len(), 60);
        assert_eq!(message("{\"message\":\"no\"}"), "no");
    }
}
