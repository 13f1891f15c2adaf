//! Rules that compare parts of the folder: a folder that breaks them, and the same folder mended. What is said of
//! services alone is tried in `cases`, and left out here.

use super::*;

fn found(texts: &[(&str, &str)]) -> Vec<String> {
    let findings = check(&Files::of(&[], texts), Environment::new());
    let of_services = ["image-", "swarm-", "external-"];
    let told = findings.iter().filter(|finding| !of_services.iter().any(|start| finding.rule.starts_with(start)));
    told.map(|finding| format!("{} {}", finding.rule, finding.spot)).collect()
}

/// What is found of one rule.
fn only(rule: &str, texts: &[(&str, &str)]) -> Vec<String> {
    let start = format!("{rule} ");
    found(texts).iter().filter_map(|line| line.strip_prefix(&start)).map(str::to_owned).collect()
}

const STACK: &str = "services: {a: {image: x}}";

#[test]
fn a_variable_without_default_is_told_once_if_nobody_sets_it() {
    let stack = ("stacks/apps/a/compose.yaml", "services:\n  a:\n    image: x:${TAG}${TAG}\n    user: ${PUID:-1}\n");
    assert_eq!(only("variable-missing", &[(".env", "A=1"), stack]), ["stacks/apps/a/compose.yaml:3:12"]);
    assert_eq!(only("variable-missing", &[(".env.example", "A=1"), stack]).len(), 1);
    assert_eq!(only("variable-missing", &[(".env", "TAG=1"), (".env.example", "A=1"), stack]).len(), 0);
    assert_eq!(only("variable-missing", &[(".env.example", "TAG="), stack]).len(), 0);
    assert_eq!(found(&[stack]), ["env-absent .env"]);
    let demand = ("stacks/apps/b/compose.yaml", "services: {a: {image: \"x:${TAG:?set it}\"}}");
    assert_eq!(only("variable-required", &[(".env", "TAG="), stack, demand]), ["stacks/apps/b/compose.yaml:1:23"]);
    assert_eq!(only("variable-required", &[(".env", "TAG=1"), stack, demand]).len(), 0);
}

#[test]
fn a_missing_variable_says_which_name_was_probably_meant() {
    let stack = ("stacks/apps/a/compose.yaml", "services: {a: {image: \"x:1\", user: \"${PUID}\"}}");
    let findings = check(&Files::of(&[], &[(".env.example", "UID=1000\n"), stack]), Environment::new());
    assert!(findings[0].what.contains("it offers UID"), "{}", findings[0].what);
}

#[test]
fn a_name_that_only_ends_alike_is_no_other_name_for_it() {
    let stack = ("stacks/apps/a/compose.yaml", "services: {a: {image: \"x:1\", user: \"${POSTAL_DB_PASSWORD}\"}}");
    let findings = check(&Files::of(&[], &[(".env.example", "POSTGRES_PASSWORD=\n"), stack]), Environment::new());
    assert!(findings[0].what.ends_with("is not in .env.example, and a uses it"), "{}", findings[0].what);
}

#[test]
fn a_program_that_is_told_of_a_database_server_keeps_no_database() {
    let told = |service: &str| {
        let volumes = "volumes: {cfg: {driver_opts: {type: nfs, device: \":/x\"}}}";
        let text = format!("services: {{a: {{{service}}}}}\n{volumes}\n");
        !only("storage-shared-database", &[("stacks/apps/a/compose.yaml", &text)]).is_empty()
    };
    for (service, kept) in [
        ("image: \"radarr:1\", volumes: [\"cfg:/config\"]", true),
        ("image: \"radarr:1\", volumes: [\"cfg:/config\"], environment: {RADARR__POSTGRES__HOST: db}", false),
        ("image: \"radarr:1\", volumes: [\"cfg:/config\"], environment: {RADARR__LOG__LEVEL: debug}", true),
        ("image: \"seerr:1\", volumes: [\"cfg:/app/config\"], environment: [DB_TYPE=postgres]", false),
        ("image: \"n8n:1\", volumes: [\"cfg:/home/node/.n8n\"], environment: {A: \"postgresql://db/n8n\"}", false),
        ("image: \"grafana:1\", volumes: [\"cfg:/var/lib/grafana\"], environment: {GF_DATABASE_TYPE: sqlite3}", true),
        // The server itself.
        ("image: \"postgres:1\", volumes: [\"cfg:/var/lib/postgresql/data\"], environment: {POSTGRES_HOST: x}", true),
    ] {
        assert_eq!(told(service), kept, "{service}");
    }
}

