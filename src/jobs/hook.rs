//! The script of a stack, run on this machine before its deploy. It is the folder's code, so the operator consents to it
//! when it is seen first and whenever it has changed; what was consented to is remembered by its hash.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::cx::JobCx;
use super::desk::Contents;
use crate::action::prepare::Hook;
use crate::ask::{Answer, Question, Wants};
use crate::diag::Diagnostic;
use crate::model::text::clean;

/// How long the script may take.
const PATIENCE: Duration = Duration::from_secs(300);
/// The file below the state folder that holds what was consented to, a line each.
const CONSENTS: &str = "consents";
/// What a consent is worth.
const WATCHED: &str = "Only this file is watched: what it calls may change unseen.";

/// Runs it, if the operator consented to it as it is.
pub async fn run(cx: &JobCx, stack: &str, hook: &Hook, contents: &Contents) -> Result<String, Diagnostic> {
    let text = tokio::fs::read(&hook.path).await.map_err(|error| broken(hook, &error.to_string()))?;
    let hash = hash(&text);
    consent(cx, stack, hook, &hash).await?;
    let script = Script { hook, hash, contents, engine: cx.engine.at() };
    let mode = script.said(&["hook_mode", "pre_deploy"]).await?;
    if mode.trim() == "root" {
        return by_the_operator(cx, stack, hook).await;
    }
    script.said(&["pre_deploy"]).await?;
    Ok("run".to_owned())
}

/// What must run as root is run by the operator.
async fn by_the_operator(cx: &JobCx, stack: &str, hook: &Hook) -> Result<String, Diagnostic> {
    let (what, order) =
        (format!("{} wants to run as root", hook.name), format!("sudo bash {} pre_deploy", hook.path.display()));
    let question = Question {
        title: format!("{stack}: {what}"),
        lines: vec!["Run it yourself, then go on:".to_owned(), order.clone()],
        wants: Wants::Consent("Go on"),
    };
    if cx.seams.asker.ask(question).await != Answer::Yes {
        return Err(Diagnostic::new(what, format!("deploy again on a terminal, and run `{order}` when it asks")));
    }
    Ok("run by the operator".to_owned())
}

fn hash(text: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn consent(cx: &JobCx, stack: &str, hook: &Hook, hash: &str) -> Result<(), Diagnostic> {
    let file = cx.seams.state.as_ref().map(|folder| folder.join(CONSENTS));
    let known = match &file {
        Some(file) => tokio::fs::read_to_string(file).await.unwrap_or_default(),
        None => String::new(),
    };
    let (line, before) = (format!("{hash} {}", hook.path.display()), format!(" {}", hook.path.display()));
    if known.lines().any(|known| known == line) {
        return Ok(());
    }
    let changed = known.lines().any(|known| known.ends_with(&before));
    let first = if changed { "It has changed since you let it run." } else { "It has not run from here before." };
    let question = Question {
        title: format!("{stack} wants to run a script on this machine"),
        lines: vec![hook.path.display().to_string(), first.to_owned(), WATCHED.to_owned()],
        wants: Wants::Consent("Run"),
    };
    if cx.seams.asker.ask(question).await != Answer::Yes {
        let what = format!("nobody let {} run", hook.name);
        return Err(Diagnostic::new(what, "read the script, and deploy again on a terminal to consent to it"));
    }
    if let Some(file) = file {
        remember(&file, &line).await.map_err(|why| {
            let what = "the consent cannot be remembered";
            Diagnostic::new(what, "look at the rights of the state folder").because(why.to_string())
        })?;
    }
    Ok(())
}

/// Put behind what others remember at the same time; in one piece, so that no line is half.
async fn remember(file: &Path, line: &str) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        tokio::fs::create_dir_all(folder).await?;
    }
    let mut file = tokio::fs::OpenOptions::new().create(true).append(true).open(file).await?;
    file.write_all(format!("{line}\n").as_bytes()).await?;
    file.flush().await
}

/// What was consented to. It runs from its file, for scripts ask where they lie, and only while that still holds what
/// was consented to.
struct Script<'a> {
    hook: &'a Hook,
    hash: String,
    contents: &'a Contents,
    /// Where the engine is.
    engine: String,
}

impl Script<'_> {
    async fn said(&self, words: &[&str]) -> Result<String, Diagnostic> {
        let Self { hook, contents, .. } = self;
        let text = tokio::fs::read(&hook.path).await.map_err(|error| broken(hook, &error.to_string()))?;
        if hash(&text) != self.hash {
            return Err(Diagnostic::new(format!("{} changed while it was asked about", hook.name), "deploy again"));
        }
        let mut command = Command::new("bash");
        command.arg(&hook.path).args(words);
        command.envs(contents.values()).stdin(Stdio::null()).kill_on_drop(true);
        // It speaks to the swarm that is deployed to, and not to the one that its surroundings name.
        if self.engine.contains("://") && !self.engine.contains([' ', ',']) {
            command.env("DOCKER_HOST", &self.engine).env_remove("DOCKER_CONTEXT");
        }
        if let Some(folder) = hook.path.parent() {
            command.current_dir(folder);
        }
        let output = tokio::time::timeout(PATIENCE, command.output()).await;
        let late = |_| broken(hook, &format!("it has not ended within {} s", PATIENCE.as_secs()));
        let output = output.map_err(late)?.map_err(|error| broken(hook, &error.to_string()))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let complaint = contents.mask(&String::from_utf8_lossy(&output.stderr));
        let last = complaint.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
        Err(broken(hook, &clean(last)).because(output.status.to_string()))
    }
}

fn broken(hook: &Hook, why: &str) -> Diagnostic {
    Diagnostic::new(format!("{} did not do its work", hook.name), "look at the script").because(why)
}
