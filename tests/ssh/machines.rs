//! What is asked of, run on and reached over the machines of nodes, on a real server. The tools of a storage server
//! (iscsiadm, o2cb, zfs, exportfs) are stand-ins on its PATH that print what such tools print: none of them is here.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use futures_util::StreamExt;
use quarterdeck::ask::Asker;
use quarterdeck::clock::{SharedClock, SystemClock};
use quarterdeck::fleet::{BySsh, Fleet};
use quarterdeck::jobs::{RunNews, passage, run_on, stored, take_snapshot};
use quarterdeck::model::sample::{node, noon, swarm};
use quarterdeck::model::{Catalogue, Holding, Holds, Inside, Node, Picture, RanEnd, State, Told};
use quarterdeck::ssh::{Command, Hosts};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixListener};

use crate::server::Server;

const TOOLS: [(&str, &str); 4] = [
    ("iscsiadm", "echo 'tcp: [1] 192.0.2.10:3260,1 iqn.2005-10.org.example:yard (non-flash)'"),
    ("o2cb", "echo \"Cluster 'yard' is offline\"; exit 1"),
    (
        "zfs",
        "echo \"$*\" >>DIR/zfs.log\ncase $* in\n\
         *snapshot,*|*' snapshot '*) printf 'tank/a@one\\t0\\t1760000000\\ntank/a@two\\t0\\t1760000001\\n';;\n\
         list*) printf 'tank/a\\t40\\t960\\t40\\t/mnt/a\\ntank/b\\t990\\t10\\t990\\tnone\\n';;\n\
         *denied*) echo \"cannot create snapshot: permission denied\" >&2; exit 1;;\nesac",
    ),
    ("exportfs", "echo 'exportfs: cannot lock the table' >&2; exit 1"),
];

