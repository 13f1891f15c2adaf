//! Secrets and configs: those that the stack makes, with their content, and the references of services to them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::Path;

use serde_json::{Value as Json, json};
use zeroize::Zeroizing;

use super::json::{Body, object};
use super::service::Maker;
use super::{Scope, external};
use crate::stack::project::Project;
use crate::stack::project::attach::Reference;
use crate::stack::project::cx::Cx;
use crate::stack::project::parts::File;
use crate::stack::wish::{External, Kind, Payload, WishedPart};

type Files = BTreeMap<String, File>;

/// The name of a secret or config in the swarm.
pub fn name_of(scope: Scope<'_>, files: &Files, key: &str) -> String {
    match files.get(key).filter(|file| !file.keys.name.is_empty()) {
        Some(file) => file.keys.name.text.clone(),
        None => scope.name(key),
    }
}

/// Everything of a kind that the stack makes, used or not.
pub fn wish(kind: Kind, scope: Scope<'_>, files: &Files, cx: &mut Cx<'_>) -> Vec<WishedPart> {
    let mut made: BTreeMap<String, WishedPart> = BTreeMap::new();
    for (key, file) in files.iter().filter(|(_, file)| !file.keys.external.yes) {
        let part = one(kind, scope, files, key, cx);
        match made.get(&part.name) {
            None => {
                made.insert(part.name.clone(), part);
            }
            Some(first) if first.body == part.body && first.payload == part.payload => {}
            Some(first) => {
                let word = kind.word();
                let what = format!("{word} {key} and {word} {} have one name, {}", first.key, part.name);
                cx.fault(file.place, what, "each would overwrite the other", "give one of them another name");
            }
        }
    }
    made.into_values().collect()
}

fn one(kind: Kind, scope: Scope<'_>, files: &Files, key: &str, cx: &mut Cx<'_>) -> WishedPart {
    let Some(file) = files.get(key) else { return nothing() };
    let keys = &file.keys;
    let name = name_of(scope, files, key);
    let driven = kind == Kind::Secret && !keys.driver.is_empty();
    let driver = driven.then(|| {
        Body::default().some("Name", keys.driver.text.clone()).some("Options", object(keys.driver_opts.items()))
    });
    let template = (!keys.template_driver.is_empty()).then(|| json!({ "Name": keys.template_driver.text }));
    let body = Body::default()
        .put("Name", name.clone())
        .put("Labels", object(scope.labels(&keys.labels.items())))
        .maybe("Driver", driver)
        .maybe("Templating", template);
    let payload = if driven { None } else { content(kind, key, file, cx) };
    WishedPart { key: key.to_owned(), name, body: body.into(), payload, place: file.place }
}

fn nothing() -> WishedPart {
    let (key, name) = (String::new(), String::new());
    WishedPart { key, name, body: Json::Null, payload: None, place: crate::stack::place::Place::default() }
}

fn content(kind: Kind, key: &str, file: &File, cx: &mut Cx<'_>) -> Option<Payload> {
    let written = &file.keys.file;
    let path = if written.is_empty() { cx.dir } else { &written.text };
    match cx.folder.read(Path::new(path)) {
        Ok(bytes) => Some(Payload(Zeroizing::new(bytes))),
        Err(error) if error.kind() == ErrorKind::NotFound && cx.awaits((Some(kind), key), path) => None,
        Err(error) => {
            let word = kind.word();
            let place = if written.place.line == 0 { file.place } else { written.place };
            let (what, mend) = match (written.place.line, error.kind()) {
                (0, _) => (format!("{word} {key} has no content"), "give it a `file:`, or say  external: true"),
                (_, ErrorKind::NotFound) => (
                    format!("the file of {word} {key} is not there"),
                    "create it, or correct the path: it is relative to the first stack file, and ~ is not expanded",
                ),
                _ => (format!("the file of {word} {key} cannot be read"), "look at what the path leads to"),
            };
            cx.fault(place, what, format!("{path}: {error}"), mend);
            None
        }
    }
}

/// The secrets of a service, sorted by name.
pub fn secrets(maker: &Maker<'_>, cx: &mut Cx<'_>) -> Json {
    let references = maker.service.keys.secrets.0.items();
    sorted(references_to(Kind::Secret, maker, references, cx))
}

