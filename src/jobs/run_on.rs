//! Runs a command on machines over SSH, some at a time, and hands on what each says as it comes. Never by the swarm.

use std::sync::Arc;

use futures_util::{StreamExt, pin_mut};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::diag::{Diagnostic, Explain};
use crate::fleet::Fleet;
use crate::model::text::clean;
use crate::model::{Node, NodeId, Ran, RanEnd};
use crate::ssh::{Command, Exit, Host, Reader};
use crate::store::Writer;

/// The longest line; a longer one is told in parts.
const LONGEST: u64 = 4096;
/// Lines that are kept of one machine for a screen.
const KEPT: usize = 1000;
/// News on their way. Full means: the command waits until it was listened to.
const NEWS: usize = 256;

/// What a machine tells of the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunNews {
    /// A line, safe to show.
    Line {
        /// The machine's node.
        node: NodeId,
        /// The line.
        text: String,
        /// It was a complaint.
        is_error: bool,
    },
    /// It is over there.
    Ended(NodeId, RanEnd),
}

/// Runs it on all these nodes. Every node ends with [`RunNews::Ended`], whether it was reached or not.
pub async fn run_on(fleet: Fleet, nodes: Vec<Node>, command: Command, news: mpsc::Sender<RunNews>) {
    let ends = fleet.each_host(nodes, |node, host| {
        let (command, news) = (command.clone(), news.clone());
        async move { Ok::<_, Diagnostic>(one(&node.id, &host, &command, &news).await) }
    });
    pin_mut!(ends);
    while let Some((node, end)) = ends.next().await {
        // Who does not listen any more wants no end either.
        let _ = news.send(RunNews::Ended(node, end.unwrap_or_else(unreached))).await;
    }
}

fn unreached(fault: Diagnostic) -> RanEnd {
    RanEnd::Unreached { why: fault.line(), mend: fault.mend }
}

async fn one(node: &NodeId, host: &Arc<Host>, command: &Command, news: &mpsc::Sender<RunNews>) -> RanEnd {
    if let Err(error) = host.connect().await {
        return unreached(error.explain());
    }
    let running = match host.spawn(command).await {
        Ok(running) => running,
        Err(error) => return RanEnd::Broke(error.explain().line()),
    };
    let (stdin, stdout, stderr, ended) = running.split();
    drop(stdin);
    tokio::join!(listen(node, stdout, false, news), listen(node, stderr, true, news));
    match ended.wait().await {
        Ok(Exit::Code(code)) => RanEnd::Code(code),
        Ok(other) => RanEnd::Broke(other.to_string()),
        Err(error) => RanEnd::Broke(error.explain().line()),
    }
}

async fn listen(node: &NodeId, from: Reader, is_error: bool, news: &mpsc::Sender<RunNews>) {
    let mut from = BufReader::new(from);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        // How the command ends says what broke.
        match (&mut from).take(LONGEST).read_until(b'\n', &mut bytes).await {
            Ok(read) if read > 0 => {}
            _ => return,
        }
        let text = clean(String::from_utf8_lossy(&bytes).trim_end_matches(['\n', '\r']));
        if news.send(RunNews::Line { node: node.clone(), text, is_error }).await.is_err() {
            return;
        }
    }
}

/// Runs a line of shell on these nodes for a screen, until all have ended or `stop`.
pub async fn run_line(fleet: Fleet, nodes: Vec<Node>, mut told: Writer<Ran>, stop: CancellationToken) {
    let line = told.now().line.clone();
    let (news, mut heard) = mpsc::channel(NEWS);
    let running = run_on(fleet, nodes, Command::new("sh").args(["-c", &line]), news);
    let listening = async {
        let mut together = Vec::new();
        while heard.recv_many(&mut together, NEWS).await > 0 {
            let news = std::mem::take(&mut together);
            told.renew(|ran| after(ran, &news));
        }
    };
    tokio::select! {
        biased;
        () = stop.cancelled() => {}
        _ = futures_util::future::join(running, listening) => {}
    }
    let stopped = || Some(RanEnd::Broke("it was stopped".to_owned()));
    told.renew(|ran| {
        let mut ran = ran.clone();
        ran.hosts.iter_mut().filter(|host| host.end.is_none()).for_each(|host| host.end = stopped());
        ran
    });
}

/// With these news; of each machine no more is kept than fits on a screen that is scrolled.
fn after(ran: &Ran, news: &[RunNews]) -> Ran {
    let mut ran = ran.clone();
    for one in news {
        let (RunNews::Line { node, .. } | RunNews::Ended(node, _)) = one;
        let Some(host) = ran.hosts.iter_mut().find(|host| host.node == *node) else { continue };
        match one {
            RunNews::Line { text, .. } if host.lines.len() < KEPT => host.lines.push(text.as_str().into()),
            RunNews::Line { .. } => host.left_out += 1,
            RunNews::Ended(_, end) => host.end = Some(end.clone()),
        }
    }
    ran
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_kept_up_to_a_limit_and_the_rest_is_counted() {
        let node = NodeId::new("a");
        let line = |n: usize| RunNews::Line { node: node.clone(), text: n.to_string(), is_error: false };
        let news: Vec<RunNews> =
            (0..KEPT + 3).map(line).chain([RunNews::Ended(node.clone(), RanEnd::Code(3))]).collect();
        let ran = after(&Ran::begun("yes", [node.clone(), NodeId::new("b")]), &news);
        assert_eq!((ran.hosts[0].lines.len(), ran.hosts[0].left_out), (KEPT, 3));
        assert_eq!((&ran.hosts[0].end, &ran.hosts[1].end), (&Some(RanEnd::Code(3)), &None));
        assert!(ran.goes_on());
    }
}
