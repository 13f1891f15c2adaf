//! What a registry has, asked through the engine: it knows the way there, and who may look.

use std::time::Duration;

use serde::Deserialize;

use super::client::Engine;
use super::error::EngineError;
use super::http::Call;
use super::soft::{List, Object, Text};
use crate::model::text::clean;

/// The registry is asked through the engine, and it is further away.
const REGISTRY_PATIENCE: Duration = Duration::from_secs(30);

/// What a registry says of an image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AtRegistry {
    /// `sha256:…`
    pub digest: String,
    /// What it runs on, as architecture and system. An empty architecture fits all: so `arm` is told, since nodes
    /// name their kinds of it in other words.
    pub platforms: Vec<(String, String)>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct DistributionJson {
    #[serde(rename = "Descriptor")]
    descriptor: Object<DescriptorJson>,
    #[serde(rename = "Platforms")]
    platforms: List<PlatformJson>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct DescriptorJson {
    digest: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PlatformJson {
    architecture: Text,
    os: Text,
}

impl Engine {
    /// What the registry has under the name of an image at present. `auth` is the `X-Registry-Auth` header: bollard
    /// would write it in another alphabet than the engine reads, so this goes past it.
    ///
    /// # Errors
    /// When the engine or the registry does not answer, or does not know the image.
    pub async fn at_registry(&self, image: &str, auth: Option<&str>) -> Result<AtRegistry, EngineError> {
        let call = Call::get(format!("/distribution/{image}/json")).authorised(auth).within(REGISTRY_PATIENCE);
        let text = self.http.text(&call).await?;
        let found: DistributionJson = self.http.json(&call, &text)?;
        let digest = clean(&found.descriptor.or_empty().digest.0);
        if digest.is_empty() {
            let message = format!("the registry names no digest for {image}");
            return Err(EngineError::NotFound { at: self.at(), asked: call.asked(), message });
        }
        let platform = |platform: &PlatformJson| {
            let architecture = platform.architecture.0.as_str();
            let architecture = if architecture.eq_ignore_ascii_case("arm") { "" } else { architecture };
            (architecture.to_owned(), platform.os.0.clone())
        };
        Ok(AtRegistry { digest, platforms: found.platforms.0.iter().map(platform).collect() })
    }
}
