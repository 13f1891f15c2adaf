//! The first tier: proxy, secrets, deployment, tunnel, provisioning.

use super::{floating, injected, pinned, web};
use crate::sim::Scenario;

pub(super) fn deploy(scenario: Scenario) -> Scenario {
    let scenario = scenario
        .stack("caddy")
        .service(
            pinned("caddy", "ghcr.io/homelab/caddy-docker-proxy:2.9.1")
                .reserve(250, 256)
                .network("proxy_network")
                .healthcheck()
                .secret("CLOUDFLARE_API_TOKEN")
                .publish_on_host(80, 80, "tcp")
                .publish_on_host(443, 443, "tcp")
                .publish_on_host(443, 443, "udp")
                .mount("/mnt/apps01/caddy/data", "/data"),
        )
        .service(
            floating("docker-proxy", "tecnativa/docker-socket-proxy:0.3.0")
                .constraint("node.role==manager")
                .replicas(1)
                .env("SERVICES", "1")
                .mount("/var/run/docker.sock", "/var/run/docker.sock"),
        )
        .stack("op-connect")
        .service(
            pinned("op-connect-api", "1password/connect-api:1.7.3")
                .network("op-connect_op-connect")
                .secret("op_credentials")
                .healthcheck(),
        )
        .service(
            pinned("op-connect-sync", "1password/connect-sync:1.7.3")
                .network("op-connect_op-connect")
                .secret("op_credentials")
                .healthcheck(),
        );
    scenario
        .stack("komodo")
        .service(injected("komodo-secrets"))
        .service(web(pinned("core", "ghcr.io/moghtech/komodo-core:1.19"), "komodo", 9120).reserve(250, 512))
        .service(
            pinned("mongo", "mongo:8.0").reserve(250, 512).healthcheck().mount("/mnt/apps01/komodo/mongo", "/data/db"),
        )
        .global(floating("periphery", "ghcr.io/moghtech/komodo-periphery:1.19").reserve(50, 64))
        .stack("cloudflared")
        .service(injected("cloudflared-secrets"))
        .service(
            floating("cloudflared", "cloudflare/cloudflared:2026.2.0")
                .replicas(2)
                .max_per_node(1)
                .network("proxy_network")
                .healthcheck(),
        )
        .stack("pxe")
        .service(pinned("matchbox", "quay.io/poseidon/matchbox:v0.11.0").publish(8080, 8080))
        .service(
            floating("dnsmasq", "quay.io/poseidon/dnsmasq:v0.5.0")
                .constraint("node.labels.lan==true")
                .publish_on_host(67, 67, "udp")
                .publish_on_host(69, 69, "udp"),
        )
}
