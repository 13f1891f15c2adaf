//! The boot server and the virtual machines against the inventory and each other.

use std::collections::{BTreeMap, BTreeSet};

use super::{Folder, placeholder};
use crate::diag::{Finding, Spot};
use crate::platform::{Group, Host, mac, mend, rules, word};

/// Each group by itself.
pub fn groups(folder: &Folder<'_>, findings: &mut Vec<Finding>) {
    let profiles: Vec<&str> = folder.depth.boot.profiles.iter().map(|profile| profile.id.as_str()).collect();
    for group in &folder.depth.boot.groups {
        if let Some((text, spot)) = &group.mac
            && !text.contains("{{")
            && mac(text).is_none()
        {
            let what = format!("the group {} selects {text}, which is no MAC address", group.id);
            findings.push(rules::BOOT_MAC.broken(spot.clone(), what, "write the MAC address of the machine"));
        }
        if let Some((key, spot)) = &group.key
            && !placeholder::is_key(key)
        {
            let what = format!("the group {} has no SSH key that could log in", group.id);
            findings.push(rules::BOOT_KEY.broken(spot.clone(), what, "write the public key of whoever logs in"));
        }
        if let Some((profile, spot)) =
            group.profile.as_ref().filter(|(profile, _)| !profiles.contains(&profile.as_str()))
        {
            let what = format!("the group {} gives the profile {profile}, which does not exist", group.id);
            findings.push(rules::BOOT_PROFILE.broken(spot.clone(), what, mend(profile, &profiles)));
        }
    }
}

/// Under which names an inventory says the MAC address of a host.
const MACS: [&str; 4] = ["mac", "mac_address", "macaddress", "vm_mac"];
/// Groups of hosts that are not installed yet.
const AWAITED: [&str; 6] = ["new", "pending", "provision", "provisioning", "to_provision", "unprovisioned"];

/// Groups that select one machine.
pub fn twice(folder: &Folder<'_>, findings: &mut Vec<Finding>) {
    let mut first: BTreeMap<String, &str> = BTreeMap::new();
    for group in &folder.depth.boot.groups {
        let Some((text, spot)) = &group.mac else { continue };
        let Some(mac) = mac(text) else { continue };
        match first.get(&mac) {
            Some(other) => {
                let what = format!("the groups {other} and {} select {mac}", group.id);
                findings.push(rules::BOOT_TWICE.broken(spot.clone(), what, "give each machine its own MAC address"));
            }
            None => {
                first.insert(mac, &group.id);
            }
        }
    }
}

/// Groups whose machine is in the swarm as far as the inventory knows, and would be installed anew. A group without a
/// MAC address that is one matches no machine, and a group for all others is meant for new ones.
pub fn reinstalls(folder: &Folder<'_>, findings: &mut Vec<Finding>) {
    for group in &folder.depth.boot.groups {
        let Some((profile, spot)) = &group.profile else { continue };
        let installs = folder.depth.boot.profiles.iter().any(|one| one.id == *profile && one.installs);
        if !installs || group.mac.as_ref().is_none_or(|(text, _)| mac(text).is_none()) {
            continue;
        }
        let Some((name, host)) = host_of(folder, group) else { continue };
        if host.note.role.is_none() || is_awaited(host) {
            continue;
        }
        let what = format!("the group {} gives {name} the profile {profile}, which installs it anew", group.id);
        let mend =
            "give it a profile that boots its disk, or say `provisioned: false` beside the host until it is installed";
        findings.push(rules::BOOT_REINSTALL.broken(spot.clone(), what, mend));
    }
}

