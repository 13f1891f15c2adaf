//! The engine itself: ping, versions, its part in the swarm, nodes, and how it refuses nonsense.

use serde_json::json;

use super::desk::{API, Desk, names};

pub async fn a_ping_tells_versions_and_role_in_its_headers(desk: &Desk) {
    for (method, body) in [("GET", "OK"), ("HEAD", "")] {
        let pong = desk.client.ask(method, "/_ping", None, "").await.is(200);
        assert_eq!(pong.text, body);
        assert_eq!(pong.header("content-type"), "text/plain; charset=utf-8");
        assert_eq!(pong.header("ostype"), "linux");
        assert_eq!(pong.header("swarm"), "active/manager");
        assert_eq!(pong.header("api-version"), "1.45");
        assert_eq!(pong.header("docker-experimental"), "false");
        assert_eq!(pong.header("builder-version"), "2");
        assert_eq!(pong.header("cache-control"), "no-cache, no-store, must-revalidate");
        assert_eq!(pong.header("pragma"), "no-cache");
        assert!(pong.header("server").starts_with("Docker/26.1.5"), "{}", pong.header("server"));
    }
}

pub async fn the_version_in_the_path_must_be_one_that_the_engine_speaks(desk: &Desk) {
    for prefix in ["", "/v1.24", API, "/v1.45"] {
        let version = desk.client.ask("GET", &format!("{prefix}/version"), None, "").await.is(200);
        assert_eq!(version.json["ApiVersion"], "1.45");
        assert_eq!(version.json["MinAPIVersion"], "1.24");
        assert!(version.json["Version"].as_str().unwrap_or_default().starts_with("26.1.5"));
        assert_eq!(version.header("content-type"), "application/json");
    }
    let new = desk.client.ask("GET", "/v1.99/info", None, "").await;
    new.is_refused(400, "client version 1.99 is too new. Maximum supported API version is 1.45");
    let old = desk.client.ask("GET", "/v1.10/info", None, "").await;
    old.is_refused(
        400,
        "client version 1.10 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version",
    );
}

pub async fn info_tells_the_part_in_the_swarm(desk: &Desk) {
    let info = desk.get("/info").await.is(200).json;
    let swarm = &info["Swarm"];
    assert_eq!(swarm["LocalNodeState"], "active");
    assert_eq!((&swarm["ControlAvailable"], &swarm["Error"]), (&json!(true), &json!("")));
    assert_eq!((&swarm["Nodes"], &swarm["Managers"]), (&json!(5), &json!(3)));
    assert_eq!(swarm["NodeID"].as_str().map(str::len), Some(25));
    assert_eq!(swarm["Cluster"]["ID"].as_str().map(str::len), Some(25));
    let managers = swarm["RemoteManagers"].as_array().expect("managers");
    assert!(managers.len() == 3 && managers.iter().all(|m| m["Addr"].as_str().is_some_and(|a| a.ends_with(":2377"))));
    assert!(info["Name"].is_string() && info["NCPU"].is_u64() && info["MemTotal"].is_u64());
    let cluster = desk.get("/swarm").await.is(200).json;
    assert_eq!(cluster["ID"], swarm["Cluster"]["ID"]);
    for kind in ["Worker", "Manager"] {
        let token = cluster["JoinTokens"][kind].as_str().unwrap_or_default();
        assert!(token.starts_with("SWMTKN-1-"), "{cluster}");
    }
}

