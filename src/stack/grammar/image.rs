//! Names of images: whether they can be one, and how the docker CLI writes them: without what goes without saying,
//! with a tag or a digest.

use std::sync::LazyLock;

use regex::Regex;

/// The longest repository.
const LONGEST: usize = 255;

static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    let part = "[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*";
    let label = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
    let host = format!(r"(?:{label}(?:\.{label})*|\[(?:[a-fA-F0-9:]+)\])(?::[0-9]+)?");
    let digest = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";
    let tag = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}";
    let whole = format!("^(?:({host})/)?({part}(?:/{part})*)(?::({tag}))?(?:@({digest}))?$");
    #[expect(clippy::expect_used, reason = "a constant pattern that a test compiles")]
    Regex::new(&whole).expect("the pattern is sound")
});

/// An image, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    host: String,
    path: String,
    tag: Option<String>,
    digest: Option<String>,
}

/// Reads a name; an id of an image is none.
///
/// # Errors
/// With what is wrong with it.
pub fn parse(text: &str) -> Result<Image, String> {
    if is_hex(text, 64) {
        return Err("it is an id, and no name".to_owned());
    }
    let (host, rest) = split_host(text);
    let name = rest.split(':').next().unwrap_or_default();
    if name.to_lowercase() != name {
        return Err(format!("the repository {name:?} has capital letters in it"));
    }
    let whole = format!("{host}/{rest}");
    let found = REFERENCE.captures(&whole).ok_or_else(|| format!("{text:?} is no name of an image"))?;
    let part = |at: usize| found.get(at).map(|part| part.as_str().to_owned());
    let image =
        Image { host: part(1).unwrap_or_default(), path: part(2).unwrap_or_default(), tag: part(3), digest: part(4) };
    if image.path.len() > LONGEST {
        return Err(format!("its repository is longer than {LONGEST} characters"));
    }
    match &image.digest {
        Some(digest) if !is_digest(digest) => Err(format!("{digest:?} is no digest")),
        _ => Ok(image),
    }
}

/// Whether a service may name this as its image: a name, an id or a digest.
///
/// # Errors
/// With what is wrong with it.
pub fn check(text: &str) -> Result<(), String> {
    match is_hex(text, 64) || is_digest(text) {
        true => Ok(()),
        false => parse(text).map(|_| ()),
    }
}

/// As it is sent: with a tag where it has neither tag nor digest. What is no name stays as it is.
#[must_use]
pub fn tagged(text: &str) -> String {
    match parse(text) {
        Ok(mut image) => {
            if image.tag.is_none() && image.digest.is_none() {
                image.tag = Some("latest".to_owned());
            }
            image.familiar()
        }
        Err(_) => text.to_owned(),
    }
}

/// With the digest that a registry gave; one that it has already stays.
#[must_use]
pub fn pinned(text: &str, digest: &str) -> String {
    match parse(text) {
        Ok(mut image) if image.digest.is_none() && is_digest(digest) => {
            image.digest = Some(digest.to_owned());
            image.familiar()
        }
        _ => text.to_owned(),
    }
}

/// The registry that an image is pulled from: `docker.io` unless it says otherwise.
#[must_use]
pub fn registry(text: &str) -> Option<String> {
    parse(text).ok().map(|image| image.host)
}

impl Image {
    fn familiar(&self) -> String {
        let official = self.path.strip_prefix("library/").filter(|rest| !rest.contains('/'));
        let mut text = match self.host.as_str() {
            "docker.io" => official.unwrap_or(&self.path).to_owned(),
            host => format!("{host}/{}", self.path),
        };
        for (mark, part) in [(':', &self.tag), ('@', &self.digest)] {
            if let Some(part) = part {
                text.push(mark);
                text.push_str(part);
            }
        }
        text
    }
}

fn split_host(text: &str) -> (String, String) {
    let hub = |rest: &str| {
        let rest = if rest.contains('/') { rest.to_owned() } else { format!("library/{rest}") };
        ("docker.io".to_owned(), rest)
    };
    match text.split_once('/') {
        Some(("docker.io" | "index.docker.io", rest)) => hub(rest),
        Some((host, rest)) if host == "localhost" || host.contains(['.', ':']) || host.to_lowercase() != host => {
            (host.to_owned(), rest.to_owned())
        }
        _ => hub(text),
    }
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_digest(text: &str) -> bool {
    match text.split_once(':') {
        Some(("sha256", hex)) => is_hex(hex, 64),
        Some(("sha384", hex)) => is_hex(hex, 96),
        Some(("sha512", hex)) => is_hex(hex, 128),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_the_cli_writes_them() {
        let digest = format!("sha256:{}", "a".repeat(64));
        for (text, sent) in [
            ("nginx", "nginx:latest".to_owned()),
            ("docker.io/library/nginx", "nginx:latest".to_owned()),
            ("index.docker.io/nginx:1", "nginx:1".to_owned()),
            ("library/a/b", "library/a/b:latest".to_owned()),
            ("ghcr.example.test/a/b", "ghcr.example.test/a/b:latest".to_owned()),
            ("localhost/a", "localhost/a:latest".to_owned()),
            ("host:5000/a:2", "host:5000/a:2".to_owned()),
            ("[::1]:5000/a", "[::1]:5000/a:latest".to_owned()),
            (&format!("nginx@{digest}"), format!("nginx@{digest}")),
            (&format!("nginx:1@{digest}"), format!("nginx:1@{digest}")),
            (&"b".repeat(64), "b".repeat(64)),
            (&digest, digest.clone()),
        ] {
            assert!(check(text).is_ok(), "{text}");
            assert_eq!(tagged(text), sent);
        }
        assert_eq!(pinned("nginx:1", &digest), format!("nginx:1@{digest}"));
        assert_eq!(registry("a/b").as_deref(), Some("docker.io"));
    }

    proptest::proptest! {
        #[test]
        fn what_is_sent_is_sent_as_itself(text in "([a-zA-Z.]{1,9}(:[0-9]{2})?/)?[a-z_./-]{1,12}(:[a-z0-9.]{0,5})?") {
            let sent = tagged(&text);
            proptest::prop_assert_eq!(tagged(&sent), sent);
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in ["", "Nginx", "nginx:", "nginx:a b", "a//b", "-a", "nginx@sha256:12", "host:x/a", "a_-b", " a"] {
            assert!(check(text).is_err(), "{text}");
        }
    }
}
