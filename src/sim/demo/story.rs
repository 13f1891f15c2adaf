//! What goes wrong in the demo, and how it heals: a crash loop, a node that goes and comes, a bad update,
//! a service that waits for a label.

use std::time::Duration;

use crate::sim::{Behaviour, Deed, Scenario, service};

const AUTOKUMA: &str = "ghcr.io/bigboot/autokuma:2.0.0";
const SONARR: &str = "lscr.io/linuxserver/sonarr:4.0.13";
const SONARR_BAD: &str = "lscr.io/linuxserver/sonarr:4.0.14";

/// The story, told once and then again every eight minutes.
pub(super) fn told(scenario: Scenario) -> Scenario {
    let secs = Duration::from_secs;
    let scenario = scenario.behaviour(SONARR_BAD, Behaviour::Sick).stack("media-enrichment").service(
        service("upscaler")
            .image("ghcr.io/homelab/upscaler:0.3.1")
            .constraint("node.labels.gpu==true")
            .reserve(250, 512),
    );
    let again = |deed: Deed| Deed::Every { seconds: 480, deed: Box::new(deed) };
    let image = |image: &str| Deed::Image { service: "media-core_sonarr".into(), image: image.into() };
    let behave = |behaviour| Deed::Behave { image: AUTOKUMA.into(), behaviour };
    let label =
        |value: Option<&str>| Deed::Label { node: "lorcha".into(), key: "gpu".into(), value: value.map(str::to_owned) };
    let crash =
        Behaviour::crashing(101, "ERROR kuma_client: websocket handshake failed: Connection refused (os error 111)");
    scenario
        .after(secs(6), again(behave(crash)))
        .after(secs(6), again(Deed::Kill { service: "observability_autokuma".into(), code: 101 }))
        .after(secs(75), again(behave(Behaviour::Healthy)))
        .after(secs(120), again(Deed::NodeDown("dhow".into())))
        .after(secs(180), again(Deed::NodeUp("dhow".into())))
        .after(secs(240), again(image(SONARR_BAD)))
        .after(secs(330), again(label(Some("true"))))
        .after(secs(400), again(image(SONARR)))
        .after(secs(450), again(label(None)))
}
