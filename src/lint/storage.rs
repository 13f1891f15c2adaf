//! What services mount against where it lies.

use std::collections::BTreeSet;

use super::place::{Hosts, is_pinned};
use super::service::{Label, Mount, Service};
use super::stack::{Part, Scene, Stack};
use crate::diag::Finding;
use crate::platform::{Base, Placed, rules};

/// Programs by the last part of their image, each with where it keeps its data.
type Homes = &'static [(&'static [&'static str], &'static [&'static str])];

/// Programs that are a database.
const DATABASES: Homes = &[
    (
        &["postgres", "postgresql", "postgis", "pgvector", "timescaledb", "pgvecto-rs"],
        &["/var/lib/postgresql", "/bitnami/postgresql"],
    ),
    (&["mysql", "mariadb"], &["/var/lib/mysql", "/config"]),
    (&["mongo", "mongodb"], &["/data/db", "/data/configdb"]),
    (&["redis", "valkey", "keydb", "dragonfly"], &["/data"]),
    (&["influxdb"], &["/var/lib/influxdb", "/var/lib/influxdb2"]),
    (&["clickhouse", "clickhouse-server"], &["/var/lib/clickhouse"]),
    (&["elasticsearch", "opensearch"], &["/usr/share/elasticsearch/data", "/usr/share/opensearch/data"]),
    (&["meilisearch"], &["/meili_data"]),
    (&["qdrant"], &["/qdrant/storage"]),
    (&["prometheus"], &["/prometheus"]),
    (&["victoria-metrics"], &["/victoria-metrics-data", "/storage"]),
    (&["loki"], &["/loki"]),
];

/// Programs that keep one in a file, which is locked like any other database, unless they are told of a server.
const KEEPERS: Homes = &[
    (&["sonarr", "radarr", "prowlarr", "lidarr", "readarr", "whisparr", "bazarr", "sabnzbd"], &["/config"]),
    (
        &["plex", "pms-docker", "jellyfin", "emby", "embyserver", "tautulli", "home-assistant", "homeassistant"],
        &["/config"],
    ),
    (&["overseerr", "jellyseerr", "seerr"], &["/config", "/app/config"]),
    (&["maintainerr"], &["/opt/data"]),
    (&["wizarr"], &["/data", "/data/database"]),
    (&["grafana", "grafana-oss", "grafana-enterprise"], &["/var/lib/grafana"]),
    (&["uptime-kuma"], &["/app/data"]),
    (&["autokuma"], &["/data"]),
    (&["nginx-proxy-manager"], &["/data"]),
    (
        &["vaultwarden", "vaultwarden/server", "bitwardenrs/server", "navidrome", "linkding", "actual-server"],
        &["/data", "/etc/linkding/data"],
    ),
    (&["forgejo", "gitea"], &["/data", "/var/lib/gitea", "/var/lib/forgejo"]),
    (&["woodpecker-server"], &["/var/lib/woodpecker"]),
    (&["audiobookshelf", "kavita", "komga", "calibre-web"], &["/config", "/kavita/config"]),
    (&["n8n"], &["/home/node/.n8n"]),
    (&["mealie"], &["/app/data"]),
];

/// Types of volumes that lie on another machine.
const SHARES: [&str; 5] = ["cifs", "smb3", "smbfs", "nfs", "nfs4"];

/// Databases on shares.
pub fn databases(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    let exports = exports(scene);
    for (stack, service) in scene.services() {
        let Some(homes) = homes(service) else { continue };
        // PostgreSQL may be told to keep its data elsewhere.
        let moved =
            service.environment.iter().find(|variable| variable.key == "PGDATA").map(|said| said.value.as_str());
        let holds = |target: &str| match moved {
            Some(dir) => is_home(target, &[dir]) || is_below(dir, target),
            None => is_home(target, homes),
        };
        for mount in service.mounts.iter().filter(|mount| !mount.read_only && holds(&mount.target)) {
            let Some(share) = share(stack, service, mount, &exports) else { continue };
            let what =
                format!("{} of {} keeps its database in {}, on {share}", service.key, stack.name(), mount.target);
            let mend = "put it on a disk of one node and place the service there, or on a block device such as iSCSI";
            findings.push(rules::STORAGE_SHARED_DATABASE.broken(mount.spot.clone(), what, mend));
        }
    }
}

fn homes(service: &Service) -> Option<&'static [&'static str]> {
    let program = service.program().to_ascii_lowercase();
    let path = service.repository().to_ascii_lowercase();
    // Some are known by more than the last part of their image.
    let is = |name: &&str| program == **name || (name.contains('/') && path.ends_with(*name));
    let find = |table: Homes| table.iter().find(|(names, _)| names.iter().any(is)).map(|(_, homes)| *homes);
    find(DATABASES).or_else(|| find(KEEPERS).filter(|_| !service.environment.iter().any(names_a_server)))
}

/// The variable says that the data lies on a database server: `RADARR__POSTGRES__HOST`, `DB_TYPE: postgres`, or an
/// address of one.
fn names_a_server(variable: &Label) -> bool {
    let (key, value) = (variable.key.to_ascii_uppercase(), variable.value.to_ascii_lowercase());
    let servers = ["postgres", "postgresql", "mysql", "mariadb"];
    let addressed = servers.iter().any(|server| value.split_once("://").is_some_and(|(scheme, _)| scheme == *server));
    let chosen = servers.contains(&value.as_str()) && ["DB", "DATABASE"].iter().any(|word| key.contains(word));
    let hosted = key.ends_with("HOST") && servers.iter().any(|server| key.contains(&server.to_ascii_uppercase()));
    addressed || chosen || hosted
}

fn is_home(target: &str, homes: &[&str]) -> bool {
    homes.iter().any(|home| target == *home || is_below(target, home))
}

fn is_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'))
}

