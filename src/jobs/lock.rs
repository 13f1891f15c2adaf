//! One writer per lane across consoles: a config of the swarm whose name only one can make. Its labels say who holds it
//! and are written again while the job goes on, so that everybody sees whether its holder is still there. It bears no
//! label of a stack, and so belongs to none.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::cx::JobCx;
use super::write::{WRITES, patiently};
use crate::action::Lane;
use crate::diag::{Diagnostic, Explain};
use crate::engine::{Engine, EngineError, Part};
use crate::model::text::clean;
use crate::model::{LOCK, State, Version};

/// How often the holder says that it is there.
const BEAT: Duration = Duration::from_secs(15);
/// Not heard of for so long, a holder counts as gone.
const STALE: Duration = Duration::from_secs(60);
/// How long a lock is watched before it is taken over: longer than its holder would let pass.
const WATCHED: Duration = Duration::from_secs(35);
/// Tries where the lock is given back just when it is looked at.
const TRIES: usize = 5;
/// Longer names are refused by the engine.
const LONGEST: usize = 64;
const OWNER: &str = "quarterdeck.lock.owner";
const WHAT: &str = "quarterdeck.lock.what";
const TOKEN: &str = "quarterdeck.lock.token";
const BEATS: &str = "quarterdeck.lock.beat";

/// Who wants it, and what for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The lane.
    pub lane: Lane,
    /// `user@host`.
    pub owner: String,
    /// What is done.
    pub what: String,
    /// The key of the deed: no other has it.
    pub token: String,
    /// A holder who is gone may be passed over.
    pub steal: bool,
    /// The token of a holder that is known to be gone; empty where none is.
    pub over: String,
}

/// A lock that is held. It is given back with [`Held::free`]; dropped, it is left to become stale.
#[derive(Debug)]
pub struct Held {
    id: String,
    engine: Engine,
    _beat: AbortOnDropHandle<()>,
}

/// Why it is not taken.
#[derive(Debug)]
pub enum Refusal {
    /// Something went wrong.
    Fault(Diagnostic),
    /// Somebody holds it.
    Held {
        /// The key of the holder's deed.
        token: String,
        /// Told so.
        fault: Diagnostic,
    },
}

impl Refusal {
    /// As a fault.
    #[must_use]
    pub fn fault(self) -> Diagnostic {
        match self {
            Refusal::Fault(fault) | Refusal::Held { fault, .. } => fault,
        }
    }
}

/// Whether this lane is one of the swarm, and not of machines.
#[must_use]
pub fn is_shared(lane: &Lane) -> bool {
    ["stack ", "service ", "node "].iter().any(|kind| lane.0.starts_with(kind))
}

/// The name of a lane's lock.
#[must_use]
pub fn name(lane: &Lane) -> String {
    let plain: String = lane.0.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect();
    let whole = format!("{LOCK}{plain}");
    let fits = whole.len() <= LONGEST && whole.ends_with(|c: char| c.is_ascii_alphanumeric());
    if fits {
        return whole;
    }
    // Two long lanes that begin alike have two locks.
    let number = lane
        .0
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    format!("{}-{number:016x}", whole.get(..LONGEST - 17).unwrap_or(&whole))
}

/// Takes the lock of a lane.
///
/// # Errors
/// When somebody holds it: who, what for, and since when; and when the swarm takes no config.
pub async fn take(cx: &JobCx, wanted: &Wanted) -> Result<Held, Refusal> {
    let (engine, stop) = (&cx.engine, &cx.stop);
    let fault = |error: EngineError| Refusal::Fault(error.explain().because("the lock of its lane could not be taken"));
    let name = name(&wanted.lane);
    let mut last = None;
    for _ in 0..TRIES {
        match engine.create_part(Part::Config, &body(&name, wanted)).await {
            Ok(id) => return Ok(held(engine, (id, name), wanted, stop)),
            Err(error) if is_taken(&error) => {}
            Err(error) if error.leaves_doubt() => last = Some(error),
            Err(error) => return Err(fault(error)),
        }
        let there = match patiently(|| engine.part(Part::Config, &name)).await {
            Ok(there) => there,
            // It was given back just now, or our own write never happened.
            Err(error) if error.is_not_found() => continue,
            Err(error) => return Err(fault(error)),
        };
        let token = label(&there, TOKEN);
        let id = there.get("ID").and_then(Value::as_str).unwrap_or_default();
        if token == wanted.token {
            return Ok(held(engine, (id.to_owned(), name), wanted, stop));
        }
        let mut silent = silent(engine, &there).await;
        let mut gone = token == wanted.over;
        if !gone && wanted.steal && silent.is_some_and(|silent| silent >= STALE) {
            cx.steps(["lock".to_owned()]).await;
            let (owner, seconds) = (label(&there, OWNER), WATCHED.as_secs());
            cx.step(0, State::Converging, format!("{seconds} s are waited whether {owner} is heard of after all"))
                .await;
            gone = is_still(engine, &there, stop).await;
            // Two managers need not agree on the time; a holder who moves is there, whatever their clocks say.
            silent = silent.filter(|_| gone);
        }
        if !gone {
            return Err(Refusal::Held { token, fault: refused(wanted, &there, silent) });
        }
        tracing::warn!(lock = name, owner = label(&there, OWNER), "taken over: its holder is gone");
        match engine.remove_part(Part::Config, id).await {
            Ok(()) => {}
            Err(error) if error.is_not_found() || error.leaves_doubt() => {}
            Err(error) => return Err(fault(error)),
        }
    }
    if let Some(error) = last {
        return Err(fault(error));
    }
    let what = format!("the lock {name} is taken and given back again and again");
    Err(Refusal::Fault(Diagnostic::new(what, "ask again in a moment")))
}

