//! What the containers of an image do once they run. Must never decide where they run.

use std::time::Duration;

/// What every container of one image does. Images that are not named are [`Behaviour::Healthy`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Behaviour {
    /// Starts, becomes healthy if it has a health check, and runs on. As a one-shot it ends well.
    #[default]
    Healthy,
    /// Needs this long until its health check passes (or until it runs, without one).
    Slow(Duration),
    /// Its health check never passes: the task fails as unhealthy. Without a health check it runs on.
    Sick,
    /// As [`Behaviour::Sick`], but ends with exit code 0 on SIGTERM: the task says `complete` and no reason.
    SickQuietly,
    /// Ends with this code after running for a time, having said a line on standard error.
    Crashing {
        /// Exit code.
        code: i64,
        /// How long it runs.
        after: Duration,
        /// Its last words.
        line: String,
    },
    /// Does its work and ends with code 0.
    OneShot(Duration),
    /// The node cannot get the image: every task is rejected with `No such image`.
    Missing,
    /// No node can run it: every task is rejected with these words.
    Refused(String),
    /// Healthy, and writes a log line this often.
    Chatty(Duration),
    /// Healthy, and writes nothing.
    Silent,
}

impl Behaviour {
    /// Crashes with this code after about a second.
    #[must_use]
    pub fn crashing(code: i64, line: &str) -> Self {
        Self::Crashing { code, after: Duration::from_millis(1200), line: line.to_owned() }
    }
}

/// An image reference as behaviours are kept by: familiar name, a tag, no digest.
pub(crate) fn plain_image(image: &str) -> String {
    let image = image.split_once('@').map_or(image, |(name, _)| name);
    let image = image.strip_prefix("docker.io/").unwrap_or(image);
    let image = image.strip_prefix("library/").unwrap_or(image);
    let last = image.rsplit('/').next().unwrap_or(image);
    if last.contains(':') { image.to_owned() } else { format!("{image}:latest") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_image_has_one_plain_name() {
        for image in ["nginx", "nginx:latest", "docker.io/library/nginx:latest@sha256:00", "docker.io/library/nginx"] {
            assert_eq!(plain_image(image), "nginx:latest");
        }
        assert_eq!(plain_image("reg:5000/a/b"), "reg:5000/a/b:latest");
    }
}
