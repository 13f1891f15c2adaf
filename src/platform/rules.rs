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

    ENV_BROKEN = Error "env-broken": "a line of .env is no assignment", "go-task and docker compose refuse the whole file";
    ENV_QUOTED = Warning "env-quoted": "a value of .env is in quotes", "godotenv takes the quotes off, and Ansible's reader keeps them in the value";
    ENV_COMMENT = Warning "env-comment": "a value of .env is followed by a comment", "godotenv cuts the comment off, and Ansible's reader keeps it in the value";
    ENV_EXPORT = Warning "env-export": "a line of .env begins with export", "godotenv reads it, and Ansible's reader drops the line";
    ENV_TWICE = Warning "env-twice": "a name is set twice in .env", "the last one counts and the first does nothing";
    ENV_CRLF = Warning "env-crlf": ".env has Windows line ends", "Ansible's reader keeps the carriage return in each value";
    ENV_SPACES = Warning "env-spaces": "there are spaces around the = of a line in .env", "godotenv ignores them; Ansible's reader drops the line, or keeps the space in the value";
    ENV_REFERENCE = Warning "env-reference": "a value of .env refers to another variable", "godotenv puts its value in, and Ansible's reader keeps the letters";
    VARIABLE_MISSING = Warning "variable-missing": "a stack uses a variable that is set nowhere", "it becomes empty without a word";
    VARIABLE_REQUIRED = Error "variable-required": "a stack demands a variable that is set nowhere", "the deploy is refused";
    ENV_ABSENT = Info "env-absent": "there is no .env", "values come from the environment of whoever deploys, or are empty";

    TEMPLATE_REFERENCE = Error "template-reference": "an op:// reference is not vault/item/field", "op inject refuses the template";
    TEMPLATE_SECRET = Error "template-secret": "a template holds a secret in plain text", "it is in Git for good";

    PREFLIGHT_SHAPE = Error "preflight-shape": "a pre-flight file says something that is not understood", "the check or the preparation at this place does not happen";
    PREFLIGHT_ENV = Error "preflight-env": "a value that a stack demands is not set", "the pre-flight of the stack fails";
    PREFLIGHT_LABEL = Warning "preflight-label": "no host of the inventory has a label that a stack demands", "the pre-flight of the stack fails";
    PREFLIGHT_SOURCE = Error "preflight-source": "a template of a pre-flight is not there", "the pre-flight of the stack fails";
    CRITICAL_SHAPE = Error "critical-shape": "the list of critical services says something that is not understood", "the service at this place is not guarded";
    CRITICAL_STACK = Warning "critical-stack": "a critical service belongs to a stack that does not exist", "nothing is guarded";

    BOOT_SHAPE = Error "boot-shape": "a file of the boot server is not written as it reads it", "the machine does not boot from it";
    BOOT_MAC = Error "boot-mac": "a group has a placeholder for a MAC address", "it matches no machine";
    BOOT_KEY = Error "boot-key": "a group has a placeholder for an SSH key", "nobody can log in to the installed machine";
    BOOT_PROFILE = Error "boot-profile": "a group names a profile that does not exist", "the machine gets nothing to boot";
    BOOT_ASSET = Warning "boot-asset": "a profile names a file that is not among the assets", "the boot stops when the machine fetches it";
    BOOT_TWICE = Error "boot-twice": "two groups select one MAC address", "which of them counts is left to chance";
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
