//! `run`: a program on the machines of nodes, over SSH. Each line is told with its machine's name as it comes.

use std::collections::BTreeMap;

use serde::Serialize;
use tokio::sync::mpsc;

use super::args::Globals;
use super::connect::World;
use super::follow::misuse;
use super::machines::RunWish;
use super::prune::chosen;
use super::{Ending, Stopped, print};
use crate::jobs::{RunNews, run_on};
use crate::model::{NodeId, RanEnd};
use crate::ssh::Command;

/// Lines on their way to the terminal. Full means: the commands wait until they are read.
const NEWS: usize = 256;
/// Lines that are kept of one machine for its JSON object.
const KEPT: usize = 100_000;

/// Runs it, and ends well only if it did so everywhere.
pub async fn run(globals: &Globals, world: &World, wish: &RunWish) -> Result<Ending, Stopped> {
    if globals.read_only {
        return Err(misuse("a read-only session runs nothing on machines", "leave out --read-only"));
    }
    let picture = world.look().await?;
    let nodes = chosen(&picture, &wish.node)?;
    let names: BTreeMap<NodeId, String> = nodes.iter().map(|node| (node.id.clone(), node.hostname.clone())).collect();
    let mut words = wish.command.iter().cloned();
    let command = Command::new(words.next().unwrap_or_default()).args(words);
    let (news, mut heard) = mpsc::channel(NEWS);
    let running = run_on(world.fleet.clone(), nodes, command, news);
    let listening = async {
        let wide = names.values().map(|name| name.chars().count()).max().unwrap_or(0);
        let mut telling = Telling { json: globals.json, wide, names: &names, said: BTreeMap::new(), ends: Vec::new() };
        while let Some(news) = heard.recv().await {
            if !telling.take(news) {
                break;
            }
        }
        // Nobody reads any more: the commands are hung up on.
        drop(heard);
        telling.ends
    };
    let ends = tokio::select! {
        biased;
        ends = listening => ends,
        // The news end with it, and what is left of them is still told.
        () = async { running.await; std::future::pending().await } => Vec::new(),
    };
    Ok(ending(&ends))
}

fn ending(ends: &[RanEnd]) -> Ending {
    let unreached = |end: &RanEnd| matches!(end, RanEnd::Unreached { .. });
    match ends {
        [] => Ending::Failed,
        ends if ends.iter().all(unreached) => Ending::Unreachable,
        ends if ends.iter().all(|end| *end == RanEnd::Code(0)) => Ending::Done,
        _ => Ending::Failed,
    }
}

struct Telling<'a> {
    json: bool,
    wide: usize,
    names: &'a BTreeMap<NodeId, String>,
    said: BTreeMap<NodeId, Said>,
    ends: Vec<RanEnd>,
}

/// One machine's object of `run --json`; names in it are a promise to scripts.
#[derive(Debug, Default, Serialize)]
struct Said {
    node: String,
    outcome: &'static str,
    code: Option<u32>,
    why: String,
    out: Vec<String>,
    err: Vec<String>,
    left_out: u64,
}

impl Telling<'_> {
    /// Tells it, and says whether anybody reads.
    fn take(&mut self, news: RunNews) -> bool {
        match news {
            RunNews::Line { node, text, is_error } if self.json => {
                let said = self.said.entry(node).or_default();
                let kept = if is_error { &mut said.err } else { &mut said.out };
                if kept.len() < KEPT {
                    kept.push(text)
                } else {
                    said.left_out += 1
                }
                true
            }
            RunNews::Line { node, text, is_error } => {
                let line = format!("{:<wide$} │ {text}\n", self.name(&node), wide = self.wide);
                print::bytes(line.as_bytes(), is_error).is_ok()
            }
            RunNews::Ended(node, end) => {
                let goes_on = self.end(&node, &end);
                self.ends.push(end);
                goes_on
            }
        }
    }

    fn name<'a>(&'a self, node: &'a NodeId) -> &'a str {
        self.names.get(node).map_or(node.as_str(), String::as_str)
    }

    fn end(&mut self, node: &NodeId, end: &RanEnd) -> bool {
        let (outcome, code, why) = match end {
            RanEnd::Code(0) => ("done", Some(0), String::new()),
            RanEnd::Code(code) => ("failed", Some(*code), format!("ended with {code}")),
            RanEnd::Broke(why) => ("failed", None, why.clone()),
            RanEnd::Unreached { why, mend } => ("unreached", None, format!("{why} · {mend}")),
        };
        if self.json {
            let said = self.said.remove(node).unwrap_or_default();
            return print::json_line(&Said { node: self.name(node).to_owned(), outcome, code, why, ..said });
        }
        if !why.is_empty() {
            let line = format!("{:<wide$} │ {outcome}: {why}\n", self.name(node), wide = self.wide);
            return print::bytes(line.as_bytes(), true).is_ok();
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_well_only_if_it_did_so_everywhere() {
        let unreached = || RanEnd::Unreached { why: String::new(), mend: String::new() };
        assert_eq!(ending(&[RanEnd::Code(0), RanEnd::Code(0)]), Ending::Done);
        assert_eq!(ending(&[RanEnd::Code(0), RanEnd::Code(2)]), Ending::Failed);
        assert_eq!(ending(&[RanEnd::Code(0), unreached()]), Ending::Failed);
        assert_eq!(ending(&[unreached(), unreached()]), Ending::Unreachable);
        assert_eq!(ending(&[]), Ending::Failed);
    }
}
