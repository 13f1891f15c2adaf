//! Judgements told as small stories: a swarm as given, the state and the words that should come of it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::model::sample::{NodeSample, ServiceSample, node, noon, service, swarm};
use crate::model::{
    Availability, Catalogue, Change, Filed, Listing, Mode, Picture, ServiceHealth, ServiceId, Snapshot, State,
    SwarmEvent, TaskId, TaskState, Tier, TroubleAt, Update, UpdateState, Version,
};

fn judged(nodes: Vec<NodeSample>, sample: ServiceSample) -> ServiceHealth {
    let id = sample.clone().build().id;
    Picture::of(swarm(nodes, [sample]), &Arc::default(), noon()).services[&id].as_ref().clone()
}

fn two() -> Vec<NodeSample> {
    vec![node("ching"), node("dhow")]
}

fn update(state: UpdateState, message: &str) -> Option<Update> {
    Some(Update { state, message: message.to_owned(), started: Some(noon()), completed: None })
}

fn ago(minutes: i64) -> Option<Timestamp> {
    noon().checked_sub(SignedDuration::from_mins(minutes)).ok()
}

#[test]
fn desired_is_held_against_running_by_slot() {
    let three = service("web").mode(Mode::Replicated(3)).task(1, "ching", TaskState::Running).task(
        2,
        "dhow",
        TaskState::Running,
    );
    let health = judged(two(), three.clone());
    assert_eq!((health.state, health.running, health.desired), (State::Converging, 2, 3));
    // Two tasks in one slot, as while an update starts first, are one slot that runs.
    let health = judged(two(), three.task(2, "ching", TaskState::Running));
    assert_eq!(health.running, 2);
}

#[test]
fn a_global_service_is_held_against_the_nodes_that_may_run_it() {
    let everywhere = service("agent").mode(Mode::Global).task(0, "ching", TaskState::Running);
    assert_eq!(judged(two(), everywhere.clone()).state, State::Converging);
    let drained = vec![node("ching"), node("dhow").availability(Availability::Drain)];
    assert_eq!(judged(drained, everywhere.clone()).state, State::Ready);
    let labelled = everywhere.with(|s| s.constraints = vec!["node.hostname == ching".to_owned()]);
    let health = judged(two(), labelled);
    assert_eq!((health.state, health.desired), (State::Ready, 1));
}

#[test]
fn a_global_service_without_an_eligible_node_is_off_and_says_why() {
    let nowhere =
        service("agent").mode(Mode::Global).with(|s| s.constraints = vec!["node.labels.igpu == true".to_owned()]);
    let health = judged(two(), nowhere);
    assert_eq!(health.state, State::Off);
    assert_eq!(health.reasons, ["no node is eligible: 2 nodes without label igpu=true"]);
}

#[test]
fn what_swarm_gave_up_on_a_lost_node_may_still_run_there() {
    let moved = service("web")
        .task(1, "ching", TaskState::Running)
        .task(1, "dhow", TaskState::Running)
        .and(|t| t.desired = TaskState::Shutdown);
    let away = swarm(vec![node("ching"), node("dhow").down()], [moved.clone()]);
    let loads = |swarm| Picture::of(swarm, &Arc::default(), noon()).nodes;
    let (dhow, ching) = (node("dhow").build().id, node("ching").build().id);
    let load = loads(away);
    assert_eq!((load[&dhow].tasks, load[&dhow].unknown, load[&ching].tasks), (0, 1, 1));
    // On a node that answers, what is to end is no load any more.
    assert_eq!(loads(swarm(two(), [moved])).get(&dhow).map_or(0, |load| load.tasks), 0);
}

#[test]
fn refusals_while_a_node_boots_are_over_once_every_task_runs() {
    let refused = |sample: ServiceSample, slot| {
        let why = "cannot create a swarm scoped network when swarm is not active";
        sample.task(slot, "dhow", TaskState::Rejected).and(|t| {
            (t.error, t.desired, t.since) = (why.to_owned(), TaskState::Shutdown, ago(1));
        })
    };
    let agent = service("agent").mode(Mode::Replicated(1));
    let refusals = (0..3).fold(agent, |sample, _| refused(sample, 1));
    assert_eq!(judged(two(), refusals.clone()).state, State::Failed);
    let health = judged(two(), refusals.task(1, "dhow", TaskState::Running));
    assert_eq!((health.state, health.reasons), (State::Ready, Vec::<String>::new()));
}

