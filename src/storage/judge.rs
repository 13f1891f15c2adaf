//! What is wrong with a machine's storage, and who suffers: mounts that do not answer, mounts that are missing, and
//! paths that lie beside the mount they should lie on.

use std::collections::BTreeMap;

use super::mounts::{Mount, Probe};

/// Who uses a path of the machine: a service with a bind mount.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct User {
    /// The service.
    pub service: String,
    /// The path it binds.
    pub path: String,
}

/// A mount as it is, with those who use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The mount.
    pub mount: Mount,
    /// What is wrong, if something is.
    pub trouble: Option<Trouble>,
    /// The probe, where it was asked.
    pub probe: Option<Probe>,
    /// Services with a path on it, or with a path that should be on it.
    pub users: Vec<String>,
}

/// What can be wrong with a mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The machine expects it and it is not mounted: what is written there goes to the disk below.
    Missing,
    /// Its handle is stale.
    Stale,
    /// It does not answer.
    Hung,
    /// It answers with a fault.
    Broken(String),
    /// Less than a twentieth is left.
    Full,
    /// It is mounted read-only although it is not meant so.
    ReadOnly,
}

impl Trouble {
    /// In words, with what to do.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Trouble::Missing => {
                "not mounted: what is written here goes to the disk below; mount it and restart its users".to_owned()
            }
            Trouble::Stale => {
                "stale: the export was replaced; unmount it (umount -l), mount it again, restart its users".to_owned()
            }
            Trouble::Hung => "no answer: is its server up?".to_owned(),
            Trouble::Broken(why) => why.clone(),
            Trouble::Full => "nearly full".to_owned(),
            Trouble::ReadOnly => {
                "mounted read-only: the file system may have found a fault; see the kernel's log".to_owned()
            }
        }
    }
}

/// Puts together what is mounted, what should be, how each mount answered, and who uses what.
#[must_use]
pub fn judge(mounted: &[Mount], expected: &[Mount], probes: &BTreeMap<String, Probe>, users: &[User]) -> Vec<Held> {
    let missing = expected.iter().filter(|wish| !mounted.iter().any(|mount| mount.path == wish.path));
    let mut held: Vec<Held> = mounted
        .iter()
        .map(|mount| {
            let probe = probes.get(&mount.path).cloned();
            let wish = expected.iter().find(|wish| wish.path == mount.path);
            let trouble = trouble(mount, wish, probe.as_ref());
            Held { mount: mount.clone(), trouble, probe, users: Vec::new() }
        })
        .chain(missing.map(|wish| Held {
            mount: wish.clone(),
            trouble: Some(Trouble::Missing),
            probe: None,
            users: Vec::new(),
        }))
        .collect();
    held.sort_by(|a, b| a.mount.path.cmp(&b.mount.path));
    for user in users {
        let covers = held.iter_mut().filter(|held| lies_below(&user.path, &held.mount.path));
        if let Some(nearest) = covers.max_by_key(|held| held.mount.path.len())
            && !nearest.users.contains(&user.service)
        {
            nearest.users.push(user.service.clone());
        }
    }
    held
}

fn trouble(mount: &Mount, wish: Option<&Mount>, probe: Option<&Probe>) -> Option<Trouble> {
    match probe {
        Some(Probe::Stale) => return Some(Trouble::Stale),
        Some(Probe::Hung) => return Some(Trouble::Hung),
        Some(Probe::Broken(why)) => return Some(Trouble::Broken(why.clone())),
        Some(Probe::Real(room)) if room.size > 0 && room.free < room.size / 20 => return Some(Trouble::Full),
        _ => {}
    }
    (mount.read_only && wish.is_some_and(|wish| !wish.read_only)).then_some(Trouble::ReadOnly)
}

/// A path is on a mount if it is the same or lies below it.
fn lies_below(path: &str, mount: &str) -> bool {
    match path.strip_prefix(mount) {
        Some(rest) => rest.is_empty() || rest.starts_with('/') || mount == "/",
        None => false,
    }
}
