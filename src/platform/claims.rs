//! What the folder says of machines beside its inventory: registered servers, groups of the boot server, virtual
//! machines.

use std::collections::BTreeMap;

use super::inventory::Host;
use super::registry::Server;
use super::{Depth, Platform};
use crate::model::Claim;

/// What Komodo calls its agent: servers are often named after the machine and this.
const AGENT: &str = "-periphery";

/// The machine that a registered server is: the host of its name or of its address, else its name without the agent's.
#[must_use]
pub fn machine_of(server: &Server, hosts: &BTreeMap<String, Host>) -> String {
    let short = server.name.strip_suffix(AGENT).unwrap_or(&server.name);
    let named = |name: &str| hosts.keys().find(|host| host.eq_ignore_ascii_case(name));
    let address = address_of(server);
    let addressed = || hosts.iter().find(|(_, host)| !address.is_empty() && host.note.address == address);
    let known = named(&server.name).or_else(|| addressed().map(|(name, _)| name)).or_else(|| named(short));
    known.map_or(short, String::as_str).to_owned()
}

fn address_of(server: &Server) -> &str {
    let host = server.address.split_once("://").map_or(server.address.as_str(), |(_, rest)| rest);
    host.split(['/', ':']).next().unwrap_or_default()
}

/// Everything that is said of a machine by its name.
#[must_use]
pub fn claims(platform: &Platform, depth: &Depth) -> Vec<Claim> {
    let mut claims = Vec::new();
    for server in &platform.registry.servers {
        let (address, place) = (address_of(server).to_owned(), server.spot.to_string());
        let host = machine_of(server, &platform.inventory.hosts);
        claims.push(Claim { by: "the registry".to_owned(), host, address, installs: false, place });
    }
    for group in depth.boot.groups.iter().filter(|group| group.mac.is_some()) {
        let profile = group.profile.as_ref().map(|(profile, _)| profile);
        let installs = depth.boot.profiles.iter().any(|one| Some(&one.id) == profile && one.installs);
        claims.push(Claim {
            by: format!("the boot group {}", group.id),
            host: group.hostname.clone().unwrap_or_else(|| group.id.clone()),
            address: group.address.as_ref().map(|(address, _)| address.clone()).unwrap_or_default(),
            installs,
            place: group.spot.to_string(),
        });
    }
    for machine in &depth.machines {
        claims.push(Claim {
            by: format!("the virtual machine {}", machine.module),
            host: machine.hostname.clone().unwrap_or_else(|| machine.module.clone()),
            address: machine.address.as_ref().map(|(address, _)| address.clone()).unwrap_or_default(),
            installs: false,
            place: machine.spot.to_string(),
        });
    }
    claims
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Spot;

    #[test]
    fn a_server_is_the_machine_of_its_name_of_its_address_or_of_its_name_without_the_agent() {
        let host = |address: &str| {
            let mut host = Host::default();
            address.clone_into(&mut host.note.address);
            host
        };
        let hosts =
            BTreeMap::from([("ching".to_owned(), host("192.0.2.11")), ("Angre".to_owned(), host("192.0.2.12"))]);
        let machine = |name: &str, address: &str| {
            let spot = Spot::default();
            machine_of(
                &Server { name: name.to_owned(), address: address.to_owned(), insecure_tls: false, spot },
                &hosts,
            )
        };
        for (name, address, said) in [
            ("ching", "https://periphery:8120", "ching"),
            ("first", "https://192.0.2.12:8120", "Angre"),
            ("angre-periphery", "https://periphery:8120", "Angre"),
            ("barbary-periphery", "https://periphery:8120", "barbary"),
            ("dhow", "", "dhow"),
        ] {
            assert_eq!(machine(name, address), said, "{name}");
        }
    }
}
