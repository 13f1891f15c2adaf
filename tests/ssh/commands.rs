//! Commands on a connection that stands.

use std::time::Duration;

use quarterdeck::ask::{Answer, Asker};
use quarterdeck::diag::Explain;
use quarterdeck::ssh::{Command, Exit, SshError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use zeroize::Zeroizing;

use crate::server::{Server, operator, wait};

#[tokio::test]
async fn a_command_gives_back_what_it_said_and_how_it_ended() {
    let Some(server) = Server::start("a_command_gives_back", "") else { return };
    let host = server.host();
    let output = host.run(&Command::new("sh").arg("-c").arg("cat; echo oops >&2; exit 3").stdin("fed")).await.unwrap();
    assert_eq!((output.text().as_str(), output.complaint().as_str(), output.exit), ("fed", "oops", Exit::Code(3)));
    let output = host.run(&Command::new("printf").args(["%s|", "a b", "$HOME", "'", "", "*"])).await.unwrap();
    assert_eq!(output.text(), "a b|$HOME|'||*|");
    let output = host.run(&Command::new("sh").args(["-c", "kill -9 $$"])).await.unwrap();
    assert_eq!(output.exit, Exit::Signal("KILL".to_owned()));
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_command_that_takes_too_long_or_says_too_much_is_left() {
    let Some(server) = Server::start("a_command_that_takes_too_long", "") else { return };
    let host = server.host();
    let slow = Command::new("sleep").arg("60").within(Duration::from_millis(300));
    assert!(matches!(host.run(&slow).await, Err(SshError::TimedOut { .. })));
    let loud = Command::new("head").args(["-c", "1000001", "/dev/zero"]).at_most(1_000_000);
    assert!(matches!(host.run(&loud).await, Err(SshError::TooMuch { limit: 1_000_000, .. })));
    let just = Command::new("head").args(["-c", "1000000", "/dev/zero"]).at_most(1_000_000);
    assert_eq!(host.run(&just).await.unwrap().stdout.len(), 1_000_000);
    let fed = Command::new("wc").arg("-c").stdin(vec![b'x'; 5_000_000]);
    assert_eq!(host.run(&fed).await.unwrap().text().trim(), "5000000");
    let deaf = Command::new("true").stdin(vec![b'x'; 5_000_000]);
    assert!(host.run(&deaf).await.unwrap().is_ok(), "one that does not read what it is fed is no fault");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_command_is_spoken_with() {
    let Some(server) = Server::start("a_running_command", "") else { return };
    let host = server.host();
    let (mut stdin, mut stdout, _, ended) = host.spawn(&Command::new("cat")).await.unwrap().split();
    for line in ["one\n", "two\n"] {
        stdin.write_all(line.as_bytes()).await.unwrap();
        let mut back = vec![0; line.len()];
        stdout.read_exact(&mut back).await.unwrap();
        assert_eq!(back, line.as_bytes());
    }
    drop(stdin);
    assert_eq!(ended.wait().await.unwrap(), Exit::Code(0));
    // One that nobody holds any more is hung up on: it must not be found running.
    let running = host.spawn(&Command::new("sh").args(["-c", "while echo; do sleep 0.05; done"])).await.unwrap();
    let found = || {
        let ps = std::process::Command::new("pgrep").args(["-f", "while echo; do sleep 0.05"]).output().unwrap();
        let mine = server.pids();
        String::from_utf8(ps.stdout).unwrap().lines().any(|pid| mine.contains(&pid.parse().unwrap()))
    };
    wait("it runs", || found().then_some(()));
    drop(running);
    tokio::task::block_in_place(|| wait("it has ended", || (!found()).then_some(())));
}

#[tokio::test]
async fn a_host_that_allows_few_commands_at_once_makes_the_others_wait() {
    let Some(server) = Server::start("a_host_that_allows_few", "MaxSessions 3\n") else { return };
    let host = server.host();
    let many = (0..20).map(|n| {
        let host = host.clone();
        tokio::spawn(async move {
            let command = Command::new("sh").args(["-c", "sleep 0.1; echo $0"]).arg(n.to_string());
            host.run(&command).await.map(|output| output.text())
        })
    });
    for (n, one) in many.collect::<Vec<_>>().into_iter().enumerate() {
        assert_eq!(one.await.unwrap().unwrap().trim(), n.to_string());
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_host_that_allows_no_commands_says_so_in_the_end() {
    let Some(server) = Server::start("a_host_that_allows_none", "MaxSessions 0\n") else { return };
    let error = server.host().run(&Command::new("true")).await.unwrap_err();
    assert!(matches!(error, SshError::NoChannel { .. }), "{error:?}");
}

/// A stand-in for sudo: a real one would need a user of its own on this machine.
const SUDO: &str = r#"#!/bin/sh
asked=; prompt=; stdin=
while :; do case $1 in
  -n) asked=never; shift;; -k) shift;; -S) stdin=1; shift;; -p) prompt=$2; shift 2;; --) shift; break;; *) break;;
