//! Two folders of the size and shape of real ones, with the same faults in the same numbers: as many are found as
//! there are.

use std::collections::{BTreeMap, BTreeSet};

use quarterdeck::diag::Finding;
use quarterdeck::lint;
use quarterdeck::platform::{Environment, Files};

type Texts = BTreeMap<String, String>;

fn found(texts: &Texts) -> Vec<Finding> {
    let texts: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let files = Files::of(&[], &texts);
    lint::check(&files, Environment::new())
}

/// How many findings of a rule there are, and in how many files.
fn counted(findings: &[Finding], rule: &str) -> (usize, usize) {
    let of_rule = || findings.iter().filter(|finding| finding.rule == rule);
    let files: BTreeSet<&str> = of_rule().map(|finding| &*finding.spot.file).collect();
    (of_rule().count(), files.len())
}

/// 54 stacks of Ansible and `.env`: 178 variables of which 42 are nowhere, 95 directories of which pre-flights make
/// 39, labels that eight times nobody asks for, and two databases whose backup cannot log in.
fn of_ansible() -> Texts {
    let mut texts = Texts::new();
    let offered: String = (0..136).map(|number| format!("V{number}=x\n")).collect();
    texts.insert(".env.example".to_owned(), offered);
    let structure = "all:\n  vars: {swarm_required_networks: [traefik-public]}\n  children: {managers: , workers: }\n";
    texts.insert("ansible/inventory/01-structure.yml".to_owned(), structure.to_owned());
    // Eight labels in six stacks are not asked for, eleven in others are.
    let gaps: [&[&str]; 6] =
        [&["database"], &["database"], &["gpu", "photos"], &["database"], &["database", "gpu"], &["gpu"]];
    let mut bound = 0;
    for stack in 0..54 {
        let dir = if stack < 3 { format!("stacks/infra{stack}") } else { format!("stacks/apps/app{stack}") };
        let variables: Vec<usize> = (0..178).filter(|number| number % 54 == stack).collect();
        let environment: String =
            variables.iter().map(|number| format!("      - V{number}=${{V{number}}}\n")).collect();
        // Of 31 stacks come 56 directories that nobody makes, of the others 39 that pre-flights make.
        let count = if stack < 31 {
            if stack < 25 { 2 } else { 1 }
        } else if stack < 47 {
            2
        } else {
            1
        };
        let volumes: Vec<usize> = (bound..bound + count).collect();
        bound += count;
        let device = |number: &usize| format!("app-data/app{stack}/d{number}");
        let volume = |number: &usize| {
            format!("  d{number}: {{driver_opts: {{type: none, o: bind, device: /mnt/iscsi/{}}}}}\n", device(number))
        };
        let labels: &[&str] = match stack {
            10..16 => gaps[stack - 10],
            20..31 => &["database"],
            _ => &[],
        };
        let constraints: String = labels.iter().map(|label| format!("node.labels.{label} == true, ")).collect();
        let fiber = match stack {
            40..50 => format!("      labels: [fiber.enable=true, fiber.secret=s{stack}]\n"),
            _ => String::new(),
        };
        let text = format!(
            "services:\n  main:\n    image: registry.example.test/main:1\n    environment:\n{environment}    deploy:\n{fiber}      placement: {{constraints: [{constraints}]}}\nvolumes:\n{}",
            volumes.iter().map(volume).collect::<String>()
        );
        texts.insert(format!("{dir}/docker-compose.yml"), text);
        if stack >= 20 {
            let made: Vec<String> = match stack {
                31.. => volumes.iter().map(|number| format!("{{path: app{stack}/d{number}}}")).collect(),
                _ => Vec::new(),
            };
            let asked = if stack < 31 { "{database: \"true\"}" } else { "" };
            let preflight = format!("validate: {{labels: [{asked}]}}\ndirectories: [{}]\n", made.join(", "));
            texts.insert(format!("{dir}/pre-flight.yml"), preflight);
        }
    }
    assert_eq!(bound, 95);
    // The backup has eight of the ten secrets.
    let secrets: String = (40..48).map(|stack| format!("s{stack}, ")).collect();
    let declared: String = (40..48).map(|stack| format!("s{stack}: {{external: true}}, ")).collect();
    let fiber = format!("services: {{fiber: {{image: \"x:1\", secrets: [{secrets}]}}}}\nsecrets: {{{declared}}}\n");
    texts.insert("stacks/apps/fiber/docker-compose.yml".to_owned(), fiber);
    texts
}

