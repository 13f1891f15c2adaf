//! What goes wrong in the demo, and how it heals: a crash loop, a node that goes and comes, a bad update,
//! a service that waits for a label.

use std::time::Duration;

use crate::sim::{Behaviour, Deed, Scenario, service};

const AUTOKUMA: &str = "ghcr.io/bigboot/autokuma:2.0.0";
const SONARR: &str = "lscr.io/linuxserver/sonarr:4.0.15";
const SONARR_BAD: &str = "lscr.io/linuxserver/sonarr:4.0.16";
const LAST_WORDS: &str = "\u{1b}[31mERROR\u{1b}[0m kuma_client::client: websocket handshake with \
                          http://uptime-kuma:3001 failed: Connection refused (os error 111)";

/// After so many seconds the story begins anew.
const ROUND: u64 = 480;

/// The story, told once and then again every eight minutes.
pub(super) fn told(scenario: Scenario) -> Scenario {
    let waiting = service("upscaler")
        .image("ghcr.io/homelab/upscaler:0.3.1")
        .replicas(0)
        .constraint("node.labels.gpu == true")
        .reserve(250, 512);
    let scenario = scenario.behaviour(SONARR_BAD, Behaviour::Sick).service(waiting);
    let image = |image: &str| Deed::Image { service: "media-core_sonarr".into(), image: image.into() };
    let behave = |behaviour| Deed::Behave { image: AUTOKUMA.into(), behaviour };
    let upscalers = |to| Deed::Scale { service: "scratch_upscaler".into(), to };
    let label =
        |value: Option<&str>| Deed::Label { node: "lorcha".into(), key: "gpu".into(), value: value.map(str::to_owned) };
    [
        (6, behave(Behaviour::crashing(101, LAST_WORDS))),
        (6, Deed::Kill { service: "observability_autokuma".into(), code: 101 }),
        (75, behave(Behaviour::Healthy)),
        (120, Deed::NodeDown("dhow".into())),
        (180, Deed::NodeUp("dhow".into())),
        (240, image(SONARR_BAD)),
        (330, upscalers(1)),
        (390, label(Some("true"))),
        // Somebody who cleans up: the next round finds the world as this one did.
        (450, image(SONARR)),
        (450, upscalers(0)),
        (455, label(None)),
    ]
    .into_iter()
    .fold(scenario, |scenario, (second, deed)| {
        scenario.after(Duration::from_secs(second), Deed::Every { seconds: ROUND, deed: Box::new(deed) })
    })
}
