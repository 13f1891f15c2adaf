//! What a large swarm costs, as shares of a frame and as counts: `cargo bench`. It judges nothing by the clock, so
//! that a slow machine is no failure; what must hold on every machine is a test in `tests/rest`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a measurement that cannot go on should stop")]
#![allow(clippy::print_stdout, reason = "a measurement tells what it measured")]

mod counting;
mod queue;

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use quarterdeck::app::screens::What;
use quarterdeck::app::{App, Msg, Settings};
use quarterdeck::clock::FixedClock;
use quarterdeck::engine::Engine;
use quarterdeck::model::{Change, Link, Listing, Picture, Snapshot, SwarmEvent};
use quarterdeck::sim::Scenario;
use quarterdeck::view::frame;
use quarterdeck::view::theme::Theme;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};

use counting::{Counting, Wire, allocations, written};

#[global_allocator]
static COUNTING: Counting = Counting;

/// One frame of a screen that never seems to wait.
const FRAME: Duration = Duration::from_millis(16);
const SIZE: Rect = Rect { x: 0, y: 0, width: 200, height: 60 };
const SERVICES: u64 = 1_000;
const TASKS: u64 = 10_000;

/// Measures at least this often, and for at least this long.
const RUNS: usize = 5;
const LONG: Duration = Duration::from_millis(600);

/// What one thing costs.
struct Cost {
    time: Duration,
    allocations: u64,
}

impl Cost {
    /// The best of many runs, so that what else the machine does counts for little; `prepare` is not counted.
    fn of<T, R>(mut prepare: impl FnMut() -> T, mut run: impl FnMut(T) -> R) -> Self {
        let (start, mut runs) = (Instant::now(), 0);
        let mut best = Self { time: Duration::MAX, allocations: u64::MAX };
        while runs < RUNS || start.elapsed() < LONG {
            let given = prepare();
            let (before, at) = (allocations(), Instant::now());
            let made = run(given);
            best.time = best.time.min(at.elapsed());
            best.allocations = best.allocations.min(allocations() - before);
            drop(made);
            runs += 1;
        }
        best
    }

    fn tell(&self, what: &str) {
        let share = self.time.as_secs_f64() / FRAME.as_secs_f64() * 100.0;
        let millis = self.time.as_secs_f64() * 1000.0;
        println!("{what:<52} {share:>7.1} % of a frame {millis:>9.3} ms {:>9} allocations", self.allocations);
    }
}

fn listing() -> Listing {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let sim = Scenario::big(SERVICES, TASKS).start();
    let clock = Arc::new(FixedClock(sim.now()));
    runtime.block_on(async { Engine::new(sim.dialer(), clock).list().await.unwrap() })
}

fn swarm(listing: Listing) -> Snapshot {
    let live = Change::Link(Link::Live { latency: Duration::from_millis(1) });
    Snapshot::default().after(Change::Everything(Box::new(listing))).after(live)
}

fn main() {
    let listing = listing();
    assert_eq!((listing.services.len() as u64, listing.tasks.len() as u64), (SERVICES, TASKS));
    let now = listing.tasks.iter().filter_map(|task| task.since).max().unwrap();
    println!("{SERVICES} services, {TASKS} tasks, {}×{}; a frame is {FRAME:?}\n", SIZE.width, SIZE.height);
    let picture = Arc::new(Picture::of(swarm(listing.clone()), &Arc::default(), now));
    changes(&listing, &picture, now);
    screens(&picture, now);
    typing(&picture, now);
    bytes(&picture, now);
    queue::measure();
}

/// From what the engine says to the judged picture.
fn changes(listing: &Listing, picture: &Picture, now: Timestamp) {
    let none = Picture::default();
    let apply = |known: &Picture, changes: Vec<Change>| {
        let swarm = changes.into_iter().fold(known.swarm.clone(), |swarm, change| swarm.after(change));
        known.after(swarm, now)
    };
    let whole = || vec![Change::Everything(Box::new(listing.clone()))];
    Cost::of(whole, |changes| apply(&none, changes)).tell("the first whole list");
    Cost::of(whole, |changes| apply(picture, changes)).tell("a whole list that says nothing new");
    let service = listing.services[500].clone();
    let event = Change::Event(SwarmEvent {
        at: now,
        kind: "service".into(),
        action: "update".into(),
        id: service.id.as_str().to_owned(),
        name: service.name.clone(),
        detail: String::new(),
    });
    Cost::of(|| vec![event.clone()], |changes| apply(picture, changes)).tell("an event alone");
    let touched = moved(listing, &service.id);
    Cost::of(|| touched.clone(), |changes| apply(picture, changes)).tell("a service and its tasks, after an event");
    let mut node = listing.nodes[0].clone();
    node.version.0 += 1;
    node.state = quarterdeck::model::NodeState::Down;
    let down = || vec![Change::Node(Box::new(node.clone()))];
    Cost::of(down, |changes| apply(picture, changes)).tell("a node that goes down");
}

