//! What is not as it should be gets a clear message, and the console stays.

use std::io::{Read, Write};
use std::net::TcpListener;

use crate::console::Console;

/// A server that answers every request with these bytes, on a port of its own.
fn answering(bytes: impl Into<Vec<u8>>) -> String {
    let bytes: Vec<u8> = bytes.into();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let bytes = bytes.clone();
            std::thread::spawn(move || {
                let mut asked = [0; 4096];
                while stream.read(&mut asked).is_ok_and(|read| read > 0) {
                    if stream.write_all(&bytes).is_err() {
                        return;
                    }
                }
            });
        }
    });
    format!("tcp://127.0.0.1:{port}")
}

fn told(host: &str, words: &[&str]) {
    let mut console = Console::sized(host, 120, 40);
    console.until_said(words);
    console.press("4");
    console.until_said(&["services"]);
    console.leave();
}

#[test]
fn a_socket_that_is_not_there_is_told_and_tried_again() {
    told("unix:///nowhere/engine.sock", &["connecting", "No such file"]);
}

#[test]
fn a_host_that_refuses_is_told() {
    told("tcp://127.0.0.1:1", &["connecting", "refused"]);
}

#[test]
fn a_web_server_is_told_from_an_engine() {
    let host =
        answering(*b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 21\r\n\r\n<html>hello there</h>");
    told(&host, &["no Docker Engine"]);
}

#[test]
fn what_speaks_no_http_is_told_from_an_engine() {
    told(&answering(*b"SSH-2.0-OpenSSH_9.2\r\n"), &["no Docker Engine"]);
}

#[test]
fn an_engine_outside_any_swarm_is_told() {
    let body = r#"{"ApiVersion":"1.45","MinAPIVersion":"1.24","Version":"26.1.5","Name":"lonely","Swarm":{"LocalNodeState":"inactive","NodeID":""}}"#;
    let host = answering(format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    told(&host, &["not part of a swarm"]);
}
