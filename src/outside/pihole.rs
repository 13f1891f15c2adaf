//! A Pi-hole of version 6 by its API: a session is opened with the password and closed at the end, whatever happened.

use std::net::IpAddr;

use serde_json::Value;
use zeroize::Zeroizing;

use super::form::escaped;
use super::hush::hushed;
use super::names::{Data, Deed, Listed, Record};
use super::{Answer, Client, Request, Secret};
use crate::diag::Diagnostic;

/// An open session.
#[derive(Debug)]
pub struct Session<'a> {
    client: &'a Client,
    password: Secret,
    sid: Option<Secret>,
}

impl<'a> Session<'a> {
    /// Opens a session.
    ///
    /// # Errors
    /// If the password is refused, or what answers is no Pi-hole of this version.
    pub async fn open(client: &'a Client, password: &Zeroizing<String>) -> Result<Self, Diagnostic> {
        let mut session = Self { client, password: password.clone().into(), sid: None };
        session.enter().await?;
        Ok(session)
    }

    /// Begins a session, also in the place of one that has ended.
    async fn enter(&mut self) -> Result<(), Diagnostic> {
        self.sid = None;
        let body = Zeroizing::new(serde_json::json!({ "password": &*self.password }).to_string());
        let answer = self.send(Request::new("POST", "/api/auth").body("application/json", body)).await?;
        let said = answer.json();
        let session = |key: &str| said.pointer("/session").and_then(|session| session.get(key));
        match (answer.status, session("valid").and_then(Value::as_bool)) {
            (200, Some(true)) => {
                // Without a password of its own it gives none, and wants none.
                let sid = session("sid").and_then(Value::as_str);
                self.sid = sid.map(|sid| Zeroizing::new(sid.to_owned()).into());
                Ok(())
            }
            _ if session("totp").and_then(Value::as_bool) == Some(true) => {
                Err(self.fault("Pi-hole wants a second factor", "make an app password in its settings: it needs none"))
            }
            (401, _) | (200, Some(false)) => {
                Err(self.fault("Pi-hole refuses the password", "make an app password in its settings"))
            }
            (429, _) if said.pointer("/error/key").and_then(Value::as_str) == Some("rate_limiting") => {
                let mend = "wait a minute: it takes a few logins a second and no more";
                Err(self.fault("Pi-hole takes no more logins for now", mend).because(self.message(&said)))
            }
            (429, _) => {
                let mend = "end sessions in its settings, wait until old ones have ended, \
                            or raise webserver.api.max_sessions";
                Err(self.fault("Pi-hole has no seat free", mend).because(self.message(&said)))
            }
            (status, _) => {
                let mend = "look at its url in quarterdeck.yaml; versions before 6 have no such API";
                let why = format!("it answers with status {status}");
                Err(self.fault("what answers there is no Pi-hole of version 6", mend).because(why))
            }
        }
    }

    /// Ends the session; one that cannot be ended ends by itself.
    pub async fn close(self) {
        if self.sid.is_some() {
            let _late = self.send(Request::new("DELETE", "/api/auth")).await;
        }
    }

    /// The names that it knows.
    ///
    /// # Errors
    /// If it does not say.
    pub async fn present(&mut self) -> Result<Vec<Listed>, Diagnostic> {
        let hosts = self.list("hosts").await?;
        let names = self.list("cnameRecords").await?;
        Ok(hosts.iter().flat_map(|line| host(line)).chain(names.iter().flat_map(|line| alias(line))).collect())
    }

    /// Does these, in their order, and lets the server read them once at the end.
    ///
    /// # Errors
    /// With the first that is refused.
    pub async fn apply(&mut self, deeds: &[Deed], ttl: u32) -> Result<(), Diagnostic> {
        let (hosts, names) = (self.list("hosts").await?, self.list("cnameRecords").await?);
        let mut calls = Vec::new();
        for deed in deeds {
            let old = |record: &Record| self.line_of(record, if is_name(record) { &names } else { &hosts });
            match deed {
                Deed::Zone(_) => {}
                Deed::Add(record) => calls.push(("PUT", record, line(record, ttl), deed)),
                Deed::Remove(record) | Deed::Displace(record) => calls.push(("DELETE", record, old(record)?, deed)),
                Deed::Ttl(record, ttl) => {
                    calls.push(("DELETE", record, old(record)?, deed));
                    calls.push(("PUT", record, line(record, *ttl), deed));
                }
            }
        }
        let last = calls.len().saturating_sub(1);
        for (number, (method, record, line, deed)) in calls.into_iter().enumerate() {
            let list = if is_name(record) { "cnameRecords" } else { "hosts" };
            let quietly = if number == last { "" } else { "?restart=false" };
            let path = format!("/api/config/dns/{list}/{}{quietly}", escaped(&line));
            let answer = self.ask(Request::new(method, path)).await?;
            if !answer.is_good() {
                // What was told before is read all the same: nobody may come back to it.
                if number > 0 {
                    let _late = self.ask(Request::new("POST", "/api/action/restartdns")).await;
                }
                return Err(self.refused(&answer).because(deed.to_string()));
            }
        }
        Ok(())
    }

