//! Keeps in view which stacks are as their files say. Asks one round of lists when a service has changed or a file was
//! written, and nothing at rest; asks no registry and writes nothing.

use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::folder::{Folder, read_again};
use super::{truth, upcoming};
use crate::diag::Diagnostic;
use crate::engine::Engine;
use crate::model::{Drift, Drifts, Filed, Picture, ServiceId, Version};
use crate::plan::{self, Effect, Options, Plan, Promised, Resolve, Truth};
use crate::platform::{self, Checkout};
use crate::stack::Wish;
use crate::store::{Reader, Writer};

/// How long the services must have been left alone: a deploy changes several.
const CALM: Duration = Duration::from_secs(2);
/// While they are not, so long at most.
const LONGEST: Duration = Duration::from_secs(60);
/// How often it is looked whether a file was written.
const FILES: Duration = Duration::from_secs(30);

/// What the answer depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Basis {
    services: BTreeMap<ServiceId, Version>,
    files: Written,
}

/// When each file that a stack may be read from was written last.
type Written = Vec<(PathBuf, Option<SystemTime>)>;

/// Tells how stacks stand to their files, as long as somebody listens and `stop` is not cancelled. When files were
/// written the folder is read again, for all who work with it.
pub async fn drift(
    (engine, folder): (Engine, Folder),
    swarm: Reader<Picture>,
    told: Writer<Drifts>,
    stop: CancellationToken,
) {
    let checkout = folder.now();
    if checkout.catalogue.stacks.is_empty() && checkout.files.whole(Path::new("stacks")).is_none() {
        return;
    }
    stop.run_until_cancelled(keep(engine, folder, swarm, told)).await;
}

async fn keep(engine: Engine, folder: Folder, mut swarm: Reader<Picture>, mut told: Writer<Drifts>) {
    let mut known: Option<Basis> = None;
    let mut news = folder.news();
    let mut checkout = news.borrow_and_update().clone();
    let (mut files, mut read) = (written(&checkout).await, Instant::now());
    loop {
        let picture = swarm.snapshot();
        if picture.swarm.known && picture.swarm.link.is_live() {
            let basis = Basis { services: versions(&picture), files: files.clone() };
            if known.as_ref() != Some(&basis) {
                calm(&mut swarm).await;
                // Taken before it is asked for: what changes meanwhile is looked at again.
                let services = versions(&swarm.snapshot());
                if let Some(drifts) = look(&engine, &checkout).await {
                    known = Some(Basis { services, files: files.clone() });
                    told.renew(|_| drifts);
                }
            }
        }
        tokio::select! {
            changed = swarm.changed() => if changed.is_err() { return },
            Ok(()) = news.changed() => {
                checkout = news.borrow_and_update().clone();
                files = written(&checkout).await;
                known = None;
            }
            () = sleep_until(read + FILES) => {
                let now = written(&checkout).await;
                if now != files && let Ok(fresh) = read_again(&checkout).await {
                    folder.put(fresh);
                    checkout = news.borrow_and_update().clone();
                }
                files = now;
                read = Instant::now();
            }
        }
    }
}

/// Waits until no service changes any more.
async fn calm(swarm: &mut Reader<Picture>) {
    let end = Instant::now() + LONGEST;
    let mut before = versions(&swarm.latest());
    loop {
        sleep(CALM).await;
        let now = versions(&swarm.latest());
        if now == before || Instant::now() >= end {
            return;
        }
        before = now;
    }
}

fn versions(picture: &Picture) -> BTreeMap<ServiceId, Version> {
    picture.swarm.services.values().map(|service| (service.id.clone(), service.version)).collect()
}

