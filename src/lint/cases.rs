//! Each rule of the table: a folder that breaks it, at its place, and a folder as near as possible that does not.

use std::collections::BTreeSet;

use super::*;

/// A file of a folder.
type File = (&'static str, &'static str);

/// A rule, a folder that breaks it with the first place where, and one that does not.
struct Case(&'static str, &'static str, &'static [File], &'static [File]);

const A: &str = "stacks/apps/a/compose.yaml";
const B: &str = "stacks/apps/b/compose.yaml";
const PRE: &str = "stacks/apps/a/pre-flight.yml";
const TOML: &str = "komodo/resources.toml";
const HOSTS: &str = "hosts.yml";
const ONE: File = (A, "services: {a: {image: \"x:1\"}}");
/// What makes a folder one of the boot server.
const DISK: File = ("stacks/pxe/profiles/disk.json", "{\"id\": \"disk\"}");
/// A profile that installs a machine.
const INSTALLER: File = ("stacks/pxe/profiles/debian.json", "{\"id\": \"debian\", \"generic_id\": \"answers.cfg\"}");
const OTHER: File = (B, "services: {b: {image: \"x:1\"}}");

/// A service with a page of its own and a whole tile.
const WHOLE_TILE: &str = "services: {b: {image: \"x:1\", deploy: {labels: {caddy: b.test, caddy.reverse_proxy: \"{{upstreams 80}}\", homepage.group: g, homepage.name: N, homepage.icon: i, homepage.href: h, homepage.description: d}}}}";
/// What tells the files of Homepage from others.
const HOMEPAGE: File = ("stacks/home/settings.yaml", "");
/// A page that asks authentik.
const GUARDED: &str = "services: {a: {image: \"x:1\", deploy: {labels: {caddy: a.test, caddy.forward_auth: \"s:9000\", caddy.forward_auth.uri: /outpost.goauthentik.io/auth/caddy}}}}";
/// A service that needs a graphics card.
const ON_CARD: &str = "services: {a: {image: \"x:1\", deploy: {placement: {constraints: [node.labels.gpu == true]}}}}";

/// Two folders of one file, which is the same file in both.
macro_rules! file {
    ($rule:literal, $at:literal, $path:expr, $breaks:literal, $mended:literal) => {
        Case($rule, $at, &[($path, $breaks)], &[($path, $mended)])
    };
}

