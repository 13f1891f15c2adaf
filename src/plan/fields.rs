//! What exactly is different between two specs of one form, field by field. Values that look secret are not told.

use serde_json::Value;

use super::canon::below;
use super::change::Field;
use crate::stack;

/// Longer values are cut: a plan is read by people.
const LONGEST: usize = 200;

/// A variable whose name has one of these words in it holds something that is nobody's business.
const SECRET_WORDS: &[&str] =
    &["PASS", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "AUTH", "PRIVATE", "SALT", "COOKIE", "SIGNING", "DSN"];

/// All fields in which two specs differ, in the order in which they stand.
pub fn differences(old: Option<&Value>, new: Option<&Value>) -> Vec<Field> {
    let mut fields = Vec::new();
    compare("", old, new, &mut fields);
    fields
}

fn compare(path: &str, old: Option<&Value>, new: Option<&Value>, fields: &mut Vec<Field>) {
    if old == new {
        return;
    }
    let maps = (old.map(Value::as_object), new.map(Value::as_object));
    let (before, after) = match maps {
        (Some(Some(old)), Some(Some(new))) => (Some(old), Some(new)),
        // What comes or goes whole is told part by part, so that each part has its place.
        (Some(Some(old)), None) if !path.is_empty() => (Some(old), None),
        (None, Some(Some(new))) if !path.is_empty() => (None, Some(new)),
        _ => {
            fields.push(field(path, old, new));
            return;
        }
    };
    let mut keys: Vec<&String> = before.iter().flat_map(|map| map.keys()).collect();
    keys.extend(after.iter().flat_map(|map| map.keys()).filter(|key| before.is_none_or(|map| !map.contains_key(*key))));
    for key in keys {
        let old = before.and_then(|map| map.get(key));
        compare(&below(path, key), old, after.and_then(|map| map.get(key)), fields);
    }
}

fn field(path: &str, old: Option<&Value>, new: Option<&Value>) -> Field {
    let secret = is_secret(path) || [old, new].into_iter().flatten().any(|value| holds_password(&said(value)));
    let told = |value: Option<&Value>, hidden: &str| {
        value.map(|value| if secret { hidden.to_owned() } else { cut(&said(value)) })
    };
    let differs = if old.is_some() { "(hidden, another)" } else { "(hidden)" };
    Field { path: path.to_owned(), old: told(old, "(hidden)"), new: told(new, differs) }
}

fn said(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn cut(text: &str) -> String {
    let mut chars = text.chars();
    let short: String = chars.by_ref().take(LONGEST).collect();
    if chars.next().is_some() { format!("{short}…") } else { short }
}

/// A variable of the environment whose name says that it holds a secret.
fn is_secret(path: &str) -> bool {
    let Some(name) = path.strip_prefix("TaskTemplate.ContainerSpec.Env.") else { return false };
    let name = name.to_ascii_uppercase();
    // `…_FILE` names a file that holds the secret, and not the secret.
    !name.ends_with("_FILE") && SECRET_WORDS.iter().any(|word| name.contains(word))
}

/// An address with a password in it, as in `postgres://user:password@host`.
fn holds_password(text: &str) -> bool {
    text.match_indices("://").any(|(at, mark)| {
        let rest = text.get(at + mark.len()..).unwrap_or_default();
        let authority = rest.split(['/', '?', '#', ' ', '"', ',']).next().unwrap_or_default();
        authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'))
    })
}

/// The content of a secret or config as something that can be told apart and not be read back.
///
/// A label and a name can be read by everybody who may look at the swarm, and passwords are short: a plain hash could
/// be guessed back. So it is made slow to compute, and differs from name to name.
pub fn fingerprint(name: &str, payload: &stack::Payload) -> String {
    let mut mark = [0_u8; 12];
    let salt = format!("quarterdeck content of {name}");
    ring::pbkdf2::derive(ring::pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, salt.as_bytes(), &payload.0, &mut mark);
    mark.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How slow: some milliseconds.
const ROUNDS: std::num::NonZeroU32 = std::num::NonZeroU32::MIN.saturating_add(19_999);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_differs_is_named_and_what_comes_whole_is_named_in_parts() {
        let old = json!({"a": {"x": 1, "y": [1, 2]}, "gone": "b"});
        let new = json!({"a": {"x": 1, "y": [1, 3]}, "new": {"deep": {"er": true}}});
        let told: Vec<(String, Option<String>, Option<String>)> =
            differences(Some(&old), Some(&new)).into_iter().map(|f| (f.path, f.old, f.new)).collect();
        let some = |text: &str| Some(text.to_owned());
        let expected = [
            ("a.y".to_owned(), some("[1,2]"), some("[1,3]")),
            ("gone".to_owned(), some("b"), None),
            ("new.deep.er".to_owned(), None, some("true")),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn what_looks_secret_is_not_told() {
        let env = |name: &str, value: &str| json!({"TaskTemplate": {"ContainerSpec": {"Env": {name: value}}}});
        for (name, old, new) in [
            ("DB_PASSWORD", "hunter2", "hunter3"),
            ("URL", "x", "postgres://me:hunter3@db/x"),
            ("api_key", "a", "hunter3"),
        ] {
            let told = differences(Some(&env(name, old)), Some(&env(name, new)));
            assert_eq!(told.len(), 1);
            assert!(!format!("{told:?}").contains("hunter"), "{told:?}");
        }
        let plain = differences(Some(&env("PASSWORD_FILE", "/a")), Some(&env("PASSWORD_FILE", "/b")));
        assert_eq!(plain[0].new.as_deref(), Some("/b"));
    }

    #[test]
    fn a_fingerprint_tells_contents_and_names_apart() {
        let payload = |text: &str| stack::Payload(zeroize::Zeroizing::new(text.as_bytes().to_vec()));
        let one = fingerprint("a", &payload("x"));
        assert_eq!((one.len(), &one), (24, &fingerprint("a", &payload("x"))));
        assert_ne!(one, fingerprint("a", &payload("y")));
        assert_ne!(one, fingerprint("b", &payload("x")));
    }
}
