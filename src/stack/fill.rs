//! Puts into the body of a service what only a swarm knows: the ids of its secrets and configs.

use std::collections::BTreeMap;

use serde_json::Value;

use super::wish::Kind;

/// Ids by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ids {
    /// Of secrets.
    pub secrets: BTreeMap<String, String>,
    /// Of configs.
    pub configs: BTreeMap<String, String>,
}

/// Something that a service refers to and that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What kind of thing.
    pub kind: Kind,
    /// Its name.
    pub name: String,
}

/// Fills in the ids of secrets and configs, that of the credential spec among them.
///
/// # Errors
/// With the first thing that has no id.
pub fn fill(body: &mut Value, ids: &Ids) -> Result<(), Missing> {
    let Some(container) = body.pointer_mut("/TaskTemplate/ContainerSpec") else { return Ok(()) };
    let lists = [
        (Kind::Secret, "Secrets", "SecretName", "SecretID", &ids.secrets),
        (Kind::Config, "Configs", "ConfigName", "ConfigID", &ids.configs),
    ];
    for (kind, list, name, id, known) in lists {
        let references = container.get_mut(list).and_then(Value::as_array_mut);
        for reference in references.into_iter().flatten().filter_map(Value::as_object_mut) {
            let named = reference.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let found = known.get(&named).ok_or(Missing { kind, name: named })?;
            reference.insert(id.to_owned(), found.clone().into());
        }
    }
    if let Some(config) = container.pointer_mut("/Privileges/CredentialSpec/Config")
        && let Some(named) = config.as_str().filter(|named| !named.is_empty()).map(str::to_owned)
    {
        *config = ids.configs.get(&named).ok_or(Missing { kind: Kind::Config, name: named })?.clone().into();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_are_put_beside_names() {
        let mut body = json!({"TaskTemplate": {"ContainerSpec": {
            "Secrets": [{"SecretID": "", "SecretName": "s_k"}],
            "Configs": [{"ConfigID": "", "ConfigName": "s_c", "Runtime": {}}],
            "Privileges": {"CredentialSpec": {"Config": "s_c"}}}}});
        let mut ids = Ids { secrets: BTreeMap::from([("s_k".into(), "id1".into())]), ..Ids::default() };
        let missing = fill(&mut body.clone(), &ids).unwrap_err();
        assert_eq!((missing.kind, missing.name.as_str()), (Kind::Config, "s_c"));
        ids.configs.insert("s_c".into(), "id2".into());
        fill(&mut body, &ids).unwrap();
        let container = &body["TaskTemplate"]["ContainerSpec"];
        assert_eq!(container["Secrets"][0]["SecretID"], "id1");
        assert_eq!(container["Configs"][0]["ConfigID"], "id2");
        assert_eq!(container["Privileges"]["CredentialSpec"]["Config"], "id2");
    }
}