const CASES: &[Case] = &[
    file!("file-broken", "2:1", A, "services: [\n", "services: {a: {image: \"x:1\"}}"),
    file!("inventory-shape", "1:14", HOSTS, "all: {hosts: []}", "all: {hosts: {a: }}"),
    Case(
        "inventory-missing",
        "2:12",
        &[("ansible.cfg", "[defaults]\ninventory = gone\n")],
        &[("ansible.cfg", "[defaults]\ninventory = hosts.yml\n"), (HOSTS, "all: {hosts: {a: }}")],
    ),
    file!(
        "inventory-role",
        "",
        HOSTS,
        "managers: {hosts: {a: }}\nworkers: {hosts: {a: }}\n",
        "managers: {hosts: {a: }}\nworkers: {hosts: {b: }}\n"
    ),
    file!(
        "inventory-address",
        "",
        HOSTS,
        "all: {hosts: {a: {ansible_host: 192.0.2.1}, b: {ansible_host: 192.0.2.1}}}",
        "all: {hosts: {a: {ansible_host: 192.0.2.1}, b: {ansible_host: 192.0.2.2}}}"
    ),
    file!(
        "inventory-opaque",
        "",
        HOSTS,
        "all: {hosts: {a: {ansible_user: \"{{ other }}\"}}}",
        "all: {hosts: {a: {ansible_user: deploy}}}"
    ),
    Case(
        "inventory-sealed",
        "",
        &[(HOSTS, "all: {hosts: {a: }}"), ("group_vars/all.yml", "$ANSIBLE_VAULT;1.1;AES256\n6162\n")],
        &[(HOSTS, "all: {hosts: {a: }}"), ("group_vars/all.yml", "a: b\n")],
    ),
    file!("inventory-placeholder", "", HOSTS, "all: {vars: {nfs: 192.0.2.XXX}}", "all: {vars: {nfs: 192.0.2.1}}"),
    Case(
        "inventory-lacks",
        "3:29",
        &[
            (HOSTS, "all: {hosts: {a: }}"),
            (
                A,
                "services:\n  a: {image: \"x:1\", deploy: {placement:\n     {constraints:         [node.hostname == b]}}}",
            ),
        ],
        &[
            (HOSTS, "all: {hosts: {a: }}"),
            (A, "services: {a: {image: \"x:1\", deploy: {placement: {constraints: [node.hostname == A]}}}}"),
        ],
    ),
    file!("managers-even", "", HOSTS, "managers: {hosts: {a: , b: }}", "managers: {hosts: {a: , b: , c: }}"),
    file!("managers-one", "", HOSTS, "managers: {hosts: {a: }}", "managers: {hosts: {a: , b: , c: }}"),
    file!("managers-many", "", HOSTS, "managers: {hosts: {\"m[1:9]\": }}", "managers: {hosts: {\"m[1:7]\": }}"),
    Case(
        "stack-twice",
        "",
        &[ONE, ("stacks/a/compose.yaml", "services: {}")],
        &[ONE, ("stacks/b/compose.yaml", "services: {}")],
    ),
    Case(
        "stack-beside",
        "",
        &[ONE, ("stacks/apps/compose.yaml", "services: {b: {image: \"x:1\"}}")],
        &[ONE, ("stacks/apps/b/compose.yaml", "services: {b: {image: \"x:1\"}}")],
    ),
    Case(
        "stack-shelved",
        "",
        &[ONE, ("stacks/apps/archive/b/compose.yaml", "services: {}")],
        &[ONE, ("stacks/apps/archive/compose.yaml", "services: {b: {image: \"x:1\"}}")],
    ),
    Case(
        "stack-renamed",
        "2:8",
        &[
            ("stacks/infrastructure/ca/ca-compose.yaml", "services: {a: {image: \"x:1\"}}"),
            ("stacks/infrastructure/proxy/proxy-compose.yaml", "services: {a: {image: \"x:1\"}}"),
            (
                TOML,
                "[[stack]]\nname = \"infrastructure_ca\"\nconfig.swarm = \"s\"\nconfig.run_directory = \"stacks/infrastructure/ca\"\nconfig.file_paths = [\"ca-compose.yaml\"]\n",
            ),
        ],
        &[
            ("stacks/infrastructure/ca/ca-compose.yaml", "services: {a: {image: \"x:1\"}}"),
            ("stacks/infrastructure/proxy/proxy-compose.yaml", "services: {a: {image: \"x:1\"}}"),
            (
                TOML,
                "[[stack]]\nname = \"pxe_ca\"\nconfig.server = \"nas\"\nconfig.run_directory = \"stacks/infrastructure/ca\"\nconfig.file_paths = [\"ca-compose.yaml\"]\n",
            ),
        ],
    ),
    Case("stack-unregistered", "", &[ONE, (TOML, "")], &[ONE]),
    file!(
        "registered-missing",
        "2:8",
        TOML,
        "[[stack]]\nname = \"a\"\n[stack.config]\nswarm = \"s\"\nrun_directory = \"stacks/a\"\n",
        ""
    ),
    Case(
        "registered-twice",
        "6:8",
        &[
            ONE,
            (
                TOML,
                "[[stack]]\nname = \"a\"\nconfig.swarm = \"s\"\nconfig.run_directory = \"stacks/apps/a\"\n[[stack]]\nname = \"b\"\nconfig.swarm = \"s\"\nconfig.run_directory = \"stacks/apps/a\"\n",
            ),
        ],
        &[
            ONE,
            OTHER,
            (
                TOML,
                "[[stack]]\nname = \"a\"\nconfig.swarm = \"s\"\nconfig.run_directory = \"stacks/apps/a\"\n[[stack]]\nname = \"b\"\nconfig.swarm = \"s\"\nconfig.run_directory = \"stacks/apps/b\"\n",
            ),
        ],
    ),
    file!("registry-shape", "1:1", TOML, "[[stack]]\n", "[[resource_sync]]\nname = \"s\"\n"),
    file!(
        "registry-tls",
        "2:8",
        TOML,
        "[[server]]\nname = \"a\"\nconfig.insecure_tls = true\n",
        "[[server]]\nname = \"a\"\nconfig.insecure_tls = false\n"
    ),
    Case(
        "registry-ignored",
        "",
        &[
            ONE,
            (
                TOML,
                "[[stack]]\nname = \"a\"\nconfig.swarm = \"s\"\nconfig.run_directory = \"stacks/apps/a\"\nconfig.ignore_services = [\"b\"]\n",
            ),
        ],
        &[
            (A, "services: {b: {image: \"x:1\", deploy: {replicas: 0}}}"),
            (
                TOML,
                "[[stack]]\nname = \"a\"\nconfig.swarm = \"s\"\nconfig.run_directory = \"stacks/apps/a\"\nconfig.ignore_services = [\"b\"]\n",
            ),
        ],
    ),
    Case(
        "registry-hidden",
        "",
        &[
            ONE,
            (
                TOML,
                "[[stack]]\nname = \"a\"\nconfig.swarm = \"s\"\nconfig.run_directory = \"stacks/apps/a\"\nconfig.ignore_services = [\"a\"]\n",
            ),
        ],
        &[ONE, (TOML, "[[stack]]\nname = \"a\"\nconfig.swarm = \"s\"\nconfig.run_directory = \"stacks/apps/a\"\n")],
    ),
    Case(
        "registry-job",
        "",
        &[
            (A, "services: {b: {image: \"x:1\", deploy: {replicas: 0}}}"),
            (TOML, "[[stack]]\nname = \"a\"\nconfig.swarm = \"s\"\nconfig.run_directory = \"stacks/apps/a\"\n"),
        ],
        &[ONE, (TOML, "[[stack]]\nname = \"a\"\nconfig.swarm = \"s\"\nconfig.run_directory = \"stacks/apps/a\"\n")],
    ),
    file!("config-shape", "1:1", "quarterdeck.yaml", "nmae: x\n", "name: x\n"),
    Case(
        "config-stack",
        "1:10",
        &[ONE, ("quarterdeck.yaml", "stacks: {b: {}}")],
        &[ONE, ("quarterdeck.yaml", "stacks: {a: {}}")],
    ),
    Case(
        "order-unknown",
        "",
        &[ONE, ("quarterdeck.yaml", "stacks: {a: {after: [b]}}")],
        &[ONE, OTHER, ("quarterdeck.yaml", "stacks: {a: {after: [b]}}")],
    ),
    Case(
        "order-cycle",
        "",
        &[ONE, OTHER, ("quarterdeck.yaml", "stacks: {a: {after: [b]}, b: {after: [a]}}")],
        &[ONE, OTHER, ("quarterdeck.yaml", "stacks: {a: {after: [b]}}")],
    ),
    Case(
        "order-tier",
        "",
        &[ONE, ("stacks/b/compose.yaml", "services: {}"), ("quarterdeck.yaml", "stacks: {b: {after: [a]}}")],
        &[ONE, ("stacks/b/compose.yaml", "services: {}"), ("quarterdeck.yaml", "stacks: {a: {after: [b]}}")],
    ),
    Case(
        "order-undeclared",
        "",
        &[
            (A, "services: {a: {image: \"x:1\"}}\nnetworks: {b_n: {external: true}}"),
            (B, "services: {b: {image: \"x:1\"}}\nnetworks: {n: }"),
            (
                TOML,
                "[[stack]]\nname = \"a\"\nconfig.swarm = \"s\"\nconfig.run_directory = \"stacks/apps/a\"\n[[stack]]\nname = \"b\"\nconfig.swarm = \"s\"\nconfig.run_directory = \"stacks/apps/b\"\n",
            ),
        ],
        &[
            (A, "services: {a: {image: \"x:1\"}}\nnetworks: {b_n: {external: true}}"),
            (B, "services: {b: {image: \"x:1\"}}\nnetworks: {n: }"),
            (
                TOML,
                "[[stack]]\nname = \"a\"\nafter = [\"b\"]\nconfig.swarm = \"s\"\nconfig.run_directory = \"stacks/apps/a\"\n[[stack]]\nname = \"b\"\nconfig.swarm = \"s\"\nconfig.run_directory = \"stacks/apps/b\"\n",
            ),
        ],
    ),
    file!(
        "swarm-refused",
        "1:16",
        A,
        "services: {a: {mem_limit: 1g, image: \"x:1\"}}",
        "services: {a: {image: \"x:1\"}}"
    ),
    file!("swarm-extended", "", A, "name: a\nservices: {a: {image: \"x:1\"}}", "services: {a: {image: \"x:1\"}}"),
    file!(
        "swarm-ignored",
        "1:30",
        A,
        "services: {a: {image: \"x:1\", container_name: a}}",
        "services: {a: {image: \"x:1\", hostname: a}}"
    ),
    file!(
        "swarm-lost",
        "1:30",
        A,
        "services: {a: {image: \"x:1\", privileged: true}}",
        "services: {a: {image: \"x:1\", cap_add: [NET_ADMIN]}}"
    ),
    file!(
        "swarm-lost",
        "4:5",
        A,
        "services:\n  a:\n    image: x:1\n    network_mode: service:vpn\n",
        "services:\n  a:\n    image: x:1\n    network_mode: host\n"
    ),
    Case(
        "swarm-host-network",
        "1:30",
        &[(A, "services: {a: {image: \"x:1\", network_mode: host}}")],
        &[(A, "services: {a: {image: \"x:1\", network_mode: host}}"), ("quarterdeck.yaml", "stacks: {a: {host: nas}}")],
    ),
    file!("image-missing", "1:12", A, "services: {a: {hostname: a}}", "services: {a: {image: \"x:1\"}}"),
    file!(
        "image-latest",
        "1:23",
        A,
        "services: {a: {image: \"x:${T:-latest}\"}}",
        "services: {a: {image: \"x:latest@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}}"
    ),
    file!(
        "image-untagged",
        "1:23",
        A,
        "services: {a: {image: host.test:5000/x}}",
        "services: {a: {image: \"x:${TAG}\"}}"
    ),
    file!(
        "storage-shared-database",
        "2:46",
        A,
        "services:\n  a: {image: \"lscr.io/x/sonarr:4\", volumes: [cfg:/config]}\nvolumes: {cfg: {driver_opts: {type: cifs, o: addr=x, device: //x/y}}}",
        "services:\n  a: {image: \"lscr.io/x/sonarr:4\", volumes: [cfg:/data]}\nvolumes: {cfg: {driver_opts: {type: cifs, o: addr=x, device: //x/y}}}"
    ),
    Case(
        "volume-floats",
        "1:40",
        &[
            (HOSTS, "all: {hosts: {n: , m: }}"),
            (A, "services: {a: {image: \"x:1\", volumes: [vd:/d]}}\nvolumes: {vd: }"),
        ],
        &[
            (HOSTS, "all: {hosts: {n: , m: }}"),
            (
                A,
                "services:\n  a: {image: \"x:1\", volumes: [vd:/d], deploy: {placement: {constraints: [node.hostname == n]}}}\n  b: {image: \"x:1\", volumes: [vs:/s], deploy: {mode: global}}\n  c: {image: \"x:1\", volumes: [vt:/t]}\n  d: {image: \"x:1\", volumes: [vu:/u], deploy: {replicas: 2, placement: {max_replicas_per_node: 1}}}\nvolumes: {vd: , vs: , vu: , vt: {driver_opts: {type: nfs, o: addr=x, device: \":/x\"}}}",
            ),
        ],
    ),
    file!(
        "bind-relative",
        "1:40",
        A,
        "services: {a: {image: \"x:1\", volumes: [./a:/a]}}",
        "services: {a: {image: \"x:1\", volumes: [./a:/a], deploy: {placement: {constraints: [node.hostname==n]}}}}"
    ),
    Case(
        "bind-unprovisioned",
        "",
        &[
            (
                A,
                "services: {a: {image: \"x:1\", volumes: [d:/d]}}\nvolumes: {d: {driver_opts: {type: none, o: bind, device: /mnt/iscsi/app-data/a/e}}}",
            ),
            (PRE, "directories: [{path: a/d}]"),
        ],
        &[
            (
                A,
                "services: {a: {image: \"x:1\", volumes: [d:/d, /mnt/iscsi/app-data/a/d/word:/word:ro]}, secrets: {image: \"x:1\", volumes: [/mnt/iscsi/app-data/a/d:/out], deploy: {mode: replicated-job}}}\nvolumes: {d: {driver_opts: {type: none, o: bind, device: /mnt/iscsi/app-data/a}}, e: {driver_opts: {type: none, o: bind, device: /mnt/films}}}",
            ),
            (PRE, "directories: [{path: a/d}]"),
            ("quarterdeck.yaml", "directories: [/mnt/films/]"),
        ],
    ),
    file!(
        "constraint-shape",
        "",
        A,
        "services: {a: {image: \"x:1\", deploy: {placement: {constraints: [node.role = manager]}}}}",
        "services: {a: {image: \"x:1\", deploy: {placement: {constraints: [node.role == manager]}}}}"
    ),
    Case(
        "constraint-unmet",
        "",
        &[
            (HOSTS, "workers: {hosts: {a: {node_labels: {gpu: true}}}}"),
            (
                A,
                "services: {a: {image: \"x:1\", deploy: {placement: {constraints: [node.labels.gpu == true, node.role == manager]}}}}",
            ),
        ],
        &[
            (HOSTS, "managers: {hosts: {a: {node_labels: {gpu: true}}}}"),
            (
                A,
                "services: {a: {image: \"x:1\", deploy: {placement: {constraints: [node.labels.gpu == true, node.role == manager]}}}}",
            ),
        ],
    ),
    Case(
        "preflight-unlabelled",
        "",
        &[
            (A, "services: {a: {image: \"x:1\", deploy: {placement: {constraints: [node.labels.gpu == true]}}}}"),
            (PRE, "validate: {labels: [{tor: \"true\"}]}"),
        ],
        &[
            (A, "services: {a: {image: \"x:1\", deploy: {placement: {constraints: [node.labels.gpu == true]}}}}"),
            (PRE, "validate: {labels: [{gpu: \"true\"}]}"),
        ],
    ),
    Case(
        "port-clash",
        "",
        &[
            (A, "services: {a: {image: \"x:1\", ports: [\"80:80\"]}}"),
            (B, "services: {b: {image: \"x:1\", ports: [{target: 8080, published: 80, mode: host}]}}"),
        ],
        &[
            (A, "services: {a: {image: \"x:1\", ports: [\"80:80\"]}}"),
            (B, "services: {b: {image: \"x:1\", ports: [\"80:80/udp\"]}}"),
        ],
    ),
    Case(
        "port-shared-host",
        "",
        &[
            (A, "services: {a: {image: \"x:1\", ports: [{target: 1, published: 80, mode: host}]}}"),
            (B, "services: {b: {image: \"x:1\", ports: [{target: 1, published: 80, mode: host}]}}"),
        ],
        &[
            (
                A,
                "services: {a: {image: \"x:1\", ports: [{target: 1, published: 80, mode: host}], deploy: {placement: {constraints: [node.hostname == m]}}}}",
            ),
            (
                B,
                "services: {b: {image: \"x:1\", ports: [{target: 1, published: 80, mode: host}], deploy: {placement: {constraints: [node.hostname == n]}}}}",
            ),
        ],
    ),
    file!(
        "port-dns",
        "",
        A,
        "services: {a: {image: \"x:1\", ports: [\"53:53/udp\"]}}",
        "services: {a: {image: \"x:1\", ports: [{target: 53, published: 53, mode: host}]}}"
    ),
    file!(
        "port-database",
        "",
        A,
        "services: {a: {image: \"x:1\", ports: [27017:27017]}}",
        "services: {a: {image: \"x:1\", ports: [\"27017\"]}}"
    ),
    file!(
        "port-address",
        "1:38",
        A,
        "services: {a: {image: \"x:1\", ports: [127.0.0.1:8080:80]}}",
        "services: {a: {image: \"x:1\", ports: [0.0.0.0:8080:80]}}"
    ),
    file!(
        "port-dnsrr",
        "",
        A,
        "services: {a: {image: \"x:1\", ports: [\"80:80\"], deploy: {endpoint_mode: dnsrr}}}",
        "services: {a: {image: \"x:1\", ports: [\"80:80\"], deploy: {endpoint_mode: vip}}}"
    ),
    file!(
        "label-place",
        "1:39",
        A,
        "services: {a: {image: \"x:1\", labels: {caddy: a.test, komodo.skip: \"\"}}}",
        "services: {a: {image: \"x:1\", labels: {komodo.skip: \"\"}}}"
    ),
    Case(
        "ingress-network",
        "",
        &[
            (
                "stacks/caddy/compose.yaml",
                "services: {caddy: {image: \"x/caddy:2\", networks: [proxy]}}\nnetworks: {proxy: {name: proxy}}",
            ),
            (
                A,
                "services: {a: {image: \"x:1\", deploy: {labels: {caddy: a.test, caddy.reverse_proxy: \"{{upstreams 80}}\"}}}}",
            ),
        ],
        &[
            (
                "stacks/caddy/compose.yaml",
                "services: {caddy: {image: \"x/caddy:2\", networks: [proxy]}}\nnetworks: {proxy: {name: proxy}}",
            ),
            (
                A,
                "services: {a: {image: \"x:1\", networks: [default, proxy], deploy: {labels: {caddy: a.test, caddy.reverse_proxy: \"{{upstreams 80}}\"}}}}\nnetworks: {proxy: {external: true}}",
            ),
        ],
    ),
    file!(
        "traefik-port",
        "",
        A,
        "services: {a: {image: \"x:1\", deploy: {labels: [traefik.enable=true, \"traefik.http.routers.a.rule=Host(`a`)\"]}}}",
        "services: {a: {image: \"x:1\", deploy: {labels: [traefik.enable=true, \"traefik.http.routers.a.rule=Host(`a`)\", traefik.http.routers.a.service=api@internal]}}}"
    ),
    file!(
        "traefik-rule",
        "",
        A,
        "services: {a: {image: \"x:1\", deploy: {labels: [\"traefik.http.routers.a.rule=Host(`a)\"]}}}",
        "services: {a: {image: \"x:1\", deploy: {labels: [\"traefik.http.routers.a.rule=Host(`a`)\"]}}}"
    ),
    file!(
        "traefik-router",
        "",
        A,
        "services: {a: {image: \"x:1\", deploy: {labels: [traefik.http.routers.a.tls=true]}}}",
        "services: {a: {image: \"x:1\", deploy: {labels: [\"traefik.http.routers.a.rule=Host(`a`)\", traefik.http.routers.a.tls=true]}}}"
    ),
    Case(
        "traefik-twice",
        "",
        &[
            (
                A,
                "services: {a: {image: \"x:1\", deploy: {labels: [\"traefik.http.routers.web.rule=Host(`a`)\", traefik.http.services.a.loadbalancer.server.port=80]}}}",
            ),
            (
                B,
                "services: {b: {image: \"x:1\", deploy: {labels: [\"traefik.http.routers.Web.rule=Host(`b`)\", traefik.http.services.b.loadbalancer.server.port=80]}}}",
            ),
        ],
        &[
            (
                A,
                "services: {a: {image: \"x:1\", deploy: {labels: [\"traefik.http.routers.a.rule=Host(`a`)\", traefik.http.services.a.loadbalancer.server.port=80]}}}",
            ),
            (
                B,
                "services: {b: {image: \"x:1\", deploy: {labels: [\"traefik.http.routers.b.rule=Host(`b`)\", traefik.http.services.b.loadbalancer.server.port=80]}}}",
            ),
        ],
    ),
    Case(
        "traefik-unknown",
        "",
        &[(A, "services: {a: {image: \"x:1\", deploy: {labels: [traefik.http.routers.a.middlewares=auth@swarm]}}}")],
        &[
            (
                A,
                "services: {a: {image: \"x:1\", deploy: {labels: [\"traefik.http.routers.a.middlewares=auth@swarm,x@file\"]}}}",
            ),
            (
                B,
                "services: {b: {image: \"x:1\", deploy: {labels: [traefik.http.middlewares.auth.forwardauth.address=http://b]}}}",
            ),
        ],
    ),
    file!(
        "traefik-network",
        "",
        A,
        "services: {a: {image: \"x:1\", networks: [m, n], deploy: {labels: [traefik.enable=true]}}}\nnetworks: {m: , n: }",
        "services: {a: {image: \"x:1\", networks: [m, n], deploy: {labels: [traefik.enable=true, traefik.swarm.network=a_m]}}}\nnetworks: {m: , n: }"
    ),
    file!(
        "caddy-site",
        "",
        A,
        "services: {a: {image: \"x:1\", deploy: {labels: {caddy_1: a.test, caddy.tls.dns: x}}}}",
        "services: {a: {image: \"x:1\", deploy: {labels: {caddy_1: a.test, caddy_1.tls.dns: x}}}}"
    ),
    file!(
        "caddy-upstream",
        "",
        A,
        "services: {a: {image: \"x:1\", deploy: {labels: {caddy: a.test, caddy.reverse_proxy: \"{{upstreams 80}\"}}}}",
        "services: {a: {image: \"x:1\", deploy: {labels: {caddy: a.test, caddy.reverse_proxy: \"{{upstreams 80}}\"}}}}"
    ),
    file!(
        "caddy-port",
        "",
        A,
        "services: {a: {image: \"x:1\", deploy: {labels: {caddy: a.test, caddy.reverse_proxy: \"{{upstreams http}}\"}}}}",
        "services: {a: {image: \"x:1\", deploy: {labels: {caddy: a.test, caddy.reverse_proxy: \"\", caddy.reverse_proxy.to: \"{{upstreams 80}}\"}}}}"
    ),
    file!(
        "homepage-field",
        "",
        A,
        "services: {a: {image: \"x:1\", deploy: {labels: {homepage.group: g, homepage.name: n, homepage.icn: i}}}}",
        "services: {a: {image: \"x:1\", deploy: {labels: {homepage.group: g, homepage.name: n, homepage.widget.key: \"{{HOMEPAGE_VAR_X}}\"}}}}"
    ),
    file!(
        "homepage-hidden",
        "",
        A,
        "services: {a: {image: \"x:1\", deploy: {labels: {homepage.name: n}}}}",
        "services: {a: {image: \"x:1\", deploy: {labels: {homepage.group: g, homepage.name: n}}}}"
    ),
    file!(
        "kuma-shape",
        "",
        A,
        "services: {a: {image: \"x:1\", deploy: {labels: {kuma.a.tcp.port: 80}}}}",
        "services: {a: {image: \"x:1\", deploy: {labels: {kuma.a.port.port: 80, kuma.b.http.accepted_statuscodes: '[\"200-299\", \"401\"]', kuma.__web: x}}}}"
    ),
    Case(
        "kuma-twice",
        "",
        &[
            (A, "services: {a: {image: \"x:1\", deploy: {labels: {kuma.m.http.url: x, kuma.m.http.name: m}}}}"),
            (B, "services: {b: {image: \"x:1\", deploy: {labels: {kuma.m.http.url: x, kuma.m.http.name: m}}}}"),
        ],
        &[
            (A, "services: {a: {image: \"x:1\", deploy: {labels: {kuma.m.http.url: x}}}}"),
            (B, "services: {b: {image: \"x:1\", deploy: {labels: {kuma.n.http.url: x}}}}"),
        ],
    ),
    Case(
        "route-twice",
        "",
        &[
            (A, "services: {a: {image: \"x:1\", deploy: {labels: [\"traefik.http.routers.a.rule=Host(`w.${D}`)\"]}}}"),
            (B, "services: {b: {image: \"x:1\", deploy: {labels: [\"traefik.http.routers.b.rule=Host(`W.${D}`)\"]}}}"),
        ],
        &[
            (A, "services: {a: {image: \"x:1\", deploy: {labels: [\"traefik.http.routers.a.rule=Host(`w.${D}`)\"]}}}"),
            (
                B,
                "services: {b: {image: \"x:1\", deploy: {labels: [\"traefik.http.routers.b.rule=Host(`w.${D}`) && PathPrefix(`/b`)\"]}}}",
            ),
        ],
    ),
    Case(
        "fiber-secret",
        "",
        &[
            ("stacks/apps/fiber/compose.yaml", "services: {fiber: {image: \"x:1\"}}"),
            (A, "services: {a: {image: \"x:1\", deploy: {labels: [fiber.secret=a_password]}}}"),
        ],
        &[
            (
                "stacks/apps/fiber/compose.yaml",
                "services: {fiber: {image: \"x:1\", secrets: [a_password]}}\nsecrets: {a_password: {external: true}}",
            ),
            (A, "services: {a: {image: \"x:1\", deploy: {labels: [fiber.secret=a_password]}}}"),
        ],
    ),
    file!(
        "part-undeclared",
        "1:41",
        A,
        "services: {a: {image: \"x:1\", networks: [bakc]}}\nnetworks: {back: }",
        "services: {a: {image: \"x:1\", networks: [back, default], volumes: [v:/v, /w]}}\nnetworks: {back: }\nvolumes: {v: }"
    ),
    Case(
        "part-file",
        "2:21",
        &[(A, "services: {a: {image: \"x:1\"}}\nconfigs: {c: {file: ./c.yml}}")],
        &[(A, "services: {a: {image: \"x:1\"}}\nconfigs: {c: {file: ./c.yml}}"), ("stacks/apps/a/c.yml", "")],
    ),
    file!(
        "part-unlike",
        "5:5",
        A,
        "services:\n a:\n  image: \"x:1\"\n  configs: [{source: c, target: /a},\n    {source: d, target: /b, mode: 0400}]\nconfigs: {c: {external: true}, d: {external: true, name: c}}",
        "services:\n a:\n  image: \"x:1\"\n  configs: [{source: c, target: /a},\n    {source: c, target: /b, mode: 0444, uid: '0'}]\n b: {image: \"x:1\", configs: [{source: c, uid: '9'}]}\nconfigs: {c: {external: true}}"
    ),
    Case(
        "external-missing",
        "2:12",
        &[(A, "services: {a: {image: \"x:1\", networks: [front]}}\nnetworks: {front: {external: true}}")],
        &[
            (
                A,
                "services: {a: {image: \"x:1\", networks: [front, nets], secrets: [s, t]}}\nnetworks: {front: {external: true}, nets: {external: true, name: host}}\nsecrets: {s: {external: true}, t: {external: true}}",
            ),
            ("quarterdeck.yaml", "networks: [front]\nsecrets: [t]"),
            (PRE, "secrets: [{name: s, from_env: S}]"),
        ],
    ),
    file!(
        "restart-stops",
        "",
        A,
        "services: {a: {image: \"x:1\", deploy: {restart_policy: {condition: on-failure}}}}",
        "services: {a: {image: \"x:1\", deploy: {mode: replicated-job, restart_policy: {condition: none}}}, b: {image: \"x:1\", restart: \"no\", deploy: {restart_policy: {condition: any}}}, c: {image: \"x:1\", restart: \"no\"}}"
    ),
    file!(
        "restart-gives-up",
        "",
        A,
        "services: {a: {image: \"x:1\", deploy: {restart_policy: {condition: any, max_attempts: 3}}}}",
        "services: {a: {image: \"x:1\", deploy: {restart_policy: {condition: any, max_attempts: 0}}}}"
    ),
    file!(
        "health-missing",
        "1:48",
        A,
        "services: {a: {depends_on: [b], image: \"x:1\"}, b: {image: \"x:1\"}}",
        "services: {a: {depends_on: [b, c], image: \"x:1\"}, b: {image: \"x:1\", healthcheck: {test: [CMD, x]}}, c: {image: \"x:1\", healthcheck: {disable: true}}}"
    ),
    file!("env-broken", "2:1", ".env", "A=1\nno assignment\n", "A=1\n"),
    Case("env-quoted", "1:1", &[("ansible.cfg", ""), (".env", "A=\"1\"\n")], &[("ansible.cfg", ""), (".env", "A=1\n")]),
    Case(
        "env-comment",
        "1:1",
        &[("ansible.cfg", ""), (".env", "A=1 # one\n")],
        &[("ansible.cfg", ""), (".env", "# one\nA=1\n")],
    ),
    Case(
        "env-export",
        "1:8",
        &[("ansible.cfg", ""), (".env", "export A=1\n")],
        &[("ansible.cfg", ""), (".env", "A=1\n")],
    ),
    file!("env-twice", "2:1", ".env", "A=1\nA=2\n", "A=1\nB=2\n"),
    Case("env-crlf", "", &[("ansible.cfg", ""), (".env", "A=1\r\n")], &[("ansible.cfg", ""), (".env", "A=1\n")]),
    Case("env-spaces", "1:1", &[("ansible.cfg", ""), (".env", "A = 1\n")], &[("ansible.cfg", ""), (".env", "A=1\n")]),
    Case(
        "env-reference",
        "2:1",
        &[("ansible.cfg", ""), (".env", "A=1\nB=$A\n")],
        &[("ansible.cfg", ""), (".env", "A=1\nB=2\n")],
    ),
    Case(
        "variable-missing",
        "1:23",
        &[(".env", "A=1"), (A, "services: {a: {image: \"x:${T}\"}}")],
        &[(".env", "T=1"), (A, "services: {a: {image: \"x:${T}\"}}")],
    ),
    Case(
        "variable-nested",
        "1:23",
        &[(".env", "O=1"), (A, "services: {a: {image: \"x:${T:-${O:-1}}\"}}")],
        &[(".env", "O=1"), (A, "services: {a: {image: \"x:${T:-1}${O}\"}}")],
    ),
    Case(
        "variable-required",
        "1:23",
        &[(".env", "T="), (A, "services: {a: {image: \"x:${T:?}\"}}")],
        &[(".env", "T=1"), (A, "services: {a: {image: \"x:${T:?}\"}}")],
    ),
    Case(
        "env-absent",
        "",
        &[(A, "services: {a: {image: \"x:${T}\"}}")],
        &[(A, "services: {a: {image: \"x:${T:-1}\"}}")],
    ),
    Case(
        "template-reference",
        "1:3",
        &[ONE, ("stacks/apps/a/env.template", "A=op://vault/item\n")],
        &[ONE, ("stacks/apps/a/env.template", "A=op://vault/item/field\n")],
    ),
    Case(
        "template-secret",
        "1:12",
        &[ONE, ("stacks/apps/a/env.template", "A_PASSWORD=hunter2hunter2\n")],
        &[ONE, ("stacks/apps/a/env.template", "A_PASSWORD=op://vault/item/field\n")],
    ),
    Case("preflight-shape", "1:1", &[ONE, (PRE, "validates: {}")], &[ONE, (PRE, "validate: {}")]),
    Case(
        "preflight-env",
        "1:18",
        &[ONE, (".env", "B=1"), (PRE, "validate: {env: [A]}")],
        &[ONE, (".env", "A=1"), (PRE, "validate: {env: [A]}")],
    ),
    Case(
        "preflight-label",
        "",
        &[ONE, (HOSTS, "all: {hosts: {a: }}"), (PRE, "validate: {labels: [{gpu: \"true\"}]}")],
        &[
            ONE,
            (HOSTS, "all: {hosts: {a: {node_labels: {gpu: true}}}}"),
            (PRE, "validate: {labels: [{gpu: \"true\"}]}"),
        ],
    ),
    Case(
        "preflight-source",
        "",
        &[ONE, (PRE, "templates: [{src: x.j2, dest: x}]")],
        &[ONE, (PRE, "templates: [{src: x.j2, dest: x}]"), ("stacks/apps/a/x.j2", "")],
    ),
    file!("critical-shape", "", "config/critical-services.yaml", "services: []\n", "critical_services: []\n"),
    Case(
        "critical-stack",
        "",
        &[ONE, ("config/critical-services.yaml", "critical_services: [{name: a, stack: b}]")],
        &[ONE, ("config/critical-services.yaml", "critical_services: [{name: a, stack: a}]")],
    ),
    Case(
        "boot-shape",
        "",
        &[DISK, ("stacks/pxe/groups/a.json", "[]")],
        &[DISK, ("stacks/pxe/groups/a.json", "{\"id\": \"a\", \"profile\": \"disk\"}")],
    ),
    Case(
        "boot-mac",
        "",
        &[DISK, ("stacks/pxe/groups/a.json", "{\"id\": \"a\", \"selector\": {\"mac\": \"XX:XX:XX:XX:XX:XX\"}}")],
        &[DISK, ("stacks/pxe/groups/a.json", "{\"id\": \"a\", \"selector\": {\"mac\": \"00:00:5e:00:53:01\"}}")],
    ),
    Case(
        "boot-key",
        "",
        &[DISK, ("stacks/pxe/groups/a.json", "{\"id\": \"a\", \"metadata\": {\"ssh_authorized_key\": \"REPLACE\"}}")],
        &[
            DISK,
            (
                "stacks/pxe/groups/a.json",
                "{\"id\": \"a\", \"metadata\": {\"ssh_authorized_key\": \"ssh-ed25519 AAAA\"}}",
            ),
        ],
    ),
    Case(
        "boot-profile",
        "",
        &[DISK, ("stacks/pxe/groups/a.json", "{\"id\": \"a\", \"profile\": \"p\"}")],
        &[
            DISK,
            ("stacks/pxe/groups/a.json", "{\"id\": \"a\", \"profile\": \"p\"}"),
            ("stacks/pxe/profiles/p.json", "{\"id\": \"p\"}"),
        ],
    ),
    Case(
        "boot-asset",
        "",
        &[
            ("stacks/pxe/assets/b", ""),
            ("stacks/pxe/profiles/p.json", "{\"id\": \"p\", \"boot\": {\"kernel\": \"/assets/a\"}}"),
        ],
        &[
            ("stacks/pxe/assets/a", ""),
            ("stacks/pxe/profiles/p.json", "{\"id\": \"p\", \"boot\": {\"kernel\": \"/assets/a\"}}"),
        ],
    ),
    Case(
        "boot-twice",
        "",
        &[
            DISK,
            ("stacks/pxe/groups/a.json", "{\"id\": \"a\", \"selector\": {\"mac\": \"00:00:5e:00:53:01\"}}"),
            ("stacks/pxe/groups/b.json", "{\"id\": \"b\", \"selector\": {\"mac\": \"00:00:5e:00:53:01\"}}"),
        ],
        &[
            DISK,
            ("stacks/pxe/groups/a.json", "{\"id\": \"a\", \"selector\": {\"mac\": \"00:00:5e:00:53:01\"}}"),
            ("stacks/pxe/groups/b.json", "{\"id\": \"b\", \"selector\": {\"mac\": \"00:00:5e:00:53:02\"}}"),
        ],
    ),
    Case(
        "boot-reinstall",
        "1:23",
        &[
            INSTALLER,
            (HOSTS, "managers: {hosts: {a: , b: , c: }}"),
            (
                "stacks/pxe/groups/a.json",
                "{\"id\": \"a\",\"profile\": \"debian\", \"selector\": {\"mac\": \"00:00:5e:00:53:01\"}}",
            ),
        ],
        &[
            INSTALLER,
            DISK,
            (HOSTS, "managers: {hosts: {a: , b: {provisioned: false}, c: }}\nall: {hosts: {other: }}"),
            ("stacks/pxe/groups/default.json", "{\"profile\": \"debian\"}"),
            (
                "stacks/pxe/groups/a.json",
                "{\"id\": \"a\",\"profile\": \"disk\", \"selector\": {\"mac\": \"00:00:5e:00:53:01\"}}",
            ),
            (
                "stacks/pxe/groups/b.json",
                "{\"id\": \"b\",\"profile\": \"debian\", \"selector\": {\"mac\": \"00:00:5e:00:53:02\"}}",
            ),
            (
                "stacks/pxe/groups/c.json",
                "{\"id\": \"c\",\"profile\": \"debian\", \"selector\": {\"mac\": \"XX:XX:XX:XX:XX:XX\"}}",
            ),
            (
                "stacks/pxe/groups/other.json",
                "{\"id\": \"other\",\"profile\": \"debian\", \"selector\": {\"mac\": \"00:00:5e:00:53:04\"}}",
            ),
        ],
    ),
    Case(
        "boot-address",
        "",
        &[
            DISK,
            (HOSTS, "all: {hosts: {a: {ansible_host: 192.0.2.1}}}"),
            (
                "stacks/pxe/groups/a.json",
                "{\"id\": \"a\", \"metadata\": {\"hostname\": \"a\", \"static_ip\": \"192.0.2.2\"}}",
            ),
        ],
        &[
            DISK,
            (HOSTS, "all: {hosts: {a: {ansible_host: 192.0.2.1}}}"),
            (
                "stacks/pxe/groups/a.json",
                "{\"id\": \"a\", \"metadata\": {\"hostname\": \"a\", \"static_ip\": \"192.0.2.1\"}}",
            ),
        ],
    ),
    Case(
        "tofu-mac",
        "",
        &[
            DISK,
            ("opentofu/main.tf", "module \"a\" {\n  vm_id = 1\n  vm_mac = \"00:00:5e:00:53:02\"\n}\n"),
            ("stacks/pxe/groups/a.json", "{\"id\": \"a\", \"selector\": {\"mac\": \"00:00:5e:00:53:01\"}}"),
        ],
        &[
            DISK,
            ("opentofu/main.tf", "module \"a\" {\n  vm_id = 1\n  vm_mac = \"00:00:5e:00:53:01\"\n}\n"),
            ("stacks/pxe/groups/a.json", "{\"id\": \"a\", \"selector\": {\"mac\": \"00:00:5e:00:53:01\"}}"),
        ],
    ),
    Case(
        "tofu-address",
        "",
        &[
            (HOSTS, "all: {hosts: {a: {ansible_host: 192.0.2.1}}}"),
            ("opentofu/main.tf", "module \"a\" {\n  vm_id = 1\n  vm_ip = \"192.0.2.2\"\n}\n"),
        ],
        &[
            (HOSTS, "all: {hosts: {a: {ansible_host: 192.0.2.1}}}"),
            ("opentofu/main.tf", "module \"a\" {\n  vm_id = 1\n  vm_ip = \"192.0.2.1\"\n}\n"),
        ],
    ),
    Case(
        "homepage-gaps",
        "1:48",
        &[
            (
                A,
                "services: {a: {image: \"x:1\", deploy: {labels: {caddy: a.test, caddy.reverse_proxy: \"{{upstreams 80}}\"}}}}",
            ),
            (B, WHOLE_TILE),
        ],
        &[
            (
                A,
                "services: {a: {image: \"x:1\", deploy: {labels: {caddy: (headers), caddy_1: a.test, caddy_1.redir: b.test}}}}",
            ),
            (B, WHOLE_TILE),
        ],
    ),
    Case(
        "homepage-tiles",
        "3:6",
        &[(B, WHOLE_TILE), HOMEPAGE, ("stacks/home/services.yaml", "- G:\n   - n: {}\n   - a: {}\n"), ONE],
        &[(B, WHOLE_TILE), HOMEPAGE, ("stacks/home/services.yaml", "- G:\n   - N: {}\n   - Router: {}\n"), ONE],
    ),
    file!(
        "kuma-forgets",
        "1:12",
        A,
        "services: {a: {image: \"ghcr.io/x/autokuma:1\", volumes: [\"/var/run/docker.sock:/var/run/docker.sock\"]}}",
        "services: {a: {image: \"ghcr.io/x/autokuma:1\", volumes: [\"v:/data\"]}}\nvolumes: {v: }"
    ),
    Case(
        "sign-on-missing",
        "1:48",
        &[
            (A, GUARDED),
            (
                "stacks/apps/a/blueprints/b.yaml",
                "entries: [{model: authentik_providers_proxy.proxyprovider, attrs: {external_host: https://b.test}}]",
            ),
        ],
        &[
            (A, GUARDED),
            (
                "stacks/apps/a/blueprints/b.yaml",
                "entries: [{model: authentik_providers_proxy.proxyprovider, attrs: {mode: forward_domain, external_host: https://b.test}}]",
            ),
        ],
    ),
    Case(
        "sign-on-idle",
        "1:12",
        &[
            ONE,
            (
                "stacks/apps/a/blueprints/b.yaml",
                "entries: [{model: authentik_providers_proxy.proxyprovider, attrs: {external_host: https://a.test}}]",
            ),
        ],
        &[
            (A, GUARDED),
            (
                "stacks/apps/a/blueprints/b.yaml",
                "entries: [{model: authentik_providers_proxy.proxyprovider, attrs: {external_host: https://A.test/}}]",
            ),
        ],
    ),
    Case(
        "sign-on-unserved",
        "1:12",
        &[
            ONE,
            (
                "stacks/apps/a/blueprints/b.yaml",
                "entries: [{model: authentik_providers_proxy.proxyprovider, id: p}, {model: authentik_outposts.outpost, attrs: {providers: [!KeyOf q]}}]",
            ),
        ],
        &[
            ONE,
            (
                "stacks/apps/a/blueprints/b.yaml",
                "entries: [{model: authentik_providers_proxy.proxyprovider, id: p}, {model: authentik_outposts.outpost, attrs: {providers: [!KeyOf p]}}]",
            ),
        ],
    ),
    Case(
        "network-twice",
        "2:12",
        &[
            (A, "services: {a: {image: \"x:1\"}}\nnetworks: {front: }"),
            ("scripts/up.sh", "docker network create -d overlay --attachable \"a_front\" 2>/dev/null || true\n"),
        ],
        &[
            (A, "services: {a: {image: \"x:1\"}}\nnetworks: {front: , net2: {external: true}}"),
            ("scripts/up.sh", "# docker network create a_front\ndocker network create net2\n"),
        ],
    ),
    file!(
        "secret-literal",
        "1:47",
        A,
        "services: {a: {image: \"x:1\", command: [serve, \"--admin-password=hunter2\", \"--host=${H:-a}\"]}}",
        "services: {a: {image: \"x:1\", command: [serve, \"--admin-password=${P:?}\", \"--key=/a\"], environment: {DB_PASSWORD: \"${P:?}\", DB_PASSWORD_FILE: /run/x}}}"
    ),
    file!(
        "secret-default",
        "1:36",
        A,
        "services: {a: {image: \"x:1\", user: \"${DB_PASSWORD:-admin}\"}}",
        "services: {a: {image: \"x:1\", user: \"${DB_PASSWORD:-}${DB_PASSWORD_FILE:-/run/x}${USE_TOKEN:-false}${NAME:-admin}\"}}"
    ),
    Case(
        "template-unused",
        "",
        &[ONE, ("stacks/apps/a/env.template", "A=op://vault/item/field\n")],
        &[
            (
                A,
                "services: {a: {image: \"x:1\", volumes: [\"/mnt/checkout/stacks/apps/a/in:/in\"]}}\nconfigs: {c: {file: env.template}}",
            ),
            ("stacks/apps/a/env.template", "A=op://vault/item/field\n"),
            ("stacks/apps/a/in/env.template", "A=op://vault/item/field\n"),
            ("stacks/apps/a/other.template", "no reference\n"),
            ("stacks/apps/a/by-script.template", "A=op://vault/item/field\n"),
            ("scripts/fill.sh", "op inject -i stacks/apps/a/by-script.template\n"),
        ],
    ),
    Case(
        "preflight-fill",
        "1:13",
        &[ONE, (PRE, "templates: [{src: t.j2, dest: t}]"), ("stacks/apps/a/t.j2", "{% for x in A %}{% endfor %}")],
        &[
            ONE,
            (PRE, "templates: [{src: t.j2, dest: \"{{ A | default('x') }}\"}]"),
            ("stacks/apps/a/t.j2", "{% if swarm_env_vars.A is defined %}{{ A }}{% else %}b{% endif %}"),
        ],
    ),
    Case(
        "acme-mode",
        "1:9",
        &[ONE, (PRE, "files: [{from_file: /dev/null, dest: traefik/acme.json}]")],
        &[ONE, (PRE, "files: [{from_file: /dev/null, dest: traefik/acme.json, mode: \"0600\"}]")],
    ),
    Case(
        "task-file",
        "1:20",
        &[("Taskfile.yml", "tasks: {t: {cmds: [sh scripts/test-local.sh]}}")],
        &[("Taskfile.yml", "tasks: {t: {cmds: [sh scripts/test-local.sh]}}"), ("scripts/test-local.sh", "")],
    ),
    Case(
        "docs-path",
        "2:5",
        &[ONE, ("docs/a.md", "# A\nsee stacks/app/a and stacks/apps/a/ and my-stacks/app/\nin stacks/Apps/.\n")],
        &[ONE, ("docs/a.md", "see stacks/apps/a, and once stacks/portainer/ was here\n")],
    ),
    file!(
        "health-shape",
        "2:42",
        A,
        "services:\n  a: {image: \"x:1\", healthcheck: {test: [CMD, curl -f x]}}\n  b: {image: \"x:1\", healthcheck: {test: [curl, x]}}",
        "services:\n  a: {image: \"x:1\", healthcheck: {test: [CMD, curl, x]}}\n  b: {image: \"x:1\", healthcheck: {test: [CMD-SHELL, curl x]}}\n  c: {image: \"x:1\", healthcheck: {test: [NONE]}}\n  d: {image: \"x:1\", healthcheck: {test: [CMD, /bin/check]}}"
    ),
    file!(
        "health-program",
        "2:63",
        A,
        "services:\n  a: {image: \"docker.io/library/caddy:2\", healthcheck: {test: [CMD, curl, x]}}\n  b: {image: x, healthcheck: {test: [CMD, curl, x]}}",
        "services:\n  a: {image: \"caddy:2\", healthcheck: {test: [CMD, wget, x]}}\n  b: {image: \"caddy:2\", healthcheck: {test: curl x || nc y}}"
    ),
    Case(
        "gpu-shared",
        "",
        &[(HOSTS, "all: {hosts: {a: {node_labels: {gpu: true}}, b: }}"), (A, ON_CARD), (B, ON_CARD)],
        &[
            (HOSTS, "all: {hosts: {a: {node_labels: {gpu: true}}, b: {node_labels: {gpu: true}}}}"),
            (A, ON_CARD),
            (B, ON_CARD),
        ],
    ),
];

