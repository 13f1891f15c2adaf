//! A terminal on a host: what is typed goes there, what is shown comes from there, untouched.

use std::sync::Arc;

use russh::ChannelWriteHalf;
use russh::client::Msg;

use super::channel::{Reader, Use, Writer};
use super::command::Command;
use super::error::SshError;
use super::host::Host;
use super::program::{Ended, Running};

/// The size of a terminal in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// How wide.
    pub columns: u16,
    /// How high.
    pub rows: u16,
}

/// A terminal and what runs in it. Dropping it hangs up.
pub struct Pty {
    running: Running,
}

/// Turns the size of a terminal while its streams are elsewhere.
#[derive(Clone)]
pub struct Resizer(Arc<ChannelWriteHalf<Msg>>);

impl Host {
    /// Opens a terminal with a command in it, or with the login shell.
    ///
    /// # Errors
    /// If the host gives no terminal.
    pub async fn shell(self: &Arc<Self>, size: Size, command: Option<&Command>) -> Result<Pty, SshError> {
        let connection = self.connection(Vec::new()).await?;
        let opened = connection.session(0).await;
        let (channel, slot) = opened.map_err(|error| self.unopened(error, "a terminal"))?;
        let lost = |error: russh::Error| SshError::Lost { host: self.name(), why: error.to_string() };
        let (columns, rows) = (u32::from(size.columns), u32::from(size.rows));
        channel.request_pty(false, "xterm-256color", columns, rows, 0, 0, &[]).await.map_err(lost)?;
        match command {
            // In a terminal, sudo asks for itself.
            Some(command) if command.sudo && !self.is_root() => {
                channel.exec(true, command.line_after(&["sudo", "--"])).await.map_err(lost)?;
            }
            Some(command) => channel.exec(true, command.line_after(&[])).await.map_err(lost)?,
            None => channel.request_shell(true).await.map_err(lost)?,
        }
        let ends = connection.start(channel, Use::Program, slot);
        Ok(Pty { running: Running { host: self.name(), ends } })
    }
}

impl Pty {
    /// What is typed.
    pub fn keys(&mut self) -> &mut Writer {
        self.running.stdin()
    }

    /// What is shown.
    pub fn screen(&mut self) -> &mut Reader {
        self.running.stdout()
    }

    /// Turns the size while the streams are elsewhere.
    #[must_use]
    pub fn resizer(&self) -> Resizer {
        Resizer(Arc::clone(&self.running.ends.channel))
    }

    /// Keys, screen, and the end.
    #[must_use]
    pub fn split(self) -> (Writer, Reader, Ended) {
        let (keys, screen, _complaints, ended) = self.running.split();
        (keys, screen, ended)
    }
}

impl Resizer {
    /// Tells the other side the new size. One that has ended does not mind.
    pub async fn resize(&self, size: Size) {
        let _ = self.0.window_change(u32::from(size.columns), u32::from(size.rows), 0, 0).await;
    }
}
