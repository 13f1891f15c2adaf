//! Who is let in, by what, in which order, and what is said of those who are not.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command as Local, Stdio};

use quarterdeck::ask::{Answer, Asker, Wants};
use quarterdeck::diag::Explain;
use quarterdeck::ssh::{Command, Hosts, SshError};
use zeroize::Zeroizing;

use crate::server::{Server, operator, wait};

fn secret(text: &str) -> Answer {
    Answer::Secret(Zeroizing::new(text.to_owned()))
}

fn told(error: &SshError) -> String {
    error.explain().to_string()
}

#[tokio::test]
async fn every_kind_of_key_opens_the_door() {
    let Some(server) = Server::start("every_kind_of_key", "") else { return };
    server.know();
    for kind in [
        &["-t", "ed25519"][..],
        &["-t", "ecdsa", "-b", "256"],
        &["-t", "ecdsa", "-b", "384"],
        &["-t", "ecdsa", "-b", "521"],
        &["-t", "rsa", "-b", "2048"],
        &["-t", "rsa", "-b", "2048", "-m", "PEM"],
        &["-t", "ecdsa", "-b", "256", "-m", "PKCS8"],
    ] {
        let name = kind.join("");
        let key = server.key(&name, kind);
        server.authorize(&key);
        let config = format!("IdentityFile HOME/.ssh/{name}\nIdentitiesOnly yes\n");
        let host = server.host_with(&config, Asker::nobody());
        host.connect().await.unwrap_or_else(|error| panic!("{name}: {}", told(&error)));
        host.close().await;
    }
    assert!(server.log().contains("rsa-sha2-512") || server.log().contains("Accepted publickey"), "{}", server.log());
}

#[tokio::test]
async fn a_passphrase_is_asked_for_once_for_all_hosts_and_only_if_the_key_would_do() {
    let Some(server) = Server::start("a_passphrase", "") else { return };
    server.know();
    let key = server.key("locked", &["-t", "ed25519", "-N", "open sesame"]);
    let config = "IdentityFile HOME/.ssh/locked\n";
    // The host takes another key only: nobody is asked.
    let (asker, asked) = operator(Vec::new());
    server.host_with(config, asker).connect().await.unwrap();
    assert!(asked.lock().unwrap().is_empty());

    server.authorize(&key);
    let (asker, asked) = operator(vec![secret("wrong"), secret("open sesame")]);
    let hosts = Hosts::new(server.settings(config), asker);
    let host = hosts.host(&server.target());
    host.connect().await.unwrap();
    host.close().await;
    host.connect().await.unwrap();
    let other = hosts.host(&format!("root@localhost:{}", server.port).parse().unwrap());
    let error = other.connect().await.unwrap_err();
    assert!(matches!(error, SshError::HostKey { .. }), "{error}");
    let asked = asked.lock().unwrap();
    let titles: Vec<&str> = asked.iter().map(|question| question.title.as_str()).collect();
    assert!(titles[0].contains("Passphrase for") && titles[0].ends_with("locked"), "{titles:?}");
    assert_eq!(asked[0].wants, Wants::Secret);
    assert!(asked[1].lines.iter().any(|line| line.contains("not it")));
    assert_eq!(titles.iter().filter(|title| title.contains("Passphrase")).count(), 2, "{titles:?}");
}

