//! A whole platform deployed on real engines: tier by tier, held up, killed, raced for, taken back.

use std::fs;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::lab::{Lab, take, until};
use super::verbs::{Said, said};

/// Four stacks in three tiers; one of them only counts to three.
const STACKS: [(&str, &str); 5] = [
    ("infrastructure/door", "replicated"),
    ("platform/store", "replicated"),
    ("platform/seed", "replicated-job"),
    ("application/blog", "replicated"),
    ("application/shop", "replicated"),
];

/// A platform folder on the lab, and operators who each have a home of their own.
struct Platform<'a> {
    lab: &'a Lab,
    folder: TempDir,
}

impl<'a> Platform<'a> {
    fn new(lab: &'a Lab) -> Self {
        lab.run(&["clean"]);
        let platform = Self { lab, folder: tempfile::tempdir().expect("a folder") };
        for (stack, mode) in STACKS {
            platform.tag(stack, mode, if mode == "replicated" { "v1" } else { "once" });
        }
        platform
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    /// The stack asks for this image; on workers, so that a manager can be lost.
    fn tag(&self, stack: &str, mode: &str, tag: &str) {
        let image = self.lab.image(tag);
        let update = if mode == "replicated" { "update_config: { monitor: 2s }" } else { "replicas: 1" };
        self.put(
            &format!("stacks/{stack}/compose.yaml"),
            &format!(
                "services:\n  web:\n    image: {image}\n    deploy:\n      mode: {mode}\n      endpoint_mode: dnsrr\n      \
                 placement: {{ constraints: [node.role == worker] }}\n      {update}\n      \
                 restart_policy: {{ condition: on-failure, delay: 1s }}\n"
            ),
        );
    }

    fn command(&self, home: &TempDir, managers: &[&str], words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quarterdeck"));
        for manager in managers {
            command.args(["-H", &self.lab.engine(manager)]);
        }
        command.arg("-C").arg(self.folder.path()).args(words);
        command.env_clear().env("HOME", home.path()).env("USER", "captain").env("LANG", "C.UTF-8");
        command.current_dir(home.path()).stdin(Stdio::null());
        command
    }

    fn said(&self, home: &TempDir, words: &[&str]) -> Said {
        said(self.command(home, &["ching"], words).output().expect("the program starts"))
    }

    fn begin(&self, home: &TempDir, managers: &[&str], words: &[&str]) -> Child {
        let mut command = self.command(home, managers, words);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
    }

    fn services(&self, manager: &str) -> Vec<String> {
        let names = self.lab.docker(manager, &["service", "ls", "--format", "{{.Name}}"]);
        names.lines().map(str::to_owned).collect()
    }

    /// Waits until a service of this name is there.
    fn until_made(&self, manager: &str, service: &str) {
        until(&format!("{service} is made"), || {
            let services = self.services(manager);
            if services.iter().any(|name| name == service) { Ok(()) } else { Err(format!("{services:?}")) }
        });
    }

    fn inspect(&self, service: &str, format: &str) -> String {
        self.lab.docker("barbary", &["service", "inspect", "--format", format, service])
    }

    /// Everything is as the files say, and another deploy has nothing to do.
    fn is_whole(&self, home: &TempDir) {
        assert_eq!(self.services("barbary").len(), STACKS.len());
        let again = self.said(home, &["deploy", "--all", "--yes", "--json"]);
        assert_eq!(again.code, 0, "{again:?}");
        let plan: Value = serde_json::from_str(&again.out).expect("a document");
        let changes = plan["stacks"].as_array().expect("stacks").iter().flat_map(|stack| stack["changes"].as_array());
        assert!(changes.flatten().all(|change| change["effect"] == "none"), "{}", again.out);
    }
}

fn home() -> TempDir {
    tempfile::tempdir().expect("a home")
}

/// What the journal of an operator says, newest first.
fn history(platform: &Platform<'_>, home: &TempDir) -> Vec<(String, String, String)> {
    let told = platform.said(home, &["history", "--json"]);
    let document: Value = serde_json::from_str(&told.out).expect("a document");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let actions = document["actions"].as_array().expect("actions");
    actions.iter().map(|deed| (text(&deed["id"]), text(&deed["what"]), text(&deed["outcome"]))).collect()
}

#[test]
fn a_platform_comes_up_from_nothing_and_a_change_is_undone_byte_for_byte() {
    let Some(lab) = take("a_platform_comes_up_from_nothing") else { return };
    let (platform, home) = (Platform::new(&lab), home());
    let up = platform.said(&home, &["deploy", "--all", "--yes"]);
    assert_eq!(up.code, 0, "{up:?}");
    platform.is_whole(&home);
    let labels = platform.inspect("store_web", "{{json .Spec.Labels}} {{json .Spec.TaskTemplate}}");
    assert!(labels.split(' ').next().is_some_and(|labels| labels.contains("\"quarterdeck.")), "{labels}");
    assert_eq!(
        labels.matches("quarterdeck.").count(),
        labels.split_once("} {").expect("two").0.matches("quarterdeck.").count()
    );

    let before = platform.inspect("blog_web", "{{json .Spec}}");
    let scaled = platform.said(&home, &["scale", "blog_web=3", "--yes"]);
    assert_eq!(scaled.code, 0, "{scaled:?}");
    assert_ne!(platform.inspect("blog_web", "{{json .Spec}}"), before);
    let undone = platform.said(&home, &["undo", "--yes"]);
    assert_eq!(undone.code, 0, "{undone:?}");
    assert_eq!(platform.inspect("blog_web", "{{json .Spec}}"), before);

    // Somebody else changes it after us: that is shown, and nothing is written over it unasked.
    assert_eq!(platform.said(&home, &["scale", "shop_web=2", "--yes"]).code, 0);
    lab.docker("barbary", &["service", "update", "--detach", "--label-add", "theirs=yes", "shop_web"]);
    let refused = platform.said(&home, &["undo"]);
    assert!(refused.code != 0 && (refused.out + &refused.err).contains("theirs"), "what differs is shown");
    assert!(platform.inspect("shop_web", "{{json .Spec}}").contains("theirs"));
    assert!(history(&platform, &home).iter().all(|(_, _, outcome)| outcome == "done"));
}

#[test]
fn a_sick_infrastructure_lets_nothing_above_it_begin() {
    let Some(lab) = take("a_sick_infrastructure") else { return };
    let (platform, home) = (Platform::new(&lab), home());
    platform.tag("infrastructure/door", "replicated", "sick");
    platform.put("quarterdeck.yaml", "timeouts: {converge: 40s}\n");
    let ended = platform.said(&home, &["deploy", "--all", "--yes"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert_eq!(platform.services("barbary"), ["door_web"]);
    let told = ended.out + &ended.err;
    assert!(told.contains("blocked by") && told.contains("door"), "{told}");
    // Mended, the rest follows, and has its time.
    platform.put("quarterdeck.yaml", "timeouts: {converge: 5m}\n");
    platform.tag("infrastructure/door", "replicated", "v1");
    let up = platform.said(&home, &["deploy", "--all", "--yes"]);
    assert_eq!(up.code, 0, "{up:?}");
    platform.is_whole(&home);
}

#[test]
fn a_deploy_that_was_killed_is_finished_from_its_journal() {
    let Some(lab) = take("a_deploy_that_was_killed") else { return };
    let (platform, home) = (Platform::new(&lab), home());
    let mut killed = platform.begin(&home, &["ching"], &["deploy", "--all", "--yes"]);
    platform.until_made("barbary", "store_web");
    killed.kill().expect("it is killed");
    killed.wait().expect("it is gone");
    let broken = || -> Vec<Value> {
        let told = platform.said(&home, &["history", "--interrupted", "--json"]);
        let document: Value = serde_json::from_str(&told.out).expect("a document");
        document["actions"].as_array().expect("actions").clone()
    };
    // All of it is one deed, whatever of it was under way.
    let course = broken().into_iter().find(|deed| deed["kind"] == "course").expect("the course broke off");
    let finished = platform.said(&home, &["resume", course["id"].as_str().expect("an id"), "--yes"]);
    assert_eq!(finished.code, 0, "{finished:?}");
    platform.is_whole(&home);
    assert_eq!(broken(), [Value::Null; 0]);
    let ends = history(&platform, &home);
    // What was under way is finished with it; a gate that was waited at changes nothing.
    assert!(
        ends.iter().all(|(_, _, outcome)| ["done", "resumed", "cancelled"].contains(&outcome.as_str())),
        "{ends:?}"
    );
}

#[test]
fn of_two_operators_on_one_stack_one_is_told_who_the_other_is() {
    let Some(lab) = take("of_two_operators") else { return };
    let (platform, first, second) = (Platform::new(&lab), home(), home());
    platform.tag("application/shop", "replicated", "slow");
    let mut winner = platform.begin(&first, &["ching"], &["deploy", "shop", "--yes"]);
    platform.until_made("barbary", "shop_web");
    // The other one has another wish for the same stack.
    platform.tag("application/shop", "replicated", "v2");
    let loser = platform.said(&second, &["deploy", "shop", "--yes"]);
    assert_eq!(loser.code, 1, "{loser:?}");
    let told = loser.out + &loser.err;
    assert!(told.contains("captain@") && told.contains("holds"), "{told}");
    assert!(winner.wait().expect("it ends").success());
    let after = platform.said(&second, &["deploy", "shop", "--yes"]);
    assert_eq!(after.code, 0, "{after:?}");
}

#[test]
fn a_manager_that_is_lost_in_the_middle_does_not_stop_a_deploy() {
    let Some(lab) = take("a_manager_that_is_lost_in_the_middle") else { return };
    let (platform, home) = (Platform::new(&lab), home());
    let managers = ["ching", "angre", "barbary"];
    let deploy = platform.begin(&home, &managers, &["deploy", "--all", "--yes"]);
    platform.until_made("barbary", "store_web");
    let fault = lab.fault(&["engine", "ching", "kill"]);
    let ended = said(deploy.wait_with_output().expect("it ends"));
    assert_eq!(ended.code, 0, "{ended:?}");
    drop(fault);
    until("ching answers for the swarm", || match platform.said(&home, &["status"]) {
        said if said.code == 4 => Err(said.err),
        _ => Ok(()),
    });
    platform.is_whole(&home);
}

#[test]
fn a_node_is_drained_and_undo_gives_it_back() {
    let Some(lab) = take("a_node_is_drained") else { return };
    let (platform, home) = (Platform::new(&lab), home());
    let up = platform.said(&home, &["deploy", "--all", "--yes"]);
    assert_eq!(up.code, 0, "{up:?}");
    let availability =
        || platform.lab.docker("barbary", &["node", "inspect", "--format", "{{.Spec.Availability}}", "dhow"]);
    let running = || {
        let words = ["node", "ps", "--filter", "desired-state=running", "--format", "{{.Name}}", "dhow"];
        platform.lab.docker("barbary", &words).lines().count()
    };
    let drained = platform.said(&home, &["node", "drain", "dhow", "--yes"]);
    assert_eq!(drained.code, 0, "{drained:?}");
    assert_eq!((availability().trim(), running()), ("drain", 0));
    platform.is_whole(&home);
    let undone = platform.said(&home, &["undo", "--yes"]);
    assert_eq!(undone.code, 0, "{undone:?}");
    assert_eq!(availability().trim(), "active");
}
