//! Names of images: what is left out of them, spelt out, and which digest a wish comes to.

use serde_json::{Value, json};

use super::draft::Resolve;
use super::truth::{Image, Truth, text};
use crate::stack::IMAGE;

/// The name of an image with its tag and without what goes without saying, as `nginx:latest`. A digest stays.
#[must_use]
pub fn full_name(image: &str) -> String {
    crate::stack::tagged(image)
}

fn is_id(name: &str) -> bool {
    name.len() == 64 && name.chars().all(|c| c.is_ascii_hexdigit())
}

/// The name without its digest.
fn tag(image: &str) -> &str {
    image.split_once('@').map_or(image, |(tag, _)| tag)
}

/// Whether a registry must be asked for it.
#[must_use]
pub fn needs_digest(image: &str) -> bool {
    !image.contains('@') && !is_id(image)
}

/// What to write for an image, and what to say about it.
pub(super) struct Chosen {
    /// The image.
    pub image: String,
    /// Platforms, where a registry named them.
    pub platforms: Option<Value>,
    /// Why no registry could be asked.
    pub unknown: Option<String>,
}

/// What a wish comes to, beside what is there.
pub(super) fn choose(wished: &Value, live: Option<&Value>, truth: &Truth, resolve: Resolve) -> Chosen {
    let image = full_name(text(wished, "/TaskTemplate/ContainerSpec/Image"));
    let there = live.map(|live| text(live, "/TaskTemplate/ContainerSpec/Image")).filter(|image| !image.is_empty());
    let written = |spec: &Value| spec.get("Labels").and_then(|labels| labels.get(IMAGE)).cloned();
    let as_it_is = |image: &str| Chosen { image: image.to_owned(), platforms: None, unknown: None };
    if let Some(there) = there {
        if full_name(there) == image {
            return as_it_is(there);
        }
        let same_file = live.is_some_and(|live| written(live).is_some() && written(live) == written(wished));
        if resolve != Resolve::Always && same_file {
            return as_it_is(there);
        }
    }
    if resolve == Resolve::Never || !needs_digest(&image) {
        return as_it_is(&image);
    }
    match truth.images.get(&image) {
        Some(Image::Found { digest, platforms }) => {
            let list = platforms.iter().map(|(arch, os)| platform(arch, os)).collect();
            let pinned = format!("{image}@{digest}");
            match there {
                Some(there) if full_name(there) == pinned => as_it_is(there),
                _ => Chosen { image: pinned, platforms: Some(Value::Array(list)), unknown: None },
            }
        }
        other => {
            let why = match other {
                Some(Image::Unknown(why)) => why.clone(),
                _ => "its registry was not asked".to_owned(),
            };
            let image = there.filter(|there| full_name(tag(there)) == image).unwrap_or(&image);
            Chosen { image: image.to_owned(), platforms: None, unknown: Some(why) }
        }
    }
}

fn platform(arch: &str, os: &str) -> Value {
    if arch.is_empty() { json!({"OS": os}) } else { json!({"Architecture": arch, "OS": os}) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_without_saying_is_left_out_or_spelt_out() {
        for (said, full) in [
            ("nginx", "nginx:latest"),
            ("docker.io/library/nginx:1", "nginx:1"),
            ("ghcr.io/a/b", "ghcr.io/a/b:latest"),
            ("localhost:5000/a", "localhost:5000/a:latest"),
            ("localhost:5000/a:2", "localhost:5000/a:2"),
            ("a@sha256:1", "a@sha256:1"),
        ] {
            assert_eq!(full_name(said), full);
        }
    }
}