#[test]
fn a_completed_one_shot_is_done_and_never_degraded() {
    let job = service("seed").mode(Mode::ReplicatedJob { total: 2, at_once: 2 });
    let half = job.clone().task(1, "ching", TaskState::Complete).task(2, "ching", TaskState::Running);
    assert_eq!(judged(two(), half.clone()).state, State::Converging);
    let whole = job.task(1, "ching", TaskState::Complete).task(2, "ching", TaskState::Complete);
    let health = judged(two(), whole);
    assert_eq!((health.state, health.completed), (State::Done, 2));
}

#[test]
fn a_one_shot_of_an_older_round_does_not_count() {
    let rerun = service("seed")
        .mode(Mode::ReplicatedJob { total: 1, at_once: 1 })
        .task(1, "ching", TaskState::Complete)
        .with(|s| s.job_iteration = Some(1));
    assert_eq!(judged(two(), rerun).completed, 0);
}

#[test]
fn a_one_shot_that_failed_for_good_is_failed() {
    let failed = service("seed")
        .mode(Mode::ReplicatedJob { total: 1, at_once: 1 })
        .task(1, "ching", TaskState::Failed)
        .and(|t| t.exit_code = Some(3));
    let health = judged(two(), failed);
    assert_eq!(health.state, State::Failed);
    assert_eq!(health.reasons[0], "exits 3 on ching after 0 s");
}

#[test]
fn tasks_on_a_node_that_is_down_are_unknown_and_not_running() {
    let nodes = vec![node("ching"), node("dhow").down()];
    let web = service("web").mode(Mode::Replicated(2)).task(1, "ching", TaskState::Running).task(
        2,
        "dhow",
        TaskState::Running,
    );
    let health = judged(nodes, web);
    assert_eq!((health.state, health.running, health.unknown), (State::Unknown, 1, 1));
    assert_eq!(health.reasons, ["1 task unknown: dhow does not answer"]);
}

#[test]
fn a_crash_loop_is_counted_and_told_with_its_exit_code() {
    let mut web = service("web");
    for minute in 0..4 {
        web = web.task(1, "ching", TaskState::Failed).and(|task| {
            task.id = TaskId::new(&format!("t{minute}"));
            task.since = ago(minute);
            task.created = ago(minute);
            task.exit_code = Some(1);
        });
    }
    let health = judged(two(), web.clone().task(1, "ching", TaskState::Starting));
    assert_eq!((health.state, health.failures), (State::Failed, 4));
    assert_eq!(health.reasons[0], "crash loop ×4: exits 1 on ching after 0 s");
    // It runs at this moment, and still it is no healthy service.
    let health = judged(two(), web.task(1, "ching", TaskState::Running));
    assert_eq!(health.state, State::Degraded);
}

#[test]
fn a_crash_loop_is_over_when_it_has_been_quiet_for_longer_than_it_used_to_pause() {
    let failed = |minutes: &[i64]| {
        let fails = |web: ServiceSample, minute: &i64| {
            web.task(1, "ching", TaskState::Failed).and(|task| {
                task.id = TaskId::new(&format!("t{minute}"));
                task.since = ago(*minute);
                task.created = ago(*minute);
                task.exit_code = Some(1);
            })
        };
        minutes.iter().fold(service("web"), fails)
    };
    let running = |web: ServiceSample| judged(two(), web.task(1, "ching", TaskState::Running)).state;
    assert_eq!(running(failed(&[3, 4, 5, 6])), State::Ready, "quiet for three minutes after failing each minute");
    assert_eq!(running(failed(&[3, 5, 7, 9])), State::Degraded, "it used to run for two minutes");
    assert_eq!(running(failed(&[1, 2, 3])), State::Degraded);
    // Quiet because nothing runs is not well.
    let down = failed(&[3, 4, 5, 6]).task(1, "ching", TaskState::Starting);
    assert_eq!(judged(two(), down).state, State::Failed);
}

