//! The house rules: who may import whom, who may name which crate, and what every file owes its reader.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each room, and the rooms it may use. From the ground up: a room stands below all that use it.
const DOORS: &[(&str, &[&str])] = &[
    ("ask", &[]),
    ("clock", &[]),
    ("diag", &[]),
    ("model", &[]),
    ("wire", &[]),
    ("git", &["diag", "model"]),
    ("outside", &["diag", "model", "wire"]),
    ("docker_config", &["diag"]),
    ("engine", &["clock", "diag", "model", "wire"]),
    ("sim", &["clock", "wire"]),
    ("ssh", &["ask", "diag", "model", "wire"]),
    ("fleet", &["clock", "diag", "engine", "model", "ssh", "wire"]),
    ("stack", &["diag", "model"]),
    ("platform", &["diag", "model", "stack"]),
    ("lint", &["diag", "model", "platform", "stack"]),
    ("storage", &["diag", "model"]),
    ("store", &["model"]),
    ("plan", &["diag", "model", "stack"]),
    ("action", &["diag", "model", "plan"]),
    ("journal", &["action", "diag"]),
    ("app", &["action", "ask", "diag", "model", "plan"]),
    (
        "jobs",
        &[
            "action", "ask", "clock", "diag", "engine", "fleet", "git", "journal", "model", "outside", "plan",
            "platform", "ssh", "stack", "storage", "store",
        ],
    ),
    (
        "hub",
        &[
            "action", "ask", "clock", "diag", "engine", "fleet", "jobs", "journal", "lint", "model", "plan",
            "platform", "ssh", "store",
        ],
    ),
    ("view", &["action", "app", "ask", "diag", "model", "plan"]),
    ("session", &["action", "app", "ask", "diag", "hub", "jobs", "model", "plan", "view"]),
    ("telemetry", &[]),
    (
        "cli",
        &[
            "action",
            "app",
            "ask",
            "clock",
            "diag",
            "docker_config",
            "engine",
            "fleet",
            "git",
            "hub",
            "jobs",
            "journal",
            "lint",
            "model",
            "plan",
            "platform",
            "session",
            "sim",
            "ssh",
            "stack",
            "telemetry",
            "view",
            "wire",
        ],
    ),
];

/// Each crate that only some rooms may name.
const CRATES: &[(&str, &[&str])] = &[
    ("bollard", &["engine"]),
    ("hyper", &["engine", "outside", "sim"]),
    ("hyper_util", &["engine", "outside", "sim"]),
    ("ratatui", &["view", "session"]),
    ("crossterm", &["session"]),
    ("tui_logger", &["view", "telemetry"]),
    ("clap", &["cli"]),
    ("include_dir", &["platform"]),
    // The console has a ring of its own: that of log lines.
    ("ring", &["docker_config", "plan", "wire", "app", "jobs"]),
    ("russh", &["ssh"]),
    ("hmac", &["ssh"]),
    ("sha1", &["ssh"]),
    ("tokio_rustls", &["wire"]),
    ("similar", &["app", "plan"]),
    ("serde_yaml", &["app"]),
    ("toml", &["platform"]),
    ("simple_dns", &["outside"]),
    ("roxmltree", &["outside"]),
    (
        "tokio",
        &[
            "ask",
            "docker_config",
            "wire",
            "git",
            "outside",
            "ssh",
            "engine",
            "fleet",
            "sim",
            "store",
            "jobs",
            "hub",
            "session",
            "cli",
        ],
    ),
];

/// Words of the standard library that only some rooms may say.
const WORDS: &[(&str, &[&str])] = &[
    ("std::env", &["cli", "telemetry"]),
    ("println!", &[]),
    ("Timestamp::now()", &["clock"]),
    ("SystemTime::now", &[]),
];

/// No file is longer, tests apart: a longer one holds two nouns.
const LONGEST: usize = 400;

struct Source {
    path: PathBuf,
    room: String,
    /// Without comments and without the file's own tests.
    code: String,
    whole: String,
}

/// Every file but those that are compiled for tests alone.
fn sources() -> Vec<Source> {
    let mut sources = all_sources();
    let tests: BTreeSet<PathBuf> = sources.iter().flat_map(test_modules).collect();
    sources.retain(|source| !tests.contains(&source.path));
    sources
}

fn all_sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut waiting = vec![root.clone()];
    let mut sources = Vec::new();
    while let Some(dir) = waiting.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let whole = fs::read_to_string(&path).unwrap();
                let code = whole.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
                let code =
                    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
                let below = path.strip_prefix(&root).unwrap();
                let room = below.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
                sources.push(Source { path: below.to_owned(), room, code, whole });
            }
        }
    }
    assert!(sources.len() > 50, "the sources were not found");
    sources
}

