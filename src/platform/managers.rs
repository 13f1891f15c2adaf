//! The managers that the inventory names, and how each is reached over SSH.

use super::inventory::{Host, Inventory};
use crate::model::Role;

/// A manager of the inventory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ManagerHost {
    /// Its name in the inventory.
    pub name: String,
    /// Its address; its name if the inventory gives none.
    pub address: String,
    /// The user to be there; empty if the inventory gives none.
    pub user: String,
    /// The port of its SSH server, if the inventory gives one.
    pub port: Option<u16>,
}

impl ManagerHost {
    /// `ssh://user@address:port`, with what is known.
    #[must_use]
    pub fn url(&self) -> String {
        let user = if self.user.is_empty() { String::new() } else { format!("{}@", self.user) };
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        match self.address.contains(':') {
            true => format!("ssh://{user}[{}]{port}", self.address),
            false => format!("ssh://{user}{}{port}", self.address),
        }
    }
}

/// The hosts that should be managers, in the order in which they are named.
pub fn managers(inventory: &Inventory) -> Vec<ManagerHost> {
    let mut hosts: Vec<(&String, &Host)> =
        inventory.hosts.iter().filter(|(_, host)| host.note.role == Some(Role::Manager)).collect();
    hosts.sort_by(|(_, a), (_, b)| a.spot.cmp(&b.spot));
    hosts
        .into_iter()
        .map(|(name, host)| ManagerHost {
            name: name.clone(),
            address: if host.note.address.is_empty() { name.clone() } else { host.note.address.clone() },
            user: host.note.user.clone(),
            port: host.note.port,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::{Files, read};

    fn urls(texts: &[(&str, &str)]) -> Vec<String> {
        read(&Files::of(&[], texts)).managers.iter().map(ManagerHost::url).collect()
    }

    #[test]
    fn managers_are_reached_as_the_nearest_variables_say() {
        let hosts = "all:
  vars: {ansible_user: deploy}
  children:
    managers:
      vars: {ansible_port: 2222}
      hosts:
        barbary: {ansible_host: 192.0.2.10, ansible_user: admin}
        ching: {ansible_host: \"2001:db8::1\", ansible_port: 22}
        angre:
    workers:
      hosts: {lorcha: {ansible_host: 192.0.2.21}}
";
        assert_eq!(
            urls(&[("inventory/hosts.yml", hosts)]),
            ["ssh://admin@192.0.2.10:2222", "ssh://deploy@[2001:db8::1]:22", "ssh://deploy@angre:2222"]
        );
    }

    #[test]
    fn variables_may_stand_in_other_files_and_templates_count_for_nothing() {
        let texts = [
            ("inventory/01.yml", "all: {vars: {ansible_user: deploy}, children: {managers: null}}"),
            ("inventory/02.yml", "managers: {hosts: {a: {ansible_host: \"{{ lookup }}\"}, b: null}}"),
            ("inventory/group_vars/managers.yml", "ansible_port: 22022"),
            ("inventory/host_vars/b.yml", "ansible_host: 192.0.2.2"),
            ("inventory/broken.yml", "all:\n\thosts:"),
        ];
        assert_eq!(urls(&texts), ["ssh://deploy@a:22022", "ssh://deploy@192.0.2.2:22022"]);
        assert!(urls(&[("inventory/hosts.yml", "all: {hosts: {a: }}")]).is_empty());
    }
}