#[test]
fn a_monitor_of_an_unknown_type_is_told_once() {
    let labels = "{kuma.a.tcp.name: a, kuma.a.tcp.port: 80, kuma.b.tcp.port: 81}";
    let text = format!("services: {{a: {{image: \"x:1\", deploy: {{labels: {labels}}}}}}}");
    assert_eq!(only("kuma-shape", &[("stacks/apps/a/compose.yaml", &text)]).len(), 2);
}

#[test]
fn what_the_environment_sets_is_not_missing() {
    let files = Files::of(
        &[],
        &[(".env", "A=1"), ("stacks/apps/a/compose.yaml", "services: {a: {image: \"x:1\", user: \"${U}\"}}")],
    );
    assert_eq!(check(&files, [("U".to_owned(), "1".to_owned())].into()), []);
}

#[test]
fn the_order_is_held_against_what_stacks_need() {
    let registry = |after: &str| {
        format!(
            "[[stack]]\nname = \"db\"\n[stack.config]\nswarm = \"s\"\nrun_directory = \"stacks/platform/db\"\n\n[[stack]]\nname = \"web\"\nafter = [{after}]\n[stack.config]\nswarm = \"s\"\nrun_directory = \"stacks/apps/web\"\n"
        )
    };
    let db = ("stacks/platform/db/compose.yaml", "services: {a: {image: x}}\nnetworks: {back: {}}\n");
    let web = ("stacks/apps/web/compose.yaml", "services: {a: {image: x}}\nnetworks:\n  db_back: {external: true}\n");
    let with = |after: &str| found(&[("komodo/resources.toml", &registry(after)), db, web]);
    assert_eq!(with(""), ["order-undeclared stacks/apps/web/compose.yaml:3:3"]);
    assert_eq!(with("\"db\""), [""; 0]);
    assert_eq!(with("\"db\", \"dbb\""), ["order-unknown komodo/resources.toml:9:16"]);
    assert_eq!(with("\"db\", \"web\""), ["order-cycle komodo/resources.toml:9:16"]);
    let config = ("quarterdeck.yaml", "stacks: {db: {after: [web]}}");
    assert_eq!(only("order-tier", &[config, db, ("stacks/apps/web/compose.yaml", STACK)]), ["quarterdeck.yaml:1:23"]);
    // Without a registry Quarterdeck finds the order out by itself.
    assert_eq!(found(&[db, web]), [""; 0]);
}

#[test]
fn a_secret_that_the_preflight_of_another_stack_makes_is_an_edge() {
    let files = Files::of(
        &[],
        &[
            ("stacks/apps/app/compose.yaml", "secrets: {app_db: {external: true}}"),
            ("stacks/apps/app/pre-flight.yml", "secrets: [{name: app_db, from_env: APP_DB}]"),
            ("stacks/apps/backup/compose.yaml", "secrets: {app_db: {external: true}}"),
        ],
    );
    let order = crate::platform::read(&files).depth(&files).order;
    assert_eq!(order.tiers[0].1, [vec!["app".to_owned()], vec!["backup".to_owned()]]);
}

#[test]
fn the_registry_is_held_against_the_folder() {
    let registry = "[[stack]]\nname = \"a\"\n[stack.config]\nswarm = \"s\"\nrun_directory = \"stacks/apps/a\"\nignore_services = [\"once\", \"onec\", \"main\"]\n\n[[stack]]\nname = \"again\"\n[stack.config]\nserver = \"nas\"\nrun_directory = \"stacks/apps/a/\"\n\n[[stack]]\nname = \"gone\"\n[stack.config]\nswarm = \"s\"\nrun_directory = \"stacks/apps/gone\"\n";
    let stack =
        "services:\n  main: {}\n  once: {deploy: {mode: replicated-job}}\n  other: {deploy: {mode: global-job}}\n";
    let folder = [
        ("komodo/resources.toml", registry),
        ("stacks/apps/a/compose.yaml", stack),
        ("stacks/apps/torrent/compose.yaml", STACK),
        ("stacks/infrastructure/caddy/caddy-compose.yaml", STACK),
    ];
    assert_eq!(
        found(&folder),
        [
            "registry-job komodo/resources.toml:2:8",
            "registry-ignored komodo/resources.toml:6:28",
            "registry-hidden komodo/resources.toml:6:36",
            "registered-twice komodo/resources.toml:9:8",
            "registered-missing komodo/resources.toml:15:8",
            "stack-unregistered stacks/apps/torrent/compose.yaml",
        ]
    );
    let named = ("quarterdeck.yaml", "stacks: {torrent: {}, torent: {}}");
    let with: Vec<_> = folder.into_iter().chain([named]).collect();
    assert_eq!(only("stack-unregistered", &with).len(), 0);
    assert_eq!(only("config-stack", &with), ["quarterdeck.yaml:1:23"]);
}

