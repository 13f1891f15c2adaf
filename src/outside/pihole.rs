//! A Pi-hole of version 6 by its API: a session is opened with the password and closed at the end, whatever happened.

use serde_json::Value;
use zeroize::Zeroizing;

use super::form::escaped;
use super::names::{Data, Deed, Record};
use super::{Answer, Client, Request};
use crate::diag::Diagnostic;
use crate::model::text::clean;

/// An open session.
#[derive(Debug)]
pub struct Session<'a> {
    client: &'a Client,
    sid: Option<Zeroizing<String>>,
}

impl<'a> Session<'a> {
    /// Opens a session.
    ///
    /// # Errors
    /// If the password is refused, or what answers is no Pi-hole of this version.
    pub async fn open(client: &'a Client, password: &str) -> Result<Self, Diagnostic> {
        let mut session = Self { client, sid: None };
        let body = Zeroizing::new(serde_json::json!({ "password": password }).to_string());
        let answer = session.ask(Request::new("POST", "/api/auth").body("application/json", body)).await?;
        let said = answer.json();
        match (answer.status, said.pointer("/session/valid").and_then(Value::as_bool)) {
            (200, Some(true)) => {
                // Without a password of its own it gives none, and wants none.
                let sid = said.pointer("/session/sid").and_then(Value::as_str);
                session.sid = sid.map(|sid| Zeroizing::new(sid.to_owned()));
                Ok(session)
            }
            (401, _) | (200, Some(false)) => {
                Err(session.fault("Pi-hole refuses the password", "make an app password in its settings"))
            }
            (429, _) => Err(session.fault("Pi-hole has no seat free", "wait until older sessions have ended")),
            (status, _) => {
                let mend = "look at its url in quarterdeck.yaml; versions before 6 have no such API";
                let why = format!("it answers with status {status}");
                Err(session.fault("what answers there is no Pi-hole of version 6", mend).because(why))
            }
        }
    }

    /// Ends the session; one that cannot be ended ends by itself.
    pub async fn close(self) {
        if self.sid.is_some() {
            let _late = self.ask(Request::new("DELETE", "/api/auth")).await;
        }
    }

    /// The names that it knows.
    ///
    /// # Errors
    /// If it does not say.
    pub async fn present(&self) -> Result<Vec<Record>, Diagnostic> {
        let hosts = self.list("hosts").await?;
        let names = self.list("cnameRecords").await?;
        Ok(hosts.iter().flat_map(|line| host(line)).chain(names.iter().flat_map(|line| alias(line))).collect())
    }

    /// Does these, in their order, and lets the server read them once at the end.
    ///
    /// # Errors
    /// With the first that is refused.
    pub async fn apply(&self, deeds: &[Deed]) -> Result<(), Diagnostic> {
        let (hosts, names) = (self.list("hosts").await?, self.list("cnameRecords").await?);
        let last = deeds.len().saturating_sub(1);
        for (number, deed) in deeds.iter().enumerate() {
            let (method, record) = match deed {
                Deed::Add(record) => ("PUT", record),
                Deed::Remove(record) => ("DELETE", record),
                Deed::Zone(_) => continue,
            };
            let (list, line) = match &record.data {
                Data::A(address) => ("hosts", format!("{address} {}", record.name)),
                Data::Cname(target) => ("cnameRecords", format!("{},{target}", record.name)),
            };
            let line = match method {
                "DELETE" => self.line_of(record, if list == "hosts" { &hosts } else { &names })?,
                _ => line,
            };
            let quietly = if number == last { "" } else { "?restart=false" };
            let path = format!("/api/config/dns/{list}/{}{quietly}", escaped(&line));
            let answer = self.ask(Request::new(method, path)).await?;
            if !answer.is_good() {
                return Err(self.refused(&answer).because(deed.to_string()));
            }
        }
        Ok(())
    }

    /// The line that says this record and nothing else.
    fn line_of(&self, record: &Record, lines: &[String]) -> Result<String, Diagnostic> {
        let says = |line: &&String| {
            let said = if line.contains(',') { alias(line) } else { host(line) };
            said.as_slice() == std::slice::from_ref(record)
        };
        lines.iter().find(says).cloned().ok_or_else(|| {
            let what = format!("{record} stands in one line with other names");
            self.fault(&what, "take the line apart in Pi-hole's settings")
        })
    }

    async fn list(&self, name: &str) -> Result<Vec<String>, Diagnostic> {
        let answer = self.ask(Request::new("GET", format!("/api/config/dns/{name}"))).await?;
        let said = answer.json();
        let lines = said.pointer(&format!("/config/dns/{name}")).and_then(Value::as_array);
        match lines {
            Some(lines) if answer.is_good() => Ok(lines.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
            _ => Err(self.refused(&answer)),
        }
    }

    fn refused(&self, answer: &Answer) -> Diagnostic {
        let said = answer.json();
        let word = said.pointer("/error/message").and_then(Value::as_str).map(clean).unwrap_or_default();
        let mend = match answer.status {
            403 => "let app passwords change settings: webserver.api.app_sudo",
            _ => "look at its log",
        };
        self.fault("Pi-hole refuses a change", mend)
            .because(word)
            .because(format!("it answers with status {}", answer.status))
    }

    fn fault(&self, what: &str, mend: &str) -> Diagnostic {
        Diagnostic::new(what, mend).at(self.client.address().to_string())
    }

    async fn ask(&self, request: Request) -> Result<Answer, Diagnostic> {
        let request = match &self.sid {
            Some(sid) => request.header("x-ftl-sid", sid.as_str()),
            None => request,
        };
        self.client.ask(request).await.map_err(|trouble| {
            self.fault("Pi-hole does not answer", "look whether it runs, and at its url in quarterdeck.yaml")
                .because(trouble.to_string())
        })
    }
}

/// `192.0.2.1 name other`.
fn host(line: &str) -> Vec<Record> {
    let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
    let Some(address) = words.next().and_then(|word| word.parse().ok()) else { return Vec::new() };
    words.map(|name| Record { name: name.to_ascii_lowercase(), data: Data::A(address) }).collect()
}

/// `name,other,target`, and perhaps how long it may be remembered.
fn alias(line: &str) -> Vec<Record> {
    let mut words: Vec<String> = line.split(',').map(|word| word.trim().to_ascii_lowercase()).collect();
    if words.last().is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit())) {
        words.pop();
    }
    let Some(target) = words.pop() else { return Vec::new() };
    words.into_iter().map(|name| Record { name, data: Data::Cname(target.clone()) }).collect()
}
