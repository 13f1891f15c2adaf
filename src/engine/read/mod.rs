//! From an engine's JSON to the nouns of the model. An unknown word is kept, an unknown field stays in `raw`,
//! and only an object without an id cannot be read. Text that may reach a screen is made safe here.

mod container;
mod disk;
mod image;
mod network;
mod node;
mod service;
mod task;
mod usage;
mod volume;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

pub(super) use container::container;
pub(super) use disk::{disk, pruned};
pub(super) use image::kept_image;
pub(super) use network::network;
pub(crate) use node::node;
pub(super) use service::service;
pub(super) use task::task;
pub(super) use usage::usage;
pub(super) use volume::volume;

use super::soft::{Count, Labels, Object, Text};
use crate::model::text::clean;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct VersionJson {
    index: Count,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ResourcesJson {
    #[serde(rename = "NanoCPUs")]
    nano_cpus: Count,
    #[serde(rename = "MemoryBytes")]
    memory_bytes: Count,
}

/// The object, if it can be read and has an id.
fn object<'a, T: Deserialize<'a>>(raw: &'a str, id: impl Fn(&T) -> &Text) -> Result<T, String> {
    let object: T = serde_json::from_str(raw).map_err(|error| error.to_string())?;
    if id(&object).0.is_empty() { Err("it has no id".into()) } else { Ok(object) }
}

fn index(version: Object<VersionJson>) -> crate::model::Version {
    crate::model::Version(version.or_empty().index.0)
}

fn labels(labels: Labels) -> BTreeMap<String, String> {
    labels.or_empty().into_iter().map(|(name, value)| (clean(&name), clean(&value.0))).collect()
}

/// A moment; the engine's zero (year 1) is none.
pub(super) fn moment(text: &Text) -> Option<Timestamp> {
    if text.0.is_empty() || text.0.starts_with("0001-") {
        return None;
    }
    text.0.parse().ok()
}

/// A moment in seconds; the engine's zero is none.
fn seconds(unix: i64) -> Option<Timestamp> {
    (unix > 0).then(|| Timestamp::from_second(unix).ok()).flatten()
}

/// `name:tag@sha256:…` as (name and tag, digest).
fn image(text: &str) -> (String, Option<String>) {
    match text.split_once('@') {
        Some((image, digest)) if !image.is_empty() => (clean(image), Some(clean(digest))),
        _ => (clean(text), None),
    }
}

/// The text, or a default where it is empty.
fn or(text: &Text, default: &str) -> String {
    if text.0.is_empty() { default.to_owned() } else { clean(&text.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_split_from_the_image() {
        assert_eq!(image("nginx:1.27"), ("nginx:1.27".into(), None));
        assert_eq!(image("r.io:5000/a/b:1@sha256:12"), ("r.io:5000/a/b:1".into(), Some("sha256:12".into())));
    }

    #[test]
    fn the_zero_of_the_engine_is_no_moment() {
        assert_eq!(moment(&Text("0001-01-01T00:00:00Z".into())), None);
        assert_eq!(moment(&Text("soon".into())), None);
        assert!(moment(&Text("2026-01-02T03:04:05.123456789+01:00".into())).is_some());
    }
}
