//! The lab, taken for one test: brought up if it is not, one test at a time, and every fault undone at the end.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The lab's name and net unless the environment says otherwise: not those of `./tests/run`, which takes its lab down.
const NAME: (&str, &str) = ("e2e", "10.82.0");

/// The lab in the hands of one test.
pub struct Lab {
    name: String,
    settings: BTreeMap<String, String>,
    /// Held until this test is over, by this process and by no other.
    _turn: File,
}

/// Gives the lab, or says aloud why this test is not run and gives nothing.
pub fn take(test: &str) -> Option<Lab> {
    match permission() {
        Ok(()) => Some(Lab::take()),
        Err(why) => {
            eprintln!("NOT RUN {test}: {why}");
            None
        }
    }
}

fn permission() -> Result<(), String> {
    let said = |name: &str| std::env::var(name).unwrap_or_default();
    let ci = said("CI") == "true";
    match said("QUARTERDECK_LAB").as_str() {
        "1" => {}
        "0" => return Err("QUARTERDECK_LAB=0 says that the lab is not to be used".into()),
        _ if ci => {}
        _ => return Err("it needs a real swarm; QUARTERDECK_LAB=1 lets it bring up the lab, as root".into()),
    }
    let root = std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0);
    assert!(root || !ci, "a lab needs root, and CI=true says that nothing is to be left out");
    if root { Ok(()) } else { Err("a lab needs root".into()) }
}

impl Lab {
    fn take() -> Self {
        let name = std::env::var("LAB_NAME").ok().filter(|name| !name.is_empty()).unwrap_or_else(|| NAME.0.into());
        let turn =
            File::create(std::env::temp_dir().join(format!("quarterdeck-lab-{name}.turn"))).expect("a lock file");
        turn.lock().expect("a turn");
        let mut lab = Self { name, settings: BTreeMap::new(), _turn: turn };
        if lab.call(&["env"]).is_err() {
            lab.run(&["up"]);
        }
        lab.settings = lab.run(&["env"]).lines().filter_map(setting).collect();
        // A test that was killed has left its fault behind.
        if lab.wound().exists() {
            lab.heal().unwrap_or_else(|why| panic!("the lab could not be healed: {why}"));
        }
        lab
    }

    /// The file that stands while a fault does.
    fn wound(&self) -> PathBuf {
        std::env::temp_dir().join(format!("quarterdeck-lab-{}.wound", self.name))
    }

    fn heal(&self) -> Result<(), String> {
        self.call(&["heal"])?;
        let _ = std::fs::remove_file(self.wound());
        Ok(())
    }

    /// Runs a command of the lab and gives what it printed.
    pub fn run(&self, words: &[&str]) -> String {
        self.call(words).unwrap_or_else(|why| panic!("lab {}: {why}", words.join(" ")))
    }