#[tokio::test]
async fn who_is_not_let_in_is_told_all_that_was_tried_and_why() {
    let Some(server) = Server::start("who_is_not_let_in", "PasswordAuthentication yes\n") else { return };
    server.know();
    server.key("other", &["-t", "ed25519"]);
    let locked = server.key("locked", &["-t", "ed25519", "-N", "x"]);
    let loose = server.key("loose", &["-t", "ed25519"]);
    std::fs::set_permissions(&loose, std::fs::Permissions::from_mode(0o644)).unwrap();
    server.authorize(&locked);
    let config = "IdentityFile HOME/.ssh/other\nIdentityFile HOME/.ssh/locked\nIdentityFile HOME/.ssh/loose\n\
                  IdentityAgent HOME/gone.sock\n";
    let (asker, _) = operator(vec![secret("1"), secret("2"), secret("3")]);
    let error = server.host_with(config, asker).connect().await.unwrap_err();
    let told = told(&error);
    for part in [
        "does not let root in",
        "gone.sock: it cannot be reached",
        ".ssh/other: the host does not take it",
        ".ssh/locked: the passphrase was wrong 3 times",
        ".ssh/loose: others can read it (mode 0644)",
        "password: nobody gave one",
        "what the host takes: publickey, password",
        "mend: put your public key into",
    ] {
        assert!(told.contains(part), "{part:?} is missing in:\n{told}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_asked_for_again_and_not_for_ever() {
    let Some(server) = Server::start("a_wrong_password", "PubkeyAuthentication no\nPasswordAuthentication yes\n")
    else {
        return;
    };
    server.know();
    let (asker, asked) = operator(vec![secret("hunter1"), secret("hunter2"), secret("hunter3"), secret("hunter4")]);
    let error = server.host_with("", asker).connect().await.unwrap_err();
    assert_eq!(asked.lock().unwrap().len(), 3);
    assert!(!told(&error).contains("hunter") && !format!("{error:?}").contains("hunter"));
}

struct Agent(Child, std::path::PathBuf);

impl Agent {
    fn start(dir: &Path) -> Self {
        let socket = dir.join("agent.sock");
        let child = Local::new("ssh-agent")
            .args(["-D", "-a"])
            .arg(&socket)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait("the agent is there", || UnixStream::connect(&socket).is_ok().then_some(()));
        Self(child, socket)
    }

    fn add(&self, words: &[&str], key: &Path) {
        let mut command = Local::new("ssh-add");
        let status = command.args(words).arg(key).env("SSH_AUTH_SOCK", &self.1).stderr(Stdio::null()).status().unwrap();
        assert!(status.success());
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn keys_of_the_agent_are_tried_first_and_identities_only_holds() {
    let Some(server) = Server::start("keys_of_the_agent", "") else { return };
    server.know();
    let agent = Agent::start(server.dir.path());
    let key = server.key("held", &["-t", "rsa", "-b", "2048"]);
    agent.add(&["-q"], &key);
    server.authorize(&key);
    let away = server.path("held");
    std::fs::rename(&key, &away).unwrap();
    let config = format!("IdentityAgent {}\n", agent.1.display());
    server.host_with(&config, Asker::nobody()).connect().await.unwrap();
    // Its public half is there, so it is the one that is meant.
    let named = format!("{config}IdentitiesOnly yes\nIdentityFile HOME/.ssh/held\n");
    server.host_with(&named, Asker::nobody()).connect().await.unwrap();
    std::fs::remove_file(key.with_extension("pub")).unwrap();
    let error = server.host_with(&named, Asker::nobody()).connect().await.unwrap_err();
    assert!(!told(&error).contains("of the agent"), "{}", told(&error));
}

#[tokio::test]
async fn an_agent_that_does_not_sign_is_passed_over() {
    let Some(server) = Server::start("an_agent_that_does_not_sign", "") else { return };
    server.know();
    let agent = Agent::start(server.dir.path());
    let held = server.key("held", &["-t", "ed25519"]);
    // It asks for consent before each signature, and nobody is there to give it.
    agent.add(&["-q", "-c"], &held);
    let keys = ["held", "id_ed25519"]
        .map(|name| std::fs::read_to_string(server.home().join(format!(".ssh/{name}.pub"))).unwrap());
    std::fs::write(server.path("authorized_keys"), keys.concat()).unwrap();
    let config = format!("IdentityAgent {}\n", agent.1.display());
    let passed = server.host_with(&config, Asker::nobody()).connect().await;
    assert!(passed.is_ok(), "{passed:?}\n{}", server.log());
    std::fs::write(server.path("authorized_keys"), &keys[0]).unwrap();
    let error = server.host_with(&config, Asker::nobody()).connect().await.unwrap_err();
    assert!(told(&error).contains("of the agent: the agent does not sign"), "{}", told(&error));
}

#[tokio::test]
async fn too_many_keys_are_told_as_such() {
    let Some(server) = Server::start("too_many_keys", "MaxAuthTries 3\n") else { return };
    server.know();
    let config: String = (0..5)
        .map(|n| {
            server.key(&format!("k{n}"), &["-t", "ed25519"]);
            format!("IdentityFile HOME/.ssh/k{n}\n")
        })
        .collect();
    let error = server.host_with(&config, Asker::nobody()).connect().await.unwrap_err();
    let told = told(&error);
    assert!(told.contains("too many keys") && told.contains("IdentitiesOnly yes"), "{told}");
}

#[tokio::test]
async fn two_factors_are_both_given() {
    let lines = "AuthenticationMethods publickey,password\nPasswordAuthentication yes\n";
    let Some(server) = Server::start("two_factors", lines) else { return };
    server.know();
    let (asker, asked) = operator(vec![secret("no")]);
    let error = server.host_with("NumberOfPasswordPrompts 1\n", asker).connect().await.unwrap_err();
    assert!(told(&error).contains("right, and the host wants more"), "{}", told(&error));
    assert!(asked.lock().unwrap()[0].title.contains("Password of root"));
}

#[tokio::test]
async fn a_user_certificate_is_used() {
    let Some(server) = Server::start("a_user_certificate", "TrustedUserCAKeys DIR/ca.pub\n") else { return };
    server.know();
    let ca = server.keygen("ca", &["-t", "ed25519"]);
    let key = server.home().join(".ssh/id_ed25519");
    let signed = Local::new("ssh-keygen")
        .args(["-q", "-s"])
        .arg(&ca)
        .args(["-I", "x", "-n", "root"])
        .arg(key.with_extension("pub"))
        .status();
    assert!(signed.unwrap().success());
    std::fs::write(server.path("authorized_keys"), "").unwrap();
    let host = server.host_with("", Asker::nobody());
    assert!(host.run(&Command::new("true")).await.unwrap().is_ok());
}
