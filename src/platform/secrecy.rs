//! Which names hold secrets, and taking a secret out of a text.

/// Words that make a name secret wherever they stand in it.
const ANYWHERE: [&str; 6] = ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "CREDENTIAL", "APIKEY"];
/// Words that make a name secret if they stand in it alone, between underscores.
const ALONE: [&str; 8] = ["KEY", "PASS", "PASSPHRASE", "PWD", "PSK", "SALT", "AUTH", "COMMUNITY"];
/// Endings of names that tell where a secret lies or how long it lives, and not what it is.
const HARMLESS: [&str; 9] = ["_FILE", "_PATH", "_DIR", "_URL", "_TTL", "_TYPE", "_LENGTH", "_NAME", "_EXPIRY"];
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

/// A shorter secret is taken out only where it stands as a word of its own.
const SHORT: usize = 5;

/// A variable of this name holds a secret.
#[must_use]
pub fn is_secret(name: &str) -> bool {
    let name = words(name);
    if HARMLESS.iter().any(|end| name.ends_with(end)) || name.contains("PUBLIC_KEY") || name.contains("PUBKEY") {
        return false;
    }
    ANYWHERE.iter().any(|word| name.contains(word)) || name.split('_').any(|part| ALONE.contains(&part))
}

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

/// `apiKey`, `api-key` and `api.key` as `API_KEY`.
fn words(name: &str) -> String {
    let mut out = String::new();
    let mut small = false;
    for c in name.chars() {
        if c.is_uppercase() && small {
            out.push('_');
        }
        small = c.is_lowercase() || c.is_ascii_digit();
        out.extend(if c.is_alphanumeric() { c.to_uppercase().collect::<Vec<_>>() } else { vec!['_'] });
    }
    out
}

/// What must not be shown of a variable: its value if its name is secret, each long line of it, and the password of
/// an address.
pub fn secrets_of(name: &str, value: &str) -> Vec<String> {
    let value = value.trim();
    let mut secrets = Vec::new();
    if is_secret(name) && is_worth_hiding(value) {
        secrets.push(value.to_owned());
        secrets.extend(
            value.lines().map(str::trim).filter(|line| line.len() > SHORT && *line != value).map(str::to_owned),
        );
    }
    secrets.extend(password_of(value).map(str::to_owned));
    secrets
}

fn is_worth_hiding(value: &str) -> bool {
    let word = value.to_lowercase();
    !["", "true", "false", "yes", "no", "on", "off", "none", "null"].contains(&word.as_str())
}

/// The password in `scheme://user:password@host`.
fn password_of(value: &str) -> Option<&str> {
    let (_, rest) = value.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (login, _) = authority.rsplit_once('@')?;
    login.split_once(':').map(|(_, password)| password).filter(|password| !password.is_empty())
}

/// The text without the secret.
pub fn without(text: &str, secret: &str, mask: &str) -> String {
    if secret.chars().count() >= SHORT {
        return text.replace(secret, mask);
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(secret) {
        let joined = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let last = before.chars().next_back().or_else(|| out.chars().next_back());
        out.push_str(before);
        out.push_str(if joined(last) || joined(after.chars().next()) { secret } else { mask });
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_whether_it_holds_a_secret() {
        for name in [
            "DB_PASSWORD",
            "CLOUDFLARE_API_TOKEN",
            "apiKey",
            "api-key",
            "ROMM_AUTH_SECRET_KEY",
            "TAILSCALE_AUTH",
            "SECRET",
            "POSTGRES_PASS",
            "smtp_passwd",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["DOMAIN", "SSH_KEY_FILE", "SSH_PUBLIC_KEY", "KEYCLOAK_HOST", "COMPASS", "TOKEN_TTL", "MONKEY"] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn a_short_secret_is_taken_out_as_a_word_only() {
        for (text, masked) in [("7 and 17 and 7", "* and 17 and *"), ("(7)", "(*)"), ("77", "77")] {
            assert_eq!(without(text, "7", "*"), masked);
        }
    }
}
