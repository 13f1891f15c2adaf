//! A command in a container: made, started on a stream that is handed over, and asked how it ended.
//! It never changes a byte that goes through, in either direction.

mod frames;

use std::io;
use std::time::Duration;

use bollard::exec::ResizeExecOptions;
use hyper::Method;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};

use super::client::Engine;
use super::error::EngineError;
use super::http::{Call, escaped};
use super::soft::Text;
use frames::Frames;

pub use frames::Piece;

/// How long an ended command may take to have a code.
const CODE: Duration = Duration::from_secs(5);
/// How long to wait before it is asked for again.
const AGAIN: Duration = Duration::from_millis(50);
/// Bytes read at once.
const READ: usize = 16 * 1024;

/// Columns and rows of a terminal.
pub type Size = (u16, u16);

/// What to run, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The program and its words.
    pub words: Vec<String>,
    /// With a terminal of this size; without one, output and errors come apart.
    pub terminal: Option<Size>,
    /// Something may be given to it.
    pub input: bool,
}

/// A command that runs: what goes in, what comes out, and the rest.
#[derive(Debug)]
pub struct Exec {
    /// Into it.
    pub input: Input,
    /// Out of it.
    pub output: Output,
    /// Its terminal and its end.
    pub control: Control,
}

/// The way into a command.
#[derive(Debug)]
pub struct Input(WriteHalf<TokioIo<Upgraded>>);

/// What a command says.
#[derive(Debug)]
pub struct Output {
    from: ReadHalf<TokioIo<Upgraded>>,
    frames: Option<Frames>,
}

/// The command itself.
#[derive(Debug, Clone)]
pub struct Control {
    engine: Engine,
    id: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct MadeJson {
    #[serde(rename = "Id")]
    id: Text,
}

impl Engine {
    /// Starts a command in a container of this node.
    ///
    /// # Errors
    /// When the container is not there or does not run, or the engine does not answer.
    pub async fn exec(&self, container: &str, command: &Command) -> Result<Exec, EngineError> {
        let size = command.terminal.map(|(columns, rows)| json!([rows, columns]));
        let mut made = json!({
            "AttachStdin": command.input, "AttachStdout": true, "AttachStderr": true,
            "Tty": command.terminal.is_some(), "Cmd": command.words,
        });
        let mut started = json!({"Detach": false, "Tty": command.terminal.is_some()});
        for body in [&mut made, &mut started] {
            if let (Some(map), Some(size)) = (body.as_object_mut(), &size) {
                map.insert("ConsoleSize".to_owned(), size.clone());
            }
        }
        let call = Call::new(Method::POST, format!("/containers/{}/exec", escaped(container))).with(&made);
        let call = call.within(self.patience);
        let text = self.http.text(&call).await?;
        let id = self.http.json::<MadeJson>(&call, &text)?.id.0;
        let call = Call::new(Method::POST, format!("/exec/{}/start", escaped(&id))).with(&started);
        let stream = self.http.hand_over(&call.within(self.patience)).await?;
        let (from, to) = tokio::io::split(TokioIo::new(stream));
        let control = Control { engine: self.clone(), id };
        if let Some(size) = command.terminal {
            // Engines before 1.42 take the size only afterwards. A command that has ended already needs none.
            let _ = control.resize(size).await;
        }
        let frames = command.terminal.is_none().then(Frames::default);
        Ok(Exec { input: Input(to), output: Output { from, frames }, control })
    }
}

impl Input {
    /// Gives it bytes.
    ///
    /// # Errors
    /// When the command or the line is gone.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes).await?;
        self.0.flush().await
    }

    /// Tells it that nothing more will come.
    ///
    /// # Errors
    /// When the command or the line is gone.
    pub async fn end(&mut self) -> io::Result<()> {
        self.0.shutdown().await
    }
}

impl Output {
    /// The next bytes; none at the end. Nothing is lost if this is dropped half-way.
    ///
    /// # Errors
    /// When the line breaks.
    pub async fn next(&mut self) -> io::Result<Option<Piece>> {
        loop {
            if let Some(piece) = self.frames.as_mut().and_then(Frames::next) {
                return Ok(Some(piece));
            }
            let mut bytes = vec![0; READ];
            let read = self.from.read(&mut bytes).await?;
            if read == 0 {
                return Ok(None);
            }
            bytes.truncate(read);
            match &mut self.frames {
                Some(frames) => frames.push(&bytes),
                None => return Ok(Some(Piece { bytes, is_error: false })),
            }
        }
    }
}

impl Control {
    /// Gives its terminal another size.
    ///
    /// # Errors
    /// When it has ended, or the engine does not answer.
    pub async fn resize(&self, (columns, rows): Size) -> Result<(), EngineError> {
        let size = ResizeExecOptions { height: rows, width: columns };
        let answer = self.engine.docker.resize_exec(&self.id, size).await;
        self.engine.borrowed("POST /exec/resize", answer)
    }

    /// The code it ended with; none while it runs.
    ///
    /// # Errors
    /// When the engine does not know it any more, or does not answer.
    pub async fn code(&self) -> Result<Option<i64>, EngineError> {
        let end = tokio::time::Instant::now() + CODE;
        loop {
            let answer = self.engine.docker.inspect_exec(&self.id).await;
            let state = self.engine.borrowed("GET /exec/json", answer)?;
            let code = state.exit_code.filter(|_| state.running != Some(true));
            // The stream ends a moment before the engine knows the code.
            if code.is_some() || tokio::time::Instant::now() >= end {
                return Ok(code);
            }
            tokio::time::sleep(AGAIN).await;
        }
    }
}
