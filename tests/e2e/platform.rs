//! The platform that the repository ships, deployed from nothing with one verb, and once more.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use serde_json::Value;
use tempfile::TempDir;

use super::lab::{Lab, take};
use super::operator::Operator;
use super::swarm::fleet_is_well;

/// The bootstrap secrets and what else has no value in the example.
const VALUES: [(&str, &str); 4] = [
    ("OP_CREDENTIALS_FILE", "credentials.json"),
    ("OP_CONNECT_TOKEN", "a-token"),
    ("CLOUDFLARE_API_TOKEN", "another-token"),
    ("CLOUDFLARED_TUNNEL_TOKEN", "a-third-token"),
];

/// The folders of all stacks.
fn stacks(below: &Path) -> Vec<PathBuf> {
    let folders = |path: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").path());
        entries.filter(|path| path.is_dir()).collect()
    };
    folders(below).iter().flat_map(|tier| folders(tier)).collect()
}

/// The machine that keeps the data has eight processors, and all of the lab together may have two: so none is reserved,
/// and no share of them is a limit.
fn lighter(file: &Path) {
    let text = fs::read_to_string(file).expect("a compose file");
    let light = |line: &str| match line.split_once("{ cpus: ") {
        Some((head, tail)) => format!("{head}{{ {}", tail.split_once(", ").expect("processors, and memory").1),
        None => line.to_owned(),
    };
    fs::write(file, text.lines().map(light).collect::<Vec<_>>().join("\n") + "\n").expect("a compose file");
}

/// A checkout of it whose hosts are the lab's.
fn checkout(lab: &Lab, to: &Path) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["stacks", "inventory", "quarterdeck.yaml"] {
        let copied = Command::new("cp").arg("-r").arg(from.join(folder)).arg(to).status();
        assert!(copied.is_ok_and(|status| status.success()), "{folder}");
    }
    for stack in stacks(&to.join("stacks")) {
        lighter(&stack.join("compose.yaml"));
    }
    let mut values = fs::read_to_string(from.join(".env.example")).expect("an example");
    for (name, value) in VALUES {
        values = values.replace(&format!("{name}=\n"), &format!("{name}={value}\n"));
    }
    fs::write(to.join(".env"), values).expect("values");
    fs::write(to.join("credentials.json"), "{}").expect("credentials");
    let mut hosts = fs::read_to_string(to.join("inventory/hosts.yml")).expect("an inventory");
    for (node, shipped) in [("barbary", "10"), ("ching", "11"), ("angre", "12"), ("lorcha", "21"), ("dhow", "22")] {
        let ours = lab.setting(&format!("LAB_ADDRESS_{node}"));
        hosts = hosts.replace(&format!("192.0.2.{shipped}\n"), &format!("{ours}\n"));
    }
    let hosts = hosts.replace("truenas_admin", "captain").replace("ansible_user: deploy", "ansible_user: captain");
    fs::write(to.join("inventory/hosts.yml"), hosts).expect("an inventory");
}

/// A lab with its images, and a checkout whose hosts are the lab's.
fn ground(lab: &Lab) -> TempDir {
    fleet_is_well(lab);
    lab.run(&["clean"]);
    lab.run(&["platform"]);
    let home = tempfile::tempdir().expect("a folder");
    checkout(lab, home.path());
    home
}

#[test]
#[ignore = "its images want room and minutes: LAB_DATA_SIZE=3G tests/lab/lab up, then run it by hand"]
fn the_shipped_platform_comes_up_tier_by_tier_and_then_nothing_is_to_do() {
    let Some(lab) = take("the_shipped_platform") else { return };
    let home = ground(&lab);
    let folder = home.path().display().to_string();
    let captain = Operator::of(&lab);
    let said = captain.said(&["barbary", "ching", "angre"], &["-C", &folder, "deploy", "--all", "--yes"]);
    eprintln!("{}", said.out);
    assert_eq!(said.code, 0, "{}", said.err);
    let said = captain.said(&["barbary"], &["-C", &folder, "status", "--json"]);
    assert_eq!(said.code, 0, "{}", said.out);
    let said = captain.said(&["barbary"], &["-C", &folder, "deploy", "--all", "--yes"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(!said.out.contains("made") && !said.out.contains("converging"), "{}", said.out);
    // The other ingress and the name server, which no deploy of all brings along.
    let said = captain.said(&["barbary"], &["-C", &folder, "teardown", "caddy", "--yes"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let said = captain.said(&["barbary"], &["-C", &folder, "deploy", "traefik", "technitium", "--yes"]);
    assert_eq!(said.code, 0, "{}", said.err);
}

/// What the shell loop is told: the values of the folder, and no quiet way out.
const LOOP: &str = r#"
set -eu
cd "$1"; set -a; . ./.env; set +a
for secret in op_credentials op_connect_token cloudflare_api_token cloudflared_tunnel_token; do
  printf %s value | "$LAB" docker barbary secret create "$secret" - >/dev/null
done
shift
for stack; do
  "$LAB" docker barbary stack deploy --detach=false -c "$stack/compose.yaml" "$(basename "$stack")" </dev/null
done
"#;

#[test]
#[ignore = "it takes most of an hour: LAB_DATA_SIZE=3G tests/lab/lab up, then run it by hand"]
fn a_deploy_of_all_takes_at_most_half_the_time_of_a_loop_of_the_docker_command() {
    let Some(lab) = take("a_deploy_of_all_takes_at_most_half") else { return };
    let home = ground(&lab);
    let folder = home.path().display().to_string();
    let captain = Operator::of(&lab);
    let began = Instant::now();
    let said = captain.said(&["barbary", "ching", "angre"], &["-C", &folder, "deploy", "--all", "--yes"]);
    let ours = began.elapsed();
    assert_eq!(said.code, 0, "{}", said.err);
    // Its directories stay, and what the databases have made at their first start: the loop has the easier half.
    lab.run(&["clean"]);
    let order = captain.said(&["barbary"], &["-C", &folder, "deploy", "--all", "--dry-run", "--json"]);
    let order: Value = serde_json::from_str(&order.out).expect("a plan");
    let stacks =
        order["stacks"].as_array().expect("stacks").iter().map(|stack| stack["name"].as_str().expect("a name"));
    let path = |name: &str| {
        let tier = ["infrastructure", "platform", "application"];
        let path = tier.map(|tier| format!("stacks/{tier}/{name}"));
        path.into_iter().find(|path| home.path().join(path).is_dir()).expect("a stack of the folder")
    };
    let began = Instant::now();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab/lab");
    let mut shell = Command::new("sh");
    shell.args(["-c", LOOP, "loop", &folder]).args(stacks.map(path)).env("LAB", script).env("LAB_NAME", lab.name());
    assert!(shell.status().expect("a shell").success());
    let theirs = began.elapsed();
    eprintln!("deploy --all {ours:.0?}, the loop {theirs:.0?}: {:.2}", ours.as_secs_f64() / theirs.as_secs_f64());
    assert!(ours * 2 <= theirs, "{ours:?} against {theirs:?}");
}
