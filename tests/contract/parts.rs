//! Secrets, configs and networks: made, refused, used, removed.

use serde_json::json;

use super::desk::{Desk, names, service};

pub async fn secrets_and_configs_live_and_are_not_removed_while_in_use(desk: &Desk) {
    for (kind, list) in [("secret", "Secrets"), ("config", "Configs")] {
        let name = format!("contract-{kind}");
        desk.delete(&format!("/services/contract-{kind}s")).await;
        desk.delete(&format!("/{kind}s/{name}")).await;
        let spec = json!({"Name": name, "Labels": {"of": "contract"}, "Data": "aGVsbG8="});
        let made = desk.post(&format!("/{kind}s/create"), &spec).await.is(201);
        let id = made.json["ID"].as_str().expect("an id").to_owned();
        let conflict = desk.post(&format!("/{kind}s/create"), &spec).await;
        conflict.is_refused(409, &format!("rpc error: code = AlreadyExists desc = {kind} {name} already exists"));
        let object = desk.get(&format!("/{kind}s/{name}")).await.is(200).json;
        assert_eq!((&object["ID"], &object["Spec"]["Name"]), (&json!(id), &json!(name)));
        let data = object["Spec"].get("Data").and_then(|data| data.as_str());
        assert_eq!(data, (kind == "config").then_some("aGVsbG8="), "only configs show what they hold");
        let found = desk.list(&format!("/{kind}s"), &json!({"name": [name]})).await.is(200).json;
        assert_eq!(names(&found, "/Spec/Name"), [name.as_str()]);
        let found = desk.list(&format!("/{kind}s"), &json!({"label": ["of=contract"]})).await.is(200).json;
        assert_eq!(names(&found, "/ID"), [id.as_str()]);

        let mut other = spec.clone();
        other["Data"] = json!("b3RoZXI=");
        let path = format!("/{kind}s/{id}/update?version={}", object["Version"]["Index"]);
        let words = "rpc error: code = InvalidArgument desc = only updates to Labels are allowed";
        desk.post(&path, &other).await.is_refused(400, words);
        other["Data"] = json!("aGVsbG8=");
        other["Labels"] = json!({"of": "contract", "more": "yes"});
        desk.post(&path, &other).await.is(200);
        let blind = desk.post(&format!("/{kind}s/{id}/update"), &other).await;
        blind.is_refused(400, &format!("invalid {kind} version"));
        let late = desk.post(&path, &other).await;
        late.is_refused(500, "rpc error: code = Unknown desc = update out of sequence");

        let mut user = service(&format!("contract-{kind}s"), &desk.image("v1"));
        let file = json!({"Name": "it", "UID": "0", "GID": "0", "Mode": 0o444});
        let upper = if kind == "secret" { "Secret" } else { "Config" };
        let usage = json!([{"File": file, format!("{upper}ID"): id, format!("{upper}Name"): name}]);
        user["TaskTemplate"]["ContainerSpec"][list] = usage;
        desk.make(&user).await;
        let words = format!(
            "rpc error: code = InvalidArgument desc = {kind} '{name}' is in use by the following service: contract-{kind}s"
        );
        desk.delete(&format!("/{kind}s/{id}")).await.is_refused(400, &words);
        desk.delete(&format!("/services/contract-{kind}s")).await.is(200);
        desk.delete(&format!("/{kind}s/{id}")).await.is(204);
        desk.delete(&format!("/{kind}s/{id}")).await.is_refused(404, &format!("{kind} {id} not found"));

        let odd = json!({"Name": "a b", "Data": "aGVsbG8="});
        assert_eq!(desk.post(&format!("/{kind}s/create"), &odd).await.status, 400);
        let empty = json!({"Name": format!("{name}-empty"), "Data": ""});
        assert_eq!(desk.post(&format!("/{kind}s/create"), &empty).await.status, 400);
    }
}

pub async fn networks_live_and_are_not_removed_while_in_use(desk: &Desk) {
    desk.delete("/services/contract-guest").await;
    desk.delete("/networks/contract-net").await;
    let asked = json!({"Name": "contract-net", "Driver": "overlay", "Attachable": true, "Labels": {"of": "contract"}});
    let made = desk.post("/networks/create", &asked).await.is(201).json;
    let id = made["Id"].as_str().expect("an id").to_owned();
    assert_eq!(made["Warning"], "");
    let twin = desk.post("/networks/create", &asked).await;
    twin.is_refused(409, "network with name contract-net already exists");
    // The driver is not known before addresses are.
    let network = desk.until("/networks/contract-net", "it has a driver", |now| now["Driver"] != "").await;
    assert_eq!(
        (&network["Id"], &network["Scope"], &network["Driver"]),
        (&json!(id), &json!("swarm"), &json!("overlay"))
    );
    assert_eq!(
        (&network["Attachable"], &network["Ingress"], &network["Internal"]),
        (&json!(true), &json!(false), &json!(false))
    );
    assert_eq!(network["Labels"], json!({"of": "contract"}));
    let found = desk.list("/networks", &json!({"name": ["contract-net"], "driver": ["overlay"]})).await.is(200).json;
    assert_eq!(names(&found, "/Name"), ["contract-net"]);
    let found = desk.list("/networks", &json!({"name": ["contract-n"]})).await.is(200).json;
    assert!(names(&found, "/Name").is_empty(), "of a swarm's network that is not in use here the whole name is wanted");
    let found = desk.list("/networks", &json!({"name": ["gwbridge"]})).await.is(200).json;
    assert_eq!(names(&found, "/Name"), ["docker_gwbridge"], "of a node's network a part will do");
    let found = desk.list("/networks", &json!({"label": ["of=contract"], "scope": ["swarm"]})).await.is(200).json;
    assert_eq!(names(&found, "/Id"), [id.as_str()]);

    let mut guest = service("contract-guest", &desk.image("v1"));
    guest["TaskTemplate"]["Networks"] = json!([{"Target": "contract-net"}]);
    guest["EndpointSpec"] = json!({"Mode": "dnsrr"});
    let service = desk.make(&guest).await;
    let seen = desk.get(&format!("/services/{service}")).await.is(200).json;
    assert_eq!(seen["Spec"]["TaskTemplate"]["Networks"][0]["Target"], json!(id), "a name becomes an id");
    let words = format!("rpc error: code = FailedPrecondition desc = network {id} is in use by service {service}");
    desk.delete("/networks/contract-net").await.is_refused(400, &words);
    desk.delete("/services/contract-guest").await.is(200);
    let end = tokio::time::Instant::now() + super::lab::patience();
    while desk.delete("/networks/contract-net").await.status != 204 {
        assert!(tokio::time::Instant::now() < end, "the network is never free");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    desk.get(&format!("/networks/{id}")).await.is_refused(404, &format!("network {id} not found"));
}