fn start(test: &str) -> Option<Server> {
    Server::start_with(test, "SetEnv PATH=DIR/bin:/usr/bin:/bin\n", |server| {
        fs::create_dir(server.path("bin")).unwrap();
        for (name, text) in TOOLS {
            let text = text.replace("DIR", &server.dir.path().display().to_string());
            let path = server.path("bin").join(name);
            fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
    })
}

/// A swarm of two: one is the server, the other is nowhere.
fn fleet(server: &Server) -> (Fleet, Arc<Picture>, Vec<Node>, Hosts) {
    server.know();
    let hosts = Hosts::new(server.settings(""), Asker::nobody());
    let clock: SharedClock = Arc::new(SystemClock);
    let ways = Arc::new(BySsh::new(hosts.clone(), vec![server.target()], &clock));
    let fleet = Fleet::new(ways, Arc::new(Catalogue::default()), clock);
    let picture = Picture::of(swarm([node("here").manager(true), node("gone")], []), &Arc::default(), noon());
    let mut nodes: Vec<Node> = picture.swarm.nodes.values().map(|node| node.as_ref().clone()).collect();
    nodes.sort_by(|a, b| b.hostname.cmp(&a.hostname));
    nodes[0].address = "127.0.0.1".to_owned();
    // Nobody listens on the discard port of another loopback address.
    nodes[1].address = "127.0.0.9".to_owned();
    (fleet, Arc::new(picture), nodes, hosts)
}

#[tokio::test]
async fn what_a_machine_keeps_data_on_is_rows_and_so_is_what_it_does_not_tell() {
    let Some(server) = start("what_a_machine_keeps") else { return };
    let (fleet, picture, nodes, _hosts) = fleet(&server);
    let answers: Vec<_> = stored(&fleet, nodes, picture).collect().await;
    let of = |name: &str| &answers.iter().find(|(id, _)| id.as_str() == name).unwrap().1;
    assert!(of("gone").is_err(), "{:?}", of("gone"));
    let Ok(Told::Storage(rows)) = of("here") else { panic!("{:?}", of("here")) };
    let row = |holds, name: &str| -> &Holding {
        rows.iter().find(|row| row.holds == holds && row.name == name).unwrap_or_else(|| panic!("{name}: {rows:?}"))
    };
    assert_eq!(row(Holds::Iscsi, "iqn.2005-10.org.example:yard").source, "192.0.2.10:3260");
    assert_eq!(row(Holds::Cluster, "yard").word, "offline");
    let dataset = row(Holds::Dataset, "tank/a");
    assert_eq!((dataset.snapshots, dataset.size, dataset.free), (Some(2), Some(1000), Some(960)));
    assert_eq!(
        (row(Holds::Dataset, "tank/b").state, row(Holds::Dataset, "tank/b").snapshots),
        (State::Degraded, Some(0))
    );
    assert!(row(Holds::Unasked, "NFS exports").why.contains("cannot lock the table"));
    let healthy = rows.iter().position(|row| row.state <= State::Ready).unwrap_or(rows.len());
    assert!(rows[healthy..].iter().all(|row| row.state <= State::Ready), "what is wrong comes first: {rows:?}");
}

#[tokio::test]
async fn a_snapshot_is_taken_or_the_machine_says_why_not() {
    let Some(server) = start("a_snapshot_is_taken") else { return };
    let (fleet, _, nodes, _hosts) = fleet(&server);
    let host = fleet.host(&nodes[0]).await.unwrap();
    assert_eq!(take_snapshot(&host, "tank/a", "before").await.unwrap(), "tank/a@before");
    let log = fs::read_to_string(server.path("zfs.log")).unwrap();
    assert_eq!(log, "snapshot -- tank/a@before\n");
    let fault = take_snapshot(&host, "tank/a", "denied").await.unwrap_err();
    assert!(fault.line().contains("permission denied"), "{fault}");
    take_snapshot(&host, "tank/a", "two words; reboot").await.unwrap_err();
    assert_eq!(fs::read_to_string(server.path("zfs.log")).unwrap().lines().count(), 2, "a bad name reached zfs");
}

#[tokio::test]
async fn a_command_runs_on_every_machine_that_is_reached_and_each_end_is_told() {
    let Some(server) = start("a_command_runs") else { return };
    let (fleet, _, nodes, _hosts) = fleet(&server);
    let line = "printf 'one\\n\\033[2Jtwo'; echo oops >&2; exit 3";
    let (news, mut heard) = tokio::sync::mpsc::channel(4);
    let listen = async {
        let mut all = Vec::new();
        while let Some(news) = heard.recv().await {
            all.push(news);
        }
        all
    };
    let ((), all) = tokio::join!(run_on(fleet, nodes.clone(), Command::new("sh").args(["-c", line]), news), listen);
    let said = |errors: bool| -> Vec<&str> {
        let lines = all.iter().filter_map(|news| match news {
            RunNews::Line { node, text, is_error } if *is_error == errors => {
                assert_eq!(node, &nodes[0].id);
                Some(text.as_str())
            }
            _ => None,
        });
        lines.collect()
    };
    assert_eq!(said(true), ["oops"]);
    assert!(
        matches!(said(false).as_slice(), ["one", two] if two.contains("two") && !two.contains('\u{1b}')),
        "{all:?}"
    );
    assert!(all.contains(&RunNews::Ended(nodes[0].id.clone(), RanEnd::Code(3))), "{all:?}");
    let unreached = |news: &RunNews| matches!(news, RunNews::Ended(id, RanEnd::Unreached { .. }) if *id == nodes[1].id);
    assert!(all.iter().any(unreached), "{all:?}");
}

/// An engine that knows one container, which publishes port 80 at `at` of its node. It stands for a real one: there is
/// none here.
async fn engine(socket: UnixListener, at: u16) {
    loop {
        let Ok((mut line, _)) = socket.accept().await else { return };
        tokio::spawn(async move {
            let mut asked = Vec::new();
            while !asked.ends_with(b"\r\n\r\n") {
                let Ok(byte) = line.read_u8().await else { return };
                asked.push(byte);
            }
            let asked = String::from_utf8_lossy(&asked).into_owned();
            let (status, body) = if asked.contains("/containers/c1/json") {
                let ports = format!(r#"{{"80/tcp": [{{"HostIp": "0.0.0.0", "HostPort": "{at}"}}]}}"#);
                ("200 OK", format!(r#"{{"Id": "c1", "NetworkSettings": {{"Ports": {ports}}}}}"#))
            } else if asked.contains("/version") || asked.contains("/_ping") {
                ("200 OK", r#"{"ApiVersion": "1.47", "MinAPIVersion": "1.24", "Version": "27.0.0"}"#.to_owned())
            } else {
                ("404 Not Found", r#"{"message": "no such thing"}"#.to_owned())
            };
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nApi-Version: 1.47\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = line.write_all((head + &body).as_bytes()).await;
        });
    }
}

#[tokio::test]
async fn a_port_of_a_container_is_reached_over_its_node_and_no_byte_is_changed() {
    let Some(server) = start("a_port_of_a_container") else { return };
    let service = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = service.local_addr().unwrap().port();
    tokio::spawn(engine(UnixListener::bind(server.path("engine.sock")).unwrap(), at));
    server.know();
    let hosts = Hosts::new(server.settings(""), Asker::nobody());
    let mut target = server.target();
    target.socket_path = server.path("engine.sock").display().to_string();
    let clock: SharedClock = Arc::new(SystemClock);
    let ways = Arc::new(BySsh::new(hosts.clone(), vec![target], &clock));
    let fleet = Fleet::new(ways, Arc::new(Catalogue::default()), Arc::new(SystemClock));
    let one = node("127.0.0.1").manager(true);
    let picture = Picture::of(swarm([one], []), &Arc::default(), noon());
    let id = picture.swarm.nodes.keys().next().unwrap().clone();
    let inside = Inside { node: id, container: "c1".into(), name: "shop_web.1".into() };
    let passage = passage(&fleet, &picture, &inside, 80).await.unwrap();
    assert!(passage.words().contains(&format!("127.0.0.1:{at}")), "{}", passage.words());
    // The way was tried once, and nothing was said on it.
    let mut tried = service.accept().await.unwrap().0;
    assert_eq!(tried.read(&mut [0; 8]).await.unwrap(), 0);

    let mine = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = TcpStream::connect(mine.local_addr().unwrap()).await.unwrap();
    let socket = mine.accept().await.unwrap().0;
    let echo = async {
        let mut there = service.accept().await.unwrap().0;
        let mut all = Vec::new();
        there.read_to_end(&mut all).await.unwrap();
        all.reverse();
        there.write_all(&all).await.unwrap();
    };
    let sent: Vec<u8> = (0..100_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
    let talk = async {
        client.write_all(&sent).await.unwrap();
        client.shutdown().await.unwrap();
        let mut back = Vec::new();
        client.read_to_end(&mut back).await.unwrap();
        back
    };
    let (carried, (), mut back) = tokio::join!(passage.carry(socket), echo, talk);
    carried.unwrap();
    back.reverse();
    assert!(back == sent, "bytes were changed on the way");
}
