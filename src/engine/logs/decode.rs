//! Bytes of a log in, lines out: frames of the types 0 to 3, or the raw text of a terminal.
//! Any way of cutting the bytes gives the same lines, and no line makes it keep more than the limit.

use std::collections::VecDeque;

use super::prefix::{Origin, origin};
use crate::model::text::{LINE_LIMIT, clean_but_colours};
use crate::model::{LogLine, LogStream, ServiceId, TaskId};

/// Room for the prefix before a line of the longest kind.
const PREFIX: usize = 4096;
/// How many unfinished lines of different tasks are kept.
const UNFINISHED: usize = 256;
/// How the engine begins its own words where there are no frames to say so.
const ENGINES_WORDS: &str = "Error grabbing logs:";

/// Bytes up to a limit, and how many came after it.
#[derive(Debug, Default)]
struct Capped {
    kept: Vec<u8>,
    lost: usize,
}

impl Capped {
    fn push(&mut self, bytes: &[u8], limit: usize) {
        let room = limit.saturating_sub(self.kept.len()).min(bytes.len());
        self.kept.extend(bytes.iter().take(room));
        self.lost += bytes.len() - room;
    }

    fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }
}

/// A line whose end has not come yet.
#[derive(Debug)]
struct Unfinished {
    stream: LogStream,
    origin: Origin,
    text: Capped,
}

impl Unfinished {
    fn is_of(&self, stream: LogStream, task: Option<&TaskId>) -> bool {
        self.stream == stream && self.origin.task.as_ref() == task
    }
}

/// Where the decoder stands in the bytes.
#[derive(Debug)]
enum Place {
    /// In a header, so many bytes of which are there.
    Header([u8; 8], usize),
    /// In a frame, so many bytes of which are still to come.
    Frame(LogStream, usize),
    /// In text without frames.
    Raw,
}

/// Makes lines of bytes.
#[derive(Debug)]
pub(super) struct Decoder {
    service: ServiceId,
    place: Place,
    /// The line that is being read.
    line: Capped,
    /// Whose line it is, once a frame has said so.
    origin: Option<Origin>,
    unfinished: Vec<Unfinished>,
}

impl Decoder {
    pub(super) fn new(service: ServiceId, framed: bool) -> Self {
        let place = if framed { Place::Header([0; 8], 0) } else { Place::Raw };
        Self { service, place, line: Capped::default(), origin: None, unfinished: Vec::new() }
    }

    /// Takes the next bytes and gives the lines that are whole by now.
    pub(super) fn push(&mut self, mut bytes: &[u8], lines: &mut VecDeque<LogLine>) {
        while !bytes.is_empty() {
            let taken = match &mut self.place {
                Place::Header(header, have) => {
                    let (slot, byte) = (header.get_mut(*have), bytes.first());
                    if let (Some(slot), Some(byte)) = (slot, byte) {
                        *slot = *byte;
                    }
                    *have += 1;
                    if *have == 8 {
                        let header = *header;
                        self.begin(header, lines);
                    }
                    1
                }
                Place::Frame(stream, left) => {
                    let (stream, taken) = (*stream, bytes.len().min(*left));
                    *left -= taken;
                    let ends = *left == 0;
                    self.feed(stream, bytes.get(..taken).unwrap_or_default(), lines);
                    if ends {
                        self.end_frame(stream, lines);
                    }
                    taken
                }
                Place::Raw => {
                    self.feed(LogStream::Stdout, bytes, lines);
                    bytes.len()
                }
            };
            bytes = bytes.get(taken..).unwrap_or_default();
        }
    }

    /// Gives what is left when nothing more comes.
    pub(super) fn end(&mut self, lines: &mut VecDeque<LogLine>) {
        match self.place {
            Place::Frame(stream, _) => self.end_frame(stream, lines),
            Place::Raw if !self.line.is_empty() => self.end_line(LogStream::Stdout, true, lines),
            Place::Raw | Place::Header(..) => {}
        }
        for left in std::mem::take(&mut self.unfinished) {
            self.give(left.stream, &left.origin, left.text, lines);
        }
    }