#[test]
fn a_folder_of_ansible_and_dotenv_has_the_faults_that_were_counted_in_a_real_one() {
    let findings = found(&of_ansible());
    assert_eq!(counted(&findings, "variable-missing").0, 42);
    assert_eq!(counted(&findings, "preflight-unlabelled"), (8, 6));
    assert_eq!(counted(&findings, "bind-unprovisioned"), (56, 31));
    assert_eq!(counted(&findings, "fiber-secret"), (2, 2));
}

/// 17 stacks of a registry, eight of which need what nobody declares; five servers, four of them believed unseen; four
/// groups of the boot server with placeholders; 28 mounts of the checkout in services that may run anywhere.
fn of_registry() -> Texts {
    let mut texts = Texts::new();
    let hosts = "all:\n  vars: {nfs_server: 192.0.2.XXX}\n  children:\n    managers: {hosts: {ching: , angre: }}\n    workers: {hosts: {lorcha: , dhow: }}\n    swarm_nodes: {children: {managers: , workers: }}\n";
    texts.insert("ansible/inventory/hosts.yml".to_owned(), hosts.to_owned());
    let mut registry = String::new();
    for (number, server) in ["barbary", "ching", "angre", "lorcha", "dhow"].iter().enumerate() {
        let insecure = if number == 0 { "" } else { "insecure_tls = true\n" };
        registry +=
            &format!("[[server]]\nname = \"{server}\"\n[server.config]\n{insecure}address = \"https://x:8120\"\n\n");
    }
    let mails = ["automation", "monitoring", "observability", "authentik", "media_core", "media_support", "forgejo"];
    let plain = ["postgres", "reading", "smartctl", "enrichment", "cloud", "notes", "photos", "books", "smtp"];
    for stack in mails.iter().chain(&plain) {
        let after = match *stack {
            "automation" | "monitoring" | "media_core" | "reading" | "media_support" => "after = [\"postgres\"]\n",
            _ => "",
        };
        registry += &format!(
            "[[stack]]\nname = \"{stack}\"\n{after}[stack.config]\nswarm = \"s\"\nrun_directory = \"stacks/platform/{stack}\"\n\n"
        );
        let mut networks = String::new();
        if mails.contains(stack) {
            networks += "  smtp_relay: {external: true}\n";
        }
        if *stack == "observability" {
            networks += "  postgres_postgres: {external: true}\n";
        }
        if *stack == "media_support" {
            networks += "  observability_notifications: {external: true}\n";
        }
        if *stack == "smartctl" {
            networks += "  monitoring_monitoring: {external: true}\n";
        }
        networks += match *stack {
            "smtp" => "  relay: {name: smtp_relay}\n",
            "postgres" => "  postgres: {}\n",
            "observability" => "  notifications: {}\n",
            "monitoring" => "  monitoring: {}\n",
            _ => "",
        };
        let text = format!("services: {{main: {{image: \"x:1\"}}}}\nnetworks:\n{networks}");
        texts.insert(format!("stacks/platform/{stack}/compose.yaml"), text);
    }
    texts.insert("komodo/resources.toml".to_owned(), registry);
    texts.insert(
        "stacks/application/media/torrent/compose.yaml".to_owned(),
        "services: {t: {image: \"x:1\"}}".to_owned(),
    );
    // 21 mounts in 15 jobs, 6 in 5 services, 1 in a global one, and one that is where the checkout lies.
    let mut services = String::new();
    let mut service = |name: String, mounts: usize, deploy: &str| {
        let mounts: Vec<String> = (0..mounts).map(|mount| format!("\"./m{mount}:/m{mount}:ro\"")).collect();
        services += &format!("  {name}: {{image: \"x:1\", deploy: {{{deploy}}}, volumes: [{}]}}\n", mounts.join(", "));
    };
    (0..15).for_each(|job| service(format!("job{job}"), if job < 6 { 2 } else { 1 }, "mode: replicated-job"));
    (0..5).for_each(|one| service(format!("one{one}"), if one < 1 { 2 } else { 1 }, "replicas: 1"));
    service("alloy".to_owned(), 1, "mode: global");
    service("bound".to_owned(), 1, "placement: {constraints: [node.hostname == barbary]}");
    texts.insert("stacks/infrastructure/jobs/x-compose.yaml".to_owned(), format!("services:\n{services}"));
    for (number, name) in ["ching", "angre", "lorcha", "dhow"].iter().enumerate() {
        let group = format!(
            "{{\"id\": \"{name}\", \"profile\": \"p\", \"selector\": {{\"mac\": \"XX:XX:XX:XX:XX:0{number}\"}}, \"metadata\": {{\"ssh_authorized_key\": \"REPLACE_WITH_KEY\"}}}}"
        );
        texts.insert(format!("stacks/infrastructure/pxe/groups/{name}.json"), group);
    }
    texts.insert("stacks/infrastructure/pxe/profiles/p.json".to_owned(), "{\"id\": \"p\"}".to_owned());
    texts
}

