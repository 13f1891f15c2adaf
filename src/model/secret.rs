//! Which names hold secrets, and taking secrets out of texts and objects: by the name they stand under, by the flag they
//! stand behind, and by their value. Never tells one, in `Debug` neither.

use std::collections::BTreeSet;

use serde_json::Value;
use zeroize::Zeroizing;

/// What stands where a secret stood.
pub const HIDDEN: &str = "•••";

/// Words that make a name secret wherever they stand in it.
const ANYWHERE: [&str; 6] = ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "CREDENTIAL", "APIKEY"];
/// Words that make a name secret if they stand in it alone, between underscores.
const ALONE: [&str; 12] =
    ["KEY", "PASS", "PASSPHRASE", "PWD", "PSK", "SALT", "AUTH", "COMMUNITY", "BASICAUTH", "JWT", "DSN", "SIGNING"];
/// Endings of names that tell where a secret lies or how long it lives, and not what it is.
const HARMLESS: [&str; 11] =
    ["_SOCK", "_FILE", "_PATH", "_DIR", "_URL", "_TTL", "_TYPE", "_LENGTH", "_NAME", "_EXPIRY", "_HEADERS"];

/// Programs that take a password behind a flag of one letter.
const PROGRAMS: [&str; 11] = [
    "redis-cli",
    "valkey-cli",
    "keydb-cli",
    "mysql",
    "mysqladmin",
    "mariadb",
    "mariadb-admin",
    "mongo",
    "mongosh",
    "mongodump",
    "sshpass",
];

/// A shorter secret is taken out only where it stands as a word of its own.
const SHORT: usize = 5;
/// A shorter one is not looked for in objects, where it would be found in numbers and names.
const SHORTEST: usize = 4;

/// A variable of this name holds a secret.
#[must_use]
pub fn is_secret(name: &str) -> bool {
    let name = words(name);
    if HARMLESS.iter().any(|end| name.ends_with(end)) || name.contains("PUBLIC_KEY") || name.contains("PUBKEY") {
        return false;
    }
    ANYWHERE.iter().any(|word| name.contains(word)) || name.split('_').any(|part| ALONE.contains(&part))
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

/// A label: what its last word names. `routers.auth.rule` is a rule.
fn is_secret_label(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    is_secret(last) || ["basicauth.", "basic_auth.", "digestauth."].iter().any(|word| name.contains(word))
}

/// A flag of a command: `--requirepass` and `--masterauth` too.
fn is_secret_flag(name: &str) -> bool {
    let bare = name.trim_start_matches('-').to_lowercase();
    is_secret(&bare) || ((bare.ends_with("pass") || bare.ends_with("auth")) && name.starts_with('-'))
}

/// The value, hidden if the name of its variable is secret.
#[must_use]
pub fn under(name: &str, value: &str) -> String {
    hidden_if(is_secret(name), value)
}

/// The value, hidden if the name of its label is secret.
#[must_use]
pub fn label(name: &str, value: &str) -> String {
    hidden_if(is_secret_label(name), value)
}

fn hidden_if(secret: bool, value: &str) -> String {
    if secret && !value.is_empty() { HIDDEN.to_owned() } else { without_password(value) }
}

/// The words of a command, those hidden that stand behind a secret flag or an `=` behind a secret name.
#[must_use]
pub fn command(words: &[&str]) -> Vec<String> {
    let (mut program, mut behind) = ("", false);
    let mut told = Vec::with_capacity(words.len());
    for &word in words {
        let is_value = behind && !word.is_empty() && !word.starts_with(['-', '/']);
        told.push(if is_value { HIDDEN.to_owned() } else { argument(word, program) });
        if word.is_empty() {
            continue;
        }
        let last = word.rsplit('/').next().unwrap_or(word);
        if PROGRAMS.contains(&last) {
            program = last;
        }
        behind = match word {
            "-a" => program.ends_with("-cli"),
            "-p" => program.starts_with("mongo") || program == "sshpass",
            _ => word.starts_with('-') && !word.contains('=') && is_secret_flag(word),
        };
    }
    told
}

/// One word of a command; a whole line of a shell may stand in one.
fn argument(word: &str, program: &str) -> String {
    if let Some(quote) = word.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        return format!("{quote}{}", line(word.get(1..).unwrap_or_default()));
    }
    let sql = program.starts_with("mysql") || program.starts_with("mariadb");
    if sql && word.starts_with("-p") && word.len() > 2 {
        return format!("-p{HIDDEN}");
    }
    match word.split_once('=') {
        Some((name, value)) if word.starts_with('-') || parts(word).0.len() == 1 => {
            let secret = is_secret_flag(name) && !(name.starts_with('-') && value.starts_with('/'));
            format!("{name}={}", hidden_if(secret, value))
        }
        _ => line(word),
    }
}

