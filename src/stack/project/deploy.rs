//! The `deploy` section of a service.

use super::lists::{List, Texts};
use super::pairs::Pairs;
use super::shape::{Always, Share, Size, Span, Written, shape};

shape! {
    /// How a service runs in the swarm.
    Deploy {
        mode: Written = "mode",
        replicas: Option<u64> = "replicas",
        labels: Pairs = "labels",
        update_config: Option<Update> = "update_config",
        rollback_config: Option<Update> = "rollback_config",
        resources: Resources = "resources",
        restart_policy: Option<RestartPolicy> = "restart_policy",
        placement: Placement = "placement",
        endpoint_mode: Written = "endpoint_mode",
    }
}

shape! {
    /// How tasks are replaced.
    Update {
        parallelism: Option<u64> = "parallelism",
        delay: Span = "delay",
        failure_action: Written = "failure_action",
        monitor: Span = "monitor",
        max_failure_ratio: Share = "max_failure_ratio",
        order: Written = "order",
    }
}

shape! {
    /// What it may use and what it needs.
    Resources {
        limits: Option<Limits> = "limits",
        reservations: Option<Reservations> = "reservations",
    }
}

shape! {
    /// What it may use at most.
    Limits {
        cpus: Written = "cpus",
        memory: Size = "memory",
        pids: i64 = "pids",
    }
}

shape! {
    /// What must be free for it.
    Reservations {
        cpus: Written = "cpus",
        memory: Size = "memory",
        generic_resources: List<Generic> = "generic_resources",
    }
}

shape! {
    /// Something that nodes say they have.
    Generic {
        discrete: Option<Discrete> = "discrete_resource_spec",
    }
}

shape! {
    /// So many of a kind.
    Discrete {
        kind: Always<Written> = "kind",
        value: Always<i64> = "value",
    }
}

shape! {
    /// What happens when a task ends.
    RestartPolicy {
        condition: Written = "condition",
        delay: Option<Span> = "delay",
        max_attempts: Option<u64> = "max_attempts",
        window: Option<Span> = "window",
    }
}

shape! {
    /// Where tasks may run.
    Placement {
        constraints: Texts = "constraints",
        preferences: List<Preference> = "preferences",
        max_replicas_per_node: u64 = "max_replicas_per_node",
    }
}

shape! {
    /// Over what tasks are spread.
    Preference {
        spread: Written = "spread",
    }
}
