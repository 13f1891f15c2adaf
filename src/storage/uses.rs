//! Which paths of a machine a service uses: what it binds, and what its volumes are made of.

use serde_json::Value;

/// Where Docker keeps volumes, unless its data lies elsewhere.
const VOLUMES: &str = "/var/lib/docker/volumes";

/// The paths, from a service as the engine sent it. A volume that is mounted from elsewhere (NFS, CIFS) is mounted at
/// its place under Docker's own folder.
#[must_use]
pub fn uses(service: &str) -> Vec<String> {
    let Ok(service) = serde_json::from_str::<Value>(service) else { return Vec::new() };
    let mounts = service.pointer("/Spec/TaskTemplate/ContainerSpec/Mounts").and_then(Value::as_array);
    mounts.into_iter().flatten().filter_map(path).collect()
}

fn path(mount: &Value) -> Option<String> {
    let text = |pointer: &str| mount.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
    let source = text("/Source");
    if text("/Type") == Some("bind") {
        return source.map(str::to_owned);
    }
    let option = |name: &str| text(&format!("/VolumeOptions/DriverConfig/Options/{name}"));
    let is_bind = option("o").is_some_and(|options| options.split(',').any(|word| matches!(word, "bind" | "rbind")));
    match (is_bind, option("device")) {
        (true, Some(device)) => Some(device.to_owned()),
        (false, Some(_)) => source.map(|name| format!("{VOLUMES}/{name}/_data")),
        _ => None,
    }
}
