//! Commands in simulated containers, behind the byte stream that the engine hands over: a tiny shell that says what it
//! does not know. Must never touch the machine it really runs on.

mod editor;
mod program;
mod session;

use std::io;

use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use self::editor::{Editor, Typed};
use self::program::{Kind, Program};
use self::session::Session;
use super::Sim;

/// The code of a command that was killed with its container.
const KILLED: i64 = 137;
/// Bytes read at once.
const PIECE: usize = 4096;

/// A stream in both directions.
trait Line: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Line for T {}

/// Runs one command to its end, or to that of its container.
pub(super) async fn run(sim: Sim, id: String, upgrade: OnUpgrade) {
    let Ok(stream) = upgrade.await else {
        return sim.step(|s| s.world.exec_end(&id, KILLED));
    };
    let mut stream = TokioIo::new(stream);
    let code = tokio::select! {
        biased;
        () = sim.0.stop.cancelled() => KILLED,
        () = killed(&sim, &id) => KILLED,
        // A stream that breaks takes its command along.
        code = perform(&sim, &id, &mut stream) => code.unwrap_or(KILLED),
    };
    sim.step(|s| s.world.exec_end(&id, code));
    // The other side may be gone already.
    let _ = stream.shutdown().await;
}

/// Waits until the container of a command does not run any more.
async fn killed(sim: &Sim, id: &str) {
    let mut pulse = sim.pulse();
    while sim.look(|s| s.world.exec_task(id).is_some()) {
        if pulse.changed().await.is_err() {
            return;
        }
    }
}

async fn perform(sim: &Sim, id: &str, stream: &mut impl Line) -> io::Result<i64> {
    let Some(mut session) = Session::of(sim, id) else { return Ok(KILLED) };
    let words = session.words.clone();
    match session.start(&words) {
        Program::Missing(name) => {
            let why = format!(
                "OCI runtime exec failed: exec failed: unable to start container process: exec: {name:?}: executable file not found in $PATH: unknown\r\n"
            );
            session.write(stream, 1, &why).await?;
            Ok(127)
        }
        Program::Said { out, err, code } => {
            session.write(stream, 1, &out).await?;
            session.write(stream, 2, &err).await?;
            Ok(code)
        }
        Program::Reads(kind) => session.reads(stream, &kind).await,
        Program::Shell if session.tty => interactive(&mut session, stream).await,
        Program::Shell => script(&mut session, stream).await,
    }
}

/// A shell at a terminal: prompt, echo, one line after another.
async fn interactive(session: &mut Session, stream: &mut impl Line) -> io::Result<i64> {
    let mut editor = Editor::default();
    session.write(stream, 1, &session.prompt()).await?;
    let mut piece = [0; PIECE];
    loop {
        let read = stream.read(&mut piece).await?;
        if read == 0 {
            return Ok(session.last);
        }
        for byte in piece.iter().take(read) {
            let (echo, typed) = editor.byte(*byte);
            stream.write_all(&echo).await?;
            let line = match typed {
                Typed::Nothing => continue,
                Typed::Gone => String::new(),
                Typed::End => return Ok(session.last),
                Typed::Line(line) => line,
            };
            if let Some(code) = session.line(stream, &line).await? {
                return Ok(code);
            }
            session.write(stream, 1, &session.prompt()).await?;
        }
        stream.flush().await?;
    }
}

/// A shell that reads its lines from a stream and echoes nothing.
async fn script(session: &mut Session, stream: &mut impl Line) -> io::Result<i64> {
    if !session.stdin {
        return Ok(0);
    }
    let mut all = Vec::new();
    stream.read_to_end(&mut all).await?;
    for line in String::from_utf8_lossy(&all).lines() {
        if let Some(code) = session.line(stream, line).await? {
            return Ok(code);
        }
    }
    Ok(session.last)
}

impl Session {
    /// Runs a line of the shell; gives a code where the shell ends by it.
    async fn line(&mut self, stream: &mut impl Line, line: &str) -> io::Result<Option<i64>> {
        let ran = self.evaluate(line);
        self.write(stream, 1, &ran.out).await?;
        self.write(stream, 2, &ran.err).await?;
        self.last = ran.code;
        Ok(ran.ends.then_some(ran.code))
    }

    /// Writes text as the stream wants it: raw with carriage returns on a terminal, in frames without one.
    async fn write(&self, stream: &mut impl Line, to: u8, text: &str) -> io::Result<()> {
        let wanted = if to == 2 { self.stderr } else { self.stdout };
        if text.is_empty() || !wanted {
            return Ok(());
        }
        if self.tty {
            stream.write_all(text.replace("\r\n", "\n").replace('\n', "\r\n").as_bytes()).await?;
        } else {
            self.frame(stream, to, text.as_bytes()).await?;
        }
        stream.flush().await
    }

    async fn frame(&self, stream: &mut impl Line, to: u8, bytes: &[u8]) -> io::Result<()> {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes();
        stream.write_all(&[to, 0, 0, 0]).await?;
        stream.write_all(&length).await?;
        stream.write_all(bytes).await
    }

    /// A program that reads all it is given.
    async fn reads(&self, stream: &mut impl Line, kind: &Kind) -> io::Result<i64> {
        let (mut bytes, mut lines) = (0_u64, 0_u64);
        let mut piece = vec![0; PIECE];
        loop {
            let read = if self.stdin { stream.read(&mut piece).await? } else { 0 };
            let Some(got) = piece.get(..read).filter(|got| !got.is_empty()) else { break };
            bytes += read as u64;
            lines += got.iter().filter(|byte| **byte == b'\n').count() as u64;
            if *kind == Kind::Cat {
                if self.tty {
                    stream.write_all(got).await?;
                } else {
                    self.frame(stream, 1, got).await?;
                }
                stream.flush().await?;
            }
        }
        match kind {
            Kind::Cat => {}
            Kind::CountBytes => self.write(stream, 1, &format!("{bytes}\n")).await?,
            Kind::CountLines => self.write(stream, 1, &format!("{lines}\n")).await?,
        }
        Ok(0)
    }
}
