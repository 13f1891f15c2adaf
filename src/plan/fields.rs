//! What exactly is different between two specs of one form, field by field. Values that look secret are not told.

use serde_json::Value;

use super::canon::below;
use super::change::Field;
use crate::model::secret::{HIDDEN, Secrets, hide};
use crate::stack;

/// Longer values are cut: a plan is read by people.
const LONGEST: usize = 200;

/// All fields in which two specs differ, in the order in which they stand; told without these values.
pub fn differences(old: Option<&Value>, new: Option<&Value>, hidden: &Secrets) -> Vec<Field> {
    let own = [old, new].into_iter().flatten().map(|spec| Secrets::in_object(spec).long());
    let hidden = own.fold(hidden.clone(), |all, own| all.and(&own));
    let mut fields = Vec::new();
    compare("", (old, new), &hidden, &mut fields);
    fields
}

fn compare(path: &str, (old, new): (Option<&Value>, Option<&Value>), hidden: &Secrets, fields: &mut Vec<Field>) {
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
            fields.push(field(path, old, new, hidden));
            return;
        }
    };
    let mut keys: Vec<&String> = before.iter().flat_map(|map| map.keys()).collect();
    keys.extend(after.iter().flat_map(|map| map.keys()).filter(|key| before.is_none_or(|map| !map.contains_key(*key))));
    for key in keys {
        let both = (before.and_then(|map| map.get(key)), after.and_then(|map| map.get(key)));
        compare(&below(path, key), both, hidden, fields);
    }
}

fn field(path: &str, old: Option<&Value>, new: Option<&Value>, hidden: &Secrets) -> Field {
    let told = |value: Option<&Value>| value.map(|value| without(path, value, hidden));
    let (mut before, mut after) = (told(old), told(new));
    if let (Some(before), Some(was), Some(after)) = (&mut before, new, &after) {
        alike(before, was, after);
    }
    let same = before == after;
    if let Some(Value::String(after)) = &mut after
        && same
    {
        after.push_str(" (another)");
    } else if let Some(Value::Array(items)) = &mut after
        && same
    {
        items.push(Value::from("(another)"));
    }
    let told = |value: Option<Value>| value.map(|value| cut(&said(&value)));
    Field { path: path.to_owned(), old: told(before), new: told(after) }
}

/// The value at this path without what is secret in it.
fn without(path: &str, value: &Value, hidden: &Secrets) -> Value {
    let mut value = value.clone();
    for map in ["TaskTemplate.ContainerSpec.Env", "TaskTemplate.ContainerSpec.Labels", "Labels"] {
        if let Some(name) = path.strip_prefix(map).and_then(|rest| rest.strip_prefix('.')) {
            let mut whole = Value::Object([(name.to_owned(), value)].into_iter().collect());
            hide(&mut whole, map.rsplit('.').next().unwrap_or(map), hidden);
            return whole.get_mut(name).map(Value::take).unwrap_or_default();
        }
    }
    hide(&mut value, path.rsplit('.').next().unwrap_or(path), hidden);
    value
}

/// Where a value of today is hidden by what it is, the one that stood in its place is hidden too: nobody knows it by
/// its value any more.
fn alike(before: &mut Value, new: &Value, after: &Value) {
    match (before, new, after) {
        (Value::String(before), Value::String(new), Value::String(after)) if new != after => {
            let (Some((head, _)), Some((_, tail))) = (after.split_once(HIDDEN), after.rsplit_once(HIDDEN)) else {
                return;
            };
            if before.len() > head.len() + tail.len() && before.starts_with(head) && before.ends_with(tail) {
                *before = format!("{head}{HIDDEN}{tail}");
            }
        }
        (Value::Array(before), Value::Array(new), Value::Array(after)) => {
            let ahead: Vec<Value> = std::iter::once(Value::Null).chain(before.iter().cloned()).collect();
            let mut last = &Value::Null;
            for (new, after) in new.iter().zip(after) {
                for (before, ahead) in before.iter_mut().zip(&ahead) {
                    if new != after && (after != HIDDEN || ahead == last) {
                        alike(before, new, after);
                    }
                }
                last = after;
            }
        }
        _ => {}
    }
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
            differences(Some(&old), Some(&new), &Secrets::default())
                .into_iter()
                .map(|f| (f.path, f.old, f.new))
                .collect();
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
            let told = differences(Some(&env(name, old)), Some(&env(name, new)), &Secrets::default());
            assert_eq!(told.len(), 1);
            assert!(!format!("{told:?}").contains("hunter"), "{told:?}");
        }
        let plain =
            differences(Some(&env("PASSWORD_FILE", "/a")), Some(&env("PASSWORD_FILE", "/b")), &Secrets::default());
        assert_eq!(plain[0].new.as_deref(), Some("/b"));
    }

    #[test]
    fn a_secret_is_told_nowhere_in_a_command_neither_the_new_one_nor_the_one_before() {
        let spec = |secret: &str, more: &str| {
            json!({"TaskTemplate": {"ContainerSpec": {
                "Args": ["redis-server", more, "--requirepass", secret, "--opt", secret, format!("user={secret};")],
                "Healthcheck": {"Test": ["CMD-SHELL", format!("redis-cli -a {secret} ping"), format!("x {secret} y")]},
            }}, "Labels": {"a": format!("b {secret}"), "api.key": "qwertz"}})
        };
        let hidden = Secrets::of([("REDIS_PASSWORD", "hunter3")]);
        for more in ["--appendonly", "--x"] {
            let fields = differences(Some(&spec("hunter2", "--x")), Some(&spec("hunter3", more)), &hidden);
            let told = format!("{fields:?}");
            assert!(!told.contains("hunter") && fields.len() == 3, "{told}");
            assert!(told.contains("redis-cli -a ••• ping") && told.contains("(another)"), "{told}");
        }
        let told = differences(None, Some(&spec("hunter3", "--x")), &Secrets::default());
        assert!(!format!("{told:?}").contains("qwertz"), "{told:?}");
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
