//! What may stand in a service.

use super::kind::{Kind, Names, Object, Type};
use super::table::{
    NULL, NUMBER, OPTIONS, PAIRS, TEXT, TEXT_OR_TEXTS, TEXTS, TRUTH, WHOLE, closed, extensible, key, open, since,
};

const LINES: Kind = Kind::Either(&[TEXT, Kind::List(&TEXT)]);

/// A service.
pub const SERVICE: Object = extensible(
    &[
        key("build", Kind::Either(&[TEXT, Kind::Object(&BUILD)])),
        key("cap_add", TEXTS),
        key("cap_drop", TEXTS),
        since(9, "cgroupns_mode", TEXT),
        key("cgroup_parent", TEXT),
        key("command", LINES),
        since(3, "configs", FILES),
        key("container_name", TEXT),
        since(3, "credential_spec", Kind::Object(&CREDENTIALS)),
        key("depends_on", Kind::Either(&[TEXTS, AFTER])),
        key("deploy", Kind::Either(&[Kind::Object(&DEPLOY), NULL])),
        key("devices", TEXTS),
        key("dns", TEXT_OR_TEXTS),
        key("dns_search", TEXT_OR_TEXTS),
        key("domainname", TEXT),
        key("entrypoint", LINES),
        key("env_file", Kind::Either(&[TEXT, Kind::Set(&Kind::Either(&[TEXT, Kind::Object(&ENV_FILE)]))])),
        key("environment", PAIRS),
        key("expose", Kind::Set(&Kind::One(&[Type::Text, Type::Number]))),
        key("external_links", TEXTS),
        key("extra_hosts", PAIRS),
        key("healthcheck", Kind::Object(&HEALTH)),
        key("hostname", TEXT),
        key("image", TEXT),
        since(7, "init", TRUTH),
        key("ipc", TEXT),
        since(5, "isolation", TEXT),
        key("labels", PAIRS),
        key("links", TEXTS),
        key("logging", Kind::Object(&LOGGING)),
        key("mac_address", TEXT),
        key("network_mode", TEXT),
        key(
            "networks",
            Kind::Either(&[TEXTS, Kind::Named(Names::Strict, &Kind::Either(&[Kind::Object(&NETWORK), NULL]))]),
        ),
        since(13, "oom_score_adj", WHOLE),
        key("pid", Kind::One(&[Type::Text, Type::Null])),
        key(
            "ports",
            Kind::Set(&Kind::Either(&[Kind::One(&[Type::Text, Type::Number]), Kind::Since(2, &Kind::Object(&PORT))])),
        ),
        key("privileged", TRUTH),
        // One of our extensions.
        key("profiles", TEXTS),
        key("read_only", TRUTH),
        key("restart", TEXT),
        since(1, "secrets", FILES),
        key("security_opt", TEXTS),
        // The CLI's schema takes a number and its decoder then refuses it.
        key("shm_size", TEXT),
        key("stdin_open", TRUTH),
        key("stop_grace_period", Kind::Duration),
        key("stop_signal", TEXT),
        key("sysctls", PAIRS),
        key("tmpfs", TEXT_OR_TEXTS),
        key("tty", TRUTH),
        key("ulimits", Kind::Named(Names::Small, &Kind::Either(&[WHOLE, Kind::Object(&LIMIT)]))),
        key("user", TEXT),
        key("userns_mode", TEXT),
        key("volumes", Kind::SetBefore(2, &Kind::Either(&[TEXT, Kind::Since(2, &Kind::Object(&MOUNT))]))),
        key("working_dir", TEXT),
    ],
    7,
);

/// A config or secret in a service.
const FILES: Kind = Kind::List(&Kind::Either(&[
    TEXT,
    Kind::Object(&open(
        &[key("source", TEXT), key("target", TEXT), key("uid", TEXT), key("gid", TEXT), key("mode", NUMBER)],
        0,
    )),
]));

/// One of our extensions: the form of `depends_on` that says what to wait for.
const AFTER: Kind = Kind::Named(
    Names::Strict,
    &Kind::Object(&closed(&[key("condition", TEXT), key("restart", TRUTH), key("required", TRUTH)])),
);

