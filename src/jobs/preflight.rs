//! What the pre-flight of a stack demands, held against the folder's values and the swarm when its plan is drawn. What is
//! missing is a fault of the plan, told before anything is written; what must be made is prepared before the deploy.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use super::desk::Contents;
use crate::action::prepare::{Hook, NodeLabel, Place, Prepare};
use crate::diag::{Diagnostic, Spot};
use crate::model::text::clean;
use crate::model::{Catalogue, Filed, NodeId};
use crate::platform::{Files, From, Placed, Preflight, Values, fill, variable};

/// What a pre-flight comes to.
#[derive(Debug)]
pub struct Demands {
    /// What is missing.
    pub faults: Vec<Diagnostic>,
    /// What is left out.
    pub warnings: Vec<Diagnostic>,
    /// What is to be made.
    pub prepare: Prepare,
    /// With what.
    pub contents: Contents,
}

/// What it is held against.
#[derive(Debug, Clone, Copy)]
pub struct Against<'a> {
    /// The files of the folder.
    pub files: &'a Files,
    /// What it says of hosts.
    pub catalogue: &'a Catalogue,
    /// Its values.
    pub values: &'a Values,
    /// The nodes, as the engine lists them.
    pub nodes: &'a [Value],
    /// Names of secrets that are there.
    pub secrets: &'a BTreeSet<String>,
}

/// Looks at everything that a stack demands.
pub fn demands(filed: &Filed, preflight: &Preflight, against: Against<'_>) -> Demands {
    let prepare = Prepare::of(&filed.name);
    let contents = Contents::new(against.values);
    let mut out = Demands { faults: Vec::new(), warnings: Vec::new(), prepare, contents };
    let folder = filed.file.parent().unwrap_or(Path::new(""));
    for (name, spot) in &preflight.env {
        if against.values.text(name).trim().is_empty() {
            let what = format!("{} needs a value for {name}, which has none", filed.name);
            out.faults.push(Diagnostic::new(what, format!("put {name}= and its value into .env")).at(spot.to_string()));
        }
    }
    out.labels(filed, preflight, against);
    out.secrets(folder, preflight, against);
    out.places(folder, preflight, against);
    if let Some(path) = &preflight.hooks {
        match against.files.whole(path) {
            Some(whole) => out.prepare.hook = Some(Hook { path: whole, name: path.display().to_string() }),
            None => out.warnings.push(Diagnostic::new(
                format!("{} is on no disk and is not run", path.display()),
                "check the folder out",
            )),
        }
    }
    out
}

fn hostname(node: &Value) -> &str {
    node.pointer("/Description/Hostname").and_then(Value::as_str).unwrap_or_default()
}

fn pinned(node: &Value) -> (NodeId, String) {
    let id = node.get("ID").and_then(Value::as_str).unwrap_or_default();
    (NodeId::new(id), clean(hostname(node)))
}

impl Demands {
    fn labels(&mut self, filed: &Filed, preflight: &Preflight, against: Against<'_>) {
        for check in &preflight.labels {
            let has = |node: &&Value| {
                let label = node.pointer("/Spec/Labels").and_then(|labels| labels.get(&check.key)?.as_str());
                label.is_some_and(|value| value.eq_ignore_ascii_case(&check.value))
            };
            if against.nodes.iter().any(|node| has(&node)) {
                continue;
            }
            let wished = |node: &&Value| {
                let note = against.catalogue.hosts.get(hostname(node));
                let label = note.and_then(|note| note.labels.get(&check.key));
                label.is_some_and(|label| label.value.eq_ignore_ascii_case(&check.value))
            };
            let given: Vec<NodeLabel> = against
                .nodes
                .iter()
                .filter(wished)
                .map(|node| {
                    let (node, host) = pinned(node);
                    NodeLabel { node, host, key: check.key.clone(), value: check.value.clone() }
                })
                .collect();
            if given.is_empty() {
                let (key, value) = (&check.key, &check.value);
                let what = format!("{} needs a node with the label {key}={value}, and none has it", filed.name);
                let mend = format!("write {key}: \"{value}\" below node_labels of a host in the inventory");
                self.faults.push(Diagnostic::new(what, mend).at(check.spot.to_string()));
            }
            self.prepare.labels.extend(given);
        }
    }

