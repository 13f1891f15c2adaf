//! A stand-in for Uptime Kuma: Engine.IO 4 by long polls, Socket.IO 5 on it, and the events that its own pages use. It
//! answers nobody who is not logged in, and wants of a monitor just what version 2 stores.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};

use crate::stand_in::{Reply, Seen, said};

pub const PASSWORD: &str = "k\"uma\u{fc}";
/// What version 2 stores of a monitor that asks for a URL.
const FIELDS: [&str; 21] = [
    "type",
    "name",
    "url",
    "method",
    "active",
    "interval",
    "retryInterval",
    "resendInterval",
    "maxretries",
    "timeout",
    "maxredirects",
    "accepted_statuscodes",
    "notificationIDList",
    "ignoreTls",
    "upsideDown",
    "expiryNotification",
    "kafkaProducerBrokers",
    "kafkaProducerSaslOptions",
    "conditions",
    "rabbitmqNodes",
    "id",
];

/// What it knows.
#[derive(Default)]
pub struct State {
    pub monitors: BTreeMap<u64, Map<String, Value>>,
    pub conversations: BTreeMap<String, Conversation>,
    /// Conversations that were ended by who began them.
    pub ended: usize,
    /// What a login is answered with instead.
    pub door: Option<Value>,
    /// After so many events it begins anew: it knows no conversation any more, but what it was told.
    pub forgets_after: Option<usize>,
    events: usize,
    opened: usize,
    numbered: u64,
}

#[derive(Default)]
pub struct Conversation {
    joined: bool,
    logged_in: bool,
    pinged: bool,
    waiting: VecDeque<String>,
}

pub type Shared = Arc<Mutex<State>>;

pub fn answers(state: Shared) -> impl Fn(&Seen) -> Reply + Send + Sync {
    move |seen| {
        let mut state = state.lock().unwrap();
        match answer(&mut state, seen) {
            Ok(body) => said(200, body),
            Err(why) => said(400, json!({ "code": 3, "message": why }).to_string()),
        }
    }
}

impl State {
    pub fn with(monitors: &[Value]) -> Self {
        let mut state = Self::default();
        for monitor in monitors {
            state.store(monitor.as_object().unwrap().clone());
        }
        state
    }

    fn store(&mut self, mut monitor: Map<String, Value>) -> u64 {
        self.numbered += 1;
        monitor.insert("id".to_owned(), self.numbered.into());
        self.monitors.insert(self.numbered, monitor);
        self.numbered
    }

    fn list(&self) -> String {
        let list: Map<String, Value> =
            self.monitors.iter().map(|(id, monitor)| (id.to_string(), Value::Object(monitor.clone()))).collect();
        format!("42{}", json!(["monitorList", list]))
    }
}

fn answer(state: &mut State, seen: &Seen) -> Result<String, &'static str> {
    let word = |name: &str| seen.query.get(name).map(String::as_str);
    if seen.path != "/socket.io/" || word("EIO") != Some("4") || word("transport") != Some("polling") {
        return Err("Transport unknown");
    }
    let Some(sid) = word("sid").map(str::to_owned) else {
        if seen.method != "GET" {
            return Err("Bad handshake method");
        }
        state.opened += 1;
        let sid = format!("s-{}", state.opened);
        state.conversations.insert(sid.clone(), Conversation::default());
        let hello = json!({ "sid": sid, "upgrades": ["websocket"], "pingInterval": 25000, "pingTimeout": 20000, "maxPayload": 1_000_000 });
        return Ok(format!("0{hello}"));
    };
    if !state.conversations.contains_key(&sid) {
        return Err("Session ID unknown");
    }
    if seen.method == "POST" {
        for packet in seen.body.split('\u{1e}') {
            hear(state, &sid, packet)?;
        }
        return Ok("ok".to_owned());
    }
    let conversation = state.conversations.get_mut(&sid).unwrap();
    if conversation.waiting.is_empty() {
        return Ok("6".to_owned());
    }
    // A ping may come at any time; it is sent once, in the middle.
    if conversation.logged_in && !conversation.pinged {
        conversation.waiting.push_front("2".to_owned());
    }
    Ok(conversation.waiting.drain(..).collect::<Vec<_>>().join("\u{1e}"))
}