/// Files that are compiled for tests alone.
fn test_modules(source: &Source) -> Vec<PathBuf> {
    let dir = source.path.parent().unwrap();
    let named = source.whole.split("#[cfg(test)]\nmod ").skip(1);
    named.filter_map(|rest| rest.split_once(';')).map(|(name, _)| dir.join(format!("{name}.rs"))).collect()
}

/// Names that follow `crate::`, those in braces included.
fn used_rooms(code: &str) -> BTreeSet<String> {
    let name =
        |text: &str| text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut rooms = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(group) => rooms.extend(
                top_level(group.split_once("};").map_or(group, |(group, _)| group)).iter().map(|part| name(part)),
            ),
            None => {
                rooms.insert(name(rest));
            }
        }
    }
    rooms.remove("");
    rooms
}

/// The parts of a list between commas that stand in no inner braces.
fn top_level(group: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => parts.push(String::new()),
            _ => {}
        }
        if c != ',' || depth > 0 {
            parts.last_mut().unwrap().push(c);
        }
    }
    parts
}

#[test]
fn every_door_is_on_the_plan() {
    let doors: BTreeMap<&str, &[&str]> = DOORS.iter().copied().collect();
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| source.room != "lib" && source.room != "main") {
        let Some(allowed) = doors.get(source.room.as_str()) else {
            wrong.push(format!("{}: the room {} is not on the plan", source.path.display(), source.room));
            continue;
        };
        for used in used_rooms(&source.code) {
            if used != source.room && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{}: {} may not use {used}", source.path.display(), source.room));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_plan_has_no_circle() {
    let mut below = BTreeSet::new();
    for (room, doors) in DOORS {
        for door in *doors {
            assert!(below.contains(door), "{room} uses {door}, which stands on no lower floor");
        }
        below.insert(*room);
    }
}

#[test]
fn a_crate_is_named_only_where_it_may_be() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (name, rooms) in CRATES {
            let path = format!("{name}::");
            let named = source
                .code
                .match_indices(&path)
                .any(|(at, _)| !source.code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'));
            if named && !rooms.contains(&source.room.as_str()) {
                wrong.push(format!("{}: {} may not name {name}", source.path.display(), source.room));
            }
        }
        for (word, rooms) in WORDS {
            if source.code.contains(word) && !rooms.contains(&source.room.as_str()) {
                wrong.push(format!("{}: {} may not say {word}", source.path.display(), source.room));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_eye_never_awaits() {
    for source in sources().iter().filter(|source| ["model", "action", "app", "view"].contains(&source.room.as_str())) {
        assert!(
            !source.code.contains("async ") && !source.code.contains(".await"),
            "{}: nothing here may wait",
            source.path.display()
        );
    }
}

#[test]
fn every_file_says_what_it_is_and_holds_one_noun() {
    let mut wrong = Vec::new();
    for source in sources() {
        if !source.whole.starts_with("//! ") {
            wrong.push(format!("{}: does not open with //!", source.path.display()));
        }
        let lines = source.code.lines().count();
        if lines > LONGEST {
            wrong.push(format!("{}: {lines} lines", source.path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_planted_violation_is_found() {
    assert_eq!(used_rooms("use crate::engine::Engine;"), BTreeSet::from(["engine".to_owned()]));
    assert_eq!(
        used_rooms("use crate::{model::{A, B}, jobs::tail};\nlet x = crate::sim::demo();"),
        ["model", "jobs", "sim"].map(str::to_owned).into()
    );
    let view: BTreeMap<&str, &[&str]> = DOORS.iter().copied().collect();
    assert!(!view["view"].contains(&"engine"));
}

#[test]
fn every_invariant_names_a_test_that_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let mut code: String = all_sources().iter().map(|source| source.whole.as_str()).collect();
    let mut waiting = vec![root.join("tests")];
    while let Some(dir) = waiting.pop() {
        for path in fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                code += &fs::read_to_string(path).unwrap();
            }
        }
    }
    let named: Vec<&str> = page.split("Held by `").skip(1).filter_map(|rest| rest.split('`').next()).collect();
    assert!(named.len() >= 8, "invariants name their tests as: Held by `name_of_test`");
    for test in named {
        assert!(code.contains(&format!("fn {test}(")), "ARCHITECTURE.md names {test}, which does not exist");
    }
}
