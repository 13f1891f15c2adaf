//! Asks a machine over SSH what it keeps data on. Every question has its own time limit on the machine itself, so that
//! one mount that hangs leaves the others known.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use crate::diag::{Diagnostic, Explain};
use crate::model::{Node, Picture};
use crate::ssh::{Command, Host, SshError};
use crate::storage::{self, Answer, PATIENCE, Question, Survey, User};

/// How long one question may take, network and sudo included.
const EACH: Duration = Duration::from_secs(PATIENCE as u64 + 15);

/// What one machine keeps data on.
///
/// # Errors
/// When the machine cannot be reached, or does not even say what it has mounted.
pub async fn survey(host: &Arc<Host>, users: &[User]) -> Result<Survey, Diagnostic> {
    let mounted = ask(host, Question::mounted()).await.map_err(|error| error.explain())?;
    if mounted.code != 0 {
        let fault = Diagnostic::new("the machine does not say what it has mounted", "is it Linux, with /proc mounted?");
        return Err(fault.at(host.name()).because(mounted.why()));
    }
    let mounts = storage::mounted(&mounted.out);
    let (expected, iscsi, o2cb, datasets, snapshots, exports) = tokio::join!(
        ask(host, Question::expected()),
        ask(host, Question::iscsi()),
        ask(host, Question::o2cb()),
        ask(host, Question::datasets()),
        ask(host, Question::snapshots()),
        ask(host, Question::exports()),
    );
    let mut unknown = Vec::new();
    let expected = known("fstab", expected, &mut unknown, |answer| Ok(Some(answer.out.clone()))).unwrap_or_default();
    let probes = join_all(mounts.iter().map(|mount| async {
        let answer = ask(host, Question::probe(&mount.path)).await.ok()?;
        Some((mount.path.clone(), storage::probe_answer(&answer)))
    }))
    .await;
    let probes: BTreeMap<_, _> = probes.into_iter().flatten().collect();
    Ok(Survey {
        mounts: storage::judge(&mounts, &storage::expected(&expected), &probes, users),
        iscsi: known("iSCSI", iscsi, &mut unknown, storage::iscsi_sessions),
        o2cb: known("OCFS2", o2cb, &mut unknown, storage::o2cb_status),
        datasets: known("ZFS", datasets, &mut unknown, storage::datasets),
        snapshots: known("ZFS snapshots", snapshots, &mut unknown, storage::snapshots).unwrap_or_default(),
        exports: known("NFS exports", exports, &mut unknown, storage::exports),
        unknown,
    })
}

/// Takes a snapshot of a dataset, and gives its whole name.
///
/// # Errors
/// When the name cannot be, the machine cannot be reached, or ZFS refuses.
pub async fn take_snapshot(host: &Arc<Host>, dataset: &str, name: &str) -> Result<String, Diagnostic> {
    let whole = storage::snapshot_name(dataset, name)?;
    let answer = ask(host, Question::take_snapshot(&whole)).await.map_err(|error| error.explain())?;
    if answer.code == 0 {
        return Ok(whole);
    }
    let fault = Diagnostic::new(format!("{whole} was not taken"), "look at what ZFS says, and at the dataset's rights");
    Err(fault.at(host.name()).because(answer.why()))
}

/// Services that bind a path of this machine: those with a task wanted here.
#[must_use]
pub fn users(picture: &Picture, node: &Node) -> Vec<User> {
    let mut users = Vec::new();
    for service in picture.swarm.services.values() {
        let is_here = |task: &Arc<crate::model::Task>| task.is_wanted() && task.node.as_ref() == Some(&node.id);
        if !picture.swarm.tasks_of(&service.id).iter().any(is_here) {
            continue;
        }
        let paths = storage::uses(&service.raw);
        users.extend(paths.into_iter().map(|path| User { service: service.name.clone(), path }));
    }
    users.sort();
    users.dedup();
    users
}

async fn ask(host: &Arc<Host>, question: Question) -> Result<Answer, SshError> {
    let mut words = question.argv.into_iter();
    let command = Command::new(words.next().unwrap_or_default()).args(words).within(EACH);
    let command = if question.root { command.sudo() } else { command };
    let output = host.run(&command).await?;
    let code = output.status().and_then(|code| i32::try_from(code).ok()).unwrap_or(-1);
    Ok(Answer { code, out: output.text(), err: String::from_utf8_lossy(&output.stderr).into_owned() })
}

/// What an answer says; what could not be asked or read is told beside.
fn known<T>(
    what: &str,
    answer: Result<Answer, SshError>,
    unknown: &mut Vec<String>,
    read: impl Fn(&Answer) -> Result<Option<T>, String>,
) -> Option<T> {
    match answer.map_err(|error| error.explain().line()).and_then(|answer| read(&answer)) {
        Ok(found) => found,
        Err(why) => {
            unknown.push(format!("{what}: {why}"));
            None
        }
    }
}
