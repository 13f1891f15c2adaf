//! `logs`: lines of services, tasks and stacks, in time order where they are all there. What cannot be read is told, and
//! takes nothing along that can.

use futures_util::stream::{SelectAll, StreamExt};
use jiff::{SignedDuration, Timestamp};
use regex::Regex;
use serde::Serialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::args::{Globals, LogWish};
use super::connect::World;
use super::{Ending, Stopped, print};
use crate::app::logs::{Level, guess};
use crate::diag::{Diagnostic, Explain};
use crate::jobs::{TailNews, tail};
use crate::model::text::clean;
use crate::model::{LogLine, LogQuery, LogStream, LogTarget, Picture, Service};

/// Batches of lines that wait to be printed; what comes on top of them is dropped, counted and told.
const BATCHES: usize = 256;

/// Prints the lines that were asked for.
pub async fn run(globals: &Globals, world: &World, wish: &LogWish) -> Result<Ending, Stopped> {
    let picture = world.look().await?;
    let filter = wish.grep.as_deref().map(Regex::new).transpose().map_err(|error| {
        misuse("--grep is no regular expression", "mend the expression, or escape signs with \\").map_cause(&error)
    })?;
    let since = wish.since.as_deref().map(|text| since(text, world.clock.now())).transpose()?;
    let mut targets = Vec::new();
    for name in &wish.targets {
        targets.extend(resolve(&picture, name)?);
    }
    let queries = targets
        .into_iter()
        .map(|target| LogQuery { target, follow: wish.follow, tail: wish.tail, since })
        .collect::<Vec<LogQuery>>();
    let wanted = |line: &LogLine| {
        let level = || guess(&clean(&line.text)).unwrap_or(Level::Info);
        filter.as_ref().is_none_or(|filter| filter.is_match(&line.text))
            && wish.level.is_none_or(|least| level() >= least)
    };
    let show = |line: &LogLine| print(globals, &picture, line);
    match wish.follow {
        true => follow(world, queries, |line| !wanted(line) || show(line)).await,
        false => collect(world, queries, (wanted, show)).await,
    }
}

/// All lines that are there, in time order.
async fn collect(
    world: &World,
    queries: Vec<LogQuery>,
    (wanted, show): (impl Fn(&LogLine) -> bool, impl Fn(&LogLine) -> bool),
) -> Result<Ending, Stopped> {
    let mut streams: SelectAll<_> = queries.into_iter().map(|query| Box::pin(world.engine.logs(query))).collect();
    let (mut all, mut ending) = (Vec::new(), Ending::Done);
    while let Some(line) = streams.next().await {
        match line {
            Ok(line) if wanted(&line) => all.push(line),
            Ok(_) => {}
            Err(error) => {
                print::fault(&error.explain());
                ending = Ending::Failed;
            }
        }
    }
    all.sort_by_key(|line| line.at);
    // Nobody may read any more.
    let _ = all.iter().all(show);
    Ok(ending)
}

/// Lines as they come, from whichever manager answers.
async fn follow(world: &World, queries: Vec<LogQuery>, show: impl Fn(&LogLine) -> bool) -> Result<Ending, Stopped> {
    let (to, mut news) = mpsc::channel(BATCHES);
    let stop = CancellationToken::new();
    for query in queries {
        tokio::spawn(tail(world.engine.clone(), query, to.clone(), stop.clone()));
    }
    drop(to);
    let _stop = stop.drop_guard();
    while let Some(told) = news.recv().await {
        match told {
            TailNews::Lines(lines, dropped) => {
                if dropped > 0 {
                    print::remark(&format!("{dropped} lines came faster than they were read, and are left out"));
                }
                if !lines.iter().all(&show) {
                    break;
                }
            }
            TailNews::Cut(fault) => print::fault(&fault),
            TailNews::Ended => {}
        }
    }
    Ok(Ending::Done)
}

fn misuse(what: &str, mend: &str) -> Stopped {
    Stopped::new(Ending::Misuse, Diagnostic::new(what, mend))
}

impl Stopped {
    fn map_cause(mut self, cause: &dyn std::error::Error) -> Self {
        self.fault = self.fault.because(cause.to_string());
        self
    }
}

/// `10m` ago, or a moment in RFC 3339.
fn since(text: &str, now: Timestamp) -> Result<Timestamp, Stopped> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment);
    }
    let bad = || misuse("--since is no time", "give an age such as 10m or 2h, or a time such as 2026-01-31T12:00:00Z");
    let span: SignedDuration = text.parse().map_err(|_| bad())?;
    now.checked_sub(span).map_err(|_| bad())
}

/// A task `service.slot`, a service, or all services of a stack.
fn resolve(picture: &Picture, name: &str) -> Result<Vec<LogTarget>, Stopped> {
    let service = |service: &Service| LogTarget::Service { id: service.id.clone(), tty: service.tty };
    let by_name = |name: &str| {
        picture.swarm.services.values().find(|service| service.name == name || service.id.as_str() == name)
    };
    if let Some(found) = by_name(name) {
        return Ok(vec![service(found)]);
    }
    if let Some(stack) = picture.stack(name).filter(|stack| !stack.services.is_empty()) {
        return Ok(stack
            .services
            .iter()
            .filter_map(|id| picture.swarm.services.get(id))
            .map(|found| service(found))
            .collect());
    }
    let task = name.rsplit_once('.').and_then(|(owner, slot)| {
        let owner = by_name(owner)?;
        let slot: u64 = slot.parse().ok()?;
        let task = picture.swarm.tasks_of(&owner.id).iter().rfind(|task| task.slot == Some(slot))?;
        Some(LogTarget::Task { id: task.id.clone(), service: owner.id.clone(), tty: owner.tty })
    });
    task.map(|task| vec![task])
        .ok_or_else(|| misuse(&format!("no service, stack or task is called {name}"), "list them: quarterdeck status"))
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    timestamp: Option<String>,
    node: Option<&'a str>,
    stack: Option<&'a str>,
    service: &'a str,
    task: Option<String>,
    stream: &'a str,
    level: Option<&'static str>,
    line: String,
}

fn print(globals: &Globals, picture: &Picture, line: &LogLine) -> bool {
    let service = picture.swarm.services.get(&line.service);
    let name = service.map_or_else(|| line.service.short(), |service| service.name.as_str());
    let slot = line.task.as_ref().map(|id| {
        let task = picture.swarm.tasks_of(&line.service).iter().find(|task| task.id == *id);
        match task.and_then(|task| task.slot) {
            Some(slot) => format!("{name}.{slot}"),
            None => name.to_owned(),
        }
    });
    let node = line.node.as_ref().map(|node| picture.swarm.hostname(node));
    let text = clean(&line.text);
    if globals.json {
        return print::json_line(&Row {
            timestamp: line.at.map(|at| at.to_string()),
            node,
            stack: service.and_then(|service| service.stack.as_deref()),
            service: name,
            task: slot,
            stream: match line.stream {
                LogStream::Stdout => "stdout",
                LogStream::Stderr => "stderr",
                LogStream::System => "system",
            },
            level: guess(&text).map(Level::name),
            line: text,
        });
    }
    let at = line.at.map(|at| at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ ").to_string()).unwrap_or_default();
    print::line(&format!("{at}{} {} | {text}", slot.as_deref().unwrap_or(name), node.unwrap_or("-")))
}
