//! bollard, where its types are safe: over our connections, in the version agreed on.
//! It must never read or write a service, a task or a node: bollard's types lose health checks and fail on new words.

use std::io;
use std::time::Duration;

use bollard::errors::Error as Theirs;
use bollard::{API_DEFAULT_VERSION, BollardRequest, Docker};

use super::client::Engine;
use super::error::EngineError;
use super::http::{Http, WRITE_PATIENCE, refusal};
use crate::model::text::clean;

/// How long what goes through bollard may take.
const PATIENCE: Duration = WRITE_PATIENCE;

/// A bollard client whose requests go through our pool. bollard itself puts no version into paths; the pool does.
pub(super) fn over(http: &Http) -> Docker {
    let http = http.clone();
    let transport = move |request: BollardRequest| {
        let http = http.clone();
        async move {
            let answer = http.forward(request, PATIENCE).await;
            answer.map_err(|error| Theirs::IOError { err: io::Error::other(error) })
        }
    };
    let client = Docker::connect_with_custom_transport(
        transport,
        Some("http://docker"),
        PATIENCE.as_secs(),
        API_DEFAULT_VERSION,
    );
    #[expect(clippy::expect_used, reason = "a custom transport only stores what it is given")]
    client.expect("bollard takes any custom transport")
}

impl Engine {
    /// What bollard was asked and gave, with its error as one of ours.
    pub(super) fn borrowed<T>(&self, asked: &str, answer: Result<T, Theirs>) -> Result<T, EngineError> {
        answer.map_err(|error| {
            let (at, asked) = (self.at(), asked.to_owned());
            match error {
                Theirs::DockerResponseServerError { status_code, message } => {
                    refusal(&at, &asked, status_code, clean(&message))
                }
                Theirs::RequestTimeoutError => EngineError::TimedOut { at, asked, after: PATIENCE },
                Theirs::IOError { err } => match err.downcast::<EngineError>() {
                    Ok(ours) => ours,
                    Err(io) => EngineError::Unreachable { at, kind: io.kind(), why: clean(&io.to_string()) },
                },
                other => EngineError::NotJson { at, asked, said: String::new(), why: clean(&other.to_string()) },
            }
        })
    }
}
