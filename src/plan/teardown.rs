//! The plan to take a stack away: everything that bears its label, and nothing else.

use std::collections::BTreeSet;

use serde_json::Value;

use super::change::{Change, Effect, Labels, Plan, Thing};
use super::truth::{Truth, id_of, name_of, seen, stack_of};
use crate::diag::Diagnostic;

/// The labels of a service, as far as they are text.
#[must_use]
pub fn labels(labels: &Value) -> Labels {
    let text = |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.to_owned()));
    labels.as_object().into_iter().flatten().filter_map(text).collect()
}

/// Everything of a stack goes: services, then secrets, configs and networks. What others use stays, unless they will
/// have `gone` by then.
#[must_use]
pub fn teardown(stack: &str, truth: &Truth, gone: &BTreeSet<&str>) -> Plan {
    let mut plan = Plan { stack: stack.to_owned(), ..Plan::default() };
    for kind in [Thing::Service, Thing::Secret, Thing::Config, Thing::Network] {
        let mut going: Vec<&Value> = truth.of_stack(kind, stack).collect();
        going.sort_by_key(|live| name_of(live));
        for live in going {
            let users: Vec<&str> = truth
                .users_of(kind, id_of(live))
                .into_iter()
                .filter(|name| {
                    let owner = truth.named(Thing::Service, name).and_then(stack_of);
                    owner.is_none_or(|owner| owner != stack && !gone.contains(owner))
                })
                .collect();
            if users.is_empty() {
                plan.labels.extend(live.pointer("/Spec/Labels").filter(|_| kind == Thing::Service).map(labels));
                let tasks = live.pointer("/ServiceStatus/RunningTasks").and_then(Value::as_u64);
                let change = Change {
                    effect: Effect::Remove,
                    tasks,
                    seen: Some(seen(live)),
                    ..Change::none(kind, name_of(live))
                };
                plan.changes.push(change);
            } else {
                plan.changes.push(Change { seen: Some(seen(live)), ..Change::none(kind, name_of(live)) });
                let said = Diagnostic::new(
                    format!("the {} {} stays", kind.word(), name_of(live)),
                    "take down the stacks that use it first, or let it stay",
                );
                plan.warnings.push(said.because(format!("used by {}", users.join(", "))));
            }
        }
    }
    plan
}