    fn secrets(&mut self, folder: &Path, preflight: &Preflight, against: Against<'_>) {
        for wish in preflight.secrets.iter().filter(|wish| !against.secrets.contains(&wish.name)) {
            let content = match &wish.from {
                From::Env(name) => {
                    let value = against.values.text(name);
                    if value.is_empty() {
                        let what = format!("the secret {} is left out: {name} has no value", wish.name);
                        let mend = format!("put {name}= and its value into .env");
                        self.warnings.push(Diagnostic::new(what, mend).at(wish.spot.to_string()));
                        continue;
                    }
                    value.as_bytes().to_vec()
                }
                From::File(path) => match source(path, "", folder, against) {
                    Ok(content) => content,
                    Err(why) => {
                        self.unreadable(&wish.name, &wish.spot, &why);
                        continue;
                    }
                },
            };
            self.contents.put(&wish.name, content);
            self.prepare.secrets.push(wish.name.clone());
        }
    }

    fn unreadable(&mut self, name: &str, spot: &Spot, why: &str) {
        let what = format!("what {name} is made from cannot be read");
        self.faults.push(Diagnostic::new(what, "look at the path").at(spot.to_string()).because(why));
    }

    fn places(&mut self, folder: &Path, preflight: &Preflight, against: Against<'_>) {
        let all = [
            (&preflight.directories, false, false),
            (&preflight.files, true, false),
            (&preflight.templates, true, true),
        ];
        let wished: Vec<(&Placed, bool, bool)> = all
            .into_iter()
            .flat_map(|(placed, is_file, fills)| placed.iter().map(move |one| (one, is_file, fills)))
            .collect();
        if wished.is_empty() {
            return;
        }
        let mut managers: Vec<&Value> = against
            .nodes
            .iter()
            .filter(|node| node.pointer("/Spec/Role").is_some_and(|role| role == "manager"))
            .collect();
        // As Ansible counts: the first that the inventory names.
        let rank = |name: &str| against.catalogue.hosts.get(name).map_or(usize::MAX, |note| note.rank);
        managers.sort_by_key(|node| (rank(hostname(node)), hostname(node).to_owned()));
        let Some((node, host)) = managers.first().map(|node| pinned(node)) else { return };
        for (placed, is_file, fills) in wished {
            match self.place(placed, (is_file, fills), folder, against) {
                Ok(Some((root, path))) => self.prepare.places.push(Place {
                    node: node.clone(),
                    host: host.clone(),
                    root,
                    path,
                    owner: named(placed.owner.as_deref(), against.values),
                    group: named(placed.group.as_deref(), against.values),
                    mode: placed.mode,
                    is_file,
                }),
                Ok(None) => {}
                Err(why) => self.unreadable(&placed.path, &placed.spot, &why),
            }
        }
    }

    /// Where it goes, with its content laid aside; none if it is left out.
    fn place(
        &mut self,
        placed: &Placed,
        (is_file, fills): (bool, bool),
        folder: &Path,
        against: Against<'_>,
    ) -> Result<Option<(String, String)>, String> {
        let (root, path) = target(placed, against.values)?;
        if let Some(from) = placed.source.as_ref().filter(|_| is_file) {
            let suffix = placed.suffix.as_deref().unwrap_or_default();
            let content = match source(from, suffix, folder, against) {
                Ok(content) => content,
                Err(_) if placed.optional => return Ok(None),
                Err(why) => return Err(why),
            };
            let content = match fills {
                true => filled(&String::from_utf8_lossy(&content), against.values)?.into_bytes(),
                false => content,
            };
            self.contents.put(&path, content);
        }
        Ok(Some((root, path)))
    }
}

/// A user or group, where a value says it by that. One without a value is a fault of the plan already.
fn named(who: Option<&str>, values: &Values) -> Option<String> {
    who.map(|who| variable(who).map_or(who, |name| values.text(name)).to_owned())
}

/// A text with the folder's values put in.
fn filled(text: &str, values: &Values) -> Result<String, String> {
    fill(text, |name| Some(values.get(name)?.0.to_owned())).map_err(|all| all.join("; "))
}

/// What must be mounted on its machine, and the whole path below it.
pub(super) fn target(placed: &Placed, values: &Values) -> Result<(String, String), String> {
    let below = filled(&placed.path, values)?;
    if !stays_below(&below) {
        return Err(format!("{below} leads out of its base"));
    }
    let root = placed.base.root(|name| values.text(name));
    let path = format!("{root}/{below}");
    Ok((root, path))
}

