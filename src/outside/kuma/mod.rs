//! An Uptime Kuma by the Socket.IO API that its own pages use: monitors of names are added, changed and removed.

mod socket;

use std::fmt;

use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::{Client, Trouble};
use crate::diag::Diagnostic;
use crate::model::text::clean;
use socket::Socket;

/// A monitor that asks whether a name answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Monitor {
    /// What it is called: the name.
    pub name: String,
    /// What it asks for.
    pub url: String,
    /// Answers that are good.
    pub codes: Vec<String>,
}

/// Something to do with a monitor.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    /// Add it.
    Add(Monitor),
    /// Make this one, as it is listed, ask for that.
    Change(Monitor, Value),
    /// Remove the one of this number and name.
    Remove(u64, String),
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Deed::Add(monitor) => write!(f, "add the monitor {} of {}", monitor.name, monitor.url),
            Deed::Change(monitor, _) => write!(f, "let the monitor {} ask for {}", monitor.name, monitor.url),
            Deed::Remove(_, name) => write!(f, "remove the monitor {name}"),
        }
    }
}

/// What is to be there, and what is not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wished {
    /// These are to be there.
    pub there: Vec<Monitor>,
    /// These are not.
    pub gone: Vec<Monitor>,
}

/// A conversation with one of them, logged in.
#[derive(Debug)]
pub struct Kuma {
    socket: Socket,
    at: String,
}

impl Kuma {
    /// Logs in.
    ///
    /// # Errors
    /// If it does not answer, or refuses the login.
    pub async fn open(client: Client, username: &str, password: &Zeroizing<String>) -> Result<Self, Diagnostic> {
        let at = client.address().to_string();
        let socket = Socket::open(client).await.map_err(|trouble| silent(&at, &trouble))?;
        let mut kuma = Self { socket, at };
        let login = json!({ "username": username, "password": password.as_str(), "token": "" });
        let said = kuma.emit("login", &[login]).await?;
        if said.get("tokenRequired").and_then(Value::as_bool) == Some(true) {
            let mend = "let a user without a second factor register monitors";
            return Err(kuma.fault("Uptime Kuma wants a second factor", mend));
        }
        if said.get("ok").and_then(Value::as_bool) != Some(true) {
            let mend = "look at username and password under `uptime_kuma` in quarterdeck.yaml";
            return Err(kuma.fault("Uptime Kuma refuses the login", mend).because(message(&said)));
        }
        Ok(kuma)
    }

    /// Ends the conversation.
    pub async fn close(self) {
        self.socket.close().await;
    }

    /// What there is to do.
    ///
    /// # Errors
    /// If it does not say what it has.
    pub async fn check(&mut self, wished: &Wished) -> Result<Vec<Deed>, Diagnostic> {
        // What was said at the login may be older than what was done since.
        let _old = self.socket.heard("monitorList");
        let said = self.emit("getMonitorList", &[]).await?;
        self.good(&said, "the list of monitors")?;
        let list = self.socket.until_heard("monitorList").await.map_err(|trouble| silent(&self.at, &trouble))?;
        Ok(deeds(wished, list.as_object().unwrap_or(&Map::new())))
    }

    /// Does these, in their order.
    ///
    /// # Errors
    /// With the first that is refused.
    pub async fn apply(&mut self, deeds: Vec<Deed>) -> Result<(), Diagnostic> {
        for deed in deeds {
            let words = deed.to_string();
            let said = match deed {
                Deed::Add(monitor) => {
                    let fresh = self.fresh(&monitor);
                    self.emit("add", &[fresh]).await?
                }
                Deed::Change(monitor, mut listed) => {
                    if let Some(listed) = listed.as_object_mut() {
                        listed.insert("url".to_owned(), monitor.url.into());
                        listed.insert("accepted_statuscodes".to_owned(), monitor.codes.into());
                    }
                    self.emit("editMonitor", &[listed]).await?
                }
                Deed::Remove(number, _) => self.emit("deleteMonitor", &[number.into()]).await?,
            };
            self.good(&said, &words)?;
        }
        Ok(())
    }

    /// A monitor with all that the version that answers wants to hear of one.
    fn fresh(&mut self, monitor: &Monitor) -> Value {
        let info = self.socket.heard("info").unwrap_or_default();
        let version = info.get("version").and_then(Value::as_str).unwrap_or("2");
        let mut fresh = json!({
            "type": "http", "name": monitor.name, "url": monitor.url, "method": "GET", "active": true,
            "interval": 60, "retryInterval": 60, "resendInterval": 0, "maxretries": 1, "timeout": 48,
            "maxredirects": 10, "accepted_statuscodes": monitor.codes, "notificationIDList": {}, "ignoreTls": false,
            "upsideDown": false, "expiryNotification": false, "kafkaProducerBrokers": [],
            "kafkaProducerSaslOptions": { "mechanism": "None" },
        });
        if let (Some(fresh), false) = (fresh.as_object_mut(), version.starts_with("1.")) {
            fresh.insert("conditions".to_owned(), json!([]));
            fresh.insert("rabbitmqNodes".to_owned(), json!([]));
        }
        fresh
    }

    async fn emit(&mut self, event: &str, words: &[Value]) -> Result<Value, Diagnostic> {
        self.socket.emit(event, words).await.map_err(|trouble| silent(&self.at, &trouble))
    }

    fn good(&self, said: &Value, about: &str) -> Result<(), Diagnostic> {
        match said.get("ok").and_then(Value::as_bool) {
            Some(true) => Ok(()),
            _ => {
                Err(self.fault("Uptime Kuma refuses a change", "look at its log").because(about).because(message(said)))
            }
        }
    }

    fn fault(&self, what: &str, mend: &str) -> Diagnostic {
        Diagnostic::new(what, mend).at(self.at.clone())
    }
}

fn message(said: &Value) -> String {
    said.get("msg").and_then(Value::as_str).map(clean).unwrap_or_default()
}

fn silent(at: &str, trouble: &Trouble) -> Diagnostic {
    let mend = "look whether it runs, and at its url in quarterdeck.yaml";
    Diagnostic::new("Uptime Kuma does not answer", mend).at(at).because(trouble.to_string())
}

/// What leads from the monitors that are listed to the wished ones. One that asks for another name, or in another way,
/// is somebody's own.
fn deeds(wished: &Wished, list: &Map<String, Value>) -> Vec<Deed> {
    let text = |listed: &Value, key: &str| listed.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let named = |name: &str| {
        list.values().find(|listed| text(listed, "name") == name && text(listed, "type") == "http").cloned()
    };
    let mut deeds = Vec::new();
    for monitor in &wished.there {
        match named(&monitor.name) {
            None => deeds.push(Deed::Add(monitor.clone())),
            Some(listed) => {
                let codes: Vec<Value> = monitor.codes.iter().cloned().map(Value::from).collect();
                let same = text(&listed, "url") == monitor.url
                    && listed.get("accepted_statuscodes").and_then(Value::as_array) == Some(&codes);
                if !same {
                    deeds.push(Deed::Change(monitor.clone(), listed));
                }
            }
        }
    }
    for monitor in &wished.gone {
        let ours = named(&monitor.name).filter(|listed| text(listed, "url") == monitor.url);
        if let Some(number) = ours.and_then(|listed| listed.get("id").and_then(Value::as_u64)) {
            deeds.push(Deed::Remove(number, monitor.name.clone()));
        }
    }
    deeds
}
