//! `pre-flight.yml` beside a stack: what must be there before it is deployed, and what is prepared for it. Strict: an
//! unknown key is a finding, since a check that is spelled wrongly would never fail.

use std::path::{Path, PathBuf};

use super::files::Files;
use super::page::{Page, spoken};
use super::reader::Reader;
use super::rules;
use super::values::Values;
use crate::diag::{Finding, Spot};
use crate::stack::{Map, Node, Value};

/// What it is called.
pub const NAMES: [&str; 2] = ["pre-flight.yml", "pre-flight.yaml"];
/// The script beside it: `bash hooks.sh hook_mode pre_deploy` says `user` or `root`, `bash hooks.sh pre_deploy` acts.
const HOOKS: &str = "hooks.sh";

/// What a stack demands before it is deployed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preflight {
    /// The file.
    pub spot: Spot,
    /// Names that must have a value.
    pub env: Vec<(String, Spot)>,
    /// Labels that at least one node must have.
    pub labels: Vec<LabelCheck>,
    /// Swarm secrets that are made if they are not there.
    pub secrets: Vec<SecretWish>,
    /// Directories that are made.
    pub directories: Vec<Placed>,
    /// Files that are copied.
    pub files: Vec<Placed>,
    /// Templates that are filled in.
    pub templates: Vec<Placed>,
    /// The script that runs last, if there is one.
    pub hooks: Option<PathBuf>,
}

/// A label that at least one node must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelCheck {
    /// Its name.
    pub key: String,
    /// Its value; compared without regard to upper and lower case.
    pub value: String,
    /// Where it is demanded.
    pub spot: Spot,
}

/// A Swarm secret and where its content comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretWish {
    /// Its name in the swarm.
    pub name: String,
    /// Where its content comes from.
    pub from: From,
    /// Where it is wished.
    pub spot: Spot,
}

/// Where content comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum From {
    /// The value of this variable; if it is empty, the secret is left out.
    Env(String),
    /// This file; `$NAME` means the file that the variable names.
    File(String),
}

/// Which storage a path lies below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Base {
    /// State of applications.
    #[default]
    AppData,
    /// What can be made anew.
    Cache,
    /// The fast disk of one machine.
    Nvme,
}

impl Base {
    /// Where it lies on the machines, with values as this says them.
    #[must_use]
    pub fn root<'a>(self, said: impl Fn(&'static str) -> &'a str) -> String {
        let (name, usual) = self.named(&said);
        let said = Some(said(name)).filter(|said| !said.is_empty()).unwrap_or(usual);
        said.trim_end_matches('/').to_owned()
    }

    /// The same as a stack file writes it, so that both follow the values.
    #[must_use]
    pub fn written(self, values: &Values) -> String {
        let (name, usual) = self.named(|name| values.text(name));
        format!("${{{name}:-{usual}}}")
    }

    /// The variable that says it, and where it lies if none does.
    fn named<'a>(self, said: impl Fn(&'static str) -> &'a str) -> (&'static str, &'static str) {
        match self {
            Self::AppData if said("ISCSI_APP_DATA_MOUNT_PATH").is_empty() => ("APPDATA_DIR", "/mnt/iscsi/app-data"),
            Self::AppData => ("ISCSI_APP_DATA_MOUNT_PATH", "/mnt/iscsi/app-data"),
            Self::Cache => ("ISCSI_CACHE_MOUNT_PATH", "/mnt/iscsi/cache"),
            Self::Nvme => ("NVME_MOUNT_PATH", "/mnt/nvme"),
        }
    }
}

/// A directory or file that is put in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// What is copied or filled in; none for a directory.
    pub source: Option<String>,
    /// Where to, below its base. May hold a template of its own.
    pub path: String,
    /// Which storage.
    pub base: Base,
    /// A user's name or number.
    pub owner: Option<String>,
    /// A group's name or number.
    pub group: Option<String>,
    /// Its rights.
    pub mode: u32,
    /// What is appended to the name of the file that is copied, as `.pub` to that of a key.
    pub suffix: Option<String>,
    /// A source that is not there is no fault.
    pub optional: bool,
    /// Where it is wished.
    pub spot: Spot,
}