pub async fn nodes_are_listed_filtered_and_guarded_by_their_version(desk: &Desk) {
    let all = desk.get("/nodes").await.is(200).json;
    let hostnames = |list: &_| {
        let mut names = names(list, "/Description/Hostname");
        names.sort();
        names
    };
    assert_eq!(hostnames(&all), ["angre", "barbary", "ching", "dhow", "lorcha"]);
    let filtered = async |filters| hostnames(&desk.list("/nodes", &filters).await.is(200).json);
    assert_eq!(filtered(json!({"role": ["worker"]})).await, ["dhow", "lorcha"]);
    assert_eq!(filtered(json!({"role": {"manager": true}})).await, ["angre", "barbary", "ching"]);
    assert_eq!(filtered(json!({"name": ["dhow"]})).await, ["dhow"]);
    assert_eq!(filtered(json!({"name": ["dh"]})).await, ["dhow"]);
    assert_eq!(filtered(json!({"membership": ["accepted"], "role": ["worker"]})).await, ["dhow", "lorcha"]);
    assert!(filtered(json!({"name": ["nobody"]})).await.is_empty());

    let leads = |node: &&serde_json::Value| node["ManagerStatus"]["Leader"] == true;
    let leaders: Vec<_> = all.as_array().expect("nodes").iter().filter(leads).collect();
    assert_eq!(leaders.len(), 1);
    assert_eq!(leaders[0]["ManagerStatus"]["Reachability"], "reachable");

    let dhow = desk.get("/nodes/dhow").await.is(200).json;
    assert_eq!(dhow["Description"]["Hostname"], "dhow");
    assert!(dhow.get("ManagerStatus").is_none());
    let (id, version) = (dhow["ID"].as_str().expect("an id"), dhow["Version"]["Index"].as_u64().expect("a version"));
    assert_eq!(filtered(json!({"id": [&id[..6]]})).await, ["dhow"]);
    let late = desk.post(&format!("/nodes/{id}/update?version={}", version - 1), &dhow["Spec"]).await;
    late.is_refused(500, "rpc error: code = Unknown desc = update out of sequence");
    let blind = desk.post(&format!("/nodes/{id}/update"), &dhow["Spec"]).await;
    blind.is_refused(400, "invalid node version '': strconv.ParseUint: parsing \"\": invalid syntax");

    // What a node tells of itself counts as a version too: it is asked right before the write, and again if that was late.
    let mut spec = dhow["Spec"].clone();
    spec["Labels"] = json!({"contract": "yes"});
    for last in [false, false, true] {
        let version = desk.get("/nodes/dhow").await.is(200).json["Version"]["Index"].as_u64().expect("a version");
        let done = desk.post(&format!("/nodes/{id}/update?version={version}"), &spec).await;
        if last || done.status == 200 {
            done.is(200);
            break;
        }
    }
    assert_eq!(filtered(json!({"node.label": ["contract=yes"]})).await, ["dhow"]);
    let now = desk.get(&format!("/nodes/{id}")).await.is(200).json;
    assert!(now["Version"]["Index"].as_u64() > Some(version));
    let path = format!("/nodes/{id}/update?version={}", now["Version"]["Index"]);
    desk.post(&path, &dhow["Spec"]).await.is(200);

    let busy = desk.delete(&format!("/nodes/{id}")).await;
    assert_eq!(busy.status, 400);
    let words = format!("rpc error: code = FailedPrecondition desc = node {id} is not down and can't be removed");
    assert_eq!(busy.message(), words);
    assert_eq!(desk.delete("/nodes/nobody").await.status, 404);
}

pub async fn nonsense_is_refused_with_its_code_and_words(desk: &Desk) {
    for kind in ["service", "node", "task", "secret", "config", "network"] {
        desk.get(&format!("/{kind}s/nobody")).await.is_refused(404, &format!("{kind} nobody not found"));
        let unknown = desk.list(&format!("/{kind}s"), &json!({"shape": ["round"]})).await;
        unknown.is_refused(400, "invalid filter 'shape'");
    }
    desk.get("/nowhere").await.is_refused(404, "page not found");
    desk.get("/tasks?filters=rubbish").await.is_refused(400, "invalid filter");
    let state = desk.list("/tasks", &json!({"desired-state": ["odd"]})).await;
    state.is_refused(500, "Invalid desired-state filter: 'odd'");
    desk.list("/tasks", &json!({"service": ["nobody"]})).await.is_refused(404, "service nobody not found");
    desk.list("/tasks", &json!({"node": ["nobody"]})).await.is_refused(404, "node nobody not found");

    let create = format!("{API}/services/create");
    let half = desk.client.ask("POST", &create, Some("application/json"), "{").await;
    half.is_refused(400, "invalid JSON: unexpected EOF");
    let plain = desk.client.ask("POST", &create, Some("text/plain"), "{}").await;
    plain.is_refused(400, "unsupported Content-Type header (text/plain): must be 'application/json'");
    let empty = desk.client.ask("POST", &create, None, "").await;
    empty.is_refused(400, "mismatched Runtime and *Spec fields");
    desk.post("/services/create", &json!({})).await.is_refused(400, "mismatched Runtime and *Spec fields");
}
