//! An OpenSSH server for one test, with keys and settings of its own, on a free port of the loopback.

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use quarterdeck::ask::{Answer, Asker, Question};
use quarterdeck::ssh::{Host, Hosts, Settings, Target};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

use crate::ports;

/// A server and the home of an operator who may log in.
pub struct Server {
    pub dir: TempDir,
    pub port: u16,
    child: Option<Child>,
    config: String,
}

/// Where sshd lies, or nothing with a word on it.
fn sshd(test: &str) -> Option<PathBuf> {
    let found = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"]
        .map(PathBuf::from)
        .into_iter()
        .find(|path| path.exists());
    let root = Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout == b"0\n");
    match found {
        Some(path) if root => Some(path),
        Some(_) => {
            eprintln!("NOT RUN {test}: a server of one's own needs root here");
            None
        }
        None => {
            eprintln!("NOT RUN {test}: sshd is not installed (apt-get install openssh-server)");
            None
        }
    }
}

impl Server {
    /// Starts a server with these lines added to its config, or says why not.
    pub fn start(test: &str, lines: &str) -> Option<Self> {
        Self::start_with(test, lines, |_| {})
    }

    /// The same, with something made before it starts. `DIR` in the lines is its folder.
    pub fn start_with(test: &str, lines: &str, prepare: impl FnOnce(&Self)) -> Option<Self> {
        let sshd = sshd(test)?;
        let dir = TempDir::with_prefix("qd-ssh").unwrap();
        let server = Self { port: ports::free(), config: lines.to_owned(), child: None, dir };
        fs::DirBuilder::new().mode(0o700).recursive(true).create(server.home().join(".ssh")).unwrap();
        server.keygen("host_ed25519", &["-t", "ed25519"]);
        let key = server.key("id_ed25519", &["-t", "ed25519"]);
        server.authorize(&key);
        prepare(&server);
        let mut server = server;
        server.run(&sshd);
        Some(server)
    }