/// When each file below `stacks/`, and the values for all, were written last: what a stack reads beside its own file
/// counts too, and so does a file that came or went. Nothing is opened.
async fn written(checkout: &Checkout) -> Written {
    let checkout = checkout.clone();
    let stamps = move || {
        let known = checkout.catalogue.stacks.values().map(|filed| filed.file.clone());
        let mut paths = checkout.files.under(Path::new("stacks"));
        paths.extend(known.chain([PathBuf::from(platform::VALUES)]));
        let stamp = |path: PathBuf| (checkout.files.written(&path), path);
        paths.into_iter().map(stamp).map(|(at, path)| (path, at)).collect()
    };
    tokio::task::spawn_blocking(stamps).await.unwrap_or_default()
}

async fn look(engine: &Engine, checkout: &Checkout) -> Option<Drifts> {
    let truth = truth::swarm(engine).await.inspect_err(|error| tracing::debug!(%error, "no drift to tell")).ok()?;
    let checkout = checkout.clone();
    // Files may lie on a slow disk, and many plans take their time.
    tokio::task::spawn_blocking(move || judge(&checkout, &truth)).await.ok()
}

fn judge(checkout: &Checkout, truth: &Truth) -> Drifts {
    let values = checkout.values();
    let swarm_wide = checkout.catalogue.stacks.values().filter(|filed| filed.is_awaited());
    // What a pre-flight makes is asked only where a file is found wanting: reading the whole folder takes its time.
    let preflights = LazyCell::new(|| {
        let platform = platform::read_in(&checkout.files, checkout.surroundings.as_ref().clone());
        platform.depth(&checkout.files).stacks
    });
    let wish = |filed: &Filed| {
        let values = values.as_ref().map_err(|fault| vec![fault.clone()])?;
        checkout.wish_of(filed, values).or_else(|_| {
            let preflight = preflights.get(&filed.name).and_then(|note| note.preflight.as_ref());
            upcoming::wish(checkout, filed, (preflight, values))
        })
    };
    let wishes: Vec<(String, Result<Wish, Vec<Diagnostic>>)> =
        swarm_wide.map(|filed| (filed.name.clone(), wish(filed))).collect();
    // Whether the stacks below are there is their own drift.
    let mut promised = Promised::new();
    for wish in wishes.iter().filter_map(|(_, wish)| wish.as_ref().ok()) {
        promised.extend(plan::promised(wish));
    }
    let options = Options { resolve: Resolve::Never, ..Options::default() };
    let drift = |wish: Result<Wish, Vec<Diagnostic>>| match wish {
        Ok(wish) => of(&plan::draw(&wish, truth, options, &promised).plan),
        Err(faults) => Drift::Fault(faults.first().map(Diagnostic::line).unwrap_or_default()),
    };
    wishes.into_iter().map(|(name, wish)| (name, drift(wish))).collect()
}

fn of(plan: &Plan) -> Drift {
    let work = plan.work().count();
    if let Some(fault) = plan.faults.first() {
        return Drift::Fault(fault.line());
    }
    match work {
        0 => Drift::Same,
        _ if plan.changes.iter().all(|change| change.effect == Effect::Create) => Drift::NotDeployed,
        some => Drift::Differs(some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Change, Thing};

    fn change(effect: Effect) -> Change {
        Change { effect, ..Change::none(Thing::Service, "web") }
    }

    fn drift(effects: &[Effect], faults: Vec<Diagnostic>) -> Drift {
        of(&Plan { changes: effects.iter().copied().map(change).collect(), faults, ..Plan::default() })
    }

    #[test]
    fn a_stack_is_as_its_file_differs_is_not_there_or_cannot_be() {
        assert_eq!(drift(&[Effect::None, Effect::None], Vec::new()), Drift::Same);
        assert_eq!(drift(&[Effect::None, Effect::Restart, Effect::Remove], Vec::new()), Drift::Differs(2));
        assert_eq!(drift(&[Effect::Create, Effect::Create], Vec::new()), Drift::NotDeployed);
        assert_eq!(drift(&[Effect::Create, Effect::None], Vec::new()), Drift::Differs(1));
        let fault = Diagnostic::new("no image", "add one").because("line 3");
        assert_eq!(drift(&[Effect::Create], vec![fault]), Drift::Fault("no image: line 3".to_owned()));
    }
}
