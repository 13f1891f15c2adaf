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
            40..52 => format!("      labels: [fiber.enable=true, fiber.secret=s{stack}]\n"),
            _ => String::new(),
        };
        // Unpinned images, keys that a swarm ignores, and one that it heeds.
        let tag = match stack {
            0..36 => ":latest",
            36..38 => "",
            _ => ":1",
        };
        let name = if stack < 24 { "    container_name: main\n" } else { "" };
        let restart = if stack < 49 { "    restart: unless-stopped\n" } else { "" };
        let text = format!(
            "services:\n  main:\n    image: registry.example.test/main{tag}\n{name}{restart}    environment:\n{environment}    deploy:\n{fiber}      placement: {{constraints: [{constraints}]}}\nvolumes:\n{}",
            volumes.iter().map(volume).collect::<String>()
        );
        texts.insert(format!("{dir}/docker-compose.yml"), text);
        if stack >= 20 {
            let made: Vec<String> = match stack {
                31.. => volumes.iter().map(|number| format!("{{path: app{stack}/d{number}}}")).collect(),
                _ => Vec::new(),
            };
            let asked = if stack < 31 { "{database: \"true\"}" } else { "" };
            let secret = match stack {
                40..52 => format!("{{name: s{stack}, from_env: V{stack}}}"),
                _ => String::new(),
            };
            let preflight =
                format!("validate: {{labels: [{asked}]}}\nsecrets: [{secret}]\ndirectories: [{}]\n", made.join(", "));
            texts.insert(format!("{dir}/pre-flight.yml"), preflight);
        }
    }
    assert_eq!(bound, 95);
    // The backup has ten of the twelve secrets.
    let secrets: String = (40..50).map(|stack| format!("s{stack}, ")).collect();
    let declared: String = (40..50).map(|stack| format!("s{stack}: {{external: true}}, ")).collect();
    let fiber = format!("services: {{fiber: {{image: \"x:1\", secrets: [{secrets}]}}}}\nsecrets: {{{declared}}}\n");
    texts.insert("stacks/apps/fiber/docker-compose.yml".to_owned(), fiber);
    beside_ansible(&mut texts);
    texts
}

/// What such a folder has beside its stacks.
fn beside_ansible(texts: &mut Texts) {
    let exporter =
        "services: {e: {image: \"x:1\", networks: [monitoring-net]}}\nnetworks: {monitoring-net: {external: true}}\n";
    texts.insert("stacks/infra1/node-exporter/docker-compose.yml".to_owned(), exporter.to_owned());
    let dns =
        "services: {d: {image: \"x:1\", environment: [\"P=${DNS_ADMIN_PASSWORD:-admin}\"], ports: [27017:27017]}}";
    texts.insert("stacks/apps/dns/docker-compose.yml".to_owned(), dns.to_owned());
    texts.insert("stacks/apps/pages/docker-compose.yml".to_owned(), pages());
    for (path, text) in TASKS {
        texts.insert((*path).to_owned(), (*text).to_owned());
    }
}

/// 64 pages: 58 with a whole tile, one without a link, one with a group and a name only, and four without anything. 18 of
/// them are let through by what another makes.
fn pages() -> String {
    let mut text = "services:\n".to_owned();
    for page in 0..64 {
        let said = match page {
            0..58 => &["group", "name", "icon", "href", "description"][..],
            58 => &["group", "name", "icon", "description"],
            59 => &["group", "name"],
            _ => &[],
        };
        let said: String = said.iter().map(|field| format!(", homepage.{field}=p{page}")).collect();
        let guard = match page {
            0..18 => format!(", traefik.http.routers.p{page}.middlewares=authentik@swarm"),
            18 => ", traefik.http.middlewares.authentik.forwardauth.address=http://p18:9000".to_owned(),
            _ => String::new(),
        };
        text += &format!(
            "  p{page}: {{image: \"x:1\", deploy: {{labels: [\"traefik.http.routers.p{page}.rule=Host(`p{page}.example.test`)\"{said}{guard}, traefik.http.services.p{page}.loadbalancer.server.port=80]}}}}\n"
        );
    }
    text
}