#[test]
fn hosts_are_held_against_each_other() {
    for (managers, rule) in [
        ("a: ", Some("managers-one hosts.yml:1:20")),
        ("a: , b: ", Some("managers-even hosts.yml:1:20")),
        ("a: , b: , c: ", None),
        ("\"n[1:9]\": ", Some("managers-many hosts.yml:1:20")),
    ] {
        let text = format!("managers: {{hosts: {{{managers}}}}}");
        assert_eq!(found(&[("hosts.yml", &text)]), rule.into_iter().collect::<Vec<_>>(), "{managers}");
    }
    let same = "all: {hosts: {a: {ansible_host: 192.0.2.1}, b: {ansible_host: 192.0.2.1}, c: {ansible_host: 192.0.2.1, ansible_port: 23}}}";
    assert_eq!(found(&[("hosts.yml", same)]), ["inventory-address hosts.yml:1:45"]);
    let placeholder = "all: {vars: {nfs_server: \"{{ lookup('env', 'NFS') | default('192.0.2.XXX', true) }}\"}}";
    assert_eq!(found(&[("hosts.yml", placeholder)]), ["inventory-placeholder hosts.yml:1:14"]);
}

#[test]
fn a_preflight_is_held_against_values_labels_and_files() {
    let preflight = "validate:\n  env: [A, B, C]\n  labels: [{gpu: \"True\"}, {tor: \"true\"}]\ntemplates: [{src: x.j2, dest: x}, {src: y.j2, dest: y}]\n";
    let folder = [
        (".env", "A=1\nB=  # openssl rand\n"),
        ("hosts.yml", "all: {hosts: {a: {node_labels: {gpu: true, tor: false}}}}"),
        ("stacks/apps/a/compose.yaml", STACK),
        ("stacks/apps/a/pre-flight.yml", preflight),
        ("stacks/apps/a/x.j2", ""),
    ];
    assert_eq!(
        found(&folder),
        [
            "preflight-env stacks/apps/a/pre-flight.yml:2:12",
            "preflight-env stacks/apps/a/pre-flight.yml:2:15",
            "preflight-label stacks/apps/a/pre-flight.yml:3:28",
            "preflight-source stacks/apps/a/pre-flight.yml:4:35",
        ]
    );
}

