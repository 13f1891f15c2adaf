//! Commands and tunnels on a connection that stands.

use std::sync::Arc;
use std::time::Duration;

use quarterdeck::clock::{SharedClock, SystemClock};
use quarterdeck::engine::Engine;
use quarterdeck::ssh::{Command, Exit, Pty, Size, SshError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::server::Server;

#[tokio::test]
async fn a_command_gives_back_what_it_said_and_how_it_ended() {
    let Some(server) = Server::start("a_command_gives_back", "") else { return };
    let host = server.host();
    let output = host.run(&Command::new("sh").arg("-c").arg("cat; echo oops >&2; exit 3").stdin("fed")).await.unwrap();
    assert_eq!((output.text().as_str(), output.complaint().as_str(), output.exit), ("fed", "oops", Exit::Code(3)));
    let output = host.run(&Command::new("printf").args(["%s|", "a b", "$HOME", "'", "", "*"])).await.unwrap();
    assert_eq!(output.text(), "a b|$HOME|'||*|");
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn the_engine_is_spoken_to_through_its_socket_on_the_host() {
    let Some(server) = Server::start("the_engine_is_spoken_to", "") else { return };
    let clock: SharedClock = Arc::new(SystemClock);
    let sim = quarterdeck::sim::demo(&*clock);
    let socket = server.path("docker.sock");
    sim.serve_unix(&socket).unwrap();
    let host = server.host();
    let dialer = host.dialer(socket.to_str().unwrap());
    assert_eq!(dialer.name(), format!("ssh://root@127.0.0.1:{}{}", server.port, socket.display()));
    let engine = Engine::new(dialer, Arc::clone(&clock));
    assert!(!engine.list().await.unwrap().nodes.is_empty());
    for _ in 0..200 {
        engine.ping().await.unwrap();
    }
    assert_eq!(server.connections(), 1);
}
