//! The one table of rules about the folder. A rule is a row here and a function that finds its breaches: those that are
//! seen while reading lie in this room, those that compare what was read lie in `lint`.

use crate::diag::{Rule, Severity};

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $severity:ident $id:literal: $title:literal, $why:literal;)*) => {
        $(
            #[doc = $title]
            pub static $name: Rule = Rule { id: $id, severity: Severity::$severity, title: $title, why: $why };
        )*

        /// Every rule, in the order of this table.
        pub static ALL: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    FILE_UNREADABLE = Error "file-unreadable": "a file cannot be read", "what it says is missing from the platform";
    FILE_BROKEN = Error "file-broken": "a file breaks the rules of its language", "what it says is missing from the platform";

    INVENTORY_SHAPE = Error "inventory-shape": "the inventory is not written as Ansible reads it", "hosts and variables at this place are not known";
    INVENTORY_MISSING = Warning "inventory-missing": "ansible.cfg names an inventory that is not there", "Ansible and Quarterdeck then know no hosts";
    INVENTORY_ROLE = Error "inventory-role": "a host is in the managers and in the workers", "its wished role cannot be told";
    INVENTORY_ADDRESS = Warning "inventory-address": "two hosts have one address", "what is meant for one machine reaches the other";
    INVENTORY_OPAQUE = Info "inventory-opaque": "a variable of a host is a template that only Ansible resolves", "Quarterdeck does not know its value";
    INVENTORY_SEALED = Info "inventory-sealed": "a variables file is sealed by ansible-vault", "Quarterdeck does not open vaults";
    INVENTORY_PLACEHOLDER = Warning "inventory-placeholder": "a variable of the inventory is a placeholder", "whatever uses it fails on the hosts";
    MANAGERS_EVEN = Warning "managers-even": "the number of managers is even", "an even number of managers can lose no more of them than one fewer could";
    MANAGERS_ONE = Info "managers-one": "there is one manager only", "the swarm stands still while it is away";
    MANAGERS_MANY = Warning "managers-many": "there are more than seven managers", "each write waits for the majority of them";

    STACK_TWICE = Error "stack-twice": "two files describe one stack", "only one of them can be deployed under the name";
    STACK_BESIDE = Warning "stack-beside": "a compose file lies beside the directories of stacks", "it has no directory to be named by, so it is not deployed";
    STACK_SHELVED = Info "stack-shelved": "a stack lies in a directory of stacks that were put away", "it belongs to no tier and is not deployed";
    STACK_LINK = Warning "stack-link": "a link below stacks/ is not followed", "what it leads to is no part of the platform";
    STACK_RENAMED = Warning "stack-renamed": "a stack that is brought up under the name of its file is registered under another", "brought up both ways it runs twice, on the same data";
    STACK_UNREGISTERED = Warning "stack-unregistered": "a stack is in the folder and not in the registry", "nothing deploys it when the folder changes";
    REGISTERED_TWICE = Error "registered-twice": "one compose file is registered under two names", "two stacks then run the same services on the same data";
    REGISTERED_NOWHERE = Error "registered-missing": "a registered stack has no file", "its deploy fails";
    REGISTRY_SHAPE = Warning "registry-shape": "the registry is not written as Komodo reads it", "what is written at this place is not used";
    REGISTRY_IGNORED = Warning "registry-ignored": "ignore_services names a service that the stack does not have", "the name does nothing, and a typing error hides behind it";
    REGISTRY_JOB = Info "registry-job": "a one-shot is not in ignore_services", "Komodo shows the stack as unhealthy once the one-shot has ended";
    REGISTRY_HIDDEN = Info "registry-hidden": "ignore_services names a service that should run", "Komodo does not tell when it is down";
    CONFIG_SHAPE = Error "config-shape": "quarterdeck.yaml says something that is not understood", "what is written at this place is not used";

    CONFIG_STACK = Warning "config-stack": "quarterdeck.yaml names a stack that does not exist", "what it says of it is not used";

    ORDER_UNKNOWN = Error "order-unknown": "a stack waits for one that does not exist", "nobody can keep that order";
    ORDER_CYCLE = Error "order-cycle": "stacks wait for each other in a circle", "none of them can be first";
    ORDER_TIER = Warning "order-tier": "a stack waits for one of a later tier", "tiers are deployed one after another, so it would wait for ever";
    ORDER_UNDECLARED = Warning "order-undeclared": "a stack needs what another makes and the registry does not say so", "a deployer that reads only the registry may start them in the wrong order";

    INVENTORY_LACKS = Warning "inventory-lacks": "a machine that the folder relies on is not in the inventory", "Ansible leaves it out, and nobody can tell whether it fits what is placed there";
    REGISTRY_TLS = Info "registry-tls": "the certificate of a registered server is not checked", "whoever answers at its address is believed";

    SWARM_REFUSED = Error "swarm-refused": "a stack says something that a swarm does not take", "the deploy is refused";
    SWARM_EXTENDED = Info "swarm-extended": "a stack uses a form that the docker CLI refuses", "only Quarterdeck and docker compose can read this file";
    SWARM_IGNORED = Info "swarm-ignored": "a stack has a key that a swarm ignores", "it looks as if it did something";
    SWARM_LOST = Warning "swarm-lost": "a service asks for rights or devices that a swarm does not give it", "it starts without them and probably fails";
    SWARM_HOST_NETWORK = Error "swarm-host-network": "a service of the swarm wants the network of its host by network_mode", "a swarm ignores the key, so the service is not reached where it should be";
    IMAGE_MISSING = Error "image-missing": "a service has no image", "a swarm builds none, so the deploy is refused";
    IMAGE_LATEST = Warning "image-latest": "an image has the tag latest", "each node may run another version, and nothing can be rolled back to it";
    IMAGE_UNTAGGED = Warning "image-untagged": "an image has neither tag nor digest", "it means latest: each node may run another version";

    STORAGE_SHARED_DATABASE = Error "storage-shared-database": "a database lies on a CIFS or NFS share", "locks do not hold there, and the database breaks";
    VOLUME_FLOATS = Info "volume-floats": "a volume of one node belongs to a service that may run on several", "on another node it finds an empty volume";
    BIND_RELATIVE = Warning "bind-relative": "a service that may run anywhere mounts a folder of the checkout", "the checkout lies on one machine, and on all others the task is rejected";
    BIND_UNPROVISIONED = Warning "bind-unprovisioned": "a mounted directory is made by no pre-flight", "where it is missing the task is rejected";

    CONSTRAINT_SHAPE = Error "constraint-shape": "a constraint is not written as a swarm reads it", "the deploy is refused";
    CONSTRAINT_UNMET = Error "constraint-unmet": "no host of the inventory meets the constraints of a service", "its tasks wait for ever";
    GPU_SHARED = Info "gpu-shared": "several services share the one host with a graphics card", "they share its memory, and together they may need more than it has";
    PREFLIGHT_UNLABELLED = Info "preflight-unlabelled": "a service is placed by a label that the pre-flight of its stack does not demand", "without a node that has it the tasks wait, and the pre-flight says that all is well";

    PORT_CLASH = Error "port-clash": "two services publish one port", "the second of them is refused, or its tasks find no node";
    PORT_SHARED_HOST = Warning "port-shared-host": "two services publish one port on hosts that may be the same", "where they meet the second task cannot start";
    PORT_DNS = Error "port-dns": "port 53 is published through the swarm's own routing", "every node then answers for DNS, its own look-ups included, and no client's address is seen";
    PORT_DATABASE = Warning "port-database": "a database is published on every node", "whoever reaches one machine of the swarm reaches the database";
    PORT_ADDRESS = Warning "port-address": "a port is published at one address", "a swarm does not heed the address: the port opens at every address of every node";
    PORT_DNSRR = Error "port-dnsrr": "a service without a virtual address publishes a port through the swarm's routing", "the engine refuses the service";

    LABEL_PLACE = Error "label-place": "a label for others in the swarm stands under the service", "it becomes a label of the container, which ingress, dashboard and monitors do not see";
    INGRESS_NETWORK = Error "ingress-network": "a service wants to be reached through the ingress and shares no network with it", "the ingress answers 502 or 504";
    TRAEFIK_PORT = Error "traefik-port": "a routed service does not say its port", "in a swarm Traefik cannot find it out, and leaves the router out";
    TRAEFIK_RULE = Error "traefik-rule": "the rule of a router is not written as Traefik reads it", "the router is left out";
    TRAEFIK_ROUTER = Warning "traefik-router": "a router has no rule", "Traefik falls back on its default rule, and leaves out what is no HTTP";
    TRAEFIK_UNKNOWN = Warning "traefik-unknown": "a router names a service or middleware that no label makes", "Traefik leaves the router out";
    TRAEFIK_TWICE = Error "traefik-twice": "two services make one router or service of Traefik", "routers that differ are both left out, and requests for one service reach the other";
    TRAEFIK_NETWORK = Warning "traefik-network": "a routed service is in several networks and does not say which one Traefik uses", "Traefik takes any of them, and perhaps one that it is not in";
    CADDY_SITE = Error "caddy-site": "a service has directives for Caddy and no site", "nothing that is meant for the service gets there";
    CADDY_PORT = Warning "caddy-port": "an upstream for Caddy names no port", "Caddy then asks port 80, whatever the service listens on";
    CADDY_UPSTREAM = Error "caddy-upstream": "an upstream for Caddy is not written as it reads it", "the site does not lead to the service";
    HOMEPAGE_FIELD = Warning "homepage-field": "a label for Homepage names a field that it does not know", "the field is not shown";
    HOMEPAGE_HIDDEN = Warning "homepage-hidden": "a service has labels for Homepage and lacks its group or its name", "the dashboard does not show the service";
    HOMEPAGE_GAPS = Info "homepage-gaps": "a service that is reached from outside says not all of the five things that a dashboard shows", "it has no tile, or one without icon, link or description";
    HOMEPAGE_TILES = Info "homepage-tiles": "labels and services.yaml of Homepage hold different services", "where one list is meant to be the other, one of the two is out of date";
    KUMA_SHAPE = Error "kuma-shape": "a label for AutoKuma is not written as it reads it", "one such label can stop it from updating all monitors";
    KUMA_TWICE = Error "kuma-twice": "two services declare one monitor", "each of them overwrites what the other says";
    KUMA_FORGETS = Warning "kuma-forgets": "AutoKuma keeps nothing", "started anew it does not know its monitors, and makes them a second time";
    ROUTE_TWICE = Warning "route-twice": "two services want the same host", "which of them answers is left to chance";
    SIGN_ON_MISSING = Warning "sign-on-missing": "a page asks authentik who is there, and no blueprint makes a provider for it", "authentik does not know the page and answers that it is not found";
    SIGN_ON_IDLE = Info "sign-on-idle": "a blueprint makes a provider for a page that asks nobody", "the page is open, or the provider is left over";
    SIGN_ON_UNSERVED = Warning "sign-on-unserved": "a provider for a page is in the list of no outpost", "nobody answers for it, and the page is not reached";
    FIBER_SECRET = Warning "fiber-secret": "a database asks for a backup whose secret the backup service does not have", "the backup cannot log in";

    PART_UNDECLARED = Error "part-undeclared": "a service names a network, volume, secret or config that its file does not declare", "the deploy is refused";
    PART_UNLIKE = Warning "part-unlike": "a service is given one secret or config twice, with different owners or modes", "an engine keeps one file of it in a task, so what is said last holds for both";
    NETWORK_TWICE = Warning "network-twice": "a network is made beforehand and by a stack", "the docker CLI looks for its own networks only, and stops because the name is taken";
    PART_FILE = Error "part-file": "a secret or config is made from a file that is not there", "the deploy is refused";
    EXTERNAL_MISSING = Warning "external-missing": "a stack needs a network, secret or config that nothing in the folder makes", "docker refuses the stack until somebody makes it by hand";

    RESTART_STOPS = Warning "restart-stops": "a service that should last is not started again when it ends", "once it ends it stays down, and nobody tells";
    RESTART_GIVES_UP = Warning "restart-gives-up": "a service that should last is started again only so many times", "after a longer trouble it stays down";
    HEALTH_SHAPE = Error "health-shape": "a health check is not written as an engine reads it", "the service never becomes healthy";
    HEALTH_PROGRAM = Warning "health-program": "a health check runs a program that its image does not have", "the service is never healthy, and is started again and again";
    HEALTH_MISSING = Info "health-missing": "others depend on a service that does not say how its health is found out", "they are let at it as soon as its process runs";

    ENV_BROKEN = Error "env-broken": "a line of .env is no assignment", "go-task and docker compose refuse the whole file";
    ENV_QUOTED = Warning "env-quoted": "a value of .env is in quotes", "godotenv takes the quotes off, and Ansible's reader keeps them in the value";
    ENV_COMMENT = Warning "env-comment": "a value of .env is followed by a comment", "godotenv cuts the comment off, and Ansible's reader keeps it in the value";
    ENV_EXPORT = Warning "env-export": "a line of .env begins with export", "godotenv reads it, and Ansible's reader drops the line";
    ENV_TWICE = Warning "env-twice": "a name is set twice in .env", "the last one counts and the first does nothing";
    ENV_CRLF = Warning "env-crlf": ".env has Windows line ends", "Ansible's reader keeps the carriage return in each value";
    ENV_SPACES = Warning "env-spaces": "there are spaces around the = of a line in .env", "godotenv ignores them; Ansible's reader drops the line, or keeps the space in the value";
    ENV_REFERENCE = Warning "env-reference": "a value of .env refers to another variable", "godotenv puts its value in, and Ansible's reader keeps the letters";
    VARIABLE_MISSING = Warning "variable-missing": "a stack uses a variable that is set nowhere", "it becomes empty without a word";
    VARIABLE_NESTED = Warning "variable-nested": "a default names a variable again", "stack files do not nest: the text reaches the service as it stands, with a `}` behind it";
    VARIABLE_REQUIRED = Error "variable-required": "a stack demands a variable that is set nowhere", "the deploy is refused";
    SECRET_DEFAULT = Warning "secret-default": "a stack has a default for a secret", "where nobody sets it, everybody who can read the folder knows it";
    ENV_ABSENT = Info "env-absent": "there is no .env", "values come from the environment of whoever deploys, or are empty";

    TEMPLATE_REFERENCE = Error "template-reference": "an op:// reference is not vault/item/field", "op inject refuses the template";
    SECRET_LITERAL = Warning "secret-literal": "a stack file holds a secret in plain text", "it is in Git for good, and whoever may look at the swarm reads it";
    TEMPLATE_SECRET = Error "template-secret": "a template holds a secret in plain text", "it is in Git for good";
    TEMPLATE_UNUSED = Info "template-unused": "no service is given a template with references to a vault", "nobody fills it in";

    PREFLIGHT_SHAPE = Error "preflight-shape": "a pre-flight file says something that is not understood", "the check or the preparation at this place does not happen";
    PREFLIGHT_ENV = Error "preflight-env": "a value that a stack demands is not set", "the pre-flight of the stack fails";
    PREFLIGHT_LABEL = Warning "preflight-label": "no host of the inventory has a label that a stack demands", "the pre-flight of the stack fails";
    PREFLIGHT_SOURCE = Error "preflight-source": "a template of a pre-flight is not there", "the pre-flight of the stack fails";
    PREFLIGHT_FILL = Warning "preflight-fill": "a pre-flight needs more of Jinja than is understood here", "Ansible fills it in, and a deploy from here stops before it begins";
    ACME_MODE = Error "acme-mode": "a pre-flight lets others read acme.json", "Traefik refuses the file and gets no certificates";
    CRITICAL_SHAPE = Error "critical-shape": "the list of critical services says something that is not understood", "the service at this place is not guarded";
    CRITICAL_STACK = Warning "critical-stack": "a critical service belongs to a stack that does not exist", "nothing is guarded";

    TASK_FILE = Warning "task-file": "a task runs a script or playbook that is not there", "the task fails when somebody needs it";
    DOCS_PATH = Info "docs-path": "a page names a directory of stacks that does not exist", "who follows it finds nothing";

    BOOT_SHAPE = Error "boot-shape": "a file of the boot server is not written as it reads it", "the machine does not boot from it";
    BOOT_MAC = Error "boot-mac": "a group has a placeholder for a MAC address", "it matches no machine";
    BOOT_KEY = Error "boot-key": "a group has a placeholder for an SSH key", "nobody can log in to the installed machine";
    BOOT_PROFILE = Error "boot-profile": "a group names a profile that does not exist", "the machine gets nothing to boot";
    BOOT_ASSET = Warning "boot-asset": "a profile names a file that is not among the assets", "the boot stops when the machine fetches it";
    BOOT_TWICE = Error "boot-twice": "two groups select one MAC address", "which of them counts is left to chance";
    BOOT_REINSTALL = Warning "boot-reinstall": "a group installs a machine that the inventory has in the swarm", "when it boots from the network the next time, its disk is written anew";
    BOOT_ADDRESS = Warning "boot-address": "a group gives a host another address than the inventory", "after the installation nobody finds the machine";
    TOFU_MAC = Warning "tofu-mac": "a virtual machine has another MAC address than its boot group", "it boots as an unknown machine";
    TOFU_ADDRESS = Warning "tofu-address": "a virtual machine has another address than the inventory", "after the installation nobody finds the machine";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_rule_has_a_name_of_its_own_and_says_why_it_is_there() {
        let mut names = BTreeSet::new();
        for rule in ALL {
            assert!(names.insert(rule.id), "{} twice", rule.id);
            assert!(rule.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", rule.id);
            assert!(!rule.title.is_empty() && !rule.why.is_empty(), "{}", rule.id);
            assert!(!rule.title.ends_with('.') && !rule.why.ends_with('.'), "{}: no full stop", rule.id);
        }
    }
}
