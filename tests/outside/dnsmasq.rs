//! A real name server that answers for what a stand-in was told: dnsmasq on a port of this machine, begun anew
//! whenever something has changed.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

pub struct Dnsmasq {
    pub port: u16,
    folder: tempfile::TempDir,
    child: Mutex<Option<Child>>,
}

impl Dnsmasq {
    /// One that knows nothing yet; none where it is not installed.
    pub fn start() -> Option<Self> {
        let found = ["/usr/sbin/dnsmasq", "/usr/bin/dnsmasq"].map(PathBuf::from).into_iter().any(|path| path.exists());
        if !found {
            return None;
        }
        let port = std::net::UdpSocket::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let server = Self { port, folder: tempfile::tempdir().unwrap(), child: Mutex::default() };
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