/// Folders that the inventory mounts from another machine on every node.
fn exports(scene: &Scene<'_>) -> Vec<String> {
    let Some(variable) = scene.folder.platform.inventory.all.get("nfs_mounts") else { return Vec::new() };
    let items = variable.node.list().unwrap_or_default();
    items.iter().filter_map(|item| Some(item.map()?.get("path")?.text()?.to_owned())).collect()
}

/// The share that a mount lies on, in words.
fn share(stack: &Stack<'_>, service: &Service, mount: &Mount, exports: &[String]) -> Option<String> {
    if mount.is_bind {
        // The machine that exports a folder has it on a disk of its own.
        let export = exports.iter().find(|export| mount.source == **export || is_below(&mount.source, export))?;
        return (!is_pinned(service)).then(|| format!("{export}, which every node mounts by NFS"));
    }
    let options = &stack.volumes.get(&mount.source)?.options;
    let kind = options.get("type")?.text.to_ascii_lowercase();
    SHARES.contains(&kind.as_str()).then(|| format!("the {} volume {}", kind.to_uppercase(), mount.source))
}

/// Data in a volume of one node, of a service that may come up on another.
pub fn floating(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    let hosts = Hosts::of(scene.folder);
    for (stack, service) in scene.services().filter(|(_, service)| !service.is_global && !service.is_job) {
        let count = hosts.fitting(service).len();
        // As many as there are hosts, each on its own: every one of them comes back to where it was.
        if count < 2 || hosts.pins(service) || service.spread.is_some_and(|tasks| tasks >= count) {
            continue;
        }
        for mount in service.mounts.iter().filter(|mount| !mount.is_bind && !mount.read_only) {
            let local = |part: &&Part| part.is_local && !part.options.contains_key("type") && !part.external;
            if stack.volumes.get(&mount.source).filter(local).is_none() && !mount.source.is_empty() {
                continue;
            }
            let what = format!(
                "{} of {} keeps {} in a volume of one node, and may run on {count}",
                service.key,
                stack.name(),
                mount.target
            );
            let mend = "place the service on the node that has the volume: constraints: [node.hostname == NODE]";
            findings.push(rules::VOLUME_FLOATS.broken(mount.spot.clone(), what, mend));
        }
    }
}

