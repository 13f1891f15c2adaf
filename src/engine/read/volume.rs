//! Volumes on an engine, from JSON. What mounts one from elsewhere may hold a password, and is left out.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::soft::{Labels, Object, Text, Whole};
use super::{moment, object};
use crate::model::Volume;
use crate::model::text::clean;

/// The label of a volume that no person named.
const ANONYMOUS: &str = "com.docker.volume.anonymous";

/// The label that names the stack a volume was made for.
const STACK: &str = "com.docker.stack.namespace";

/// As many letters has the name that an engine makes up for a volume.
const MADE_UP: usize = 64;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct VolumeJson {
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

pub(super) fn whole_volume(json: VolumeJson) -> Volume {
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
