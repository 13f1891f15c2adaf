//! A way to a port of a container on any node: over the node by SSH where the node reaches it, else by a program in the
//! container itself. It changes no byte.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;

use crate::diag::{Diagnostic, Explain};
use crate::engine::exec::{Command, Exec};
use crate::engine::{Engine, Spot};
use crate::fleet::Fleet;
use crate::model::{Inside, Picture};
use crate::ssh::Host;

/// Connects to a port of the container itself, with what its image brings. The port comes as the first word.
const CONNECT: &str = "command -v socat >/dev/null 2>&1 && exec socat - \"TCP:127.0.0.1:$0\"; \
    command -v nc >/dev/null 2>&1 && exec nc 127.0.0.1 \"$0\"; exit 127";
/// Whether it could.
const CAN_CONNECT: &str = "command -v socat >/dev/null 2>&1 || command -v nc >/dev/null 2>&1";
/// Bytes read at once.
const PIECE: usize = 16 * 1024;

/// The way to a port.
#[derive(Debug, Clone)]
pub struct Passage {
    by: By,
    port: u16,
}

#[derive(Debug, Clone)]
enum By {
    Node(Arc<Host>, Spot),
    Program(Engine, String),
}

/// Finds the way to a port of a container, and tries it once.
///
/// # Errors
/// With each way that was tried, and why it does not lead there.
pub async fn passage(fleet: &Fleet, picture: &Picture, inside: &Inside, port: u16) -> Result<Passage, Diagnostic> {
    let node = picture.swarm.nodes.get(&inside.node).ok_or_else(|| {
        Diagnostic::new(format!("the node of {} is gone", inside.name), "look where it runs now: quarterdeck status")
    })?;
    let engine = fleet.engine(node).await?;
    let spots = engine.spots(&inside.container, port).await.map_err(|error| error.explain().at(&node.hostname))?;
    let mut why = Vec::new();
    match fleet.host(node).await {
        Ok(host) => {
            for spot in spots {
                match host.forward(&spot.address, spot.port).await {
                    Ok(_) => return Ok(Passage { by: By::Node(host, spot), port }),
                    Err(error) => why.push(error.explain().line()),
                }
            }
            if why.is_empty() {
                why.push(format!("{} has no address of this container outside of overlay networks", node.hostname));
            }
        }
        Err(fault) => why.push(fault.line()),
    }
    match can_connect(&engine, &inside.container).await {
        Ok(true) => return Ok(Passage { by: By::Program(engine, inside.container.clone()), port }),
        Ok(false) => why.push("its image brings neither socat nor nc".to_owned()),
        Err(fault) => why.push(fault.line()),
    }
    let what = format!("no way leads to port {port} of {}", inside.name);
    let mend = "look whether it listens on that port, publish the port with mode: host, or give -H ssh://MANAGER";
    Err(why.into_iter().fold(Diagnostic::new(what, mend).at(&node.hostname), Diagnostic::because))
}

async fn can_connect(engine: &Engine, container: &str) -> Result<bool, Diagnostic> {
    let words = ["sh", "-c", CAN_CONNECT].map(str::to_owned).to_vec();
    let exec = engine.exec(container, &Command { words, terminal: None, input: false }).await;
    let mut exec = exec.map_err(|error| error.explain())?;
    while let Ok(Some(_)) = exec.output.next().await {}
    Ok(exec.control.code().await.map_err(|error| error.explain())? == Some(0))
}

impl Passage {
    /// In words, for who opened it.
    #[must_use]
    pub fn words(&self) -> String {
        match &self.by {
            By::Node(host, spot) => format!("over {} to {}:{}", host.name(), spot.address, spot.port),
            By::Program(..) => format!("by a program in the container to 127.0.0.1:{}", self.port),
        }
    }

    /// Carries one connection to its end.
    ///
    /// # Errors
    /// When the way does not lead there any more, or breaks.
    pub async fn carry(&self, mut socket: TcpStream) -> Result<(), Diagnostic> {
        let broke =
            |error: std::io::Error| Diagnostic::new("a connection broke", "connect again").because(error.to_string());
        match &self.by {
            By::Node(host, spot) => {
                let there = host.forward(&spot.address, spot.port).await;
                let mut there = there.map_err(|error| error.explain())?;
                copy_bidirectional(&mut socket, &mut there).await.map(drop).map_err(broke)
            }
            By::Program(engine, container) => {
                let mut words = ["sh", "-c", CONNECT].map(str::to_owned).to_vec();
                words.push(self.port.to_string());
                let exec = engine.exec(container, &Command { words, terminal: None, input: true }).await;
                through(exec.map_err(|error| error.explain())?, socket).await.map_err(broke)
            }
        }
    }
}

/// Both ways, until the program ends.
async fn through(exec: Exec, socket: TcpStream) -> std::io::Result<()> {
    let Exec { mut input, mut output, control: _ } = exec;
    let (mut from, mut to) = socket.into_split();
    let up = async {
        let mut piece = vec![0; PIECE];
        loop {
            let read = from.read(&mut piece).await.unwrap_or(0);
            let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
            if input.write(bytes).await.is_err() {
                break;
            }
        }
        // A program that has ended hears of no end.
        let _ = input.end().await;
        std::future::pending::<()>().await;
    };
    let down = async {
        while let Some(piece) = output.next().await? {
            if !piece.is_error {
                to.write_all(&piece.bytes).await?;
            }
        }
        to.shutdown().await
    };
    tokio::select! {
        biased;
        done = down => done,
        () = up => Ok(()),
    }
}
