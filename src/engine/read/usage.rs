//! What a container uses, from JSON: counted as the docker CLI counts it.

use serde::Deserialize;

use super::super::soft::{Count, List, Object, Text};
use super::moment;
use crate::model::Use;

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
}