#[test]
fn a_folder_of_a_registry_has_the_faults_that_were_counted_in_a_real_one() {
    let findings = found(&of_registry());
    for (rule, count) in [
        ("boot-mac", 4),
        ("boot-key", 4),
        ("inventory-placeholder", 1),
        ("inventory-lacks", 1),
        ("managers-even", 1),
        ("registry-tls", 4),
        ("stack-unregistered", 1),
        ("bind-relative", 28),
    ] {
        assert_eq!(counted(&findings, rule).0, count, "{rule}");
    }
    // Ten edges of eight stacks.
    assert_eq!(counted(&findings, "order-undeclared"), (10, 8));
    let lacks = findings.iter().find(|finding| finding.rule == "inventory-lacks").unwrap();
    assert!(lacks.what.starts_with("barbary "), "{}", lacks.what);
}

#[test]
fn odd_files_of_every_kind_are_told_and_hide_no_other() {
    let mut texts = of_registry();
    for (name, text) in [
        (
            "stacks/platform/odd1/compose.yaml",
            "services: {a: [], b: {ports: {}, volumes: x, networks: 5, deploy: [], labels: 3}}",
        ),
        (
            "stacks/platform/odd2/compose.yaml",
            "services: {a: {image: [], ports: [{}], volumes: [[], {type: bind}], configs: [{}]}}\nnetworks: []\nvolumes: {v: 5}",
        ),
        ("stacks/platform/odd3/compose.yaml", "services: [\n"),
        ("stacks/platform/odd4/compose.yaml", "- a\n"),
        ("stacks/platform/odd5/compose.yaml", ""),
        (
            "stacks/platform/odd6/compose.yaml",
            "services: {a: {image: \"x:1\", deploy: {labels: [caddy_, caddy_1.., kuma., homepage., traefik.http.routers.a., 7]}}}",
        ),
    ] {
        texts.insert(name.to_owned(), text.to_owned());
    }
    let findings = found(&texts);
    assert_eq!(counted(&findings, "bind-relative").0, 28);
    for number in [1, 2, 3, 4] {
        let file = format!("stacks/platform/odd{number}/compose.yaml");
        assert!(findings.iter().any(|one| *one.spot.file == *file && one.rule != "stack-unregistered"), "{file}");
    }
}
