//! A thing as the engine sent it, as YAML in the engine's order. What looks secret is masked.

use serde_json::Value;

use crate::app::Subject;
use crate::model::Picture;
use crate::model::secret::{Secrets, hide};

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

/// JSON as YAML, keys in their order, without secrets: neither its own nor these. What is not JSON is shown as it is, cleaned.
#[must_use]
pub fn raw_yaml(raw: &str, secrets: &Secrets) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(raw) else { return crate::model::text::clean(raw) };
    let secrets = Secrets::in_object(&value).long().and(secrets);
    hide(&mut value, "", &secrets);
    let yaml = serde_yaml::to_string(&value).unwrap_or_else(|error| format!("cannot be shown as YAML: {error}"));
    yaml.lines().map(crate::model::text::clean).collect::<Vec<_>>().join("\n")
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
        let yaml = raw_yaml(raw, &Secrets::default());
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
    fn what_is_no_json_is_shown_without_control_characters() {
        assert_eq!(raw_yaml("not\x1b[2J json", &Secrets::default()), "not json");
    }
}
