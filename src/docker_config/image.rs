//! Which registry an image comes from, and under which key the docker CLI keeps what it knows of that registry.

/// The registry of an image that names none.
const DEFAULT: &str = "docker.io";
/// Its older name, which some images still bear.
const DEFAULT_OLD: &str = "index.docker.io";
/// The key of that registry in `config.json`: a word of the file's format, where other registries stand by their host.
const DEFAULT_KEY: &str = "https://index.docker.io/v1/";

/// The host of the registry, with its port if one is named. What stands before the first slash is one if it has a dot
/// or a colon, or is `localhost`, or has a capital letter, which no repository may have.
#[must_use]
pub fn registry_of(image: &str) -> String {
    let registry = match image.split_once('/') {
        Some((first, _))
            if first.contains(['.', ':']) || first == "localhost" || first.chars().any(char::is_uppercase) =>
        {
            first
        }
        _ => DEFAULT,
    };
    if registry == DEFAULT_OLD { DEFAULT.to_owned() } else { registry.to_owned() }
}

/// The key of this registry.
pub(super) fn config_key(registry: &str) -> &str {
    if registry == DEFAULT || registry == DEFAULT_OLD { DEFAULT_KEY } else { registry }
}

/// The host in an address with or without scheme and path.
pub(super) fn hostname(address: &str) -> &str {
    let bare = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://")).unwrap_or(address);
    bare.split('/').next().unwrap_or(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_of_an_image_is_what_stands_before_the_first_slash_if_it_looks_like_a_host() {
        for (image, registry) in [
            ("nginx", DEFAULT),
            ("nginx:1.27", DEFAULT),
            ("library/nginx:1.27@sha256:ab", DEFAULT),
            ("team/app", DEFAULT),
            ("localhost/app", "localhost"),
            ("localhost:5000/app:1", "localhost:5000"),
            ("registry:5000/a/b", "registry:5000"),
            ("registry.example.test/a/b:1", "registry.example.test"),
            ("192.0.2.1/app", "192.0.2.1"),
            ("Registry/app", "Registry"),
            (&format!("{DEFAULT_OLD}/library/nginx"), DEFAULT),
        ] {
            assert_eq!(registry_of(image), registry, "{image}");
        }
    }

    #[test]
    fn an_address_is_the_host_without_scheme_and_path() {
        for address in ["r.example.test:5000", "https://r.example.test:5000", "http://r.example.test:5000/v2/x"] {
            assert_eq!(hostname(address), "r.example.test:5000");
        }
        assert_eq!(config_key(DEFAULT), DEFAULT_KEY);
    }
}