/// The host of the inventory that a group means: by its name, by its address, or by the MAC address that is said of it.
fn host_of<'a>(folder: &'a Folder<'_>, group: &Group) -> Option<(&'a String, &'a Host)> {
    let hosts = &folder.platform.inventory.hosts;
    let name = group.hostname.as_deref().unwrap_or(&group.id);
    let short = name.split('.').next().unwrap_or(name);
    let named = hosts.iter().find(|(host, _)| host.eq_ignore_ascii_case(name) || host.eq_ignore_ascii_case(short));
    let address = group.address.as_ref().map(|(address, _)| address.as_str());
    let booted = group.mac.as_ref().and_then(|(text, _)| mac(text));
    let is_it = |host: &Host| {
        let own = MACS.iter().find_map(|name| mac(&word(&host.vars.get(*name)?.node)?));
        (!host.note.address.is_empty() && address == Some(host.note.address.as_str()))
            || (own.is_some() && own == booted)
    };
    named.or_else(|| hosts.iter().find(|(_, host)| is_it(host)))
}

/// The inventory says that the machine is still to be installed: by a variable, or by the name of a group.
fn is_awaited(host: &Host) -> bool {
    let said = host.vars.get("provisioned").and_then(|variable| word(&variable.node));
    said.is_some_and(|said| matches!(said.to_lowercase().as_str(), "false" | "no" | "off" | "0"))
        || host.note.groups.iter().any(|group| AWAITED.contains(&group.to_lowercase().replace('-', "_").as_str()))
}

/// Profiles against the assets, where the folder holds some.
pub fn profiles(folder: &Folder<'_>, findings: &mut Vec<Finding>) {
    let Some(assets) = &folder.depth.boot.assets else { return };
    let known: Vec<&str> = assets.iter().map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect();
    for profile in &folder.depth.boot.profiles {
        for (asset, spot) in profile.assets.iter().filter(|(asset, _)| !assets.contains(asset)) {
            let what = format!("the profile {} fetches {asset}, which is not there", profile.id);
            findings.push(rules::BOOT_ASSET.broken(spot.clone(), what, mend(asset, &known)));
        }
    }
}

/// Addresses that groups give against the inventory.
pub fn addresses(folder: &Folder<'_>, findings: &mut Vec<Finding>) {
    for group in &folder.depth.boot.groups {
        let Some((address, spot)) = &group.address else { continue };
        let name = group.hostname.as_deref().unwrap_or(&group.id);
        if let Some(known) = differs(folder, name, address) {
            let what =
                format!("the group {} gives {name} the address {address}, and the inventory has {known}", group.id);
            findings.push(rules::BOOT_ADDRESS.broken(spot.clone(), what, "make both addresses the same"));
        }
    }
}

/// Virtual machines against their boot groups and the inventory.
pub fn machines(folder: &Folder<'_>, findings: &mut Vec<Finding>) {
    for machine in &folder.depth.machines {
        let name = machine.hostname.as_deref().unwrap_or(&machine.module);
        let is_it = |group: &&Group| group.hostname.as_deref().unwrap_or(&group.id) == name;
        if let (Some((own, spot)), Some(group)) = (&machine.mac, folder.depth.boot.groups.iter().find(is_it))
            && let Some((booted, at)) = &group.mac
            && mac(own) != mac(booted)
        {
            findings.push(other_mac(name, own, spot, at));
        }
        if let Some((address, spot)) = &machine.address
            && let Some(known) = differs(folder, name, address)
        {
            let what = format!("the virtual machine {name} has the address {address}, and the inventory has {known}");
            findings.push(rules::TOFU_ADDRESS.broken(spot.clone(), what, "make both addresses the same"));
        }
    }
}

fn other_mac(name: &str, own: &str, spot: &Spot, at: &Spot) -> Finding {
    let what = format!("the virtual machine {name} has the MAC address {own}, and its boot group has another");
    rules::TOFU_MAC.broken(spot.clone(), what, format!("write the same address here and at {at}"))
}

/// The address that the inventory gives a host, if it is another one.
fn differs<'a>(folder: &'a Folder<'_>, name: &str, address: &str) -> Option<&'a str> {
    let known = folder.platform.inventory.hosts.get(name).map(|host| host.note.address.as_str())?;
    (!known.is_empty() && !address.contains("{{") && known != address).then_some(known)
}
