//! What is sent for what is written.

use quarterdeck::stack::Kind;
use serde_json::{Value, json};

use super::desk::{at, good, web};

#[test]
fn the_smallest_service_has_all_that_is_always_sent() {
    let wish = good(&["services: {web: {image: nginx}}"]);
    let labels = json!({"com.docker.stack.namespace": "shop"});
    assert_eq!(
        wish.services[0].body,
        json!({
            "Name": "shop_web",
            "Labels": {"com.docker.stack.image": "nginx", "com.docker.stack.namespace": "shop"},
            "TaskTemplate": {
                "ContainerSpec": {
                    "Image": "nginx:latest",
                    "Labels": labels,
                    "Privileges": {"CredentialSpec": null, "SELinuxContext": null, "NoNewPrivileges": false},
                },
                "Resources": {},
                "Placement": {},
                "Networks": [{"Target": "shop_default", "Aliases": ["web"]}],
                "ForceUpdate": 0,
            },
            "Mode": {"Replicated": {}},
            "EndpointSpec": {},
        })
    );
    assert_eq!(wish.services[0].image, "nginx");
    assert_eq!(wish.networks.len(), 1);
    assert_eq!(
        wish.networks[0].body,
        json!({"Name": "shop_default", "Driver": "overlay", "Scope": "", "IPAM": null, "Internal": false,
            "Attachable": false, "Ingress": false, "ConfigOnly": false, "ConfigFrom": null, "Options": null,
            "Labels": labels})
    );
}

#[test]
fn containers_are_described_as_the_engine_wants_them() {
    let container = "/TaskTemplate/ContainerSpec";
    for (keys, pointer, sent) in [
        ("command: sh -c 'a  b' # no", "/Args", json!(["sh", "-c", "a  b"])),
        ("entrypoint: [/run, me]", "/Command", json!(["/run", "me"])),
        ("environment: {B: 1.50, A: , C: x}", "/Env", json!(["A", "B=1.5", "C=x"])),
        ("environment: [GIVEN, EMPTY=, Z]", "/Env", json!(["EMPTY=", "GIVEN=yes", "Z"])),
        ("env_file: vars.env\nenvironment: {B: own}", "/Env", json!(["A=file", "B=own", "GIVEN=yes"])),
        ("labels: [a, b=c=d]", "/Labels", json!({"a": "", "b": "c=d", "com.docker.stack.namespace": "shop"})),
        ("extra_hosts: ['a:[::1]', b=192.0.2.1, c]", "/Hosts", json!(["::1 a", "192.0.2.1 b"])),
        ("extra_hosts: {z: 192.0.2.1, a: host-gateway}", "/Hosts", json!(["host-gateway a", "192.0.2.1 z"])),
        (
            "healthcheck: {test: a b, interval: 1m, retries: 3}",
            "/Healthcheck",
            json!({"Test": ["CMD-SHELL", "a b"], "Interval": 60_000_000_000_u64, "Retries": 3}),
        ),
        ("healthcheck: {disable: true, interval: 1m}", "/Healthcheck", json!({"Test": ["NONE"]})),
        ("healthcheck: {}", "/Healthcheck", json!({})),
        (
            "dns: 192.0.2.9\ndns_search: [a, b]",
            "/DNSConfig",
            json!({"Nameservers": ["192.0.2.9"], "Search": ["a", "b"]}),
        ),
        ("dns: []", "/DNSConfig", json!({})),
        (
            "cap_add: [net_admin, CAP_X]\ncap_drop: [all, NET_ADMIN]",
            "/CapabilityAdd",
            json!(["CAP_NET_ADMIN", "CAP_X"]),
        ),
        ("cap_add: [net_admin]\ncap_drop: [CAP_NET_ADMIN, kill]", "/CapabilityDrop", json!(["CAP_KILL"])),
        (
            "ulimits: {nproc: 5, nofile: {soft: 1, hard: 2}}",
            "/Ulimits",
            json!([{"Name": "nofile", "Soft": 1, "Hard": 2}, {"Name": "nproc", "Soft": 5, "Hard": 5}]),
        ),
        ("sysctls: {a: 1}", "/Sysctls", json!({"a": "1"})),
        ("init: false", "/Init", json!(false)),
        ("tty: false", "/TTY", Value::Null),
        ("stop_grace_period: 0s", "/StopGracePeriod", json!(0)),
        ("user: '1000'\nworking_dir: /w\nhostname: h", "/Dir", json!("/w")),
    ] {
        assert_eq!(at(&web(keys, ""), &format!("{container}{pointer}")), sent, "{keys}");
    }
}

