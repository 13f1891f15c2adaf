//! Images on an engine, from JSON.

use serde::Deserialize;

use super::super::soft::{Count, List, Text, Whole};
use super::{object, seconds};
use crate::model::Image;
use crate::model::text::clean;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct ImageJson {
    id: Text,
    repo_tags: List<Text>,
    pub(super) size: Count,
    pub(super) shared_size: Whole,
    pub(super) containers: Whole,
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

pub(super) fn tags(json: &ImageJson) -> Vec<String> {
    json.repo_tags.0.iter().filter(|tag| tag.0 != "<none>:<none>").map(|tag| clean(&tag.0)).collect()
}