/// The pre-flight of the stack in this directory, if it has one. A file that says nothing counts as one.
pub fn read(files: &Files, dir: &Path, findings: &mut Vec<Finding>) -> Option<Preflight> {
    let hooks = dir.join(HOOKS);
    let hooks = files.paths().binary_search(&hooks).is_ok().then_some(hooks);
    let path = NAMES.iter().map(|name| dir.join(name)).find(|path| files.paths().binary_search(path).is_ok());
    let page = path.and_then(|path| Page::yaml(files, &path, findings));
    let Some(page) = page else { return hooks.map(|hooks| Preflight { hooks: Some(hooks), ..Preflight::default() }) };
    let mut preflight = Preflight { spot: page.spot.clone(), hooks, ..Preflight::default() };
    let mut reader = Reader::new(&page, &rules::PREFLIGHT_SHAPE, findings);
    if let Some(map) = page.root.as_ref().and_then(|root| reader.map("a pre-flight", root)) {
        preflight.fill(map, &mut reader);
    }
    Some(preflight)
}

impl Preflight {
    fn fill(&mut self, map: &Map, reader: &mut Reader<'_>) {
        reader.known("a pre-flight", map, &["validate", "secrets", "directories", "files", "templates"]);
        if let Some(validate) = map.get("validate").and_then(|node| reader.map("validate", node)) {
            reader.known("validate", validate, &["env", "labels"]);
            if let Some(env) = validate.get("env") {
                self.env = reader.words("validate.env", env);
            }
            for item in validate.get("labels").map(|node| reader.list("validate.labels", node)).unwrap_or_default() {
                self.labels.extend(label(item, reader));
            }
        }
        let mut each =
            |key: &str| -> Vec<Node> { map.get(key).map(|node| reader.list(key, node).to_vec()).unwrap_or_default() };
        let (secrets, directories) = (each("secrets"), each("directories"));
        let (files, templates) = (each("files"), each("templates"));
        self.secrets = secrets.iter().filter_map(|item| secret(item, reader)).collect();
        self.directories = directories.iter().filter_map(|item| placed(item, &DIRECTORY, reader)).collect();
        self.files = files.iter().filter_map(|item| placed(item, &FILE, reader)).collect();
        self.templates = templates.iter().filter_map(|item| placed(item, &TEMPLATE, reader)).collect();
        // Whoever is named by a value demands that value.
        for placed in self.directories.iter().chain(&self.files).chain(&self.templates) {
            for name in placed.owner.iter().chain(&placed.group).filter_map(|who| variable(who)) {
                if !self.env.iter().any(|(known, _)| known == name) {
                    self.env.push((name.to_owned(), placed.spot.clone()));
                }
            }
        }
    }
}

/// The name in `$NAME` or `${NAME}`.
#[must_use]
pub fn variable(word: &str) -> Option<&str> {
    word.strip_prefix('$').map(|name| name.trim_matches(['{', '}']))
}

fn label(item: &Node, reader: &mut Reader<'_>) -> Option<LabelCheck> {
    let pairs = reader.map("an item of validate.labels", item)?;
    let [pair] = pairs.0.as_slice() else {
        reader.wrong(
            item.place,
            "an item of validate.labels is not one pair",
            "write each label as `- label: \"true\"`",
        );
        return None;
    };
    let value = reader.word(&format!("the label {}", pair.key), &pair.node)?;
    let value = if reader.page.is_quoted(&pair.node) { value } else { spoken(&value) };
    Some(LabelCheck { key: pair.key.clone(), value, spot: reader.at(pair.place) })
}

fn secret(item: &Node, reader: &mut Reader<'_>) -> Option<SecretWish> {
    let map = reader.map("an item of secrets", item)?;
    reader.known("a secret", map, &["name", "from_env", "from_file"]);
    let name = demanded(map, "name", "a secret", item, reader)?;
    let from = match (map.get("from_env"), map.get("from_file")) {
        (Some(node), None) => From::Env(reader.word("from_env", node)?),
        (None, Some(node)) => From::File(reader.word("from_file", node)?),
        _ => {
            let mend = "write either from_env or from_file";
            reader.wrong(item.place, format!("the secret {name} does not say where its content comes from"), mend);
            return None;
        }
    };
    Some(SecretWish { name, from, spot: reader.at(item.place) })
}

