//! Hosts against each other.

use std::collections::BTreeMap;

use super::{Folder, placeholder};
use crate::diag::Finding;
use crate::model::Role;
use crate::platform::rules;
use crate::stack::Value;

/// How many managers the inventory wishes.
pub fn managers(folder: &Folder<'_>, findings: &mut Vec<Finding>) {
    let hosts = folder.platform.inventory.hosts.values();
    let managers: Vec<_> = hosts.filter(|host| host.note.role == Some(Role::Manager)).collect();
    let Some(first) = managers.first() else { return };
    let (count, spot) = (managers.len(), first.spot.clone());
    let rule = match count {
        1 => &rules::MANAGERS_ONE,
        8.. => &rules::MANAGERS_MANY,
        even if even % 2 == 0 => &rules::MANAGERS_EVEN,
        _ => return,
    };
    let what = if count == 1 {
        "the inventory has one manager".to_owned()
    } else {
        format!("the inventory has {count} managers")
    };
    findings.push(rule.broken(spot, what, "make it three or five managers"));
}

/// Hosts with one address.
pub fn addresses(folder: &Folder<'_>, findings: &mut Vec<Finding>) {
    let mut first: BTreeMap<(&str, Option<u16>), &str> = BTreeMap::new();
    for (name, host) in folder.platform.inventory.hosts.iter().filter(|(_, host)| !host.note.address.is_empty()) {
        let address = (host.note.address.as_str(), host.note.port);
        match first.get(&address) {
            Some(other) => {
                let what = format!("{name} and {other} have the address {}", address.0);
                let mend = "give each host its own address";
                findings.push(rules::INVENTORY_ADDRESS.broken(host.spot.clone(), what, mend));
            }
            None => {
                first.insert(address, name);
            }
        }
    }
}

/// Variables of all hosts that nobody has filled in.
pub fn placeholders(folder: &Folder<'_>, findings: &mut Vec<Finding>) {
    for (name, variable) in &folder.platform.inventory.all {
        if let Value::Text(text) = &variable.node.value
            && placeholder::has_one(text)
        {
            let what = format!("the variable {name} is a placeholder, or becomes one if nothing else is set");
            findings.push(rules::INVENTORY_PLACEHOLDER.broken(variable.spot(), what, "write what it should be"));
        }
    }
}