/// The configs of a service, sorted by name, that of its credential spec among them.
pub fn configs(maker: &Maker<'_>, cx: &mut Cx<'_>) -> Json {
    let keys = &maker.service.keys;
    let mut bodies = references_to(Kind::Config, maker, keys.configs.0.items(), cx);
    let spec = &keys.credential_spec.config;
    if !spec.is_empty() {
        if !maker.project.configs.contains_key(&spec.text) {
            undeclared(Kind::Config, maker.key, spec, cx);
        }
        let name = name_of(maker.scope, &maker.project.configs, spec);
        bodies.push((name.clone(), json!({ "Runtime": {}, "ConfigID": "", "ConfigName": name })));
    }
    sorted(bodies)
}

/// The config of a credential spec by its name in the swarm. It is looked for among all configs of the service by the
/// word itself and by the scoped word, and not by what `name:` says: so the CLI does it, and refuses the rest.
pub fn credential_config(maker: &Maker<'_>, cx: &mut Cx<'_>) -> String {
    let keys = &maker.service.keys;
    let spec = &keys.credential_spec.config;
    if spec.is_empty() || !maker.project.configs.contains_key(&spec.text) {
        return String::new();
    }
    let references = keys.configs.0.items().iter().map(|reference| &reference.source.text).chain([&spec.text]);
    let names: BTreeSet<String> = references.map(|key| name_of(maker.scope, &maker.project.configs, key)).collect();
    let found = [spec.text.clone(), maker.scope.name(spec)].into_iter().find(|name| names.contains(name));
    found.unwrap_or_else(|| {
        let what = format!("the credential spec of service {} names the config {}", maker.key, &**spec);
        let why = "a config with a `name:` of its own is not found here";
        cx.fault(spec.place, what, why, "leave out the `name:` of that config");
        String::new()
    })
}

fn sorted(mut bodies: Vec<(String, Json)>) -> Json {
    bodies.sort_by(|one, other| one.0.cmp(&other.0));
    bodies.into_iter().map(|(_, body)| body).collect()
}

fn references_to(kind: Kind, maker: &Maker<'_>, references: &[Reference], cx: &mut Cx<'_>) -> Vec<(String, Json)> {
    let files = files_of(kind, maker.project);
    let (mut bodies, mut targets) = (Vec::new(), BTreeSet::new());
    for reference in references {
        if !files.contains_key(&reference.source.text) {
            undeclared(kind, maker.key, &reference.source, cx);
            continue;
        }
        let target = if reference.target.is_empty() { &reference.source } else { &reference.target };
        if !targets.insert(target.text.clone()) {
            let word = kind.word();
            let what = format!("service {} has two {word}s at {}", maker.key, &**target);
            cx.fault(
                reference.place,
                what,
                format!("the {word} {} would hide another", &*reference.source),
                "change one target",
            );
        }
        let owner = |id: &str| if id.is_empty() { "0".to_owned() } else { id.to_owned() };
        let file = json!({
            "Name": target.text,
            "UID": owner(&reference.uid),
            "GID": owner(&reference.gid),
            "Mode": reference.mode.unwrap_or(0o444),
        });
        let name = name_of(maker.scope, files, &reference.source);
        let body = match kind {
            Kind::Secret => json!({ "File": file, "SecretID": "", "SecretName": name }),
            _ => json!({ "File": file, "ConfigID": "", "ConfigName": name }),
        };
        bodies.push((name, body));
    }
    bodies
}

fn files_of(kind: Kind, project: &Project) -> &Files {
    if kind == Kind::Secret { &project.secrets } else { &project.configs }
}

fn undeclared(kind: Kind, service: &str, named: &crate::stack::project::shape::Written, cx: &mut Cx<'_>) {
    let word = kind.word();
    let what = format!("service {service} uses the {word} {}, which is not declared", &**named);
    let mend = format!("add  {}:  under `{word}s:` at the top level", &**named);
    cx.fault(named.place, what, format!("every {word} of a service is declared at the top level"), mend);
}

/// What another made and services use.
pub fn externals(project: &Project) -> Vec<External> {
    let mut found = Vec::new();
    for kind in [Kind::Secret, Kind::Config] {
        for (key, file) in files_of(kind, project).iter().filter(|(_, file)| file.keys.external.yes) {
            let uses = |keys: &crate::stack::project::service::Keys| match kind {
                Kind::Secret => keys.secrets.0.items().iter().any(|reference| reference.source.text == *key),
                _ => {
                    let references = keys.configs.0.items();
                    references.iter().any(|reference| reference.source.text == *key)
                        || keys.credential_spec.config.text == *key
                }
            };
            let users = project.services.iter().filter(|(_, service)| uses(&service.keys));
            let users: Vec<String> = users.map(|(key, _)| key.clone()).collect();
            if !users.is_empty() {
                found.push(external(kind, &file.keys.name, file.place, users));
            }
        }
    }
    found
}
