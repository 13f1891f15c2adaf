//! A real name server that answers for what a stand-in was told: dnsmasq on a port of this machine, begun anew
//! whenever something has changed.

use std::fmt::Write;
use std::net::UdpSocket;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::ports;

/// A query for the root, which every name server answers somehow.
const ANYTHING: [u8; 17] = [0x51, 0x44, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1];

pub struct Dnsmasq {
    pub port: u16,
    folder: tempfile::TempDir,
    child: Mutex<Option<Child>>,
}

impl Dnsmasq {
    /// One that knows nothing yet; none where it is not installed.
    #[allow(clippy::print_stderr, reason = "what is left out is said aloud")]
    pub fn start() -> Option<Self> {
        let found = ["/usr/sbin/dnsmasq", "/usr/bin/dnsmasq"].map(PathBuf::from).into_iter().any(|path| path.exists());
        if !found {
            eprintln!("NOT RUN: dnsmasq is not installed (apt-get install dnsmasq-base)");
            return None;
        }
        let server = Self { port: ports::free(), folder: tempfile::tempdir().unwrap(), child: Mutex::default() };
        server.knows(&[]);
        Some(server)
    }

    /// From now on it knows these: name, kind, what it leads to.
    pub fn knows(&self, records: &[(String, String, String)]) {
        let mut config =
            format!("port={}\nlisten-address=127.0.0.1\nbind-interfaces\nno-resolv\nno-hosts\n", self.port);
        // As the authority of the zone it knows wildcards too.
        config.push_str("auth-server=ns.example.test,127.0.0.1\nauth-zone=example.test\n");
        for (name, kind, to) in records {
            match kind.as_str() {
                "A" | "AAAA" => writeln!(config, "host-record={name},{to}").unwrap(),
                "CNAME" => writeln!(config, "cname={name},{to}").unwrap(),
                other => panic!("dnsmasq is told of {other}"),
            }
        }
        let path = self.folder.path().join("dnsmasq.conf");
        std::fs::write(&path, config).unwrap();
        self.end();
        let child = Command::new("dnsmasq")
            .arg("--no-daemon")
            .arg(format!("--conf-file={}", path.display()))
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        *self.child.lock().unwrap() = Some(child);
        self.answers();
    }

    /// Waits until it answers anything at all.
    fn answers(&self) {
        let asker = UdpSocket::bind(("127.0.0.1", 0)).unwrap();
        asker.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let end = Instant::now() + Duration::from_secs(60);
        while Instant::now() < end {
            // Where nobody listens yet the kernel says so, and an answer may never come.
            let sent = asker.send_to(&ANYTHING, ("127.0.0.1", self.port));
            if sent.is_ok() && asker.recv(&mut [0; 512]).is_ok() {
                return;
            }
            let mut child = self.child.lock().unwrap();
            let ended = child.as_mut().and_then(|child| child.try_wait().unwrap());
            assert!(ended.is_none(), "dnsmasq ended: {ended:?}");
        }
        panic!("dnsmasq does not answer on port {}", self.port);
    }

    fn end(&self) {
        if let Some(mut child) = self.child.lock().unwrap().take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Dnsmasq {
    fn drop(&mut self) {
        self.end();
    }
}
