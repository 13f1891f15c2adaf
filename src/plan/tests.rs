//! Plans of wishes made by hand, against truths made by hand.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::*;
use crate::model::Tier;
use crate::stack::{External, Kind, NAMESPACE, Payload, Place, Wish, WishedPart, WishedService};

fn wished(stack: &str, key: &str, image: &str) -> WishedService {
    let name = format!("{stack}_{key}");
    let body = json!({
        "Name": name, "Labels": {NAMESPACE: stack, "com.docker.stack.image": image},
        "TaskTemplate": {
            "ContainerSpec": {"Image": image, "Labels": {NAMESPACE: stack}, "Env": ["A=1", "B=2"],
                "Privileges": {"CredentialSpec": null, "NoNewPrivileges": false, "SELinuxContext": null}},
            "Resources": {}, "Placement": {"Constraints": ["node.role==worker"]}, "ForceUpdate": 0,
            "Networks": [{"Target": format!("{stack}_default"), "Aliases": [key]}]},
        "Mode": {"Replicated": {"Replicas": 2}}, "EndpointSpec": {"Ports": [{"TargetPort": 80, "PublishedPort": 8080}]}});
    WishedService { key: key.into(), name, body, image: image.into(), after: Vec::new(), place: Place::default() }
}

fn part(stack: &str, key: &str, payload: Option<&str>) -> WishedPart {
    let name = format!("{stack}_{key}");
    let body = json!({"Name": name, "Labels": {NAMESPACE: stack}});
    let payload = payload.map(|text| Payload(Zeroizing::new(text.as_bytes().to_vec())));
    WishedPart { key: key.into(), name, body, payload, place: Place::default() }
}

fn shop() -> Wish {
    let mut network = part("shop", "default", None);
    network.body["Driver"] = json!("overlay");
    let mut web = wished("shop", "web", "nginx:1");
    let container = &mut web.body["TaskTemplate"]["ContainerSpec"];
    container["Secrets"] = json!([{"SecretID": "", "SecretName": "shop_key", "File": {"Name": "key", "UID": "0", "GID": "0", "Mode": 292}}]);
    container["Configs"] = json!([{"ConfigID": "", "ConfigName": "shop_conf", "File": {"Name": "/conf", "UID": "0", "GID": "0", "Mode": 292}}]);
    Wish {
        stack: "shop".into(),
        services: vec![web],
        networks: vec![network],
        secrets: vec![part("shop", "key", Some("hunter2"))],
        configs: vec![part("shop", "conf", Some("listen 80"))],
        ..Wish::default()
    }
}

fn digest(image: &str) -> (String, Image) {
    (
        image.into(),
        Image::Found { digest: format!("sha256:{image}"), platforms: vec![("amd64".into(), "linux".into())] },
    )
}

/// What the swarm would hold after this was done to nothing, as an engine tells it.
fn done(drawn: &Drawn, before: Truth) -> Truth {
    let mut truth = before;
    for step in &drawn.steps {
        let Todo::Create { body, .. } = &step.todo else { panic!("{step:?}") };
        let id = format!("id-of-{}", step.name);
        let object = match step.kind {
            Thing::Network => {
                let mut network = body.clone();
                network["Id"] = json!(id);
                network["Scope"] = json!("swarm");
                network["Options"] = json!({"com.docker.network.driver.overlay.vxlanid_list": "4097"});
                network["IPAM"] = json!({"Driver": "default", "Config": [{"Subnet": "10.0.1.0/24"}]});
                network
            }
            Thing::Service => {
                let ids = with_ids(body.clone(), |_, name| Some(format!("id-of-{name}")));
                json!({"ID": id, "Version": {"Index": 7}, "Spec": stored(ids)})
            }
            _ => {
                let mut spec = body.clone();
                if step.kind == Thing::Config {
                    spec["Data"] = json!("bGlzdGVuIDgw");
                }
                json!({"ID": id, "Version": {"Index": 7}, "Spec": spec})
            }
        };
        match step.kind {
            Thing::Network => truth.networks.push(object),
            Thing::Secret => truth.secrets.push(object),
            Thing::Config => truth.configs.push(object),
            Thing::Service | Thing::Node => truth.services.push(object),
        }
    }
    truth
}