#[test]
fn the_deploy_section_becomes_mode_resources_placement_and_updates() {
    for (keys, pointer, sent) in [
        ("{replicas: 0}", "/Mode", json!({"Replicated": {"Replicas": 0}})),
        ("{mode: global}", "/Mode", json!({"Global": {}})),
        (
            "{mode: replicated-job, replicas: 2}",
            "/Mode",
            json!({"ReplicatedJob": {"MaxConcurrent": 2, "TotalCompletions": 2}}),
        ),
        ("{mode: global-job}", "/Mode", json!({"GlobalJob": {}})),
        ("{endpoint_mode: DNSRR}", "/EndpointSpec", json!({"Mode": "dnsrr"})),
        ("{update_config: {}}", "/UpdateConfig", json!({"Parallelism": 1, "MaxFailureRatio": 0, "Order": ""})),
        (
            "{rollback_config: {parallelism: 0, max_failure_ratio: 0.1, delay: 1.5s}}",
            "/RollbackConfig",
            json!({"Parallelism": 0, "Delay": 1_500_000_000, "MaxFailureRatio": 0.1, "Order": ""}),
        ),
        (
            "{resources: {limits: {cpus: '0.25', memory: 1.5g, pids: 9}}}",
            "/TaskTemplate/Resources",
            json!({"Limits": {"NanoCPUs": 250_000_000, "MemoryBytes": 1_610_612_736, "Pids": 9}}),
        ),
        (
            "{resources: {reservations: {generic_resources: [{discrete_resource_spec: {kind: gpu, value: 2}}]}}}",
            "/TaskTemplate/Resources/Reservations",
            json!({"GenericResources": [{"DiscreteResourceSpec": {"Kind": "gpu", "Value": 2}}]}),
        ),
        (
            "{restart_policy: {condition: any, delay: 0s, max_attempts: 0}}",
            "/TaskTemplate/RestartPolicy",
            json!({"Condition": "any", "Delay": 0, "MaxAttempts": 0}),
        ),
        (
            "{placement: {constraints: [b, a], preferences: [{spread: x}], max_replicas_per_node: 1}}",
            "/TaskTemplate/Placement",
            json!({"Constraints": ["b", "a"], "Preferences": [{"Spread": {"SpreadDescriptor": "x"}}], "MaxReplicas": 1}),
        ),
        ("{labels: {com.docker.stack.image: mine}}", "/Labels/com.docker.stack.image", json!("nginx:1")),
    ] {
        assert_eq!(at(&web(&format!("deploy: {keys}"), ""), pointer), sent, "{keys}");
    }
    assert_eq!(at(&web("restart: on-failure:3", ""), "/TaskTemplate/RestartPolicy/MaxAttempts"), json!(3));
    assert_eq!(at(&web("restart: no", ""), "/TaskTemplate/RestartPolicy"), Value::Null);
}

#[test]
fn ports_are_sorted_by_what_is_published() {
    let port = |published: u16, target: u16| json!({"Protocol": "tcp", "TargetPort": target, "PublishedPort": published, "PublishMode": "ingress"});
    let body = web("ports: ['9001-9002:80', 8080:81, {target: 53, published: 53, protocol: udp, mode: host}]", "");
    let host = json!({"Protocol": "udp", "TargetPort": 53, "PublishedPort": 53, "PublishMode": "host"});
    assert_eq!(at(&body, "/EndpointSpec/Ports"), json!([host, port(8080, 81), port(9001, 80), port(9002, 80)]));
    let free = json!([{"Protocol": "tcp", "TargetPort": 80, "PublishMode": "ingress"}]);
    assert_eq!(at(&web("ports: [80]", ""), "/EndpointSpec/Ports"), free);
}

