//! The few programs there are in a simulated container, and what they say. What is not here is not found.

use super::session::Session;

/// What a program came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Program {
    /// It said this and ended.
    Said { out: String, err: String, code: i64 },
    /// It reads what it is given, to the end.
    Reads(Kind),
    /// A shell that takes lines.
    Shell,
    /// It is not in the image.
    Missing(String),
}

/// Programs that read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Cat,
    CountBytes,
    CountLines,
}

impl Program {
    pub(super) fn says(out: impl Into<String>) -> Self {
        Program::Said { out: out.into(), err: String::new(), code: 0 }
    }

    pub(super) fn fails(err: impl Into<String>, code: i64) -> Self {
        Program::Said { out: String::new(), err: err.into(), code }
    }
}

/// What lies in the root folder.
const ROOT: &[&str] = &["bin", "dev", "etc", "home", "lib", "proc", "root", "run", "sbin", "sys", "tmp", "usr", "var"];

/// Runs a program that is no shell; none if there is no such program.
pub(super) fn perform(session: &Session, name: &str, words: &[String]) -> Option<Program> {
    let rest = || words.join(" ");
    Some(match name {
        "echo" => Program::says(format!("{}\n", rest())),
        "hostname" => Program::says(format!("{}\n", session.hostname)),
        "pwd" => Program::says("/\n"),
        "whoami" => Program::says("root\n"),
        "id" => Program::says("uid=0(root) gid=0(root) groups=0(root)\n"),
        "uname" if words.first().is_some_and(|word| word == "-a") => {
            Program::says(format!("Linux {} 6.12.41 #1 SMP x86_64 GNU/Linux\n", session.hostname))
        }
        "uname" => Program::says("Linux\n"),
        "true" => Program::says(""),
        "false" => Program::fails("", 1),
        "env" => Program::says(session.env.iter().map(|(key, value)| format!("{key}={value}\n")).collect::<String>()),
        "printenv" => match words.first().map(|key| session.variable(key)) {
            Some(value) if value.is_empty() => Program::fails("", 1),
            Some(value) => Program::says(format!("{value}\n")),
            None => return perform(session, "env", words),
        },
        "ls" => ls(words),
        "cat" => match words.first().map(String::as_str) {
            None | Some("-") => Program::Reads(Kind::Cat),
            Some("/etc/hostname") => Program::says(format!("{}\n", session.hostname)),
            Some("/etc/os-release") => Program::says("NAME=\"Simulated Linux\"\nID=simulated\n"),
            Some(path) => Program::fails(format!("cat: can't open '{path}': No such file or directory\n"), 1),
        },
        "wc" => match words.first().map(String::as_str) {
            Some("-c") => Program::Reads(Kind::CountBytes),
            Some("-l") => Program::Reads(Kind::CountLines),
            _ => Program::fails("wc: the simulator counts -c or -l\n", 1),
        },
        "stty" => match (session.tty, words.first().map(String::as_str)) {
            (false, _) => Program::fails("stty: standard input: Not a tty\n", 1),
            (true, Some("size")) => {
                let (rows, columns) = session.size();
                Program::says(format!("{rows} {columns}\n"))
            }
            (true, _) => Program::says("speed 38400 baud;\n"),
        },
        _ => return None,
    })
}

fn ls(words: &[String]) -> Program {
    let long = words.iter().any(|word| word.starts_with('-') && word.contains('l'));
    let show = |name: &&str| {
        if long { format!("drwxr-xr-x    2 root     root          4096 {name}\n") } else { format!("{name}\n") }
    };
    match words.iter().find(|word| !word.starts_with('-')).map(String::as_str) {
        None | Some("/" | ".") => Program::says(ROOT.iter().map(show).collect::<String>()),
        Some(path) if ROOT.contains(&path.trim_matches('/')) => Program::says(""),
        Some(path) => Program::fails(format!("ls: {path}: No such file or directory\n"), 1),
    }
}
