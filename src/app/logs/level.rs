//! How grave a line is, guessed from the usual words. Never right about everything; a line may have no level.

/// How grave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Every step.
    Trace,
    /// For those who look for a fault.
    Debug,
    /// What happens.
    Info,
    /// What should not be.
    Warn,
    /// What failed.
    Error,
}

impl Level {
    /// All, least grave first.
    pub const ALL: [Level; 5] = [Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Level::Trace => "trace",
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        }
    }

    /// Its name in three letters.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Level::Trace => "TRC",
            Level::Debug => "DBG",
            Level::Info => "INF",
            Level::Warn => "WRN",
            Level::Error => "ERR",
        }
    }

    fn of_word(word: &str) -> Option<Level> {
        const WORDS: [(Level, &[&str]); 5] = [
            (Level::Info, &["info", "inf", "information", "notice", "note"]),
            (Level::Warn, &["warn", "warning", "wrn"]),
            (Level::Error, &["error", "err", "fatal", "ftl", "critical", "crit", "panic", "emerg", "alert", "severe"]),
            (Level::Debug, &["debug", "dbg", "fine"]),
            (Level::Trace, &["trace", "trc", "verbose"]),
        ];
        // Most words are none of these: look at the length before the letters.
        if !(3..=11).contains(&word.len()) {
            return None;
        }
        let is = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(word));
        WORDS.iter().find(|(_, names)| is(names)).map(|(level, _)| *level)
    }

    /// As pino and bunyan count.
    fn of_number(number: &str) -> Option<Level> {
        match number {
            "10" => Some(Level::Trace),
            "20" => Some(Level::Debug),
            "30" => Some(Level::Info),
            "40" => Some(Level::Warn),
            "50" | "60" => Some(Level::Error),
            _ => None,
        }
    }
}

/// Bytes at the start of a line in which a level is looked for.
const LOOKED_AT: usize = 256;
/// Words at the start of a line that may be a level.
const WORDS: usize = 12;

/// The level of a line without colour sequences.
#[must_use]
pub fn guess(text: &str) -> Option<Level> {
    let end = (0..=LOOKED_AT.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let head = text.get(..end).unwrap_or_default();
    field(head).or_else(|| klog(head)).or_else(|| word(head))
}

/// `level=warn`, `"level":"warn"`, `severity: WARN`, `"level":40`.
fn field(head: &str) -> Option<Level> {
    ["level", "severity", "lvl"].iter().find_map(|key| {
        let (_, after) = head.split_once(key)?;
        let value = after.trim_start_matches(['"', ' ']).strip_prefix(['=', ':'])?.trim_start_matches(['"', ' ']);
        let end = value.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(value.len());
        let value = value.get(..end)?;
        Level::of_word(value).or_else(|| Level::of_number(value))
    })
}

/// `E0923 12:00:00.000000       1 server.go:1] …`, as Kubernetes' logger writes.
fn klog(head: &str) -> Option<Level> {
    let level = match head.as_bytes().first()? {
        b'I' => Level::Info,
        b'W' => Level::Warn,
        b'E' | b'F' => Level::Error,
        _ => return None,
    };
    let date = head.get(1..5)?;
    (date.bytes().all(|byte| byte.is_ascii_digit()) && head.get(5..6) == Some(" ")).then_some(level)
}

/// A word in capitals, or one set apart as in `[warn]` and `warn:`.
fn word(head: &str) -> Option<Level> {
    let mut rest = head;
    for _ in 0..WORDS {
        let start = rest.find(|c: char| c.is_ascii_alphabetic())?;
        let before = rest.get(..start).and_then(|skipped| skipped.chars().next_back());
        let from = rest.get(start..)?;
        let end = from.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(from.len());
        let word = from.get(..end)?;
        rest = from.get(end..)?;
        let Some(level) = Level::of_word(word) else { continue };
        let capital = word.bytes().all(|byte| byte.is_ascii_uppercase());
        let apart = matches!(before, Some('[' | '<' | '(' | '|')) || rest.starts_with([']', ':', '>', ')', '|']);
        if capital || apart {
            return Some(level);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_ways_to_name_a_level_are_known() {
        use Level::{Debug, Error, Info, Trace, Warn};
        for (line, level) in [
            ("2026-08-30T12:00:00Z INFO started", Some(Info)),
            ("ts=2026 level=warn msg=\"slow\"", Some(Warn)),
            (r#"{"level":"error","msg":"no"}"#, Some(Error)),
            (r#"{"level": 30, "msg":"pino"}"#, Some(Info)),
            (r#"{"severity":"DEBUG"}"#, Some(Debug)),
            ("[2026-08-30 12:00:00] [warning] slow", Some(Warn)),
            ("error: it broke", Some(Error)),
            ("E0923 12:00:00.000000 1 server.go:1] no", Some(Error)),
            ("2026/08/30 [notice] 1#1: start worker", Some(Info)),
            ("LOG:  database system is ready", None),
            ("FATAL:  password authentication failed", Some(Error)),
            ("TRACE deep", Some(Trace)),
            ("an error page was served", None),
            ("information wants to be free", None),
            ("", None),
            ("ünïcödé", None),
        ] {
            assert_eq!(guess(line), level, "{line}");
        }
    }
}
