//! Two folders in which everything is odd and nothing is wrong: forms that real platforms are written in, and that a
//! reader trips over who knows one way of writing only. No finding of them is an error, and every stack can be planned.

use std::sync::Arc;

use quarterdeck::diag::Severity;
use quarterdeck::lint;
use quarterdeck::platform::{self, Checkout, Environment};

use super::{files, findings};

const FOLDERS: [&str; 2] = ["weathered", "salted"];

#[test]
fn what_is_odd_and_not_wrong_is_no_error() {
    for name in FOLDERS {
        let findings = lint::check(&files(name), Environment::new());
        let errors: Vec<_> = findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
    }
    insta::assert_snapshot!("weathered", findings("weathered"));
    insta::assert_snapshot!("salted", findings("salted"));
}

#[test]
fn every_stack_of_an_odd_folder_can_be_planned() {
    for (name, count) in [("weathered", 9), ("salted", 5)] {
        let files = files(name);
        let catalogue = Arc::new(platform::read(&files).catalogue);
        assert_eq!(catalogue.stacks.len(), count, "{name}: {:?}", catalogue.stacks.keys());
        let checkout =
            Checkout { files: Arc::new(files), catalogue: Arc::clone(&catalogue), surroundings: Arc::default() };
        for filed in catalogue.stacks.values().filter(|filed| filed.host.is_none()) {
            match checkout.wish(&filed.name) {
                Ok(wish) => assert!(!wish.services.is_empty(), "{name}: {}", filed.name),
                // What a hook makes is not there before it ran.
                Err(faults) => {
                    assert!(filed.name == "monitoring" && faults.len() == 1, "{name}: {} {faults:#?}", filed.name);
                }
            }
        }
    }
}

#[test]
fn what_odd_files_say_is_understood() {
    let weathered = platform::read(&files("weathered"));
    let label =
        |host: &str, key: &str| weathered.inventory.hosts[host].labels.get(key).map(|label| label.value.clone());
    assert_eq!(label("tower-X570-GAMING-X", "dns").as_deref(), Some("true"));
    assert_eq!(label("tower-X570-GAMING-X", "gpu").as_deref(), Some("True"));
    assert_eq!(label("mole", "dns"), None, "nothing written beside a merge takes what was merged away");
    assert_eq!(weathered.catalogue.hosts["mole"].address, "192.0.2.14");
    assert_eq!(weathered.catalogue.hosts["giant"].user, "deploy");
    let salted = platform::read(&files("salted"));
    assert_eq!(
        salted.catalogue.stacks["application_media_core"].after,
        ["platform_authentik"],
        "of a second registry file"
    );
    let boot = salted.depth(&files("salted")).boot;
    let installs: Vec<_> = boot.profiles.iter().map(|profile| (profile.id.as_str(), profile.installs)).collect();
    assert_eq!(installs, [("debian-12-swarm", true), ("local-disk", false), ("netboot-xyz", false)]);
}