/// What a real engine makes of a spec.
fn stored(mut spec: Value) -> Value {
    spec["EndpointSpec"]["Mode"] = json!("vip");
    for port in spec["EndpointSpec"]["Ports"].as_array_mut().unwrap() {
        port["Protocol"] = json!("tcp");
        port["PublishMode"] = json!("ingress");
    }
    spec["TaskTemplate"]["Runtime"] = json!("container");
    spec["TaskTemplate"]["ContainerSpec"]["Isolation"] = json!("default");
    spec["TaskTemplate"]["ContainerSpec"]["Privileges"] = json!({"CredentialSpec": null, "SELinuxContext": null});
    spec
}

fn truth_of(wish: &Wish) -> Truth {
    let empty = Truth { images: BTreeMap::from([digest("nginx:1")]), ..Truth::default() };
    let drawn = draw(wish, &empty, Options::default(), &Promised::new());
    assert!(drawn.plan.faults.is_empty(), "{:?}", drawn.plan.faults);
    done(&drawn, empty)
}

fn plan(wish: &Wish, truth: &Truth) -> Plan {
    draw(wish, truth, Options::default(), &Promised::new()).plan
}

fn work(plan: &Plan) -> Vec<(String, Effect, Vec<String>)> {
    plan.work().map(|c| (c.name.clone(), c.effect, c.fields.iter().map(|f| f.path.clone()).collect())).collect()
}

#[test]
fn what_is_not_there_is_made_and_what_is_as_wished_is_left() {
    let wish = shop();
    let first = draw(
        &wish,
        &Truth { images: BTreeMap::from([digest("nginx:1")]), ..Truth::default() },
        Options::default(),
        &Promised::new(),
    );
    let kinds: Vec<Thing> = first.plan.work().map(|change| change.kind).collect();
    assert_eq!(kinds, [Thing::Network, Thing::Secret, Thing::Config, Thing::Service]);
    let body = first.steps.iter().find_map(|s| {
        if let Todo::Create { body, .. } = &s.todo { (s.kind == Thing::Service).then_some(body) } else { None }
    });
    assert_eq!(body.unwrap()["TaskTemplate"]["ContainerSpec"]["Image"], "nginx:1@sha256:nginx:1");
    let again = plan(&wish, &truth_of(&wish));
    assert!(again.is_empty() && again.faults.is_empty() && again.warnings.is_empty(), "{again:?}");
    assert_eq!(again.changes.len(), 4);
}

