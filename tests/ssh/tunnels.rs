//! Streams through a host: to its engine, to others, through others, and many of them at once.

use std::sync::Arc;
use std::time::Duration;

use quarterdeck::ask::Asker;
use quarterdeck::clock::{SharedClock, SystemClock};
use quarterdeck::engine::Engine;
use quarterdeck::sim::Sim;
use quarterdeck::ssh::{Command, Hosts};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UnixListener};

use crate::server::Server;

fn clock() -> SharedClock {
    Arc::new(SystemClock)
}

fn sim(server: &Server) -> Sim {
    let sim = quarterdeck::sim::demo(&*clock());
    sim.serve_unix(server.path("docker.sock")).unwrap();
    sim
}

/// A socket that sends back what it gets, or, once told so, sends for ever.
fn echo(server: &Server) -> String {
    let path = server.path("echo.sock");
    let listener = UnixListener::bind(&path).unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut first = [0];
                if stream.read_exact(&mut first).await.is_err() {
                    return;
                }
                if &first == b"!" {
                    while stream.write_all(&[b'x'; 65536]).await.is_ok() {}
                    return;
                }
                let (mut from, mut to) = stream.split();
                let _ = to.write_all(&first).await;
                let _ = tokio::io::copy(&mut from, &mut to).await;
            });
        }
    });
    path.display().to_string()
}