/// A service of which one task has moved on.
fn moved(listing: &Listing, id: &quarterdeck::model::ServiceId) -> Vec<Change> {
    let mut service = listing.services.iter().find(|service| service.id == *id).unwrap().clone();
    service.version.0 += 1;
    let mut tasks: Vec<_> = listing.tasks.iter().filter(|task| task.service == *id).cloned().collect();
    tasks[0].version.0 += 1;
    tasks[0].state = quarterdeck::model::TaskState::Starting;
    vec![Change::Service(Box::new(service)), Change::Tasks { of: id.clone(), tasks }]
}

fn app(picture: &Arc<Picture>, now: Timestamp, keys: &[&str]) -> App {
    let mut app = App::new(Settings { now, ..Settings::default() });
    app.update(Msg::Size { width: SIZE.width, height: SIZE.height });
    app.update(Msg::Swarm(Arc::clone(picture)));
    for key in keys {
        app.update(Msg::Key((*key).to_owned()));
    }
    app
}

type Screen = Terminal<CrosstermBackend<Wire>>;

fn terminal() -> Screen {
    let options = TerminalOptions { viewport: Viewport::Fixed(SIZE) };
    Terminal::with_options(CrosstermBackend::new(Wire), options).unwrap()
}

fn draw(terminal: &mut Screen, app: &App) {
    terminal.draw(|target| frame(app, Theme::default(), SIZE, target.buffer_mut())).unwrap();
}

const SCREENS: [(&str, &[&str]); 7] = [
    ("overview", &["1"]),
    ("nodes", &["2"]),
    ("stacks", &["3"]),
    ("services", &["4"]),
    ("tasks", &["5"]),
    ("log", &["4", "l"]),
    ("events", &["8"]),
];

/// Of each screen: a frame, and what a change of the swarm costs before it can be drawn.
fn screens(picture: &Arc<Picture>, now: Timestamp) {
    println!();
    let service = picture.swarm.services.values().nth(500).unwrap();
    let mut first = (**service).clone();
    first.version.0 += 1;
    first.image = "nginx:1.28".into();
    let other = Arc::new(picture.after(picture.swarm.after(Change::Service(Box::new(first))), now));
    for (name, keys) in SCREENS {
        let (mut app, mut terminal) = (app(picture, now, keys), terminal());
        draw(&mut terminal, &app);
        Cost::of(|| (), |()| draw(&mut terminal, &app)).tell(&format!("{name}: a frame"));
        let mut news = [&other, picture].into_iter().cycle();
        let next = || Msg::Swarm(Arc::clone(news.next().unwrap()));
        Cost::of(next, |msg| app.update(msg)).tell(&format!("{name}: taking in a changed service"));
    }
}

/// What stands between a key and its frame in the longest list.
fn typing(picture: &Arc<Picture>, now: Timestamp) {
    println!();
    let mut app = app(picture, now, &["5"]);
    let mut keys = ["j", "k"].into_iter().cycle();
    Cost::of(|| Msg::Key(keys.next().unwrap().to_owned()), |msg| app.update(msg)).tell("tasks: cursor down");
    let columns = What::Tasks(None).columns().len() as u32;
    let press = |app: &mut App, key: &str| drop(app.update(Msg::Key(key.to_owned())));
    // Once through all columns, and back to no sort.
    let mut sorts = Cost::of(|| (), |()| (0..=columns).for_each(|_| press(&mut app, ">")));
    (sorts.time, sorts.allocations) = (sorts.time / (columns + 1), sorts.allocations / u64::from(columns + 1));
    sorts.tell("tasks: sort by another column");
    press(&mut app, "/");
    let filter = Cost::of(|| (), |()| ["7", "backspace"].into_iter().for_each(|key| press(&mut app, key)));
    filter.tell("tasks: a letter in the filter, and back");
}

/// What goes over the wire to the terminal.
fn bytes(picture: &Arc<Picture>, now: Timestamp) {
    println!();
    let (app, mut terminal) = (app(picture, now, &["4"]), terminal());
    let sent = |act: &mut dyn FnMut()| {
        let before = written();
        act();
        written() - before
    };
    let tell = |what: &str, bytes: u64| println!("{what:<52} {bytes:>7} bytes to the terminal");
    tell("the first frame of the services", sent(&mut || draw(&mut terminal, &app)));
    tell("the same frame again", sent(&mut || draw(&mut terminal, &app)));
    let mut change = || {
        let cell = |target: &mut ratatui::Frame<'_>| {
            frame(&app, Theme::default(), SIZE, target.buffer_mut());
            target.buffer_mut()[(100, 30)].set_symbol("#");
        };
        terminal.draw(cell).unwrap();
    };
    tell("one changed cell", sent(&mut change));
}
