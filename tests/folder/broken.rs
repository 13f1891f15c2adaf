//! Each file of the folders, broken in each way that a disk, an editor or a merge breaks files: whatever it is, it is
//! told with its place, and everything else of the folder is still there.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use quarterdeck::lint;
use quarterdeck::platform::{self, Environment, Files};

use super::home;

/// What is done to a file; true if it can no longer be read at all.
type Deed = fn(&Path, &[u8]) -> bool;

const DEEDS: &[(&str, Deed)] = &[
    // The first two are done to every file.
    ("a file that is no UTF-8", |path, whole| write(path, &[whole, b"\n# \xff\xfe\n"].concat(), true)),
    ("a half of it", |path, whole| write(path, &whole[..whole.len() / 2], false)),
    ("empty", |path, _| write(path, b"", false)),
    ("a quarter of it", |path, whole| write(path, &whole[..whole.len() / 4], false)),
    ("all but its end", |path, whole| write(path, &whole[..whole.len() - whole.len().min(2)], false)),
    ("a bracket before it", |path, whole| write(path, &[b"{[\n", whole].concat(), false)),
    ("signs that control a terminal", |path, whole| write(path, &[whole, b"\n\x00\x1b[2J: [\x7f\n"].concat(), false)),
    ("a directory", |path, _| {
        fs::remove_file(path).unwrap();
        fs::create_dir(path).unwrap();
        true
    }),
    ("a link to nowhere", |path, _| link(path, "gone/nowhere")),
    ("a link to itself", |path, _| link(path, path.to_str().unwrap())),
];

/// What is done to one file of each ending only, for it costs more.
const HEAVY: &[(&str, Deed)] = &[
    ("a line of five megabytes", |path, whole| write(path, &[whole, &vec![b'x'; 5 << 20]].concat(), true)),
    ("a long line", |path, whole| {
        write(path, &[whole, b"\nx: ".as_slice(), &vec![b'y'; 200 << 10], b"\n"].concat(), false)
    }),
    ("lists in lists", |path, _| write(path, "[".repeat(20_000).as_bytes(), false)),
    ("mappings in mappings", |path, _| write(path, "a: {".repeat(10_000).as_bytes(), false)),
    ("items in items", |path, _| write(path, "- ".repeat(20_000).as_bytes(), false)),
    ("tables in tables", |path, _| write(path, format!("[[{}a]]", "a.".repeat(5_000)).as_bytes(), false)),
    ("references that double", |path, _| {
        let mut text = "a0: &a0 [x]\n".to_owned();
        (1..40).for_each(|at| text += &format!("a{at}: &a{at} [*a{0}, *a{0}]\n", at - 1));
        write(path, text.as_bytes(), false)
    }),
];

fn write(path: &Path, bytes: &[u8], lost: bool) -> bool {
    fs::write(path, bytes).unwrap();
    lost
}

fn link(path: &Path, to: &str) -> bool {
    fs::remove_file(path).unwrap();
    symlink(to, path).unwrap();
    true
}

fn copy(from: &Path, to: &Path, files: &mut Vec<PathBuf>, root: &Path) {
    fs::create_dir_all(to).unwrap();
    let mut entries: Vec<_> = fs::read_dir(from).unwrap().map(|entry| entry.unwrap()).collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target, files, root);
        } else {
            fs::copy(entry.path(), &target).unwrap();
            files.push(target.strip_prefix(root).unwrap().to_owned());
        }
    }
}

/// The compose files that are known as stacks and could be read, but for one.
fn stacks(root: &Path, but: &Path) -> BTreeSet<PathBuf> {
    let files = Files::on_disk(root).unwrap();
    let platform = platform::read(&files);
    let depth = platform.depth(&files);
    let known = platform.catalogue.stacks.values().filter(|filed| depth.stacks.contains_key(&filed.name));
    known.map(|filed| filed.file.clone()).filter(|file| file != but).collect()
}

