//! go-task's files as far as the folder needs to know them: which scripts and playbooks tasks run, and which files they
//! include. Only what is certain counts: a path with a variable that nobody can tell here is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::files::{Files, plain};
use super::fill::braces;
use super::page::{Page, word};
use crate::diag::{Finding, Spot};
use crate::stack::{Map, Node, Value};

/// What a file of tasks is called, in the order in which go-task looks.
const NAMES: [&str; 8] = [
    "Taskfile.yml",
    "taskfile.yml",
    "Taskfile.yaml",
    "taskfile.yaml",
    "Taskfile.dist.yml",
    "taskfile.dist.yml",
    "Taskfile.dist.yaml",
    "taskfile.dist.yaml",
];
/// Programs that run the file that they are given.
const RUNNERS: [&str; 8] = ["ansible-playbook", "bash", "node", "python", "python3", "sh", "source", "."];
/// Words before a command that run it.
const BEFORE: [&str; 9] = ["env", "exec", "nice", "pipenv", "poetry", "run", "sudo", "time", "uv"];
/// How the path of the folder itself is written where a variable stands for it.
const ROOT: &str = "//";
/// Options of `ansible-playbook` whose value is the next word.
const VALUED: [&str; 14] = [
    "-C",
    "-e",
    "--extra-vars",
    "-f",
    "--forks",
    "-i",
    "--inventory",
    "-l",
    "--limit",
    "--private-key",
    "-t",
    "--tags",
    "-u",
    "--vault-password-file",
];

/// A file that a task runs, or that a file of tasks includes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The task, or the include.
    pub task: String,
    /// The file, by its path in the folder.
    pub file: PathBuf,
    /// Where that is said.
    pub spot: Spot,
}

/// Everything that the tasks of the folder run, as far as it is certain.
pub fn read(files: &Files, findings: &mut Vec<Finding>) -> Vec<Run> {
    let mut reading = Reading { files, findings, runs: Vec::new(), seen: BTreeSet::new() };
    if let Some(path) = in_dir(files, Path::new("")) {
        reading.file(&path, &Surroundings::default());
    }
    reading.runs
}

fn in_dir(files: &Files, dir: &Path) -> Option<PathBuf> {
    NAMES.iter().map(|name| dir.join(name)).find(|path| !matches!(files.found(path), Ok(None)))
}

/// Where a file of tasks was included.
#[derive(Debug, Clone, Default)]
struct Surroundings {
    /// What stands before the names of its tasks.
    prefix: String,
    /// Where its commands run.
    dir: PathBuf,
    /// Variables that are known.
    vars: BTreeMap<String, String>,
}

struct Reading<'a> {
    files: &'a Files,
    findings: &'a mut Vec<Finding>,
    runs: Vec<Run>,
    seen: BTreeSet<PathBuf>,
}

