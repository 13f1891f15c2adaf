//! An Uptime Kuma by the Socket.IO API that its own pages use: monitors of names are added, changed and removed.

mod monitors;
mod socket;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::hush::hushed;
use super::{Address, Client, Secret, Trouble};
use crate::diag::Diagnostic;
use socket::Socket;

pub use monitors::{Deed, List, Monitor, Wished, settle};

/// A conversation with one of them, logged in.
#[derive(Debug)]
pub struct Kuma {
    socket: Socket,
    at: Address,
    password: Secret,
    lost: bool,
}

impl Kuma {
    /// Logs in.
    ///
    /// # Errors
    /// If it does not answer, or refuses the login.
    pub async fn open(client: Client, username: &str, password: &Zeroizing<String>) -> Result<Self, Diagnostic> {
        let at = client.address().clone();
        let socket = Socket::open(client).await.map_err(|trouble| silent(&at, &trouble))?;
        let mut kuma = Self { socket, at, password: password.clone().into(), lost: false };
        let login = json!({ "username": username, "password": password.as_str(), "token": "" });
        let said = kuma.emit("login", &[login]).await?;
        if said.get("ok").and_then(Value::as_bool) == Some(true) {
            return Ok(kuma);
        }
        let refused = kuma.refused(&said);
        kuma.close().await;
        Err(refused)
    }

    /// Why it lets nobody in.
    fn refused(&mut self, said: &Value) -> Diagnostic {
        let message = self.message(said);
        let (what, mend) = if said.get("tokenRequired").and_then(Value::as_bool) == Some(true) {
            ("Uptime Kuma wants a second factor", "let a user without a second factor register monitors")
        } else if message.to_ascii_lowercase().contains("too frequent") {
            ("Uptime Kuma takes no more logins for now", "wait a minute: it takes so many of them and no more")
        } else if self.socket.heard("setup").is_some() {
            ("Uptime Kuma has no user yet", "open its page once and make one")
        } else {
            ("Uptime Kuma refuses the login", "look at username and password under `uptime_kuma` in quarterdeck.yaml")
        };
        self.fault(what, mend).because(message)
    }

    /// Ends the conversation.
    pub async fn close(self) {
        self.socket.close().await;
    }

    /// The conversation broke off: what was asked for may have been done or not, and a new one can say which.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.lost
    }

    /// What it has.
    ///
    /// # Errors
    /// If it does not say.
    pub async fn list(&mut self) -> Result<List, Diagnostic> {
        // What was said at the login may be older than what was done since.
        let _old = self.socket.heard("monitorList");
        let said = self.emit("getMonitorList", &[]).await?;
        self.good(&said, "the list of monitors")?;
        let heard = self.socket.until_heard("monitorList").await;
        match heard.map_err(|trouble| self.broken(&trouble))? {
            Value::Object(list) => Ok(List(list)),
            _ => Err(self.fault("Uptime Kuma says no list of monitors", "look at its version: 1.23 and 2 are known")),
        }
    }

    /// Does these, in their order.
    ///
    /// # Errors
    /// With the first that is refused.
    pub async fn apply(&mut self, deeds: Vec<Deed>, list: &List) -> Result<(), Diagnostic> {
        let mut made: BTreeMap<String, u64> = BTreeMap::new();
        for deed in deeds {
            let words = deed.to_string();
            let group = |monitor: &Monitor| {
                monitor.group.as_ref().and_then(|name| made.get(name).copied().or_else(|| list.group(name)))
            };
            let said = match deed {
                Deed::Group(name) => {
                    let fresh = self.fresh("group", &name);
                    let said = self.emit("add", &[fresh]).await?;
                    made.extend(said.get("monitorID").and_then(Value::as_u64).map(|number| (name, number)));
                    said
                }
                Deed::Add(monitor) => {
                    let (group, fresh) = (group(&monitor), self.fresh("http", &monitor.name));
                    self.emit("add", &[monitors::wish(monitor, group, fresh)]).await?
                }
                Deed::Change(monitor, listed) => {
                    let group = group(&monitor);
                    self.emit("editMonitor", &[monitors::wish(monitor, group, listed)]).await?
                }
                Deed::Remove(number, _) => self.emit("deleteMonitor", &[number.into()]).await?,
            };
            self.good(&said, &words)?;
        }
        Ok(())
    }

    fn fresh(&mut self, kind: &str, name: &str) -> Value {
        let info = self.socket.newest("info").unwrap_or_default();
        monitors::fresh(kind, name, info.get("version").and_then(Value::as_str).unwrap_or("2"))
    }

    async fn emit(&mut self, event: &str, words: &[Value]) -> Result<Value, Diagnostic> {
        let said = self.socket.emit(event, words).await;
        said.map_err(|trouble| self.broken(&trouble))
    }

    fn broken(&mut self, trouble: &Trouble) -> Diagnostic {
        self.lost |= matches!(trouble, Trouble::Unreachable(_));
        silent(&self.at, trouble)
    }

    fn good(&self, said: &Value, about: &str) -> Result<(), Diagnostic> {
        match said.get("ok").and_then(Value::as_bool) {
            Some(true) => Ok(()),
            _ => {
                let fault = self.fault("Uptime Kuma refuses a change", "look at its log").because(about);
                Err(fault.because(self.message(said)))
            }
        }
    }

    fn message(&self, said: &Value) -> String {
        hushed(said.get("msg").and_then(Value::as_str).unwrap_or_default(), &self.password)
    }

    fn fault(&self, what: &str, mend: &str) -> Diagnostic {
        Diagnostic::new(what, mend).at(self.at.to_string())
    }
}

fn silent(at: &Address, trouble: &Trouble) -> Diagnostic {
    trouble.fault("Uptime Kuma does not answer", at, "look whether it runs, and at its url in quarterdeck.yaml")
}
