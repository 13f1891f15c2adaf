//! Who is using a media server right now. What cannot be known is never taken for nobody.

use serde_json::Value;
use zeroize::Zeroizing;

use super::{Answer, Client, Request, Trouble, plex};
use crate::model::text::{clean, counted};

/// How the server is asked, and how its answer is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// `MediaContainer` with its `Metadata`.
    Plex,
    /// A list of sessions, in which `NowPlayingItem` tells what plays.
    Jellyfin,
}

/// Whether somebody is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// Nobody.
    Nobody,
    /// These, each in words: who, what, and whether it plays.
    Some(Vec<String>),
    /// Nobody can tell, and why.
    Unknown(String),
}

impl Presence {
    /// In one line.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Presence::Nobody => "nobody".to_owned(),
            Presence::Some(who) => format!("{}: {}", counted(who.len() as u64, "session"), who.join(", ")),
            Presence::Unknown(why) => format!("not known: {why}"),
        }
    }
}

/// Asks the server at its address, which is that of its sessions.
pub async fn presence(client: &Client, server: Server, token: Option<&Zeroizing<String>>) -> Presence {
    let mut request = Request::new("GET", "").header("accept", "application/json");
    if let Some(token) = token.map(|token| token.trim()).filter(|token| !token.is_empty()) {
        request = match server {
            Server::Plex => request.header("x-plex-token", token),
            // The form that is documented now, and the one that older servers know.
            Server::Jellyfin => {
                request.header("authorization", format!("MediaBrowser Token=\"{token}\"")).header("x-emby-token", token)
            }
        };
    }
    match client.ask(request).await {
        Ok(answer) => judge(server, &answer),
        Err(trouble @ Trouble::Late(_)) => Presence::Unknown(trouble.to_string()),
        Err(trouble) => Presence::Unknown(format!("it does not answer: {trouble}")),
    }
}

/// What an answer says.
#[must_use]
pub fn judge(server: Server, answer: &Answer) -> Presence {
    match answer.status {
        200 => {}
        401 | 403 => return Presence::Unknown("it refuses the token".to_owned()),
        status => return Presence::Unknown(format!("it answers with status {status}")),
    }
    let read = match server {
        Server::Plex => plex::sessions(answer),
        Server::Jellyfin => answer.json().as_array().map(|sessions| sessions.iter().filter_map(jellyfin).collect()),
    };
    match read {
        Some(who) if who.is_empty() => Presence::Nobody,
        Some(who) => Presence::Some(who),
        None => Presence::Unknown("its answer is no list of sessions".to_owned()),
    }
}

fn jellyfin(session: &Value) -> Option<String> {
    let item = session.get("NowPlayingItem").filter(|item| !item.is_null())?;
    let text = |of: &Value, key: &str| of.get(key).and_then(Value::as_str).map(clean).unwrap_or_default();
    let paused = session.pointer("/PlayState/IsPaused").and_then(Value::as_bool).unwrap_or(false);
    Some(watches(&text(session, "UserName"), &text(item, "Name"), if paused { "paused" } else { "playing" }))
}

/// Names and titles come from outside: they are short here and control nothing.
pub(super) fn watches(who: &str, what: &str, state: &str) -> String {
    let short = |text: &str, or: &str| {
        let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(60).collect();
        if text.is_empty() { or.to_owned() } else { text }
    };
    let state = if state.is_empty() { String::new() } else { format!(" ({})", short(state, "")) };
    format!("{} watches {}{state}", short(who, "somebody"), short(what, "something"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(server: Server, status: u16, body: &str) -> String {
        judge(server, &Answer { status, body: body.to_owned() }).words()
    }

    #[test]
    fn only_a_list_that_is_empty_means_nobody() {
        for (server, status, body, words) in [
            (Server::Plex, 200, r#"{"MediaContainer":{"size":0}}"#, "nobody"),
            (Server::Jellyfin, 200, "[]", "nobody"),
            (Server::Jellyfin, 200, r#"[{"UserName":"ana","NowPlayingItem":null}]"#, "nobody"),
            (Server::Plex, 200, r#"{"MediaContainer":{"size":2}}"#, "2 sessions: somebody, somebody"),
            (
                Server::Plex,
                200,
                r#"{"MediaContainer":{"size":1,"Metadata":[{"title":"Pilot","grandparentTitle":"A Show","User":{"title":"ana"},"Player":{"state":"paused"}}]}}"#,
                "1 session: ana watches A Show, Pilot (paused)",
            ),
            (
                Server::Jellyfin,
                200,
                r#"[{"UserName":"ben","NowPlayingItem":{"Name":"A Film"},"PlayState":{"IsPaused":false}}]"#,
                "1 session: ben watches A Film (playing)",
            ),
            (Server::Plex, 401, "", "not known: it refuses the token"),
            (Server::Plex, 502, "[]", "not known: it answers with status 502"),
            (Server::Plex, 200, "<MediaContainer size=\"0\"/>", "nobody"),
            (Server::Plex, 200, "<html><body>log in</body></html>", "not known: its answer is no list of sessions"),
            (Server::Plex, 200, "", "not known: its answer is no list of sessions"),
            (Server::Jellyfin, 200, "<sessions/>", "not known: its answer is no list of sessions"),
            (Server::Jellyfin, 200, "{}", "not known: its answer is no list of sessions"),
            (Server::Plex, 200, r#"{"MediaContainer":{}}"#, "not known: its answer is no list of sessions"),
        ] {
            assert_eq!(judged(server, status, body), words, "{body}");
        }
    }

    #[test]
    fn a_title_that_controls_a_terminal_is_only_a_title() {
        let body = "[{\"UserName\":\"\\u001b[31mana\",\"NowPlayingItem\":{\"Name\":\"a\\nb\\u0007\"}}]";
        let words = judged(Server::Jellyfin, 200, body);
        assert!(!words.contains(['\u{1b}', '\n', '\u{7}']), "{words:?}");
    }
}