/// A line of a shell, word by word.
fn line(text: &str) -> String {
    let (words, gaps) = parts(text);
    if gaps.is_empty() {
        return without_password(text);
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let gaps = gaps.iter().map(char::to_string).chain([String::new()]);
    command(&words).into_iter().zip(gaps).map(|(word, gap)| word + &gap).collect()
}

/// The words of a line and the gaps between them; quotes hold words together.
fn parts(text: &str) -> (Vec<String>, Vec<char>) {
    let (mut words, mut gaps, mut quote) = (vec![String::new()], Vec::new(), None);
    for c in text.chars() {
        if c.is_whitespace() && quote.is_none() {
            gaps.push(c);
            words.push(String::new());
            continue;
        }
        match quote {
            Some(open) if open == c => quote = None,
            None if matches!(c, '"' | '\'') => quote = Some(c),
            _ => {}
        }
        if let Some(word) = words.last_mut() {
            word.push(c);
        }
    }
    (words, gaps)
}

/// The password in `scheme://user:password@host`.
fn password_of(value: &str) -> Option<&str> {
    let (_, rest) = value.split_once("://")?;
    let authority = rest.split(['/', '?', '#', ' ', '"', ',']).next()?;
    let (login, _) = authority.rsplit_once('@')?;
    login.split_once(':').map(|(_, password)| password).filter(|password| !password.is_empty())
}

/// Every `scheme://user:password@host` in the text without its password.
fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let mut rest = without_password(rest);
    if let Some(password) = password_of(&format!("://{rest}")) {
        rest = rest.replacen(&format!(":{password}@"), &format!(":{HIDDEN}@"), 1);
    }
    format!("{scheme}://{rest}")
}

/// Values that are told nowhere, the longest first, so that none hides a part of a longer one.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secrets(Vec<Zeroizing<String>>);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} secrets", self.0.len())
    }
}

impl Secrets {
    /// Those among variables.
    pub fn of<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut found = BTreeSet::new();
        for (name, value) in variables {
            let value = value.trim();
            // Every shell has a `PWD`: where it stands.
            if is_secret(name) && name != "PWD" && is_worth_hiding(value) {
                found.insert(value.to_owned());
                found.extend(value.lines().map(str::trim).filter(|line| line.len() > SHORT).map(str::to_owned));
            }
            found.extend(password_of(value).map(str::to_owned));
        }
        let mut secrets: Vec<_> = found.into_iter().map(Zeroizing::new).collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self(secrets)
    }

    /// Those in the environments of an object, wherever in it these stand.
    #[must_use]
    pub fn in_object(object: &Value) -> Self {
        let mut variables = Vec::new();
        environments(object, &mut variables);
        Self::of(variables)
    }

    /// Both.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.0.extend(other.0.iter().cloned());
        self.0.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        self.0.dedup();
        self
    }

    /// Those that are long enough to be looked for in objects.
    #[must_use]
    pub fn long(mut self) -> Self {
        self.0.retain(|secret| secret.len() >= SHORTEST);
        self
    }

    /// The text without them, wherever in it they stand.
    #[must_use]
    pub fn over(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| without(&text, secret))
    }
}

fn is_worth_hiding(value: &str) -> bool {
    let word = value.to_lowercase();
    !["", "true", "false", "yes", "no", "on", "off", "none", "null"].contains(&word.as_str())
}

fn environments<'a>(object: &'a Value, found: &mut Vec<(&'a str, &'a str)>) {
    match object {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::Array(items) if key == "Env" => {
                        found.extend(items.iter().filter_map(|item| item.as_str()?.split_once('=')));
                    }
                    Value::Object(map) if key == "Env" => {
                        found.extend(map.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))));
                    }
                    value => environments(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| environments(item, found)),
        _ => {}
    }
}

