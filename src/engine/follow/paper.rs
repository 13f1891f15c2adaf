//! The machine held against a swarm on paper: reads are torn, answers are late, events wait, lines are cut. Whatever
//! happens in between, in the end the picture must be the world.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;

use super::machine::{Follow, Heard, Now, Wish};
use super::question::{Answer, Ask};
use super::world::{Happening, World, happening};
use crate::model::{Change, Cluster, Link, Listing, Node, Service, ServiceId, Snapshot, SwarmEvent, Task};

/// A question on its way: which lists were read, and what they said at that time.
#[derive(Debug)]
struct Out {
    ticket: u64,
    ask: Ask,
    services: Option<Vec<Service>>,
    tasks: Option<Vec<Task>>,
    nodes: Option<Vec<Node>>,
}

/// World, machine and picture together.
struct Paper {
    world: World,
    follow: Follow,
    picture: Snapshot,
    mono: Duration,
    out: Option<Out>,
    late: Vec<Out>,
    /// Events that wait, once the stream is open.
    stream: Option<VecDeque<SwarmEvent>>,
    opened: bool,
}

impl Paper {
    fn new() -> Self {
        let mut paper = Self {
            world: World::default(),
            follow: Follow::new("paper"),
            picture: Snapshot::default(),
            mono: Duration::ZERO,
            out: None,
            late: Vec::new(),
            stream: None,
            opened: false,
        };
        paper.pump();
        paper
    }

    fn now(&self) -> Now {
        let wall = Timestamp::UNIX_EPOCH.checked_add(self.mono).unwrap();
        Now { mono: self.mono, wall, roll: 0.5 }
    }

    /// Lets the machine ask. It must never do so while a question is out.
    fn pump(&mut self) {
        while let Wish::Ask(ticket, ask) = self.follow.wish(self.mono) {
            assert!(self.out.is_none(), "two questions at once");
            self.out = Some(Out { ticket, ask, services: None, tasks: None, nodes: None });
        }
    }

    fn apply(&mut self, changes: Vec<Change>) {
        for change in changes {
            self.picture = self.picture.after(change);
        }
        self.pump();
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Read => {
                if let Some(out) = &mut self.out {
                    out.read(&self.world, &mut self.stream);
                }
            }
            Happening::Deliver => self.deliver(),
            Happening::Fail => {
                if let Some(out) = self.out.take() {
                    self.hang_up();
                    let now = self.now();
                    let changes = self.follow.answer(out.ticket, Answer::Failed("failed".into()), now);
                    self.apply(changes);
                }
            }
            Happening::Cut if self.opened => {
                self.late.extend(self.out.take());
                self.hang_up();
                let now = self.now();
                let changes = self.follow.hear(Heard::Cut("cut".into()), now);
                self.apply(changes);
            }
            Happening::Late => {
                if let Some(out) = self.late.pop() {
                    let now = self.now();
                    let (ticket, answer) = (out.ticket, out.answer());
                    let changes = self.follow.answer(ticket, answer, now);
                    assert!(changes.is_empty(), "an answer from before the cut was believed");
                }
            }
            Happening::Hear if self.opened => {
                if let Some(event) = self.stream.as_mut().and_then(VecDeque::pop_front) {
                    let now = self.now();
                    let changes = self.follow.hear(Heard::Event(event), now);
                    self.apply(changes);
                }
            }
            Happening::Cut | Happening::Hear => {}
            Happening::Nudge => {
                let now = self.now();
                let changes = self.follow.hear(Heard::Nudge, now);
                self.apply(changes);
            }
            Happening::Pass(ms) => {
                self.mono += Duration::from_millis(ms);
                self.pump();
            }
            change => {
                let event = self.world.change(change);
                if let (Some(stream), Some(event)) = (&mut self.stream, event) {
                    stream.push_back(event);
                }
            }
        }
    }

    fn deliver(&mut self) {
        let Some(mut out) = self.out.take() else { return };
        while !out.read(&self.world, &mut self.stream) {}
        self.opened |= out.ask == Ask::Open;
        let now = self.now();
        let (ticket, answer) = (out.ticket, out.answer());
        let changes = self.follow.answer(ticket, answer, now);
        self.apply(changes);
    }

    fn hang_up(&mut self) {
        self.stream = None;
        self.opened = false;
    }

    /// Time passes and nothing happens, but that what is on its way arrives.
    fn rest(&mut self, time: Duration) {
        let end = self.mono + time;
        while self.mono < end {
            for _ in 0..self.stream.as_ref().map_or(0, VecDeque::len) {
                self.happen(Happening::Hear);
            }
            self.happen(Happening::Deliver);
            self.happen(Happening::Pass(50));
        }
    }
}

