//! Which records a stack is known by: an address for each node, and a name that leads to the ingress for each route.

use std::net::Ipv4Addr;

use crate::outside::kuma::{self, Monitor};
use crate::outside::names::{Data, Record, Wished};
use crate::platform::{Checkout, NameServer, Route};

/// Answers that a monitor takes for good, unless the stack says others.
const GOOD: &str = "200-299";

/// The records that a name server is to have, or to lose. Those of nodes stay, whichever stack goes.
pub fn records(checkout: &Checkout, server: &NameServer, routes: &[Route], gone: bool) -> Wished {
    let inside = |name: &str| name.strip_suffix(&server.zone).is_some_and(|rest| rest.ends_with('.'));
    let whole = |name: &str| {
        let name = name.to_ascii_lowercase();
        if name.contains('.') { name } else { format!("{name}.{}", server.zone) }
    };
    let nodes: Vec<Record> = checkout
        .catalogue
        .hosts
        .iter()
        .filter_map(|(name, note)| Some((whole(name), note.address.parse::<Ipv4Addr>().ok()?)))
        .filter(|(name, _)| inside(name))
        .map(|(name, address)| Record { name, data: Data::A(address) })
        .collect();
    let target = whole(&server.ingress);
    let routes: Vec<Record> = routes
        .iter()
        .filter(|route| inside(&route.host) && route.host != target)
        .filter(|route| nodes.iter().all(|node| node.name != route.host))
        .map(|route| Record { name: route.host.clone(), data: Data::Cname(target.clone()) })
        .collect();
    match gone {
        true => Wished { there: Vec::new(), gone: routes },
        false => Wished { there: nodes.into_iter().chain(routes).collect(), gone: Vec::new() },
    }
}

/// The monitors of a stack.
pub fn monitors(routes: &[Route], gone: bool) -> kuma::Wished {
    let monitors = routes.iter().map(|route| Monitor {
        name: route.host.clone(),
        url: format!("https://{}{}", route.host, route.path),
        codes: if route.codes.is_empty() { vec![GOOD.to_owned()] } else { route.codes.clone() },
    });
    match gone {
        true => kuma::Wished { there: Vec::new(), gone: monitors.collect() },
        false => kuma::Wished { there: monitors.collect(), gone: Vec::new() },
    }
}
