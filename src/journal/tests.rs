use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;

use super::*;
use crate::action::{Pinned, Request, Scope};
use crate::model::{ServiceId, Tier, Version};

fn redeploy() -> Action {
    let pin = Pinned {
        id: ServiceId::new("s1"),
        name: "media_plex".into(),
        version: Version(7),
        tasks: 1,
        stack: "media".into(),
    };
    Action::Redeploy { scope: Scope::Stack("media".into()), services: vec![pin] }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn done() -> End {
    End {
        at: at(9),
        outcome: "done".into(),
        fault: Vec::new(),
        steps: Vec::new(),
        although: String::new(),
        by: String::new(),
    }
}

fn journal(folder: &Path) -> Journal {
    let commit = Commit { id: "9f3c1e2aa".into(), dirty: true };
    let author = Author {
        user: "ann".into(),
        host: "ching".into(),
        why: "newer image".into(),
        commit: Arc::new(move || Some(commit.clone())),
    };
    Journal::in_folder(folder.join("journal"), author)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn what_was_begun_and_how_it_ended_is_read_back_and_nobody_else_may_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let journal = journal(folder.path());
    assert!(journal.read().unwrap().deeds.is_empty());
    let first = journal.begin((JobId(1), &redeploy()), "swarm", at(0)).unwrap().job;
    let second = journal.begin((JobId(2), &redeploy()), "swarm", at(1)).unwrap().job;
    assert_ne!(first, second);
    journal.end(&first, done()).unwrap();
    let history = journal.read().unwrap();
    let [newer, older] = history.deeds.as_slice() else { panic!("{history:#?}") };
    assert_eq!((older.begun.job.as_str(), older.outcome(), older.own), (first.as_str(), "done", true));
    assert_eq!((newer.begun.number, newer.outcome()), (2, "running"));
    let begun = &older.begun;
    assert_eq!((begun.who.as_str(), begun.why.as_str(), begun.stack.as_str()), ("ann@ching", "newer image", "media"));
    assert_eq!(begun.commit.as_ref().unwrap().short(), "9f3c1e2+");
    journal.keep(&Keepsake { job: first.clone(), ..Keepsake::default() }).unwrap();
    assert_eq!(journal.kept(&first).unwrap().unwrap().job, first);
    assert!(journal.kept("../../etc/passwd").unwrap().is_none());
    let place = folder.path().join("journal");
    assert_eq!((mode(&place), mode(&place.join("kept"))), (0o700, 0o700));
    assert_eq!(mode(&place.join("journal.jsonl")), 0o600);
    assert_eq!(mode(&place.join("kept").join(format!("{first}.json"))), 0o600);
}

#[test]
fn a_torn_tail_is_told_and_takes_no_other_line_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let journal = journal(folder.path());
    let whole = journal.begin((JobId(1), &redeploy()), "swarm", at(0)).unwrap().job;
    let path = folder.path().join("journal/journal.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}{}", &text[..text.len() / 2])).unwrap();
    let history = journal.read().unwrap();
    assert_eq!(history.deeds.len(), 1);
    assert!(history.notes[0].contains("journal.jsonl:2: the last line is torn"), "{:?}", history.notes);
    journal.end(&whole, done()).unwrap();
    let history = journal.read().unwrap();
    assert_eq!((history.deeds.len(), history.deeds[0].outcome()), (1, "done"));
    assert_eq!(history.notes.len(), 1, "{:?}", history.notes);
}

#[test]
fn on_a_full_disk_nothing_begins_and_what_stands_there_stays() {
    let folder = tempfile::tempdir().unwrap();
    let journal = journal(folder.path());
    fs::create_dir_all(folder.path().join("journal")).unwrap();
    symlink("/dev/full", folder.path().join("journal/journal.jsonl")).unwrap();
    let fault = journal.begin((JobId(1), &redeploy()), "swarm", at(0)).unwrap_err();
    let told = fault.to_string();
    for words in ["redeploy stack media was not begun", "No space left", "nothing was sent", "make room"] {
        assert!(told.contains(words), "{told}");
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("journal"), "a file is in the way").unwrap();
    let fault = journal(folder.path()).begin((JobId(1), &redeploy()), "swarm", at(0)).unwrap_err();
    assert!(fault.place.contains("journal.jsonl") && fault.mend.contains("XDG_STATE_HOME"), "{fault}");
}