/// Which part of a spec an edit touches, and what that does to the tasks.
const EDITS: &[(&str, &str, &str, Effect)] = &[
    ("/Labels/new", "x", "Labels.new", Effect::InPlace),
    ("/Mode/Replicated/Replicas", "5", "Mode.Replicated.Replicas", Effect::InPlace),
    ("/UpdateConfig", r#"{"Parallelism": 2}"#, "UpdateConfig.Parallelism", Effect::InPlace),
    ("/RollbackConfig", r#"{"Parallelism": 3}"#, "RollbackConfig.Parallelism", Effect::InPlace),
    (
        "/TaskTemplate/Placement/Constraints",
        r#"["node.role==manager"]"#,
        "TaskTemplate.Placement.Constraints",
        Effect::InPlace,
    ),
    ("/TaskTemplate/Placement/MaxReplicas", "3", "TaskTemplate.Placement.MaxReplicas", Effect::InPlace),
    ("/EndpointSpec/Ports/0/PublishedPort", "9090", "EndpointSpec.Ports.80/tcp.PublishedPort", Effect::Restart),
    ("/EndpointSpec/Mode", "dnsrr", "EndpointSpec.Mode", Effect::Restart),
    ("/TaskTemplate/ContainerSpec/Env/1", "B=3", "TaskTemplate.ContainerSpec.Env.B", Effect::Restart),
    ("/TaskTemplate/ContainerSpec/Args", r#"["-v"]"#, "TaskTemplate.ContainerSpec.Args", Effect::Restart),
    ("/TaskTemplate/ContainerSpec/Labels/x", "y", "TaskTemplate.ContainerSpec.Labels.x", Effect::Restart),
    ("/TaskTemplate/ContainerSpec/Init", "false", "TaskTemplate.ContainerSpec.Init", Effect::Restart),
    ("/TaskTemplate/ContainerSpec/StopGracePeriod", "0", "TaskTemplate.ContainerSpec.StopGracePeriod", Effect::Restart),
    ("/TaskTemplate/ContainerSpec/ReadOnly", "true", "TaskTemplate.ContainerSpec.ReadOnly", Effect::Restart),
    (
        "/TaskTemplate/ContainerSpec/Healthcheck",
        r#"{"Test": ["NONE"]}"#,
        "TaskTemplate.ContainerSpec.Healthcheck.Test",
        Effect::Restart,
    ),
    (
        "/TaskTemplate/ContainerSpec/Secrets/0/File/Mode",
        "256",
        "TaskTemplate.ContainerSpec.Secrets.key.File.Mode",
        Effect::Restart,
    ),
    (
        "/TaskTemplate/Resources/Limits",
        r#"{"MemoryBytes": 5}"#,
        "TaskTemplate.Resources.Limits.MemoryBytes",
        Effect::Restart,
    ),
    (
        "/TaskTemplate/RestartPolicy",
        r#"{"Condition": "none"}"#,
        "TaskTemplate.RestartPolicy.Condition",
        Effect::Restart,
    ),
    ("/TaskTemplate/LogDriver", r#"{"Name": "journald"}"#, "TaskTemplate.LogDriver.Name", Effect::Restart),
    (
        "/TaskTemplate/Networks/0/Aliases",
        r#"["web", "shop"]"#,
        "TaskTemplate.Networks.shop_default.Aliases",
        Effect::Restart,
    ),
];

fn put(body: &mut Value, pointer: &str, value: &str) {
    let value: Value = serde_json::from_str(value).unwrap_or_else(|_| json!(value));
    if let Some(there) = body.pointer_mut(pointer) {
        *there = value;
        return;
    }
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap()[key] = value;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn exactly_what_was_edited_is_named_and_tasks_go_on_where_they_can(picked in prop::collection::btree_set(0..EDITS.len(), 1..6)) {
        let mut wish = shop();
        wish.secrets[0].payload = None;
        let truth = truth_of(&wish);
        let mut edited = wish;
        for index in &picked {
            put(&mut edited.services[0].body, EDITS[*index].0, EDITS[*index].1);
        }
        let drawn = draw(&edited, &truth, Options::default(), &Promised::new());
        let change = drawn.plan.change(Thing::Service, "shop_web").unwrap();
        let named: BTreeSet<&str> = change.fields.iter().map(|field| field.path.as_str()).collect();
        let meant: BTreeSet<&str> = picked.iter().map(|index| EDITS[*index].2).collect();
        prop_assert_eq!(named, meant);
        let restarts = picked.iter().any(|index| EDITS[*index].3 == Effect::Restart);
        prop_assert_eq!(change.effect, if restarts { Effect::Restart } else { Effect::InPlace });

        // Written as drawn, nothing is left to do, and what was not edited is what it was, byte for byte.
        let Todo::Update { body, .. } = &drawn.steps[0].todo else { panic!() };
        let live = truth.services[0]["Spec"].clone();
        if !restarts {
            let without = |spec: &Value| { let mut task = spec["TaskTemplate"].clone(); task["Placement"] = json!(null); task };
            prop_assert_eq!(without(body), without(&live));
        }
        let mut after = truth.clone();
        after.services[0]["Spec"] = with_ids(body.clone(), |kind, name| id_in(&truth, kind, name));
        prop_assert!(plan(&edited, &after).is_empty(), "{:?}", plan(&edited, &after));
    }

    #[test]
    fn a_teardown_touches_nothing_of_another_stack(owners in prop::collection::vec(0..4_usize, 1..24)) {
        let stacks = ["shop", "shop2", "sho", ""];
        let mut truth = Truth::default();
        for (index, owner) in owners.iter().enumerate() {
            let labels = if stacks[*owner].is_empty() { json!({}) } else { json!({NAMESPACE: stacks[*owner]}) };
            let (id, name) = (format!("i{index}"), format!("shop_{index}"));
            match index % 4 {
                0 => truth.services.push(json!({"ID": id, "Version": {"Index": 1}, "Spec": {"Name": name, "Labels": labels}})),
                1 => truth.secrets.push(json!({"ID": id, "Spec": {"Name": name, "Labels": labels}})),
                2 => truth.configs.push(json!({"ID": id, "Spec": {"Name": name, "Labels": labels}})),
                _ => truth.networks.push(json!({"Id": id, "Name": name, "Scope": "swarm", "Labels": labels})),
            }
        }
        let going: BTreeSet<String> = teardown("shop", &truth, &BTreeSet::new()).work().map(|change| change.seen.clone().unwrap().id).collect();
        let ours: BTreeSet<String> = owners.iter().enumerate().filter(|(_, owner)| **owner == 0).map(|(index, _)| format!("i{index}")).collect();
        prop_assert_eq!(going, ours);
    }
}

#[test]
fn a_newer_image_is_a_change_and_an_unknown_one_is_judged_by_its_tag() {
    let wish = shop();
    let mut truth = truth_of(&wish);
    truth.images.insert("nginx:1".into(), Image::Found { digest: "sha256:new".into(), platforms: Vec::new() });
    let newer = plan(&wish, &truth);
    let field = &newer.change(Thing::Service, "shop_web").unwrap().fields[0];
    assert_eq!(field.old.as_deref(), Some("nginx:1@sha256:nginx:1"));
    assert_eq!(field.new.as_deref(), Some("nginx:1@sha256:new"));
    let as_deployed = Options { resolve: Resolve::Changed, ..Options::default() };
    assert!(draw(&wish, &truth, as_deployed, &Promised::new()).plan.is_empty());
    truth.images.insert("nginx:1".into(), Image::Unknown("no route".into()));
    let unknown = plan(&wish, &truth);
    assert!(unknown.is_empty() && unknown.warnings[0].what.contains("nginx:1 is not known"), "{unknown:?}");
}

#[test]
fn another_content_under_the_same_name_is_found_before_the_engine_refuses_it() {
    let wish = shop();
    let truth = truth_of(&wish);
    for kind in [Thing::Secret, Thing::Config] {
        let mut edited = wish.clone();
        let parts = if kind == Thing::Secret { &mut edited.secrets } else { &mut edited.configs };
        parts[0].payload = Some(Payload(Zeroizing::new(b"hunter3".to_vec())));
        let refused = plan(&edited, &truth);
        assert!(
            refused.faults[0].what.contains("another content now") && refused.faults[0].mend.contains("--rotate"),
            "{refused:?}"
        );
        assert!(!format!("{refused:?}").contains("hunter"), "{refused:?}");

        let rotate = Options { rotate: true, ..Options::default() };
        let drawn = draw(&edited, &truth, rotate, &Promised::new());
        let work = work(&drawn.plan);
        let base = if kind == Thing::Secret { "shop_key" } else { "shop_conf" };
        assert!(
            work[0].0.starts_with(base) && work[0].1 == Effect::Create && work[0].0.len() == base.len() + 9,
            "{work:?}"
        );
        assert_eq!((work[1].0.as_str(), work[1].1), ("shop_web", Effect::Restart));
        assert_eq!(work[1].2.len(), 1, "{work:?}");
        assert_eq!((work[2].0.as_str(), work[2].1), (base, Effect::Remove));
        assert_eq!(work.len(), 3);
    }
}

#[test]
fn what_was_rotated_is_found_again_under_its_other_name() {
    let wish = shop();
    let truth = truth_of(&wish);
    let mut edited = wish.clone();
    edited.secrets[0].payload = Some(Payload(Zeroizing::new(b"hunter3".to_vec())));
    let rotate = Options { rotate: true, ..Options::default() };
    let drawn = draw(&edited, &truth, rotate, &Promised::new());
    let mut after = truth.clone();
    let Todo::Create { body, .. } = &drawn.steps[0].todo else { panic!() };
    after.secrets = vec![json!({"ID": "rotated", "Version": {"Index": 9}, "Spec": body})];
    let Todo::Update { body, .. } = &drawn.steps[1].todo else { panic!() };
    after.services[0]["Spec"] = with_ids(body.clone(), |kind, name| id_in(&after, kind, name));
    assert_eq!(after.services[0]["Spec"]["TaskTemplate"]["ContainerSpec"]["Secrets"][0]["SecretID"], "rotated");
    assert!(plan(&edited, &after).is_empty(), "{:?}", plan(&edited, &after));
    // And another content after that is found, too.
    let back = plan(&wish, &after);
    assert!(back.faults[0].what.contains("another content"), "{back:?}");
}

#[test]
fn a_secret_without_a_mark_cannot_be_compared_and_says_so() {
    let wish = shop();
    let mut truth = truth_of(&wish);
    truth.secrets[0]["Spec"]["Labels"] = json!({NAMESPACE: "shop"});
    let said = plan(&wish, &truth);
    assert!(said.is_empty() && said.warnings[0].what.contains("cannot be compared"), "{said:?}");
}

#[test]
fn what_is_missing_or_taken_forbids_to_deploy() {
    let mut wish = shop();
    wish.externals.push(External {
        kind: Kind::Network,
        name: "proxy".into(),
        used_by: vec!["web".into()],
        place: Place::default(),
        by: None,
    });
    let mut truth = truth_of(&shop());
    truth.services.push(json!({"ID": "o", "Version": {"Index": 1}, "Spec": {"Name": "other_x", "Labels": {NAMESPACE: "other"},
        "EndpointSpec": {"Ports": [{"TargetPort": 1, "PublishedPort": 8080, "Protocol": "tcp", "PublishMode": "ingress"}]}}}));
    let said = plan(&wish, &truth);
    assert!(said.faults.iter().any(|fault| fault.what == "the network proxy is not there"), "{said:?}");
    assert!(
        said.faults.iter().any(|fault| fault.what == "shop_web wants port 8080/tcp, which other_x has"),
        "{said:?}"
    );
    let promised = Promised::from([((Thing::Network, "proxy".to_owned()), "proxy".to_owned())]);
    let said = draw(&wish, &truth, Options::default(), &promised).plan;
    assert_eq!(said.faults.len(), 1);
    truth.networks.push(json!({"Id": "l", "Name": "proxy", "Scope": "local", "Driver": "bridge"}));
    assert!(plan(&wish, &truth).faults[0].what.contains("single machine"));
}

#[test]
fn ports_of_the_host_may_meet_and_the_ingress_may_not() {
    let mut wish = shop();
    wish.services[0].body["EndpointSpec"]["Ports"][0]["PublishMode"] = json!("host");
    let mut truth = Truth::default();
    let other = |mode: &str| json!({"ID": "o", "Spec": {"Name": "o_x", "Labels": {}, "EndpointSpec": {"Ports": [{"TargetPort": 1, "PublishedPort": 8080, "Protocol": "tcp", "PublishMode": mode}]}}});
    truth.services = vec![other("host")];
    let said = plan(&wish, &truth);
    assert!(said.faults.is_empty() && said.warnings.iter().any(|w| w.what.contains("on the host")), "{said:?}");
    truth.services = vec![other("ingress")];
    assert_eq!(plan(&wish, &truth).faults.len(), 1);
}

#[test]
fn what_the_file_no_longer_has_goes_last_and_what_others_use_stays() {
    let wish = shop();
    let mut truth = truth_of(&wish);
    let mut old = truth.services[0].clone();
    old["ID"] = json!("old");
    old["Spec"]["Name"] = json!("shop_old");
    old["Spec"]["EndpointSpec"] = json!({});
    truth.services.push(old);
    for (id, name) in [("c1", "shop_unused"), ("c2", "shop_shared")] {
        truth.configs.push(json!({"ID": id, "Spec": {"Name": name, "Labels": {NAMESPACE: "shop"}}}));
    }
    truth.services.push(json!({"ID": "x", "Spec": {"Name": "other_x", "Labels": {NAMESPACE: "other"},
        "TaskTemplate": {"ContainerSpec": {"Configs": [{"ConfigID": "c2", "ConfigName": "shop_shared"}]}}}}));
    let said = plan(&wish, &truth);
    let names: Vec<(String, Effect)> = work(&said).into_iter().map(|(name, effect, _)| (name, effect)).collect();
    assert_eq!(names, [("shop_old".to_owned(), Effect::Remove), ("shop_unused".to_owned(), Effect::Remove)]);
    assert!(said.warnings[0].why[0].contains("other_x"));
    let none = Options { prune: Prune::Nothing, ..Options::default() };
    assert!(draw(&wish, &truth, none, &Promised::new()).plan.is_empty());
}

#[test]
fn a_network_that_differs_stays_and_is_told() {
    let mut wish = shop();
    let truth = truth_of(&wish);
    wish.networks[0].body["Options"] = json!({"encrypted": ""});
    wish.networks[0].body["Attachable"] = json!(true);
    let said = plan(&wish, &truth);
    assert!(said.is_empty() && said.warnings.len() == 1);
    let paths: Vec<&str> =
        said.change(Thing::Network, "shop_default").unwrap().fields.iter().map(|f| f.path.as_str()).collect();
    assert_eq!(paths, ["Attachable", "Options.encrypted"]);
}

#[test]
fn what_cannot_be_changed_is_refused_before_anything_is_written() {
    let mut wish = shop();
    let mut truth = truth_of(&wish);
    wish.services[0].body["Mode"] = json!({"Global": {}});
    assert!(plan(&wish, &truth).faults[0].what.contains("cannot turn from replicated into global"));
    let wish = shop();
    truth.services[0]["Spec"]["Labels"] = json!({});
    assert!(plan(&wish, &truth).faults[0].what.contains("belongs to no stack"));
    let mut wish = shop();
    wish.configs[0].payload = Some(Payload(Zeroizing::new(Vec::new())));
    assert!(plan(&wish, &truth_of(&shop())).faults[0].what.contains("is empty"));
}

#[test]
fn services_come_after_those_they_stand_on_and_circles_are_told() {
    let mut wish = Wish { stack: "s".into(), ..Wish::default() };
    for (key, after) in [("a", "b"), ("b", "c"), ("c", "")] {
        let mut one = wished("s", key, "x:1");
        one.body["EndpointSpec"] = json!({});
        one.after = vec![after.to_owned()];
        wish.services.push(one);
    }
    let order = |wish: &Wish| -> Vec<String> { plan(wish, &Truth::default()).work().map(|c| c.name.clone()).collect() };
    assert_eq!(order(&wish), ["s_c", "s_b", "s_a"]);
    wish.services[2].after = vec!["a".into()];
    let circle = plan(&wish, &Truth::default());
    assert!(circle.faults.is_empty() && circle.warnings.iter().any(|w| w.what.contains("wait for each other")));
}

#[test]
fn stacks_go_tier_by_tier_and_after_those_whose_networks_they_use() {
    let owner = Wish { stack: "proxy".into(), networks: vec![part("proxy", "net", None)], ..Wish::default() };
    let external = External {
        kind: Kind::Network,
        name: "proxy_net".into(),
        used_by: Vec::new(),
        place: Place::default(),
        by: None,
    };
    let user = Wish { stack: "app".into(), externals: vec![external], ..Wish::default() };
    let other = Wish { stack: "other".into(), ..Wish::default() };
    use Tier::{Application, Infrastructure};
    let stacks = [(Application, &user), (Application, &owner), (Application, &other), (Infrastructure, &other)];
    assert_eq!(waves(&stacks), [vec![3], vec![1, 2], vec![0]]);
    assert!(promised(&owner).contains_key(&(Thing::Network, "proxy_net".to_owned())));
}

#[test]
fn a_plan_reads_as_a_person_would_say_it_and_as_scripts_want_it() {
    let wish = shop();
    let truth = truth_of(&wish);
    let mut edited = wish;
    put(&mut edited.services[0].body, "/TaskTemplate/ContainerSpec/Env/1", "B=3");
    let said = plan(&edited, &truth);
    let lines = show(&said);
    assert_eq!(lines[0], "shop: 1 restart, 3 as they are");
    assert_eq!(lines[1], "  ↻ restart  service  shop_web  (2 tasks replaced)");
    assert_eq!(lines[2], "      ~ Env.B: 2 → 3");
    let json = serde_json::to_value(&said).unwrap();
    let change = json["changes"].as_array().unwrap().iter().find(|change| change["kind"] == "service").unwrap();
    assert_eq!(
        (&change["effect"], &change["fields"][0]["path"]),
        (&json!("restart"), &json!("TaskTemplate.ContainerSpec.Env.B"))
    );
}