    fn begin(&mut self, header: [u8; 8], lines: &mut VecDeque<LogLine>) {
        let [kind, a, b, c, size @ ..] = header;
        let stream = match kind {
            0 | 1 => LogStream::Stdout,
            2 => LogStream::Stderr,
            _ => LogStream::System,
        };
        self.origin = None;
        if kind > 3 || [a, b, c] != [0; 3] {
            // These are no frames, whatever was announced.
            self.place = Place::Raw;
            self.feed(LogStream::Stdout, &header, lines);
            return;
        }
        self.place = Place::Frame(stream, u32::from_be_bytes(size) as usize);
        if size == [0; 4] {
            self.place = Place::Header([0; 8], 0);
        }
    }

    fn end_frame(&mut self, stream: LogStream, lines: &mut VecDeque<LogLine>) {
        if !self.line.is_empty() {
            // The engine's own words need no end of line; a line of a task goes on in its next frame.
            self.end_line(stream, stream == LogStream::System, lines);
        }
        self.place = Place::Header([0; 8], 0);
    }

    /// Takes text, and ends a line at each line end.
    fn feed(&mut self, stream: LogStream, text: &[u8], lines: &mut VecDeque<LogLine>) {
        for part in text.split_inclusive(|byte| *byte == b'\n') {
            match part.split_last() {
                Some((b'\n', part)) => {
                    self.line.push(part, LINE_LIMIT + PREFIX);
                    self.end_line(stream, true, lines);
                }
                _ => self.line.push(part, LINE_LIMIT + PREFIX),
            }
        }
    }

    fn end_line(&mut self, stream: LogStream, whole: bool, lines: &mut VecDeque<LogLine>) {
        let line = std::mem::take(&mut self.line);
        let (origin, start) = match &self.origin {
            Some(origin) => (origin.clone(), 0),
            None => origin(&line.kept),
        };
        if !matches!(self.place, Place::Raw) {
            self.origin = Some(origin.clone());
        }
        let known = self.unfinished.iter().position(|left| left.is_of(stream, origin.task.as_ref()));
        let mut text = match known {
            Some(at) => self.unfinished.remove(at),
            None => Unfinished { stream, origin, text: Capped::default() },
        };
        text.text.push(line.kept.get(start..).unwrap_or_default(), LINE_LIMIT);
        text.text.lost += line.lost;
        if whole {
            return self.give(stream, &text.origin, text.text, lines);
        }
        if self.unfinished.len() >= UNFINISHED {
            let oldest = self.unfinished.remove(0);
            self.give(oldest.stream, &oldest.origin, oldest.text, lines);
        }
        self.unfinished.push(text);
    }

    fn give(&self, stream: LogStream, origin: &Origin, text: Capped, lines: &mut VecDeque<LogLine>) {
        let decoded = String::from_utf8_lossy(&text.kept);
        let mut shown = decoded.as_ref();
        if text.lost > 0 {
            // The cut may have gone through a letter.
            shown = shown.trim_end_matches('\u{fffd}');
        }
        // A terminal would write the next part over the last one; here both stay readable.
        let mut shown = clean_but_colours(&shown.trim_end_matches('\r').replace('\r', " "));
        if text.lost > 0 {
            shown.push_str(&format!(" … {} more bytes not shown", text.lost));
        }
        let engines = origin.at.is_none() && shown.starts_with(ENGINES_WORDS);
        lines.push_back(LogLine {
            at: origin.at,
            node: origin.node.clone(),
            service: self.service.clone(),
            task: origin.task.clone(),
            stream: if engines { LogStream::System } else { stream },
            text: shown,
        });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(kind: u8, text: &str) -> Vec<u8> {
        let mut bytes = vec![kind, 0, 0, 0];
        bytes.extend(u32::try_from(text.len()).unwrap().to_be_bytes());
        bytes.extend(text.as_bytes());
        bytes
    }

    fn from(task: &str, text: &str) -> String {
        format!("2026-01-01T00:00:00.000000000Z com.docker.swarm.node.id=n,com.docker.swarm.task.id={task} {text}")
    }

    fn decode<'a>(framed: bool, chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<LogLine> {
        let mut decoder = Decoder::new(ServiceId::new("s"), framed);
        let mut lines = VecDeque::new();
        for chunk in chunks {
            decoder.push(chunk, &mut lines);
        }
        decoder.end(&mut lines);
        lines.into()
    }

    fn told(lines: &[LogLine]) -> Vec<(LogStream, String, String)> {
        let task = |line: &LogLine| line.task.as_ref().map(ToString::to_string).unwrap_or_default();
        lines.iter().map(|line| (line.stream, task(line), line.text.clone())).collect()
    }

