//! Deploys on real engines: what a plan predicts is held against the tasks that were really replaced.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::lab::{Lab, take, until};
use super::swarm::fleet_is_well;
use super::verbs::{Said, quarterdeck};

const HARBOUR: &str = "\
services:
  web:
    image: ${LAB_REGISTRY}/demo:${TAG}
    networks: [front]
    configs: [{ source: motd, target: /www/motd }]
    secrets: [token]
    deploy:
      replicas: 2
      endpoint_mode: dnsrr
      labels: { owner: \"${OWNER}\" }
      update_config: { parallelism: 2, monitor: 6s, failure_action: rollback, order: start-first }
      rollback_config: { parallelism: 2, monitor: 2s }
      restart_policy: { condition: any, delay: 1s }
  agent:
    image: ${LAB_REGISTRY}/demo:v1
    networks: [front]
    deploy: { mode: global, endpoint_mode: dnsrr, update_config: { parallelism: 0, monitor: 2s } }
";
const EXTRA: &str = "  extra:
    image: ${LAB_REGISTRY}/demo:v1
    networks: [front]
    deploy: { endpoint_mode: dnsrr }
";
const PARTS: &str = "\
networks:
  front: { driver: overlay, attachable: true }
configs:
  motd: { file: ./motd.txt }
secrets:
  token: { file: ./token.txt }
";

/// A platform folder with one stack, and the lab it is deployed on.
struct Harbour<'a> {
    lab: &'a Lab,
    folder: TempDir,
}

