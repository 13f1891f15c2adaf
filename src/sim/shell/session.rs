//! One command and its surroundings: where it runs, what it may say, and how a line of a shell is taken apart.

use std::collections::BTreeMap;

use super::program::{Program, perform};
use crate::sim::Sim;
use crate::sim::world::list;

/// Images that bring no shell along.
const BARE: &[&str] = &["whoami", "cloudflared", "distroless", "scratch", "node-exporter", "socket-proxy"];

/// A command and its surroundings.
pub(super) struct Session {
    sim: Sim,
    id: String,
    pub(super) words: Vec<String>,
    pub(super) tty: bool,
    pub(super) stdin: bool,
    pub(super) stdout: bool,
    pub(super) stderr: bool,
    pub(super) hostname: String,
    pub(super) env: BTreeMap<String, String>,
    /// The code of the last command.
    pub(super) last: i64,
    image: String,
    shell: &'static str,
}

/// What a line came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Ran {
    pub(super) out: String,
    pub(super) err: String,
    pub(super) code: i64,
    /// The shell ends by it.
    pub(super) ends: bool,
}

impl Session {
    /// The surroundings of a command, unless its container is gone.
    pub(super) fn of(sim: &Sim, id: &str) -> Option<Self> {
        sim.look(|s| {
            let exec = s.world.exec(id).ok()?.clone();
            let task = s.world.exec_task(id)?;
            let hostname = task.hostname();
            let mut env: BTreeMap<String, String> = list(&task.spec, "/ContainerSpec/Env")
                .iter()
                .filter_map(|pair| pair.as_str())
                .map(str::to_owned)
                .chain(exec.env)
                .filter_map(|pair| pair.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned())))
                .collect();
            for (key, value) in
                [("HOME", "/root"), ("HOSTNAME", hostname.as_str()), ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")]
            {
                env.entry(key.to_owned()).or_insert_with(|| value.to_owned());
            }
            if exec.tty {
                env.entry("TERM".to_owned()).or_insert_with(|| "xterm".to_owned());
            }
            Some(Self {
                sim: sim.clone(),
                id: id.to_owned(),
                words: exec.words,
                tty: exec.tty,
                stdin: exec.stdin,
                stdout: exec.stdout,
                stderr: exec.stderr,
                hostname,
                env,
                last: 0,
                image: task.image().to_owned(),
                shell: "sh",
            })
        })
    }

    fn is_bare(&self) -> bool {
        BARE.iter().any(|word| self.image.contains(word))
    }

    fn has(&self, shell: &str) -> bool {
        !self.is_bare() && (shell == "sh" || (shell == "bash" && !self.image.contains("alpine")))
    }

    /// Rows and columns of the terminal as they are now.
    pub(super) fn size(&self) -> (u64, u64) {
        self.sim.look(|s| s.world.exec(&self.id).map(|exec| exec.size).unwrap_or_default())
    }

    pub(super) fn prompt(&self) -> String {
        match self.shell {
            "bash" => format!("root@{}:/# ", self.hostname),
            _ => "/ # ".to_owned(),
        }
    }

    pub(super) fn variable(&self, name: &str) -> String {
        match name {
            "?" => self.last.to_string(),
            name => self.env.get(name).cloned().unwrap_or_default(),
        }
    }

    /// Starts a program by its words.
    pub(super) fn start(&mut self, words: &[String]) -> Program {
        let Some((name, rest)) = words.split_first() else { return Program::Missing(String::new()) };
        let base = name.rsplit('/').next().unwrap_or(name);
        if let "sh" | "bash" = base {
            if !self.has(base) {
                return Program::Missing(name.clone());
            }
            self.shell = if base == "bash" { "bash" } else { "sh" };
            return match rest.iter().position(|word| word == "-c").and_then(|at| rest.get(at + 1)) {
                Some(script) => self.script(script),
                None => Program::Shell,
            };
        }
        match perform(self, base, rest) {
            Some(program) if !self.is_bare() => program,
            _ => Program::Missing(name.clone()),
        }
    }

    /// What `sh -c` is told: a shell if it ends in one, what one program reads, else what was said.
    fn script(&mut self, script: &str) -> Program {
        let mut ran = Ran::default();
        for (last, command) in commands(script) {
            if !last.follows(ran.code) {
                continue;
            }
            let words = self.words_of(&command);
            let exec = words.iter().skip(usize::from(words.first().is_some_and(|word| word == "exec")));
            let inner: Vec<String> = exec.cloned().collect();
            match inner.first().map(String::as_str) {
                Some("sh" | "bash" | "/bin/sh" | "/bin/bash") => match self.start(&inner) {
                    Program::Missing(name) => ran.code = self.missing(&name, &mut ran.err),
                    program => return program,
                },
                Some("cat" | "wc") if inner.len() <= 2 => return self.start(&inner),
                _ => {
                    let next = self.command(&words, &command);
                    self.last = next.code;
                    ran.out.push_str(&next.out);
                    ran.err.push_str(&next.err);
                    ran.code = next.code;
                    if next.ends {
                        break;
                    }
                }
            }
        }
        Program::Said { out: ran.out, err: ran.err, code: ran.code }
    }

    /// A line typed into a shell.
    pub(super) fn evaluate(&mut self, line: &str) -> Ran {
        let mut ran = Ran { code: self.last, ..Ran::default() };
        for (last, command) in commands(line) {
            if !last.follows(ran.code) {
                continue;
            }
            let words = self.words_of(&command);
            let next = self.command(&words, &command);
            self.last = next.code;
            ran.out.push_str(&next.out);
            ran.err.push_str(&next.err);
            (ran.code, ran.ends) = (next.code, next.ends);
            if ran.ends {
                break;
            }
        }
        ran
    }

    fn missing(&self, name: &str, err: &mut String) -> i64 {
        err.push_str(&format!("{}: {name}: not found\n", self.shell));
        127
    }

    /// One simple command of a line.
    fn command(&mut self, words: &[String], text: &str) -> Ran {
        let mut ran = Ran::default();
        let Some((name, rest)) = words.split_first() else { return Ran { code: self.last, ..ran } };
        match name.as_str() {
            "exit" => {
                let code = rest.first().map_or(self.last, |code| code.parse().unwrap_or(2));
                return Ran { code, ends: true, ..ran };
            }
            "cd" | ":" | "export" => return ran,
            "command" => {
                let there = rest.get(1).is_some_and(|name| self.has(name) || perform(self, name, &[]).is_some());
                let found = rest.get(1).filter(|_| there).map(|name| format!("/bin/{name}\n"));
                (ran.code, ran.out) = (i64::from(found.is_none()), found.unwrap_or_default());
            }
            "sh" | "bash" | "exec" => ran.err.push_str("the simulator's shell opens no other shell\n"),
            name => match perform(self, name.rsplit('/').next().unwrap_or(name), rest) {
                Some(Program::Said { out, err, code }) => (ran.out, ran.err, ran.code) = (out, err, code),
                Some(Program::Reads(_)) => ran.err.push_str("the simulator's shell gives programs nothing to read\n"),
                _ => ran.code = self.missing(name, &mut ran.err),
            },
        }
        if text.contains(">/dev/null") || text.contains("> /dev/null") {
            ran.out.clear();
        }
        ran
    }

    /// The words of a command, with variables filled in and without redirections.
    fn words_of(&self, command: &str) -> Vec<String> {
        let words = shlex::split(command).unwrap_or_else(|| vec![command.to_owned()]);
        words
            .into_iter()
            .filter(|word| !word.contains(">/dev/null") && word != "2>&1" && word != ">" && word != "/dev/null")
            .map(|word| match word.strip_prefix('$') {
                Some(name) => self.variable(name.trim_start_matches('{').trim_end_matches('}')),
                None => word,
            })
            .collect()
    }
}

