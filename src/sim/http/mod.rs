//! The Engine API: from a request to its answer. One file a resource; must never decide what the world does.

mod containers;
mod events;
mod logs;
pub(crate) mod networks;
mod nodes;
pub(crate) mod parts;
mod query;
mod services;
mod storage;
mod system;
mod tasks;

use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue, SERVER, UPGRADE};
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, Response, StatusCode};
use serde_json::error::Category;
use serde_json::{Value, json};

use self::query::Query;
use super::fault::Harm;
use super::world::World;
use super::world::refusal::{Answer, Refusal};
use super::{Seen, Sim, shell};

pub(crate) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// One call, taken apart.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) path: Vec<String>,
    pub(crate) query: Query,
    pub(crate) body: Bytes,
    /// What the body is said to be.
    kind: String,
    /// The version in the path.
    api: Option<String>,
    /// The node the stream leads to.
    pub(crate) door: String,
    /// The stream is to be handed over.
    upgrade: bool,
}

impl Ask {
    /// The body as JSON, refused in the engine's words. The engine takes no body at all for an empty object.
    pub(crate) fn json(&self) -> Answer<Value> {
        if self.body.is_empty() {
            return Ok(json!({}));
        }
        let kind = self.kind.split(';').next().unwrap_or_default().trim();
        if kind != "application/json" {
            return Err(Refusal::bad(format!("unsupported Content-Type header ({kind}): must be 'application/json'")));
        }
        serde_json::from_slice(&self.body).map_err(|error| match error.classify() {
            Category::Eof => Refusal::bad("invalid JSON: unexpected EOF"),
            _ => Refusal::bad(format!("invalid JSON: {error}")),
        })
    }

    /// The `version` every update of an object of this kind must bear.
    pub(crate) fn version(&self, kind: &str) -> Answer<u64> {
        let text = self.query.get("version").unwrap_or("");
        text.parse().map_err(|_| match kind {
            "secret" | "config" => Refusal::bad(format!("invalid {kind} version")),
            _ => Refusal::bad(format!(
                "invalid {kind} version '{text}': strconv.ParseUint: parsing {text:?}: invalid syntax"
            )),
        })
    }

    /// Whether the call is made in a version of the API before this one.
    pub(crate) fn is_before(&self, version: (u32, u32)) -> bool {
        self.api.as_deref().is_some_and(|asked| numbers(asked) < version)
    }
}

/// What a call is answered with.
pub(crate) enum Reply {
    Json(u16, Value),
    Empty(u16),
    Ping,
    Events(events::Follow),
    Logs(logs::Follow),
    Stats(containers::Follow),
    /// The stream belongs to a command from here on.
    Upgrade {
        exec: String,
        tty: bool,
    },
}

/// Answers one request, or strikes it with the fault on order.
pub(crate) async fn answer(sim: Sim, door: String, request: Request<Incoming>) -> io::Result<Response<Body>> {
    let (mut parts, body) = request.into_parts();
    let handed_over = parts.extensions.remove::<OnUpgrade>();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let raw = parts.uri.path();
    let (version, path) = split_version(raw);
    let query = parts.uri.query().map(|q| format!("?{q}")).unwrap_or_default();
    let auth = parts.headers.get("X-Registry-Auth").and_then(|header| header.to_str().ok()).unwrap_or_default();
    let seen = Seen {
        method: parts.method.to_string(),
        path: format!("{path}{query}"),
        body: body.clone(),
        at: door.clone(),
        auth: auth.to_owned(),
    };
    let harm = sim.note(seen);
    let broken = harm.clone();
    let ask = Ask {
        method: parts.method,
        path: path.split('/').filter(|s| !s.is_empty()).map(query::decode).collect(),
        query: Query::parse(parts.uri.query().unwrap_or("")),
        body,
        kind: parts.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned(),
        api: version,
        door,
        upgrade: parts.headers.get(UPGRADE).is_some_and(|to| to.as_bytes().eq_ignore_ascii_case(b"tcp")),
    };
    let reply = match harm {
        Some(Harm::Cut) => return Err(io::Error::new(io::ErrorKind::ConnectionReset, "cut on order")),
        Some(Harm::Stall) => {
            sim.0.stop.cancelled().await;
            return Err(io::Error::new(io::ErrorKind::TimedOut, "stalled on order"));
        }
        Some(Harm::NotJson) => return Ok(not_json()),
        Some(Harm::Status(status, message)) => Err(Refusal::new(status, message)),
        _ => {
            let act = |state: &mut super::State| {
                let reply =
                    check_version(&state.world, ask.api.as_deref()).and_then(|()| route(&mut state.world, &ask));
                state.world.tick(Duration::ZERO);
                reply
            };
            if matches!(ask.method, Method::GET | Method::HEAD) { sim.look(act) } else { sim.step(act) }
        }
    };
    if let (Ok(Reply::Upgrade { exec, .. }), Some(stream)) = (&reply, handed_over) {
        sim.0.tasks.spawn(shell::run(sim.clone(), exec.clone(), stream));
    }
    let mut response = shape(&sim, reply, &ask);
    match broken {
        Some(Harm::StallBody) => response = half(response, false).await,
        Some(Harm::CutBody) => response = half(response, true).await,
        _ => {}
    }
    Ok(dress(&sim, &ask, response))
}

