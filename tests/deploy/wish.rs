//! Wishes made by hand, in a few words.

use quarterdeck::stack::{NAMESPACE, Payload, Place, Wish, WishedPart, WishedService};
use serde_json::{Value, json};
use zeroize::Zeroizing;

fn part(stack: &str, key: &str, payload: Option<&str>) -> WishedPart {
    let name = format!("{stack}_{key}");
    WishedPart {
        key: key.into(),
        body: json!({"Name": name, "Labels": {NAMESPACE: stack}}),
        name,
        payload: payload.map(|text| Payload(Zeroizing::new(text.as_bytes().to_vec()))),
        place: Place::default(),
    }
}

/// A stack with a network, a secret, a config and these services.
pub fn stack(name: &str, services: &[(&str, &str)]) -> Wish {
    let mut network = part(name, "default", None);
    network.body["Driver"] = json!("overlay");
    Wish {
        stack: name.into(),
        services: services.iter().map(|(key, image)| service(name, key, image)).collect(),
        networks: vec![network],
        secrets: vec![part(name, "key", Some("hunter2"))],
        configs: vec![part(name, "conf", Some("listen 80"))],
        ..Wish::default()
    }
}

fn service(stack: &str, key: &str, image: &str) -> WishedService {
    let name = format!("{stack}_{key}");
    let file = |name: &str| json!({"Name": name, "UID": "0", "GID": "0", "Mode": 292});
    let body = json!({
        "Name": name,
        "Labels": {NAMESPACE: stack, "com.docker.stack.image": image},
        "TaskTemplate": {
            "ContainerSpec": {"Image": image, "Labels": {NAMESPACE: stack}, "Env": ["A=1"],
                "Secrets": [{"SecretID": "", "SecretName": format!("{stack}_key"), "File": file("key")}],
                "Configs": [{"ConfigID": "", "ConfigName": format!("{stack}_conf"), "File": file("/conf")}],
                "Privileges": {"CredentialSpec": null, "NoNewPrivileges": false, "SELinuxContext": null}},
            "Resources": {}, "Placement": {}, "ForceUpdate": 0,
            "Networks": [{"Target": format!("{stack}_default"), "Aliases": [key]}]},
        "Mode": {"Replicated": {"Replicas": 2}},
        "UpdateConfig": {"Parallelism": 1, "FailureAction": "rollback", "Monitor": 2_000_000_000_i64},
        "EndpointSpec": {}});
    WishedService { key: key.into(), name, body, image: image.into(), after: Vec::new(), place: Place::default() }
}

/// Changes the body of one service.
pub fn edit(wish: &mut Wish, key: &str, pointer: &str, value: Value) {
    let service = wish.services.iter_mut().find(|service| service.key == key).unwrap();
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    let parent = service.body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    if value.is_null() {
        parent.shift_remove(field).map(drop)
    } else {
        parent.insert(field.to_owned(), value).map(drop)
    };
}

/// Gives a service another image.
pub fn image(wish: &mut Wish, key: &str, image: &str) {
    edit(wish, key, "/TaskTemplate/ContainerSpec/Image", json!(image));
    edit(wish, key, "/Labels/com.docker.stack.image", json!(image));
}

/// Gives the config another content.
pub fn config(wish: &mut Wish, text: &str) {
    wish.configs[0].payload = Some(Payload(Zeroizing::new(text.as_bytes().to_vec())));
}
