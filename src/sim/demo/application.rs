//! The third tier: media, what supports it, what embellishes it.

use super::{floating, injected, pinned, web};
use crate::sim::{Behaviour, Scenario, service};

pub(super) fn deploy(scenario: Scenario) -> Scenario {
    enriched(supported(core(scenario)))
}

fn core(scenario: Scenario) -> Scenario {
    let arr = |name: &str, image: &str, port: u16| {
        web(floating(name, image), name, port)
            .reserve(150, 256)
            .network("platform_postgres_postgres")
            .mount("/mnt/data01/media", "/media")
    };
    scenario
        .stack("media-core")
        .service(injected("media-secrets"))
        .service(
            web(pinned("plex", "lscr.io/linuxserver/plex:1.41.4"), "plex", 32400)
                .constraint("node.labels.igpu==true")
                .reserve(1000, 2048)
                .limit(4000, 8192)
                .publish_on_host(32400, 32400, "tcp"),
        )
        .service(
            web(pinned("jellyfin", "jellyfin/jellyfin:10.10.6"), "jellyfin", 8096)
                .constraint("node.labels.igpu==true")
                .reserve(1000, 1024),
        )
        .service(arr("sonarr", "lscr.io/linuxserver/sonarr:4.0.13", 8989))
        .service(arr("radarr", "lscr.io/linuxserver/radarr:5.18.4", 7878))
        .service(arr("prowlarr", "lscr.io/linuxserver/prowlarr:1.31.2", 9696))
        .service(web(pinned("sabnzbd", "lscr.io/linuxserver/sabnzbd:4.4.1"), "sabnzbd", 8080).reserve(250, 512))
}

fn supported(scenario: Scenario) -> Scenario {
    let small = |name: &str, image: &str, port: u16| web(floating(name, image), name, port);
    scenario
        .stack("media-support")
        .service(injected("support-secrets"))
        .service(small("bazarr", "lscr.io/linuxserver/bazarr:1.5.1", 6767))
        .service(small("tautulli", "lscr.io/linuxserver/tautulli:2.15.1", 8181))
        .service(small("maintainerr", "ghcr.io/jorenn92/maintainerr:2.11.0", 6246))
        .service(small("seerr", "ghcr.io/fallenbagel/jellyseerr:2.5.0", 5055).network("platform_postgres_postgres"))
        .service(small("wizarr", "ghcr.io/wizarrrr/wizarr:2025.3.0", 5690))
}

fn enriched(scenario: Scenario) -> Scenario {
    let night = std::time::Duration::from_secs(9);
    scenario
        .behaviour("kometateam/kometa:v2.1.0", Behaviour::OneShot(night))
        .behaviour("titlecardmaker/titlecardmaker:v2.0", Behaviour::OneShot(night))
        .stack("media-enrichment")
        .service(injected("enrichment-secrets"))
        .job(service("kometa").image("kometateam/kometa:v2.1.0").reserve(250, 256))
        .job(service("titlecardmaker").image("titlecardmaker/titlecardmaker:v2.0").reserve(250, 256))
        .service(floating("posterizarr", "ghcr.io/fscorrupt/posterizarr:1.9.20").reserve(150, 256))
}
