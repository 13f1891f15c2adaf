//! bollard, where its types are safe: over our connections, in the version agreed on.
//! It must never read or write a service, a task or a node: bollard's types lose health checks and fail on new words.

use std::io;
use std::time::Duration;

use bollard::{API_DEFAULT_VERSION, BollardRequest, Docker};

use super::client::Engine;
use super::error::EngineError;
use super::http::{Http, refusal};

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

impl Engine {
    /// The digest that the registry has for an image at present, `sha256:…`.
    ///
    /// # Errors
    /// When the engine or the registry does not answer, or does not know the image.
    pub async fn digest_of(&self, image: &str) -> Result<String, EngineError> {
        self.found(image).await.map(|(digest, _)| digest)
    }

    /// The digest of an image and what it can run on, as (os, architecture).
    ///
    /// # Errors
    /// As [`Engine::digest_of`].
    pub async fn found(&self, image: &str) -> Result<(String, Vec<(String, String)>), EngineError> {
        let asked = format!("GET /distribution/{image}/json");
        let question = self.docker.inspect_registry_image(image, None);
        let answer = tokio::time::timeout(REGISTRY_PATIENCE, question).await.map_err(|_| EngineError::TimedOut {
            at: self.at().into(),
            asked: asked.clone(),
            after: REGISTRY_PATIENCE,
        })?;
        let found = answer.map_err(|error| self.ours(asked.clone(), error))?;
        let words = |text: Option<String>| crate::model::text::clean(&text.unwrap_or_default());
        let platforms = found.platforms.into_iter().map(|one| (words(one.os), words(one.architecture))).collect();
        match found.descriptor.digest {
            Some(digest) => Ok((crate::model::text::clean(&digest), platforms)),
            None => Err(EngineError::NotFound {
                at: self.at().into(),
                asked,
                message: format!("the registry names no digest for {image}"),
            }),
        }
    }

    /// bollard's error as one of ours.
    fn ours(&self, asked: String, error: bollard::errors::Error) -> EngineError {
        use bollard::errors::Error as Theirs;
        let at = self.at().to_owned();
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
