//! A project as the engine is to have it: names with the name of the stack before them, its labels on everything,
//! and bodies with exactly the keys that the docker CLI sends. It never asks anybody anything: what only a swarm
//! knows stays open.

mod container;
mod deploy;
mod files;
mod json;
mod mounts;
mod networks;
mod service;

use std::collections::BTreeMap;

use serde_json::Value as Json;

use self::networks::Networks;
use super::place::Sources;
use super::project::Project;
use super::project::cx::Cx;
use super::wish::{External, Kind, Wish};

/// The label that says to which stack something belongs.
pub const NAMESPACE: &str = "com.docker.stack.namespace";
/// The label that says which image the file named.
pub const IMAGE: &str = "com.docker.stack.image";

/// The name of the stack, and what it does to other names.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a>(pub &'a str);

impl Scope<'_> {
    /// A name with that of the stack before it.
    pub fn name(self, key: &str) -> String {
        format!("{}_{key}", self.0)
    }

    /// Labels with that of the stack, which wins.
    pub fn labels(self, labels: &BTreeMap<String, String>) -> BTreeMap<String, Json> {
        let mut all: BTreeMap<String, Json> =
            labels.iter().map(|(key, value)| (key.clone(), value.clone().into())).collect();
        all.insert(NAMESPACE.to_owned(), self.0.into());
        all
    }
}

/// Everything the project wishes for; what is wrong is told to `cx`.
pub fn wish(name: &str, project: &Project, sources: &Sources, cx: &mut Cx<'_>) -> Wish {
    let scope = Scope(name);
    let mut services = Vec::new();
    let mut networks = Networks::default();
    for (key, service) in &project.services {
        let maker = service::Maker { scope, project, key, service };
        cx.within(format!("service {key}"), |cx| services.push(maker.wish(cx)));
        networks.used_by(key, service);
    }
    let (networks, mut externals) = networks.wish(scope, &project.networks);
    let secrets = files::wish(Kind::Secret, scope, &project.secrets, cx);
    let configs = files::wish(Kind::Config, scope, &project.configs, cx);
    externals.extend(files::externals(project));
    Wish {
        stack: name.to_owned(),
        services,
        networks,
        secrets,
        configs,
        externals,
        notes: Vec::new(),
        awaited: Vec::new(),
        maker: None,
        hidden: Default::default(),
        sources: sources.clone(),
    }
}

/// An external thing, once for all services that use it.
fn external(kind: Kind, name: &str, place: super::place::Place, used_by: Vec<String>) -> External {
    External { kind, name: name.to_owned(), used_by, place, by: None }
}
