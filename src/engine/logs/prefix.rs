//! What the engine puts before a line: when, and who. `2026-01-02T03:04:05.000000006Z key=value,key=value text`.

use jiff::Timestamp;

use crate::model::text::clean;
use crate::model::{NodeId, TaskId};

/// Who wrote a line, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Origin {
    pub at: Option<Timestamp>,
    pub node: Option<NodeId>,
    pub task: Option<TaskId>,
}

/// Splits a line into its origin and where its text begins. A line without the prefix is text from its start.
pub(super) fn origin(line: &[u8]) -> (Origin, usize) {
    let Some((at, rest)) = word(line) else { return (Origin::default(), 0) };
    let Some(moment) = std::str::from_utf8(at).ok().and_then(|at| at.parse::<Timestamp>().ok()) else {
        return (Origin::default(), 0);
    };
    let mut origin = Origin { at: Some(moment), ..Origin::default() };
    let (details, text) = word(rest).unwrap_or((rest, &[]));
    // A line of an engine that gives no details goes on with its text.
    if !details.is_empty() && !details.contains(&b'=') {
        return (origin, line.len() - rest.len());
    }
    for pair in details.split(|byte| *byte == b',') {
        let pair = String::from_utf8_lossy(pair);
        let Some((key, value)) = pair.split_once('=') else { continue };
        match key {
            "com.docker.swarm.node.id" => origin.node = Some(NodeId::new(&clean(value))),
            "com.docker.swarm.task.id" => origin.task = Some(TaskId::new(&clean(value))),
            _ => {}
        }
    }
    (origin, line.len() - text.len())
}

/// Up to the first space, and what comes after it.
fn word(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = line.iter().position(|byte| *byte == b' ')?;
    Some((line.get(..end)?, line.get(end + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_tells_when_and_who() {
        let line = b"2026-01-02T03:04:05.000000006Z com.docker.swarm.node.id=n1,com.docker.swarm.service.id=s,com.docker.swarm.task.id=t1 a = b";
        let (found, start) = origin(line);
        assert_eq!((found.node.unwrap().as_str(), found.task.unwrap().as_str()), ("n1", "t1"));
        assert_eq!(&line[start..], b"a = b");
    }

    #[test]
    fn a_line_without_prefix_is_all_text() {
        for line in [&b"plain words"[..], b"", b"x", b"Error grabbing logs: rpc error"] {
            assert_eq!(origin(line), (Origin::default(), 0));
        }
    }

    #[test]
    fn empty_details_and_empty_text_are_read() {
        let (found, start) = origin(b"2026-01-02T03:04:05Z  text");
        assert_eq!((found.at.is_some(), start), (true, 22));
        let line = b"2026-01-02T03:04:05Z a=b ";
        assert_eq!(origin(line).1, line.len());
    }
}
