//! A stand-in for Technitium's HTTP API, after its public document: fields of a form, a status in each answer, and a
//! refusal of whatever the document does not name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::dnsmasq::Dnsmasq;
use crate::stand_in::{Reply, Seen, said};

pub const TOKEN: &str = "t0k&n=wïth signs";

/// What it knows.
#[derive(Default)]
pub struct Zones {
    pub zones: BTreeSet<String>,
    pub records: Vec<(String, String, String)>,
    pub writes: usize,
    /// How long a record may be remembered, where it is not an hour.
    pub ttls: BTreeMap<(String, String, String), u32>,
    /// What every question is answered with instead, as it stands.
    pub instead: Option<serde_json::Value>,
}

pub type Shared = Arc<Mutex<Zones>>;

pub fn answers(state: Shared, server: Option<Arc<Dnsmasq>>) -> impl Fn(&Seen) -> Reply + Send + Sync {
    move |seen| {
        let mut state = state.lock().unwrap();
        let writes = state.writes;
        let (status, body) =
            answer(&mut state, seen).unwrap_or_else(|why| (200, json!({ "status": "error", "errorMessage": why })));
        if let (Some(server), true) = (&server, state.writes > writes) {
            server.knows(&state.records);
        }
        said(status, body.to_string())
    }
}

fn only(form: &BTreeMap<String, String>, known: &[&str]) -> Result<(), String> {
    let strange: Vec<&String> = form.keys().filter(|key| *key != "token" && !known.contains(&key.as_str())).collect();
    if strange.is_empty() { Ok(()) } else { Err(format!("Invalid parameter: {strange:?}")) }
}

fn demanded<'a>(form: &'a BTreeMap<String, String>, name: &str) -> Result<&'a str, String> {
    form.get(name).map(String::as_str).ok_or_else(|| format!("Parameter '{name}' missing."))
}

fn answer(state: &mut Zones, seen: &Seen) -> Result<(u16, serde_json::Value), String> {
    let kind = seen.headers.get("content-type").map(String::as_str).unwrap_or_default();
    if seen.method != "POST" || kind != "application/x-www-form-urlencoded" || !seen.query.is_empty() {
        return Err("a form is to be posted".to_owned());
    }
    let form = seen.form();
    if form.get("token").map(String::as_str) != Some(TOKEN) {
        return Ok((200, json!({ "status": "invalid-token", "errorMessage": "Invalid token or session expired." })));
    }
    if let Some(instead) = &state.instead {
        return Ok((200, instead.clone()));
    }
    let good = |response| Ok((200, json!({ "status": "ok", "response": response })));
    if seen.path == "/api/zones/list" {
        only(&form, &["pageNumber", "zonesPerPage"])?;
        let zones: Vec<_> = state.zones.iter().map(|name| json!({ "name": name, "type": "Forwarder" })).collect();
        return good(json!({ "zones": zones }));
    }
    let zone = demanded(&form, "zone")?.to_owned();
    if seen.path == "/api/zones/create" {
        only(&form, &["zone", "type", "initializeForwarder", "protocol", "forwarder"])?;
        if demanded(&form, "type")? == "Forwarder" {
            demanded(&form, "forwarder")?;
        }
        if !state.zones.insert(zone.clone()) {
            return Err(format!("Zone already exists: {zone}"));
        }
        return good(json!({ "domain": zone }));
    }
    if !state.zones.contains(&zone) {
        return Err(format!("No such zone was found: {zone}"));
    }
    let domain = demanded(&form, "domain")?.to_owned();
    if domain != zone && !domain.ends_with(&format!(".{zone}")) {
        return Err(format!("{domain} is outside the zone"));
    }
    records(state, seen, &form, (&domain, &zone)).map(|response| (200, json!({ "status": "ok", "response": response })))
}

/// What a record of this kind leads to, in the field that the document names for it and in its own form.
fn data<'a>(form: &'a BTreeMap<String, String>, kind: &str) -> Result<&'a str, String> {
    let to = demanded(form, if kind == "CNAME" { "cname" } else { "ipAddress" })?;
    let sound = match kind {
        "A" => to.parse::<std::net::Ipv4Addr>().is_ok(),
        "AAAA" => to.parse::<std::net::Ipv6Addr>().is_ok(),
        kind => kind == "CNAME",
    };
    if sound { Ok(to) } else { Err(format!("{to} is nothing for {kind}")) }
}

fn records(
    state: &mut Zones,
    seen: &Seen,
    form: &BTreeMap<String, String>,
    (domain, zone): (&str, &str),
) -> Result<serde_json::Value, String> {
    match seen.path.as_str() {
        "/api/zones/records/get" => {
            only(form, &["domain", "zone", "listZone"])?;
            let whole = form.get("listZone").map(String::as_str) == Some("true");
            let shown = state.records.iter().filter(|(name, ..)| whole || name == domain).map(|(name, kind, to)| {
                let data = if kind == "CNAME" { json!({ "cname": to }) } else { json!({ "ipAddress": to }) };
                let ttl = state.ttls.get(&(name.clone(), kind.clone(), to.clone())).copied().unwrap_or(3600);
                json!({ "name": name, "type": kind, "ttl": ttl, "rData": data, "disabled": false })
            });
            let soa = json!({ "name": zone, "type": "SOA", "rData": { "primaryNameServer": "ns" } });
            Ok(json!({ "records": shown.chain([soa]).collect::<Vec<_>>() }))
        }
        "/api/zones/records/add" => {
            only(form, &["domain", "zone", "type", "ttl", "ipAddress", "cname"])?;
            let kind = demanded(form, "type")?;
            let to = data(form, kind)?.to_owned();
            let ttl = demanded(form, "ttl")?.parse().map_err(|_| "ttl is no number")?;
            state.ttls.insert((domain.to_owned(), kind.to_owned(), to.clone()), ttl);
            let clash = |(name, other, there): &(String, String, String)| {
                name == domain && (kind == "CNAME" || other == "CNAME" || *there == to)
            };
            if state.records.iter().any(clash) {
                return Err(format!("Cannot add record: a record of {domain} exists already"));
            }
            state.records.push((domain.to_owned(), kind.to_owned(), to));
            state.writes += 1;
            Ok(json!({}))
        }
        "/api/zones/records/update" => {
            only(form, &["domain", "zone", "type", "ttl", "ipAddress", "newIpAddress", "cname"])?;
            let kind = demanded(form, "type")?;
            let record = (domain.to_owned(), kind.to_owned(), data(form, kind)?.to_owned());
            if !state.records.contains(&record) {
                return Err(format!("no such record: {record:?}"));
            }
            let ttl = demanded(form, "ttl")?.parse().map_err(|_| "ttl is no number")?;
            state.ttls.insert(record, ttl);
            state.writes += 1;
            Ok(json!({}))
        }
        "/api/zones/records/delete" => {
            only(form, &["domain", "zone", "type", "ipAddress"])?;
            let kind = demanded(form, "type")?;
            let to = if kind == "CNAME" { None } else { Some(data(form, kind)?) };
            let before = state.records.len();
            state
                .records
                .retain(|(name, other, there)| name != domain || other != kind || to.is_some_and(|to| to != there));
            if state.records.len() == before {
                return Err("no such record".to_owned());
            }
            state.writes += 1;
            Ok(json!({}))
        }
        other => Err(format!("unknown API: {other}")),
    }
}
