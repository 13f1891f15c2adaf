//! One channel of a connection, emptied at once into lanes by a task of its own. russh hands out data in turn, and
//! waits for whoever does not take it, so no reader may stand between a channel and the next.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use russh::client::Msg;
use russh::{ChannelMsg, ChannelReadHalf, ChannelWriteHalf};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::oneshot;
use tokio_util::sync::{CancellationToken, DropGuard, WaitForCancellationFutureOwned};

use super::handler::Ending;
use super::lane::{LaneIn, LaneOut, lane};
use super::program::Exit;
use super::slots::Slot;
use crate::model::text::clean;

/// How far a reader may fall behind, in bytes.
const CAP: usize = 8 << 20;
/// What is kept of the complaints of a command that serves as a tunnel.
const COMPLAINT: usize = 4096;
/// How long a host may take to close what we have closed before its place is given to another.
const CLOSING: Duration = Duration::from_secs(10);

/// What a channel is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// A stream to somewhere else.
    Tunnel,
    /// A command that is a stream to somewhere else: its failure is the stream's.
    Carrier,
    /// A command.
    Program,
}

/// Our ends of a channel. When all of them are dropped it is closed.
pub struct Ends {
    pub stdin: Writer,
    pub stdout: Reader,
    pub stderr: Reader,
    /// How the command ended, or why nobody knows.
    pub exit: End,
}

/// How the command ends. It comes after the last byte, so whoever waits for it holds the channel open.
pub struct End {
    told: oneshot::Receiver<Result<Exit, String>>,
    _open: Arc<DropGuard>,
}

/// Bytes from the other side.
pub struct Reader {
    lane: LaneOut,
    _open: Arc<DropGuard>,
}

/// Bytes to the other side. Dropping it says that no more come.
pub struct Writer {
    inner: Pin<Box<dyn AsyncWrite + Send>>,
    over: Pin<Box<WaitForCancellationFutureOwned>>,
    shut: Arc<AtomicBool>,
    _last: DropGuard,
    _open: Arc<DropGuard>,
}

/// Both directions as one stream.
pub struct Tunnel {
    reader: Reader,
    writer: Writer,
}

/// What our ends tell the task that empties the channel.
struct Signs {
    /// All of them are gone.
    left: CancellationToken,
    /// The one for writing is gone.
    last: CancellationToken,
    /// The other side has been told that no more comes.
    shut: Arc<AtomicBool>,
}

struct Pump {
    use_: Use,
    stdout: LaneIn,
    stderr: LaneIn,
    complaint: Vec<u8>,
    exit: Option<Exit>,
    fault: Option<String>,
    closed: bool,
}

/// Starts emptying a channel. The slot is freed when the host has closed it.
pub fn start(channel: russh::Channel<Msg>, use_: Use, ending: Ending, slot: Option<Slot>) -> Ends {
    let (read, write) = channel.split();
    let (write, over) = (Arc::new(write), CancellationToken::new());
    let signs = Signs { left: CancellationToken::new(), last: CancellationToken::new(), shut: Arc::default() };
    let (out_in, out) = lane(CAP);
    let (err_in, err) = lane(CAP);
    let (told, exit) = oneshot::channel();
    let open = Arc::new(signs.left.clone().drop_guard());
    let ends = Ends {
        stdin: Writer {
            inner: Box::pin(write.make_writer()),
            over: Box::pin(over.clone().cancelled_owned()),
            shut: Arc::clone(&signs.shut),
            _last: signs.last.clone().drop_guard(),
            _open: Arc::clone(&open),
        },
        stdout: Reader { lane: out, _open: Arc::clone(&open) },
        stderr: Reader { lane: err, _open: Arc::clone(&open) },
        exit: End { told: exit, _open: open },
    };
    let pump =
        Pump { use_, stdout: out_in, stderr: err_in, complaint: Vec::new(), exit: None, fault: None, closed: false };
    tokio::spawn(async move {
        let over = over.drop_guard();
        let (mut read, how) = pump.run(read, &write, &signs, &ending).await;
        drop(over);
        // Who waits for the end may be gone.
        let _gone = told.send(how);
        // What still comes is taken meanwhile, or the connection would wait for us while we wait for it.
        let emptied = async { while read.wait().await.is_some() {} };
        let _ = tokio::time::timeout(CLOSING, futures_util::future::join(write.close(), emptied)).await;
        drop(slot);
    });
    ends
}

