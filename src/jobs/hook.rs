//! The script of a stack, run on this machine before its deploy. It is the folder's code, so the operator consents to it
//! when it is seen first and whenever it has changed; what was consented to is remembered by its hash.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

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

/// Runs it, if the operator consented to it as it is.
pub async fn run(cx: &JobCx, stack: &str, hook: &Hook, contents: &Contents) -> Result<String, Diagnostic> {
    let text = tokio::fs::read(&hook.path).await.map_err(|error| broken(hook, &error.to_string()))?;
    let hash = hash(&text);
    consent(cx, stack, hook, &hash).await?;
    let mode = said(hook, contents, &["hook_mode", "pre_deploy"]).await?;
    if mode.trim() == "root" {
        let what = format!("{} wants to run as root", hook.name);
        return Err(Diagnostic::new(what, format!("run `sudo {} pre_deploy` yourself, then deploy again", hook.name)));
    }
    // Between the question and this it may have been changed.
    let now = tokio::fs::read(&hook.path).await.map_err(|error| broken(hook, &error.to_string()))?;
    if self::hash(&now) != hash {
        return Err(Diagnostic::new(format!("{} changed while it was asked about", hook.name), "deploy again"));
    }
    said(hook, contents, &["pre_deploy"]).await?;
    Ok("run".to_owned())
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
        lines: vec![hook.path.display().to_string(), first.to_owned()],
        wants: Wants::Consent("Run"),
    };
    if cx.seams.asker.ask(question).await != Answer::Yes {
        let what = format!("nobody let {} run", hook.name);
        return Err(Diagnostic::new(what, "read the script, and deploy again on a terminal to consent to it"));
    }
    if let Some(file) = file {
        remember(&file, &known, &line).await.map_err(|why| {
            let what = "the consent cannot be remembered";
            Diagnostic::new(what, "look at the rights of the state folder").because(why.to_string())
        })?;
    }
    Ok(())
}

/// Written beside and put in place of the old one, so that half a file is never read.
async fn remember(file: &Path, known: &str, line: &str) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        tokio::fs::create_dir_all(folder).await?;
    }
    let fresh: PathBuf = file.with_extension("new");
    tokio::fs::write(&fresh, format!("{known}{line}\n")).await?;
    tokio::fs::rename(&fresh, file).await
}

async fn said(hook: &Hook, contents: &Contents, words: &[&str]) -> Result<String, Diagnostic> {
    let mut command = Command::new(&hook.path);
    command.args(words).envs(contents.values()).stdin(Stdio::null()).kill_on_drop(true);
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

fn broken(hook: &Hook, why: &str) -> Diagnostic {
    Diagnostic::new(format!("{} did not do its work", hook.name), "look at the script").because(why)
}
