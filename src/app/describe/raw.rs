//! A thing as the engine sent it, as YAML in the engine's order. What looks secret is masked.

use serde_json::Value;

use crate::app::Subject;
use crate::model::Picture;

/// What stands for a secret.
const MASK: &str = "•••";

/// What the engine sent about a thing; none for what is not the engine's.
#[must_use]
pub fn raw<'a>(subject: &Subject, picture: &'a Picture) -> Option<&'a str> {
    let swarm = &picture.swarm;
    match subject {
        Subject::Node(id) => swarm.nodes.get(id).map(|node| node.raw.as_ref()),
        Subject::Service(id) => swarm.services.get(id).map(|service| service.raw.as_ref()),
        Subject::Task(service, id) => {
            swarm.tasks_of(service).iter().find(|task| task.id == *id).map(|task| task.raw.as_ref())
        }
        _ => None,
    }
}

/// JSON as YAML, keys in their order, secrets masked. What is not JSON is shown as it is, cleaned.
#[must_use]
pub fn raw_yaml(raw: &str) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(raw) else { return crate::model::text::clean(raw) };
    hide(&mut value, "");
    let yaml = serde_yaml::to_string(&value).unwrap_or_else(|error| format!("cannot be shown as YAML: {error}"));
    yaml.lines().map(crate::model::text::clean).collect::<Vec<_>>().join("\n")
}

fn hide(value: &mut Value, key: &str) {
    match value {
        Value::Object(fields) => {
            let are_labels = key.ends_with("Labels");
            for (name, value) in fields {
                match value {
                    Value::String(text) if are_labels => *text = mask(name, text),
                    value => hide(value, name),
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                match item {
                    Value::String(text) if matches!(key, "Env" | "Args" | "Command") => *text = assignment(text),
                    item => hide(item, key),
                }
            }
        }
        Value::String(text) => *text = without_password(text),
        _ => {}
    }
}

/// `NAME=value` and `--name=value` with the value masked if the name looks secret.
fn assignment(text: &str) -> String {
    match text.split_once('=') {
        Some((name, value)) => format!("{name}={}", mask(name, value)),
        None => without_password(text),
    }
}

/// The value, masked if the name looks secret.
#[must_use]
pub fn mask(name: &str, value: &str) -> String {
    if !value.is_empty() && is_secret(name) { MASK.to_owned() } else { without_password(value) }
}

/// One of the words of the name means a secret. A path to one (`…_FILE`) is none.
fn is_secret(name: &str) -> bool {
    const WORDS: [&str; 15] = [
        "password",
        "passwd",
        "passphrase",
        "pass",
        "pwd",
        "token",
        "secret",
        "secrets",
        "key",
        "apikey",
        "credential",
        "credentials",
        "auth",
        "basicauth",
        "jwt",
    ];
    const ENDS: [&str; 5] = ["password", "passwd", "token", "secret", "apikey"];
    let words: Vec<String> = words(name);
    let last = words.last().map_or("", String::as_str);
    if matches!(last, "file" | "path" | "dir" | "name" | "id") {
        return false;
    }
    words.iter().any(|word| WORDS.contains(&word.as_str()) || ENDS.iter().any(|end| word.ends_with(end)))
}

/// `camelCase`, `SNAKE_CASE` and `dotted.names` as small words.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && was_small) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_ascii_alphanumeric()) {
            word.push(c.to_ascii_lowercase());
        }
        was_small = c.is_ascii_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// `scheme://user:password@host` without its password.
fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let end = rest.find(['/', ' ', '?', '"']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    match authority.rsplit_once('@').and_then(|(login, host)| Some((login.split_once(':')?, host))) {
        Some(((user, password), host)) if !password.is_empty() => format!("{scheme}://{user}:{MASK}@{host}{path}"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_their_order_and_secrets_are_masked() {
        let raw = r#"{"Spec":{"Name":"web","TaskTemplate":{"ContainerSpec":{"Image":"web:1",
            "Env":["POSTGRES_PASSWORD=hunter2","PASSWORD_FILE=/run/secrets/pw","TZ=UTC","API_KEY=","KEYCLOAK_URL=http://x",
            "DATABASE_URL=postgres://app:hunter2@db/app","EMPTY"],"Args":["--token=abc","--port=80"]}},
            "Labels":{"kuma.apiKey":"abc","a":"b"}},"ID":"1"}"#;
        let yaml = raw_yaml(raw);
        assert!(!yaml.contains("hunter2") && !yaml.contains("abc"), "{yaml}");
        assert_eq!(
            yaml,
            "Spec:\n  Name: web\n  TaskTemplate:\n    ContainerSpec:\n      Image: web:1\n      Env:\n      - POSTGRES_PASSWORD=•••\n      \
             - PASSWORD_FILE=/run/secrets/pw\n      - TZ=UTC\n      - API_KEY=\n      - KEYCLOAK_URL=http://x\n      \
             - DATABASE_URL=postgres://app:•••@db/app\n      - EMPTY\n      Args:\n      - --token=•••\n      - --port=80\n  \
             Labels:\n    kuma.apiKey: •••\n    a: b\nID: '1'"
        );
    }

    #[test]
    fn names_that_look_secret_are_told_from_those_that_do_not() {
        for (name, secret) in [
            ("DB_PASSWORD", true),
            ("MYSQLPASSWORD", true),
            ("githubToken", true),
            ("AWS_SECRET_ACCESS_KEY", true),
            ("CREDENTIALS", true),
            ("KEYCLOAK_URL", false),
            ("MONKEY", false),
            ("SECRET_FILE", false),
            ("PATH", false),
            ("TOKENIZER", false),
        ] {
            assert_eq!(is_secret(name), secret, "{name}");
        }
    }

    #[test]
    fn what_is_no_json_is_shown_without_control_characters() {
        assert_eq!(raw_yaml("not\x1b[2J json"), "not json");
    }
}
