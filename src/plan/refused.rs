//! What every engine refuses of a service, told before anything is written: `validateServiceSpec` and its neighbours in
//! manager/controlapi/service.go of moby/swarmkit. What one engine refuses and another takes is left to the engine.

use serde_json::Value;

use super::draft::Draft;
use super::service::is_one_shot;
use super::truth::text;
use crate::diag::Diagnostic;
use crate::stack::WishedService;

/// The least memory of a limit or reservation, in bytes.
const LEAST_MEMORY: u64 = 4 << 20;
/// The least share of a processor, in billionths.
const LEAST_CPUS: u64 = 1_000_000;

/// Everything that is wrong with one wished service.
pub(super) fn refused(draft: &mut Draft<'_>, wished: &WishedService) {
    for (why, mend) in faults(&wished.body) {
        let fault = Diagnostic::new(format!("the swarm refuses {}", wished.name), mend).because(why);
        draft.fault(fault.at(draft.place(wished.place)));
    }
}

fn faults(body: &Value) -> Vec<(String, &'static str)> {
    let mut faults = Vec::new();
    let says = |key: &str| body.get(key).is_some_and(|config| !config.is_null());
    if is_one_shot(body) && says("UpdateConfig") {
        let mend = "take update_config away: a changed one-shot just runs again";
        faults.push(("a one-shot cannot have an update_config".to_owned(), mend));
    }
    for (section, word) in [("Limits", "limit"), ("Reservations", "reservation")] {
        let said =
            |key: &str| body.pointer(&format!("/TaskTemplate/Resources/{section}/{key}")).and_then(Value::as_u64);
        if let Some(memory) = said("MemoryBytes").filter(|memory| (1..LEAST_MEMORY).contains(memory)) {
            let why = format!("its {word} of memory is {memory} bytes, and 4 MiB is the least");
            faults.push((why, "write 4M or more; a number without a unit is bytes"));
        }
        if said("NanoCPUs").is_some_and(|cpus| (1..LEAST_CPUS).contains(&cpus)) {
            faults.push((format!("its {word} of cpus is below 0.001"), "write 0.001 or more"));
        }
    }
    let ports = body.pointer("/EndpointSpec/Ports").and_then(Value::as_array).into_iter().flatten();
    let routed = ports.filter(|port| text(port, "/PublishMode") != "host").count();
    if text(body, "/EndpointSpec/Mode") == "dnsrr" && routed > 0 {
        let mend = "publish it with `mode: host`, or take endpoint_mode away";
        faults.push(("endpoint_mode dnsrr goes with no port of the swarm's routing".to_owned(), mend));
    }
    faults.extend(misspelled(body));
    faults
}

/// Words of which the engine knows only some: daemon/cluster/convert/service.go of moby/moby. It takes a condition in
/// large letters and with `_`, too.
fn misspelled(body: &Value) -> Vec<(String, &'static str)> {
    const PLACES: [(&str, &str, &[&str], &str); 5] = [
        (
            "/TaskTemplate/RestartPolicy/Condition",
            "restart_policy.condition",
            &["none", "on-failure", "any"],
            "write none, on-failure or any",
        ),
        (
            "/UpdateConfig/FailureAction",
            "update_config.failure_action",
            &["pause", "continue", "rollback"],
            "write pause, continue or rollback",
        ),
        (
            "/RollbackConfig/FailureAction",
            "rollback_config.failure_action",
            &["pause", "continue", "rollback"],
            "write pause or continue",
        ),
        (
            "/UpdateConfig/Order",
            "update_config.order",
            &["stop-first", "start-first"],
            "write stop-first or start-first",
        ),
        (
            "/RollbackConfig/Order",
            "rollback_config.order",
            &["stop-first", "start-first"],
            "write stop-first or start-first",
        ),
    ];
    let wrong = |(pointer, name, known, mend): (&str, &str, &[&str], &'static str)| {
        let said = text(body, pointer);
        let read = if name.ends_with("condition") { said.to_lowercase().replace('_', "-") } else { said.to_owned() };
        (!said.is_empty() && !known.contains(&&*read)).then(|| (format!("{name} cannot be {said}"), mend))
    };
    PLACES.into_iter().filter_map(wrong).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_every_engine_refuses_is_told_all_at_once_and_what_it_takes_is_not() {
        let bad = json!({
            "Mode": {"ReplicatedJob": {}},
            "UpdateConfig": {"Parallelism": 1},
            "EndpointSpec": {"Mode": "dnsrr", "Ports": [{"TargetPort": 80, "PublishedPort": 80}]},
            "TaskTemplate": {"Resources": {"Limits": {"MemoryBytes": 128, "NanoCPUs": 1}, "Reservations": {"MemoryBytes": 5}}},
        });
        let whys: Vec<String> = faults(&bad).into_iter().map(|(why, _)| why).collect();
        assert_eq!(whys.len(), 5, "{whys:#?}");
        assert!(
            whys[0].contains("one-shot") && whys[1].contains("128 bytes") && whys[4].contains("dnsrr"),
            "{whys:#?}"
        );
        let good = json!({
            "Mode": {"ReplicatedJob": {}},
            "EndpointSpec": {"Mode": "dnsrr", "Ports": [{"TargetPort": 80, "PublishedPort": 80, "PublishMode": "host"}]},
            "TaskTemplate": {"Resources": {"Limits": {"MemoryBytes": LEAST_MEMORY, "NanoCPUs": 0}}},
        });
        assert_eq!(faults(&good), []);
        let replicated = json!({"Mode": {"Replicated": {}}, "UpdateConfig": {"Parallelism": 1}});
        assert_eq!(faults(&replicated), []);
    }

    #[test]
    fn a_word_that_no_engine_knows_is_told_with_those_that_it_knows() {
        let body = |condition: &str, action: &str, order: &str| {
            json!({
                "UpdateConfig": {"FailureAction": action, "Order": order},
                "RollbackConfig": {"FailureAction": action, "Order": order},
                "TaskTemplate": {"RestartPolicy": {"Condition": condition}},
            })
        };
        for condition in ["always", "unless-stopped", "onfailure"] {
            let found = faults(&body(condition, "pause", ""));
            assert_eq!(
                found,
                [(format!("restart_policy.condition cannot be {condition}"), "write none, on-failure or any")]
            );
        }
        assert_eq!(faults(&body("", "abort", "first-start")).len(), 4);
        for condition in ["", "any", "none", "on-failure", "on_failure"] {
            assert_eq!(faults(&body(condition, "continue", "start-first")), []);
        }
    }
}