#[test]
fn processes_that_write_at_one_time_lose_no_line_and_mix_none() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let journal = journal(folder.path());
            scope.spawn(move || {
                for number in 0..25 {
                    journal.begin((JobId(number), &redeploy()), &format!("w{writer}"), at(0)).unwrap();
                }
            });
        }
    });
    let history = journal(folder.path()).read().unwrap();
    assert_eq!((history.deeds.len(), history.notes.len()), (100, 0));
}

#[test]
fn a_long_file_is_put_aside_and_the_oldest_goes_with_what_it_kept() {
    let folder = tempfile::tempdir().unwrap();
    let journal = journal(folder.path());
    let path = folder.path().join("journal/journal.jsonl");
    let mut keys = Vec::new();
    for round in 0..11 {
        let key = journal.begin((JobId(round), &redeploy()), "swarm", at(0)).unwrap().job;
        journal.keep(&Keepsake { job: key.clone(), ..Keepsake::default() }).unwrap();
        keys.push(key);
        // As if a thousand others had followed.
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text + &" ".repeat(1 << 20) + "\n").unwrap();
    }
    let history = journal.read().unwrap();
    assert_eq!(history.deeds.len(), 9, "one that is written, and eight aside");
    assert!(journal.kept(&keys[0]).unwrap().is_none() && journal.kept(&keys[10]).unwrap().is_some());
    assert!(history.deeds.iter().any(|deed| deed.begun.job == keys[10]));
}

#[test]
fn what_was_kept_shows_nothing_of_itself() {
    let object = json!({"ID": "x", "Version": {"Index": 4}, "Spec": {"Env": ["PASSWORD=hunter2"]}});
    let kept = Kept { kind: "service".into(), name: "web".into(), object: Some(object) };
    let keepsake = Keepsake { job: "k".into(), before: vec![kept], after: Vec::new() };
    let told = format!("{keepsake:?}");
    assert!(told.contains("web as of version 4") && !told.contains("hunter2"), "{told}");
}

/// A course of these stacks.
fn course(first: u64, stacks: &[&str]) -> Course {
    let stacks = stacks.iter().map(|&stack| stack.to_owned()).collect();
    let request = Arc::new(Request { stacks, ..Request::default() });
    Course { first: JobId(first), title: format!("deploy of job {first}").into(), tier: Tier::Platform, request }
}

#[test]
fn a_course_that_broke_off_is_finished_by_one_that_covers_it_and_takes_its_parts_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let journal = journal(folder.path());
    let begin =
        |number: u64, stacks: &[&str]| journal.begin_course(&course(number, stacks), "swarm", at(0)).unwrap().job;
    let broken = begin(1, &["a", "b"]);
    let part = journal.begin_part((JobId(1), &redeploy()), &broken, "swarm", at(1)).unwrap().job;
    let let_be = begin(2, &["z"]);
    let other = journal.begin_part((JobId(2), &redeploy()), &let_be, "swarm", at(1)).unwrap().job;
    // The process of all of these has ended since.
    let path = folder.path().join("journal/journal.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let gone = text.replace(&format!("\"pid\":{}", std::process::id()), "\"pid\":1");
    assert_ne!(text, gone);
    fs::write(&path, gone).unwrap();
    let outcome = |key: &str| journal.read().unwrap().find(key).unwrap().outcome().to_owned();
    assert_eq!([&broken, &part, &let_be, &other].map(|key| outcome(key)), ["interrupted"; 4]);
    journal.end(&begin(3, &["a"]), done()).unwrap();
    assert_eq!(outcome(&broken), "interrupted", "b is still to be done");
    journal.end(&begin(4, &["c", "b", "a"]), done()).unwrap();
    assert_eq!(
        [&broken, &part, &let_be, &other].map(|key| outcome(key)),
        ["resumed", "resumed", "interrupted", "interrupted"]
    );
    journal.end(&let_be, End { outcome: "dropped".into(), ..done() }).unwrap();
    assert_eq!([&let_be, &other].map(|key| outcome(key)), ["dropped"; 2]);
}