/// Folders of the checkout, seen from wherever the task runs.
pub fn relative(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    let hosts = Hosts::of(scene.folder);
    for (stack, service) in scene.services().filter(|(_, service)| !hosts.pins(service)) {
        for mount in service.mounts.iter().filter(|mount| mount.is_bind && mount.source.starts_with(['.', '~'])) {
            let what = format!("{} of {} mounts {} and may run on any node", service.key, stack.name(), mount.source);
            let mend = "make a config of it, or place the service where the checkout lies";
            findings.push(rules::BIND_RELATIVE.broken(mount.spot.clone(), what, mend));
        }
    }
}

/// Directories that no pre-flight makes, where the folder makes directories by pre-flight at all.
pub fn unprovisioned(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    let preflights = || scene.folder.depth.stacks.values().filter_map(|note| note.preflight.as_ref());
    if preflights().all(|preflight| preflight.directories.is_empty()) {
        return;
    }
    let values = &scene.folder.platform.values;
    // Stack files were read with what `.env.example` offers where there is no `.env`.
    let root = |base: Base| base.root(|name| values.offered(name).unwrap_or_else(|| values.text(name)));
    let below = |placed: &Placed| format!("{}/{}", root(placed.base), placed.path.trim_matches('/'));
    let made: Vec<String> = preflights().flat_map(|one| &one.directories).map(below).collect();
    let copied: Vec<String> = preflights().flat_map(|one| one.files.iter().chain(&one.templates)).map(below).collect();
    let bases: Vec<String> = [Base::AppData, Base::Cache, Base::Nvme].map(root).to_vec();
    let beforehand = &scene.folder.platform.config.directories;
    for stack in scene.swarm() {
        let mut told: BTreeSet<&str> = BTreeSet::new();
        // What a one-shot of the stack writes below a directory that is made: the others are refused until it has.
        let jobs = stack.services.iter().filter(|service| service.is_job).flat_map(|service| &service.mounts);
        let written: Vec<&str> = jobs.filter(|mount| !mount.read_only).map(|mount| mount.source.as_str()).collect();
        let bound = stack.volumes.values().filter_map(|part| {
            let bind = part.options.get("o")?.text.split(',').any(|word| matches!(word, "bind" | "rbind"));
            part.options.get("device").filter(|_| bind).map(|device| (device.text.as_str(), &device.spot))
        });
        let binds = stack.services.iter().flat_map(|service| &service.mounts);
        let binds = binds.filter(|mount| mount.is_bind).map(|mount| (mount.source.as_str(), &mount.spot));
        for (path, spot) in bound.chain(binds) {
            let path = path.trim_end_matches('/');
            let ours = path.starts_with("/mnt/") || bases.iter().any(|base| is_below(path, base));
            let provided = |dir: &String| dir == path || is_below(dir, path);
            let there = bases.iter().any(|base| base == path)
                || beforehand.iter().any(|(dir, _)| dir.trim_end_matches('/') == path)
                || made.iter().any(provided)
                || copied.iter().any(|file| file == path)
                || written.iter().any(|dir| is_below(path, dir) && made.iter().any(|made| made == dir));
            if !ours || path.contains("${") || there || !told.insert(path) {
                continue;
            }
            let what = format!("{} mounts {path}, which no pre-flight makes", stack.name());
            let mend = "name it under `directories` in the pre-flight.yml beside the stack, or in quarterdeck.yaml if every machine has it";
            findings.push(rules::BIND_UNPROVISIONED.broken(spot.clone(), what, mend));
        }
    }
}
