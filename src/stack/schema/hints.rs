//! Where to go with keys that other tools know and a swarm does not.

use crate::stack::path::Step;

/// What to do instead, for keys of services.
const SERVICE: &[(&str, &str)] = &[
    ("extends", "write the keys of the other service here, or share them with an anchor and `<<`"),
    ("volume_driver", "name the driver at the volume, below `volumes:` at the top of the file"),
    ("volumes_from", "declare the volume at the top of the file and name it in each service that shares it"),
    ("cpu_quota", "set deploy.resources.limits.cpus"),
    ("cpu_shares", "set deploy.resources.reservations.cpus"),
    ("cpus", "set deploy.resources.limits.cpus, in quotes"),
    ("cpuset", "set deploy.resources.limits.cpus"),
    ("mem_limit", "set deploy.resources.limits.memory"),
    ("memswap_limit", "set deploy.resources.limits.memory"),
    ("mem_reservation", "set deploy.resources.reservations.memory"),
    ("mem_swappiness", "take it away: a swarm service cannot have it from a stack file"),
    ("pids_limit", "set deploy.resources.limits.pids"),
    ("scale", "set deploy.replicas"),
    ("replicas", "move it below `deploy:`"),
    ("resources", "move it below `deploy:`"),
    ("placement", "move it below `deploy:`"),
    ("update_config", "move it below `deploy:`"),
    ("rollback_config", "move it below `deploy:`"),
    ("restart_policy", "move it below `deploy:`"),
    ("endpoint_mode", "move it below `deploy:`"),
    ("mode", "move it below `deploy:`"),
    ("platform", "set a constraint in deploy.placement.constraints: node.platform.arch == x86_64"),
    (
        "pull_policy",
        "take it away: nodes pull what they do not have; `--resolve-image` decides when tags are looked up",
    ),
    ("runtime", "take it away, or make the runtime the default of the node's engine"),
    ("gpus", "name it in deploy.resources.reservations.generic_resources"),
    ("group_add", "take it away, or set the group in `user`"),
    ("dns_opt", "take it away: a stack file has `dns` and `dns_search` only"),
    ("stop_timeout", "write `stop_grace_period`"),
    ("log_driver", "write `logging: {driver: …}`"),
    ("log_opt", "write `logging: {options: …}`"),
    ("net", "write `networks`"),
    ("dockerfile", "build the image before the deploy, and name it in `image`"),
    ("label_file", "write the labels into the file"),
    ("attach", "take it away"),
    ("develop", "take it away: it is for work on one machine"),
];

/// What to do instead, at the top of the file.
const TOP: &[(&str, &str)] = &[
    ("include", "give the other file with a second `-c`"),
    ("models", "take it away"),
    ("service", "write `services`"),
];

/// What to do instead, elsewhere.
const ELSEWHERE: &[(&str, &str)] = &[
    ("devices", "name what is needed in generic_resources"),
    ("enable_ipv6", "take it away, or make the network beforehand and write `external: true`"),
    ("enable_ipv4", "take it away, or make the network beforehand and write `external: true`"),
    ("gateway", "keep `subnet` only, or make the network beforehand and write `external: true`"),
    ("ip_range", "keep `subnet` only, or make the network beforehand and write `external: true`"),
    ("aux_addresses", "keep `subnet` only, or make the network beforehand and write `external: true`"),
    ("content", "put the content into a file and name it in `file`"),
    ("environment", "put the value into a file and name it in `file`, or make the secret beforehand"),
    ("host_ip", "take it away: a swarm publishes on all addresses of a node"),
    ("app_protocol", "take it away"),
];

/// What to do instead of this key, if it is known elsewhere.
#[must_use]
pub fn mend(steps: &[Step], key: &str) -> Option<&'static str> {
    let table = match steps {
        [] => TOP,
        [Step::Key(section), Step::Key(_)] if section == "services" => SERVICE,
        _ => ELSEWHERE,
    };
    table.iter().find(|(name, _)| *name == key).map(|(_, mend)| *mend)
}