    fn run(&mut self, sshd: &Path) {
        let _ = fs::create_dir_all("/run/sshd");
        let path = |name: &str| self.path(name).display().to_string();
        let mut config = format!(
            "Port {}\nListenAddress 127.0.0.1\nAuthorizedKeysFile {}\nPidFile none\nStrictModes no\nUsePAM no\n\
             MaxStartups 100\nPrintMotd no\nLogLevel VERBOSE\n",
            self.port,
            path("authorized_keys")
        );
        if !self.config.contains("HostKey ") {
            config += &format!("HostKey {}\n", path("host_ed25519"));
        }
        // Whatever the account's own shell does at each start is not ours to wait for. Only the first SetEnv counts.
        let lines = match self.config.contains("SetEnv ") {
            true => self.config.replace("SetEnv ", "SetEnv HOME=DIR/home "),
            false => format!("{}\nSetEnv HOME=DIR/home", self.config),
        };
        config = lines.replace("DIR", &self.dir.path().display().to_string()) + "\n" + &config;
        fs::write(self.path("sshd_config"), config).unwrap();
        let log = fs::File::create(self.path("log")).unwrap();
        let child = Command::new(sshd)
            .args(["-D", "-e", "-f"])
            .arg(self.path("sshd_config"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let child = self.child.insert(child);
        wait("the server listens", || {
            assert!(child.try_wait().unwrap().is_none(), "the server has ended: see its log");
            TcpStream::connect(("127.0.0.1", self.port)).is_ok().then_some(())
        });
    }

    /// Ends it with all its connections, and starts it again.
    pub fn restart(&mut self, test: &str) {
        self.stop();
        let sshd = sshd(test).unwrap();
        self.run(&sshd);
    }

    /// Ends it with all its connections.
    pub fn stop(&mut self) {
        // Those that serve a connection first: they outlive the one that listens.
        let serving = self.pids();
        let Some(mut child) = self.child.take() else { return };
        for pid in serving {
            let _ = Command::new("kill").args(["-9", &pid.to_string()]).stderr(Stdio::null()).status();
        }
        let _ = child.kill();
        let _ = child.wait();
    }

    /// All processes that descend from the server.
    pub fn pids(&self) -> Vec<u32> {
        let Some(child) = &self.child else { return Vec::new() };
        let mut found = vec![child.id()];
        let mut at = 0;
        while at < found.len() {
            let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", found[at])).unwrap_or_default();
            found.extend(children.split_whitespace().filter_map(|pid| pid.parse::<u32>().ok()));
            at += 1;
        }
        found.remove(0);
        found
    }

    /// How many TCP connections stand to it.
    pub fn connections(&self) -> usize {
        let mine = format!(":{:04X}", self.port);
        let table = fs::read_to_string("/proc/net/tcp").unwrap();
        table
            .lines()
            .filter(|line| {
                let fields: Vec<&str> = line.split_whitespace().collect();
                fields.get(2).is_some_and(|peer| peer.ends_with(&mine)) && fields.get(3) == Some(&"01")
            })
            .count()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn home(&self) -> PathBuf {
        self.path("home")
    }

    /// Makes a key beside the server.
    pub fn keygen(&self, name: &str, kind: &[&str]) -> PathBuf {
        keygen(&self.path(name), kind)
    }

    /// Makes a key of the operator.
    pub fn key(&self, name: &str, kind: &[&str]) -> PathBuf {
        keygen(&self.home().join(".ssh").join(name), kind)
    }

    /// Lets this key in, and no other.
    pub fn authorize(&self, key: &Path) {
        fs::copy(key.with_extension("pub"), self.path("authorized_keys")).unwrap();
    }

    /// Makes the server's key known to the operator.
    pub fn know(&self) {
        let key = fs::read_to_string(self.path("host_ed25519.pub")).unwrap();
        self.known_hosts(&format!("[127.0.0.1]:{} {key}", self.port));
    }

    pub fn known_hosts(&self, text: &str) {
        fs::write(self.home().join(".ssh/known_hosts"), text).unwrap();
    }

    pub fn target(&self) -> Target {
        format!("ssh://root@127.0.0.1:{}", self.port).parse().unwrap()
    }

    /// The operator's settings. OpenSSH takes the home from the account and not from the environment, so all that
    /// lies in it is named in a config.
    pub fn settings(&self, lines: &str) -> Settings {
        let home = self.home();
        let shown = home.display();
        let config = format!(
            "{}\nUserKnownHostsFile {shown}/.ssh/known_hosts\nGlobalKnownHostsFile none\nHashKnownHosts no\n\
             IdentityFile {shown}/.ssh/id_ed25519\n",
            lines.replace("HOME", &shown.to_string())
        );
        fs::write(home.join(".ssh/config"), config).unwrap();
        Settings {
            config: Some(home.join(".ssh/config")),
            home,
            user: "root".to_owned(),
            ssh: which("ssh"),
            ..Settings::default()
        }
    }

    /// The host, known, with an operator who is not there.
    pub fn host(&self) -> Arc<Host> {
        self.know();
        self.host_with("", Asker::nobody())
    }

    pub fn host_with(&self, lines: &str, asker: Asker) -> Arc<Host> {
        let hosts = Hosts::new(self.settings(lines), asker);
        let host = hosts.host(&self.target());
        // What leads to a host must outlive it.
        std::mem::forget(hosts);
        host
    }

    /// What the server wrote down.
    pub fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

fn keygen(path: &Path, kind: &[&str]) -> PathBuf {
    let mut command = Command::new("ssh-keygen");
    command.arg("-q").args(kind).arg("-f").arg(path);
    if !kind.contains(&"-N") {
        command.args(["-N", ""]);
    }
    assert!(command.status().unwrap().success(), "ssh-keygen");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    path.to_owned()
}

pub fn which(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|dir| dir.join(name)).find(|file| file.is_file())
}

/// Looks until there is something to see.
#[allow(clippy::disallowed_methods, reason = "the pause between two looks")]
pub fn wait<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// An operator who answers in turn, and what was asked.
pub fn operator(answers: Vec<Answer>) -> (Asker, Arc<Mutex<Vec<Question>>>) {
    let (asker, mut questions) = Asker::new();
    let asked = Arc::<Mutex<Vec<Question>>>::default();
    let seen = Arc::clone(&asked);
    tokio::spawn(async move {
        let mut answers = answers.into_iter();
        while let Some(question) = questions.recv().await {
            seen.lock().unwrap().push(question.question.clone());
            question.answer(answers.next().unwrap_or(Answer::No));
        }
    });
    (asker, asked)
}