#[test]
fn boot_groups_are_held_against_profiles_assets_machines_and_the_inventory() {
    let group = |id: &str, mac: &str, rest: &str| {
        format!(
            "{{\"id\": \"{id}\", \"profile\": \"disk\", \"selector\": {{\"mac\": \"{mac}\"}}, \"metadata\": {{{rest}}}}}"
        )
    };
    let (a, b) = (group("a", "00:00:5e:00:53:01", "\"static_ip\": \"192.0.2.9\""), group("b", "00-00-5E-00-53-01", ""));
    let c = group("c", "XX:XX:XX:XX:XX:XX", "\"ssh_authorized_key\": \"REPLACE_WITH_KEY\"");
    let tofu = "module \"a\" {\n  vm_id = 1\n  vm_mac = \"00:00:5e:00:53:02\"\n  vm_ip = \"192.0.2.8\"\n}\n";
    let folder = [
        ("hosts.yml", "all: {hosts: {a: {ansible_host: 192.0.2.1}}}"),
        ("opentofu/main.tf", tofu),
        ("stacks/pxe/assets/linux", ""),
        ("stacks/pxe/groups/a.json", &a),
        ("stacks/pxe/groups/b.json", &b),
        ("stacks/pxe/groups/c.json", &c),
        ("stacks/pxe/groups/d.json", "{\"id\": \"d\", \"profile\": \"disc\"}"),
        ("stacks/pxe/profiles/disk.json", "{\"id\": \"disk\", \"boot\": {\"kernel\": \"/assets/linus\"}}"),
    ];
    let mut expected = vec![
        "tofu-mac opentofu/main.tf:3:3",
        "tofu-address opentofu/main.tf:4:3",
        "boot-address stacks/pxe/groups/a.json:1:100",
        "boot-twice stacks/pxe/groups/b.json:1:52",
        "boot-mac stacks/pxe/groups/c.json:1:52",
        "boot-key stacks/pxe/groups/c.json:1:109",
        "boot-profile stacks/pxe/groups/d.json:1:24",
        "boot-asset stacks/pxe/profiles/disk.json:1:35",
    ];
    expected.sort_unstable();
    let mut found = found(&folder);
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn short_and_long_forms_of_ports_clash_where_they_meet() {
    let short = |port: &str| format!("[\"{port}\"]");
    let host = "[{target: 80, published: 80, mode: host}]";
    for (one, other, placed, rule) in [
        (short("80:80"), short("80:8080"), ["", ""], "port-clash"),
        (short("80:80"), short("80:80/udp"), ["", ""], ""),
        (short("8000-8005:80-85/udp"), short("8005:1/UDP"), ["", ""], "port-clash"),
        (short("80-85"), short("82:82"), ["", ""], ""),
        (short("0.0.0.0:80:80"), "[{target: 1, published: 80, protocol: TCP}]".to_owned(), ["", ""], "port-clash"),
        (short("80:80"), host.to_owned(), ["", ""], "port-clash"),
        (host.to_owned(), host.to_owned(), ["", ""], "port-shared-host"),
        (host.to_owned(), host.to_owned(), ["mode: global,", "mode: global,"], "port-clash"),
        (host.to_owned(), host.to_owned(), ["replicas: 0,", ""], ""),
        (short("80:80"), short("80:80"), ["", "replicas: 0,"], ""),
        (short("80:80"), short("80:80"), ["", "mode: replicated-job,"], "port-clash"),
        (
            host.to_owned(),
            host.to_owned(),
            ["placement: {constraints: [node.role == manager]}", "placement: {constraints: [node.role != manager]}"],
            "",
        ),
        (
            host.to_owned(),
            host.to_owned(),
            ["placement: {constraints: [node.hostname == w]}", "placement: {constraints: [node.role == worker]}"],
            "port-shared-host",
        ),
    ] {
        let file = |ports: &str, deploy: &str| {
            format!("services: {{a: {{image: \"x:1\", ports: {ports}, deploy: {{{deploy}}}}}}}")
        };
        let (a, b) = (file(&one, placed[0]), file(&other, placed[1]));
        let hosts = ("hosts.yml", "managers: {hosts: {m: , n: , o: }}\nworkers: {hosts: {w: , x: }}");
        let found = found(&[("stacks/apps/a/compose.yaml", &a), ("stacks/apps/b/compose.yaml", &b), hosts]);
        let rules: Vec<&str> = found.iter().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(rules, Vec::from_iter((!rule.is_empty()).then_some(rule)), "{one} {other} {placed:?}");
    }
}

#[test]
fn what_the_plan_would_refuse_is_told_once_at_its_place() {
    let mut wrong = Vec::new();
    for (body, at) in [
        ("image: \"x:1\", ports: [\"80:x\"]", "1:38"),
        ("image: \"x:1\", ports: [\"8000-8002:80-81\"]", "1:38"),
        ("image: \"x:1\", volumes: [\"/aa:/bb:ro:xx\"]", "1:40"),
        ("image: \"x:1\", deploy: {resources: {limits: {memory: 5parsecs}}}", "1:68"),
        ("image: \"x:1\", deploy: {resources: {limits: {cpus: \"0.0000000001\"}}}", "1:66"),
        ("image: \"x:1\", deploy: {mode: global, replicas: 2}", "1:45"),
        ("image: \"x:1\", stop_grace_period: 5d", "1:49"),
        ("image: \"x:1\", command: \"sh -c 'open\"", "1:39"),
        ("image: \"x:1\", healthcheck: {disable: true, test: [CMD, x]}", "1:43"),
        ("image: \"X:1\"", "1:23"),
        ("image: \"x:1\", env_file: [gone.env]", "1:41"),
        ("image: \"x:1\", secrets: [gone]", ""),
        ("image: \"x:1\", user: \"${NOT_SET}\", ports: [\"${NOT_SET}:80\"]", ""),
        ("image: \"x:1\", stop_grace_period: 1m30s, ports: [\"80:80/udp\", 90-91:90-91, 27017:27017]", ""),
    ] {
        let text = format!("services: {{a: {{{body}}}}}");
        let findings = check(&Files::of(&[], &[("stacks/apps/a/compose.yaml", &text)]), Environment::new());
        let refused: Vec<_> = findings.iter().filter(|one| one.rule == "swarm-refused").collect();
        let spots: Vec<String> = refused.iter().map(|one| format!("{}:{}", one.spot.line, one.spot.column)).collect();
        if spots != Vec::from_iter((!at.is_empty()).then_some(at)) {
            wrong.push(format!("{body}: {spots:?} {:?}", refused.iter().map(|one| &one.what).collect::<Vec<_>>()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // What a rule tells with more knowledge is told by it alone.
    let twice = "services: {a: {image: \"x:1\", secrets: [gone]}}";
    let findings = check(&Files::of(&[], &[("stacks/apps/a/compose.yaml", twice)]), Environment::new());
    assert_eq!(findings.iter().map(|one| one.rule).collect::<Vec<_>>(), ["part-undeclared"]);
}

#[test]
fn a_critical_service_belongs_to_a_stack() {
    let list = "critical_services: [{name: plex, stack: media}, {name: x, stack: medai}]";
    let folder = [("config/critical-services.yaml", list), ("stacks/apps/media/compose.yaml", STACK)];
    assert_eq!(found(&folder), ["critical-stack config/critical-services.yaml:1:49"]);
}

#[test]
fn no_secret_is_told_even_if_it_stands_where_a_name_should() {
    let folder = [
        (".env", "DB_PASSWORD=hunter2hunter2\n"),
        ("stacks/apps/a/compose.yaml", "services: {a: {image: \"x:1\"}}"),
        ("quarterdeck.yaml", "stacks: {a: {tier: hunter2hunter2}}"),
    ];
    let findings = check(&Files::of(&[], &folder), Environment::new());
    assert_eq!(findings.len(), 1);
    assert!(!format!("{findings:?}").contains("hunter2"));
}

#[test]
fn the_shipped_platform_breaks_no_rule() {
    let findings = check(&Files::shipped(), Environment::new());
    // A monitor asks these two from outside.
    let told: Vec<(&str, bool)> = findings.iter().map(|one| (one.rule, one.severity == Severity::Info)).collect();
    assert_eq!(told, [("health-missing", true); 2], "{findings:#?}");
    let files = Files::shipped();
    let platform = crate::platform::read(&files);
    assert_eq!(platform.catalogue.hosts.len(), 5);
    let tiers: Vec<usize> =
        platform.depth(&files).order.tiers.iter().map(|(_, waves)| waves.iter().map(Vec::len).sum()).collect();
    assert_eq!(tiers.iter().sum::<usize>(), platform.catalogue.stacks.len());
}

#[test]
fn what_new_writes_breaks_no_rule_and_can_be_planned() {
    use crate::model::Tier;
    use crate::platform::{Draft, Home, Ingress, Storage};

    let caddy = "services: {caddy: {image: \"x/caddy:2\", healthcheck: {test: [CMD, x]}, networks: [front]}}\nnetworks: {front: {name: front}}";
    let traefik = "services: {traefik: {image: \"traefik:3.1\", healthcheck: {test: [CMD, x]}, networks: [front]}}\nnetworks: {front: {name: front}}";
    let nothing = "services: {a: {image: \"x:1\"}}";
    for (proxy, host) in [(caddy, Some("notes.example.test")), (traefik, Some("notes.example.test")), (nothing, None)] {
        for storage in [Storage::None, Storage::Volume, Storage::Directory] {
            let base = [("stacks/proxy/compose.yaml", proxy), ("hosts.yml", "managers: {hosts: {a: , b: , c: }}")];
            let before = Files::of(&[], &base);
            let platform = crate::platform::read(&before);
            let draft = Draft {
                name: "notes".to_owned(),
                image: "registry.example.test/notes:1.2".to_owned(),
                port: 8080,
                tier: Tier::Application,
                home: Home::of(&platform, &Tier::Application),
                storage,
                mount: "/data".to_owned(),
                root: crate::platform::Base::AppData.written(&platform.values),
                health: None,
                node: Some("a".to_owned()),
                host: host.map(str::to_owned),
            };
            assert_eq!(draft.faults(&platform), []);
            let ingress = Ingress::of(&platform.depth(&before));
            assert_eq!(ingress.is_some(), host.is_some());
            let written = draft.files(ingress.as_ref());
            let mut texts: Vec<(&str, &str)> = base.to_vec();
            texts.extend(written.iter().map(|(path, text)| (path.to_str().unwrap(), text.as_str())));
            let files = Files::of(&[], &texts);
            assert_eq!(check(&files, Environment::new()), [], "{}", written[0].1);
            let catalogue = std::sync::Arc::new(crate::platform::read(&files).catalogue);
            let checkout =
                crate::platform::Checkout { files: files.into(), catalogue, surroundings: Default::default() };
            let wish = checkout.wish("notes").unwrap();
            assert_eq!((wish.services.len(), wish.notes.len()), (1, 0));
        }
    }
}

#[test]
fn what_is_the_same_fault_in_other_words_is_found_too() {
    let share = "volumes: {vd: {driver_opts: {type: nfs, o: addr=x, device: \":/x\"}}}";
    let kept = |service: &str| format!("services: {{a: {{{service}}}}}\n{share}");
    let routed = |label: &str| {
        format!(
            "services: {{a: {{image: \"x:1\", deploy: {{labels: [traefik.enable=true, \"traefik.http.routers.a.rule=Host(`a`)\", traefik.http.services.a.loadbalancer.server.{label}]}}}}}}"
        )
    };
    for (rule, text, found) in [
        ("storage-shared-database", kept("image: \"vaultwarden/server:1\", volumes: [vd:/data]"), true),
        ("storage-shared-database", kept("image: \"game/server:1\", volumes: [vd:/data]"), false),
        (
            "storage-shared-database",
            kept("image: \"h.test:5000/linuxserver/homeassistant:1\", volumes: [vd:/config]"),
            true,
        ),
        ("storage-shared-database", kept("image: \"jc21/nginx-proxy-manager:2\", volumes: [vd:/data]"), true),
        (
            "storage-shared-database",
            kept("image: \"postgres:17\", volumes: [vd:/pg], environment: {PGDATA: /pg/data}"),
            true,
        ),
        (
            "storage-shared-database",
            kept("image: \"postgres:17\", volumes: [vd:/var/lib/postgresql/data], environment: {PGDATA: /pg/data}"),
            false,
        ),
        ("traefik-port", routed("scheme=https"), true),
        ("traefik-port", routed("port=80"), false),
        (
            "secret-literal",
            "services: {a: {image: \"x:1\", environment: {DB_PASSWORD: hunter2hunter2}}}".to_owned(),
            true,
        ),
        ("secret-literal", "services: {a: {image: \"x:1\", environment: {DB_PASSWORD: op://a/b/c}}}".to_owned(), false),
    ] {
        let findings = check(&Files::of(&[], &[("stacks/apps/a/compose.yaml", &text)]), Environment::new());
        assert_eq!(findings.iter().any(|finding| finding.rule == rule), found, "{text}: {findings:#?}");
    }
}

#[test]
fn a_directory_is_made_where_it_is_mounted_whoever_says_where_that_is() {
    let mounted = |from: &str| format!("services: {{a: {{image: \"x:1\", volumes: [\"{from}/a:/a\"]}}}}");
    let own = mounted("${APPDATA_DIR:-/mnt/iscsi/app-data}");
    for (text, values, found) in [
        (&own, (".env.example", "APPDATA_DIR=/mnt/x\n"), false),
        (&own, (".env", "APPDATA_DIR=/mnt/x\n"), false),
        (&own, (".env", "B=\n"), false),
        (&own, (".env", "APPDATA_DIR=/mnt/x\nISCSI_APP_DATA_MOUNT_PATH=/mnt/y\n"), true),
        (&mounted("/mnt/apps01/appdata"), (".env", "B=\n"), true),
    ] {
        let made = ("stacks/apps/a/pre-flight.yml", "directories: [{path: a}]");
        let files = Files::of(&[], &[("stacks/apps/a/compose.yaml", text), made, values]);
        let findings = check(&files, Environment::new());
        assert_eq!(findings.iter().any(|one| one.rule == "bind-unprovisioned"), found, "{text} {values:?}");
    }
}