#[test]
fn failures_of_the_spec_before_say_nothing_of_the_one_that_mended_it() {
    let mut web = service("web");
    for minute in 1..5 {
        web = web.task(1, "ching", TaskState::Failed).and(|task| {
            task.id = TaskId::new(&format!("t{minute}"));
            task.since = ago(minute);
            task.created = ago(minute);
        });
    }
    let mended = |began: i64| {
        let update = crate::model::Update {
            state: crate::model::UpdateState::Completed,
            message: String::new(),
            started: ago(began),
            completed: ago(0),
        };
        web.clone().with(|service| service.update = Some(update)).task(1, "ching", TaskState::Running)
    };
    assert_eq!(judged(two(), mended(0)).state, State::Ready);
    let health = judged(two(), mended(9));
    assert_eq!((health.state, health.failures), (State::Degraded, 4));
}

#[test]
fn a_service_is_in_trouble_from_its_first_failure_until_that_task_runs_again() {
    let failed = || {
        service("web").mode(Mode::Replicated(2)).task(1, "ching", TaskState::Failed).and(|task| {
            task.id = TaskId::new("first");
            task.since = ago(1);
            task.exit_code = Some(2);
        })
    };
    let again = failed().task(1, "ching", TaskState::Ready).task(2, "dhow", TaskState::Running);
    let health = judged(two(), again);
    assert_eq!((health.state, health.running), (State::Degraded, 1));
    assert!(health.reasons[0].starts_with("exits 2 on ching"), "{:?}", health.reasons);
    // Its own task is back, and the other one has never failed: it is only on its way.
    let other = failed().task(1, "ching", TaskState::Running).task(2, "dhow", TaskState::Preparing);
    assert_eq!(judged(two(), other).state, State::Converging);
}

#[test]
fn a_failure_of_an_hour_ago_is_forgotten() {
    let web = service("web").task(1, "ching", TaskState::Failed).and(|t| t.since = ago(60)).task(
        1,
        "ching",
        TaskState::Running,
    );
    let health = judged(two(), web);
    assert_eq!((health.state, health.failures), (State::Ready, 0));
}

#[test]
fn a_rejected_image_says_so() {
    let web = service("web")
        .task(1, "ching", TaskState::Rejected)
        .and(|t| t.error = "No such image: web:9".to_owned())
        .task(1, "ching", TaskState::Preparing);
    let health = judged(two(), web);
    assert_eq!(health.reasons[0], "rejected on ching: No such image: web:9");
}

#[test]
fn a_service_that_no_node_can_take_waits_and_names_the_label() {
    let plex = service("plex")
        .with(|s| s.constraints = vec!["node.labels.igpu==true".to_owned()])
        .task(1, "", TaskState::Pending)
        .and(|t| t.error = "no suitable node (scheduling constraints not satisfied on 2 nodes)".to_owned());
    let health = judged(two(), plex);
    assert_eq!(health.state, State::Waiting);
    assert_eq!(health.reasons[0], "waits for a node: 2 nodes without label igpu=true");
}

#[test]
fn what_the_scheduler_says_is_shown_where_no_constraint_is_to_blame() {
    let full = service("big")
        .task(1, "", TaskState::Pending)
        .and(|t| t.error = "no suitable node (insufficient resources on 2 nodes)".to_owned());
    assert_eq!(judged(two(), full).reasons[0], "waits for a node: insufficient resources on 2 nodes");
}

#[test]
fn the_telling_cause_comes_first_where_the_scheduler_has_several() {
    let said =
        "no suitable node (scheduling constraints not satisfied on 1 node; host-mode port already in use on 1 node)";
    let rival = service("rival").task(1, "", TaskState::Pending).and(|t| t.error = said.to_owned());
    assert_eq!(
        judged(two(), rival).reasons[0],
        "waits for a node: host-mode port already in use on 1 node; scheduling constraints not satisfied on 1 node"
    );
}