/// Files that are no part of the platform: stacks that were put away, examples, and what Ansible alone reads.
fn is_left_alone(file: &Path) -> bool {
    let below = |part: &str| file.iter().any(|one| one == part);
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    matches!(name, "cloudflared-config.yaml" | "dynamic.yml" | "prometheus.yml")
        || file.starts_with("opentofu") && file.extension().is_none_or(|end| end != "tf")
        || ["_drafts", "archive", "config", "e2e", "generic", "node-exporter"].iter().any(|part| below(part))
            && file.starts_with("stacks")
}

/// These decide which files are stacks.
fn names_stacks(file: &Path) -> bool {
    file.starts_with("komodo") || file == Path::new("quarterdeck.yaml")
}

/// How the name of a file ends, or all of it.
fn end(file: &Path) -> String {
    file.extension().or(file.file_name()).unwrap().to_string_lossy().into_owned()
}

/// What sort of file it is: stacks are alike, and so are the files of one directory.
fn kind(file: &Path) -> String {
    let name = file.file_name().unwrap().to_string_lossy();
    let dir = file.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    if name.contains("compose") { "a stack".to_owned() } else { format!("{dir}/{}", end(file)) }
}

fn break_each(name: &str) {
    let folder = tempfile::tempdir().unwrap();
    let (root, mut files) = (folder.path().to_owned(), Vec::new());
    copy(&home(name), &root, &mut files, &root);
    let read = |file: &PathBuf| {
        matches!(end(file).as_str(), "yaml" | "yml" | "toml" | "json" | "template" | "tf" | "cfg" | ".env")
    };
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut tried = 0;
    for file in files.iter().filter(|file| read(file)) {
        let (first, costly) = (seen.insert(kind(file)), seen.insert(end(file)));
        let (whole, path) = (fs::read(root.join(file)).unwrap(), root.join(file));
        let known = stacks(&root, file);
        let deeds = if first { DEEDS.len() } else { 2 };
        for (deed, act) in DEEDS.iter().take(deeds).chain(if costly { HEAVY } else { &[] }) {
            let lost = act(&path, &whole);
            let told = told(&root, file);
            // A file that nobody reads may be what it likes.
            if lost && !is_left_alone(file) {
                assert!(
                    told.iter().any(|one| one == "file-unreadable"),
                    "{name}: {} as {deed}: {told:?}",
                    file.display()
                );
            }
            if !names_stacks(file) && deed.starts_with("a ") {
                let left = stacks(&root, file);
                assert!(known.is_subset(&left), "{name}: {} as {deed} takes others along: {left:?}", file.display());
            }
            let _ = if path.is_dir() && !path.is_symlink() { fs::remove_dir(&path) } else { fs::remove_file(&path) };
            fs::write(&path, &whole).unwrap();
            tried += 1;
        }
    }
    assert!(tried > 60, "{tried} files were broken");
}

/// The rules that a file breaks. Whatever is told has a place in it, a reason and a mend, and controls no terminal.
fn told(root: &Path, file: &Path) -> Vec<String> {
    let findings = lint::check(&Files::on_disk(root).unwrap(), Environment::new());
    let of_file = findings.iter().filter(|finding| Path::new(&*finding.spot.file) == file);
    of_file
        .map(|finding| {
            assert!(!finding.what.is_empty() && !finding.why.is_empty() && !finding.mend.is_empty(), "{finding:?}");
            assert!(finding.rule != "file-broken" || finding.spot.line > 0, "{finding:?}");
            finding.rule.to_owned()
        })
        .collect()
}

#[test]
fn a_broken_file_of_ansible_and_dotenv_is_told_and_takes_no_other_along() {
    break_each("dotenv");
}

#[test]
fn a_broken_file_of_a_registry_is_told_and_takes_no_other_along() {
    break_each("registry");
}

#[test]
fn a_broken_file_of_a_weathered_folder_is_told_and_takes_no_other_along() {
    break_each("weathered");
}

#[test]
fn a_broken_file_of_a_salted_folder_is_told_and_takes_no_other_along() {
    break_each("salted");
}
