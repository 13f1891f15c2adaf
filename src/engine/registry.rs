//! bollard, where its types are safe: over our connections, in the version agreed on.
//! It must never read or write a service, a task or a node: bollard's types lose health checks and fail on new words.

use std::io;
use std::time::Duration;

use bollard::{API_DEFAULT_VERSION, BollardRequest, Docker};
use serde::Deserialize;

use super::client::Engine;
use super::error::EngineError;
use super::http::{Call, Http, refusal};
use super::soft::{List, Object, Text};
use crate::model::text::clean;

/// The registry is asked through the engine, and it is further away.
const REGISTRY_PATIENCE: Duration = Duration::from_secs(30);

/// A bollard client whose requests go through our pool. bollard itself puts no version into paths; the pool does.
pub(super) fn bollard_over(http: &Http) -> Docker {
    let http = http.clone();
    let transport = move |request: BollardRequest| {
        let http = http.clone();
        async move {
            let answer = http.forward(request, REGISTRY_PATIENCE).await;
            answer.map_err(|error| bollard::errors::Error::IOError { err: io::Error::other(error) })
        }
    };
    let seconds = REGISTRY_PATIENCE.as_secs();
    let client = Docker::connect_with_custom_transport(transport, Some("http://docker"), seconds, API_DEFAULT_VERSION);
    #[expect(clippy::expect_used, reason = "a custom transport only stores what it is given")]
    client.expect("bollard takes any custom transport")
}

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

    /// The digest that the registry has for an image at present, `sha256:…`.
    ///
    /// # Errors
    /// When the engine or the registry does not answer, or does not know the image.
    pub async fn digest_of(&self, image: &str) -> Result<String, EngineError> {
        match self.digest_here(image).await {
            Err(error) if self.http.has_others() && error.is_before_any_change() => self.digest_here(image).await,
            answer => answer,
        }
    }

    async fn digest_here(&self, image: &str) -> Result<String, EngineError> {
        let asked = format!("GET /distribution/{image}/json");
        let question = self.docker.inspect_registry_image(image, None);
        let answer = tokio::time::timeout(REGISTRY_PATIENCE, question).await.map_err(|_| EngineError::TimedOut {
            at: self.at(),
            asked: asked.clone(),
            after: REGISTRY_PATIENCE,
        })?;
        let found = answer.map_err(|error| self.ours(asked.clone(), error))?;
        found.descriptor.digest.map(|digest| crate::model::text::clean(&digest)).ok_or_else(|| EngineError::NotFound {
            at: self.at(),
            asked,
            message: format!("the registry names no digest for {image}"),
        })
    }

    /// bollard's error as one of ours.
    fn ours(&self, asked: String, error: bollard::errors::Error) -> EngineError {
        use bollard::errors::Error as Theirs;
        let at = self.at();
        match error {
            Theirs::DockerResponseServerError { status_code, message } => {
                refusal(&at, &asked, status_code, crate::model::text::clean(&message))
            }
            Theirs::RequestTimeoutError => EngineError::TimedOut { at, asked, after: REGISTRY_PATIENCE },
            Theirs::IOError { err } => match err.downcast::<EngineError>() {
                Ok(ours) => ours,
                Err(io) => EngineError::Unreachable { at, kind: io.kind(), why: io.to_string() },
            },
            other => {
                let why = crate::model::text::clean(&other.to_string());
                EngineError::NotJson { at, asked, said: String::new(), why }
            }
        }
    }
}
