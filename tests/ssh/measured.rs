//! How long a request takes through the tunnel, as shares of what it takes on the socket itself and by the docker
//! command over SSH, in one run. Measures and prints; asserts nothing. Needs the lab:
//! `eval "$(tests/lab/lab env)"; export LAB_SSH_CONFIG LAB_SOCKET_barbary; cargo nextest run --test ssh measured --run-ignored all --no-capture`

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use quarterdeck::ask::Asker;
use quarterdeck::clock::{SharedClock, SystemClock};
use quarterdeck::engine::Engine;
use quarterdeck::ssh::{Hosts, Settings};
use quarterdeck::wire::{Endpoint, LocalDialer};

use crate::server::which;

async fn middle(engine: &Engine, path: &str, times: usize) -> Duration {
    let mut taken = Vec::new();
    for _ in 0..times {
        let start = Instant::now();
        if path == "/_ping" {
            engine.ping().await.unwrap();
        } else {
            engine.get_json(path).await.unwrap();
        }
        taken.push(start.elapsed());
    }
    taken.sort();
    taken[times / 2]
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "it measures, and needs the lab"]
async fn requests_through_the_tunnel() {
    let said = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name}: see the head of this file"));
    let clock: SharedClock = Arc::new(SystemClock);
    let settings = Settings {
        home: "/root".into(),
        user: "root".into(),
        config: Some(said("LAB_SSH_CONFIG").into()),
        ssh: which("ssh"),
        ..Settings::default()
    };
    let hosts = Hosts::new(settings, Asker::nobody());
    let target = "ssh://barbary".parse().unwrap();
    let start = Instant::now();
    let host = hosts.host(&target);
    host.connect().await.unwrap();
    eprintln!("connecting and logging in: {:?}", start.elapsed());
    let tunnel = Engine::new(host.dialer(&target.socket_path), Arc::clone(&clock));
    let raw = Engine::new(Arc::new(LocalDialer::new(Endpoint::Unix(said("LAB_SOCKET_barbary").into()))), clock);
    // The docker command runs whatever is called ssh: it is to take the lab's config.
    let bin = tempfile::tempdir().unwrap();
    let script = format!("#!/bin/sh\nexec {} -F {} \"$@\"\n", which("ssh").unwrap().display(), said("LAB_SSH_CONFIG"));
    std::fs::write(bin.path().join("ssh"), script).unwrap();
    std::fs::set_permissions(bin.path().join("ssh"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", bin.path().display(), said("PATH"));
    let docker = {
        let mut taken: Vec<Duration> = (0..7)
            .map(|_| {
                let start = Instant::now();
                let out = std::process::Command::new("docker")
                    .args(["node", "ls", "-q"])
                    .env("DOCKER_HOST", "ssh://barbary")
                    .env("PATH", &path)
                    .output();
                assert!(out.unwrap().status.success());
                start.elapsed()
            })
            .collect();
        taken.sort();
        taken[3]
    };
    eprintln!("docker node ls by ssh:// {docker:?}");
    for path in ["/_ping", "/nodes", "/services", "/info"] {
        // In turn, so that what else the machine does falls on both.
        let mut shares = Vec::new();
        for _ in 0..5 {
            let (there, through) = (middle(&raw, path, 60).await, middle(&tunnel, path, 60).await);
            shares.push((through.as_secs_f64() / there.as_secs_f64(), there, through));
        }
        shares.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (share, there, through) = shares[2];
        let of_docker = through.as_secs_f64() / docker.as_secs_f64();
        eprintln!(
            "{path:10} socket {there:?}, tunnel {through:?}: {share:.2} of the socket, {of_docker:.4} of docker by ssh"
        );
    }
}
