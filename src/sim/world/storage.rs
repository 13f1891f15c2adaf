//! What lies on the disk of one node: images, volumes, build cache. The same node always begins with the same.
//! Must never hold what containers are doing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::container::{image_id, number_of};
use super::ids::digest;
use super::task::Task;
use super::{Id, World};
use crate::sim::behaviour::plain_image;

/// An image, tagged or not.
#[derive(Debug, Clone)]
pub(crate) struct Image {
    pub(crate) id: String,
    /// Empty for one that lost its tag.
    pub(crate) tag: String,
    pub(crate) created: Timestamp,
    pub(crate) size: u64,
}

/// A volume of the local driver.
#[derive(Debug, Clone)]
pub(crate) struct Volume {
    pub(crate) name: String,
    /// Made by a container for itself: no person gave the name.
    pub(crate) anonymous: bool,
    pub(crate) created: Timestamp,
    pub(crate) size: u64,
    /// As whoever made it said: what hangs on it, and what its driver was told.
    pub(crate) labels: Value,
    pub(crate) options: Value,
}

/// A record of the build cache.
#[derive(Debug, Clone)]
pub(crate) struct Cache {
    pub(crate) id: String,
    pub(crate) size: u64,
    pub(crate) in_use: bool,
    pub(crate) created: Timestamp,
}

/// What lies on one node.
#[derive(Debug, Clone, Default)]
pub(crate) struct Storage {
    pub(crate) images: BTreeMap<String, Image>,
    pub(crate) volumes: BTreeMap<String, Volume>,
    pub(crate) cache: Vec<Cache>,
}

impl Volume {
    fn found(name: &str, anonymous: bool, created: Timestamp, size: u64) -> Self {
        Self { name: name.to_owned(), anonymous, created, size, labels: Value::Null, options: Value::Null }
    }
}

impl Storage {
    /// What is left over on a machine that has run for a while.
    fn seeded(host: &str, now: Timestamp) -> Self {
        let seed = number_of(host);
        let ago = |hours: u64| {
            let hours = i64::try_from(hours).unwrap_or(1);
            now.checked_sub(SignedDuration::from_hours(hours)).unwrap_or(now)
        };
        let mut storage = Self::default();
        for n in 0..2 + seed % 4 {
            let id = digest(&format!("{host} lost its tag {n}"));
            let size = 40_000_000 + number_of(&id) % 700_000_000;
            storage.images.insert(id.clone(), Image { id, tag: String::new(), created: ago(30 + n * 71), size });
        }
        for n in 0..1 + seed % 3 {
            let name = digest(&format!("{host} anonymous {n}")).trim_start_matches("sha256:").to_owned();
            let size = 4_096 + number_of(&name) % 90_000_000;
            let volume = Volume::found(&name, true, ago(50 + n * 40), size);
            storage.volumes.insert(name, volume);
        }
        if seed.is_multiple_of(2) {
            let name = "old_grafana-data".to_owned();
            let volume = Volume::found(&name, false, ago(2_000), 312_000_000);
            storage.volumes.insert(name, volume);
        }
        for n in 0..seed % 5 {
            let id = digest(&format!("{host} cache {n}")).get(7..32).unwrap_or_default().to_owned();
            let size = 1_000_000 + number_of(&id) % 400_000_000;
            storage.cache.push(Cache { id, size, in_use: n == 0, created: ago(20 + n) });
        }
        storage
    }
}

impl World {
    /// What lies on a node now: what its containers brought stays there when they are gone.
    pub(crate) fn storage(&mut self, node: &Id) -> &mut Storage {
        let (host, now) = (self.nodes.get(node).map(|n| n.hostname.clone()).unwrap_or_default(), self.now);
        let mut storage = self.storages.remove(node).unwrap_or_else(|| Storage::seeded(&host, now));
        for task in self.contained(node) {
            let tag = plain_image(task.image());
            let id = image_id(&tag);
            storage.images.entry(id.clone()).or_insert_with(|| Image {
                size: 9_000_000 + number_of(&id) % 600_000_000,
                created: now.checked_sub(SignedDuration::from_hours(24 * 20)).unwrap_or(now),
                id,
                tag,
            });
            for (name, said) in task.volumes().map(|name| (name, task.said_of_volume(name))) {
                storage.volumes.entry(name.to_owned()).or_insert_with(|| Volume {
                    labels: said.pointer("/Labels").cloned().unwrap_or_default(),
                    options: said.pointer("/DriverConfig/Options").cloned().unwrap_or_default(),
                    ..Volume::found(
                        name,
                        false,
                        task.created,
                        1_000_000 + number_of(&format!("{host} {name}")) % 9_000_000_000,
                    )
                });
            }
        }
        self.storages.entry(node.clone()).or_insert(storage)
    }

    /// How many containers of a node, running or ended, use each image and each volume.
    pub(crate) fn uses(&self, node: &Id) -> (BTreeMap<String, u64>, BTreeMap<String, u64>) {
        let (mut images, mut volumes) = (BTreeMap::new(), BTreeMap::new());
        for task in self.contained(node) {
            *images.entry(image_id(task.image())).or_insert(0) += 1;
            let names: BTreeSet<&str> = task.volumes().collect();
            for name in names {
                *volumes.entry(name.to_owned()).or_insert(0) += 1;
            }
        }
        (images, volumes)
    }

    /// What a container has written beside its image.
    pub(crate) fn written(task: &Task) -> u64 {
        number_of(&format!("written by {}", task.container)) % 40_000_000
    }
}
