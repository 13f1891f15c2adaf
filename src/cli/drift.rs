//! `drift`: where the inventory and the swarm say different things of machines. Changes nothing.

use serde::Serialize;

use super::args::Globals;
use super::connect::World;
use super::{Ending, Stopped, print};
use crate::model::text::clean;
use crate::model::{Apart, apart};
use crate::platform;

/// Reads both, and tells every difference; exit code 1 where there is one.
pub async fn run(globals: &Globals, world: &World) -> Result<Ending, Stopped> {
    let picture = world.look().await?;
    let platform = platform::read_in(&world.checkout.files, super::wishes::surroundings());
    let claims = platform::claims(&platform, &platform.depth(&world.checkout.files));
    let found = apart(&picture.catalogue, &claims, &picture.swarm);
    if globals.json {
        print::document(&Document { drift: found.iter().map(Row::of).collect() });
    } else {
        let wide = found.iter().map(|one| one.host.chars().count()).max().unwrap_or(0);
        let lines = found.iter().map(|one| line(one, wide));
        let nothing = found.is_empty().then(|| "the inventory and the swarm agree".to_owned());
        for line in lines.chain(nothing) {
            if !print::line(&line) {
                break;
            }
        }
    }
    Ok(if found.is_empty() { Ending::Done } else { Ending::Failed })
}

fn line(one: &Apart, wide: usize) -> String {
    let host = clean(&one.host);
    let place = if one.place.is_empty() { String::new() } else { format!(" ({})", clean(&one.place)) };
    format!("{host:<wide$}  {:<9}  {}{place} · {}", one.kind, clean(&one.what), one.mend)
}

/// The document of `drift --json`; names in it are a promise to scripts.
#[derive(Debug, Serialize)]
struct Document<'a> {
    drift: Vec<Row<'a>>,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    host: &'a str,
    kind: &'a str,
    what: &'a str,
    place: &'a str,
    mend: &'a str,
}

impl<'a> Row<'a> {
    fn of(one: &'a Apart) -> Self {
        Self { host: &one.host, kind: one.kind, what: &one.what, place: &one.place, mend: &one.mend }
    }
}