/// How an item that is put in place is written.
struct Form {
    name: &'static str,
    source: Option<&'static str>,
    path: &'static str,
    keys: &'static [&'static str],
    mode: u32,
}

const DIRECTORY: Form = Form {
    name: "a directory",
    source: None,
    path: "path",
    keys: &["path", "base", "owner", "group", "mode"],
    mode: 0o755,
};
const FILE: Form = Form {
    name: "a file",
    source: Some("from_file"),
    path: "dest",
    keys: &["from_file", "dest", "suffix", "base", "owner", "group", "mode", "optional"],
    mode: 0o644,
};
const TEMPLATE: Form = Form {
    name: "a template",
    source: Some("src"),
    path: "dest",
    keys: &["src", "dest", "base", "owner", "group", "mode"],
    mode: 0o644,
};

fn placed(item: &Node, form: &Form, reader: &mut Reader<'_>) -> Option<Placed> {
    let map = reader.map(form.name, item)?;
    reader.known(form.name, map, form.keys);
    let path = demanded(map, form.path, form.name, item, reader)?;
    if path.split('/').any(|part| part == "..") {
        reader.wrong(item.place, format!("{} leads out of its base by `..`", form.path), "write a path below the base");
        return None;
    }
    let source = match form.source {
        Some(key) => Some(demanded(map, key, form.name, item, reader)?),
        None => None,
    };
    let mut plain = |key: &str| map.get(key).and_then(|node| reader.word(key, node));
    let (owner, group, suffix) = (plain("owner"), plain("group"), plain("suffix"));
    let base = map.get("base").and_then(|node| base(node, reader)).unwrap_or_default();
    let mode = map.get("mode").and_then(|node| mode(node, reader)).unwrap_or(form.mode);
    let optional = map.get("optional").and_then(|node| reader.truth("optional", node)).unwrap_or(false);
    Some(Placed { source, path, base, owner, group, mode, suffix, optional, spot: reader.at(item.place) })
}

fn demanded(map: &Map, key: &str, name: &str, item: &Node, reader: &mut Reader<'_>) -> Option<String> {
    match map.get(key) {
        Some(node) => reader.word(key, node),
        None => {
            reader.wrong(item.place, format!("{name} has no {key}"), format!("write {key}"));
            None
        }
    }
}

fn base(node: &Node, reader: &mut Reader<'_>) -> Option<Base> {
    match reader.word("base", node)?.as_str() {
        "app_data" => Some(Base::AppData),
        "cache" => Some(Base::Cache),
        "nvme" => Some(Base::Nvme),
        other => {
            reader.wrong(
                node.place,
                format!("there is no base `{other}`"),
                super::suggest::mend(other, &["app_data", "cache", "nvme"]),
            );
            None
        }
    }
}

