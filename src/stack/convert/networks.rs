//! Networks: those that services are attached to, and those that the stack makes. What no service uses is not made.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::json::{Body, object};
use super::service::Maker;
use super::{Scope, external};
use crate::stack::place::Place;
use crate::stack::project::cx::Cx;
use crate::stack::project::parts::{Network, NetworkKeys};
use crate::stack::project::service::Service;
use crate::stack::wish::{External, Kind, WishedPart};

/// The network of services that name none.
const DEFAULT: &str = "default";

/// Which networks are used, and by whom.
#[derive(Debug, Default)]
pub struct Networks<'a>(BTreeMap<&'a str, (Place, Vec<String>)>);

impl<'a> Networks<'a> {
    /// Takes down the networks of a service.
    pub fn used_by(&mut self, key: &str, service: &'a Service) {
        let mut take = |name, place| self.0.entry(name).or_insert((place, Vec::new())).1.push(key.to_owned());
        if service.keys.networks.0.is_empty() {
            take(DEFAULT, service.place);
        }
        for (name, (place, _)) in &service.keys.networks.0 {
            take(name, *place);
        }
    }

    /// The networks to make, by name, and those that must be there.
    pub fn wish(self, scope: Scope<'_>, declared: &BTreeMap<String, Network>) -> (Vec<WishedPart>, Vec<External>) {
        let (mut made, mut externals) = (BTreeMap::new(), Vec::new());
        let undeclared = Network::default();
        for (key, (place, users)) in self.0 {
            let network = declared.get(key);
            if network.is_none() && key != DEFAULT {
                continue;
            }
            let place = network.map_or(place, |network| network.place);
            let keys = &network.unwrap_or(&undeclared).keys;
            let name = name_of(scope, key, keys);
            if !keys.external.yes {
                let body = create(scope, &name, keys);
                let part = WishedPart { key: key.to_owned(), name: name.clone(), body, payload: None, place };
                made.entry(name).or_insert(part);
            } else if is_of_users(&name) {
                externals.push(external(Kind::Network, &name, place, users));
            }
        }
        (made.into_values().collect(), externals)
    }
}

fn name_of(scope: Scope<'_>, key: &str, keys: &NetworkKeys) -> String {
    match keys.name.is_empty() {
        true => scope.name(key),
        false => keys.name.text.clone(),
    }
}

/// Not one of those that every engine has: these are never looked up, and know no aliases.
fn is_of_users(name: &str) -> bool {
    !matches!(name, "default" | "bridge" | "host" | "none") && !name.starts_with("container:")
}

/// The body of `POST /networks/create`.
fn create(scope: Scope<'_>, name: &str, keys: &NetworkKeys) -> Json {
    let pools: Vec<Json> = keys
        .ipam
        .config
        .items()
        .iter()
        .map(|pool| Body::default().some("Subnet", pool.subnet.text.clone()).into())
        .collect();
    let ipam = (!keys.ipam.driver.is_empty() || !pools.is_empty()).then(|| {
        let pools = if pools.is_empty() { Json::Null } else { pools.into() };
        json!({ "Driver": keys.ipam.driver.text, "Options": null, "Config": pools })
    });
    let driver = if keys.driver.is_empty() { "overlay" } else { &keys.driver };
    json!({
        "Name": name,
        "Driver": driver,
        "Scope": "",
        "IPAM": ipam,
        "Internal": keys.internal,
        "Attachable": keys.attachable,
        "Ingress": false,
        "ConfigOnly": false,
        "ConfigFrom": null,
        "Options": keys.driver_opts.0.clone().map(object),
        "Labels": object(scope.labels(&keys.labels.items())),
    })
}

/// The networks of a service, sorted; its own key is its last alias.
pub fn attachments(maker: &Maker<'_>, cx: &mut Cx<'_>) -> Json {
    let none = BTreeMap::from([(DEFAULT.to_owned(), (maker.service.place, None))]);
    let wanted = match maker.service.keys.networks.0.is_empty() {
        true => &none,
        false => &maker.service.keys.networks.0,
    };
    let mut attached: Vec<(String, Json)> = Vec::new();
    for (key, (place, attachment)) in wanted {
        let declared = maker.project.networks.get(key);
        if declared.is_none() && key != DEFAULT {
            let what = format!("service {} uses the network {key}, which is not declared", maker.key);
            let mend = format!("add  {key}:  under `networks:` at the top level");
            cx.fault(*place, what, "every network of a service is declared at the top level", mend);
        }
        let target = name_of(maker.scope, key, &declared.map(|network| network.keys.clone()).unwrap_or_default());
        let attachment = attachment.clone().unwrap_or_default();
        let mut aliases: Vec<String> = attachment.aliases.texts().map(str::to_owned).collect();
        if is_of_users(&target) {
            aliases.push(maker.key.to_owned());
        }
        let body = Body::default()
            .some("Target", target.clone())
            .some("Aliases", aliases)
            .some("DriverOpts", object(attachment.driver_opts.items()));
        attached.push((target, body.into()));
    }
    attached.sort_by(|one, other| one.0.cmp(&other.0));
    attached.into_iter().map(|(_, body)| body).collect()
}
