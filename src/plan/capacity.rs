//! Whether some node can meet what a service asks: the scheduler leaves a constraint that no node meets, and a reservation
//! that fits nowhere, waiting for ever, and an engine refuses a container whose limit of processors exceeds its machine's.
//! Pure.

use serde_json::Value;

use crate::diag::Diagnostic;
use crate::model::text::sized;
use crate::model::{Availability, Node, unmet_constraint};
use crate::stack::{Wish, WishedService};

/// One thing that is asked of a node.
struct Ask {
    /// Such as `reserves 8 CPUs`.
    words: String,
    /// How much.
    amount: u64,
    /// How much of it a node has.
    has: fn(&Node) -> u64,
    /// That in words.
    told: fn(u64) -> String,
}

/// A warning for each service of which some ask is more than any node that it may run on has.
#[must_use]
pub fn capacity(wish: &Wish, nodes: &[Node]) -> Vec<Diagnostic> {
    let warn = |service: &WishedService| Some(lacking(service, nodes)?.at(wish.sources.name(service.place)));
    wish.services.iter().filter_map(warn).collect()
}

fn lacking(service: &WishedService, nodes: &[Node]) -> Option<Diagnostic> {
    let asks = asks(&service.body);
    let constraints: Vec<String> = service
        .body
        .pointer("/TaskTemplate/Placement/Constraints")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|one| one.as_str().map(str::to_owned))
        .collect();
    let unmet = |node: &Node| asks.iter().filter(|ask| (ask.has)(node) < ask.amount).collect::<Vec<_>>();
    let allowed: Vec<&Node> = nodes.iter().filter(|node| unmet_constraint(node, &constraints).is_none()).collect();
    let able: Vec<&Node> =
        allowed.iter().copied().filter(|node| node.is_ready() && node.availability == Availability::Active).collect();
    if able.is_empty() {
        return nowhere(service, &constraints, &allowed).filter(|_| wants_tasks(service, nodes));
    }
    // The nearest misses the fewest asks; of those, the one with most.
    let order = |node: &&Node| {
        let missed = unmet(node);
        (missed.len(), std::cmp::Reverse(missed.first().map(|ask| (ask.has)(node))))
    };
    let nearest = able.iter().copied().min_by_key(order)?;
    let missed = unmet(nearest);
    if missed.is_empty() {
        return None;
    }
    let what = format!("no node that {} may run on can meet what it asks", service.name);
    let said = Diagnostic::new(what, "ask for less below deploy.resources, or let it run on a larger node");
    let why = |ask: &&Ask| {
        format!(
            "it {}; the largest node allowed, {}, has {}",
            ask.words,
            nearest.hostname,
            (ask.told)((ask.has)(nearest))
        )
    };
    Some(missed.iter().map(why).fold(said, Diagnostic::because))
}

/// Some task of it is to run. A global service that no node is to have is as it was asked for.
fn wants_tasks(service: &WishedService, nodes: &[Node]) -> bool {
    let mode = service.body.get("Mode");
    let is_global = mode.is_some_and(|mode| mode.get("Global").is_some() || mode.get("GlobalJob").is_some());
    let none = mode.and_then(|mode| mode.pointer("/Replicated/Replicas")).and_then(Value::as_u64) == Some(0);
    !is_global && !none && !nodes.is_empty()
}

/// No node that takes tasks now is one that it may run on.
fn nowhere(service: &WishedService, constraints: &[String], allowed: &[&Node]) -> Option<Diagnostic> {
    let mend = "mend its placement, or the labels and availability of nodes: it waits until one fits";
    let what = format!("{} can run on no node now", service.name);
    let why = match allowed {
        [] => format!("no node meets {}", constraints.join(" and ")),
        some => {
            let names: Vec<&str> = some.iter().map(|node| node.hostname.as_str()).collect();
            format!(
                "it may run on {} alone, which {} no tasks",
                names.join(", "),
                if names.len() == 1 { "takes" } else { "take" }
            )
        }
    };
    Some(Diagnostic::new(what, mend).because(why))
}

