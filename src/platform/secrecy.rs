//! What stands as a secret for everybody to read in a file of the folder.

use crate::model::secret::is_secret;

/// How names end that say something of a secret, and not the secret.
const ABOUT: [&str; 29] = [
    "ALGO",
    "ALGORITHM",
    "AUDIENCE",
    "BACKEND",
    "CLAIM",
    "DISABLED",
    "DRIVER",
    "DURATION",
    "ENABLED",
    "ENDPOINT",
    "EXPIRATION",
    "FIELD",
    "FORMAT",
    "HEADER",
    "HOST",
    "ID",
    "ISSUER",
    "LIFETIME",
    "METHOD",
    "MODE",
    "POLICY",
    "PORT",
    "PREFIX",
    "PROVIDER",
    "SCOPE",
    "SCOPES",
    "USER",
    "USERNAME",
    "VALIDITY",
];

/// `key` alone names many things; `api_key` and `password` name secrets. A name that is about logging in, or that ends
/// in what one says of a secret, holds none.
pub fn is_one(name: &str) -> bool {
    let upper = name.to_uppercase();
    let rest: Vec<&str> = upper.split('_').filter(|part| *part != "AUTH").collect();
    !matches!(name.to_lowercase().as_str(), "key" | "auth" | "pass" | "salt" | "community" | "secrets")
        && !rest.last().is_some_and(|last| ABOUT.contains(last))
        && is_secret(name)
        && (rest.len() == upper.split('_').count() || is_secret(&rest.join("_")))
}

/// The value is neither a reference, nor filled in by another, nor a constant that is no secret.
pub fn is_plain(value: &str) -> bool {
    let constant = ["true", "false", "null", "none", "yes", "no", "~", "|", ">", "{", "[", "{}", "[]", "|-", ">-"];
    let filled = ["op://", "{{", "${", "$(", "%("];
    !value.is_empty()
        && !constant.contains(&value.to_lowercase().as_str())
        && !filled.iter().any(|sign| value.contains(sign))
        // Behind `!` stands how the value is found, as in `!Find [...]`.
        && !value.starts_with(['/', '*', '&', '<', '$', '[', '!'])
        && !value.contains("://")
        && value.parse::<f64>().is_err()
}

/// The value is a secret for everybody to read.
#[must_use]
pub fn gives_away(name: &str, value: &str) -> bool {
    is_one(name) && is_plain(value)
}