/// Tasks, of which one names a playbook that does not exist, and one a script.
const TASKS: &[(&str, &str)] = &[
    (
        "Taskfile.yml",
        "version: '3'\ndotenv: [.env]\nincludes:\n  ansible: {taskfile: .taskfiles/ansible, dir: ansible}\n  volume: {taskfile: .taskfiles/volume/Taskfile.yml, dir: ./ansible}\ntasks:\n  default: task --list\n  test: {cmds: [./scripts/test.sh]}\n  test-local: {cmds: [bash scripts/test-local.sh]}\n",
    ),
    (
        ".taskfiles/ansible/Taskfile.yml",
        "version: '3'\nvars: {BOOK: ansible-playbook -i inventory/}\ntasks:\n  deploy:\n    cmds:\n      - ansible-playbook -i inventory/ playbooks/deploy.yml {{.CLI_ARGS}}\n      - task: ping\n  ping: ansible all -m ping\n",
    ),
    (
        ".taskfiles/volume/Taskfile.yml",
        "version: '3'\ntasks:\n  fix-nas-ip:\n    desc: After a move\n    cmds:\n      - ansible-playbook playbooks/ops/fix-nas-ip.yml\n  list: {cmds: [ansible-playbook playbooks/deploy.yml]}\n",
    ),
    ("ansible/playbooks/deploy.yml", "[]\n"),
    ("scripts/test.sh", "true\n"),
];

#[test]
fn a_folder_of_ansible_and_dotenv_has_the_faults_that_were_counted_in_a_real_one() {
    let findings = found(&of_ansible());
    for (rule, count, files) in [
        ("variable-missing", 42, 42),
        ("preflight-unlabelled", 8, 6),
        ("bind-unprovisioned", 56, 31),
        ("fiber-secret", 2, 2),
        ("external-missing", 1, 1),
        ("task-file", 2, 2),
        ("homepage-gaps", 6, 1),
        ("image-latest", 36, 36),
        ("image-untagged", 2, 2),
        ("swarm-ignored", 24, 24),
        ("port-database", 1, 1),
        ("secret-default", 1, 1),
        ("restart-stops", 0, 0),
        ("traefik-unknown", 0, 0),
    ] {
        assert_eq!(counted(&findings, rule), (count, files), "{rule}");
    }
    let tasks: Vec<&str> = findings.iter().filter(|one| one.rule == "task-file").map(|one| one.what.as_str()).collect();
    assert!(tasks[0].starts_with("the task volume:fix-nas-ip names ansible/playbooks/ops/fix-nas-ip.yml"), "{tasks:?}");
    assert!(tasks[1].starts_with("the task test-local names scripts/test-local.sh"), "{tasks:?}");
    let mut shut = of_ansible();
    let pages = shut.get_mut("stacks/apps/pages/docker-compose.yml").unwrap();
    *pages = pages.replace("p18: {image: \"x:1\", deploy: {", "p18: {image: \"x:1\", deploy: {replicas: 0, ");
    assert_eq!(counted(&found(&shut), "traefik-unknown").0, 18, "who lets them through is off");
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
        let more = if *stack == "monitoring" { ", loki: {image: \"x:1\"}" } else { "" };
        let text = format!("services: {{main: {{image: \"x:1\"}}{more}}}\nnetworks:\n{networks}");
        texts.insert(format!("stacks/platform/{stack}/compose.yaml"), text);
    }
    beside_registry(&mut texts, &mut registry);
    texts.insert("komodo/resources.toml".to_owned(), registry);
    signed_on(&mut texts);
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

/// What such a folder has beside its stacks.
fn beside_registry(texts: &mut Texts, registry: &mut String) {
    *registry += "[[stack]]\nname = \"pages\"\n[stack.config]\nswarm = \"s\"\nrun_directory = \"stacks/application/pages\"\nignore_services = [\"p0\", \"p1\"]\n\n";
    *registry += "[[stack]]\nname = \"infrastructure_step-ca\"\n[stack.config]\nswarm = \"s\"\nrun_directory = \"stacks/infrastructure/step-ca\"\nfile_paths = [\"step-ca-compose.yaml\"]\n";
    let step_ca = "services: {ca: {image: \"x:1\", deploy: {labels: {kuma.ca.http.url: x}}}}".to_owned();
    texts.insert("stacks/infrastructure/step-ca/step-ca-compose.yaml".to_owned(), step_ca);
    texts.insert("docs/stacks.md".to_owned(), "All lie in `stacks/applications/`.\n".to_owned());
    let tofu = ["ching", "angre"].map(|name| {
        format!("module \"{name}\" {{\n  hostname = \"{name}\"\n  vm_id = 1\n  vm_mac = \"00:00:5e:00:53:01\"\n}}\n")
    });
    texts.insert("opentofu/main.tf".to_owned(), tofu.concat());
}

