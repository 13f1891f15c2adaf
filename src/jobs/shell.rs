//! A shell or a command in a container on any node: opened, and its bytes carried both ways until it ends.
//! It changes no byte and knows no terminal.

use std::io;

use futures_util::{Stream, StreamExt};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::diag::{Diagnostic, Explain};
use crate::engine::exec::{Command, Control, Exec, Input, Output};
use crate::engine::{Engine, EngineError};
use crate::fleet::Fleet;
use crate::model::text::clean;
use crate::model::{Inside, Picture};

/// Takes bash where there is one, else what there is.
const SHELL: &str = "command -v bash >/dev/null && exec bash || exec sh";
/// What an engine says where a program is not in the image.
const NOT_THERE: &str = "executable file not found";
/// The first bytes of what was said are looked at for why nothing ran.
const LOOKED_AT: usize = 1024;
/// Bytes taken from the operator at once.
const TYPED: usize = 4096;

/// What to run, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellWish {
    /// The container.
    pub inside: Inside,
    /// The program and its words; a shell where there are none.
    pub words: Vec<String>,
    /// With a terminal of so many columns and rows.
    pub terminal: Option<(u16, u16)>,
    /// Something will be given to it.
    pub input: bool,
}

/// A command that runs in a container.
#[derive(Debug)]
pub struct Shell {
    wish: ShellWish,
    /// The name of the node it runs on.
    node: String,
    exec: Exec,
}

/// Starts it.
///
/// # Errors
/// When no way leads to the node, or the container is not there or does not run.
pub async fn open_shell(fleet: &Fleet, picture: &Picture, wish: ShellWish) -> Result<Shell, Diagnostic> {
    let Inside { node, container, name } = &wish.inside;
    let node = picture.swarm.nodes.get(node).ok_or_else(|| {
        Diagnostic::new(format!("the node of {name} is gone"), "look where it runs now: quarterdeck status")
    })?;
    let engine = fleet.engine(node).await?;
    let words = match wish.words.as_slice() {
        [] => ["sh", "-c", SHELL].map(str::to_owned).to_vec(),
        words => words.to_vec(),
    };
    let command = Command { words, terminal: wish.terminal, input: wish.input };
    let exec = start(&engine, container, &command).await.map_err(|error| {
        let fault = error.explain();
        match error {
            EngineError::NotFound { .. } | EngineError::Refused { status: 409, .. } => {
                let what = format!("{name} does not run any more on {}", node.hostname);
                let fault = Diagnostic::new(what, "look at its tasks, and take one that runs").at(&node.hostname);
                fault.because(error.explain().line())
            }
            _ => fault.at(&node.hostname),
        }
    })?;
    let node = node.hostname.clone();
    Ok(Shell { wish, node, exec })
}

async fn start(engine: &Engine, container: &str, command: &Command) -> Result<Exec, EngineError> {
    engine.exec(container, command).await
}

/// Carries bytes until the command ends: `keys` to it, what it says to `said` (true for its errors), and each new size
/// of the terminal. Gives its code, if the engine still knows it.
///
/// # Errors
/// When the line breaks, or there is no such program in the container.
pub async fn relay(
    shell: Shell,
    keys: impl AsyncRead + Unpin,
    mut said: impl FnMut(&[u8], bool) -> io::Result<()>,
    sizes: impl Stream<Item = (u16, u16)> + Unpin,
) -> Result<Option<i64>, Diagnostic> {
    let Shell { wish, node, exec: Exec { input, mut output, control } } = shell;
    let mut first = Vec::new();
    let ended = tokio::select! {
        biased;
        ended = listen(&mut output, &mut first, &mut said) => ended,
        () = speak(input, keys) => Ok(()),
        () = follow(&control, sizes) => Ok(()),
    };
    let name = &wish.inside.name;
    let code = control.code().await;
    // What the operator sees has broken off: that there is a code does not help.
    if let (Err(error), true) = (&ended, code.is_err()) {
        let mend = "look whether the node still answers, and open it again";
        let what = format!("the line to {name} on {node} broke");
        return Err(Diagnostic::new(what, mend).at(&node).because(error.to_string()));
    }
    let first = String::from_utf8_lossy(&first);
    match code {
        // Who named a program has read the engine's words for it, and scripts look at the code.
        Ok(Some(126 | 127)) if wish.words.is_empty() && first.contains(NOT_THERE) => Err(no_shell(&wish, &first)),
        Ok(code) => Ok(code),
        Err(EngineError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.explain()),
    }
}

fn no_shell(wish: &ShellWish, said: &str) -> Diagnostic {
    Diagnostic::new(
        format!("{} has no shell: its image brings neither bash nor sh", wish.inside.name),
        format!("read its log, or run one of its own programs: quarterdeck exec {} -- PROGRAM", wish.inside.name),
    )
    .because(clean(said.lines().next().unwrap_or_default()))
}

/// Hands on what it says, to the end.
async fn listen(
    output: &mut Output,
    first: &mut Vec<u8>,
    said: &mut impl FnMut(&[u8], bool) -> io::Result<()>,
) -> io::Result<()> {
    while let Some(piece) = output.next().await? {
        let room = LOOKED_AT.saturating_sub(first.len());
        first.extend(piece.bytes.iter().take(room));
        said(&piece.bytes, piece.is_error)?;
    }
    Ok(())
}

/// Hands on what is typed. Never ends: when nothing more is typed, the command may still speak.
async fn speak(mut input: Input, mut keys: impl AsyncRead + Unpin) {
    let mut piece = [0; TYPED];
    loop {
        let read = keys.read(&mut piece).await.unwrap_or(0);
        let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        if input.write(bytes).await.is_err() {
            break;
        }
    }
    // A command that has ended hears of no end.
    let _ = input.end().await;
    std::future::pending().await
}

/// Hands on each new size. Never ends.
async fn follow(control: &Control, mut sizes: impl Stream<Item = (u16, u16)> + Unpin) {
    while let Some(size) = sizes.next().await {
        // The next size comes with the next change; a command that has ended needs none.
        let _ = control.resize(size).await;
    }
    std::future::pending().await
}