fn is_taken(error: &EngineError) -> bool {
    error.is_conflict() || matches!(error, EngineError::Refused { status: 409, .. })
}

fn body(name: &str, wanted: &Wanted) -> Value {
    let said = |text: &str| clean(text).chars().take(200).collect::<String>();
    json!({
        "Name": name,
        // The engine takes no empty one.
        "Data": "LQ==",
        "Labels": {OWNER: said(&wanted.owner), WHAT: said(&wanted.what), TOKEN: wanted.token, BEATS: "0"},
    })
}

fn label(object: &Value, key: &str) -> String {
    let labels = object.pointer("/Spec/Labels").and_then(|labels| labels.get(key));
    clean(labels.and_then(Value::as_str).unwrap_or_default())
}

/// How long its holder was not heard of, by the managers' own clock.
async fn silent(engine: &Engine, lock: &Value) -> Option<Duration> {
    let info = engine.get_json("/info").await.ok()?;
    let now: Timestamp = info.get("SystemTime")?.as_str()?.parse().ok()?;
    let heard: Timestamp = lock.get("UpdatedAt")?.as_str()?.parse().ok()?;
    Some(now.duration_since(heard).max(jiff::SignedDuration::ZERO).unsigned_abs())
}

/// Nobody writes to a lock, for longer than its holder would let pass: by its version, and by no clock.
async fn is_still(engine: &Engine, lock: &Value, stop: &CancellationToken) -> bool {
    let version = |lock: &Value| lock.pointer("/Version/Index").and_then(Value::as_u64);
    let id = lock.get("ID").and_then(Value::as_str).unwrap_or_default();
    tokio::select! {
        () = tokio::time::sleep(WATCHED) => {}
        () = stop.cancelled() => return false,
    }
    match patiently(|| engine.part(Part::Config, id)).await {
        Ok(now) => version(&now) == version(lock),
        Err(error) => error.is_not_found(),
    }
}

fn refused(wanted: &Wanted, lock: &Value, silent: Option<Duration>) -> Diagnostic {
    let (owner, what) = (label(lock, OWNER), label(lock, WHAT));
    let since = lock.get("CreatedAt").and_then(Value::as_str).unwrap_or_default();
    let fault_of = |mend: String| {
        Diagnostic::new(format!("{} was not begun: {owner} is at it", wanted.what), mend).because(format!(
            "{owner} holds {} for: {what}, since {}",
            wanted.lane.0,
            clean(since)
        ))
    };
    match silent {
        Some(silent) if silent >= STALE => fault_of(
            "make sure that it is over there; then take the lock over: --steal-lock, or T on the job in the queue"
                .into(),
        )
        .because(format!("{owner} was not heard of for {} s", silent.as_secs())),
        Some(silent) => fault_of(format!("wait until {owner} is done"))
            .because(format!("{owner} was heard of {} s ago", silent.as_secs())),
        None => fault_of(format!("wait until {owner} is done")),
    }
    .because("nothing was written")
}

fn held(engine: &Engine, (id, name): (String, String), wanted: &Wanted, stop: &CancellationToken) -> Held {
    let beating = beat(engine.clone(), id.clone(), body(&name, wanted), stop.clone());
    Held { id, engine: engine.clone(), _beat: AbortOnDropHandle::new(tokio::spawn(beating)) }
}

/// Says again and again that the holder is there. Where the lock was taken away, the job stops after its step.
async fn beat(engine: Engine, id: String, body: Value, stop: CancellationToken) {
    for round in 1_u64.. {
        tokio::time::sleep(BEAT).await;
        let version = match engine.part(Part::Config, &id).await {
            Ok(there) => there.pointer("/Version/Index").and_then(Value::as_u64).unwrap_or(0),
            Err(error) if error.is_not_found() => {
                tracing::error!("the lock was taken away: the job stops after this step");
                return stop.cancel();
            }
            // A swarm that does not answer lets nobody else take it either.
            Err(_) => continue,
        };
        let mut body = body.clone();
        if let Some(labels) = body.get_mut("Labels").and_then(Value::as_object_mut) {
            labels.insert(BEATS.to_owned(), json!(round.to_string()));
        }
        if let Err(error) = engine.update_part(Part::Config, &id, Version(version), &body).await {
            tracing::debug!(%error, "a beat of the lock was not taken");
        }
    }
}

impl Held {
    /// Gives it back. What cannot be given back becomes stale.
    pub async fn free(self) {
        let Held { id, engine, _beat: beat } = self;
        drop(beat);
        for _ in 0..WRITES {
            let error = match engine.remove_part(Part::Config, &id).await {
                Ok(()) => return,
                Err(error) if error.is_not_found() => return,
                Err(error) => error,
            };
            let there = match error.leaves_doubt() {
                true => patiently(|| engine.part(Part::Config, &id)).await,
                false => Err(error),
            };
            match there {
                Ok(_) => {}
                Err(gone) if gone.is_not_found() => return,
                Err(error) => {
                    return tracing::warn!(%error, "the lock was not given back: it will be stale in a minute");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_lane_has_a_name_that_an_engine_takes() {
        let short = name(&Lane("stack media-core".into()));
        assert_eq!(short, "quarterdeck-lock-stack-media-core");
        let long = |end: &str| name(&Lane(format!("service {}{end}", "a".repeat(60))));
        assert_ne!(long("b"), long("c"));
        for name in [short, long("b"), name(&Lane("stack x-".into())), name(&Lane("stack ü/ß".into()))] {
            assert!(name.len() <= LONGEST && name.is_ascii(), "{name}");
            assert!(name.ends_with(|c: char| c.is_ascii_alphanumeric()), "{name}");
        }
    }
}
