//! How a service runs in the swarm: mode, resources, placement, restarts, updates.

use serde_json::{Value as Json, json};

use super::json::Body;
use crate::stack::grammar::cpus;
use crate::stack::project::cx::Cx;
use crate::stack::project::deploy::{Deploy, Generic, Placement, Resources, Update};
use crate::stack::project::service::Keys;
use crate::stack::project::shape::{Shape, Written};

/// The mode, with the replicas that were asked for.
pub fn mode(deploy: &Deploy, cx: &mut Cx<'_>) -> Json {
    let replicas = deploy.replicas;
    match &*deploy.mode {
        "" | "replicated" => json!({ "Replicated": Json::from(Body::default().maybe("Replicas", replicas)) }),
        "replicated-job" => {
            let job = Body::default().maybe("MaxConcurrent", replicas).maybe("TotalCompletions", replicas);
            json!({ "ReplicatedJob": Json::from(job) })
        }
        mode @ ("global" | "global-job") => {
            if replicas.is_some() {
                let what = format!("{} is {mode} and has a number of replicas", cx.here());
                let mend = "leave out `replicas`, or choose mode: replicated";
                cx.fault(deploy.mode.place, what, "a global service has one task on every node", mend);
            }
            if mode == "global" { json!({ "Global": {} }) } else { json!({ "GlobalJob": {} }) }
        }
        mode => {
            let what = format!("{} has a mode that does not exist", cx.here());
            let mend = "write replicated, global, replicated-job or global-job";
            cx.fault(deploy.mode.place, what, format!("mode: {mode}"), mend);
            Json::Null
        }
    }
}

/// How tasks are replaced. Without a parallelism it is one after the other; 0 is all at once.
pub fn update(update: &Update) -> Json {
    Body::default()
        .put("Parallelism", update.parallelism.unwrap_or(1))
        .some("Delay", update.delay.0)
        .some("FailureAction", update.failure_action.text.clone())
        .some("Monitor", update.monitor.0)
        .put("MaxFailureRatio", update.max_failure_ratio.emit())
        .put("Order", update.order.text.clone())
        .into()
}

/// Where tasks may run; always sent.
pub fn placement(placement: &Placement) -> Json {
    let constraints: Json = placement.constraints.texts().map(Json::from).collect();
    let preferences = placement.preferences.items().iter();
    let preferences: Json =
        preferences.map(|preference| json!({ "Spread": { "SpreadDescriptor": preference.spread.text } })).collect();
    Body::default()
        .some("Constraints", constraints)
        .some("Preferences", preferences)
        .some("MaxReplicas", placement.max_replicas_per_node)
        .into()
}

/// What it may use and what it needs; always sent.
pub fn resources(resources: &Resources, cx: &mut Cx<'_>) -> Json {
    let limits = resources.limits.as_ref().map(|limits| {
        Body::default()
            .some("NanoCPUs", nanos(&limits.cpus, cx))
            .some("MemoryBytes", limits.memory.0)
            .some("Pids", limits.pids)
    });
    let reservations = resources.reservations.as_ref().map(|reservations| {
        let generic: Json = reservations.generic_resources.items().iter().map(generic).collect();
        Body::default()
            .some("NanoCPUs", nanos(&reservations.cpus, cx))
            .some("MemoryBytes", reservations.memory.0)
            .some("GenericResources", generic)
    });
    Body::default().maybe("Limits", limits).maybe("Reservations", reservations).into()
}

fn nanos(written: &Written, cx: &mut Cx<'_>) -> i64 {
    if written.is_empty() {
        return 0;
    }
    cpus::parse(written).unwrap_or_else(|why| {
        let what = format!("{} asks for processors in a way that cannot be read", cx.here());
        cx.fault(written.place, what, why, "write a number with at most nine digits behind the point, such as 0.5");
        0
    })
}

fn generic(resource: &Generic) -> Json {
    let discrete = resource
        .discrete
        .as_ref()
        .map(|discrete| Body::default().some("Kind", discrete.kind.0.text.clone()).some("Value", discrete.value.0));
    Body::default().maybe("DiscreteResourceSpec", discrete).into()
}

/// What happens when a task ends; without a policy, `restart` of plain containers counts.
pub fn restart(keys: &Keys, cx: &mut Cx<'_>) -> Option<Json> {
    let Some(policy) = &keys.deploy.restart_policy else { return old_restart(&keys.restart, cx) };
    let body = Body::default()
        .some("Condition", policy.condition.text.clone())
        .maybe("Delay", policy.delay.map(|span| span.0))
        .maybe("MaxAttempts", policy.max_attempts)
        .maybe("Window", policy.window.map(|span| span.0));
    Some(body.into())
}

fn old_restart(written: &Written, cx: &mut Cx<'_>) -> Option<Json> {
    let (name, count) = written.split_once(':').unwrap_or((written, ""));
    let attempts = match count {
        "" => Some(0),
        count => count.parse::<i64>().ok(),
    };
    match (name, attempts) {
        ("", _) if written.is_empty() => None,
        ("no", Some(_)) => None,
        ("always" | "unless-stopped", Some(_)) => Some(json!({ "Condition": "any" })),
        ("on-failure", Some(attempts)) => {
            Some(json!({ "Condition": "on-failure", "MaxAttempts": attempts.cast_unsigned() }))
        }
        (_, attempts) => {
            let why = match attempts {
                None => format!("{count:?} is no number of attempts"),
                Some(_) => format!("restart: {} does not exist", &**written),
            };
            let what = format!("{} has a restart policy that cannot be read", cx.here());
            cx.fault(written.place, what, why, "write no, always, unless-stopped, on-failure or on-failure:N");
            None
        }
    }
}
