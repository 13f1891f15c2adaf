//! A stand-in for the API of Pi-hole 6, after its public document: a session by password, items of lists in the path,
//! and a refusal of whatever the document does not name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::dnsmasq::Dnsmasq;
use crate::stand_in::{Reply, Seen, plain, said};

pub const PASSWORD: &str = "p1 \"hole\"";

/// What it knows.
#[derive(Default)]
pub struct Hole {
    pub sessions: BTreeSet<String>,
    pub opened: usize,
    pub lists: BTreeMap<String, Vec<String>>,
    /// How often the name server was begun anew.
    pub restarts: usize,
    /// A line that it does not take.
    pub disliked: Option<String>,
    /// Settings cannot be changed with this password.
    pub frozen: bool,
    /// A session ends after so many questions.
    pub patience: Option<usize>,
    pub asked: usize,
    /// What a login is answered with instead: status, and what stands in the answer.
    pub door: Option<(u16, serde_json::Value)>,
}

pub type Shared = Arc<Mutex<Hole>>;

pub fn answers(state: Shared, server: Option<Arc<Dnsmasq>>) -> impl Fn(&Seen) -> Reply + Send + Sync {
    move |seen| {
        let mut state = state.lock().unwrap();
        let restarts = state.restarts;
        let (status, body) = answer(&mut state, seen);
        if let (Some(server), true) = (&server, state.restarts > restarts) {
            server.knows(&records(&state));
        }
        said(status, body.to_string())
    }
}

fn records(state: &Hole) -> Vec<(String, String, String)> {
    let list = |name: &str| state.lists.get(name).cloned().unwrap_or_default();
    let hosts = list("hosts").into_iter().map(|line| {
        let (address, name) = line.split_once(' ').unwrap();
        let kind = if address.contains(':') { "AAAA" } else { "A" };
        (name.to_owned(), kind.to_owned(), address.to_owned())
    });
    let names = list("cnameRecords").into_iter().map(|line| {
        let (name, target) = line.split_once(',').unwrap();
        (name.to_owned(), "CNAME".to_owned(), target.to_owned())
    });
    hosts.chain(names).collect()
}

fn refused(status: u16, key: &str) -> (u16, serde_json::Value) {
    (status, json!({ "error": { "key": key, "message": key, "hint": null }, "took": 0.001 }))
}

fn answer(state: &mut Hole, seen: &Seen) -> (u16, serde_json::Value) {
    if seen.query.iter().any(|(name, value)| name != "restart" || (value != "true" && value != "false")) {
        return refused(400, "bad_request");
    }
    let sid = seen.headers.get("x-ftl-sid").cloned().unwrap_or_default();
    if seen.path == "/api/auth" && seen.method == "POST" {
        if let Some(door) = &state.door {
            return door.clone();
        }
        let body: serde_json::Value = serde_json::from_str(&seen.body).unwrap_or_default();
        let keys: Vec<&String> = body.as_object().map(|map| map.keys().collect()).unwrap_or_default();
        if keys != ["password"] || body["password"] != PASSWORD {
            return (401, json!({ "session": { "valid": false, "totp": false, "sid": null } }));
        }
        state.opened += 1;
        let sid = format!("sid/{}+=", state.opened);
        state.sessions.insert(sid.clone());
        return (200, json!({ "session": { "valid": true, "totp": false, "sid": sid, "csrf": "x", "validity": 300 } }));
    }
    state.asked += 1;
    if state.patience.is_some_and(|most| state.asked.is_multiple_of(most)) {
        state.sessions.remove(&sid);
    }
    if !state.sessions.contains(&sid) {
        return refused(401, "unauthorized");
    }
    if seen.path == "/api/auth" && seen.method == "DELETE" {
        state.sessions.remove(&sid);
        return (204, json!(null));
    }
    if (seen.method.as_str(), seen.path.as_str()) == ("POST", "/api/action/restartdns") {
        state.restarts += 1;
        return (200, json!({ "status": "ok", "took": 0.001 }));
    }
    let Some(rest) = seen.path.strip_prefix("/api/config/dns/") else { return refused(404, "not_found") };
    let (name, item) = rest.split_once('/').map_or((rest, None), |(name, item)| (name, Some(plain(item))));
    if !["hosts", "cnameRecords"].contains(&name) {
        return refused(400, "bad_request");
    }
    if seen.method != "GET" && state.frozen {
        return refused(403, "forbidden");
    }
    if item.is_some() && state.disliked == item {
        return refused(400, "bad_request");
    }
    let list = state.lists.entry(name.to_owned()).or_default();
    let status = match (seen.method.as_str(), item) {
        ("GET", None) => return (200, json!({ "config": { "dns": { name: list } }, "took": 0.001 })),
        ("PUT", Some(item)) if !list.contains(&item) => {
            list.push(item);
            201
        }
        ("PUT", Some(_)) => return refused(400, "bad_request"),
        ("DELETE", Some(item)) if list.contains(&item) => {
            list.retain(|other| *other != item);
            204
        }
        ("DELETE", Some(_)) => return refused(404, "not_found"),
        _ => return refused(400, "bad_request"),
    };
    if seen.query.get("restart").map(String::as_str) != Some("false") {
        state.restarts += 1;
    }
    (status, json!(null))
}