fn asks(body: &Value) -> Vec<Ask> {
    let said = |section: &str, key: &str| {
        let amount = body.pointer(&format!("/TaskTemplate/Resources/{section}/{key}")).and_then(Value::as_u64);
        amount.filter(|amount| *amount > 0)
    };
    let ask = |verb: &str, amount: Option<u64>, has: fn(&Node) -> u64, told: fn(u64) -> String| {
        amount.map(|amount| Ask { words: format!("{verb} {}", told(amount)), amount, has, told })
    };
    let reserved = said("Reservations", "NanoCPUs");
    let all = [
        ask("reserves", reserved, |node| node.nano_cpus, cpus),
        ask("reserves", said("Reservations", "MemoryBytes"), |node| node.memory, memory),
        // What is reserved alike is told once.
        ask(
            "limits itself to",
            said("Limits", "NanoCPUs").filter(|limit| Some(*limit) != reserved),
            |node| node.nano_cpus,
            cpus,
        ),
    ];
    all.into_iter().flatten().collect()
}

fn cpus(nano: u64) -> String {
    let (whole, rest) = (nano / 1_000_000_000, nano % 1_000_000_000);
    match (whole, rest) {
        (1, 0) => "1 CPU".to_owned(),
        (_, 0) => format!("{whole} CPUs"),
        _ => format!("{whole}.{} CPUs", format!("{rest:09}").trim_end_matches('0')),
    }
}

fn memory(bytes: u64) -> String {
    format!("{} of memory", sized(bytes))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::sample::node;
    use crate::stack::Place;

    const GIB: u64 = 1 << 30;

    fn whys(resources: Value, constraints: Value) -> Vec<String> {
        let body = json!({"TaskTemplate": {"Resources": resources, "Placement": {"Constraints": constraints}}});
        let (key, name, image, after) = ("web".to_owned(), "shop_web".to_owned(), String::new(), Vec::new());
        let service = WishedService { key, name, body, image, after, place: Place::default() };
        let sized = |name: &str, cpus: u64, memory: u64| {
            node(name).with(|node| (node.nano_cpus, node.memory) = (cpus * 1_000_000_000, memory * GIB)).build()
        };
        let drained = node("dhow").with(|node| node.availability = Availability::Drain).build();
        let nodes = [sized("ching", 2, 4), sized("lorcha", 8, 1), sized("angre", 1, 1), drained];
        let wish = Wish { services: vec![service], ..Wish::default() };
        capacity(&wish, &nodes).into_iter().flat_map(|said| said.why).collect()
    }

    #[test]
    fn what_no_node_can_meet_is_told_with_the_node_that_comes_nearest() {
        let cpus = |count: u64| count * 1_000_000_000;
        let none: [&str; 0] = [];
        for (resources, constraints, expected) in [
            (json!({}), json!([]), &none[..]),
            (json!({"Limits": {"NanoCPUs": cpus(8)}}), json!([]), &none),
            (
                json!({"Limits": {"NanoCPUs": cpus(8)}}),
                json!(["node.hostname != lorcha"]),
                &["it limits itself to 8 CPUs; the largest node allowed, ching, has 2 CPUs"],
            ),
            (
                json!({"Reservations": {"NanoCPUs": cpus(9)}, "Limits": {"NanoCPUs": cpus(9)}}),
                json!(null),
                &["it reserves 9 CPUs; the largest node allowed, lorcha, has 8 CPUs"],
            ),
            // Each fits somewhere, and both nowhere.
            (
                json!({"Reservations": {"NanoCPUs": cpus(4), "MemoryBytes": 2 * GIB}}),
                json!([]),
                &["it reserves 4 CPUs; the largest node allowed, ching, has 2 CPUs"],
            ),
            // The limit of memory is no ask: what is not used is not missing.
            (json!({"Limits": {"MemoryBytes": 64 * GIB}}), json!([]), &none),
            (json!({}), json!(["node.labels.disk == ssd"]), &["no node meets node.labels.disk == ssd"]),
            (json!({}), json!(["node.hostname == dhow"]), &["it may run on dhow alone, which takes no tasks"]),
            (
                json!({"Reservations": {"NanoCPUs": 1_500_000_000}}),
                json!(["node.hostname == angre"]),
                &["it reserves 1.5 CPUs; the largest node allowed, angre, has 1 CPU"],
            ),
        ] {
            assert_eq!(whys(resources.clone(), constraints), expected, "{resources}");
        }
    }
}
