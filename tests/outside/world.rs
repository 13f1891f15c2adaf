//! A simulated swarm, a folder, and the program that is run on both.

use std::fs;
use std::process::Command;

use quarterdeck::sim::{Scenario, Sim};

use crate::secured::Secured;
use crate::stand_in::{Reply, Seen, StandIn};
use crate::terminal::Terminal;

pub struct World {
    pub folder: tempfile::TempDir,
    pub sim: Sim,
    runtime: tokio::runtime::Runtime,
}

impl World {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let sim = runtime.block_on(async {
            let sim = Scenario::new().managers(["barbary", "ching", "angre"]).workers(["lorcha"]).start();
            sim.serve_unix(folder.path().join("engine.sock")).unwrap();
            sim.run(50.0);
            sim
        });
        Self { folder, sim, runtime }
    }

    pub fn put(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn stand_in(&self, answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> StandIn {
        let _entered = self.runtime.enter();
        StandIn::start(answer)
    }

    /// TLS in front of a stand-in, and the file of its CA.
    pub fn secured(&self, stand_in: &StandIn, name: &str) -> (u16, String) {
        let _entered = self.runtime.enter();
        let secured = Secured::before(stand_in.port, name);
        let file = format!("ca-{}.pem", secured.port);
        self.put(&file, &secured.ca);
        (secured.port, self.folder.path().join(file).display().to_string())
    }

    /// Runs the words; gives exit code, standard output, standard error.
    pub fn said(&self, words: &[&str]) -> (i32, String, String) {
        self.said_with(words, &[])
    }

    /// Runs the words on a terminal of their own; gives exit code and all that stood there.
    pub fn on_terminal(&self, words: &[&str]) -> (u32, String) {
        self.console(words).ended()
    }

    /// The program with these words on a terminal of its own.
    pub fn console(&self, words: &[&str]) -> Terminal {
        let mut command = portable_pty::CommandBuilder::new(env!("CARGO_BIN_EXE_quarterdeck"));
        command.args(words);
        command.cwd(self.folder.path());
        command.env("DOCKER_HOST", format!("unix://{}", self.folder.path().join("engine.sock").display()));
        command.env("XDG_STATE_HOME", self.folder.path());
        command.env("HOME", self.folder.path());
        command.env("LANG", "C.UTF-8");
        command.env("TERM", "xterm-256color");
        Terminal::start(command)
    }

    /// As [`World::said`], with more in the environment.
    pub fn said_with(&self, words: &[&str], variables: &[(&str, &str)]) -> (i32, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_quarterdeck"))
            .args(words)
            .current_dir(self.folder.path())
            .env("DOCKER_HOST", format!("unix://{}", self.folder.path().join("engine.sock").display()))
            .env("XDG_STATE_HOME", self.folder.path())
            .env("HOME", self.folder.path())
            // Nobody is to be asked on the terminal of whoever runs the tests.
            .env("CI", "true")
            .env_remove("SSL_CERT_FILE")
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    /// Every line of the journal.
    pub fn journal(&self) -> Vec<serde_json::Value> {
        let mut lines = Vec::new();
        let mut folders = vec![self.folder.path().join("quarterdeck")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                match path.extension().and_then(|end| end.to_str()) {
                    _ if path.is_dir() => folders.push(path),
                    Some("jsonl") => {
                        let text = fs::read_to_string(&path).unwrap();
                        lines.extend(text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()));
                    }
                    _ => {}
                }
            }
        }
        lines
    }
}