impl<'a> Harbour<'a> {
    fn new(lab: &'a Lab) -> Self {
        let harbour = Self { lab, folder: tempfile::tempdir().expect("a folder") };
        harbour.put("stacks/apps/harbour/motd.txt", "ahoy");
        harbour.put("stacks/apps/harbour/token.txt", "a token that nobody sees");
        harbour.write("v1", "me", true);
        harbour
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    fn write(&self, tag: &str, owner: &str, extra: bool) {
        let registry = self.lab.setting("LAB_REGISTRY");
        self.put(".env", &format!("LAB_REGISTRY={registry}\nTAG={tag}\nOWNER={owner}\n"));
        let extra = if extra { EXTRA } else { "" };
        self.put("stacks/apps/harbour/compose.yml", &format!("{HARBOUR}{extra}{PARTS}"));
    }

    fn said(&self, words: &[&str]) -> Said {
        let folder = self.folder.path().to_str().expect("a name");
        quarterdeck(&self.lab.engine("ching"), &[&["-C", folder][..], words].concat())
    }

    /// What the plan says of each service.
    fn effects(&self, words: &[&str]) -> BTreeMap<String, String> {
        let said = self.said(&[&["plan", "harbour", "--json"], words].concat());
        assert_eq!(said.code, 0, "{said:?}");
        let plan: Value = serde_json::from_str(&said.out).expect("a document");
        let changes = plan["stacks"][0]["changes"].as_array().expect("changes").clone();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        changes.iter().filter(|c| c["kind"] == "service").map(|c| (text(&c["name"]), text(&c["effect"]))).collect()
    }

    /// Tasks that run, by service.
    fn tasks(&self) -> BTreeMap<String, BTreeSet<String>> {
        let names = self.lab.docker("ching", &["service", "ls", "--format", "{{.Name}}"]);
        let words = ["service", "ps", "--quiet", "--no-trunc", "--filter", "desired-state=running"];
        let of = |name: &str| self.lab.docker("ching", &[&words[..], &[name]].concat());
        let own = names.lines().filter(|name| name.starts_with("harbour_"));
        own.map(|name| (name.to_owned(), of(name).lines().map(str::to_owned).collect())).collect()
    }

    /// Deploys, and holds what happened to the tasks against what the plan said before.
    fn deploy(&self, words: &[&str], predicted: &[(&str, &str)]) {
        let effects = self.effects(words);
        for (service, effect) in predicted {
            assert_eq!(effects.get(*service).map(String::as_str), Some(*effect), "{service}: {effects:?}");
        }
        let before = self.tasks();
        let said = self.said(&[&["deploy", "harbour", "--yes"], words].concat());
        assert_eq!(said.code, 0, "{said:?}");
        let after = self.tasks();
        for (service, effect) in &effects {
            let old = before.get(service).cloned().unwrap_or_default();
            let new = after.get(service).cloned().unwrap_or_default();
            match effect.as_str() {
                "none" | "in_place" => assert_eq!(old, new, "{service} was to go on"),
                "restart" => assert!(old.is_disjoint(&new) && !new.is_empty(), "{service} was to be replaced"),
                "create" => assert!(old.is_empty() && !new.is_empty(), "{service} was to be made"),
                _ => assert!(!after.contains_key(service), "{service} was to go"),
            }
        }
        assert!(self.effects(&[]).values().all(|effect| effect == "none"), "nothing is left to do");
    }

    fn parts(&self, kind: &str) -> String {
        let filter = "label=com.docker.stack.namespace=harbour";
        self.lab.docker("ching", &[kind, "ls", "--format", "{{.Name}}", "--filter", filter])
    }
}

#[test]
fn what_a_plan_predicts_is_what_happens() {
    let Some(lab) = take("what_a_plan_predicts") else { return };
    lab.only(&[]);
    let harbour = Harbour::new(&lab);
    let (web, agent, extra) = ("harbour_web", "harbour_agent", "harbour_extra");
    harbour.deploy(&[], &[(web, "create"), (agent, "create"), (extra, "create")]);

    harbour.write("v1", "you", true);
    harbour.deploy(&[], &[(web, "in_place"), (agent, "none"), (extra, "none")]);

    harbour.write("v2", "you", true);
    harbour.deploy(&[], &[(web, "restart"), (agent, "none"), (extra, "none")]);

    // The image does not get well: the swarm takes it back, and that is a failure.
    harbour.write("sick", "you", true);
    let said = harbour.said(&["deploy", "harbour", "--yes"]);
    assert!(said.code == 1 && said.err.contains("harbour_web failed and was rolled back"), "{said:?}");
    harbour.write("v2", "you", true);
    harbour.deploy(&[], &[(web, "none")]);

    harbour.put("stacks/apps/harbour/motd.txt", "land ho");
    let said = harbour.said(&["plan", "harbour"]);
    assert!(said.code == 1 && said.out.contains("has another content now"), "{said:?}");
    harbour.deploy(&["--rotate"], &[(web, "restart"), (agent, "none")]);
    let configs = harbour.parts("config");
    assert!(configs.lines().count() == 1 && configs.starts_with("harbour_motd_"), "{configs}");

    harbour.put("stacks/apps/harbour/token.txt", "another token that nobody sees");
    harbour.deploy(&["--rotate"], &[(web, "restart"), (agent, "none")]);
    assert_eq!(harbour.parts("secret").lines().count(), 1);

    harbour.write("v2", "you", false);
    harbour.deploy(&[], &[(web, "none"), (extra, "remove")]);

    let said = harbour.said(&["teardown", "harbour", "--yes"]);
    assert_eq!(said.code, 0, "{said:?}");
    // A network stays on its node until the last container is gone.
    for kind in ["service", "config", "secret", "network"] {
        until(&format!("no {kind} is left"), || match harbour.parts(kind) {
            left if left.is_empty() => Ok(()),
            left => Err(left),
        });
    }
}

#[test]
fn a_stack_that_the_docker_cli_deployed_needs_nothing() {
    let Some(lab) = take("a_stack_that_the_docker_cli_deployed") else { return };
    fleet_is_well(&lab);
    let harbour = Harbour::new(&lab);
    let stacks = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab/stacks");
    for (from, to) in [("fleet.yml", "compose.yml"), ("motd.txt", "motd.txt"), ("token.txt", "token.txt")] {
        let text = fs::read_to_string(stacks.join(from)).expect("a file of the lab");
        harbour.put(&format!("stacks/apps/fleet/{to}"), &text);
    }
    harbour.write("v1", "me", false);
    let versions = || {
        lab.docker(
            "ching",
            &[
                "service",
                "inspect",
                "--format",
                "{{.Version.Index}} {{.Spec.Name}}",
                "fleet_web",
                "fleet_agent",
                "fleet_door",
            ],
        )
    };
    let before = versions();
    let said = harbour.said(&["plan", "fleet", "--json"]);
    assert_eq!(said.code, 0, "{said:?}");
    let plan: Value = serde_json::from_str(&said.out).expect("a document");
    let changes = plan["stacks"][0]["changes"].as_array().expect("changes");
    assert!(changes.len() >= 6 && changes.iter().all(|change| change["effect"] == "none"), "{plan:#}");
    let said = harbour.said(&["deploy", "fleet", "--yes"]);
    assert!(said.code == 0 && said.out.contains("fleet: nothing to do"), "{said:?}");
    assert_eq!(versions(), before, "nothing was written");
}
