//! `forward`: a port of a container, on a port of this machine's loopback, until the operator has enough.

use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::args::Globals;
use super::connect::World;
use super::exec::find;
use super::follow::misuse;
use super::machines::ForwardWish;
use super::{Ending, Stopped, print};
use crate::diag::Diagnostic;
use crate::jobs::passage;

/// Connections at the same time. The next one waits until one ends.
const AT_ONCE: usize = 64;

/// Listens, and carries each connection to the container.
pub async fn run(globals: &Globals, world: &World, wish: &ForwardWish) -> Result<Ending, Stopped> {
    if globals.read_only {
        return Err(misuse("a read-only session opens no way into containers", "leave out --read-only"));
    }
    let failed = |fault| Stopped::new(Ending::Failed, fault);
    if world.is_simulated() {
        let what = "the demo's machines are simulated: nothing listens there";
        return Err(failed(Diagnostic::new(what, "forward from a swarm of your own: quarterdeck -H ssh://USER@HOST")));
    }
    let picture = world.look().await?;
    let inside = find(&picture, &wish.target)?;
    let (local, port) = wish.ports;
    let taken = |error: std::io::Error| {
        let mend = "take another port, or 0 for any that is free";
        failed(Diagnostic::new(format!("127.0.0.1:{local} cannot be listened on"), mend).because(error.to_string()))
    };
    let listener = TcpListener::bind(("127.0.0.1", local)).await.map_err(taken)?;
    let at = listener.local_addr().map_err(taken)?;
    let passage = Arc::new(passage(&world.fleet, &picture, &inside, port).await.map_err(failed)?);
    print::line(&format!("{at} → {} port {port}, {} · ctrl-c ends it", inside.name, passage.words()));
    let room = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return Ok(Ending::Done) };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = tokio::signal::ctrl_c() => return Ok(Ending::Done),
        };
        let (socket, _) = accepted.map_err(taken)?;
        let passage = Arc::clone(&passage);
        tokio::spawn(async move {
            if let Err(fault) = passage.carry(socket).await {
                print::fault(&fault);
            }
            drop(permit);
        });
    }
}