#[tokio::test]
async fn the_engine_is_spoken_to_through_its_socket_on_the_host() {
    let Some(server) = Server::start("the_engine_is_spoken_to", "") else { return };
    let _sim = sim(&server);
    let host = server.host();
    let dialer = host.dialer(server.path("docker.sock").to_str().unwrap());
    assert_eq!(
        dialer.name(),
        format!("ssh://root@127.0.0.1:{}{}/docker.sock", server.port, server.dir.path().display())
    );
    let engine = Engine::new(dialer, clock());
    assert!(!engine.list().await.unwrap().nodes.is_empty());
    for _ in 0..200 {
        engine.ping().await.unwrap();
    }
    let many: Vec<_> =
        (0..100).map(|_| engine.clone()).map(|engine| tokio::spawn(async move { engine.ping().await })).collect();
    for one in many {
        one.await.unwrap().unwrap();
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn where_the_socket_may_not_be_opened_the_docker_command_carries() {
    // Carries what it is fed to the socket, as the real one does.
    const DOCKER: &str = r#"#!/usr/bin/perl
use IO::Socket::UNIX;
my ($path) = $ARGV[1] =~ m{^unix://(.*)};
my $socket = IO::Socket::UNIX->new(Peer => $path) or die "no $path";
my $feeder = fork;
if (!$feeder) { while (sysread STDIN, my $b, 65536) { syswrite $socket, $b } shutdown $socket, 1; exit }
while (sysread $socket, my $b, 65536) { syswrite STDOUT, $b }
kill 9, $feeder;
"#;
    let lines = "AllowStreamLocalForwarding no\nSetEnv PATH=DIR/bin:/usr/bin:/bin\n";
    let started = Server::start_with("where_the_socket_may_not", lines, |server| {
        use std::os::unix::fs::PermissionsExt;
        std::fs::create_dir(server.path("bin")).unwrap();
        std::fs::write(server.path("bin/docker"), DOCKER).unwrap();
        std::fs::set_permissions(server.path("bin/docker"), std::fs::Permissions::from_mode(0o755)).unwrap();
    });
    let Some(server) = started else { return };
    let _sim = sim(&server);
    let host = server.host();
    let engine = Engine::new(host.dialer(server.path("docker.sock").to_str().unwrap()), clock());
    assert!(!engine.list().await.unwrap().nodes.is_empty());
    let many: Vec<_> =
        (0..30).map(|_| engine.clone()).map(|engine| tokio::spawn(async move { engine.ping().await })).collect();
    for one in many {
        one.await.unwrap().unwrap();
    }
    // Streams that stay open leave room for commands.
    assert!(host.run(&Command::new("true")).await.unwrap().is_ok());
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn where_no_way_leads_to_the_engine_all_causes_are_told() {
    let lines = "AllowStreamLocalForwarding no\nSetEnv PATH=/usr/bin:/bin\n";
    let Some(server) = Server::start("where_no_way", lines) else { return };
    let host = server.host();
    let error = host.dialer("/nowhere/docker.sock").dial().await.err().unwrap();
    let told = format!("{:?}", error.downcast::<quarterdeck::wire::Obstacle>().unwrap());
    for part in ["/nowhere/docker.sock", "AllowStreamLocalForwarding no", "it is not there", "dial-stdio ended with"] {
        assert!(told.contains(part), "{part} is missing in:\n{told}");
    }
}

#[tokio::test]
async fn a_stream_that_nobody_reads_holds_up_no_other() {
    let Some(server) = Server::start("a_stream_that_nobody_reads", "") else { return };
    let echo = echo(&server);
    let host = server.host();
    let mut unread = host.dialer(&echo).dial().await.unwrap();
    unread.write_all(b"!").await.unwrap();
    let mut live = host.dialer(&echo).dial().await.unwrap();
    for n in 0..300_u32 {
        live.write_all(&n.to_be_bytes()).await.unwrap();
        let mut back = [0; 4];
        tokio::time::timeout(Duration::from_secs(20), live.read_exact(&mut back)).await.unwrap().unwrap();
        assert_eq!(back, n.to_be_bytes());
    }
    let mut all = Vec::new();
    let error = unread.read_to_end(&mut all).await.unwrap_err();
    assert!(error.to_string().contains("fell more than 8 MiB behind"), "{error}");
    assert!(all.len() > 4 << 20 && all.len() <= 8 << 20, "{}", all.len());
    assert!(host.is_connected());
}

#[tokio::test]
async fn three_hundred_streams_share_one_connection() {
    let Some(server) = Server::start("three_hundred_streams", "") else { return };
    let dialer = server.host().dialer(&echo(&server));
    let many: Vec<_> = (0..300_u32)
        .map(|n| {
            let dialer = Arc::clone(&dialer);
            tokio::spawn(async move {
                let mut stream = dialer.dial().await.unwrap();
                let text = vec![b'a' + u8::try_from(n % 26).unwrap(); 20_000];
                stream.write_all(&text).await.unwrap();
                let mut back = vec![0; text.len()];
                stream.read_exact(&mut back).await.unwrap();
                assert_eq!(back, text);
                stream
            })
        })
        .collect();
    let mut open = Vec::new();
    for one in many {
        open.push(one.await.unwrap());
    }
    assert_eq!((open.len(), server.connections()), (300, 1));
    // Half-closing one lets what is under way come back.
    let mut last = open.pop().unwrap();
    last.write_all(b"bye").await.unwrap();
    last.shutdown().await.unwrap();
    let mut rest = String::new();
    last.read_to_string(&mut rest).await.unwrap();
    assert_eq!(rest, "bye");
}

#[tokio::test]
async fn a_stream_that_is_dropped_is_closed_on_the_host() {
    let Some(server) = Server::start("a_stream_that_is_dropped", "") else { return };
    let path = server.path("one.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let stream = server.host().dialer(path.to_str().unwrap()).dial().await.unwrap();
    let (mut theirs, _) = listener.accept().await.unwrap();
    drop(stream);
    let mut rest = Vec::new();
    tokio::time::timeout(Duration::from_secs(20), theirs.read_to_end(&mut rest)).await.unwrap().unwrap();
}

#[tokio::test]
async fn an_address_is_reached_from_the_host() {
    let Some(server) = Server::start("an_address_is_reached", "") else { return };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let host = server.host();
    let mut stream = host.forward("127.0.0.1", port).await.unwrap();
    let (mut theirs, _) = listener.accept().await.unwrap();
    theirs.write_all(b"hello").await.unwrap();
    drop(theirs);
    let mut said = String::new();
    stream.read_to_string(&mut said).await.unwrap();
    assert_eq!(said, "hello");
    drop(listener);
    assert!(host.forward("127.0.0.1", port).await.is_err());
}

#[tokio::test]
async fn a_host_behind_others_is_reached_through_them_and_each_is_judged() {
    let (Some(first), Some(second), Some(third)) =
        (Server::start("a_host_behind_others", ""), Server::start("", ""), Server::start("", ""))
    else {
        return;
    };
    let mut known = String::new();
    let mut keys = String::new();
    for server in [&first, &second, &third] {
        let key = std::fs::read_to_string(server.path("host_ed25519.pub")).unwrap();
        known += &format!("[127.0.0.1]:{} {key}", server.port);
        keys = std::fs::read_to_string(first.home().join(".ssh/id_ed25519.pub")).unwrap();
        std::fs::write(server.path("authorized_keys"), &keys).unwrap();
    }
    assert!(!keys.is_empty());
    first.known_hosts(&known);
    let config = format!(
        "Host far\n HostName 127.0.0.1\n Port {}\n ProxyJump root@127.0.0.1:{},middle\n\
         Host middle\n HostName 127.0.0.1\n Port {}\nHost circle\n ProxyJump circle2\nHost circle2\n ProxyJump circle\n\
         Match all\n User root\n",
        third.port, first.port, second.port
    );
    let hosts = Hosts::new(first.settings(&config), Asker::nobody());
    let far = hosts.host(&"far".parse().unwrap());
    let said = far.run(&Command::new("sh").args(["-c", "echo $SSH_CONNECTION"])).await.unwrap().text();
    assert!(said.trim().ends_with(&third.port.to_string()), "{said}");
    assert_eq!((first.connections(), second.connections(), third.connections()), (1, 1, 1));
    let error = hosts.host(&"circle".parse().unwrap()).connect().await.unwrap_err();
    assert!(quarterdeck::diag::Explain::explain(&error).to_string().contains("circle → circle2"), "{error:?}");
    // A hop that is not known stops us, in its own name.
    first.known_hosts(&known.replacen("127.0.0.1]", "127.0.0.9]", 2));
    far.close().await;
    let hosts = Hosts::new(first.settings(&config), Asker::nobody());
    let error = hosts.host(&"far".parse().unwrap()).connect().await.unwrap_err();
    assert!(error.to_string().contains(&format!("127.0.0.1:{}", first.port)), "{error}");
}
