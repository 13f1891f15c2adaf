//! Socket.IO over the long polls of Engine.IO, as far as one client needs it that asks and waits: version 4 of the
//! transport, version 5 of what is said on it. Every wait ends by the clock: a large
//! one may say hundreds of things unasked before it answers.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::time::Duration;

use serde_json::Value;
use zeroize::Zeroizing;

use crate::outside::{Client, Request, Trouble};

/// Stands between two packets of one answer.
const BETWEEN: char = '\u{1e}';
/// How long is waited for an answer, whatever is said before it.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many polls may bring nothing.
const POLLS: usize = 64;
/// The events that somebody may want; all others are passed over.
const KEPT: [&str; 3] = ["info", "monitorList", "setup"];

/// A conversation. What was said in it is not shown: who logs in is answered with a token.
pub struct Socket {
    client: Client,
    sid: String,
    next: u64,
    packets: VecDeque<String>,
    heard: BTreeMap<String, Value>,
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket").field("client", &self.client).finish_non_exhaustive()
    }
}

impl Socket {
    /// Begins one.
    ///
    /// # Errors
    /// If what answers does not speak it.
    pub async fn open(client: Client) -> Result<Self, Trouble> {
        let mut socket = Self { client, sid: String::new(), next: 0, packets: VecDeque::new(), heard: BTreeMap::new() };
        let hello = socket.packet().await?;
        let hello: Value =
            hello.strip_prefix('0').and_then(|hello| serde_json::from_str(hello).ok()).unwrap_or_default();
        let sid =
            hello.get("sid").and_then(Value::as_str).filter(|sid| sid.bytes().all(|byte| byte.is_ascii_graphic()));
        socket.sid = super::super::form::escaped(sid.ok_or_else(strange)?);
        socket.send("40").await?;
        in_time("it never begins the conversation", async {
            loop {
                let packet = socket.packet().await?;
                match packet.get(..2) {
                    Some("40") => return Ok(()),
                    Some("44") => return Err(Trouble::Foreign("it refuses the conversation".to_owned())),
                    _ => socket.hear(&packet),
                }
            }
        })
        .await?;
        Ok(socket)
    }

    /// Says an event and waits for what is answered to it.
    ///
    /// # Errors
    /// If no answer comes.
    pub async fn emit(&mut self, event: &str, words: &[Value]) -> Result<Value, Trouble> {
        let id = self.next;
        self.next += 1;
        let said: Vec<Value> = [Value::from(event)].into_iter().chain(words.iter().cloned()).collect();
        let packet = Zeroizing::new(format!("42{id}{}", Value::Array(said)));
        self.send(&packet).await?;
        let answer = format!("43{id}[");
        in_time(&format!("it never answers {event}"), async {
            loop {
                let packet = self.packet().await?;
                if packet.starts_with(&answer) {
                    let words = packet.get(answer.len() - 1..).unwrap_or_default();
                    let words: Value = serde_json::from_str(words).map_err(|_| strange())?;
                    return Ok(words.get(0).cloned().unwrap_or_default());
                }
                self.hear(&packet);
            }
        })
        .await
    }

    /// The newest event of this name that was said unasked.
    pub fn heard(&mut self, event: &str) -> Option<Value> {
        self.heard.remove(event)
    }

    /// As [`Socket::heard`], and it stays to be heard again.
    pub fn newest(&self, event: &str) -> Option<Value> {
        self.heard.get(event).cloned()
    }

    /// As [`Socket::heard`], and waits for it if it was not said yet.
    ///
    /// # Errors
    /// If it does not come.
    pub async fn until_heard(&mut self, event: &str) -> Result<Value, Trouble> {
        in_time(&format!("it never says {event}"), async {
            loop {
                if let Some(words) = self.heard(event) {
                    return Ok(words);
                }
                let packet = self.packet().await?;
                self.hear(&packet);
            }
        })
        .await
    }

    /// Ends it.
    pub async fn close(self) {
        let _late = self.send("1").await;
    }

    fn hear(&mut self, packet: &str) {
        let said = packet.strip_prefix("42").and_then(|said| serde_json::from_str::<Value>(said).ok());
        let Some(Value::Array(said)) = said else { return };
        let mut said = said.into_iter();
        if let (Some(Value::String(name)), words) = (said.next(), said.next())
            && KEPT.contains(&name.as_str())
        {
            self.heard.insert(name, words.unwrap_or_default());
        }
    }

    /// The next packet that means something above the transport.
    async fn packet(&mut self) -> Result<String, Trouble> {
        for _ in 0..POLLS {
            while let Some(packet) = self.packets.pop_front() {
                match packet.as_bytes().first() {
                    Some(b'2') => self.send("3").await?,
                    Some(b'1') => return Err(Trouble::Unreachable("it ended the conversation".to_owned())),
                    Some(b'6') | None => {}
                    Some(_) => return Ok(packet),
                }
            }
            let answer = self.client.ask(Request::new("GET", self.path())).await?;
            if answer.status != 200 {
                return Err(self.refused(answer.status));
            }
            self.packets.extend(answer.body.split(BETWEEN).map(str::to_owned));
        }
        Err(strange())
    }

    async fn send(&self, packet: &str) -> Result<(), Trouble> {
        let body = Zeroizing::new(packet.to_owned());
        let answer = self.client.ask(Request::new("POST", self.path()).body("text/plain;charset=UTF-8", body)).await?;
        match answer.status {
            200 => Ok(()),
            status => Err(self.refused(status)),
        }
    }

    /// Who knows the conversation no more says so with this status; it was begun anew, or has waited too long.
    fn refused(&self, status: u16) -> Trouble {
        match status {
            400 if !self.sid.is_empty() => Trouble::Unreachable("it knows the conversation no more".to_owned()),
            status => Trouble::Foreign(format!("it answers with status {status}")),
        }
    }

    fn path(&self) -> String {
        let sid = if self.sid.is_empty() { String::new() } else { format!("&sid={}", self.sid) };
        format!("/socket.io/?EIO=4&transport=polling{sid}")
    }
}

/// What it comes to, or that it does not come in time.
async fn in_time<T>(late: &str, waiting: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    let late = |_| Err(Trouble::Foreign(late.to_owned()));
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(late)
}

fn strange() -> Trouble {
    Trouble::Foreign("what it says is no Socket.IO".to_owned())
}