/// 34 pages with tiles, of which 28 stand in the other list as well, and that has one more; 20 of them ask authentik,
/// which has as many providers in as many files, all served by one outpost.
fn signed_on(texts: &mut Texts) {
    let mut services = String::new();
    let mut listed = "- All:\n    - Loki: {href: x}\n".to_owned();
    let mut served = Vec::new();
    for page in 0..34 {
        let tag = if page < 29 { "latest" } else { "1" };
        let policy = match page {
            0..30 => "{condition: any, max_attempts: 3}",
            33 => "{condition: on-failure}",
            _ => "{condition: any}",
        };
        let link = if page == 33 { "" } else { "homepage.href: x, " };
        let guard = "caddy.forward_auth: \"s:9000\", caddy.forward_auth.uri: /outpost.goauthentik.io/auth/caddy, ";
        let guard = if page < 20 { guard } else { "" };
        services += &format!(
            "  p{page}: {{image: \"x:{tag}\", deploy: {{restart_policy: {policy}, labels: {{caddy: p{page}.example.test, caddy.reverse_proxy: \"{{{{upstreams 80}}}}\", {guard}{link}homepage.group: g, homepage.name: Page {page}, homepage.icon: i, homepage.description: d}}}}}}\n"
        );
        if page >= 6 {
            listed += &format!("    - page-{page}: {{href: x}}\n");
        }
        if page < 20 {
            let provider = format!(
                "entries:\n  - model: authentik_providers_proxy.proxyprovider\n    id: p{page}\n    identifiers: {{name: Page {page}}}\n    attrs: {{mode: forward_single, external_host: https://p{page}.example.test}}\n"
            );
            texts.insert(format!("stacks/platform/authentik/blueprints/p{page}.yaml"), provider);
            served.push(format!("!Find [authentik_providers_proxy.proxyprovider, [name, Page {page}]]"));
        }
    }
    texts.insert("stacks/application/pages/compose.yaml".to_owned(), format!("services:\n{services}"));
    texts.insert("stacks/platform/observability/config/services.yaml".to_owned(), listed);
    texts.insert("stacks/platform/observability/config/settings.yaml".to_owned(), String::new());
    let outpost =
        format!("entries:\n  - model: authentik_outposts.outpost\n    attrs: {{providers: [{}]}}\n", served.join(", "));
    texts.insert("stacks/platform/authentik/blueprints/outpost.yaml".to_owned(), outpost);
}

#[test]
fn a_page_that_authentik_guards_is_in_all_three_lists_or_told() {
    let rules = ["sign-on-missing", "sign-on-idle", "sign-on-unserved"];
    let of = |texts: &Texts| rules.map(|rule| counted(&found(texts), rule).0);
    assert_eq!(of(&of_registry()), [0, 0, 0]);
    let dir = "stacks/platform/authentik/blueprints";
    let mut less = of_registry();
    less.remove(&format!("{dir}/p7.yaml"));
    assert_eq!(of(&less), [1, 0, 0]);
    let mut more = of_registry();
    let text = more[&format!("{dir}/p7.yaml")].replace("p7", "p7b").replace("Page 7", "Page 7b");
    more.insert(format!("{dir}/p7b.yaml"), text);
    assert_eq!(of(&more), [0, 1, 1]);
    let mut open = of_registry();
    let text = open[&format!("{dir}/p7.yaml")].replace("forward_single", "forward_domain");
    open.insert(format!("{dir}/p7.yaml"), text);
    assert_eq!(of(&open), [0, 0, 0], "a provider for a whole domain is for every page");
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
        ("stack-renamed", 1),
        ("kuma-twice", 0),
        ("registry-hidden", 2),
        ("homepage-gaps", 1),
        ("homepage-tiles", 7),
        ("image-latest", 29),
        ("restart-gives-up", 30),
        ("restart-stops", 1),
        ("docs-path", 1),
        ("tofu-mac", 2),
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