fn hear(state: &mut State, sid: &str, packet: &str) -> Result<(), &'static str> {
    let conversation = state.conversations.get_mut(sid).unwrap();
    match packet {
        "3" => conversation.pinged = true,
        "1" => {
            state.conversations.remove(sid);
            state.ended += 1;
        }
        "40" => {
            conversation.joined = true;
            conversation.waiting.push_back(format!("40{}", json!({ "sid": "x" })));
            conversation.waiting.push_back(format!("42{}", json!(["info", { "isContainer": true }])));
        }
        packet => {
            let event = packet.strip_prefix("42").filter(|_| conversation.joined).ok_or("Bad packet")?;
            let (id, said) = event.split_at(event.find('[').ok_or("Bad packet")?);
            let said: Vec<Value> = serde_json::from_str(said).map_err(|_| "Bad packet")?;
            let answer = event_of(state, sid, &said);
            state.events += 1;
            if state.forgets_after == Some(state.events) {
                state.conversations.clear();
                return Ok(());
            }
            let conversation = state.conversations.get_mut(sid).unwrap();
            conversation.waiting.push_back(format!("43{id}{}", json!([answer])));
        }
    }
    Ok(())
}

fn event_of(state: &mut State, sid: &str, said: &[Value]) -> Value {
    let refused = |why: &str| json!({ "ok": false, "msg": why });
    let event = said[0].as_str().unwrap();
    if let (Some(door), "login") = (&state.door, event) {
        return door.clone();
    }
    if event == "login" {
        let login = json!({ "username": "admin", "password": PASSWORD, "token": "" });
        if said.get(1) != Some(&login) {
            return refused("authIncorrectCreds");
        }
        let list = state.list();
        let conversation = state.conversations.get_mut(sid).unwrap();
        conversation.logged_in = true;
        conversation.waiting.push_back(list);
        conversation.waiting.push_back(format!("42{}", json!(["info", { "version": "2.0.2" }])));
        // A large one says much more that nobody asked for.
        let beats = format!("42{}", json!(["heartbeatList", "1", [], true]));
        conversation.waiting.extend(std::iter::repeat_n(beats, 400));
        return json!({ "ok": true, "token": "jwt" });
    }
    if !state.conversations[sid].logged_in {
        return refused("You are not logged in.");
    }
    let answer = match event {
        "getMonitorList" => json!({ "ok": true }),
        "add" => {
            let monitor = said[1].as_object().unwrap().clone();
            let given: BTreeSet<&str> = monitor.keys().map(String::as_str).collect();
            let wanted: BTreeSet<&str> = FIELDS.into_iter().filter(|field| *field != "id").collect();
            // A parent may be said, and is one of its groups.
            let parent = monitor.get("parent").map(|parent| parent.as_u64().unwrap());
            let is_group = |id: &u64| state.monitors.get(id).is_some_and(|other| other["type"] == "group");
            if !parent.iter().all(is_group) {
                return refused("no such group");
            }
            let given: BTreeSet<&str> = given.into_iter().filter(|field| *field != "parent").collect();
            if given != wanted || !monitor["accepted_statuscodes"].as_array().unwrap().iter().all(Value::is_string) {
                return refused(&format!("SQLITE_ERROR: {:?}", given.symmetric_difference(&wanted)));
            }
            json!({ "ok": true, "msg": "successAdded", "monitorID": state.store(monitor) })
        }
        "editMonitor" => {
            let monitor = said[1].as_object().unwrap().clone();
            match monitor.get("id").and_then(Value::as_u64).filter(|id| state.monitors.contains_key(id)) {
                Some(id) => {
                    state.monitors.insert(id, monitor);
                    json!({ "ok": true, "msg": "Saved.", "monitorID": id })
                }
                None => return refused("Permission denied."),
            }
        }
        "deleteMonitor" => match said[1].as_u64().and_then(|id| state.monitors.remove(&id)) {
            Some(_) => json!({ "ok": true, "msg": "successDeleted" }),
            None => return refused("Permission denied."),
        },
        _ => return refused("no such event"),
    };
    let list = state.list();
    state.conversations.get_mut(sid).unwrap().waiting.push_back(list);
    answer
}
