//! Which hosts are trusted: side by side with OpenSSH's own client, on the same files and the same server.

use std::fs;
use std::process::{Command as Local, Stdio};

use quarterdeck::ask::{Answer, Asker, Question, Wants};
use quarterdeck::diag::Explain;
use quarterdeck::ssh::SshError;

use crate::server::{Server, operator, which};

const KEYS: &str = "HostKey DIR/host_ed25519\nHostKey DIR/host_ecdsa\nHostKey DIR/host_rsa\n";

fn server(test: &str, lines: &str) -> Option<Server> {
    Server::start_with(test, lines, |server| {
        server.keygen("host_ecdsa", &["-t", "ecdsa"]);
        server.keygen("host_rsa", &["-t", "rsa", "-b", "2048"]);
        server.keygen("other", &["-t", "ed25519"]);
        server.keygen("other_ecdsa", &["-t", "ecdsa"]);
        server.keygen("ca", &["-t", "ed25519"]);
    })
}

/// What OpenSSH thinks of the same files.
fn openssh_accepts(server: &Server) -> bool {
    let out = Local::new(which("ssh").unwrap())
        .args(["-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-F"])
        .arg(server.home().join(".ssh/config"))
        .args(["-p", &server.port.to_string(), "root@127.0.0.1", "true"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status();
    out.unwrap().success()
}

/// A line as ssh-keygen hashes it.
fn hashed(server: &Server, line: &str) -> String {
    let file = server.path("to_hash");
    fs::write(&file, line).unwrap();
    let mut keygen = Local::new("ssh-keygen");
    keygen.args(["-q", "-H", "-f"]).arg(&file).stderr(Stdio::null()).stdout(Stdio::null());
    assert!(keygen.status().unwrap().success());
    fs::read_to_string(file).unwrap()
}

#[tokio::test]
async fn hosts_are_trusted_exactly_when_openssh_trusts_them() {
    let Some(server) = server("hosts_are_trusted", KEYS) else { return };
    if which("ssh").is_none() {
        eprintln!("NOT RUN hosts_are_trusted: ssh is not installed");
        return;
    }
    let key = |name: &str| {
        let text = fs::read_to_string(server.path(&format!("{name}.pub"))).unwrap();
        text.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
    };
    let (ed, ec, rsa, other, other_ec) =
        (key("host_ed25519"), key("host_ecdsa"), key("host_rsa"), key("other"), key("other_ecdsa"));
    let at = format!("[127.0.0.1]:{}", server.port);
    let hashed = hashed(&server, &format!("{at} {ed}\n"));
    let mut wrong = Vec::new();
    let cases = [
        ("exact", format!("{at} {ed}"), ""),
        ("hashed", hashed, ""),
        ("wrong", format!("{at} {other}"), ""),
        ("rotated", format!("{at} {other}\n{at} {ed}"), ""),
        ("rotated the other way", format!("{at} {ed}\n{at} {other}"), ""),
        ("wildcard", format!("[127.0.0.*]:{} {ed}", server.port), ""),
        ("tabs", format!("{at}\t{}", ed.replace(' ', "\t")), ""),
        ("revoked", format!("@revoked {at} {ed}\n{at} {ed}"), ""),
        ("revoked, another kind known", format!("@revoked {at} {ed}\n{at} {ec}"), ""),
        ("revoked elsewhere", format!("@revoked other.test {ed}\n{at} {ed}"), ""),
        ("negated", format!("!{at},{at} {ed}"), ""),
        ("no port", format!("127.0.0.1 {ed}"), ""),
        ("no port, other key", format!("127.0.0.1 {other}"), ""),
        ("no port, another kind", format!("127.0.0.1 {ec}"), ""),
        ("no port, beside a wrong one with it", format!("127.0.0.1 {ed}\n{at} {other}"), ""),
        ("bad line first", format!("{at} ssh-ed25519 AAAA\n{at} {ed}"), ""),
        ("only ecdsa known", format!("{at} {ec}"), ""),
        ("only rsa known", format!("{at} {rsa}"), ""),
        ("wrong ecdsa, right ed25519", format!("{at} {other_ec}\n{at} {ed}"), ""),
        ("wrong ed25519, right ecdsa", format!("{at} {other}\n{at} {ec}"), ""),
        ("wrong ecdsa only", format!("{at} {other_ec}"), ""),
        ("unknown", String::new(), ""),
        ("alias", format!("flagship {ed}"), "HostKeyAlias flagship\n"),
        ("alias, known by address", format!("{at} {ed}"), "HostKeyAlias flagship\n"),
        ("alias with capitals", format!("FLAGSHIP {ed}"), "HostKeyAlias Flagship\n"),
        ("second file", String::new(), "UserKnownHostsFile HOME/none HOME/second\n"),
        ("machine's file", String::new(), "GlobalKnownHostsFile HOME/second\n"),
        ("revoked in the machine's file", format!("{at} {ed}"), "GlobalKnownHostsFile HOME/revoked\n"),
        ("authority that vouches for nothing", format!("@cert-authority {at} {}", key("ca")), ""),
        ("carriage returns", format!("{at} {ed}\r\n"), ""),
        ("marker twice", format!("@revoked @cert-authority {at} {ed}\n{at} {ed}"), ""),
        ("marker with tab", format!("@revoked\t{at}\t{ed}\n{at} {ed}"), ""),
        ("marker and tabs only", format!("@revoked\t{at}\t{}\n{at} {ed}", ed.replace(' ', "\t")), ""),
        ("comment in the middle", format!("{at} # {ed}\n{at} {ed} # mine"), ""),
    ];
    for (name, text, config) in cases {
        fs::write(server.home().join("second"), format!("{at} {ed}\n")).unwrap();
        fs::write(server.home().join("revoked"), format!("@revoked * {ed}\n")).unwrap();
        server.known_hosts(&text);
        let host = server.host_with(&format!("{config}StrictHostKeyChecking yes\n"), Asker::nobody());
        let ours = host.connect().await;
        host.close().await;
        let theirs = openssh_accepts(&server);
        if ours.is_ok() != theirs {
            wrong.push(format!("{name}: OpenSSH {theirs}, we {ours:?}\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[tokio::test]
async fn a_host_that_is_not_known_is_asked_about_and_then_known() {
    let Some(server) = Server::start("a_host_that_is_not_known", "") else { return };
    server.known_hosts("");
    let (asker, asked) = operator(vec![Answer::No, Answer::Yes]);
    let host = server.host_with("HashKnownHosts yes\n", asker);
    let error = host.connect().await.unwrap_err();
    assert!(matches!(error, SshError::HostKey { .. }) && error.explain().to_string().contains("nobody has agreed"));
    assert_eq!(fs::read_to_string(server.home().join(".ssh/known_hosts")).unwrap(), "");
    host.connect().await.unwrap();
    assert!(openssh_accepts(&server), "what we have learned, OpenSSH knows");
    assert!(fs::read_to_string(server.home().join(".ssh/known_hosts")).unwrap().starts_with("|1|"));
    let asked = asked.lock().unwrap();
    let print = Local::new("ssh-keygen").arg("-lf").arg(server.path("host_ed25519.pub")).output().unwrap().stdout;
    let print = String::from_utf8(print).unwrap();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1].wants, Wants::Consent("Trust"));
    let shown = asked[1].lines.iter().find(|line| line.starts_with("ED25519 SHA256:")).unwrap();
    assert!(print.contains(shown.strip_prefix("ED25519 ").unwrap()), "{shown} is not what ssh-keygen says: {print}");
}

#[tokio::test]
async fn while_the_operator_is_asked_the_way_to_the_engine_says_so() {
    let Some(server) = Server::start("while_the_operator_is_asked", "") else { return };
    server.known_hosts("");
    let (asker, mut questions) = Asker::new();
    let host = server.host_with("", asker.clone());
    let way = host.dialer("/run/nothing.sock");
    assert!(!way.is_asking());
    let going = tokio::spawn({
        let host = std::sync::Arc::clone(&host);
        async move { host.connect().await }
    });
    let asked = questions.recv().await.unwrap();
    assert!(way.is_asking());
    asked.answer(Answer::Yes);
    going.await.unwrap().unwrap();
    assert!(!way.is_asking());
    // The password of sudo may be asked for on a connection that stands.
    let sudo = Question { title: "sudo".to_owned(), lines: Vec::new(), wants: Wants::Secret };
    let going = tokio::spawn(async move { asker.ask(sudo).await });
    let asked = questions.recv().await.unwrap();
    assert!(way.is_asking());
    drop(asked);
    assert_eq!(going.await.unwrap(), Answer::No);
}

#[tokio::test]
async fn a_host_that_has_changed_is_refused_with_both_fingerprints_and_the_line() {
    let Some(server) = server("a_host_that_has_changed", "") else { return };
    let other = fs::read_to_string(server.path("other.pub")).unwrap();
    server.known_hosts(&format!("# mine\n[127.0.0.1]:{} {other}", server.port));
    // Even where the config would let anybody through.
    let (asker, asked) = operator(vec![Answer::Yes]);
    let error = server.host_with("StrictHostKeyChecking no\n", asker).connect().await.unwrap_err();
    let told = error.explain().to_string();
    let print = |name: &str| {
        let out = Local::new("ssh-keygen").arg("-lf").arg(server.path(&format!("{name}.pub"))).output().unwrap();
        String::from_utf8(out.stdout).unwrap().split_whitespace().nth(1).unwrap().to_owned()
    };
    for part in [print("host_ed25519"), print("other"), "known_hosts:2".to_owned(), "it has changed".to_owned()] {
        assert!(told.contains(&part), "{part} is missing in:\n{told}");
    }
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn certificates_of_hosts_are_judged_as_openssh_judges_them() {
    let lines = "HostKey DIR/host_ed25519\nHostCertificate DIR/host_ed25519-cert.pub\n";
    for (name, words, pattern, good) in [
        ("good", vec!["-n", "127.0.0.1"], "*", true),
        ("a principal is no pattern", vec!["-n", "127.0.0.*"], "*", false),
        ("no principals", vec![], "*", true),
        ("another host's", vec!["-n", "barbary"], "*", false),
        ("expired", vec!["-n", "127.0.0.1", "-V", "20200101:20200102"], "*", false),
        ("authority of other hosts", vec!["-n", "127.0.0.1"], "*.example.test", false),
    ] {
        let started = Server::start_with("certificates_of_hosts", lines, |server| {
            let ca = server.keygen("ca", &["-t", "ed25519"]);
            let mut sign = Local::new("ssh-keygen");
            sign.args(["-q", "-h", "-I", "x", "-s"]).arg(ca).args(&words).arg(server.path("host_ed25519.pub"));
            assert!(sign.status().unwrap().success());
        });
        let Some(server) = started else { return };
        let ca = fs::read_to_string(server.path("ca.pub")).unwrap();
        server.known_hosts(&format!("@cert-authority {pattern} {ca}"));
        let result = server.host_with("StrictHostKeyChecking yes\n", Asker::nobody()).connect().await;
        let theirs = openssh_accepts(&server);
        assert_eq!((result.is_ok(), theirs), (good, good), "{name}: {result:?}");
        if name == "another host's" {
            assert!(result.unwrap_err().explain().to_string().contains("for barbary, not for 127.0.0.1"));
        }
    }
}
