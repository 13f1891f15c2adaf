//! The plan of a whole stack: all objects, what must be there before, and what goes.

use std::collections::BTreeSet;

use serde_json::Value;

use super::change::{Change, Plan, Thing};
use super::draft::{Draft, Drawn, Options, Promised, Prune, thing};
use super::truth::{Truth, id_of, name_of, stack_of, text};
use super::{network, parts, ports, refused, service};
use crate::diag::Diagnostic;
use crate::stack::{External, Kind, Wish};

/// Networks that every engine has.
const PREDEFINED: &[&str] = &["host", "bridge", "none"];

/// Wish against truth. What is promised need not be there yet.
#[must_use]
pub fn draw(wish: &Wish, truth: &Truth, options: Options, promised: &Promised) -> Drawn {
    let plan = Plan { stack: wish.stack.clone(), notes: wish.notes.clone(), ..Plan::default() };
    let mut draft = Draft {
        wish,
        truth,
        options,
        drawn: Drawn { plan, ..Drawn::default() },
        renamed: Default::default(),
        kept: BTreeSet::new(),
        outdated: Vec::new(),
    };
    for external in &wish.externals {
        there(&mut draft, external, promised);
    }
    for wished in &wish.networks {
        network::network(&mut draft, wished);
    }
    for wished in &wish.secrets {
        parts::part(&mut draft, Thing::Secret, wished);
    }
    for wished in &wish.configs {
        parts::part(&mut draft, Thing::Config, wished);
    }
    for wished in in_order(&mut draft) {
        ports::ports(&mut draft, wished);
        refused::refused(&mut draft, wished);
        service::service(&mut draft, wished);
    }
    prune(&mut draft);
    draft.drawn
}

/// What another made and this stack uses.
fn there(draft: &mut Draft<'_>, external: &External, promised: &Promised) {
    let kind = thing(external.kind);
    if kind == Thing::Network && PREDEFINED.contains(&external.name.as_str()) {
        return;
    }
    let word = kind.word();
    let place = draft.place(external.place);
    let found = draft.truth.named(kind, &external.name);
    let fault = match found {
        None if promised.contains_key(&(kind, external.name.clone())) => return,
        None if let Some(by) = draft.wish.maker.as_deref().filter(|_| kind != Thing::Network) => {
            return draft.await_from(by, (kind, &external.name), "it is not there yet");
        }
        None => Diagnostic::new(
            format!("the {word} {} is not there", external.name),
            match external.kind {
                _ if let Some(by) = &external.by => format!("the stack {by} makes it: quarterdeck deploy {by}"),
                Kind::Network => format!("make it: docker network create -d overlay {}", external.name),
                Kind::Secret | Kind::Config => {
                    format!("make it, or deploy the stack that owns it: docker {word} create {} FILE", external.name)
                }
            },
        ),
        Some(live) if kind == Thing::Network && text(live, "/Scope") != "swarm" => Diagnostic::new(
            format!("the network {} is one of a single machine", external.name),
            "use a network of the swarm: docker network create -d overlay NAME",
        )
        .because(format!("its scope is {}", text(live, "/Scope"))),
        Some(_) => return,
    };
    let users = external.used_by.join(", ");
    let fault = if users.is_empty() { fault } else { fault.because(format!("used by {users}")) };
    draft.fault(fault.at(place));
}

