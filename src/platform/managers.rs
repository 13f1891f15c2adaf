//! The managers that the inventory names, and how each is reached over SSH. Variables count as Ansible counts them,
//! the nearest to the host most; what is a template is left out, for only Ansible can fill it in.

use std::collections::BTreeMap;

use serde_yaml::{Mapping, Value};

use super::files::Files;
use super::inventory::{is_inventory, scalar};

/// The group whose members are managers.
const GROUP: &str = "managers";

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

/// What is said of how to reach a host, by the name of the variable.
type Vars = BTreeMap<&'static str, String>;

const ADDRESS: &str = "ansible_host";
const USER: &str = "ansible_user";
const PORT: &str = "ansible_port";

/// What is known while the files are read.
#[derive(Default)]
struct Found {
    /// Managers in the order in which they are named.
    managers: Vec<String>,
    /// By host: what its groups say, the nearest last, and what is said of itself.
    of_groups: BTreeMap<String, Vars>,
    of_hosts: BTreeMap<String, Vars>,
}

/// The members of the group `managers`, in the order in which they are named.
pub fn managers(files: &Files) -> Vec<ManagerHost> {
    let mut found = Found::default();
    let all: Vec<Mapping> = files
        .texts()
        .filter(|(path, _)| is_inventory(path))
        .filter_map(|(_, text)| match serde_yaml::from_str(text) {
            Ok(Value::Mapping(groups)) => Some(groups),
            // What is broken is told by those who read the hosts.
            _ => None,
        })
        .collect();
    // The same variables may stand in another file than the members.
    let mut of_all = beside(files, "group_vars/all");
    for groups in &all {
        of_all.extend(vars(groups.get("all").and_then(|all| all.get("vars"))));
    }
    for groups in &all {
        for (name, group) in groups {
            found.group(files, (&scalar(name).unwrap_or_default(), group), (false, &of_all));
        }
    }
    found.managers.iter().map(|name| found.host(files, name)).collect()
}

impl Found {
    fn group(&mut self, files: &Files, (name, group): (&str, &Value), (inside, above): (bool, &Vars)) {
        let inside = inside || name == GROUP;
        let mut known = above.clone();
        known.extend(beside(files, &format!("group_vars/{name}")));
        known.extend(vars(group.get("vars")));
        let members = group.get("hosts").and_then(Value::as_mapping);
        for (host, said) in members.into_iter().flatten() {
            let Some(host) = scalar(host) else { continue };
            if inside && !self.managers.contains(&host) {
                self.managers.push(host.clone());
            }
            self.of_groups.entry(host.clone()).or_default().extend(known.clone());
            self.of_hosts.entry(host).or_default().extend(vars(Some(said)));
        }
        let children = group.get("children").and_then(Value::as_mapping);
        for (child, group) in children.into_iter().flatten() {
            self.group(files, (&scalar(child).unwrap_or_default(), group), (inside, &known));
        }
    }

    fn host(&self, files: &Files, name: &str) -> ManagerHost {
        let mut known = self.of_groups.get(name).cloned().unwrap_or_default();
        known.extend(self.of_hosts.get(name).cloned().unwrap_or_default());
        known.extend(beside(files, &format!("host_vars/{name}")));
        ManagerHost {
            name: name.to_owned(),
            address: known.get(ADDRESS).cloned().unwrap_or_else(|| name.to_owned()),
            user: known.get(USER).cloned().unwrap_or_default(),
            port: known.get(PORT).and_then(|port| port.parse().ok()),
        }
    }
}

/// The variables in a file beside the inventory.
fn beside(files: &Files, name: &str) -> Vars {
    let is_it = |path: &std::path::Path| {
        let path = path.with_extension("");
        ["inventory", "ansible/inventory"].iter().any(|dir| path == std::path::Path::new(dir).join(name))
    };
    let texts = files.texts().filter(|(path, _)| is_it(path));
    texts.filter_map(|(_, text)| serde_yaml::from_str(text).ok()).flat_map(|said: Value| vars(Some(&said))).collect()
}

fn vars(said: Option<&Value>) -> Vars {
    let Some(said) = said.and_then(Value::as_mapping) else { return Vars::new() };
    let plain = |name: &'static str| {
        let text = said.get(name).and_then(scalar).filter(|text| !text.is_empty() && !text.contains("{{"))?;
        Some((name, text))
    };
    [ADDRESS, USER, PORT].into_iter().filter_map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(texts: &[(&str, &str)]) -> Vec<String> {
        managers(&Files::of(&[], texts)).iter().map(ManagerHost::url).collect()
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