/// `/v1.51/nodes` → the version and `/nodes`.
fn split_version(path: &str) -> (Option<String>, &str) {
    let Some(rest) = path.strip_prefix("/v") else { return (None, path) };
    let (version, _) = rest.split_once('/').unwrap_or((rest, ""));
    if version.split('.').count() == 2 && version.chars().all(|c| c.is_ascii_digit() || c == '.') {
        (Some(version.to_owned()), rest.get(version.len()..).unwrap_or(""))
    } else {
        (None, path)
    }
}

fn numbers(version: &str) -> (u32, u32) {
    let (major, minor) = version.split_once('.').unwrap_or((version, "0"));
    (major.parse().unwrap_or(0), minor.parse().unwrap_or(0))
}

fn check_version(world: &World, version: Option<&str>) -> Answer<()> {
    let Some(text) = version else { return Ok(()) };
    let asked = numbers(text);
    let ((max, max_minor), (min, min_minor)) = (world.cluster.api, world.cluster.api_min);
    if asked > (max, max_minor) {
        return Err(Refusal::bad(format!(
            "client version {text} is too new. Maximum supported API version is {max}.{max_minor}"
        )));
    }
    if asked < (min, min_minor) {
        return Err(Refusal::bad(format!(
            "client version {text} is too old. Minimum supported API version is {min}.{min_minor}, please upgrade your client to a newer version"
        )));
    }
    Ok(())
}

const NOT_A_MANAGER: &str = "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. \
Please run this command on a manager node or promote the current node to a manager.";

fn route(world: &mut World, ask: &Ask) -> Answer<Reply> {
    let path: Vec<&str> = ask.path.iter().map(String::as_str).collect();
    let first = path.first().copied().unwrap_or("");
    if ["nodes", "services", "tasks", "secrets", "configs", "swarm"].contains(&first) {
        let manager = world.nodes.values().any(|n| n.hostname == ask.door && n.is_manager());
        if !manager {
            return Err(Refusal::new(503, NOT_A_MANAGER));
        }
        if !world.has_leader() {
            return Err(Refusal::no_leader());
        }
    }
    match first {
        "nodes" => nodes::route(world, ask, &path),
        "services" => services::route(world, ask, &path),
        "tasks" => tasks::route(world, ask, &path),
        "networks" => networks::route(world, ask, &path),
        "secrets" | "configs" => parts::route(world, ask, &path),
        "events" => events::route(world, ask),
        "containers" | "exec" => containers::route(world, ask, &path),
        "images" | "volumes" | "build" | "system" => storage::route(world, ask, &path),
        _ => system::route(world, ask, &path),
    }
}

pub(crate) fn nowhere() -> Answer<Reply> {
    Err(Refusal::new(404, "page not found"))
}

fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