    #[test]
    fn frames_become_lines_with_their_stream_and_task() {
        let bytes = [
            frame(1, &from("t1", "one\n")),
            frame(2, &from("t2", "two\n")),
            frame(0, &from("t1", "\x1b[31mzero\x1b[0m\x1b[2J\n")),
            frame(3, "Error grabbing logs: rpc error: incomplete log stream\n"),
            frame(1, &from("t1", "\n")),
        ]
        .concat();
        let (out, err, sys) = (LogStream::Stdout, LogStream::Stderr, LogStream::System);
        assert_eq!(
            told(&decode(true, [&bytes[..]])),
            [
                (out, "t1".into(), "one".into()),
                (err, "t2".into(), "two".into()),
                (out, "t1".into(), "\x1b[31mzero\x1b[0m".into()),
                (sys, String::new(), "Error grabbing logs: rpc error: incomplete log stream".into()),
                (out, "t1".into(), String::new()),
            ]
        );
    }

    #[test]
    fn a_line_in_several_frames_is_joined_though_others_come_between() {
        let bytes = [
            frame(1, &from("t1", "long ")),
            frame(1, &from("t2", "other\n")),
            frame(2, &from("t1", "error\n")),
            frame(1, &from("t1", "line\n")),
            frame(1, &from("t2", "without end")),
        ]
        .concat();
        let texts: Vec<String> = decode(true, [&bytes[..]]).into_iter().map(|line| line.text).collect();
        assert_eq!(texts, ["other", "error", "long line", "without end"]);
    }

    #[test]
    fn text_of_a_terminal_comes_without_frames() {
        let text = format!("{}\r\n{}\r\nError grabbing logs: x\n", from("t1", "50%\ra"), from("t1", "b = c, d"));
        let lines = decode(false, [text.as_bytes()]);
        let (out, sys) = (LogStream::Stdout, LogStream::System);
        let want = [(out, "t1", "50% a"), (out, "t1", "b = c, d"), (sys, "", "Error grabbing logs: x")];
        assert_eq!(told(&lines), want.map(|(stream, task, text)| (stream, task.into(), text.into())));
    }

    #[test]
    fn what_is_announced_as_frames_and_is_none_is_read_as_text() {
        let lines = decode(true, [&b"no frames at all\nhere\n"[..]]);
        assert_eq!(lines.into_iter().map(|line| line.text).collect::<Vec<_>>(), ["no frames at all", "here"]);
    }

    #[test]
    fn a_line_of_five_megabytes_is_cut_and_not_kept() {
        let mut decoder = Decoder::new(ServiceId::new("s"), true);
        let mut lines = VecDeque::new();
        for _ in 0..320 {
            decoder.push(&frame(1, &from("t1", &"é".repeat(8192))), &mut lines);
            let kept: usize = decoder.unfinished.iter().map(|left| left.text.kept.capacity()).sum();
            assert!(kept <= 4 * LINE_LIMIT);
        }
        decoder.push(&frame(1, &from("t1", "\n")), &mut lines);
        assert_eq!(lines.len(), 1);
        let missing = 320 * 16384 - LINE_LIMIT;
        assert!(lines[0].text.ends_with(&format!("é … {missing} more bytes not shown")), "{}", &lines[0].text[65500..]);
    }

    proptest! {
        #[test]
        fn any_way_of_cutting_the_bytes_gives_the_same_lines(
            frames in proptest::collection::vec((0u8..5, 0u8..3, "[a-zé \n]{0,12}"), 0..12),
            cuts in proptest::collection::vec(1usize..40, 0..80),
            framed: bool,
        ) {
            let bytes: Vec<u8> =
                frames.iter().flat_map(|(kind, task, text)| frame(*kind, &from(&format!("t{task}"), text))).collect();
            let whole = decode(framed, [&bytes[..]]);
            let mut chunks = Vec::new();
            let mut rest = &bytes[..];
            for cut in cuts.into_iter().chain(std::iter::repeat(1)) {
                if rest.is_empty() { break }
                let (head, tail) = rest.split_at(cut.min(rest.len()));
                chunks.push(head);
                rest = tail;
            }
            prop_assert_eq!(decode(framed, chunks), whole);
        }
    }
}