impl Reading<'_> {
    fn file(&mut self, path: &Path, around: &Surroundings) {
        if !self.seen.insert(path.to_owned()) {
            return;
        }
        let Some(page) = Page::yaml(self.files, path, self.findings) else { return };
        let Some(root) = page.root.as_ref().and_then(Node::map) else { return };
        let own = path.parent().unwrap_or(Path::new(""));
        let mut around = around.clone();
        around.vars.insert("ROOT_DIR".to_owned(), ROOT.to_owned());
        around.vars.insert("TASKFILE_DIR".to_owned(), format!("{ROOT}{}", own.display()));
        around.put(root.get("vars"));
        for (name, node) in entries(root.get("includes")) {
            self.include(&page, own, (name, node), &around);
        }
        for (name, node) in entries(root.get("tasks")) {
            self.task(&page, &format!("{}{name}", around.prefix), node, &around);
        }
    }

    /// A path, or a mapping with one. Commands of what is included run where those above it do, unless it says where.
    fn include(&mut self, page: &Page, own: &Path, (name, node): (&str, &Node), around: &Surroundings) {
        let empty = Map::default();
        let map = node.map().unwrap_or(&empty);
        let said = word(node).or_else(|| map.get("taskfile").and_then(word));
        let Some(path) = said.and_then(|said| around.filled(&said)).and_then(|said| below(own, &said)) else { return };
        let dir = match map.get("dir").and_then(word) {
            Some(dir) => around.filled(&dir).and_then(|dir| below(own, &dir)),
            None => Some(around.dir.clone()),
        };
        let is_there = path.extension().is_some_and(|end| end == "yml" || end == "yaml");
        let file = if is_there { Some(path.clone()) } else { in_dir(self.files, &path) };
        match file {
            Some(file) if !matches!(self.files.found(&file), Ok(None)) => {
                let mut inner = around.clone();
                inner.prefix = format!("{}{name}:", around.prefix);
                inner.put(map.get("vars"));
                // Where its commands run is not known, so what they run is not either.
                if let Some(dir) = dir {
                    inner.dir = dir;
                    self.file(&file, &inner);
                }
            }
            _ if map.get("optional").is_some_and(|node| node.value == Value::Bool(true)) => {}
            _ => {
                let task = format!("the include {}{name}", around.prefix);
                self.runs.push(Run { task, file: path, spot: page.at(node.place) });
            }
        }
    }

    fn task(&mut self, page: &Page, name: &str, node: &Node, around: &Surroundings) {
        let mut around = around.clone();
        let empty = Map::default();
        let map = node.map().unwrap_or(&empty);
        around.put(map.get("vars"));
        if let Some(dir) = map.get("dir").and_then(word) {
            let Some(dir) = around.filled(&dir).and_then(|dir| below(&around.dir, &dir)) else { return };
            around.dir = dir;
        }
        let Some(cmds) = map.get("cmds").or(map.get("cmd")).or(node.map().is_none().then_some(node)) else { return };
        let cmds = cmds.list().unwrap_or(std::slice::from_ref(cmds));
        let text = |cmd: &Node| {
            let text = word(cmd).or_else(|| cmd.map()?.get("cmd").and_then(word))?;
            Some(text.replace("{{ .", "{{.").replace(" }}", "}}"))
        };
        let commands: Vec<(String, Spot)> =
            cmds.iter().filter_map(|cmd| Some((text(cmd)?, page.at(cmd.place)))).collect();
        let all: String = commands.iter().map(|(command, _)| format!("{command}\n")).collect();
        for (command, spot) in &commands {
            for (said, file) in run_by(command, &around) {
                // What a task names more than once it may make or look for itself.
                if all.matches(said.as_str()).count() == 1 {
                    self.runs.push(Run { task: format!("the task {name}"), file, spot: spot.clone() });
                }
            }
        }
    }
}

impl Surroundings {
    /// Takes in the variables that say their value.
    fn put(&mut self, node: Option<&Node>) {
        for (name, node) in entries(node) {
            match word(node).and_then(|text| self.filled(&text)) {
                Some(value) => self.vars.insert(name.to_owned(), value),
                None => self.vars.remove(name),
            };
        }
    }

    /// The text with variables put in; none if one is not known.
    fn filled(&self, text: &str) -> Option<String> {
        let known = |inner: &str| self.vars.get(inner.strip_prefix('.')?).cloned();
        braces(text, |inner| known(inner).ok_or_else(String::new)).ok()
    }
}

fn entries(node: Option<&Node>) -> impl Iterator<Item = (&str, &Node)> {
    let map = node.and_then(Node::map).map(|map| map.0.as_slice()).unwrap_or_default();
    map.iter().map(|entry| (entry.key.as_str(), &entry.node))
}

/// The path from a directory of the folder, which is `/` here; none if it leads out of it or holds more than a name.
fn below(dir: &Path, said: &str) -> Option<PathBuf> {
    if said.contains(['$', '`', '*', '~', '{', '}', '\\', ':']) {
        return None;
    }
    let path = match said.strip_prefix(ROOT) {
        Some(rest) => plain(Path::new(rest.trim_start_matches('/'))),
        None => plain(&dir.join(said)),
    };
    (!path.starts_with("..") && path.is_relative()).then_some(path)
}

/// The files that a command runs, each as it is named and as the folder knows it.
fn run_by(command: &str, around: &Surroundings) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    let mut dir = around.dir.clone();
    let command = command.replace("\\\n", " ");
    for part in command.split(['\n', ';', '|', '&', '(', ')']) {
        // What follows is the content of a file.
        if part.contains("<<") {
            break;
        }
        let mut words = part.split_whitespace().map(|word| word.trim_matches(['"', '\''])).peekable();
        while words.peek().is_some_and(|word| BEFORE.contains(word) || is_assignment(word)) {
            words.next();
        }
        let Some(program) = words.next() else { continue };
        if program == "cd" {
            let to = words.next().and_then(|to| around.filled(to));
            let Some(next) = to.and_then(|to| below(&dir, &to)) else { break };
            dir = next;
            continue;
        }
        let named = match program {
            "ansible-playbook" => playbooks(words),
            program if RUNNERS.contains(&program) => words.next().filter(|word| is_script(word)).into_iter().collect(),
            program if is_script(program) => vec![program],
            _ => continue,
        };
        for said in named {
            if let Some(file) = around.filled(said).and_then(|said| below(&dir, &said)) {
                found.push((said.to_owned(), file));
            }
        }
    }
    found
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
}

