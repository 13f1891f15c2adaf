//! Ports for servers that are begun by their number: below those that the kernel gives away by itself, so that nobody
//! takes one between the look and the server.

use std::net::{TcpListener, UdpSocket};
use std::sync::atomic::{AtomicU16, Ordering};

/// Each process has so many of its own.
const EACH: u16 = 20;

/// One that is free on loopback, for TCP and UDP; never the same twice.
pub fn free() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let own = 10_000 + (std::process::id() % 1_000) as u16 * EACH;
    let is_free =
        |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok() && UdpSocket::bind(("127.0.0.1", *port)).is_ok();
    let tried = std::iter::repeat_with(|| own + NEXT.fetch_add(1, Ordering::Relaxed) % EACH);
    tried.take(usize::from(EACH)).find(is_free).unwrap()
}