esac; done
echo "sudo $*" >>DIR/sudo.log
if [ -f DIR/free ]; then exec "$@"; fi
if [ "$asked" = never ]; then echo 'sudo: a password is required' >&2; exit 1; fi
for attempt in 1 2 3; do
  printf %s "$prompt" >&2
  read -r password || { echo 'sudo: no password was provided' >&2; exit 1; }
  if [ "$password" = 'sesame' ]; then exec "$@"; fi
  echo 'Sorry, try again.' >&2
done
exit 1
"#;

fn with_sudo(test: &str) -> Option<Server> {
    use std::os::unix::fs::PermissionsExt;
    Server::start_with(test, "SetEnv PATH=DIR/bin:/usr/bin:/bin\n", |server| {
        std::fs::create_dir(server.path("bin")).unwrap();
        let sudo = server.path("bin/sudo");
        std::fs::write(&sudo, SUDO.replace("DIR", &server.dir.path().display().to_string())).unwrap();
        std::fs::set_permissions(&sudo, std::fs::Permissions::from_mode(0o755)).unwrap();
    })
}

fn secret(text: &str) -> Answer {
    Answer::Secret(Zeroizing::new(text.to_owned()))
}

#[tokio::test]
async fn the_password_goes_to_sudo_and_never_into_what_it_runs() {
    let Some(server) = with_sudo("the_password_goes_to_sudo") else { return };
    server.know();
    let (asker, asked) = operator(vec![secret("wrong"), secret("sesame")]);
    let host = server.host_with("", asker);
    host.connect().await.unwrap();
    host.pretend_not_root();
    let fed = Command::new("cat").sudo().stdin("what is fed\n");
    assert_eq!(host.run(&fed).await.unwrap().text(), "what is fed\n");
    assert_eq!(asked.lock().unwrap().len(), 2);
    // It is remembered, and streams get it too.
    let (mut stdin, mut stdout, _, ended) = host.spawn(&Command::new("cat").sudo()).await.unwrap().split();
    stdin.write_all(b"streamed").await.unwrap();
    drop(stdin);
    let mut said = String::new();
    stdout.read_to_string(&mut said).await.unwrap();
    assert_eq!((said.as_str(), ended.wait().await.unwrap()), ("streamed", Exit::Code(0)));
    // Where sudo asks nothing, it is given nothing.
    std::fs::write(server.path("free"), "").unwrap();
    assert_eq!(host.run(&fed).await.unwrap().text(), "what is fed\n");
    let (stdin, mut stdout, _, _) = host.spawn(&Command::new("cat").sudo()).await.unwrap().split();
    drop(stdin);
    let mut said = String::new();
    stdout.read_to_string(&mut said).await.unwrap();
    assert_eq!(said, "");
    assert_eq!(asked.lock().unwrap().len(), 2);
    let log = std::fs::read_to_string(server.path("sudo.log")).unwrap();
    assert!(log.contains("cat") && !log.contains("sesame"), "{log}");
}

#[tokio::test]
async fn who_gives_no_password_gets_no_root() {
    let Some(server) = with_sudo("who_gives_no_password") else { return };
    server.know();
    let host = server.host_with("", Asker::nobody());
    host.connect().await.unwrap();
    host.pretend_not_root();
    let error = host.run(&Command::new("id").sudo()).await.unwrap_err();
    assert!(error.explain().to_string().contains("nobody gave the password"), "{error:?}");
    let (asker, _) = operator(vec![secret("a"), secret("b"), secret("c"), secret("d")]);
    let host = server.host_with("", asker);
    host.connect().await.unwrap();
    host.pretend_not_root();
    let error = host.run(&Command::new("id").sudo()).await.unwrap_err();
    assert!(error.explain().to_string().contains("wrong 3 times"), "{error:?}");
}