    fn call(&self, words: &[&str]) -> Result<String, String> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab/lab");
        let mut command = Command::new(script);
        command.args(words).env("LAB_NAME", &self.name).stdin(Stdio::null());
        if std::env::var("LAB_NET").is_err() && self.name == NAME.0 {
            command.env("LAB_NET", NAME.1);
        }
        let out = command.output().map_err(|error| error.to_string())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if out.status.success() { Ok(text(&out.stdout)) } else { Err(text(&out.stderr) + &text(&out.stdout)) }
    }

    /// A service gets this many tasks, `NAME=NUMBER`. Managers that have just voted may refuse it at first.
    pub fn scale(&self, node: &str, wish: &str) {
        let words = ["docker", node, "service", "scale", "--detach", wish];
        until(&format!("{node} takes {wish}"), || self.call(&words));
    }

    /// What this lab is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The docker command on a node's engine.
    pub fn docker(&self, node: &str, words: &[&str]) -> String {
        self.run(&[&["docker", node], words].concat())
    }

    /// What `lab env` says under this name.
    pub fn setting(&self, name: &str) -> &str {
        self.settings.get(name).unwrap_or_else(|| panic!("lab env says nothing of {name}"))
    }

    /// The address of a node's engine.
    pub fn engine(&self, node: &str) -> String {
        format!("unix://{}", self.socket(node).display())
    }

    /// The file of a node's engine.
    pub fn socket(&self, node: &str) -> PathBuf {
        self.setting(&format!("LAB_SOCKET_{node}")).into()
    }

    /// An image of the lab's registry.
    pub fn image(&self, tag: &str) -> String {
        format!("{}/demo:{tag}", self.setting("LAB_REGISTRY"))
    }

    /// The host names of the managers.
    pub fn managers(&self) -> Vec<String> {
        self.setting("LAB_MANAGERS").split_whitespace().map(str::to_owned).collect()
    }

    /// Strikes with a fault, which is undone when the answer is dropped, whatever became of the test.
    pub fn fault(&self, words: &[&str]) -> Fault<'_> {
        File::create(self.wound()).expect("a mark that a fault stands");
        let fault = Fault(self);
        self.run(words);
        fault
    }

    /// These stacks of `tests/lab/stacks` and nothing else.
    pub fn only(&self, stacks: &[&str]) {
        let manager = self.managers().remove(0);
        let services = self.docker(&manager, &["service", "ls", "--format", "{{.Name}}"]);
        let stays = |name: &str| name.split_once('_').is_some_and(|(stack, _)| stacks.contains(&stack));
        if services.lines().any(|name| !stays(name)) {
            self.run(&["clean"]);
        }
        for stack in stacks {
            self.run(&["deploy", stack]);
        }
    }

    /// Services of this name are removed when the answer is dropped.
    pub fn passing(&self, service: &str) -> Passing<'_> {
        Passing(self, service.to_owned())
    }
}

fn setting(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once('=')?;
    Some((name.to_owned(), value.trim_matches('"').to_owned()))
}

/// A fault that stands; dropping it makes the swarm whole again.
#[must_use = "a fault that is dropped at once is undone at once"]
pub struct Fault<'a>(&'a Lab);

impl Fault<'_> {
    /// Undoes this fault in its own way, before all of them are undone.
    pub fn undo(self, words: &[&str]) {
        self.0.run(words);
    }
}

impl Drop for Fault<'_> {
    fn drop(&mut self) {
        if let Err(why) = self.0.heal() {
            eprintln!("the lab could not be healed: {why}");
        }
    }
}

/// A service that is there for one test only.
#[must_use = "what is dropped at once is removed at once"]
pub struct Passing<'a>(&'a Lab, String);

impl Drop for Passing<'_> {
    fn drop(&mut self) {
        for manager in self.0.managers() {
            if self.0.call(&["docker", &manager, "service", "rm", &self.1]).is_ok() {
                return;
            }
        }
    }
}

/// How long a state is waited for, in seconds, unless `QUARTERDECK_PATIENCE` says otherwise; `LAB_PATIENCE`
/// multiplies it, as in the lab.
pub fn patience() -> Duration {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u32>().ok());
    let seconds = number("QUARTERDECK_PATIENCE").unwrap_or(120) * number("LAB_PATIENCE").unwrap_or(1);
    Duration::from_secs(seconds.into())
}

/// Looks again and again until `look` finds something; at the end of patience, what was seen last is told.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Result<T, String>) -> T {
    let end = Instant::now() + patience();
    loop {
        match look() {
            Ok(found) => return found,
            Err(seen) if Instant::now() >= end => {
                panic!("waited {:?} in vain until {what}; seen last:\n{seen}", patience())
            }
            Err(_) => pause(),
        }
    }
}

/// The pause between two looks.
#[allow(clippy::disallowed_methods, reason = "the one place where time is waited for, between two looks at a state")]
pub fn pause() {
    std::thread::sleep(Duration::from_millis(200));
}