/// Rules that cannot be broken by texts in memory, each tried where it can be.
const ELSEWHERE: [&str; 2] = ["file-unreadable", "stack-link"];

fn places(rule: &str, texts: &[File]) -> Vec<String> {
    let findings = check(&Files::of(&[], texts), Environment::new());
    let of_rule = findings.iter().filter(|finding| finding.rule == rule);
    of_rule.map(|finding| format!("{}:{}", finding.spot.line, finding.spot.column)).collect()
}

#[test]
fn each_rule_finds_what_breaks_it_at_its_place_and_nothing_else() {
    let mut wrong = Vec::new();
    for Case(rule, at, breaks, mended) in CASES {
        let found = places(rule, breaks);
        let first = found.first().map(String::as_str).unwrap_or("nothing");
        if first == "nothing" || (!at.is_empty() && first != *at) {
            wrong.push(format!("{rule}: {first} and not {at}"));
        }
        let found = places(rule, mended);
        if !found.is_empty() {
            wrong.push(format!("{rule} mended: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_rule_of_the_table_is_tried_both_ways() {
    let tried: BTreeSet<&str> = CASES.iter().map(|Case(rule, ..)| *rule).chain(ELSEWHERE).collect();
    let table: BTreeSet<&str> = rules::ALL.iter().map(|rule| rule.id).collect();
    assert_eq!(tried, table);
}

#[test]
fn every_finding_says_what_why_and_how_to_mend_it() {
    for Case(_, _, breaks, _) in CASES {
        for finding in check(&Files::of(&[], breaks), Environment::new()) {
            assert!(!finding.what.is_empty() && !finding.why.is_empty() && !finding.mend.is_empty(), "{finding:?}");
            assert!(!finding.spot.file.is_empty(), "{finding:?}");
        }
    }
}
