//! A machine: where a node of the swarm is found on the network. Must never know how it is reached.

use crate::model::{Catalogue, Node, NodeId};

/// Where a node is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// The node it is in the swarm.
    pub node: NodeId,
    /// Its name, there and in the inventory.
    pub hostname: String,
    /// Its address: the inventory's, else the swarm's; empty where neither says one.
    pub address: String,
    /// Who to log in as, where the inventory says so.
    pub user: Option<String>,
    /// The port to log in at, where the inventory says so.
    pub port: Option<u16>,
}

impl Machine {
    /// The machine that a node is.
    #[must_use]
    pub fn of(node: &Node, catalogue: &Catalogue) -> Self {
        let noted = catalogue.hosts.get(&node.hostname);
        let address = noted
            .map(|host| host.address.as_str())
            .filter(|address| !address.is_empty())
            .unwrap_or_else(|| node.reached_at());
        Self {
            node: node.id.clone(),
            hostname: node.hostname.clone(),
            address: address.to_owned(),
            user: noted.map(|host| host.user.clone()).filter(|user| !user.is_empty()),
            port: noted.and_then(|host| host.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::HostNote;
    use crate::model::sample::{node, swarm};

    #[test]
    fn the_inventory_knows_the_address_best_and_a_manager_by_its_raft_address() {
        let swarm = swarm([node("m1").manager(true)], []);
        let mut node = swarm.nodes.values().next().unwrap().as_ref().clone();
        node.address = "0.0.0.0".into();
        if let Some(manager) = &mut node.manager {
            manager.address = "[2001:db8::7]:2377".into();
        }
        let mut catalogue = Catalogue::default();
        assert_eq!(Machine::of(&node, &catalogue).address, "2001:db8::7");
        let noted = HostNote { address: "192.0.2.9".into(), port: Some(2222), ..HostNote::default() };
        catalogue.hosts.insert("m1".into(), HostNote { user: "bosun".into(), ..noted });
        let machine = Machine::of(&node, &catalogue);
        assert_eq!(
            (machine.address.as_str(), machine.user.as_deref(), machine.port),
            ("192.0.2.9", Some("bosun"), Some(2222))
        );
    }
}