impl Out {
    /// Reads one more list; true once there is nothing left to read.
    fn read(&mut self, world: &World, stream: &mut Option<VecDeque<SwarmEvent>>) -> bool {
        match &self.ask {
            Ask::Ping => return true,
            Ask::Open => {
                stream.get_or_insert_default();
                return true;
            }
            Ask::Whole | Ask::Parts(_) => {}
        }
        let wanted = |id: &str| match &self.ask {
            Ask::Parts(parts) => parts.services.contains(&ServiceId::new(id)),
            _ => true,
        };
        // A whole list reads the tasks first as often as not.
        let tasks_first = self.ask == Ask::Whole && self.ticket.is_multiple_of(2);
        if self.tasks.is_none() && (tasks_first || self.services.is_some()) {
            let tasks: Vec<Task> = world.tasks().into_iter().filter(|task| wanted(task.service.as_str())).collect();
            self.tasks = Some(tasks);
        } else if self.services.is_none() {
            self.services = Some(world.services().into_iter().filter(|service| wanted(service.id.as_str())).collect());
        } else {
            let nodes = world.nodes().into_iter().filter(|node| match &self.ask {
                Ask::Parts(parts) => parts.nodes.contains(&node.id),
                _ => true,
            });
            self.nodes = Some(nodes.collect());
        }
        self.nodes.is_some()
    }

    fn answer(self) -> Answer {
        let (services, nodes) = (self.services.unwrap_or_default(), self.nodes.unwrap_or_default());
        let mut tasks = self.tasks.unwrap_or_default();
        match self.ask {
            Ask::Open => Answer::Opened { latency: Duration::from_millis(1) },
            Ask::Ping => Answer::Pong(Duration::from_millis(1)),
            Ask::Whole => {
                let listing = Listing { cluster: Cluster::default(), nodes, services, tasks, networks: Vec::new() };
                Answer::Whole { listing: Box::new(listing), took: Duration::from_millis(20) }
            }
            Ask::Parts(asked) => {
                let services = services.into_iter().map(|service| {
                    let own = tasks.extract_if(.., |task| task.service == service.id).collect();
                    (service, own)
                });
                Answer::Parts { asked, services: services.collect(), nodes }
            }
        }
    }
}

type Told = (BTreeMap<String, u64>, BTreeMap<String, u64>);

/// Services and nodes with their versions.
fn told(picture: &Snapshot) -> Told {
    (
        picture.services.values().map(|service| (service.id.to_string(), service.version.0)).collect(),
        picture.nodes.values().map(|node| (node.id.to_string(), node.version.0)).collect(),
    )
}

