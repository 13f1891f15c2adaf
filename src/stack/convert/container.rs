//! The container of a service.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::json::{Body, object};
use super::service::Maker;
use crate::stack::project::cx::Cx;
use crate::stack::project::lists::Texts;
use crate::stack::project::service::{CredentialSpec, HealthCheck, Keys};
use crate::stack::project::shape::Span;

/// What was made elsewhere.
pub struct Parts {
    /// Its mounts.
    pub mounts: Json,
    /// References to secrets.
    pub secrets: Json,
    /// References to configs.
    pub configs: Json,
}

/// The `ContainerSpec`.
pub fn spec(maker: &Maker<'_>, parts: Parts, cx: &mut Cx<'_>) -> Json {
    let keys = &maker.service.keys;
    let text = |text: &str| Json::from(text);
    let (add, drop) = capabilities(&keys.cap_add, &keys.cap_drop);
    Body::default()
        .some("Image", crate::stack::grammar::image::tagged(&keys.image))
        .put("Labels", object(maker.scope.labels(&keys.labels.items())))
        .some("Command", list(&keys.entrypoint.0))
        .some("Args", list(&keys.command.0))
        .some("Hostname", text(&keys.hostname))
        .some("Env", environment(keys))
        .some("Dir", text(&keys.working_dir))
        .some("User", text(&keys.user))
        .put("Privileges", privileges(maker, &keys.credential_spec, cx))
        .maybe("Init", keys.init)
        .some("StopSignal", text(&keys.stop_signal))
        .some("TTY", keys.tty)
        .some("OpenStdin", keys.stdin_open)
        .some("ReadOnly", keys.read_only)
        .some("Mounts", parts.mounts)
        .maybe("StopGracePeriod", keys.stop_grace_period.map(|span| span.0))
        .maybe("Healthcheck", keys.healthcheck.as_ref().map(|check| health(check, cx)))
        .some("Hosts", hosts(keys))
        .maybe("DNSConfig", dns(keys))
        .some("Secrets", parts.secrets)
        .some("Configs", parts.configs)
        .some("Isolation", text(&keys.isolation))
        .some("Sysctls", object(keys.sysctls.items()))
        .some("CapabilityAdd", add)
        .some("CapabilityDrop", drop)
        .some("Ulimits", ulimits(keys))
        .into()
}

fn list(texts: &Texts) -> Json {
    texts.texts().map(Json::from).collect()
}

fn environment(keys: &Keys) -> Json {
    let line = |(name, value): (&String, &Option<String>)| match value {
        Some(value) => format!("{name}={value}"),
        None => name.clone(),
    };
    let mut lines: Vec<String> = keys.environment.0.iter().map(line).collect();
    lines.sort();
    lines.into()
}

/// `address name`, as the engine writes it.
fn hosts(keys: &Keys) -> Json {
    let turned = |line: &String| line.split_once(':').map(|(name, address)| format!("{address} {name}"));
    keys.extra_hosts.0.iter().filter_map(turned).map(Json::from).collect()
}

/// Sent as soon as one of the keys was written, also with nothing in it.
fn dns(keys: &Keys) -> Option<Json> {
    let written = keys.dns.is_written() || keys.dns_search.is_written();
    written.then(|| Body::default().some("Nameservers", list(&keys.dns)).some("Search", list(&keys.dns_search)).into())
}

fn ulimits(keys: &Keys) -> Json {
    let limit = |(name, limit): (&String, &crate::stack::project::service::Ulimit)| {
        let (soft, hard) = limit.limits();
        json!({ "Name": name, "Hard": hard, "Soft": soft })
    };
    keys.ulimits.0.iter().map(limit).collect()
}

fn health(check: &HealthCheck, cx: &mut Cx<'_>) -> Json {
    if check.disable {
        if check.test.0.texts().next().is_some() {
            let what = format!("{} both disables its health check and gives one", cx.here());
            cx.fault(check.place, what, "`disable` and `test` are both given", "keep one of them");
        }
        return json!({ "Test": ["NONE"] });
    }
    let span = |span: Option<Span>| span.unwrap_or_default().0;
    Body::default()
        .some("Test", list(&check.test.0))
        .some("Interval", span(check.interval))
        .some("Timeout", span(check.timeout))
        .some("StartPeriod", span(check.start_period))
        .some("StartInterval", span(check.start_interval))
        .some("Retries", check.retries.unwrap_or_default().cast_signed())
        .into()
}

/// Capabilities to add and to drop, in the engine's spelling: adding wins, and `ALL` stands for all others.
fn capabilities(add: &Texts, drop: &Texts) -> (Json, Json) {
    let named = |texts: &Texts| {
        let mut names: BTreeSet<String> = texts.texts().map(capability).collect();
        if names.contains("ALL") {
            names.retain(|name| name == "ALL");
        }
        names
    };
    let (add, drop) = (named(add), named(drop));
    let json = |names: Vec<&String>| -> Json { names.into_iter().filter(|name| *name != "RESET").cloned().collect() };
    (json(add.iter().collect()), json(drop.difference(&add).collect()))
}

fn capability(name: &str) -> String {
    let name = name.trim().to_uppercase();
    match name.as_str() {
        "ALL" | "RESET" => name,
        _ if name.starts_with("CAP_") => name,
        _ => format!("CAP_{name}"),
    }
}

/// Always sent. The config of a credential spec is named by its name in the swarm until its id is known.
fn privileges(maker: &Maker<'_>, spec: &CredentialSpec, cx: &mut Cx<'_>) -> Json {
    let given: Vec<&str> = [("config", &spec.config), ("file", &spec.file), ("registry", &spec.registry)]
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(word, _)| word)
        .collect();
    if given.len() > 1 {
        let what = format!("service {} has more than one credential spec", maker.key);
        cx.fault(spec.place, what, format!("{} are given", given.join(" and ")), "keep one of them");
    }
    let config = super::files::credential_config(maker, cx);
    let spec = (!given.is_empty())
        .then(|| json!({ "Config": config, "File": spec.file.text, "Registry": spec.registry.text }));
    json!({ "CredentialSpec": spec, "SELinuxContext": null, "NoNewPrivileges": false })
}
