//! What lies on the disk of an engine and what a prune took of it, from JSON: summed up as the docker CLI does.

use serde::Deserialize;

use super::super::soft::{Count, Flag, List, Text};
use super::container::{ContainerJson, is_running};
use super::image::{ImageJson, tags};
use super::volume::{VolumeJson, whole_volume};
use crate::model::{Amount, Disk, Pile, Volume};

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct CacheJson {
    in_use: Flag,
    shared: Flag,
    size: Count,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct DiskJson {
    layers_size: Count,
    images: List<ImageJson>,
    containers: List<ContainerJson>,
    volumes: List<VolumeJson>,
    build_cache: List<CacheJson>,
}

/// Reads an account of the disk, and the volumes in it; summed up as the docker CLI does.
pub fn disk(raw: &str) -> Result<(Disk, Vec<Volume>), String> {
    let json: DiskJson = serde_json::from_str(raw).map_err(|error| error.to_string())?;
    let mut disk = Disk { images: images(&json), ..Disk::default() };
    for image in json.images.0.iter().filter(|image| image.containers.0 <= 0 && tags(image).is_empty()) {
        let own = image.size.0.saturating_sub(u64::try_from(image.shared_size.0).unwrap_or(0));
        disk.dangling = disk.dangling.and(own);
    }
    for container in &json.containers.0 {
        let runs = is_running(&container.state.0);
        add(&mut disk.containers, container.size_rw.0, runs);
        if !runs {
            disk.stopped = disk.stopped.and(container.size_rw.0);
        }
    }
    for cache in &json.build_cache.0 {
        let own = if cache.shared.0 { 0 } else { cache.size.0 };
        add(&mut disk.cache, own, cache.in_use.0);
        if !cache.in_use.0 {
            disk.unused_cache = disk.unused_cache.and(own);
        }
    }
    let volumes: Vec<Volume> = json.volumes.0.into_iter().map(whole_volume).collect();
    for volume in &volumes {
        add(&mut disk.volumes, volume.size.unwrap_or(0), volume.used_by > 0);
        if volume.used_by == 0 {
            disk.unused_volumes.push((volume.name.clone(), volume.size.unwrap_or(0)));
        }
    }
    Ok((disk, volumes))
}

fn add(pile: &mut Pile, bytes: u64, active: bool) {
    pile.count += 1;
    pile.active += u64::from(active);
    pile.size = pile.size.saturating_add(bytes);
    pile.reclaimable = pile.reclaimable.saturating_add(if active { 0 } else { bytes });
}

/// Layers are shared: what all images take together is told beside them.
fn images(json: &DiskJson) -> Pile {
    let used: u64 = json
        .images
        .0
        .iter()
        .filter(|image| image.containers.0 != 0 && image.shared_size.0 >= 0)
        .map(|image| image.size.0.saturating_sub(u64::try_from(image.shared_size.0).unwrap_or(0)))
        .sum();
    Pile {
        count: json.images.0.len() as u64,
        active: json.images.0.iter().filter(|image| image.containers.0 > 0).count() as u64,
        size: json.layers_size.0,
        reclaimable: json.layers_size.0.saturating_sub(used),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct PrunedJson {
    containers_deleted: List<Text>,
    images_deleted: List<ImageGoneJson>,
    volumes_deleted: List<Text>,
    caches_deleted: List<Text>,
    space_reclaimed: Count,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ImageGoneJson {
    deleted: Text,
}

/// Reads what a prune took.
pub fn pruned(raw: &str) -> Result<Amount, String> {
    let json: PrunedJson = serde_json::from_str(raw).map_err(|error| error.to_string())?;
    let images = json.images_deleted.0.iter().filter(|gone| !gone.deleted.0.is_empty()).count();
    let others = json.containers_deleted.0.len() + json.volumes_deleted.0.len() + json.caches_deleted.0.len();
    Ok(Amount { count: (images + others) as u64, bytes: json.space_reclaimed.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_summed_up_with_what_can_go() {
        let raw = r#"{"LayersSize":1000,
            "Images":[{"Id":"a","RepoTags":["a:1"],"Size":400,"SharedSize":100,"Containers":2},
                {"Id":"b","RepoTags":null,"Size":300,"SharedSize":0,"Containers":0},
                {"Id":"c","RepoTags":["<none>:<none>"],"Size":50,"SharedSize":0,"Containers":0},
                {"Id":"d","RepoTags":["d:1"],"Size":300,"SharedSize":0,"Containers":0}],
            "Containers":[{"Id":"1","State":"running","SizeRw":7},{"Id":"2","State":"exited","SizeRw":5},{"Id":"3","State":"exited"}],
            "Volumes":[{"Name":"x","UsageData":{"Size":10,"RefCount":1}},{"Name":"y","UsageData":{"Size":20,"RefCount":0}},{"Name":"z","UsageData":{"Size":-1,"RefCount":0}}],
            "BuildCache":[{"ID":"k","InUse":true,"Size":3},{"ID":"l","Size":4},{"ID":"m","Size":5,"Shared":true}]}"#;
        let (disk, _) = disk(raw).unwrap();
        assert_eq!(disk.images, Pile { count: 4, active: 1, size: 1000, reclaimable: 700 });
        assert_eq!(disk.dangling, Amount { count: 2, bytes: 350 });
        assert_eq!(disk.containers, Pile { count: 3, active: 1, size: 12, reclaimable: 5 });
        assert_eq!((disk.stopped.count, disk.unused_cache), (2, Amount { count: 2, bytes: 4 }));
        assert_eq!(disk.volumes, Pile { count: 3, active: 1, size: 30, reclaimable: 20 });
        assert_eq!(disk.unused_volumes, [("y".to_owned(), 20), ("z".to_owned(), 0)]);
        assert_eq!(disk.size(), 1000 + 12 + 30 + 7);
    }

    #[test]
    fn what_a_prune_took_is_counted_and_null_is_nothing() {
        let gone = |raw| pruned(raw).unwrap();
        let images = r#"{"ImagesDeleted":[{"Untagged":"a:1"},{"Deleted":"sha256:1"}],"SpaceReclaimed":9}"#;
        assert_eq!(gone(images), Amount { count: 1, bytes: 9 });
        assert_eq!(gone(r#"{"ContainersDeleted":null,"SpaceReclaimed":0}"#), Amount::default());
    }
}