/// When a command of a line is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Always,
    AfterGood,
    AfterBad,
}

impl When {
    fn follows(self, code: i64) -> bool {
        match self {
            When::Always => true,
            When::AfterGood => code == 0,
            When::AfterBad => code != 0,
        }
    }
}

/// The commands of a line, each with when it is run.
fn commands(line: &str) -> Vec<(When, String)> {
    let mut all = vec![(When::Always, String::new())];
    let mut quote = None;
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        let next = match (c, rest.peek(), quote) {
            ('\'' | '"', _, None) => {
                quote = Some(c);
                None
            }
            (c, _, Some(open)) if c == open => {
                quote = None;
                None
            }
            ('&', Some('&'), None) => Some(When::AfterGood),
            ('|', Some('|'), None) => Some(When::AfterBad),
            (';' | '\n', _, None) => Some(When::Always),
            _ => None,
        };
        match next {
            Some(when) => {
                if when != When::Always {
                    rest.next();
                }
                all.push((when, String::new()));
            }
            None => {
                if let Some((_, command)) = all.last_mut() {
                    command.push(c);
                }
            }
        }
    }
    all.retain(|(_, command)| !command.trim().is_empty());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_apart_where_it_is_not_quoted() {
        let said = commands("command -v bash >/dev/null && exec bash || exec sh; echo 'a && b'");
        let whens: Vec<When> = said.iter().map(|(when, _)| *when).collect();
        assert_eq!(whens, [When::Always, When::AfterGood, When::AfterBad, When::Always]);
        assert_eq!(said[3].1.trim(), "echo 'a && b'");
    }
}