fn tasks_told(picture: &Snapshot) -> BTreeMap<String, (String, u64, String)> {
    let tasks = picture.all_tasks();
    tasks.map(|t| (t.id.to_string(), (t.service.to_string(), t.version.0, t.state.as_str().to_owned()))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_happens_the_picture_ends_as_the_world(happenings in proptest::collection::vec(happening(), 0..120)) {
        let mut paper = Paper::new();
        for happening in happenings {
            paper.happen(happening);
        }
        // The longest wait for a new attempt, then the list.
        let until = paper.mono + Duration::from_secs(40);
        while !(paper.opened && paper.picture.link.is_live()) && paper.mono < until {
            paper.rest(Duration::from_millis(100));
        }
        prop_assert!(paper.picture.link.is_live(), "{:?}", paper.picture.link);
        // What has events is right at once, what has none with the next list.
        paper.rest(Duration::from_millis(300));
        let truth = (paper.world.services.clone(), paper.world.nodes.clone());
        prop_assert_eq!(told(&paper.picture), truth);
        paper.rest(Duration::from_secs(16));
        let tasks: BTreeMap<_, _> =
            paper.world.tasks.iter().map(|(id, t)| (id.clone(), (t.0.clone(), t.1, t.2.to_owned()))).collect();
        prop_assert_eq!(tasks_told(&paper.picture), tasks);
    }
}

/// A swarm of one settled service, followed and quiet.
fn quiet() -> Paper {
    let mut paper = Paper::new();
    paper.happen(Happening::MakeService);
    paper.happen(Happening::MakeTask(0));
    paper.happen(Happening::ChangeTask(0, 0));
    paper.rest(Duration::from_secs(1));
    assert!(paper.picture.link.is_live());
    paper
}

#[test]
fn at_rest_the_list_is_asked_for_each_five_seconds_and_nothing_else() {
    let mut paper = quiet();
    let (mut whole, mut ping) = (0, 0);
    for _ in 0..6000 {
        match paper.out.as_ref().map(|out| &out.ask) {
            Some(Ask::Whole) => whole += 1,
            Some(Ask::Ping) => ping += 1,
            None => {}
            other => panic!("{other:?}"),
        }
        paper.rest(Duration::from_millis(50));
    }
    assert!((56..=61).contains(&whole) && ping == 0, "{whole} {ping}");
}

#[test]
fn a_burst_of_events_is_one_question() {
    let mut paper = quiet();
    for _ in 0..20 {
        paper.happen(Happening::ChangeService(0));
        paper.happen(Happening::Hear);
    }
    assert!(paper.out.is_none());
    paper.happen(Happening::Pass(100));
    assert!(matches!(&paper.out.as_ref().unwrap().ask, Ask::Parts(parts) if parts.services.len() == 1));
    paper.happen(Happening::Deliver);
    assert!(paper.out.is_none());
    assert_eq!(told(&paper.picture).0, paper.world.services);
}

#[test]
fn a_service_on_its_way_is_looked_at_each_second() {
    let mut paper = quiet();
    paper.happen(Happening::ChangeTask(0, 2));
    paper.happen(Happening::ChangeService(0));
    paper.rest(Duration::from_millis(300));
    paper.happen(Happening::ChangeTask(0, 0));
    paper.rest(Duration::from_millis(1100));
    assert_eq!(paper.picture.all_tasks().next().unwrap().state.as_str(), "running");
}

#[test]
fn a_lost_line_leaves_the_picture_and_says_since_when_and_until_when() {
    let mut paper = quiet();
    let services = told(&paper.picture);
    let right = paper.now().wall;
    paper.happen(Happening::Pass(2000));
    paper.happen(Happening::Cut);
    assert_eq!(told(&paper.picture), services);
    let Link::Stale { since, why, retry_at } = &paper.picture.link else { panic!("{:?}", paper.picture.link) };
    assert!(*since <= right && why == "cut");
    assert_eq!(retry_at.unwrap(), paper.now().wall.checked_add(Duration::from_millis(500)).unwrap());
    let since = *since;
    paper.happen(Happening::Pass(500));
    paper.happen(Happening::Fail);
    assert!(matches!(&paper.picture.link, Link::Stale { since: still, .. } if *still == since));
    assert!(paper.out.is_none());
    paper.happen(Happening::Nudge);
    assert_eq!(paper.out.as_ref().unwrap().ask, Ask::Open);
}

#[test]
fn a_storm_of_events_is_one_list_and_not_too_many() {
    let mut paper = quiet();
    let mut whole = 0;
    for _ in 0..100 {
        for _ in 0..60 {
            paper.happen(Happening::MakeService);
            paper.happen(Happening::Hear);
        }
        paper.happen(Happening::Pass(20));
        whole += usize::from(paper.out.as_ref().is_some_and(|out| out.ask == Ask::Whole));
        paper.happen(Happening::Deliver);
    }
    assert!((10..=25).contains(&whole), "{whole}");
    paper.rest(Duration::from_millis(300));
    assert_eq!(told(&paper.picture).0, paper.world.services);
}