/// Rights as octal digits in quotes: without them each reader of YAML makes another number of them.
fn mode(node: &Node, reader: &mut Reader<'_>) -> Option<u32> {
    let digits = match &node.value {
        Value::Text(text) => u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o7777),
        _ => None,
    };
    if digits.is_none() {
        reader.wrong(node.place, "the mode is not octal digits in quotes", "write it as \"0755\"");
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> (Preflight, Vec<Finding>) {
        let mut findings = Vec::new();
        let files = Files::of(&[], &[("stacks/a/pre-flight.yml", text), ("stacks/a/hooks.sh", "")]);
        (read(&files, Path::new("stacks/a"), &mut findings).unwrap(), findings)
    }

    #[test]
    fn every_key_is_read_with_its_default_and_its_place() {
        let (preflight, findings) = read_text(
            "validate:\n  env: [DOMAIN]\n  labels:\n    - gpu: \"true\"\nsecrets:\n  - {name: db, from_env: DB_PASSWORD}\n  - name: key\n    from_file: $KEY_FILE\ndirectories:\n  - path: a/b\n  - {path: c, base: nvme, owner: 999, group: media, mode: \"0700\"}\nfiles:\n  - {from_file: $SSH_KEY_FILE, dest: \"{{ x | basename }}\", suffix: .pub, optional: true}\ntemplates:\n  - {src: ssh-config.j2, dest: config, base: cache}\n",
        );
        assert_eq!(findings, []);
        assert_eq!(preflight.env, [("DOMAIN".to_owned(), Spot::of("stacks/a/pre-flight.yml").line(2, 9))]);
        assert_eq!((preflight.labels[0].key.as_str(), preflight.labels[0].value.as_str()), ("gpu", "true"));
        assert_eq!(preflight.secrets[0].from, From::Env("DB_PASSWORD".to_owned()));
        assert_eq!(preflight.secrets[1].from, From::File("$KEY_FILE".to_owned()));
        assert_eq!(preflight.secrets[1].spot.line, 7);
        let [plain, full] = preflight.directories.as_slice() else { panic!("two directories") };
        assert_eq!((plain.base, plain.mode, plain.owner.as_deref()), (Base::AppData, 0o755, None));
        assert_eq!(
            (full.base, full.mode, full.owner.as_deref(), full.group.as_deref()),
            (Base::Nvme, 0o700, Some("999"), Some("media"))
        );
        assert!(preflight.files[0].optional && preflight.files[0].mode == 0o644);
        assert_eq!((preflight.files[0].suffix.as_deref(), preflight.templates[0].base), (Some(".pub"), Base::Cache));
        assert_eq!(preflight.hooks, Some("stacks/a/hooks.sh".into()));
    }

    #[test]
    fn an_owner_that_a_value_names_demands_that_value_once() {
        let (preflight, findings) = read_text(
            "validate: {env: [GID]}\ndirectories:\n  - {path: a, owner: $UID, group: '${GID}'}\n  - {path: b, owner: $UID}\n",
        );
        assert_eq!(findings, []);
        let spot = |line, column| Spot::of("stacks/a/pre-flight.yml").line(line, column);
        assert_eq!(preflight.env, [("GID".to_owned(), spot(1, 18)), ("UID".to_owned(), spot(3, 5))]);
    }

    #[test]
    fn what_is_not_understood_is_told_with_its_place_and_the_rest_counts() {
        for (text, place, word) in [
            ("validates: {}", "1:1", "write `validate`"),
            ("validate: {evn: [A]}", "1:12", "write `env`"),
            ("validate: {labels: [{a: 1, b: 2}]}", "1:21", "- label"),
            ("validate: {env: [{a: 1}]}", "1:18", "one value"),
            ("secrets: [{name: a}]", "1:11", "either from_env or from_file"),
            ("secrets: [{name: a, from_env: A, from_file: b}]", "1:11", "either"),
            ("secrets: [{from_env: A}]", "1:11", "write name"),
            ("directories: [{path: a, mode: 755}]", "1:31", "\"0755\""),
            ("directories: [{path: a, mode: \"0999\"}]", "1:31", "\"0755\""),
            ("directories: [{path: a, base: appdata}]", "1:31", "write `app_data`"),
            ("directories: [{path: ../../etc}]", "1:15", "below the base"),
            ("directories: {path: a}", "1:14", "begin with `-`"),
            ("files: [{from_file: a, dest: b, optional: maybe}]", "1:43", "true or false"),
            ("templates: [{scr: a, dest: b}]", "1:14", "write `src`"),
            ("[1, 2]", "1:1", "key: value"),
        ] {
            let (_, findings) = read_text(text);
            let first = findings.first().unwrap_or_else(|| panic!("nothing found in {text}"));
            assert_eq!(first.spot.to_string(), format!("stacks/a/pre-flight.yml:{place}"), "{text}");
            assert!(first.mend.contains(word), "{text}: {}", first.mend);
        }
        let (preflight, findings) = read_text("validate: {env: [A, {b: c}, D]}");
        assert_eq!((preflight.env.len(), findings.len()), (2, 1));
    }

    #[test]
    fn a_file_that_says_nothing_demands_nothing() {
        for text in ["", "# later\n", "---\n", "validate:\nsecrets:\n"] {
            let (preflight, findings) = read_text(text);
            assert_eq!((preflight.env.len(), findings), (0, vec![]), "{text:?}");
        }
    }
}
