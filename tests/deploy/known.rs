//! Who we are at registries: said where credentials for that very registry are known, and nowhere else.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use futures_util::FutureExt;
use quarterdeck::docker_config::Folder;
use quarterdeck::jobs::{LookUp, Registries};
use quarterdeck::sim::{Scenario, Seen};

use super::desk::desk_as;
use super::wish::{edit, image, stack};

/// A password whose header has signs in it that the two alphabets of base64 write differently.
const PASSWORD: &str = "~~~???>>>";

fn registries(dir: &std::path::Path) -> Registries {
    let auth = base64::engine::general_purpose::STANDARD.encode(format!("me:{PASSWORD}"));
    let config = serde_json::json!({"auths": {"registry.example.test": {"auth": auth}}});
    std::fs::write(dir.join("config.json"), config.to_string()).unwrap();
    let dir = dir.to_owned();
    let look_up: LookUp = Arc::new(move |host| {
        let (folder, _) = Folder::read(&dir);
        async move { Ok(folder.credentials(&host).await?.map(|auth| auth.header())) }.boxed()
    });
    Registries::new(look_up)
}

fn said(seen: &[Seen], part: &str) -> Vec<(String, bool)> {
    let those = seen.iter().filter(|seen| seen.path.contains(part));
    those
        .map(|seen| (format!("{} {} {}", seen.method, seen.path, seen.json()["Name"]), !seen.auth.is_empty()))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn credentials_are_sent_where_they_exist_and_nowhere_else() {
    let dir = tempfile::tempdir().unwrap();
    let desk = desk_as(Scenario::new(), registries(dir.path())).await;
    let mut wish = stack("shop", &[("own", "registry.example.test/a/own:1"), ("web", "nginx:1")]);
    desk.done(&wish).await;
    let seen = desk.sim.requests();
    for part in ["/distribution/", "/services/create"] {
        let said = said(&seen, part);
        assert_eq!(said.len(), 2, "{said:?}");
        for (what, known) in said {
            assert_eq!(known, what.contains("own"), "{what}");
        }
    }
    let all: Vec<&Seen> = seen.iter().filter(|seen| !seen.auth.is_empty()).collect();
    assert_eq!(all.len(), 2, "one look at the registry and one write");
    for seen in all {
        assert!(seen.auth.contains(['-', '_']) && !seen.auth.contains(['+', '/']), "{}", seen.auth);
        let json: serde_json::Value = serde_json::from_slice(&URL_SAFE.decode(&seen.auth).unwrap()).unwrap();
        assert_eq!((&json["username"], &json["password"]), (&"me".into(), &PASSWORD.into()));
    }
    // What replaces tasks says it again; what leaves them where they are does not: that would replace them.
    desk.sim.forget_requests();
    image(&mut wish, "own", "registry.example.test/a/own:2");
    desk.done(&wish).await;
    assert_eq!(said(&desk.sim.requests(), "/update"), [(said(&desk.sim.requests(), "/update")[0].0.clone(), true)]);
    desk.sim.forget_requests();
    edit(&mut wish, "own", "/Labels/owner", serde_json::json!("me"));
    desk.done(&wish).await;
    assert!(!said(&desk.sim.requests(), "/update")[0].1);
    let told = format!("{:?}{:?}", desk.handle.board.latest(), desk.handle);
    assert!(!told.contains(PASSWORD) && !told.contains("eyJ"), "{told}");
}