impl Pump {
    async fn run(
        mut self,
        mut read: ChannelReadHalf,
        write: &Arc<ChannelWriteHalf<Msg>>,
        signs: &Signs,
        ending: &Ending,
    ) -> (ChannelReadHalf, Result<Exit, String>) {
        let mut no_more = false;
        loop {
            tokio::select! {
                message = read.wait() => match message {
                    Some(message) => {
                        if !self.take(message) {
                            break;
                        }
                    }
                    None => {
                        if !self.closed {
                            // The connection is gone; it says why a moment later.
                            let _ = tokio::time::timeout(CLOSING, ending.over.cancelled()).await;
                            self.fault = Some(format!("the connection was lost: {}", ending.why()));
                        }
                        break;
                    }
                },
                () = signs.left.cancelled() => break,
                () = signs.last.cancelled(), if !no_more => {
                    no_more = true;
                    if !signs.shut.load(Ordering::Acquire) {
                        let write = Arc::clone(write);
                        tokio::spawn(async move { write.eof().await });
                    }
                }
            }
        }
        let how = self.finish();
        (read, how)
    }

    /// Takes one message; false when there is nothing more to take.
    fn take(&mut self, message: ChannelMsg) -> bool {
        match message {
            ChannelMsg::Data { data } => return self.keep(data),
            ChannelMsg::ExtendedData { data, ext: 1 } if self.use_ == Use::Program => return self.complain(data),
            ChannelMsg::ExtendedData { data, .. } => {
                let room = COMPLAINT.saturating_sub(self.complaint.len());
                self.complaint.extend(data.iter().take(room));
                // Whoever starts a carrier listens for a while, and then nobody does.
                self.stderr.push(data);
            }
            ChannelMsg::ExitStatus { exit_status } => self.exit = Some(Exit::Code(exit_status)),
            ChannelMsg::ExitSignal { signal_name, .. } => {
                self.exit = Some(Exit::Signal(clean(&format!("{signal_name:?}"))));
            }
            ChannelMsg::Failure => {
                self.fault = Some("the host refuses to run it".to_owned());
                return false;
            }
            // How a carrier has ended decides whether this is the end or a fault: that comes later.
            ChannelMsg::Eof if self.use_ != Use::Carrier => {
                self.stdout.end(Ok(()));
                self.stderr.end(Ok(()));
            }
            ChannelMsg::Close => {
                self.closed = true;
                return false;
            }
            _ => {}
        }
        true
    }

    fn keep(&mut self, data: Bytes) -> bool {
        let kept = self.stdout.push(data);
        self.note_if_behind(kept)
    }

    fn complain(&mut self, data: Bytes) -> bool {
        let kept = self.stderr.push(data);
        self.note_if_behind(kept)
    }

    fn note_if_behind(&mut self, kept: bool) -> bool {
        if !kept {
            self.fault = Some(format!("its reader fell more than {} MiB behind", CAP >> 20));
        }
        kept
    }

    fn finish(self) -> Result<Exit, String> {
        let mut how = match (self.fault, self.exit) {
            (Some(fault), _) => Err(fault),
            (None, Some(exit)) => Ok(exit),
            (None, None) => Ok(Exit::Unknown),
        };
        if self.use_ == Use::Carrier
            && let Ok(exit) = &how
            && !matches!(exit, Exit::Code(0) | Exit::Unknown)
        {
            how = Err(format!("{exit}: {}", clean(String::from_utf8_lossy(&self.complaint).trim())));
        }
        let end = how.as_ref().map(|_| ()).map_err(Clone::clone);
        self.stdout.end(end.clone());
        self.stderr.end(end);
        how
    }
}

impl End {
    /// Waits for it.
    ///
    /// # Errors
    /// Why nobody knows.
    pub async fn wait(self) -> Result<Exit, String> {
        self.told.await.unwrap_or_else(|_| Err("the connection was closed".to_owned()))
    }
}

impl Ends {
    /// Both directions as one stream; complaints and end are left to it.
    pub fn tunnel(self) -> Tunnel {
        Tunnel { reader: self.stdout, writer: self.stdin }
    }
}

impl AsyncRead for Reader {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.lane).poll_read(cx, buf)
    }
}

impl Writer {
    /// Whoever waits for the other side's leave to send would wait for ever once there is no other side.
    fn poll_over(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        self.over.as_mut().poll(cx).map(|()| io::Error::new(io::ErrorKind::BrokenPipe, "the stream is closed"))
    }
}

impl AsyncWrite for Writer {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        if let Poll::Ready(error) = self.poll_over(cx) {
            return Poll::Ready(Err(error));
        }
        self.inner.as_mut().poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner.as_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.shut.load(Ordering::Acquire) || self.poll_over(cx).is_ready() {
            return Poll::Ready(Ok(()));
        }
        let done = self.inner.as_mut().poll_shutdown(cx);
        if done.is_ready() {
            self.shut.store(true, Ordering::Release);
        }
        done
    }
}

impl AsyncRead for Tunnel {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.reader).poll_read(cx, buf)
    }
}

impl AsyncWrite for Tunnel {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.writer).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.writer).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.writer).poll_shutdown(cx)
    }
}
