//! What only the engine of a node knows, from JSON: containers, usage, images, volumes, disk.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::soft::{Count, Flag, Labels, List, Object, Text, Whole};
use super::{labels, moment, object};
use crate::model::text::clean;
use crate::model::{Amount, Container, Disk, Image, Pile, ServiceId, TaskId, Use, Volume};

/// The label that says which task a container belongs to.
const TASK: &str = "com.docker.swarm.task.id";
/// The label that says which service.
const SERVICE: &str = "com.docker.swarm.service.id";
/// The label of a volume that no person named.
const ANONYMOUS: &str = "com.docker.volume.anonymous";
/// The label that names the stack a volume was made for.
const STACK: &str = "com.docker.stack.namespace";
/// As many letters has the name that an engine makes up for a volume.
const MADE_UP: usize = 64;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ContainerJson {
    id: Text,
    names: List<Text>,
    image: Text,
    #[serde(rename = "ImageID")]
    image_id: Text,
    state: Text,
    labels: Labels,
    mounts: List<MountJson>,
    created: Whole,
    size_rw: Count,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct MountJson {
    #[serde(rename = "Type")]
    kind: Text,
    name: Text,
}

/// Reads an element of the list of containers.
pub fn container(raw: &str) -> Result<Container, String> {
    let json: ContainerJson = object(raw, |json: &ContainerJson| &json.id)?;
    let labels = labels(json.labels);
    let id = |label: &str| labels.get(label).filter(|id| !id.is_empty());
    let task = id(SERVICE).zip(id(TASK)).map(|(service, task)| (ServiceId::new(service), TaskId::new(task)));
    let name = json.names.0.first().map(|name| clean(name.0.trim_start_matches('/'))).unwrap_or_default();
    let volumes = json.mounts.0.iter().filter(|mount| mount.kind.0 == "volume" && !mount.name.0.is_empty());
    Ok(Container {
        name: if name.is_empty() { clean(json.id.0.get(..12).unwrap_or(&json.id.0)) } else { name },
        image: clean(&json.image.0),
        image_id: json.image_id.0,
        running: is_running(&json.state.0),
        task,
        volumes: volumes.map(|mount| clean(&mount.name.0)).collect(),
        created: seconds(json.created.0),
        id: json.id.0,
    })
}

fn is_running(state: &str) -> bool {
    matches!(state, "running" | "paused" | "restarting")
}

fn seconds(unix: i64) -> Option<jiff::Timestamp> {
    (unix > 0).then(|| jiff::Timestamp::from_second(unix).ok()).flatten()
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct StatsJson {
    read: Text,
    cpu_stats: Object<CpuJson>,
    precpu_stats: Object<CpuJson>,
    memory_stats: Object<MemoryJson>,
    networks: Object<std::collections::BTreeMap<String, NetJson>>,
    blkio_stats: Object<BlockJson>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CpuJson {
    cpu_usage: Object<CpuUseJson>,
    system_cpu_usage: Count,
    online_cpus: Count,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CpuUseJson {
    total_usage: Count,
    percpu_usage: List<Count>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct MemoryJson {
    usage: Count,
    limit: Count,
    stats: Object<std::collections::BTreeMap<String, Count>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NetJson {
    rx_bytes: Count,
    tx_bytes: Count,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct BlockJson {
    io_service_bytes_recursive: List<BlockOpJson>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct BlockOpJson {
    op: Text,
    value: Count,
}

/// Reads how much a container uses, and when that was; counted as the docker CLI does. `before` is when it was read
/// last.
pub fn usage(raw: &str, before: Option<jiff::Timestamp>) -> Result<(Use, Option<jiff::Timestamp>), String> {
    let json: StatsJson = serde_json::from_str(raw).map_err(|error| error.to_string())?;
    let at = moment(&json.read);
    let memory = json.memory_stats.or_empty();
    let (mut received, mut sent, mut read, mut written) = (0_u64, 0_u64, 0_u64, 0_u64);
    for net in json.networks.or_empty().into_values() {
        received = received.saturating_add(net.rx_bytes.0);
        sent = sent.saturating_add(net.tx_bytes.0);
    }
    for op in json.blkio_stats.or_empty().io_service_bytes_recursive.0 {
        match op.op.0.chars().next() {
            Some('r' | 'R') => read = read.saturating_add(op.value.0),
            Some('w' | 'W') => written = written.saturating_add(op.value.0),
            _ => {}
        }
    }
    let apart = at.zip(before).map_or(0, |(at, before)| at.duration_since(before).as_millis());
    let reading = Use {
        cpu: cpu(&json.precpu_stats.or_empty(), json.cpu_stats.or_empty()),
        limit: memory.limit.0,
        memory: used(memory),
        received,
        sent,
        read,
        written,
        apart: u64::try_from(apart).unwrap_or(0),
    };
    Ok((reading, at))
}

/// Thousandths of a core since the reading before; none where the engine has not seen one.
fn cpu(before: &CpuJson, now: CpuJson) -> Option<u64> {
    let total = |cpu: &CpuJson| cpu.cpu_usage.0.as_ref().map_or(0, |usage| usage.total_usage.0);
    if before.system_cpu_usage.0 == 0 {
        return None;
    }
    let own = total(&now).saturating_sub(total(before));
    let whole = now.system_cpu_usage.0.saturating_sub(before.system_cpu_usage.0);
    let cores = match now.online_cpus.0 {
        0 => now.cpu_usage.or_empty().percpu_usage.0.len() as u64,
        cores => cores,
    };
    let thousandths = u128::from(own) * u128::from(cores.max(1)) * 1000 / u128::from(whole.max(1));
    Some(if whole == 0 { 0 } else { u64::try_from(thousandths).unwrap_or(u64::MAX) })
}

/// What the kernel would give back is not in use: `total_inactive_file` on cgroup v1, `inactive_file` on v2.
fn used(memory: MemoryJson) -> u64 {
    let stats = memory.stats.or_empty();
    let idle = ["total_inactive_file", "inactive_file"].iter().find_map(|key| stats.get(*key));
    let idle = idle.map_or(0, |idle| idle.0);
    if idle < memory.usage.0 { memory.usage.0 - idle } else { memory.usage.0 }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ImageJson {
    id: Text,
    repo_tags: List<Text>,
    size: Count,
    shared_size: Whole,
    containers: Whole,
    created: Whole,
}

/// Reads an image; who uses it is not said here.
pub fn kept_image(raw: &str) -> Result<Image, String> {
    let json: ImageJson = object(raw, |json: &ImageJson| &json.id)?;
    Ok(Image {
        tags: tags(&json),
        size: json.size.0,
        created: seconds(json.created.0),
        used_by: u64::try_from(json.containers.0).unwrap_or(0),
        id: json.id.0,
    })
}

fn tags(json: &ImageJson) -> Vec<String> {
    json.repo_tags.0.iter().filter(|tag| tag.0 != "<none>:<none>").map(|tag| clean(&tag.0)).collect()
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct VolumeJson {
    name: Text,
    driver: Text,
    mountpoint: Text,
    created_at: Text,
    labels: Labels,
    options: Labels,
    usage_data: Object<VolumeUseJson>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct VolumeUseJson {
    size: Whole,
    ref_count: Whole,
}

/// Reads a volume; who uses it is said only in an account of the disk.
pub fn volume(raw: &str) -> Result<Volume, String> {
    let json: VolumeJson = object(raw, |json: &VolumeJson| &json.name)?;
    Ok(whole_volume(json))
}

/// Another driver keeps its data itself, and the local one does not keep what it mounts from somewhere. The options of a
/// mount are left out: a password may be among them.
fn elsewhere(driver: &str, options: &BTreeMap<String, Text>) -> Option<String> {
    if !matches!(driver, "" | "local") {
        return Some(format!("kept by the driver {}", clean(driver)));
    }
    let said = |key: &str| options.get(key).map(|value| clean(&value.0)).unwrap_or_default();
    let device = said("device");
    match said("type").as_str() {
        _ if device.is_empty() => None,
        "" | "none" => Some(format!("in {device}")),
        kind => Some(format!("on {kind} {device}")),
    }
}

fn whole_volume(json: VolumeJson) -> Volume {
    let usage = json.usage_data.0;
    let labels = json.labels.0.unwrap_or_default();
    let made_up = json.name.0.len() == MADE_UP && json.name.0.bytes().all(|byte| byte.is_ascii_hexdigit());
    Volume {
        stack: labels.get(STACK).map(|name| clean(&name.0)).unwrap_or_default(),
        elsewhere: elsewhere(&json.driver.0, &json.options.0.unwrap_or_default()),
        anonymous: made_up || labels.contains_key(ANONYMOUS),
        name: clean(&json.name.0),
        driver: clean(&json.driver.0),
        place: clean(&json.mountpoint.0),
        created: moment(&json.created_at),
        size: usage.as_ref().and_then(|usage| u64::try_from(usage.size.0).ok()),
        used_by: usage.map_or(0, |usage| u64::try_from(usage.ref_count.0).unwrap_or(0)),
    }
}

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
    fn cpu_and_memory_are_counted_as_the_docker_cli_counts_them() {
        let raw = r#"{"read":"2026-03-14T12:00:01Z","cpu_stats":{"cpu_usage":{"total_usage":3000},"system_cpu_usage":20000,"online_cpus":4},
            "precpu_stats":{"cpu_usage":{"total_usage":1000},"system_cpu_usage":12000},
            "memory_stats":{"usage":1000,"limit":4000,"stats":{"inactive_file":300}},
            "networks":{"eth0":{"rx_bytes":1,"tx_bytes":2},"eth1":{"rx_bytes":10,"tx_bytes":20}},
            "blkio_stats":{"io_service_bytes_recursive":[{"op":"Read","value":5},{"op":"write","value":6},{"op":"Total","value":11}]}}"#;
        let before = "2026-03-14T12:00:00Z".parse().unwrap();
        let (reading, at) = usage(raw, Some(before)).unwrap();
        let Use { cpu, memory, limit, received, sent, read, written, apart } = reading;
        assert_eq!((cpu, memory, limit, apart), (Some(1000), 700, 4000, 1000));
        assert_eq!((received, sent, read, written), (11, 22, 5, 6));
        assert!(at.is_some());
    }

    #[test]
    fn the_first_reading_knows_no_cpu_and_cgroup_v1_has_its_own_word_for_what_is_idle() {
        let first = r#"{"cpu_stats":{"cpu_usage":{"total_usage":3000},"system_cpu_usage":20000},"precpu_stats":{"cpu_usage":{"total_usage":0}},
            "memory_stats":{"usage":1000,"stats":{"total_inactive_file":100,"inactive_file":50}},"networks":null,"blkio_stats":{"io_service_bytes_recursive":null}}"#;
        let (reading, _) = usage(first, None).unwrap();
        assert_eq!((reading.cpu, reading.memory, reading.apart), (None, 900, 0));
        assert_eq!(usage("{}", None).unwrap().0, Use::default());
    }

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
    fn a_container_knows_its_task_and_hides_no_control_sequence() {
        let raw = r#"{"Id":"c1","Names":["/web\u001b[2J.1"],"State":"running","Labels":{"com.docker.swarm.service.id":"s","com.docker.swarm.task.id":"t"},
            "Mounts":[{"Type":"volume","Name":"data"},{"Type":"bind","Source":"/x"}]}"#;
        let container = container(raw).unwrap();
        assert_eq!((container.name.as_str(), container.running), ("web.1", true));
        assert_eq!(container.task, Some((ServiceId::new("s"), TaskId::new("t"))));
        assert_eq!(container.volumes, ["data"]);
    }

    #[test]
    fn what_a_prune_took_is_counted_and_null_is_nothing() {
        let gone = |raw| pruned(raw).unwrap();
        let images = r#"{"ImagesDeleted":[{"Untagged":"a:1"},{"Deleted":"sha256:1"}],"SpaceReclaimed":9}"#;
        assert_eq!(gone(images), Amount { count: 1, bytes: 9 });
        assert_eq!(gone(r#"{"ContainersDeleted":null,"SpaceReclaimed":0}"#), Amount::default());
    }
}
