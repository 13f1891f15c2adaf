//! Commands as root. The password goes to sudo and to nobody else: only after sudo has asked for it, and never into
//! what it runs.

use std::sync::{Arc, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use zeroize::Zeroizing;

use super::channel::{Reader, Use};
use super::command::{Command, Output};
use super::error::SshError;
use super::host::Host;
use super::program::Running;
use crate::ask::{Answer, Question, Wants};
use crate::model::text::clean;

/// sudo's question, so that it is not taken for anything else; and the word that the command itself begins.
const ASKS: &str = "[quarterdeck: password]";
const BEGINS: &str = "[quarterdeck: begins]";
/// How often a password may be wrong.
const TRIES: usize = 3;

/// What sudo did.
enum Began {
    /// The command runs.
    Yes,
    /// The password was wrong.
    Wrong,
    /// It was refused, in these words.
    No(String),
}

/// Runs a command as root and waits for its end.
pub async fn run(host: &Arc<Host>, command: &Command) -> Result<Output, SshError> {
    let plain = command.line_after(&[]);
    let line = if host.is_root() { plain } else { command.line_after(&["sudo", "-n", "--"]) };
    let late = || SshError::TimedOut { host: host.name(), command: command.name(), after: command.within };
    let timed = tokio::time::timeout(command.within, host.run_line(command, &line)).await;
    let output = timed.unwrap_or_else(|_| Err(late()))?;
    if host.is_root() || !wants_password(&output) {
        return Ok(output);
    }
    let running = with_password(host, command, Use::Program).await?;
    let fed = host.output(running, command, &command.stdin);
    tokio::time::timeout(command.within, fed).await.unwrap_or_else(|_| Err(late()))
}

/// Starts a command as root.
pub async fn spawn(host: &Arc<Host>, command: &Command, use_: Use) -> Result<Running, SshError> {
    host.connect().await?;
    if host.is_root() {
        return host.spawn_line(&command.line_after(&[]), use_).await;
    }
    with_password(host, command, use_).await
}

fn wants_password(output: &Output) -> bool {
    let complaint = output.complaint();
    output.status() == Some(1) && complaint.starts_with("sudo:") && complaint.contains("password")
}

/// Starts a command under sudo, with the password if sudo asks for it.
async fn with_password(host: &Arc<Host>, command: &Command, use_: Use) -> Result<Running, SshError> {
    let refused = |why: String| SshError::Sudo { host: host.name(), command: command.name(), why };
    // What is fed must reach the command and not sudo's question, so the command itself says that it begins.
    let say = format!("printf %s '{BEGINS}' >&2; exec \"$@\"");
    // `-k`: what sudo remembers from elsewhere must not make it skip its question.
    let line = command.line_after(&["sudo", "-k", "-S", "-p", ASKS, "--", "sh", "-c", &say, "sh"]);
    for attempt in 0..TRIES {
        let mut running = host.spawn_line(&line, use_).await?;
        let asked = heard(running.stderr(), &[ASKS, BEGINS]).await.map_err(refused)?;
        if asked == BEGINS {
            return Ok(running);
        }
        let password = password(host, attempt).await.ok_or_else(|| refused("nobody gave the password".to_owned()))?;
        match began(&mut running, &password).await {
            Began::Yes => {
                *host.memory.sudo.lock().unwrap_or_else(PoisonError::into_inner) = Some(password);
                return Ok(running);
            }
            Began::Wrong => {}
            Began::No(why) => return Err(refused(why)),
        }
    }
    Err(refused(format!("the password was wrong {TRIES} times")))
}

/// Gives the password, and finds out what sudo says to it.
async fn began(running: &mut Running, password: &str) -> Began {
    let answer = Zeroizing::new(format!("{password}\n"));
    if let Err(error) = running.stdin().write_all(answer.as_bytes()).await {
        return Began::No(error.to_string());
    }
    match heard(running.stderr(), &[BEGINS, ASKS]).await {
        Ok(BEGINS) => Began::Yes,
        Ok(_) => Began::Wrong,
        Err(why) => Began::No(why),
    }
}

/// Reads until one of the signs is said, or says what was said instead of it.
async fn heard<'a>(from: &mut Reader, signs: &[&'a str]) -> Result<&'a str, String> {
    let mut said = Vec::new();
    let mut byte = [0];
    loop {
        if let Some(sign) = signs.iter().find(|sign| said.ends_with(sign.as_bytes())) {
            return Ok(sign);
        }
        match from.read(&mut byte).await {
            Ok(1) if said.len() < 1 << 16 => said.extend(byte),
            Ok(_) => return Err(clean(String::from_utf8_lossy(&said).trim())),
            Err(error) => return Err(error.to_string()),
        }
    }
}

async fn password(host: &Arc<Host>, attempt: usize) -> Option<Zeroizing<String>> {
    if attempt == 0
        && let Some(kept) = host.memory.sudo.lock().unwrap_or_else(PoisonError::into_inner).clone()
    {
        return Some(kept);
    }
    let shared = host.shared().ok()?;
    let user = host.memory.user.lock().unwrap_or_else(PoisonError::into_inner).clone().unwrap_or_default();
    let lines = if attempt > 0 { vec!["The last one was not right.".to_owned()] } else { Vec::new() };
    let title = format!("Password of {user} for sudo on {}", host.name());
    match shared.asker.ask(Question { title, lines, wants: Wants::Secret }).await {
        Answer::Secret(secret) => Some(secret),
        Answer::Yes | Answer::No => None,
    }
}
