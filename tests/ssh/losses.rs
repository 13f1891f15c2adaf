//! Connections that break, and hosts that are not there.

use std::time::Duration;

use quarterdeck::ask::Asker;
use quarterdeck::diag::Explain;
use quarterdeck::ssh::{Command, Hosts, SshError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::ports;
use crate::server::Server;

const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_connection_that_breaks_ends_all_its_streams_and_the_next_call_makes_another() {
    let Some(mut server) = Server::start("a_connection_that_breaks", "") else { return };
    let host = server.host();
    let (mut stdin, mut stdout, _, ended) = host.spawn(&Command::new("cat")).await.unwrap().split();
    stdin.write_all(b"one").await.unwrap();
    let mut some = [0; 3];
    stdout.read_exact(&mut some).await.unwrap();
    let slow = {
        let host = host.clone();
        tokio::spawn(async move { host.run(&Command::new("sleep").arg("60")).await })
    };
    let port = server.port;
    server.stop();
    let mut rest = Vec::new();
    let error = tokio::time::timeout(LONG, stdout.read_to_end(&mut rest)).await.unwrap().unwrap_err();
    assert!(error.to_string().contains("the connection was lost"), "{error}");
    assert!(matches!(tokio::time::timeout(LONG, ended.wait()).await.unwrap(), Err(SshError::Lost { .. })));
    assert!(matches!(tokio::time::timeout(LONG, slow).await.unwrap().unwrap(), Err(SshError::Lost { .. })));
    let written = async { while stdin.write_all(&[0; 65536]).await.is_ok() {} };
    tokio::time::timeout(LONG, written).await.expect("who writes is told too");
    assert!(!host.is_connected());
    let error = host.run(&Command::new("true")).await.unwrap_err();
    assert!(matches!(error, SshError::Unreachable { .. }), "{error:?}");
    server.restart("");
    assert_eq!(server.port, port);
    assert!(host.run(&Command::new("true")).await.unwrap().is_ok());
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn many_who_ask_at_once_share_one_attempt() {
    let Some(server) = Server::start("many_who_ask", "") else { return };
    let host = server.host();
    let many: Vec<_> =
        (0..50).map(|_| host.clone()).map(|host| tokio::spawn(async move { host.connect().await })).collect();
    for one in many {
        one.await.unwrap().unwrap();
    }
    assert_eq!(server.log().matches("Accepted publickey").count(), 1);
}

#[tokio::test]
async fn hosts_that_are_not_there_are_told_as_what_they_are() {
    let Some(server) = Server::start("hosts_that_are_not_there", "") else { return };
    server.know();
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let chatty = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let rude = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
    let (silent_port, chatty_port, rude_port) = (port(&silent), port(&chatty), port(&rude));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = chatty.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    tokio::spawn(async move { while rude.accept().await.is_ok() {} });
    for (address, said) in [
        (format!("127.0.0.1:{}", ports::free()), "refused"),
        (format!("127.0.0.1:{silent_port}"), "says nothing"),
        (format!("127.0.0.1:{rude_port}"), "hung up"),
        (format!("127.0.0.1:{chatty_port}"), "hung up"),
        ("no-such-host.invalid".to_owned(), "no-such-host.invalid"),
    ] {
        // A busy machine may let the others wait as long as the silent one is waited for.
        let hurry = if said == "says nothing" { "ConnectTimeout 1\n" } else { "" };
        let hosts = Hosts::new(server.settings(hurry), Asker::nobody());
        let error = hosts.host(&address.parse().unwrap()).connect().await.unwrap_err();
        let told = error.explain().to_string();
        assert!(matches!(error, SshError::Unreachable { .. }) && told.contains(said), "{address}:\n{told}");
    }
    drop(silent);
}

#[tokio::test]
async fn a_config_that_makes_no_sense_is_told_with_its_line() {
    let Some(server) = Server::start("a_config_that_makes_no_sense", "") else { return };
    let host = server.host_with("Port many\n", Asker::nobody());
    let error = host.connect().await.unwrap_err();
    assert!(matches!(error, SshError::Config { .. }), "{error:?}");
    assert!(error.explain().to_string().contains("line 1"), "{}", error.explain());
}

#[tokio::test]
async fn a_host_that_falls_silent_is_noticed() {
    let Some(server) = Server::start("a_host_that_falls_silent", "") else { return };
    server.know();
    let host = server.host_with("ServerAliveInterval 5\nServerAliveCountMax 2\n", Asker::nobody());
    let (_stdin, mut stdout, _, _) = host.spawn(&Command::new("cat")).await.unwrap().split();
    for pid in server.pids() {
        assert!(std::process::Command::new("kill").args(["-STOP", &pid.to_string()]).status().unwrap().success());
    }
    let mut rest = Vec::new();
    let error = tokio::time::timeout(LONG, stdout.read_to_end(&mut rest)).await.unwrap().unwrap_err();
    assert!(error.to_string().contains("Keepalive"), "{error}");
    assert!(!host.is_connected());
}
