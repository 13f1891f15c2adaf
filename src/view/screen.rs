//! Screens as text, for tests: what the operator sees, and where style carries meaning.

use std::fmt::Write as _;
use std::sync::Arc;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

use crate::model::sample::{node, noon, service, swarm};
use crate::model::{Availability, Catalogue, Change, Filed, HostNote, Picture, SwarmEvent, TaskState, Tier};

/// What is drawn, as lines of text without the blanks at their ends.
pub fn screen((width, height): (u16, u16), draw: impl FnOnce(Rect, &mut Buffer)) -> String {
    lines(&drawn((width, height), draw), |cell| cell.symbol().to_owned())
}

/// The same, followed by the same cells as letters for their styles: `R` reversed, `d` dimmed, `b` bold,
/// `u` underlined, else the first letter of a colour; `.` for plain.
pub fn styled((width, height): (u16, u16), draw: impl FnOnce(Rect, &mut Buffer)) -> String {
    let buf = drawn((width, height), draw);
    let text = lines(&buf, |cell| cell.symbol().to_owned());
    let style = lines(&buf, |cell| letter(cell).to_string());
    format!("{text}\n══ style ══\n{style}")
}

pub fn drawn((width, height): (u16, u16), draw: impl FnOnce(Rect, &mut Buffer)) -> Buffer {
    let area = Rect::new(0, 0, width, height);
    let mut buf = Buffer::empty(area);
    draw(area, &mut buf);
    buf
}

fn letter(cell: &Cell) -> char {
    let has = |modifier| cell.modifier.contains(modifier);
    match cell.fg {
        _ if has(Modifier::REVERSED) => 'R',
        Color::Reset if has(Modifier::UNDERLINED) => 'u',
        Color::Reset if has(Modifier::DIM) && cell.symbol() != " " => 'd',
        Color::Reset if has(Modifier::BOLD) && cell.symbol() != " " => 'b',
        Color::Reset if cell.symbol() == " " => ' ',
        Color::Reset => '.',
        _ if has(Modifier::UNDERLINED) => 'U',
        Color::Red => 'r',
        Color::Green => 'g',
        Color::Yellow => 'y',
        Color::Blue => 'l',
        Color::Magenta => 'm',
        Color::Cyan => 'c',
        _ => '*',
    }
}

fn lines(buf: &Buffer, show: impl Fn(&Cell) -> String) -> String {
    let mut text = String::new();
    for y in 0..buf.area.height {
        let mut line = String::new();
        let mut skip = 0;
        for x in 0..buf.area.width {
            if skip == 0 {
                let shown = show(&buf[(x, y)]);
                skip = crate::app::format::width(buf[(x, y)].symbol()).max(1);
                line.push_str(&shown);
            }
            skip -= 1;
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// The platform of the sketches: five machines, three tiers, one crash loop, one that waits, one machine down.
pub fn homelab() -> Picture {
    let nodes = [
        node("barbary").manager(true).availability(Availability::Drain),
        node("ching").manager(false),
        node("angre").manager(false),
        node("lorcha").label("disk", "ssd"),
        node("dhow").down(),
    ];
    let run = |name: &str, node: &str| {
        service(name)
            .with(|service| {
                service.reserved_cpus = 500_000_000;
                service.reserved_memory = 1 << 30;
            })
            .task(1, node, TaskState::Running)
    };
    let crash = (0..6).fold(service("observability_autokuma"), |service, at| {
        service.task(1, "lorcha", TaskState::Failed).and(move |task| {
            task.exit_code = Some(1);
            task.created = noon().checked_sub(jiff::Span::new().seconds(44 + at * 30)).ok();
            task.since = noon().checked_sub(jiff::Span::new().seconds(40 + at * 30)).ok();
        })
    });
    let services = [
        run("caddy_caddy", "ching"),
        run("komodo_core", "angre"),
        run("cloudflared_tunnel", "ching"),
        run("authentik_server", "ching"),
        run("authentik_worker", "angre"),
        run("postgres_db", "angre"),
        run("monitoring_grafana", "lorcha"),
        run("monitoring_prometheus", "lorcha"),
        run("media-core_sonarr", "dhow"),
        run("observability_loki", "lorcha"),
        crash.task(1, "lorcha", TaskState::Starting),
        service("media-core_plex")
            .with(|plex| plex.constraints.push("node.labels.igpu == true".into()))
            .task(1, "", TaskState::Pending)
            .and(|task| task.error = "no suitable node (scheduling constraints not satisfied on 5 nodes)".into()),
    ];
    let event = |ago: i64, kind: &str, name: &str, detail: &str| SwarmEvent {
        at: noon().checked_sub(jiff::Span::new().seconds(ago)).unwrap_or_default(),
        kind: kind.into(),
        action: "update".into(),
        id: name.into(),
        name: name.into(),
        detail: detail.into(),
    };
    let snapshot = swarm(nodes, services)
        .after(Change::Event(event(70, "service", "media-core_sonarr", "updatestate updating → completed")))
        .after(Change::Event(event(9, "node", "dhow", "state ready → down")));
    Picture::of(snapshot, &Arc::new(catalogue()), noon())
}

/// The folder of that platform.
fn catalogue() -> Catalogue {
    let tier = |tier: Tier, names: &'static [&'static str]| {
        names.iter().map(move |name| {
            let file = format!("stacks/{}/{name}/compose.yaml", tier.name());
            ((*name).to_owned(), Filed::new(*name, tier.clone(), file))
        })
    };
    let host = |name: &str, platform: &str| {
        let note = HostNote {
            platform: platform.to_owned(),
            hardware: "i5-8500T, 8 GiB".to_owned(),
            responsibilities: vec!["ingress".to_owned(), "storage".to_owned()],
            address: "10.0.5.2".to_owned(),
            ..HostNote::default()
        };
        (name.to_owned(), note)
    };
    Catalogue {
        secrets: Default::default(),
        governor_unknown: None,
        name: "homelab".into(),
        stacks: tier(Tier::Infrastructure, &["caddy", "cloudflared", "komodo"])
            .chain(tier(Tier::Platform, &["authentik", "monitoring", "observability", "postgres"]))
            .chain(tier(Tier::Application, &["media-core", "support"]))
            .collect(),
        hosts: [
            host("barbary", "TrueNAS Scale"),
            host("ching", "Proxmox VM"),
            host("angre", "Proxmox VM"),
            host("lorcha", "bare metal"),
        ]
        .into(),
    }
}