#[test]
fn mounts_are_of_the_kind_that_their_source_is() {
    let labels = json!({"com.docker.stack.namespace": "shop"});
    for (entry, mount) in [
        (
            "'data:/d:nocopy,ro'",
            json!({"Type": "volume", "Source": "shop_data", "Target": "/d", "ReadOnly": true,
            "VolumeOptions": {"NoCopy": true, "Labels": labels}}),
        ),
        ("theirs:/d", json!({"Type": "volume", "Source": "their-data", "Target": "/d", "VolumeOptions": {}})),
        (
            "nfs:/d",
            json!({"Type": "volume", "Source": "shop_nfs", "Target": "/d", "VolumeOptions": {
            "Labels": labels, "DriverConfig": {"Name": "nfs", "Options": {"o": "1"}}}}),
        ),
        ("/d", json!({"Type": "volume", "Target": "/d"})),
        (
            "../x:/d:rshared",
            json!({"Type": "bind", "Source": "/srv/x", "Target": "/d",
            "BindOptions": {"Propagation": "rshared"}}),
        ),
        ("~/x:/d", json!({"Type": "bind", "Source": "/home/maria/x", "Target": "/d"})),
        (
            "{type: tmpfs, target: /t, tmpfs: {size: 9}}",
            json!({"Type": "tmpfs", "Target": "/t",
            "TmpfsOptions": {"SizeBytes": 9}}),
        ),
        (
            "{type: bind, source: ./b, target: /b, bind: {}}",
            json!({"Type": "bind", "Source": "/srv/shop/b",
            "Target": "/b", "BindOptions": {}}),
        ),
        (
            "{type: cluster, source: 'group:g', target: /c}",
            json!({"Type": "cluster", "Source": "group:g",
            "Target": "/c", "ClusterOptions": {}}),
        ),
    ] {
        let top =
            "volumes: {data: {}, theirs: {external: true, name: their-data}, nfs: {driver: nfs, driver_opts: {o: 1}}}";
        let body = web(&format!("volumes: [{entry}]"), top);
        assert_eq!(at(&body, "/TaskTemplate/ContainerSpec/Mounts"), json!([mount]), "{entry}");
    }
}

#[test]
fn secrets_and_configs_carry_their_content_and_leave_ids_open() {
    let text =
        "services: {web: {image: a, secrets: [k, {source: k, target: /x, mode: 0400, uid: '7'}], configs: [their]}}
secrets: {k: {file: key}, unused: {file: empty, name: u}}
configs: {their: {external: true, name: theirs}, made: {file: ./key, template_driver: golang}}";
    let wish = good(&[text]);
    let container = &wish.services[0].body["TaskTemplate"]["ContainerSpec"];
    let file = |name: &str, uid: &str, mode: u32| json!({"Name": name, "UID": uid, "GID": "0", "Mode": mode});
    assert_eq!(
        container["Secrets"],
        json!([{"File": file("k", "0", 0o444), "SecretID": "", "SecretName": "shop_k"},
            {"File": file("/x", "7", 0o400), "SecretID": "", "SecretName": "shop_k"}])
    );
    let names: Vec<&str> = wish.secrets.iter().map(|part| part.name.as_str()).collect();
    assert_eq!(names, ["shop_k", "u"]);
    assert_eq!(&*wish.secrets[0].payload.as_ref().unwrap().0, b"hush");
    assert!(!format!("{wish:?}").contains("hush"));
    assert_eq!(wish.configs[0].body["Templating"], json!({"Name": "golang"}));
    assert!(wish.configs[0].body.get("Data").is_none());
    let external = &wish.externals[0];
    assert_eq!((external.kind, external.name.as_str()), (Kind::Config, "theirs"));
    assert_eq!(external.used_by, ["web"]);
}

#[test]
fn networks_are_made_if_a_service_uses_them_and_are_ours() {
    let text = "services: {web: {image: a, networks: {zz: {aliases: [x]}, host: , own: }}}
networks: {zz: {name: aaa, driver_opts: {k: 5}, ipam: {driver: d}}, host: {external: true}, own: {external: {name: theirs}}, idle: {}}";
    let wish = good(&[text]);
    assert_eq!(
        wish.services[0].body["TaskTemplate"]["Networks"],
        json!([{"Target": "aaa", "Aliases": ["x", "web"]}, {"Target": "host"}, {"Target": "theirs", "Aliases": ["web"]}])
    );
    assert_eq!(wish.networks.len(), 1);
    assert_eq!(wish.networks[0].body["IPAM"], json!({"Driver": "d", "Options": null, "Config": null}));
    assert_eq!(wish.networks[0].body["Options"], json!({"k": "5"}));
    assert_eq!(wish.externals.iter().map(|external| external.name.as_str()).collect::<Vec<_>>(), ["theirs"]);
    assert!(wish.notes.iter().any(|note| note.what.contains("external.name")), "{:?}", wish.notes);
}

#[test]
fn what_should_stand_before_a_service_is_remembered() {
    let wish = good(&["services: {web: {image: a, depends_on: [db]}, db: {image: b}}"]);
    assert_eq!(wish.services[1].after, ["db"]);
}
