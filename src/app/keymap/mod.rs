//! What a key means on which screen. Looks up the one table and derives footer, help and manual from it; adds no key.

mod intent;
mod scope;
mod table;

use std::fmt::Write as _;

pub use intent::{History, Intent, LogIntent, Move, Place, Sort};
pub use scope::{Scope, Scopes};
pub use table::{BINDINGS, Binding};

/// What a key means on a screen.
#[must_use]
pub fn intent(scopes: Scopes, key: &str) -> Option<Intent> {
    scopes.bindings().find(|binding| binding.keys.contains(&key)).map(|binding| binding.intent)
}

/// The hints of a screen, best first; without those that change something where nothing may be changed.
pub fn hints(scopes: Scopes, read_only: bool) -> Vec<&'static Binding> {
    let mut hints: Vec<_> = scopes.bindings().filter(|b| b.rank > 0 && !(read_only && b.acts())).collect();
    hints.sort_by_key(|binding| binding.rank);
    hints
}

/// A key as it is shown where room is dear: `ctrl-z` as `^z`.
#[must_use]
pub fn shown(key: &str) -> String {
    key.replace("ctrl-", "^")
}

/// All keys of all screens, as a page.
#[must_use]
pub fn manual() -> String {
    let mut page = String::from("# Keys\n\nMade from the key table; do not edit.\n");
    for (name, scope) in [
        ("Everywhere", Scope::Everywhere),
        ("Overview", Scope::Overview),
        ("Every list", Scope::List),
        ("Stacks, services and tasks", Scope::Acting),
        ("Nodes, usage, disk, volumes, images, storage", Scope::Machines),
        ("Nodes", Scope::Nodes),
        ("Output of a command", Scope::Output),
        ("Usage", Scope::Usage),
        ("Disk and volumes", Scope::Stores),
        ("Storage", Scope::Storage),
        ("Queue", Scope::Queue),
        ("Plan", Scope::Plan),
        ("Logs", Scope::Logs),
        ("Text", Scope::Page),
        ("Questions, help, messages", Scope::Dialog),
    ] {
        let _ = write!(page, "\n## {name}\n\n| key | does |\n| --- | --- |\n");
        for binding in BINDINGS.iter().filter(|binding| binding.scope == scope) {
            let keys: Vec<String> = binding.keys.iter().map(|key| format!("`{}`", key.replace('|', "\\|"))).collect();
            let _ = writeln!(page, "| {} | {} |", keys.join(" "), binding.help);
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_key_means_two_things_on_one_screen() {
        for (name, scopes) in Scopes::ALL {
            let mut seen = BTreeSet::new();
            for key in scopes.bindings().flat_map(|binding| binding.keys) {
                assert!(seen.insert(key), "{key} means two things on {name}");
            }
        }
    }

    #[test]
    fn every_footer_fits_80_columns() {
        for (name, scopes) in Scopes::ALL {
            let hints = hints(scopes, false);
            let width: usize = hints.iter().map(|b| shown(b.keys[0]).len() + 1 + b.label.len() + 2).sum();
            assert!(width <= 80, "the hints of {name} take {width} columns");
            assert!(hints.iter().any(|binding| binding.intent == Intent::Help), "{name} does not lead to the help");
        }
    }

    #[test]
    fn a_reader_is_offered_nothing_that_changes_the_swarm() {
        for (_, scopes) in Scopes::ALL {
            assert!(hints(scopes, true).iter().all(|binding| !binding.acts()));
        }
    }

    #[test]
    fn the_manual_names_every_key() {
        let manual = manual();
        for binding in BINDINGS {
            assert!(manual.contains(binding.help), "{}", binding.help);
        }
    }
}
