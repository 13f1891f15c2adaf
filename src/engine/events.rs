//! What the engine tells as it happens. Events are hints (they name what changed, not what it is now),
//! and there are none of tasks.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::client::Engine;
use super::error::EngineError;
use super::http::{Call, Flow, filters};
use super::soft::{Labels, Object, Text, Whole};
use crate::model::SwarmEvent;
use crate::model::text::clean;

/// The longest event that is read; a longer one is left out.
const LONGEST: usize = 1 << 20;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct EventJson {
    #[serde(rename = "Type")]
    kind: Text,
    #[serde(rename = "Action")]
    action: Text,
    #[serde(rename = "Actor")]
    actor: Object<ActorJson>,
    time: Whole,
    #[serde(rename = "timeNano")]
    time_nano: Whole,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ActorJson {
    #[serde(rename = "ID")]
    id: Text,
    #[serde(rename = "Attributes")]
    attributes: Labels,
}

/// An open stream of events.
pub(super) struct Events {
    engine: Engine,
    call: Call,
    flow: Flow,
    lines: Lines,
}

impl Engine {
    /// Opens the stream of what happens in the swarm.
    pub(super) async fn events(&self) -> Result<Events, EngineError> {
        let kinds = json!({ "scope": ["swarm"], "type": ["config", "network", "node", "secret", "service"] });
        let call = Call::get(format!("/events?{}", filters(&kinds))).within(self.patience);
        let (_, flow) = self.http.open(&call).await?;
        Ok(Events { engine: self.clone(), call, flow, lines: Lines::default() })
    }
}

impl Events {
    /// The next event; none when the stream has ended. Nothing is lost if this is dropped half-way.
    pub(super) async fn next(&mut self) -> Result<Option<SwarmEvent>, EngineError> {
        loop {
            while let Some(line) = self.lines.next() {
                if let Some(event) = event(&line, self.engine.clock.now()) {
                    return Ok(Some(event));
                }
            }
            match self.engine.http.stream_part(&self.call, &mut self.flow).await? {
                Some(part) => self.lines.push(&part),
                None => return Ok(None),
            }
        }
    }

    /// They come from the manager whose answers are taken.
    pub(super) fn are_present(&self) -> bool {
        self.engine.http.is_present(&self.flow)
    }
}

/// Bytes in, lines out.
#[derive(Debug, Default)]
struct Lines {
    bytes: Vec<u8>,
    /// So many bytes are known to hold no line end.
    searched: usize,
    skipping: bool,
}

impl Lines {
    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        if self.searched > LONGEST {
            tracing::warn!("an event of more than {LONGEST} bytes is left out");
            self.bytes.drain(..self.searched);
            self.searched = 0;
            self.skipping = true;
        }
    }

    fn next(&mut self) -> Option<String> {
        loop {
            let unsearched = self.bytes.get(self.searched..)?;
            let Some(end) = unsearched.iter().position(|byte| *byte == b'\n') else {
                self.searched = self.bytes.len();
                return None;
            };
            let line: Vec<u8> = self.bytes.drain(..=self.searched + end).collect();
            self.searched = 0;
            if !std::mem::take(&mut self.skipping) {
                return Some(String::from_utf8_lossy(&line).into_owned());
            }
        }
    }
}

/// Reads an event; what is none is told to the log.
fn event(line: &str, now: Timestamp) -> Option<SwarmEvent> {
    // A JSON sequence (RFC 7464) begins each record with this.
    let line = line.trim_start_matches('\u{1e}').trim();
    if line.is_empty() {
        return None;
    }
    let json: EventJson = match serde_json::from_str(line) {
        Ok(json) => json,
        Err(error) => {
            tracing::warn!(%error, "an event cannot be read");
            return None;
        }
    };
    let actor = json.actor.or_empty();
    let mut attributes = actor.attributes.or_empty();
    let at = if json.time_nano.0 > 0 {
        Timestamp::from_nanosecond(json.time_nano.0.into())
    } else {
        Timestamp::from_second(json.time.0)
    };
    Some(SwarmEvent {
        at: at.ok().filter(|at| at.as_second() > 0).unwrap_or(now),
        kind: clean(&json.kind.0),
        action: clean(&json.action.0),
        id: clean(&actor.id.0),
        name: attributes.remove("name").map(|name| clean(&name.0)).unwrap_or_default(),
        detail: detail(&attributes),
    })
}

/// `replicas 3 → 5, state=ready`.
fn detail(attributes: &BTreeMap<String, Text>) -> String {
    let told = attributes.iter().filter_map(|(key, value)| {
        if let Some(what) = key.strip_suffix(".new") {
            let old = attributes.get(&format!("{what}.old")).map_or("", |old| old.0.as_str());
            return Some(if old.is_empty() {
                format!("{what} → {}", value.0)
            } else {
                format!("{what} {old} → {}", value.0)
            });
        }
        match key.strip_suffix(".old") {
            Some(what) if attributes.contains_key(&format!("{what}.new")) => None,
            _ => Some(format!("{key}={}", value.0)),
        }
    });
    clean(&told.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_tells_what_changed_from_what_to_what() {
        let line = r#"{"Type":"service","Action":"update","Actor":{"ID":"s1","Attributes":{"name":"web",
            "replicas.new":"5","replicas.old":"3","updatestate.new":"completed","x":"y"}},"scope":"swarm",
            "time":1767225600,"timeNano":1767225600000000001}"#;
        let event = event(line, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!((event.kind.as_str(), event.action.as_str(), event.name.as_str()), ("service", "update", "web"));
        assert_eq!(event.detail, "replicas 3 → 5, updatestate → completed, x=y");
        assert_eq!(event.at.as_nanosecond(), 1_767_225_600_000_000_001);
    }

    #[test]
    fn lines_come_whole_however_the_bytes_are_cut_and_a_monster_is_left_out() {
        let mut lines = Lines::default();
        let mut seen = Vec::new();
        let text = format!("one\ntwo\n{}\nthree\n", "x".repeat(2 * LONGEST));
        for chunk in text.as_bytes().chunks(4096) {
            lines.push(chunk);
            while let Some(line) = lines.next() {
                seen.push(line.trim().to_owned());
            }
        }
        assert_eq!(seen, ["one", "two", "three"]);
    }
}