#[test]
fn an_update_that_was_rolled_back_is_no_success() {
    let web = service("web").task(1, "ching", TaskState::Running);
    for (state, expected) in [
        (UpdateState::Updating, State::Converging),
        (UpdateState::Completed, State::Ready),
        (UpdateState::Paused, State::Degraded),
        (UpdateState::RollbackStarted, State::Degraded),
        (UpdateState::RollbackPaused, State::Degraded),
        (UpdateState::RollbackCompleted, State::Degraded),
    ] {
        let health = judged(two(), web.clone().with(|s| s.update = update(state.clone(), "why")));
        assert_eq!(health.state, expected, "{state}");
    }
}

#[test]
fn replicas_zero_is_off_on_purpose() {
    let health = judged(two(), service("web").mode(Mode::Replicated(0)));
    assert_eq!((health.state, health.reasons[0].as_str()), (State::Off, "scaled to 0"));
}

#[test]
fn a_tier_takes_the_worst_state_of_its_stacks_and_says_whose() {
    let filed = |name: &str, tier| (name.to_owned(), Filed::new(name, tier, "x"));
    let catalogue = Catalogue {
        stacks: [filed("caddy", Tier::Infrastructure), filed("obs", Tier::Platform), filed("media", Tier::Application)]
            .into(),
        ..Catalogue::default()
    };
    let services = [
        service("caddy_proxy").task(1, "ching", TaskState::Running),
        service("obs_kuma").task(1, "ching", TaskState::Failed).and(|t| t.exit_code = Some(1)),
        service("stray_x").task(1, "dhow", TaskState::Running),
    ];
    let picture = Picture::of(swarm(two(), services), &Arc::new(catalogue), noon());
    let tiers: Vec<_> = picture.tiers.iter().map(|tier| (tier.tier.name(), tier.state)).collect();
    assert_eq!(
        tiers,
        [
            ("infrastructure", State::Ready),
            ("platform", State::Converging),
            ("application", State::Off),
            ("unassigned", State::Ready)
        ]
    );
    assert_eq!(picture.tiers[1].reason.as_deref(), Some("obs: kuma: exits 1 on ching after 0 s"));
    assert_eq!(picture.stack("media").unwrap().reasons, ["not deployed"]);
}

#[test]
fn a_stack_that_is_switched_off_or_one_hosts_alone_counts_in_no_tier() {
    let mut off = Filed::new("traefik", Tier::Infrastructure, "x");
    off.off = Some("quarterdeck.yaml:3:12".to_owned());
    let mut alone = Filed::new("nas", Tier::Infrastructure, "x");
    alone.host = Some("barbary".to_owned());
    let caddy = Filed::new("caddy", Tier::Infrastructure, "x");
    let stacks = [off, alone, caddy].map(|filed| (filed.name.clone(), filed)).into();
    let catalogue = Arc::new(Catalogue { stacks, ..Catalogue::default() });
    let live = || service("caddy_proxy").task(1, "ching", TaskState::Running);
    let picture = Picture::of(swarm(two(), [live()]), &catalogue, noon());
    let tier = &picture.tiers[0];
    assert_eq!((tier.stacks.as_slice(), tier.ready, tier.reason.as_deref()), (&["caddy".to_owned()][..], 1, None));
    assert_eq!(picture.stack("traefik").unwrap().reasons, ["switched off: quarterdeck.yaml:3:12"]);
    // It runs all the same: then it counts.
    let running = service("traefik_traefik").task(1, "ching", TaskState::Failed).and(|t| t.exit_code = Some(1));
    let picture = Picture::of(swarm(two(), [live(), running]), &catalogue, noon());
    assert_eq!((picture.tiers[0].stacks.len(), picture.tiers[0].ready), (2, 1));
}

#[test]
fn quorum_says_how_many_managers_may_still_fail() {
    let managers = |down: usize| {
        (0..3).map(move |n| {
            let manager = node(&format!("m{n}")).manager(n == 0);
            if n < down { manager.down() } else { manager }
        })
    };
    for (down, can_lose, held) in [(0, 1, true), (1, 0, true), (2, 0, false)] {
        let quorum = Picture::of(swarm(managers(down), []), &Arc::default(), noon()).quorum;
        assert_eq!((quorum.managers, quorum.can_lose, quorum.held), (3, can_lose, held), "{down} down");
    }
}