fn with_status(status: u16, kind: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if !kind.is_empty() {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    response
}

fn not_json() -> Response<Body> {
    with_status(200, "text/html", full("<html><body><h1>Bad gateway</h1></body></html>"))
}

fn shape(sim: &Sim, reply: Answer<Reply>, ask: &Ask) -> Response<Body> {
    match reply {
        Ok(Reply::Json(status, value)) => with_status(status, "application/json", full(format!("{value}\n"))),
        Ok(Reply::Empty(status)) => with_status(status, "", full("")),
        Ok(Reply::Ping) => {
            let body = if ask.method == Method::HEAD { "" } else { "OK" };
            with_status(200, "text/plain; charset=utf-8", full(body))
        }
        Ok(Reply::Events(follow)) => with_status(200, "application/json", events::body(sim, follow)),
        Ok(Reply::Logs(follow)) => {
            let kind = if follow.raw || ask.is_before((1, 42)) {
                "application/vnd.docker.raw-stream"
            } else {
                "application/vnd.docker.multiplexed-stream"
            };
            with_status(200, kind, logs::body(sim, follow))
        }
        Ok(Reply::Stats(follow)) => with_status(200, "application/json", containers::stats(sim, follow)),
        Ok(Reply::Upgrade { tty, .. }) => {
            let framed = !tty && !ask.is_before((1, 42));
            let kind =
                if framed { "application/vnd.docker.multiplexed-stream" } else { "application/vnd.docker.raw-stream" };
            let mut response = with_status(101, kind, full(""));
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("Upgrade"));
            response.headers_mut().insert(UPGRADE, HeaderValue::from_static("tcp"));
            response
        }
        Err(refusal) => {
            with_status(refusal.status, "application/json", full(format!("{}\n", json!({"message": refusal.message}))))
        }
    }
}

/// The headers every answer of the engine bears; those of `/_ping` more.
fn dress(sim: &Sim, ask: &Ask, mut response: Response<Body>) -> Response<Body> {
    let (api, engine, swarm) = sim.look(|s| {
        let manager = s.world.nodes.values().any(|n| n.hostname == ask.door && n.is_manager());
        let (major, minor) = s.world.cluster.api;
        (
            format!("{major}.{minor}"),
            s.world.cluster.engine.clone(),
            if manager { "active/manager" } else { "active/worker" },
        )
    });
    let headers = response.headers_mut();
    let mut put = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    put("api-version", &api);
    put("docker-experimental", "false");
    put("ostype", "linux");
    put(SERVER.as_str(), &format!("Docker/{engine} (linux)"));
    if ask.path.first().is_some_and(|p| p == "_ping") {
        put("builder-version", "2");
        put("swarm", swarm);
        put("cache-control", "no-cache, no-store, must-revalidate");
        put("pragma", "no-cache");
    }
    response
}

/// The first half of a body, and then nothing, or the end of the connection.
async fn half(response: Response<Body>, cut: bool) -> Response<Body> {
    let (parts, body) = response.into_parts();
    // A stream that is followed has no half: its first piece stands for it.
    let mut body = body;
    let first = match body.frame().await {
        Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
        _ => Bytes::new(),
    };
    let first = first.slice(..first.len() / 2);
    let pieces = stream::unfold(Some(first), move |first| async move {
        match first {
            Some(first) => Some((Ok(Frame::data(first)), None)),
            None if cut => {
                // Gives the connection the turns it needs to send the first half.
                for _ in 0..3 {
                    tokio::task::yield_now().await;
                }
                Some((Err(io::Error::new(io::ErrorKind::ConnectionReset, "cut on order")), None))
            }
            None => std::future::pending().await,
        }
    });
    Response::from_parts(parts, StreamBody::new(pieces).boxed_unsync())
}

/// The one that was found, or the engine's words for none and for several.
pub(crate) fn query_one(kind: &str, name: &str, mut found: Vec<String>) -> Answer<String> {
    match (found.pop(), found.len()) {
        (Some(id), 0) => Ok(id),
        (Some(_), more) => Err(Refusal::bad(format!("{kind} {name} is ambiguous ({} matches found)", more + 1))),
        (None, _) => Err(Refusal::missing(kind, name)),
    }
}