/// A path that leads nowhere but down.
fn stays_below(path: &str) -> bool {
    !path.is_empty()
        && Path::new(path).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

/// A file of the stack's own folder or, behind a `$`, the file that a value names; a whole path is one of this machine.
fn source(path: &str, suffix: &str, folder: &Path, against: Against<'_>) -> Result<Vec<u8>, String> {
    let named = match variable(path) {
        None => path,
        Some(name) => match against.values.text(name) {
            "" => return Err(format!("{name} has no value")),
            named => named,
        },
    };
    let wanted = format!("{named}{suffix}");
    if named != path || wanted.starts_with(['/', '~']) {
        let whole = on_this_machine(&wanted, against);
        return std::fs::read(&whole).map_err(|error| format!("{}: {error}", whole.display()));
    }
    if !stays_below(&wanted) {
        return Err(format!("{wanted} leads out of the folder of the stack"));
    }
    let whole = folder.join(wanted);
    against.files.text(&whole).map(String::into_bytes).map_err(|error| format!("{}: {error}", whole.display()))
}

/// A path from `.env`: from the folder on, or from the operator's home.
fn on_this_machine(path: &str, against: Against<'_>) -> PathBuf {
    match path.strip_prefix("~/") {
        Some(rest) => Path::new(against.values.text("HOME")).join(rest),
        None => against.files.whole(Path::new(path)).unwrap_or_else(|| PathBuf::from(path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform;
    use serde_json::json;

    #[test]
    fn a_file_is_copied_from_where_its_suffix_leads_and_a_template_is_filled_in() {
        let dir = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let whole = dir.path().join(path);
            std::fs::create_dir_all(whole.parent().unwrap()).unwrap();
            std::fs::write(whole, text).unwrap();
        };
        let (key, own) = (dir.path().join("keys/id"), dir.path().join("keys/own"));
        put("keys/id", "private");
        put("keys/id.pub", "public");
        put("keys/own", "mine");
        put(".env", &format!("SSH_KEY_FILE={}\nPORT=2222\nMEDIA_UID=1801\n", key.display()));
        put("stacks/apps/a/compose.yaml", "services: {a: {image: 'a:1'}}");
        put("stacks/apps/a/t.j2", "{% if swarm_env_vars.PORT is defined %}\nPort {{ PORT }}\n{% endif %}\n");
        put(
            "stacks/apps/a/pre-flight.yml",
            &format!(
                "files:\n  - {{from_file: $SSH_KEY_FILE, suffix: .pub, dest: authorized_keys}}\n  - {{from_file: {0}, dest: own}}\nsecrets:\n  - {{name: s, from_file: {0}}}\ntemplates:\n  - {{src: t.j2, dest: conf, owner: $MEDIA_UID, group: media}}\n",
                own.display()
            ),
        );
        let files = Files::on_disk(dir.path()).unwrap();
        let platform = platform::read(&files);
        let depth = platform.depth(&files);
        let nodes = [json!({"ID": "n", "Spec": {"Role": "manager"}, "Description": {"Hostname": "h"}})];
        let demands = demands(
            &platform.catalogue.stacks["a"],
            depth.stacks["a"].preflight.as_ref().unwrap(),
            Against {
                files: &files,
                catalogue: &platform.catalogue,
                values: &platform.values,
                nodes: &nodes,
                secrets: &BTreeSet::new(),
            },
        );
        assert_eq!(demands.faults, []);
        for (path, content) in [("authorized_keys", "public"), ("own", "mine"), ("conf", "Port 2222\n")] {
            let path = format!("/mnt/iscsi/app-data/{path}");
            assert!(demands.prepare.places.iter().any(|place| place.path == path), "{path}");
            assert_eq!(demands.contents.get(&path), Some(content.as_bytes()), "{path}");
        }
        assert_eq!(demands.contents.get("s"), Some(&b"mine"[..]));
        let conf = demands.prepare.places.iter().find(|place| place.path.ends_with("/conf")).unwrap();
        assert_eq!((conf.owner.as_deref(), conf.group.as_deref()), (Some("1801"), Some("media")));
    }
}