/// Hides what is secret in a part of an object that stands under this key.
pub fn hide(value: &mut Value, key: &str, secrets: &Secrets) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if key.ends_with("Labels") => *text = secrets.over(&label(name, text)),
                    Value::String(text) if key == "Env" => *text = secrets.over(&under(name, text)),
                    value => hide(value, name, secrets),
                }
            }
        }
        Value::Array(items) if matches!(key, "Args" | "Command" | "Test") => {
            let words: Vec<&str> = items.iter().map(|item| item.as_str().unwrap_or_default()).collect();
            let told = command(&words);
            for (item, told) in items.iter_mut().zip(told).filter(|(item, _)| item.is_string()) {
                *item = Value::String(secrets.over(&told));
            }
        }
        Value::Array(items) => {
            for item in items {
                match item {
                    Value::String(text) if key == "Env" => {
                        let told = text.split_once('=').map(|(name, value)| format!("{name}={}", under(name, value)));
                        *text = secrets.over(&told.unwrap_or_else(|| text.clone()));
                    }
                    item => hide(item, key, secrets),
                }
            }
        }
        // Of a volume: `username=me,password=…`.
        Value::String(text) if key == "o" => {
            let told: Vec<String> = text.split(',').map(|option| argument(option, "")).collect();
            *text = secrets.over(&told.join(","));
        }
        Value::String(text) => *text = secrets.over(&without_password(text)),
        _ => {}
    }
}

/// The text without the secret.
fn without(text: &str, secret: &str) -> String {
    if secret.chars().count() >= SHORT {
        return text.replace(secret, HIDDEN);
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(secret) {
        let joined = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let last = before.chars().next_back().or_else(|| out.chars().next_back());
        out.push_str(before);
        out.push_str(if joined(last) || joined(after.chars().next()) { secret } else { HIDDEN });
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
            "MYSQLPASSWORD",
            "CLOUDFLARE_API_TOKEN",
            "apiKey",
            "api-key",
            "AWS_SECRET_ACCESS_KEY",
            "ROMM_AUTH_SECRET_KEY",
            "TAILSCALE_AUTH",
            "SECRET",
            "POSTGRES_PASS",
            "smtp_passwd",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "DOMAIN",
            "SSH_KEY_FILE",
            "SSH_PUBLIC_KEY",
            "KEYCLOAK_HOST",
            "KEYCLOAK_URL",
            "COMPASS",
            "TOKEN_TTL",
            "MONKEY",
            "SSH_AUTH_SOCK",
            "PATH",
        ] {
            assert!(!is_secret(name), "{name}");
        }
        assert!(is_secret_label("kuma.apiKey") && is_secret_label("traefik.http.middlewares.a.basicauth.users"));
        assert!(!is_secret_label("traefik.http.routers.auth.rule"));
    }

    #[test]
    fn a_short_secret_is_taken_out_as_a_word_only() {
        for (text, masked) in [("7 and 17 and 7", "••• and 17 and •••"), ("(7)", "(•••)"), ("77", "77")]
        {
            assert_eq!(without(text, "7"), masked);
        }
    }

    #[test]
    fn what_stands_behind_a_secret_flag_is_hidden_and_nothing_else() {
        for (words, told) in [
            (&["redis-server", "--requirepass", "hunter2", "--save", ""][..], "redis-server --requirepass ••• --save "),
            (&["redis-cli", "-a", "hunter2", "ping"], "redis-cli -a ••• ping"),
            (&["CMD-SHELL", "redis-cli -a 'hunter 2' ping | grep PONG"], "CMD-SHELL redis-cli -a ••• ping | grep PONG"),
            (&["sh", "-c", "PGPASSWORD=hunter2 psql -p 5432"], "sh -c PGPASSWORD=••• psql -p 5432"),
            (&["bash -c \"x --token  hunter2\""], "bash -c \"x --token  •••"),
            (&["mysqladmin", "ping", "-phunter2"], "mysqladmin ping -p•••"),
            (&["mongosh", "-u", "me", "-p", "hunter2", "--eval", "x"], "mongosh -u me -p ••• --eval x"),
            (&["ls", "-a", "x", "--key", "/etc/key", "--key=/etc/key"], "ls -a x --key /etc/key --key=/etc/key"),
            (
                &["x", "--url=a://b:hunter2@c/d", "a://b:c2@d,a://e:f2@g"],
                "x --url=a://b:•••@c/d a://b:•••@d,a://e:•••@g",
            ),
            (&["a=\"b c\"", "\"", "--token"], "a=\"b c\" \" --token"),
        ] {
            assert_eq!(command(words).join(" "), told);
        }
    }
}