/// The services so that each comes after those it stands on.
fn in_order<'a>(draft: &mut Draft<'a>) -> Vec<&'a crate::stack::WishedService> {
    let wish = draft.wish;
    let mut waiting: Vec<&crate::stack::WishedService> = wish.services.iter().collect();
    let mut ordered = Vec::new();
    while !waiting.is_empty() {
        let left: BTreeSet<&str> = waiting.iter().map(|service| service.key.as_str()).collect();
        let free = |service: &&crate::stack::WishedService| {
            !service.after.iter().any(|key| key != &service.key && left.contains(key.as_str()))
        };
        let (next, rest): (Vec<_>, Vec<_>) = waiting.iter().copied().partition(free);
        if next.is_empty() {
            let names: Vec<&str> = rest.iter().map(|service| service.key.as_str()).collect();
            let said = Diagnostic::new(
                format!("{} wait for each other", names.join(", ")),
                "take one of their depends_on away; until then they are deployed together",
            );
            let place = rest.first().map(|service| draft.place(service.place)).unwrap_or_default();
            draft.warn(said.at(place));
            ordered.extend(rest);
            break;
        }
        ordered.extend(next);
        waiting = rest;
    }
    ordered
}

/// What the file no longer has, and what stood for an earlier content.
fn prune(draft: &mut Draft<'_>) {
    let (truth, stack) = (draft.truth, draft.wish.stack.as_str());
    let wished: BTreeSet<&str> = draft.wish.services.iter().map(|service| service.name.as_str()).collect();
    let gone: Vec<&Value> =
        truth.of_stack(Thing::Service, stack).filter(|live| !wished.contains(name_of(live))).collect();
    let going: BTreeSet<&str> = if draft.options.prune == Prune::Nothing {
        BTreeSet::new()
    } else {
        gone.iter().map(|live| name_of(live)).collect()
    };
    if going.is_empty() && !gone.is_empty() {
        let names: Vec<&str> = gone.iter().map(|live| name_of(live)).collect();
        let said = Diagnostic::new(
            format!("{} stay although the file does not have them", names.join(", ")),
            "deploy without --no-prune to remove them",
        );
        draft.warn(said);
    }
    for live in gone.iter().copied().filter(|live| going.contains(name_of(live))) {
        draft.remove(Change::none(Thing::Service, name_of(live)), live);
    }
    for kind in [Thing::Config, Thing::Secret, Thing::Network] {
        let outdated: BTreeSet<&str> =
            draft.outdated.iter().filter(|(of, _)| *of == kind).map(|(_, live)| id_of(live)).collect();
        let everything = draft.options.prune == Prune::Everything;
        for live in truth.of_stack(kind, stack) {
            let id = id_of(live);
            let earlier = outdated.contains(id);
            if draft.kept.contains(id) || is_wished(draft, kind, name_of(live)) && !earlier {
                continue;
            }
            if !(everything || earlier && draft.options.rotate) {
                continue;
            }
            remove_unused(draft, kind, live, &going, earlier);
        }
    }
}

fn is_wished(draft: &Draft<'_>, kind: Thing, name: &str) -> bool {
    let parts = match kind {
        Thing::Network => &draft.wish.networks,
        Thing::Secret => &draft.wish.secrets,
        Thing::Config => &draft.wish.configs,
        Thing::Service | Thing::Node => return false,
    };
    parts.iter().any(|part| part.name == name)
}

/// Removes a part, unless somebody outside this plan uses it.
fn remove_unused<'a>(draft: &mut Draft<'a>, kind: Thing, live: &'a Value, going: &BTreeSet<&str>, earlier: bool) {
    let stack = draft.wish.stack.as_str();
    let users: Vec<&str> = draft.truth.users_of(kind, id_of(live));
    let ours = |name: &str| draft.truth.named(Thing::Service, name).and_then(stack_of) == Some(stack);
    let others: Vec<&str> = users.into_iter().filter(|name| !going.contains(name) && !ours(name)).collect();
    if others.is_empty() {
        let why = if earlier { "it holds an earlier content" } else { "" };
        return draft.remove(Change { why: why.to_owned(), ..Change::none(kind, name_of(live)) }, live);
    }
    let said = Diagnostic::new(
        format!("the {} {} stays although the file does not have it", kind.word(), name_of(live)),
        "take it out of those services first",
    );
    draft.warn(said.because(format!("used by {} of another stack", others.join(", "))));
}
