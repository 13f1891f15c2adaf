//! What there is to tell of the managers themselves: which one is asked from now on, and which addresses lead to none.

use jiff::Timestamp;

use crate::model::{Change, Cluster, SwarmEvent};

/// What is new since the swarm was last seen through somebody.
pub(super) fn of_managers(before: &Cluster, now: &Cluster, at: Timestamp) -> Vec<Change> {
    let moved = !before.endpoint.is_empty() && before.endpoint != now.endpoint;
    let moved = moved.then(|| ("in use", now.through.clone(), format!("{} → {}", before.endpoint, now.endpoint)));
    let passed = now.passed.iter().filter(|passed| !before.passed.contains(passed));
    let passed = passed.map(|passed| ("passed over", passed.endpoint.clone(), format!("it is {}", passed.why)));
    let event = |(action, name, detail): (&str, String, String)| {
        let (kind, action, id) = ("manager".to_owned(), action.to_owned(), String::new());
        Change::Event(SwarmEvent { at, kind, action, id, name, detail })
    };
    moved.into_iter().chain(passed).map(event).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Passed;

    #[test]
    fn each_news_of_a_manager_is_told_once() {
        let cluster = |endpoint: &str, passed: &[&str]| Cluster {
            endpoint: endpoint.into(),
            through: "ching".into(),
            passed: passed.iter().map(|why| Passed { endpoint: "w".into(), why: (*why).into() }).collect(),
            ..Cluster::default()
        };
        let told = |before: &Cluster, now: &Cluster| of_managers(before, now, Timestamp::UNIX_EPOCH).len();
        let (first, passed) = (cluster("a", &[]), cluster("b", &["a worker"]));
        assert_eq!(told(&Cluster::default(), &first), 0);
        assert_eq!(told(&first, &passed), 2);
        assert_eq!(told(&passed, &passed), 0);
    }
}
