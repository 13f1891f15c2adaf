//! What the folder says of machines beside its inventory: registered servers, groups of the boot server, virtual
//! machines.

use super::{Depth, Platform};
use crate::model::Claim;

/// Everything that is said of a machine by its name.
#[must_use]
pub fn claims(platform: &Platform, depth: &Depth) -> Vec<Claim> {
    let mut claims = Vec::new();
    for server in &platform.registry.servers {
        let host = server.address.split_once("://").map_or(server.address.as_str(), |(_, rest)| rest);
        let address = host.split(['/', ':']).next().unwrap_or_default().to_owned();
        let (host, place) = (server.name.clone(), server.spot.to_string());
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
