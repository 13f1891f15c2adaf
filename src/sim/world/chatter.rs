//! What containers write: plausible lines by kind of program. Must never hold a real secret or a real address.

use std::time::Duration;

use super::ids::Rng;
use super::task::State;
use super::{Id, Timer, World, text};
use crate::sim::behaviour::Behaviour;

/// The kinds of programs that write differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Web,
    Database,
    Media,
    Metrics,
    Secrets,
    App,
}

impl Kind {
    fn of(image: &str) -> Self {
        let has = |words: &[&str]| words.iter().any(|w| image.contains(w));
        if has(&["1password/op", "/op:"]) {
            Kind::Secrets
        } else if has(&["caddy", "nginx", "traefik", "cloudflared", "homepage", "authentik", "proxy"]) {
            Kind::Web
        } else if has(&["postgres", "mongo", "redis", "mariadb"]) {
            Kind::Database
        } else if has(&["prom", "grafana", "loki", "cadvisor", "exporter", "alertmanager"]) {
            Kind::Metrics
        } else if has(&[
            "arr",
            "plex",
            "jellyfin",
            "sabnzbd",
            "tautulli",
            "kometa",
            "title",
            "seerr",
            "wizarr",
            "maintainerr",
        ]) {
            Kind::Media
        } else {
            Kind::App
        }
    }

    /// About how many milliseconds pass between two lines.
    fn pace(self) -> (u64, u64) {
        match self {
            Kind::Web => (400, 3500),
            Kind::Database => (4000, 15_000),
            Kind::Media => (2000, 9000),
            Kind::Metrics => (3000, 12_000),
            Kind::Secrets => (300, 900),
            Kind::App => (1500, 8000),
        }
    }

    fn lines(self) -> &'static [&'static str] {
        match self {
            Kind::Web => WEB,
            Kind::Database => DATABASE,
            Kind::Media => MEDIA,
            Kind::Metrics => METRICS,
            Kind::Secrets => SECRETS,
            Kind::App => APP,
        }
    }
}

// `!` in front: standard error. {n} a small number, {ms} a duration, {ip} an address, {path} a path,
// {time} hours, minutes, seconds, {show} a title, {e} the escape character.
const WEB: &[&str] = &[
    r#"{"level":"info","logger":"http.log.access","msg":"handled request","remote_ip":"{ip}","method":"GET","uri":"{path}","status":200,"duration":0.0{ms}}"#,
    r#"{"level":"info","logger":"http.log.access","msg":"handled request","remote_ip":"{ip}","method":"GET","uri":"{path}","status":304,"duration":0.00{n}}"#,
    r#"{"level":"info","logger":"http.log.access","msg":"handled request","remote_ip":"{ip}","method":"POST","uri":"/api/v3/command","status":201,"duration":0.1{ms}}"#,
    r#"{ip} - - [{time}] "GET {path} HTTP/2.0" 200 {ms}"#,
    r#"{ip} - - [{time}] "GET {path} HTTP/2.0" 404 162"#,
    r#"!{"level":"warn","logger":"http.handlers.reverse_proxy","msg":"upstream slow","upstream":"10.0.4.{n}:8989","duration":2.{ms}}"#,
    r#"!{"level":"error","logger":"http.log.error","msg":"dial tcp 10.0.4.{n}:7878: connect: connection refused","status":502}"#,
    "{e}[32mINF{e}[0m Registered tunnel connection connIndex={n} protocol=quic",
];
const DATABASE: &[&str] = &[
    "{time} UTC [{n}] LOG:  checkpoint starting: time",
    "{time} UTC [{n}] LOG:  checkpoint complete: wrote {ms} buffers (0.{n}%); write=4.{ms} s, sync=0.00{n} s",
    "{time} UTC [{n}] LOG:  automatic vacuum of table \"sonarr.public.History\": index scans: 1",
    "!{time} UTC [{n}] WARNING:  there is already a transaction in progress",
    "!{time} UTC [{n}] ERROR:  canceling statement due to statement timeout",
    "{time} UTC [{n}] LOG:  connection authorized: user=sonarr database=sonarr application_name=Sonarr",
];
const MEDIA: &[&str] = &[
    "[Info] RssSyncService: Starting RSS Sync",
    "[Info] DownloadDecisionMaker: Processing {ms} releases",
    "[Info] RssSyncService: RSS Sync Completed. Reports found: {ms}, Reports grabbed: {n}",
    "[Info] DiskScanService: Scanning {show}",
    "[Debug] Housekeeping: {ms} rows",
    "{e}[33m[Warn]{e}[0m Torznab: Indexer answered slowly: {ms}00 ms",
    "!{e}[31m[Error]{e}[0m DownloadMonitoringService: Couldn't process tracked download {show}",
    "[Info] ImportApprovedEpisodes: Imported {show} S0{n}E1{n}",
];
const METRICS: &[&str] = &[
    "ts={time} level=info component=tsdb msg=\"write block\" mint=1700{ms} duration={ms}ms",
    "ts={time} level=info component=tsdb msg=\"WAL checkpoint complete\" first={n} last=1{n}",
    "ts={time} level=info msg=\"scrape finished\" targets={n} duration={ms}ms",
    "!ts={time} level=warn component=\"scrape manager\" target=http://10.0.6.{n}:9100/metrics msg=\"context deadline exceeded\"",
    "!ts={time} level=error msg=\"error sending batch\" status=429 retry={n}",
    "ts={time} level=info msg=\"compacting table\" table=index_{n}",
];
const SECRETS: &[&str] = &["injecting {n} references", "wrote /secrets/.env (mode 0600)"];
const APP: &[&str] = &[
    "INFO  request completed path={path} status=200 in {ms} ms",
    "INFO  job {n} finished in {ms} ms",
    "INFO  heartbeat ok, {n} clients",
    "DEBUG cache hit ratio 0.{ms}",
    "{e}[33mWARN{e}[0m  retrying in {n} s: upstream timed out",
    "!ERROR could not reach {ip}:443: i/o timeout",
];
const PATHS: &[&str] = &[
    "/",
    "/api/v3/queue",
    "/api/v3/series",
    "/web/index.html",
    "/favicon.ico",
    "/metrics",
    "/login?next=/",
    "/library/sections",
];
const SHOWS: &[&str] = &["The Expanse", "Das Boot", "Poldark", "Black Sails", "Hornblower", "Captain Blood"];

