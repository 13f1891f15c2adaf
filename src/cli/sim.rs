//! The simulated swarm, served to other clients.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

use super::{Ending, Stopped, print};
use crate::clock::SharedClock;
use crate::diag::Diagnostic;
use crate::sim::Sim;
use crate::wire::Endpoint;

/// Serves until the program is told to end.
pub async fn run(listen: &str, clock: SharedClock) -> Result<Ending, Stopped> {
    let endpoint: Endpoint = listen.parse().map_err(|error: crate::wire::EndpointError| {
        let fault = Diagnostic::new("--listen is no address", "give unix:///PATH or tcp://HOST:PORT");
        Stopped::new(Ending::Misuse, fault.because(error.to_string()))
    })?;
    let sim = crate::sim::demo(&*clock);
    let failed = |error: io::Error| {
        let fault = Diagnostic::new(
            format!("{endpoint} cannot be listened at"),
            "give another path or port, or remove what is there",
        );
        Stopped::new(Ending::Failed, fault.because(error.to_string()))
    };
    match &endpoint {
        Endpoint::Unix(path) => sim.serve_unix(path),
        Endpoint::Tcp { host, port } => listen_on(&sim, host, *port).await,
        Endpoint::Ssh { .. } => Err(io::Error::new(io::ErrorKind::Unsupported, "nothing listens at ssh://")),
    }
    .map_err(failed)?;
    sim.run(1.0);
    print::remark(&format!("serving the simulated swarm; try: DOCKER_HOST={endpoint} docker node ls"));
    ending().await.map_err(failed)?;
    sim.stop().await;
    Ok(Ending::Done)
}

async fn listen_on(sim: &Sim, host: &str, port: u16) -> io::Result<()> {
    let address = tokio::net::lookup_host((host, port)).await?.next();
    let address = address.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the name has no address"))?;
    sim.serve_tcp(address).await.map(|_| ())
}

/// Waits for Ctrl-C or a polite request to end.
async fn ending() -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        ended = tokio::signal::ctrl_c() => ended,
        _ = terminate.recv() => Ok(()),
    }
}
