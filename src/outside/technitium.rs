//! A Technitium name server by its HTTP API. The token goes in the body of a form and nowhere else.

use serde_json::Value;

use super::form::form;
use super::hush::hushed;
use super::names::{Data, Deed, Listed, Record};
use super::{Client, Request, Secret};
use crate::diag::Diagnostic;

/// One zone of a server.
#[derive(Debug)]
pub struct Technitium {
    /// Where it is.
    pub client: Client,
    /// Its token.
    pub token: Secret,
    /// The zone.
    pub zone: String,
    /// How long names may be remembered.
    pub ttl: u32,
}

impl Technitium {
    /// The addresses and names of the zone; none if there is no such zone.
    ///
    /// # Errors
    /// If the server does not say.
    pub async fn present(&self) -> Result<Option<Vec<Listed>>, Diagnostic> {
        let zones = self.call("zones/list", &[]).await?;
        let zones = zones.get("zones").and_then(Value::as_array).cloned().unwrap_or_default();
        if !zones.iter().any(|zone| zone.get("name").and_then(Value::as_str) == Some(&self.zone)) {
            return Ok(None);
        }
        let fields = [("domain", self.zone.as_str()), ("zone", &self.zone), ("listZone", "true")];
        let said = self.call("zones/records/get", &fields).await?;
        let records = said.get("records").and_then(Value::as_array);
        Ok(Some(records.into_iter().flatten().filter_map(record).collect()))
    }

    /// Does these, in their order.
    ///
    /// # Errors
    /// With the first that is refused.
    pub async fn apply(&self, deeds: &[Deed]) -> Result<(), Diagnostic> {
        for deed in deeds {
            match deed {
                Deed::Zone(zone) => {
                    // Names of the zone that nobody registered go on being asked for where they were.
                    let fields = [
                        ("zone", zone.as_str()),
                        ("type", "Forwarder"),
                        ("initializeForwarder", "true"),
                        ("protocol", "Udp"),
                        ("forwarder", "this-server"),
                    ];
                    self.call("zones/create", &fields).await
                }
                Deed::Add(record) => self.record("zones/records/add", record, Some(self.ttl)).await,
                Deed::Ttl(record, ttl) => self.record("zones/records/update", record, Some(*ttl)).await,
                Deed::Remove(record) | Deed::Displace(record) => {
                    self.record("zones/records/delete", record, None).await
                }
            }
            .map_err(|fault| fault.because(deed.to_string()))?;
        }
        Ok(())
    }

    /// Says a record to it; one that goes needs no time.
    async fn record(&self, path: &str, record: &Record, ttl: Option<u32>) -> Result<Value, Diagnostic> {
        let (ttl, text) = (ttl.map(|ttl| ttl.to_string()), record.data.text());
        let mut fields = vec![("domain", record.name.as_str()), ("zone", &self.zone), ("type", record.data.kind())];
        match (&record.data, &ttl) {
            (Data::A(_) | Data::Aaaa(_), _) => fields.push(("ipAddress", &text)),
            (Data::Cname(_), Some(_)) => fields.push(("cname", &text)),
            // A name has one of these at most, so it is not said again.
            (Data::Cname(_), None) => {}
        }
        fields.extend(ttl.as_deref().map(|ttl| ("ttl", ttl)));
        self.call(path, &fields).await
    }

    async fn call(&self, path: &str, fields: &[(&str, &str)]) -> Result<Value, Diagnostic> {
        let fields: Vec<(&str, &str)> = [("token", &*self.token)].into_iter().chain(fields.iter().copied()).collect();
        let request = Request::new("POST", format!("/api/{path}"));
        let request = request.body("application/x-www-form-urlencoded", form(&fields));
        let at = self.client.address().to_string();
        let answer = self.client.ask(request).await.map_err(|trouble| {
            let mend = "look whether its web service runs, and at its url in quarterdeck.yaml";
            trouble.fault("Technitium does not answer", self.client.address(), mend)
        })?;
        let said = answer.json();
        let word = |key: &str| hushed(said.get(key).and_then(Value::as_str).unwrap_or_default(), &self.token);
        match word("status").as_str() {
            "ok" => Ok(said.get("response").cloned().unwrap_or_default()),
            "invalid-token" => {
                let mend = "make a token in its administration, and put it where quarterdeck.yaml says it lies";
                Err(Diagnostic::new("Technitium refuses the token", mend).at(at).because(word("errorMessage")))
            }
            "error" => Err(refused(path, &word("errorMessage")).at(at)),
            _ => {
                let mend = "look at its url in quarterdeck.yaml";
                let why = format!("it answers with status {}", answer.status);
                Err(Diagnostic::new("what answers there is no Technitium", mend).at(at).because(why))
            }
        }
    }
}

/// What it says when it does not do what it was told. It may send a trace of its own code along, which is told nobody.
fn refused(path: &str, message: &str) -> Diagnostic {
    let mend = if message.to_ascii_lowercase().contains("access was denied") {
        "let the token's user view and modify the zone: permissions, in its administration"
    } else {
        "look at its log"
    };
    Diagnostic::new(format!("Technitium refuses {path}"), mend).because(message)
}

/// A record as it is listed; other kinds are not ours to judge, and one that is switched off is not there.
fn record(listed: &Value) -> Option<Listed> {
    let text = |pointer: &str| listed.pointer(pointer).and_then(Value::as_str);
    if listed.get("disabled").and_then(Value::as_bool) == Some(true) {
        return None;
    }
    let data = match text("/type")? {
        "A" => Data::A(text("/rData/ipAddress")?.parse().ok()?),
        "AAAA" => Data::Aaaa(text("/rData/ipAddress")?.parse().ok()?),
        "CNAME" => Data::Cname(text("/rData/cname")?.trim_end_matches('.').to_ascii_lowercase()),
        _ => return None,
    };
    let ttl = listed.get("ttl").and_then(Value::as_u64).and_then(|ttl| u32::try_from(ttl).ok());
    Some(Listed { record: Record { name: text("/name")?.to_ascii_lowercase(), data }, ttl })
}