fn fill(template: &str, rng: &mut Rng, time: &str) -> String {
    let mut out = String::with_capacity(template.len() + 24);
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let known = ["{n}", "{ms}", "{ip}", "{path}", "{show}", "{time}", "{e}"].iter().find(|k| from.starts_with(**k));
        let Some(key) = known else {
            out.push('{');
            rest = from.get(1..).unwrap_or("");
            continue;
        };
        match *key {
            "{n}" => out.push_str(&rng.between(1, 9).to_string()),
            "{ms}" => out.push_str(&rng.between(11, 99).to_string()),
            "{ip}" => out.push_str(&format!("198.51.100.{}", rng.between(2, 250))),
            "{path}" => out.push_str(rng.pick(PATHS).unwrap_or(&"/")),
            "{show}" => out.push_str(rng.pick(SHOWS).unwrap_or(&"Poldark")),
            "{e}" => out.push('\u{1b}'),
            _ => out.push_str(time),
        }
        rest = from.get(key.len()..).unwrap_or("");
    }
    out.push_str(rest);
    out
}

impl World {
    /// What a container says when it starts.
    pub(super) fn first_words(&mut self, id: &Id) {
        let Some(task) = self.tasks.get(id) else { return };
        let image = text(&task.spec, "/ContainerSpec/Image");
        let image = image.split('@').next().unwrap_or(image);
        let line = match Kind::of(image) {
            Kind::Database => "database system is ready to accept connections".to_owned(),
            Kind::Secrets => "reading template from /templates".to_owned(),
            _ => format!("INFO  {} starting, image {image}", task.service_name),
        };
        self.say(id, false, line);
    }

    /// The next line of a running container, and the moment of the one after.
    pub(super) fn write_line(&mut self, id: &Id) {
        let Some(task) = self.tasks.get(id).filter(|t| t.state == State::Running) else { return };
        let image = text(&task.spec, "/ContainerSpec/Image").to_owned();
        let up = task.node.as_ref().and_then(|n| self.nodes.get(n)).is_some_and(|n| n.up);
        let kind = Kind::of(&image);
        if up {
            // Ordinary lines stand first in each table and are said more often.
            let lines = kind.lines();
            let common = lines.get(..lines.len() / 2).unwrap_or(lines);
            let from = if self.rng.between(0, 9) < 7 { common } else { lines };
            if let Some(template) = self.rng.pick(from).copied() {
                let time = self.now.strftime("%Y-%m-%d %H:%M:%S").to_string();
                let line = fill(template, &mut self.rng, &time);
                let (stderr, line) = line.strip_prefix('!').map_or((false, line.as_str()), |l| (true, l));
                self.say(id, stderr, line.to_owned());
            }
        }
        let next = match self.behaviour(&image) {
            Behaviour::Chatty(pace) => pace.max(Duration::from_millis(1)),
            _ => self.millis(kind.pace().0, kind.pace().1),
        };
        self.at(self.now + next, Timer::Line(id.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_filled_to_the_end() {
        let mut rng = Rng::new(1);
        for kind in [Kind::Web, Kind::Database, Kind::Media, Kind::Metrics, Kind::Secrets, Kind::App] {
            for template in kind.lines() {
                let line = fill(template, &mut rng, "12:00");
                for key in ["{n}", "{ms}", "{ip}", "{path}", "{show}", "{time}", "{e}"] {
                    assert!(!line.contains(key), "{line}");
                }
            }
        }
    }
}
