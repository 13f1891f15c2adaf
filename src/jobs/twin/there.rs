//! What the swarm has before a deployment: one list of each kind, asked for at one time.

use std::collections::BTreeMap;

use futures_util::try_join;
use serde_json::Value;

use super::{Cx, failed};
use crate::diag::{Diagnostic, Explain};
use crate::engine::Part;
use crate::model::Version;
use crate::stack::{External, Kind, Wish};

/// An object that is there.
#[derive(Debug, Clone)]
pub struct Object {
    /// Its id.
    pub id: String,
    /// The version that was seen.
    pub version: Version,
    /// All of it.
    pub raw: Value,
}

/// What is there, by name.
#[derive(Debug, Default)]
pub struct There {
    /// Services of this stack.
    pub services: BTreeMap<String, Object>,
    /// Networks of this stack.
    pub networks: BTreeMap<String, Object>,
    /// Networks that the stack uses and another made, with their scope.
    pub foreign: BTreeMap<String, String>,
    /// Secrets of the names that matter.
    pub secrets: BTreeMap<String, Object>,
    /// Configs of the names that matter.
    pub configs: BTreeMap<String, Object>,
}

impl There {
    /// Looks.
    pub async fn look(cx: &Cx<'_>) -> Result<Self, Diagnostic> {
        let (engine, wish, label) = (cx.engine, cx.deploy.wish, cx.label());
        let foreign = externals(wish, Kind::Network);
        let (secrets, configs) = (names(wish, Kind::Secret), names(wish, Kind::Config));
        let lists = try_join!(
            engine.services_with(&label),
            engine.parts(Part::Network, Some(&label)),
            engine.parts_like(Part::Network, &foreign),
            engine.parts_like(Part::Secret, &secrets),
            engine.parts_like(Part::Config, &configs),
        );
        let (services, networks, others, secrets, configs) = lists.map_err(|error| error.explain())?;
        let mut there = Self {
            services: objects(services),
            networks: objects(networks),
            foreign: scopes(&others),
            secrets: objects(secrets),
            configs: objects(configs),
        };
        for name in foreign.iter().filter(|name| !others.iter().any(|other| text(other, "/Name") == **name)) {
            there.look_closer(cx, name).await?;
        }
        Ok(there)
    }

    /// A network may be named by its id, which no list can be asked for.
    async fn look_closer(&mut self, cx: &Cx<'_>, name: &str) -> Result<(), Diagnostic> {
        match cx.engine.part(Part::Network, name).await {
            Ok(found) => {
                self.foreign.insert(name.to_owned(), text(&found, "/Scope").to_owned());
                Ok(())
            }
            Err(error) if error.is_not_found() => Ok(()),
            Err(error) => Err(failed(format!("the network {name} cannot be looked up"), &error)),
        }
    }

    /// Whether all that others made is there.
    pub fn check(&self, wish: &Wish) -> Result<(), Diagnostic> {
        let mut faults = wish.externals.iter().filter_map(|external| self.lacks(wish, external));
        let Some(mut first) = faults.next() else { return Ok(()) };
        for other in faults {
            first = first.because(other.what);
        }
        Err(first)
    }

    fn lacks(&self, wish: &Wish, external: &External) -> Option<Diagnostic> {
        let (name, word) = (&external.name, external.kind.word());
        let mend = match external.kind {
            Kind::Network => format!("create it with  docker network create --driver overlay {name}"),
            kind => format!("create it with  docker {} create {name} FILE", kind.word()),
        };
        let fault = |what: String, why: &str| {
            let users = format!("used by {}", external.used_by.join(", "));
            Diagnostic::new(what, mend.clone()).at(wish.sources.name(external.place)).because(why).because(users)
        };
        let there = match external.kind {
            Kind::Network => match self.foreign.get(name).map(String::as_str) {
                Some("swarm") => return None,
                Some(scope) => {
                    let what = format!("the network {name} is for one machine only");
                    return Some(fault(what, &format!("its scope is {scope}, and services need a swarm network")));
                }
                None => false,
            },
            Kind::Secret => self.secrets.contains_key(name),
            Kind::Config => self.configs.contains_key(name),
        };
        let missing = format!("the {word} {name} is not in the swarm");
        (!there).then(|| fault(missing, "the file says that another made it (external)"))
    }
}

fn externals(wish: &Wish, kind: Kind) -> Vec<&str> {
    wish.externals.iter().filter(|external| external.kind == kind).map(|external| external.name.as_str()).collect()
}

/// All names of a kind that matter: those to make and those of others.
fn names(wish: &Wish, kind: Kind) -> Vec<&str> {
    let own = if kind == Kind::Secret { &wish.secrets } else { &wish.configs };
    own.iter().map(|part| part.name.as_str()).chain(externals(wish, kind)).collect()
}

/// A text within an object.
pub fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// An object as an engine tells it.
pub fn object(raw: Value) -> Object {
    let id = [text(&raw, "/ID"), text(&raw, "/Id")].concat();
    let version = Version(raw.pointer("/Version/Index").and_then(Value::as_u64).unwrap_or_default());
    Object { id, version, raw }
}

fn objects(list: Vec<Value>) -> BTreeMap<String, Object> {
    let named = |raw: Value| {
        let name = match text(&raw, "/Spec/Name") {
            "" => text(&raw, "/Name").to_owned(),
            name => name.to_owned(),
        };
        (name, object(raw))
    };
    list.into_iter().map(named).collect()
}

/// Of several networks of one name, one for the whole swarm counts.
fn scopes(networks: &[Value]) -> BTreeMap<String, String> {
    let mut scopes: BTreeMap<String, String> = BTreeMap::new();
    for network in networks {
        let scope = scopes.entry(text(network, "/Name").to_owned()).or_default();
        if scope != "swarm" {
            text(network, "/Scope").clone_into(scope);
        }
    }
    scopes
}