fn is_script(word: &str) -> bool {
    let ends = [".sh", ".bash", ".py", ".js"].iter().any(|end| word.ends_with(end));
    !word.starts_with('-') && (word.starts_with("./") || word.starts_with("../") || ends) && !word.ends_with('/')
}

fn playbooks<'a>(words: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut before = "";
    for word in words {
        let ends = word.ends_with(".yml") || word.ends_with(".yaml");
        if ends && !word.starts_with(['-', '@']) && !VALUED.contains(&before) {
            found.push(word);
        }
        before = word;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(texts: &[(&str, &str)]) -> Vec<String> {
        let mut findings = Vec::new();
        let found = read(&Files::of(&[], texts), &mut findings);
        assert_eq!(findings, []);
        found.iter().map(|run| format!("{} {} {}", run.task, run.file.display(), run.spot.line)).collect()
    }

    #[test]
    fn what_a_command_runs_is_found_where_the_command_runs() {
        for (command, file) in [
            ("./scripts/test.sh --fast", "scripts/test.sh"),
            ("bash scripts/a.sh && echo done", "scripts/a.sh"),
            ("FOO=1 sudo python3 tools/a.py", "tools/a.py"),
            ("cd ansible && ansible-playbook -i hosts.yml -K playbooks/a.yml -e @vars.yml", "ansible/playbooks/a.yml"),
            ("ansible-playbook {{ .DIR }}/a.yml", "play/a.yml"),
            ("sh {{.ROOT_DIR}}/x.sh", "x.sh"),
            ("cd sub\n./y.sh", "sub/y.sh"),
            ("docker stack deploy -c x.yml x", ""),
            ("bash -c 'x.sh'", ""),
            ("./a.sh || ./a.sh", ""),
            ("test -f b.sh && sh b.sh", ""),
            ("./{{.CLI_ARGS}}/x.sh", ""),
            ("sh {{.UNKNOWN | default \"x\"}}/x.sh", ""),
            ("ansible-playbook {{.ELSEWHERE}}/x.yml", ""),
            ("cd $HOME && ./x.sh", ""),
            ("sh /opt/x.sh; sh ~/y.sh; sh ../../z.sh", ""),
            ("cat <<E\nsh x.sh\nE", ""),
        ] {
            let command = command.replace('"', "\\\"").replace('\n', "\\n");
            let text = format!(
                "version: '3'\nvars: {{DIR: play, ELSEWHERE: /opt, UNKNOWN: {{sh: pwd}}}}\ntasks:\n  t: {{cmds: [\"{command}\"]}}\n"
            );
            let expected = if file.is_empty() { vec![] } else { vec![format!("the task t {file} 4")] };
            assert_eq!(runs(&[("Taskfile.yml", &text)]), expected, "{command}");
        }
    }

    #[test]
    fn tasks_of_every_form_and_of_what_is_included_are_read() {
        let root = "includes:\n  ansible: {taskfile: .taskfiles/ansible, dir: ansible}\n  swarm: .taskfiles/swarm/Taskfile.yml\n  gone: ./gone.yml\n  other: {taskfile: ./maybe, optional: true}\n  far: https://example.test/Taskfile.yml\ntasks:\n  a: ./a.sh\n  b: [./b.sh, {cmd: ./c.sh}, {task: a}]\n  d: {dir: sub, cmd: ./d.sh}\n  e:\n";
        let ansible = "tasks: {ping: {cmds: [ansible-playbook ping.yml]}}";
        let swarm = "includes: {back: ../../Taskfile.yml}\ntasks: {up: {cmds: [\"sh {{.TASKFILE_DIR}}/up.sh\"]}}";
        assert_eq!(
            runs(&[
                ("Taskfile.yml", root),
                (".taskfiles/ansible/Taskfile.yaml", ansible),
                (".taskfiles/swarm/Taskfile.yml", swarm)
            ]),
            [
                "the task ansible:ping ansible/ping.yml 1",
                "the task swarm:up .taskfiles/swarm/up.sh 2",
                "the include gone gone.yml 4",
                "the task a a.sh 8",
                "the task b b.sh 9",
                "the task b c.sh 9",
                "the task d sub/d.sh 10",
            ]
        );
        assert_eq!(runs(&[("tasks.yml", root)]), [""; 0]);
    }
}
