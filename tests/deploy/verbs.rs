//! Transcripts of `plan`, `deploy`, `teardown`, `rollback` and `scale`, on a folder and a simulated swarm.

use std::fs;
use std::process::Command;

use quarterdeck::sim::{Behaviour, Scenario, Sim};
use serde_json::Value;

struct World {
    folder: tempfile::TempDir,
    sim: Sim,
    _runtime: tokio::runtime::Runtime,
}

const PROXY: &str = "\
services:
  caddy:
    image: caddy:2
    networks: [net]
    ports: [{target: 80, published: 80, protocol: tcp, mode: ingress}]
    deploy: {update_config: {monitor: 500ms}}
networks:
  net: {name: proxy_net, driver: overlay, attachable: true}
";

const SHOP: &str = "\
services:
  web:
    image: nginx:${TAG}
    environment: {DOMAIN: \"${DOMAIN}\", OWNER: \"${OWNER_OF_SHOP}\"}
    networks: [proxy_net, default]
    configs: [conf]
    depends_on: [db]
    deploy: {replicas: 2, update_config: {monitor: 2s, failure_action: rollback}}
  db:
    image: postgres:16
    secrets: [password]
    deploy: {update_config: {monitor: 500ms}}
networks:
  proxy_net: {external: true}
configs:
  conf: {file: ./conf.txt}
secrets:
  password: {file: ../../../secrets/password}
";

fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in [
        (".env", "DOMAIN=home.example\nTAG=1\n"),
        ("secrets/password", "hunter2"),
        ("stacks/infrastructure/proxy/compose.yaml", PROXY),
        ("stacks/application/shop/compose.yaml", SHOP),
        ("stacks/application/shop/conf.txt", "listen 80"),
    ] {
        put_in(folder.path(), path, text);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let sim = runtime.block_on(async {
        let sim = Scenario::new().managers(["barbary", "ching", "angre"]).workers(["lorcha"]).start();
        sim.serve_unix(folder.path().join("engine.sock")).unwrap();
        sim.run(20.0);
        sim
    });
    World { folder, sim, _runtime: runtime }
}

fn put_in(folder: &std::path::Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

impl World {
    fn put(&self, path: &str, text: &str) {
        put_in(self.folder.path(), path, text);
    }

    /// Runs the words; gives exit code, standard output, standard error.
    fn said(&self, words: &str) -> (i32, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_quarterdeck"))
            .args(words.split_whitespace())
            .current_dir(self.folder.path())
            .env("DOCKER_HOST", format!("unix://{}", self.folder.path().join("engine.sock").display()))
            .env("XDG_STATE_HOME", self.folder.path())
            .env("OWNER_OF_SHOP", "me")
            .env("DOMAIN", "elsewhere.example")
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    fn done(&self, words: &str) -> String {
        let (code, out, err) = self.said(words);
        assert_eq!(code, 0, "{words}\n{out}\n{err}");
        out
    }
}

#[test]
fn a_plan_names_what_would_be_made_and_writes_nothing() {
    let world = world();
    let out = world.done("plan");
    assert!(out.contains("proxy: 2 create") && out.contains("shop: 5 create"), "{out}");
    // The tier below comes first, and what it makes is not missing above.
    assert!(out.find("proxy: ") < out.find("shop: ") && !out.contains("is not there"), "{out}");
    assert!(out.contains("OWNER_OF_SHOP come from the environment") && !out.contains("DOMAIN come"), "{out}");
    assert!(world.sim.writes().is_empty());
    let (code, out, _) = world.said("plan shop");
    assert!(code == 1 && out.contains("the network proxy_net is not there"), "{out}");
    let plan: Value = serde_json::from_str(&world.done("plan --json --tier infrastructure")).unwrap();
    assert_eq!(plan["stacks"].as_array().unwrap().len(), 1);
    let change = &plan["stacks"][0]["changes"][0];
    assert_eq!(
        (&change["kind"], &change["name"], &change["effect"]),
        (&"network".into(), &"proxy_net".into(), &"create".into())
    );
    assert_eq!(plan["stacks"][0]["tier"], "infrastructure");
}

#[test]
fn a_deploy_goes_tier_by_tier_and_a_second_one_writes_nothing() {
    let world = world();
    let out = world.done("deploy --all -y");
    assert!(out.contains("● ready") || out.contains("✓ done"), "{out}");
    assert_eq!(world.sim.services(), ["proxy_caddy", "shop_db", "shop_web"]);
    let spec = world.sim.service("shop_web").unwrap()["Spec"].to_string();
    assert!(spec.contains("DOMAIN=home.example") && spec.contains("OWNER=me"), "{spec}");
    let order: Vec<String> = world
        .sim
        .writes()
        .iter()
        .filter(|seen| seen.path == "/services/create")
        .map(|seen| seen.json()["Name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(order, ["proxy_caddy", "shop_db", "shop_web"], "the one that is stood on comes first");
    world.sim.forget_requests();
    let out = world.done("deploy --all -y");
    assert!(out.contains("proxy: nothing to do") && out.contains("shop: nothing to do"), "{out}");
    assert!(world.sim.writes().is_empty());
    // Once for the plan, and once to see that it stands.
    assert_eq!(world.sim.requests().iter().filter(|seen| seen.path.starts_with("/services")).count(), 2);
    // Nobody is there to be asked, and nothing needs an answer.
    assert_eq!(world.said("deploy shop").0, 0);
}

#[test]
fn what_forbids_a_deploy_is_told_at_once_and_nothing_is_written() {
    let world = world();
    world.put("stacks/application/shop/compose.yaml", &SHOP.replace("./conf.txt", "./gone.txt"));
    world.put("stacks/application/bad/compose.yaml", "services: [");
    let (code, _, err) = world.said("deploy --all -y");
    assert!(code == 1 && err.contains("gone.txt") && err.contains("bad/compose.yaml"), "{err}");
    assert!(world.sim.writes().is_empty());
    for (words, code, what) in [
        ("deploy", 2, "not said what to deploy"),
        ("deploy nothing", 2, "no stack nothing"),
        ("plan nothing", 2, "no stack nothing"),
        ("deploy proxy", 2, "no one to ask"),
        ("deploy proxy --read-only -y", 2, "changes nothing"),
        ("teardown proxy -y", 2, "nothing in the swarm belongs"),
        ("teardown proxy --volumes", 2, "no one to ask"),
        ("rollback proxy -y", 2, "neither a stack nor a service"),
        ("scale proxy -y", 2, "says no service and number"),
        ("scale proxy=2 -y", 2, "no service is called"),
        ("-H unix:///nowhere.sock plan proxy", 4, "cannot be reached"),
    ] {
        let (got, _, err) = world.said(words);
        assert_eq!(got, code, "{words}\n{err}");
        assert!(err.contains(what) && err.contains("mend: "), "{words}\n{err}");
    }
}

#[test]
fn the_next_tier_waits_for_the_one_it_stands_on() {
    let world = world();
    world.sim.behave("caddy:2", Behaviour::Missing);
    let (code, _, err) = world.said("deploy --all -y --patience 20");
    assert!(code == 1 && err.contains("proxy_caddy has not converged within 20 s"), "{err}");
    let blocked = "skipped: deploy stack shop: blocked by deploy stack proxy, because proxy_caddy has not converged";
    assert!(err.contains(blocked), "{err}");
    assert!(err.contains("No such image"), "{err}");
    assert_eq!(world.sim.services(), ["proxy_caddy"]);
    world.sim.behave("caddy:2", Behaviour::Healthy);
    world.done("deploy --all -y");
}

#[test]
fn stacks_that_are_named_go_tier_by_tier_too_and_wait_for_nothing_that_was_not_named() {
    let world = world();
    world.done("deploy --all -y");
    // What was not named is sick, and nobody's matter.
    world.put("stacks/infrastructure/sick/compose.yaml", "services: {a: {image: 'sick:1'}}\n");
    world.sim.behave("sick:1", Behaviour::Missing);
    world.done("deploy sick -y --detach");
    world.put("stacks/infrastructure/proxy/compose.yaml", &PROXY.replace("caddy:2", "caddy:3"));
    world.put(".env", "DOMAIN=home.example\nTAG=2\n");
    let out = world.done("plan shop proxy");
    assert!(out.contains("in this order:") && out.contains("infrastructure must stand: proxy\n"), "{out}");
    // Who does not wait for a stack does not wait for a tier.
    let out = world.done("deploy shop proxy --dry-run --detach");
    assert!(!out.contains("in this order:") && !out.contains("must stand"), "{out}");
    world.sim.behave("caddy:3", Behaviour::Missing);
    world.sim.forget_requests();
    let (code, _, err) = world.said("deploy shop proxy -y --patience 20");
    assert!(code == 1 && err.contains("blocked by deploy stack proxy"), "{err}");
    assert!(world.sim.writes().iter().all(|seen| !seen.json()["Name"].as_str().unwrap_or("").contains("shop")));
    world.put("stacks/infrastructure/proxy/compose.yaml", &PROXY.replace("caddy:2", "caddy:4"));
    world.done("deploy shop proxy -y");
}

#[test]
fn what_changed_is_rolled_rotated_brought_back_scaled_and_taken_away() {
    let world = world();
    world.done("deploy --all -y");
    world.put(".env", "DOMAIN=home.example\nTAG=2\n");
    world.put("stacks/application/shop/conf.txt", "listen 81");
    let (code, out, _) = world.said("plan shop");
    assert!(code == 1 && out.contains("has another content now"), "{out}");
    let out = world.done("plan shop --rotate");
    assert!(out.contains("nginx:1@") && out.contains("nginx:2@") && out.contains("Configs.conf.ConfigName"), "{out}");
    let report: Value = serde_json::from_str(&world.done("deploy shop --rotate -y --json")).unwrap();
    assert_eq!((&report["outcome"], &report["actions"][0]["outcome"]), (&"done".into(), &"done".into()), "{report}");
    assert!(world.done("plan shop").contains("nothing to do"));

    let (code, _, err) = world.said("rollback shop_web -y");
    assert!(code == 1 && err.contains("the config shop_conf that it used is gone"), "{err}");
    world.put(".env", "DOMAIN=home.example\nTAG=3\n");
    world.done("deploy shop -y");
    let out = world.done("rollback shop_web -y");
    assert!(out.contains("nginx:3@") && out.contains("→ nginx:2@"), "{out}");
    world.done("scale shop_web=3 shop_db=2 -y");
    let out = world.done("plan shop --rotate");
    assert!(out.contains("Replicas: 3 → 2") && out.contains("shop_db"), "{out}");

    world.put(".env", "DOMAIN=home.example\nTAG=bad\n");
    world.sim.behave("nginx:bad", Behaviour::crashing(3, "no"));
    let (code, _, err) = world.said("deploy shop --rotate -y");
    assert!(code == 1 && err.contains("shop_web failed and was rolled back"), "{err}");

    let (code, out, err) = world.said("teardown shop -y");
    assert_eq!(code, 0, "{out}\n{err}");
    assert!(out.contains("remove   service  shop_web") && out.contains("volumes stay"), "{out}");
    assert_eq!(world.sim.services(), ["proxy_caddy"]);
    // What belongs to another stack is used no more, and stays.
    assert!(world.done("plan proxy").contains("nothing to do"));
    world.done("teardown proxy -y --json");
}

#[test]
fn what_stacks_that_go_along_have_used_goes_too_and_is_said_beforehand() {
    let world = world();
    world.done("deploy --all -y");
    let (_, out, err) = world.said("teardown proxy -y");
    assert!(out.contains("the network proxy_net stays") && out.contains("used by shop_web"), "{out}\n{err}");
    world.done("deploy proxy -y");
    let out = world.done("teardown --all -y");
    assert!(out.contains("remove   network  proxy_net") && !out.contains("stays:"), "{out}");
    assert!(world.done("deploy --all --dry-run").contains("create   network  proxy_net"));
}

#[test]
fn a_choice_that_contradicts_itself_or_leaves_nothing_is_misuse() {
    let world = world();
    for words in [
        "deploy shop --all",
        "deploy shop --tier application",
        "deploy --tier platform --only shop",
        "plan --tier platform",
    ] {
        let (code, out, err) = world.said(words);
        assert!(code == 2 && out.is_empty() && !err.is_empty(), "{words}: {code} {out}{err}");
    }
}

#[test]
fn a_rule_that_cannot_be_read_forbids_and_allows_nothing() {
    for (file, text) in [
        ("quarterdeck.yaml", "komodo: {drive: [proxy]\n"),
        ("quarterdeck.yaml", "stacks: {shop: {of: true}}\n"),
        ("komodo/resources.toml", "[[stack]\nname = \"proxy\"\n"),
        ("config/critical-services.yaml", "critical_services: [{name: a}]\n"),
    ] {
        let world = world();
        world.done("deploy proxy -y");
        world.sim.forget_requests();
        world.put(file, text);
        for words in ["plan proxy", "deploy shop -y", "deploy --all -y", "scale proxy_caddy=2 -y", "teardown proxy -y"]
        {
            let (code, out, err) = world.said(words);
            assert!(code != 0 && format!("{out}{err}").contains(file), "{file}: {words}: {code} {out}{err}");
        }
        // The lock of its lane is held while somebody would be asked.
        let writes = world.sim.writes();
        let writes: Vec<_> = writes.iter().filter(|seen| !seen.path.contains("/configs/")).collect();
        assert!(writes.is_empty(), "{file}: {writes:?}");
    }
}

#[test]
fn a_preflight_that_cannot_be_read_stops_its_stack_unless_the_folder_only_warns() {
    let world = world();
    world.put("stacks/infrastructure/proxy/pre-flight.yml", "validate: {evn: [DOMAIN]}\n");
    for text in ["validate: {evn: [DOMAIN]}\n", "validate: [\n"] {
        world.put("stacks/infrastructure/proxy/pre-flight.yml", text);
        for words in ["plan proxy", "deploy proxy -y"] {
            let (code, out, err) = world.said(words);
            let told = format!("{out}{err}");
            assert!(code != 0 && told.contains("proxy/pre-flight.yml:"), "{words}: {code} {told}");
        }
    }
    assert!(world.sim.writes().is_empty());
    world.put("quarterdeck.yaml", "gates: {preflight: warn}\n");
    let (code, out, err) = world.said("deploy proxy -y");
    assert!(code == 0 && format!("{out}{err}").contains("pre-flight.yml:"), "{out}{err}");
}

#[test]
fn what_komodo_governs_is_planned_and_never_driven_until_the_folder_says_so() {
    let world = world();
    world.put(
        "komodo/resources.toml",
        "[[stack]]\nname = \"proxy\"\n[stack.config]\nswarm = \"home\"\nrun_directory = \"stacks/infrastructure/proxy\"\n",
    );
    let out = world.done("plan proxy");
    assert!(out.contains("proxy: 2 create") && out.contains("proxy is managed by Komodo"), "{out}");
    let (code, _, err) = world.said("deploy proxy -y");
    assert!(code == 2 && err.contains("managed by Komodo") && err.contains("komodo: {drive: [proxy]}"), "{err}");
    let (code, out, err) = world.said("deploy --tier infrastructure -y");
    assert!(code == 0 && out.contains("proxy: left out, the stack proxy is managed by Komodo"), "{out}\n{err}");
    assert!(world.sim.writes().is_empty());
    world.put("quarterdeck.yaml", "komodo: {drive: [proxy]}\n");
    world.done("deploy proxy -y");
    assert_eq!(world.sim.services(), ["proxy_caddy"]);
    world.put("quarterdeck.yaml", "");
    let (code, _, err) = world.said("teardown proxy -y");
    assert!(code == 2 && err.contains("managed by Komodo"), "{err}");
    let (code, _, err) = world.said("teardown --all -y");
    assert!(code == 2 && err.contains("left alone, managed by Komodo: proxy"), "{err}");
    world.sim.forget_requests();
    for words in ["scale proxy_caddy=2", "redeploy proxy_caddy", "rollback proxy", "undo"] {
        let (code, _, err) = world.said(&format!("{words} -y"));
        let refused = err.contains("managed by Komodo") || words.starts_with("rollback");
        assert!(code != 0 && refused, "{words}: {code} {err}");
    }
    assert!(world.sim.writes().is_empty());
    assert_eq!(world.sim.services(), ["proxy_caddy"]);
}

#[test]
fn a_stack_that_is_as_its_file_says_and_sick_is_a_failure_that_says_what_is_sick() {
    let world = world();
    world.done("deploy --all -y");
    let out = world.done("deploy --all -y");
    assert!(out.contains("nothing to do"), "{out}");
    world.sim.behave("caddy:2", Behaviour::Missing);
    world.sim.kill("proxy_caddy", 1);
    world.sim.forget_requests();
    for words in ["deploy proxy --patience 3", "deploy proxy shop --patience 3 --json"] {
        let (code, _, err) = world.said(words);
        assert_eq!(code, 1, "{words}\n{err}");
        assert!(err.contains("as the files say, and sick all the same: proxy"), "{err}");
        assert!(err.contains("proxy is") && err.contains("caddy"), "{err}");
    }
    assert!(world.sim.writes().is_empty());
    // Who only looks is told nothing of it, and what is mended is well again.
    assert_eq!(world.said("deploy proxy --dry-run").0, 0);
    world.sim.behave("caddy:2", Behaviour::Healthy);
    world.done("deploy proxy");
}

#[test]
fn what_nobody_knows_is_told_before_anything_else_is_wanted() {
    let world = world();
    for (words, code, what) in [
        ("undo nope", 2, "has an id that begins with nope"),
        ("-H unix:///nowhere.sock undo nope -y", 2, "has an id that begins with nope"),
        ("-H unix:///nowhere.sock resume nope -y", 2, "has an id that begins with nope"),
        ("drop nope", 2, "has an id that begins with nope"),
        ("redeploy nope", 2, "neither a stack nor a service is called nope"),
        ("rollback nope", 2, "neither a stack nor a service is called nope"),
        ("scale nope=1", 2, "no service is called nope"),
        ("demo -- redeploy nope", 2, "neither a stack nor a service is called nope"),
        ("demo -- undo nope", 2, "has an id that begins with nope"),
        ("node drain nope", 2, "no node is called nope"),
        ("node drain lorcha", 2, "no one to ask"),
        ("node drain lorcha --read-only", 2, "changes nothing"),
    ] {
        let (got, _, err) = world.said(words);
        assert_eq!(got, code, "{words}\n{err}");
        assert!(err.contains(what) && err.contains("mend: "), "{words}\n{err}");
    }
    assert_eq!(world.done("history"), "nothing was done from here yet\n");
    world.done("deploy proxy -y");
    assert_eq!(world.done("history --kind scale"), "nothing of that kind was done\n");
    assert!(world.done("history").contains("deploy stack proxy"));
}

#[test]
fn a_node_is_drained_and_taken_back_and_what_moves_is_said_first() {
    let world = world();
    world.done("deploy --all -y");
    let out = world.done("node ls");
    assert!(
        out.lines().any(|line| line.contains("lorcha") && line.contains("worker") && line.contains("active")),
        "{out}"
    );
    let nodes: Value = serde_json::from_str(&world.done("node ls --json")).unwrap();
    assert_eq!(nodes["nodes"].as_array().unwrap().len(), 4);
    assert_eq!(nodes["nodes"][3]["availability"], "active", "{nodes}");
    let told: Value = serde_json::from_str(&world.done("node drain lorcha -y --json")).unwrap();
    assert_eq!((&told["outcome"], &told["nodes"][0]["node"]), (&"done".into(), &"lorcha".into()), "{told}");
    assert_eq!(world.sim.node("lorcha").unwrap()["Spec"]["Availability"], "drain");
    let (code, _, err) = world.said("node drain lorcha");
    assert!(code == 0 && err.contains("lorcha: is drain already"), "{err}");
    let out = world.done("undo -y");
    assert!(out.contains("undo drain lorcha") && out.contains("Availability: drain → active"), "{out}");
    assert!(out.contains("does not move back by itself"), "{out}");
    assert_eq!(world.sim.node("lorcha").unwrap()["Spec"]["Availability"], "active");
    let out = world.done("node pause lorcha ching -y");
    assert!(out.contains("lorcha keeps its tasks") && out.contains("It stays a manager"), "{out}");
    world.done("node activate lorcha ching -y");
    let history: Value = serde_json::from_str(&world.done("history --json")).unwrap();
    let kinds: Vec<&str> = history["actions"].as_array().unwrap().iter().map(|a| a["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "activate").count(), 2, "{kinds:?}");
    assert!(kinds.contains(&"drain") && kinds.contains(&"undo"), "{kinds:?}");
}

#[test]
fn every_task_is_replaced_when_that_is_said_and_only_then() {
    let world = world();
    world.done("deploy --all -y");
    let round = |service: &str| {
        world
            .sim
            .service(service)
            .unwrap()
            .pointer("/Spec/TaskTemplate/ForceUpdate")
            .and_then(Value::as_u64)
            .unwrap_or(0)
    };
    assert!(world.done("redeploy shop -y").contains("nothing differs"));
    assert_eq!((round("shop_web"), round("shop_db")), (0, 0));
    world.done("redeploy shop --all-tasks -y");
    assert_eq!((round("shop_web"), round("shop_db")), (1, 1));
    // What the file replaces anyway is not replaced twice.
    world.put(".env", "DOMAIN=home.example\nTAG=2\n");
    world.done("redeploy shop --all-tasks -y");
    assert_eq!((round("shop_web"), round("shop_db")), (1, 2));
}

#[test]
fn several_are_redeployed_with_one_yes_each_as_it_would_be_alone() {
    let world = world();
    world.done("deploy --all -y");
    world.put(
        "stacks/application/blog/compose.yaml",
        "services: {blog: {image: 'blog:1', deploy: {update_config: {monitor: 100ms}}}}\n",
    );
    world.put(".env", "DOMAIN=home.example\nTAG=2\n");
    let before = world.sim.service("proxy_caddy").unwrap()["Spec"]["TaskTemplate"]["ForceUpdate"].clone();
    let out = world.done("redeploy shop blog proxy_caddy shop_db -y");
    assert!(out.contains("blog: 2 create") && out.contains("will roll proxy_caddy (1 task)"), "{out}");
    assert!(!out.contains("will roll shop_db"), "it goes with its stack: {out}");
    let spec = |name: &str| world.sim.service(name).unwrap()["Spec"]["TaskTemplate"].clone();
    assert!(spec("shop_web")["ContainerSpec"]["Image"].as_str().unwrap().starts_with("nginx:2"));
    assert!(world.sim.services().contains(&"blog_blog".to_owned()));
    // Nothing of the database differs, and what was named by itself is rolled.
    assert_eq!(spec("shop_db")["ForceUpdate"], 0);
    assert_ne!(spec("proxy_caddy")["ForceUpdate"], before);
    world.sim.forget_requests();
    assert!(world.done("redeploy shop blog -y").contains("nothing differs"));
    assert!(world.sim.writes().is_empty());
}