#[test]
fn nodes_come_before_the_services_that_suffer_from_them() {
    let nodes = vec![node("ching").manager(true), node("dhow").down()];
    let picture =
        Picture::of(swarm(nodes, [service("web").task(1, "dhow", TaskState::Running)]), &Arc::default(), noon());
    assert!(matches!(&picture.troubles[0].at, TroubleAt::Node(id) if id.as_str() == "dhow"));
    assert_eq!(picture.troubles[0].why, "down; 1 task unknown");
    assert!(matches!(picture.troubles[1].at, TroubleAt::Service(_)));
}

/// A change of some kind to one of three services or two nodes.
fn some_change(known: &Snapshot, round: u64, (kind, which, state): (u8, usize, usize), at: Timestamp) -> Change {
    let name = ["a_one", "a_two", "b_three"][which];
    let place = ["ching", "dhow", ""][(which + state) % 3];
    let state = [TaskState::Running, TaskState::Failed, TaskState::Pending, TaskState::Starting][state].clone();
    let sample = service(name).with(|s| s.version = Version(round)).task(1, place, state.clone()).and(|task| {
        (task.id, task.version, task.since) = (TaskId::new(&format!("{name}{round}")), Version(round), Some(at));
    });
    let tasks = |swarm: &Snapshot| swarm.all_tasks().map(|task| task.as_ref().clone()).collect();
    match kind {
        0 => Change::Service(Box::new(sample.mode(Mode::Replicated(round % 3)).build())),
        1 => Change::Service(Box::new(sample.mode(Mode::Global).build())),
        2 | 3 => Change::Tasks { of: ServiceId::new(name), tasks: tasks(&swarm([], [sample])) },
        4 => {
            let node = if state == TaskState::Running { node("dhow") } else { node("dhow").down() };
            Change::Node(Box::new(crate::model::Node { version: Version(round), ..node.build() }))
        }
        5 => Change::ServiceGone(ServiceId::new(name)),
        6 => {
            let [kind, action, id, name, detail] = ["service", "update", name, name, ""].map(str::to_owned);
            Change::Event(SwarmEvent { at, kind, action, id, name, detail })
        }
        _ => Change::Everything(Box::new(Listing {
            nodes: known.nodes.values().map(|node| node.as_ref().clone()).collect(),
            services: known.services.values().map(|service| service.as_ref().clone()).collect(),
            tasks: tasks(known),
            ..Listing::default()
        })),
    }
}

proptest! {
    #[test]
    fn what_is_judged_again_in_part_is_judged_as_if_it_were_judged_anew(
        changes in proptest::collection::vec((0_u8..8, 0_usize..3, 0_usize..4, 0_i64..9), 0..30),
    ) {
        let catalogue = Arc::default();
        let mut now = noon();
        let mut picture = Picture::of(swarm(two(), []), &catalogue, now);
        for (round, (kind, which, state, minutes)) in (2..).zip(changes) {
            now += SignedDuration::from_mins(minutes);
            let swarm = picture.swarm.after(some_change(&picture.swarm, round, (kind, which, state), now));
            picture = picture.after(swarm.clone(), now);
            prop_assert_eq!(&picture, &Picture::of(swarm, &catalogue, now));
        }
    }
}

#[test]
fn a_whole_list_that_says_nothing_new_leaves_every_part_where_it_lies() {
    let services = ["a_one", "b_two"].map(|name| service(name).task(1, "ching", TaskState::Running));
    let before = Picture::of(swarm(two(), services), &Arc::default(), noon());
    let again = some_change(&before.swarm, 9, (7, 0, 0), noon());
    let after = before.after(before.swarm.after(again), noon());
    assert!(Arc::ptr_eq(&before.swarm.nodes, &after.swarm.nodes) && Arc::ptr_eq(&before.nodes, &after.nodes));
    assert!(Arc::ptr_eq(&before.swarm.services, &after.swarm.services) && Arc::ptr_eq(&before.stacks, &after.stacks));
    assert!(Arc::ptr_eq(&before.swarm.tasks, &after.swarm.tasks) && Arc::ptr_eq(&before.services, &after.services));
}
