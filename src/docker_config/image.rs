//! Under which key the docker CLI keeps what it knows of a registry.

/// The registry of an image that names none.
const DEFAULT: &str = "docker.io";
/// Its older name, which some images still bear.
const DEFAULT_OLD: &str = "index.docker.io";
/// The key of that registry in `config.json`: a word of the file's format, where other registries stand by their host.
const DEFAULT_KEY: &str = "https://index.docker.io/v1/";

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
    fn an_address_is_the_host_without_scheme_and_path() {
        for address in ["r.example.test:5000", "https://r.example.test:5000", "http://r.example.test:5000/v2/x"] {
            assert_eq!(hostname(address), "r.example.test:5000");
        }
        assert_eq!(config_key(DEFAULT), DEFAULT_KEY);
    }
}
