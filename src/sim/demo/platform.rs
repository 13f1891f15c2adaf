//! The second tier: sign-on, databases, monitoring, dashboards, forge and pipelines.

use super::{floating, injected, pinned, web};
use crate::sim::{Scenario, service};

pub(super) fn deploy(scenario: Scenario) -> Scenario {
    observed(monitored(stateful(scenario)))
}

fn stateful(scenario: Scenario) -> Scenario {
    scenario
        .stack("authentik")
        .config("authentik_blueprints_v3")
        .service(injected("authentik-secrets"))
        .service(
            web(floating("server", "ghcr.io/goauthentik/server:2026.2.1"), "auth", 9000)
                .reserve(500, 768)
                .config("authentik_blueprints_v3")
                .args(&["server"]),
        )
        .service(
            floating("worker", "ghcr.io/goauthentik/server:2026.2.1").reserve(250, 512).args(&["worker"]).healthcheck(),
        )
        .service(
            pinned("postgres", "postgres:17-alpine")
                .reserve(250, 512)
                .healthcheck()
                .mount("/mnt/apps01/authentik/db", "/var/lib/postgresql/data"),
        )
        .service(floating("redis", "redis:7.4-alpine").healthcheck())
        .stack("postgres")
        .service(injected("postgres-secrets"))
        .service(
            pinned("postgres", "postgres:17")
                .reserve(500, 1024)
                .limit(2000, 4096)
                .network("platform_postgres_postgres")
                .healthcheck()
                .mount("/mnt/apps01/postgres", "/var/lib/postgresql/data"),
        )
}

fn monitored(scenario: Scenario) -> Scenario {
    scenario
        .stack("monitoring")
        .config("prometheus_yml_v7")
        .config("loki_yml_v2")
        .service(injected("monitoring-secrets"))
        .service(
            web(pinned("prometheus", "prom/prometheus:v3.2.1"), "prometheus", 9090)
                .reserve(500, 1024)
                .config("prometheus_yml_v7")
                .mount("/mnt/apps01/prometheus", "/prometheus"),
        )
        .service(pinned("loki", "grafana/loki:3.4.2").reserve(250, 512).config("loki_yml_v2").healthcheck())
        .service(
            web(floating("grafana", "grafana/grafana:11.5.2"), "grafana", 3000)
                .reserve(200, 256)
                .network("platform_postgres_postgres"),
        )
        .service(web(floating("alertmanager", "prom/alertmanager:v0.28.1"), "alerts", 9093).network("notifications"))
        .global(service("promtail").image("grafana/promtail:3.4.2").reserve(50, 64).mount("/var/log", "/var/log"))
        .global(service("node-exporter").image("prom/node-exporter:v1.9.0").reserve(50, 32))
        .global(service("cadvisor").image("gcr.io/cadvisor/cadvisor:v0.52.0").reserve(100, 128).healthcheck())
}

fn observed(scenario: Scenario) -> Scenario {
    scenario
        .stack("observability")
        .service(injected("observability-secrets"))
        .service(web(floating("homepage", "ghcr.io/gethomepage/homepage:v1.0.4"), "home", 3000))
        .service(
            web(pinned("uptime-kuma", "louislam/uptime-kuma:2.0.0-beta.2"), "status", 3001)
                .reserve(100, 256)
                .mount("/mnt/apps01/uptime-kuma", "/app/data"),
        )
        .service(
            floating("autokuma", "ghcr.io/bigboot/autokuma:2.0.0")
                .network("notifications")
                .constraint("node.role==manager"),
        )
        .stack("cicd")
        .service(injected("cicd-secrets"))
        .service(
            web(pinned("forgejo", "codeberg.org/forgejo/forgejo:10.0.1"), "git", 3000)
                .reserve(250, 512)
                .publish(2222, 22)
                .mount("/mnt/apps01/forgejo", "/data"),
        )
        .service(web(floating("woodpecker-server", "woodpeckerci/woodpecker-server:v3.3.0"), "ci", 8000))
        .service(
            floating("woodpecker-agent", "woodpeckerci/woodpecker-agent:v3.3.0")
                .replicas(2)
                .reserve(250, 256)
                .healthcheck(),
        )
        .stack("scratch")
        .service(service("whoami").image("traefik/whoami:v1.11.0").replicas(2).publish(8081, 80))
}