    /// The line that says this record and nothing else.
    fn line_of(&self, record: &Record, lines: &[String]) -> Result<String, Diagnostic> {
        let says = |line: &&String| {
            let said = if is_name(record) { alias(line) } else { host(line) };
            matches!(said.as_slice(), [only] if only.record == *record)
        };
        lines.iter().find(says).cloned().ok_or_else(|| {
            let what = format!("{record} stands in one line with other names");
            self.fault(&what, "take the line apart in Pi-hole's settings")
        })
    }

    async fn list(&mut self, name: &str) -> Result<Vec<String>, Diagnostic> {
        let answer = self.ask(Request::new("GET", format!("/api/config/dns/{name}"))).await?;
        let said = answer.json();
        let lines = said.pointer(&format!("/config/dns/{name}")).and_then(Value::as_array);
        match lines {
            Some(lines) if answer.is_good() => Ok(lines.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
            _ => Err(self.refused(&answer)),
        }
    }

    fn refused(&self, answer: &Answer) -> Diagnostic {
        let mend = match answer.status {
            403 => "let app passwords change settings: webserver.api.app_sudo",
            _ => "look at its log",
        };
        self.fault("Pi-hole refuses a change", mend)
            .because(self.message(&answer.json()))
            .because(format!("it answers with status {}", answer.status))
    }

    fn message(&self, said: &Value) -> String {
        hushed(said.pointer("/error/message").and_then(Value::as_str).unwrap_or_default(), &self.password)
    }

    fn fault(&self, what: &str, mend: &str) -> Diagnostic {
        Diagnostic::new(what, mend).at(self.client.address().to_string())
    }

    /// Asks; where the session has ended meanwhile, once more in a new one.
    async fn ask(&mut self, request: Request) -> Result<Answer, Diagnostic> {
        let answer = self.send(request.clone()).await?;
        if answer.status != 401 {
            return Ok(answer);
        }
        self.enter().await?;
        self.send(request).await
    }

    async fn send(&self, request: Request) -> Result<Answer, Diagnostic> {
        let request = match &self.sid {
            Some(sid) => request.header("x-ftl-sid", &**sid),
            None => request,
        };
        self.client.ask(request).await.map_err(|trouble| {
            let mend = "look whether it runs, and at its url in quarterdeck.yaml";
            trouble.fault("Pi-hole does not answer", self.client.address(), mend)
        })
    }
}

fn is_name(record: &Record) -> bool {
    matches!(record.data, Data::Cname(_))
}

/// A record as a line of its list. Addresses are remembered as long as the server says for all of them.
fn line(record: &Record, ttl: u32) -> String {
    match &record.data {
        Data::Cname(target) => format!("{},{target},{ttl}", record.name),
        address => format!("{} {}", address.text(), record.name),
    }
}

/// `192.0.2.1 name other`.
fn host(line: &str) -> Vec<Listed> {
    let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
    let Some(address) = words.next().and_then(|word| word.parse::<IpAddr>().ok()) else { return Vec::new() };
    let record = |name: &str| Record { name: name.to_ascii_lowercase(), data: address.into() };
    words.map(|name| Listed { record: record(name), ttl: None }).collect()
}

/// `name,other,target`, and perhaps how long it may be remembered.
fn alias(line: &str) -> Vec<Listed> {
    let mut words: Vec<String> = line.split(',').map(|word| word.trim().to_ascii_lowercase()).collect();
    let ttl = words.last().and_then(|word| word.parse().ok());
    if ttl.is_some() {
        words.pop();
    }
    let Some(target) = words.pop() else { return Vec::new() };
    let listed = |name| Listed { record: Record { name, data: Data::Cname(target.clone()) }, ttl };
    words.into_iter().map(listed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(listed: &[Listed]) -> Vec<String> {
        listed.iter().map(|one| format!("{} {:?}", one.record, one.ttl)).collect()
    }

    #[test]
    fn the_lines_of_its_lists_are_read_as_it_reads_them() {
        assert_eq!(
            told(&host("192.0.2.1  a.test B.test # mine")),
            ["a.test A 192.0.2.1 None", "b.test A 192.0.2.1 None"]
        );
        assert_eq!(told(&host("2001:db8::1 a.test")), ["a.test AAAA 2001:db8::1 None"]);
        assert!(host("nothing a.test").is_empty() && host("# 192.0.2.1 a.test").is_empty());
        assert_eq!(
            told(&alias("a.test,b.test,m.test,60")),
            ["a.test CNAME m.test Some(60)", "b.test CNAME m.test Some(60)"]
        );
        assert_eq!(told(&alias("a.test, M.test")), ["a.test CNAME m.test None"]);
        let alias = Record { name: "a.test".to_owned(), data: Data::Cname("m.test".to_owned()) };
        assert_eq!(line(&alias, 60), "a.test,m.test,60");
    }
}
