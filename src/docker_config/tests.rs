//! Folders as the docker CLI writes them, and as people break them.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Auth, Folder};

fn folder(config: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("config.json"), config).unwrap();
    dir
}

fn context(dir: &Path, id: &str, meta: &str) {
    let place = dir.join("contexts/meta").join(id);
    fs::create_dir_all(&place).unwrap();
    fs::write(place.join("meta.json"), meta).unwrap();
}

fn id(name: &str) -> String {
    ring::digest::digest(&ring::digest::SHA256, name.as_bytes())
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn header(auth: &Auth) -> Value {
    serde_json::from_slice(&URL_SAFE.decode(auth.header().as_bytes()).unwrap()).unwrap()
}

#[test]
fn a_context_is_found_by_the_digest_of_its_name_with_its_files_for_tls() {
    let dir = folder(r#"{"currentContext": "default"}"#);
    let meta =
        r#"{"Name":"prod","Metadata":{},"Endpoints":{"docker":{"Host":"tcp://192.0.2.10:2376","SkipTLSVerify":true}}}"#;
    context(dir.path(), &id("prod"), meta);
    let tls = dir.path().join("contexts/tls").join(id("prod")).join("docker");
    fs::create_dir_all(&tls).unwrap();
    fs::write(tls.join("ca.pem"), "x").unwrap();
    let (folder, fault) = Folder::read(dir.path());
    assert!(fault.is_none() && folder.current_context().is_none());
    let found = folder.context("prod").unwrap();
    assert_eq!((found.host.as_str(), found.unverified), ("tcp://192.0.2.10:2376", true));
    assert!(found.tls.ca.is_some() && found.tls.key.is_none() && !found.tls.is_empty());
    // The digest is the one that the docker CLI computes.
    assert_eq!(id(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

#[test]
fn a_broken_context_is_told_with_its_place_and_hides_no_other() {
    let dir = folder("{}");
    context(dir.path(), &id("well"), r#"{"Name":"well","Endpoints":{"docker":{"Host":"unix:///run/docker.sock"}}}"#);
    context(dir.path(), "broken", "{\n  \"Name\": 7\n}");
    context(dir.path(), "empty", "");
    context(dir.path(), "other", r#"{"Name":"other","Endpoints":{"kubernetes":{}}}"#);
    fs::create_dir_all(dir.path().join("contexts/meta/nothing")).unwrap();
    let (contexts, faults) = Folder::read(dir.path()).0.contexts();
    assert_eq!(contexts.iter().map(|context| context.name.as_str()).collect::<Vec<_>>(), ["well"]);
    assert_eq!(faults.len(), 3, "{faults:?}");
    assert!(faults[0].place.ends_with("broken/meta.json:2:11"), "{}", faults[0].place);
    assert!(faults.iter().all(|fault| !fault.mend.is_empty() && !fault.why.is_empty()), "{faults:?}");
    let missing = Folder::read(dir.path()).0.context("prod").unwrap_err();
    assert!(missing.what.contains("\"prod\"") && missing.mend.contains("well"), "{missing}");
}

#[test]
fn a_folder_that_is_not_there_says_nothing_and_a_broken_file_says_where() {
    let (folder, fault) = Folder::read(Path::new("/nowhere/.docker"));
    assert!(fault.is_none() && folder.contexts().0.is_empty());
    let dir = tempfile::tempdir().unwrap();
    for (config, place, why) in [
        ("{\n \"auths\": {\n  \"r\": {\"auth\": \"c2Vj\", }\n}}", ":3:", "trailing comma"),
        ("{\n \"auths\": \"c2Vj\"}", ":2:16", "expected a map"),
        ("{", ":1:1", "EOF"),
    ] {
        fs::write(dir.path().join("config.json"), config).unwrap();
        let fault = Folder::read(dir.path()).1.unwrap();
        assert!(fault.place.contains(&format!("config.json{place}")) && fault.why[0].contains(why), "{fault}");
        assert!(!fault.to_string().contains("c2Vj"), "what stands there may be a secret: {fault}");
    }
}

#[tokio::test]
async fn credentials_in_the_file_are_found_as_the_docker_cli_finds_them() {
    let pair = STANDARD.encode("captain:pa:ss\0");
    let dir = folder(
        &json!({
            "HttpHeaders": {"X": "y"}, "currentContext": "prod",
            "auths": {
                "https://index.docker.io/v1/": {"auth": pair},
                "http://one.example.test:5000/v2/": {"auth": pair, "identitytoken": "idt"},
                "two.example.test": {"registrytoken": "rt"},
                "empty.example.test": {},
                "torn.example.test": {"auth": "!"},
                "odd.example.test": {"auth": STANDARD.encode("nobody")},
            }
        })
        .to_string(),
    );
    let (folder, _) = Folder::read(dir.path());
    assert_eq!(folder.current_context(), Some("prod"));
    let get = async |registry: &str| folder.credentials(registry).await;
    let hub = get("docker.io").await.unwrap().unwrap();
    let words = json!({"username": "captain", "password": "pa:ss", "serveraddress": "https://index.docker.io/v1/"});
    assert_eq!(header(&hub), words);
    let one = get("one.example.test:5000").await.unwrap().unwrap();
    assert_eq!(header(&one)["identitytoken"], "idt");
    assert!(get("one.example.test").await.unwrap().is_none(), "another port is another registry");
    assert_eq!(header(&get("two.example.test").await.unwrap().unwrap())["registrytoken"], "rt");
    assert!(get("empty.example.test").await.unwrap().is_none());
    for broken in ["torn.example.test", "odd.example.test"] {
        let fault = get(broken).await.unwrap_err();
        assert!(fault.place.contains("config.json:1:") && fault.mend.contains("docker login"), "{fault}");
    }
    let shown = format!("{hub:?} {folder:?}");
    assert!(shown.contains("captain") && !shown.contains("pa:ss") && !shown.contains(&pair), "{shown}");
}

/// Helpers are found on the PATH, which a test cannot change for itself alone: it runs itself again with another one.
#[test]
fn a_credential_helper_is_asked_and_its_secret_stays_where_it_is() {
    if std::env::var_os("QUARTERDECK_HELPERS").is_some() {
        return;
    }
    let bin = tempfile::tempdir().unwrap();
    for (name, script) in [
        ("well", "read at; echo '{\"ServerURL\":\"'$at'\",\"Username\":\"captain\",\"Secret\":\"hush\"}'"),
        ("token", "echo '{\"Username\":\"<token>\",\"Secret\":\"hush\"}'"),
        ("none", "echo 'credentials not found in native keychain'; exit 1"),
        ("bad", "echo hush; printf '\\033[2Jlocked\\n' >&2; exit 1"),
        ("odd", "echo hush"),
    ] {
        use std::os::unix::fs::PermissionsExt;
        let file = bin.path().join(format!("docker-credential-{name}"));
        fs::write(&file, format!("#!/bin/sh\n[ \"$1\" = get ] || exit 9\n{script}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = format!("{}:{}", bin.path().display(), std::env::var("PATH").unwrap());
    let again = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["docker_config::tests::helpers_on_this_path", "--exact", "--include-ignored", "--nocapture"])
        .env("PATH", path)
        .env("QUARTERDECK_HELPERS", "1")
        .output()
        .unwrap();
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    assert!(String::from_utf8_lossy(&again.stdout).contains("1 passed"));
}

#[tokio::test]
#[ignore = "run by the test above, with helpers on its PATH"]
async fn helpers_on_this_path() {
    let dir = folder(
        &json!({
            "auths": {"two.example.test": {"auth": STANDARD.encode("file:file")}},
            "credsStore": "none",
            "credHelpers": {"one.example.test": "well", "token.example.test": "token", "bad.example.test": "bad",
                "odd.example.test": "odd", "gone.example.test": "gone", "path.example.test": "../well"},
        })
        .to_string(),
    );
    let (folder, _) = Folder::read(dir.path());
    let get = async |host: &str| folder.credentials(host).await;
    let one = get("one.example.test").await.unwrap().unwrap();
    let words = json!({"username": "captain", "password": "hush", "serveraddress": "one.example.test"});
    assert_eq!(header(&one), words);
    let token = get("token.example.test").await.unwrap().unwrap();
    assert_eq!(header(&token), json!({"identitytoken": "hush", "serveraddress": "token.example.test"}));
    assert!(get("two.example.test").await.unwrap().is_none(), "with a store, the file is not asked");
    for (host, what) in [
        ("bad", "docker-credential-bad failed"),
        ("odd", "docker-credential-odd answers cannot be read"),
        ("gone", "docker-credential-gone cannot be run"),
        ("path", "no name of a credential helper"),
    ] {
        let fault = get(&format!("{host}.example.test")).await.unwrap_err();
        assert!(fault.what.contains(what) && fault.place.contains("config.json:1:"), "{fault}");
        let told = fault.to_string();
        assert!(!told.contains("hush") && !told.contains('\x1b'), "{told:?}");
    }
}
