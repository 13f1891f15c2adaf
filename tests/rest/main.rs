//! What the console costs while nothing happens, and what it never waits for. Time is simulated, so that a minute of
//! rest takes no minute and a slow machine changes nothing; what is counted is what reaches the terminal.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use futures_util::future::BoxFuture;
use futures_util::{Stream, StreamExt, stream};
use jiff::Timestamp;
use quarterdeck::app::{App, Msg, Settings};
use quarterdeck::clock::Clock;
use quarterdeck::engine::Engine;
use quarterdeck::hub::{self, Hub};
use quarterdeck::model::{Link, Picture, Snapshot};
use quarterdeck::session::Session;
use quarterdeck::sim::{self, Scenario, Sim, service};
use quarterdeck::view::theme::Theme;
use quarterdeck::wire::{Dialer, Wire};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use tokio::time::{Instant, timeout};

const SIZE: Rect = Rect { x: 0, y: 0, width: 120, height: 40 };
const MINUTE: Duration = Duration::from_secs(60);

/// A terminal that reads what it is sent, and counts it.
#[derive(Clone)]
struct Counted(Arc<Counts>);

struct Counts {
    flushes: AtomicUsize,
    bytes: AtomicUsize,
    screen: Mutex<vt100::Parser>,
}

impl Counted {
    fn new() -> Self {
        let screen = Mutex::new(vt100::Parser::new(SIZE.height.try_into().unwrap(), SIZE.width.try_into().unwrap(), 0));
        Self(Arc::new(Counts { flushes: AtomicUsize::new(0), bytes: AtomicUsize::new(0), screen }))
    }

    /// Draws and bytes so far.
    fn so_far(&self) -> (usize, usize) {
        (self.0.flushes.load(Ordering::Relaxed) / 2, self.0.bytes.load(Ordering::Relaxed))
    }

    fn text(&self) -> String {
        self.0.screen.lock().unwrap().screen().contents()
    }
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.bytes.fetch_add(bytes.len(), Ordering::Relaxed);
        self.0.screen.lock().unwrap().process(bytes);
        Ok(bytes.len())
    }

    /// A draw ends by hiding the cursor and by saying that it is over: it flushes each time.
    fn flush(&mut self) -> io::Result<()> {
        self.0.flushes.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// Wall time that goes with the runtime's own, which a test holds still.
#[derive(Debug)]
struct Along(Timestamp, Instant);

impl Clock for Along {
    fn now(&self) -> Timestamp {
        self.0 + self.1.elapsed()
    }
}

fn since(start: Timestamp) -> Arc<Along> {
    Arc::new(Along(start, Instant::now()))
}

struct Console {
    session: Session<CrosstermBackend<Counted>>,
    counted: Counted,
    _hub: Hub,
}

fn console(engine: Engine, clock: Arc<Along>) -> Console {
    let counted = Counted::new();
    let options = TerminalOptions { viewport: Viewport::Fixed(SIZE) };
    let terminal = Terminal::with_options(CrosstermBackend::new(counted.clone()), options).unwrap();
    counted.0.flushes.store(0, Ordering::Relaxed);
    let settings = Settings { now: clock.now(), ..Settings::default() };
    let (handle, hub) = hub::start(engine, Arc::default(), clock);
    Console { session: Session::new(terminal, handle, settings, Theme::default()), counted, _hub: hub }
}

/// A console on a simulated swarm whose time runs from now on.
fn on(sim: &Sim) -> Console {
    let clock = since(sim.now());
    sim.run(1.0);
    console(Engine::new(sim.dialer(), clock.clone()), clock)
}

/// These keys, and then none for ever.
fn keys(keys: &str) -> impl Stream<Item = io::Result<Event>> + use<> {
    let keys: Vec<_> =
        keys.chars().map(|key| Ok(Event::Key(KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE)))).collect();
    stream::iter(keys).chain(stream::pending())
}

/// Lets time pass for a session; gives how often it drew and how much it sent after the first five seconds.
async fn rest(console: &mut Console, typed: &str, time: Duration) -> (usize, usize) {
    let counted = console.counted.clone();
    let run = console.session.run(keys(typed));
    tokio::pin!(run);
    assert!(timeout(Duration::from_secs(5), &mut run).await.is_err(), "the session ended");
    let before = counted.so_far();
    assert!(timeout(time, &mut run).await.is_err(), "the session ended");
    let after = counted.so_far();
    (after.0 - before.0, after.1 - before.1)
}

#[tokio::test(start_paused = true)]
async fn a_swarm_at_rest_is_never_drawn_again() {
    for typed in ["1", "2", "3", "7", "8"] {
        let mut console = on(&sim::demo_quiet(&*since(Timestamp::UNIX_EPOCH)));
        assert_eq!(rest(&mut console, typed, MINUTE).await, (0, 0), "{typed}: {}", console.counted.text());
    }
}

#[tokio::test(start_paused = true)]
async fn an_age_on_screen_is_drawn_when_it_reads_differently_and_not_before() {
    let sim = Scenario::new().service(service("web")).start();
    sim.update_image("web", "web:2");
    assert!(sim.settle());
    sim.advance(MINUTE * 4);
    let mut console = on(&sim);
    let (draws, _) = rest(&mut console, "4", MINUTE * 3).await;
    assert!((1..=3).contains(&draws), "{draws} draws in three minutes for one age:\n{}", console.counted.text());
    assert!(console.counted.text().contains("7m"), "{}", console.counted.text());
}

/// An engine of which nothing is ever heard.
struct Silent;

impl Dialer for Silent {
    fn dial(&self) -> BoxFuture<'_, io::Result<Box<dyn Wire>>> {
        Box::pin(std::future::pending())
    }

    fn name(&self) -> String {
        "tcp://192.0.2.1:2375".to_owned()
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_frame_never_waits_for_the_network() {
    let clock = since(Timestamp::UNIX_EPOCH);
    let mut console = console(Engine::new(Arc::new(Silent), clock.clone()), clock);
    let run = console.session.run(keys(""));
    assert!(timeout(Duration::from_nanos(1), run).await.is_err());
    assert_eq!(console.counted.so_far().0, 1);
    assert!(console.counted.text().contains("connecting to tcp://192.0.2.1:2375"), "{}", console.counted.text());
}

#[test]
fn a_line_that_jitters_is_not_drawn_again_and_one_that_slows_down_is() {
    let mut app = App::new(Settings::default());
    let line = |micros| Link::Live { latency: Duration::from_micros(micros) };
    let picture = Picture::of(Snapshot { known: true, ..Snapshot::default() }, &Arc::default(), Timestamp::UNIX_EPOCH);
    let mut hear = |micros| {
        app.update(Msg::Swarm(Arc::new(picture.with_link(line(micros)))));
        app.take_dirty()
    };
    assert!(hear(400));
    let jitter = [900, 100, 1_900, 400, 2_500];
    assert_eq!(jitter.map(&mut hear), [false; 5]);
    assert!(hear(40_000));
    assert_eq!([35_000, 55_000, 40_900].map(&mut hear), [false; 3]);
}
