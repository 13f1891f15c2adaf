//! The program itself with `-H ssh://…`, on a machine without `ssh` and without anybody at a terminal.

use std::sync::Arc;

use quarterdeck::clock::{SharedClock, SystemClock};

use crate::server::Server;

/// Runs the words; gives exit code, standard output, standard error.
async fn said(server: &Server, words: Vec<String>) -> (i32, String, String) {
    let home = server.home();
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_quarterdeck"))
        .args(words)
        .current_dir(&home)
        .env_clear()
        .envs([("HOME", home.as_path()), ("XDG_STATE_HOME", home.as_path())])
        .envs([("CI", "true"), ("PATH", "/nowhere"), ("USER", "root")])
        .output()
        .await
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verb_works_through_ssh_and_a_host_that_is_not_known_is_refused() {
    let Some(server) = Server::start("a_verb_works_through_ssh", "") else { return };
    let clock: SharedClock = Arc::new(SystemClock);
    let sim = quarterdeck::sim::demo(&*clock);
    sim.serve_unix(server.path("docker.sock")).unwrap();
    let _config = server.settings("Host flagship\n HostName 127.0.0.1\n");
    let address = format!("ssh://flagship:{}{}", server.port, server.path("docker.sock").display());
    let words = |more: &[&str]| ["-H", &address].iter().chain(more).map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let (code, out, err) = said(&server, words(&["status"])).await;
    assert_eq!((code, out.as_str()), (4, ""), "{err}");
    assert!(err.contains("is not trusted: it is not known") && err.contains("SHA256:"), "{err}");
    server.know();
    let (_, out, err) = said(&server, words(&["status"])).await;
    assert!(out.contains(&address) && out.contains("nodes "), "{out}{err}");
    let (_, _, loud) = said(&server, words(&["-vvv", "status"])).await;
    assert!(!loud.contains("russh"), "{loud}");
    let (code, _, err) = said(&server, vec!["-H".into(), "ssh://-oProxyCommand=x".into(), "status".into()]).await;
    assert_eq!(code, 2, "{err}");
}