/// One of our extensions: a file that need not be there.
const ENV_FILE: Object =
    Object { required: &["path"], ..closed(&[key("path", TEXT), key("required", TRUTH), key("format", TEXT)]) };

const BUILD: Object = open(
    &[
        key("context", TEXT),
        key("dockerfile", TEXT),
        key("args", PAIRS),
        since(3, "labels", PAIRS),
        since(2, "cache_from", TEXTS),
        since(4, "network", TEXT),
        since(4, "target", TEXT),
        since(5, "shm_size", Kind::One(&[Type::Text, Type::Whole])),
        since(9, "extra_hosts", PAIRS),
    ],
    11,
);

const CREDENTIALS: Object = closed(&[since(8, "config", TEXT), key("file", TEXT), key("registry", TEXT)]);

const HEALTH: Object = closed(&[
    key("disable", TRUTH),
    key("interval", Kind::Duration),
    key("retries", NUMBER),
    key("test", LINES),
    key("timeout", Kind::Duration),
    since(4, "start_period", Kind::Duration),
    since(12, "start_interval", Kind::Duration),
]);

const LOGGING: Object = closed(&[
    key("driver", TEXT),
    key("options", Kind::Named(Names::LaxSome, &Kind::One(&[Type::Printed, Type::Number, Type::Null]))),
]);

const NETWORK: Object = closed(&[
    key("aliases", TEXTS),
    since(13, "driver_opts", OPTIONS),
    key("ipv4_address", TEXT),
    key("ipv6_address", TEXT),
]);

const PORT: Object = closed(&[key("mode", TEXT), key("target", WHOLE), key("published", WHOLE), key("protocol", TEXT)]);

const LIMIT: Object = Object { required: &["soft", "hard"], ..closed(&[key("soft", WHOLE), key("hard", WHOLE)]) };

const MOUNT: Object = Object {
    required: &["type"],
    ..closed(&[
        key("type", TEXT),
        key("source", TEXT),
        key("target", TEXT),
        key("read_only", TRUTH),
        key("consistency", TEXT),
        key("bind", Kind::Object(&open(&[key("propagation", TEXT)], 0))),
        key("volume", Kind::Object(&open(&[key("nocopy", TRUTH)], 0))),
        since(6, "tmpfs", Kind::Object(&open(&[key("size", Kind::One(&[Type::Natural]))], 0))),
    ])
};

const DEPLOY: Object = closed(&[
    key("mode", TEXT),
    since(2, "endpoint_mode", TEXT),
    key("replicas", WHOLE),
    key("labels", PAIRS),
    key("update_config", Kind::Object(&ROLLOUT)),
    since(7, "rollback_config", Kind::Object(&ROLLOUT)),
    key("resources", Kind::Object(&RESOURCES)),
    key("restart_policy", Kind::Object(&RESTART)),
    key("placement", Kind::Object(&PLACEMENT)),
]);

const ROLLOUT: Object = closed(&[
    key("parallelism", WHOLE),
    key("delay", Kind::Duration),
    key("failure_action", TEXT),
    key("monitor", Kind::Duration),
    key("max_failure_ratio", NUMBER),
    since(4, "order", Kind::Word(&["start-first", "stop-first"])),
]);

const RESOURCES: Object = closed(&[
    key("limits", Kind::Object(&closed(&[key("cpus", TEXT), key("memory", TEXT), since(9, "pids", WHOLE)]))),
    key(
        "reservations",
        Kind::Object(&closed(&[key("cpus", TEXT), key("memory", TEXT), since(5, "generic_resources", GENERIC)])),
    ),
]);

const GENERIC: Kind = Kind::List(&Kind::Object(&closed(&[key(
    "discrete_resource_spec",
    Kind::Object(&closed(&[key("kind", TEXT), key("value", NUMBER)])),
)])));

const RESTART: Object = closed(&[
    key("condition", TEXT),
    key("delay", Kind::Duration),
    key("max_attempts", WHOLE),
    key("window", Kind::Duration),
]);

const PLACEMENT: Object = closed(&[
    key("constraints", Kind::List(&TEXT)),
    since(3, "preferences", Kind::List(&Kind::Object(&closed(&[key("spread", TEXT)])))),
    since(8, "max_replicas_per_node", WHOLE),
]);
