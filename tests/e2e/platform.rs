//! The platform that the repository ships, deployed from nothing with one verb, and once more.

use std::fs;
use std::path::Path;

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

/// A checkout of it whose hosts are the lab's.
fn checkout(lab: &Lab, to: &Path) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["stacks", "inventory"] {
        let copied = std::process::Command::new("cp").arg("-r").arg(from.join(folder)).arg(to).status();
        assert!(copied.is_ok_and(|status| status.success()), "{folder}");
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

#[test]
#[ignore = "its images want room and minutes: LAB_DATA_SIZE=3G tests/lab/lab up, then run it by hand"]
fn the_shipped_platform_comes_up_tier_by_tier_and_then_nothing_is_to_do() {
    let Some(lab) = take("the_shipped_platform") else { return };
    fleet_is_well(&lab);
    lab.run(&["clean"]);
    lab.run(&["platform"]);
    let captain = Operator::of(&lab);
    let home = tempfile::tempdir().expect("a folder");
    checkout(&lab, home.path());
    let folder = home.path().display().to_string();
    let said = captain.said(&["barbary", "ching", "angre"], &["-C", &folder, "deploy", "--all", "--yes"]);
    eprintln!("{}", said.out);
    assert_eq!(said.code, 0, "{}", said.err);
    let said = captain.said(&["barbary"], &["-C", &folder, "status", "--json"]);
    assert_eq!(said.code, 0, "{}", said.out);
    let said = captain.said(&["barbary"], &["-C", &folder, "deploy", "--all", "--yes"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(!said.out.contains("made") && !said.out.contains("converging"), "{}", said.out);
}
