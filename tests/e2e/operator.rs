//! An operator who has nothing but a key: a home with it and the hosts' keys, no docker command and no `ssh`.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use portable_pty::CommandBuilder;
use quarterdeck::ssh::Settings;
use tempfile::TempDir;

use super::console::Console;
use super::lab::Lab;
use super::verbs::{Said, nowhere, said};

const NODES: [&str; 5] = ["barbary", "ching", "angre", "lorcha", "dhow"];

/// Somebody at a machine that is no node of the lab.
pub struct Operator {
    home: TempDir,
}

impl Operator {
    /// The key and the known hosts are the lab's; the config says where the names lead and nothing more.
    pub fn of(lab: &Lab) -> Self {
        let operator = Self { home: nowhere() };
        fs::create_dir(operator.path(".ssh")).expect("a folder");
        operator.write(".ssh/id_ed25519", &read(lab.setting("LAB_SSH_KEY")));
        operator.write(".ssh/known_hosts", &read(lab.setting("LAB_KNOWN_HOSTS")));
        let lead = |node: &&str| format!("Host {node}\n  HostName {}\n", lab.setting(&format!("LAB_ADDRESS_{node}")));
        operator.write(".ssh/config", &NODES.iter().map(lead).collect::<String>());
        operator
    }

    fn path(&self, file: &str) -> PathBuf {
        self.home.path().join(file)
    }

    pub fn read(&self, file: &str) -> String {
        read(self.path(file))
    }

    pub fn write(&self, file: &str, text: &str) {
        fs::write(self.path(file), text).expect("a file");
        fs::set_permissions(self.path(file), Permissions::from_mode(0o600)).expect("a file of one's own");
    }

    /// Says more of all hosts.
    pub fn config(&self, more: &str) {
        self.write(".ssh/config", &format!("{more}\n{}", self.read(".ssh/config")));
    }

    /// The same for the library: what it may know of the operator.
    pub fn settings(&self) -> Settings {
        Settings { home: self.home.path().to_owned(), user: "captain".to_owned(), ..Settings::default() }
    }

    fn words(nodes: &[&str], words: &[&str]) -> Vec<String> {
        let hosts = nodes.iter().flat_map(|node| ["-H".to_owned(), format!("ssh://captain@{node}")]);
        hosts.chain(words.iter().map(|word| (*word).to_owned())).collect()
    }

    fn command(&self, nodes: &[&str], words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quarterdeck"));
        command.args(Self::words(nodes, words)).env_clear().env("HOME", self.home.path()).env("LANG", "C.UTF-8");
        command.current_dir(self.home.path()).stdin(Stdio::null());
        command
    }

    /// Calls a verb through these managers.
    pub fn said(&self, nodes: &[&str], words: &[&str]) -> Said {
        said(self.command(nodes, words).output().expect("the program starts"))
    }

    /// Begins a verb through these managers.
    pub fn begin(&self, nodes: &[&str], words: &[&str]) -> Child {
        let mut command = self.command(nodes, words);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
    }

    /// Opens the console, or a verb on a terminal, through these managers.
    pub fn console(&self, nodes: &[&str], words: &[&str]) -> Console {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_quarterdeck"));
        command.args(Self::words(nodes, words));
        command.env("HOME", self.home.path());
        command.env("PATH", "/nowhere");
        Console::start(command, 160, 45)
    }
}

/// The far ends of the TCP connections that a process holds, as the kernel writes them.
pub fn far_ends(pid: u32) -> Vec<String> {
    let files = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    let held: BTreeSet<String> = files
        .filter_map(|file| {
            fs::read_link(file.path()).ok()?.to_str()?.strip_prefix("socket:[")?.strip_suffix(']').map(str::to_owned)
        })
        .collect();
    let all = read(format!("/proc/{pid}/net/tcp"));
    let far = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [_, _, far, _, _, _, _, _, _, inode, ..] if held.contains(*inode) => Some((*far).to_owned()),
            _ => None,
        }
    };
    all.lines().filter_map(far).collect()
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()))
}
