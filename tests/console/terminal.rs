//! The terminal is whole again after whatever may end the console.

use std::process::Command;
use std::time::{Duration, Instant};

use portable_pty::CommandBuilder;
use quarterdeck::sim::Behaviour;

use crate::console::Console;
use crate::world::World;

fn demo() -> Console {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_quarterdeck"));
    command.arg("demo");
    let console = Console::start(command, 100, 30);
    console.until_said(&["live", "barbary"]);
    console
}

fn signal(name: &str, pid: u32) {
    assert!(Command::new("kill").args([name, &pid.to_string()]).status().unwrap().success());
}

#[test]
fn the_demo_starts_follows_a_new_size_and_ends_by_a_key() {
    let mut console = demo();
    console.resize(60, 15);
    console.press("4");
    console.until("it is drawn anew", |screen| screen.says("services") && !screen.says("overview"));
    console.resize(30, 5);
    console.until("it says what it needs", |screen| screen.text().contains("36"));
    console.resize(100, 30);
    console.until_said(&["services"]);
    console.press("qq");
    assert_eq!(console.ended().1, 0);
}

#[test]
fn a_polite_end_gives_the_terminal_back() {
    for name in ["-TERM", "-HUP", "-QUIT"] {
        let console = demo();
        signal(name, console.pid());
        assert_eq!(console.ended().1, 0, "{name}");
    }
}

#[test]
fn who_stops_it_from_outside_has_the_terminal_and_going_on_shows_the_whole_screen() {
    let console = demo();
    for name in ["-TSTP", "-TSTP"] {
        signal(name, console.pid());
        console.until("the terminal is given back", |screen| !screen.says("barbary"));
        // Who goes on before it has stopped would be stopped for good: so a shell waits for that, too.
        comes_true("it has stopped", || state(&console.pid().to_string()) == Some('T'));
        signal("-CONT", console.pid());
        console.until_said(&["live", "barbary"]);
    }
    console.leave();
}

#[test]
fn leaving_in_the_midst_of_a_job_is_asked_about_and_what_is_left_undone_is_told() {
    let world = World::new();
    let mut console = Console::open(&world.host());
    console.until_said(&["live"]);
    world.sim.behave("plex:1", Behaviour::Slow(Duration::from_secs(36_000)));
    console.press("4/plex\r");
    console.until("it is found", |screen| screen.row(&["media_plex", "ready"]).is_some());
    console.press("gr");
    console.until_said(&["redeploy service media_plex"]);
    console.press("\t\r");
    console.until_said(&["queued as job"]);
    console.press("\x03");
    console.until_said(&["1 job runs, 0 wait"]);
    console.press("\x1b");
    console.until("it goes on", |screen| !screen.says("leave in the midst"));
    console.press("\x03");
    console.until_said(&["1 job runs, 0 wait"]);
    console.press("\x03");
    let (screen, code) = console.ended();
    assert_eq!(code, 0);
    assert!(screen.says("left undone: 1 job under way") && screen.says("quarterdeck history"), "{}", screen.text());
}

/// What the process of this number does, in the letter of the kernel: `T` stopped, `Z` ended and not yet asked for.
fn state(pid: &str) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next())
}

/// Waits until it is so.
fn comes_true(what: &str, so: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !so() {
        assert!(Instant::now() < end, "waited in vain until {what}");
        std::thread::yield_now();
    }
}

#[test]
fn a_parent_that_is_killed_takes_the_console_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    let program = env!("CARGO_BIN_EXE_quarterdeck");
    let inner = format!("echo $$ > {}; {program} demo; true", file.display());
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", &format!("sh -c '{inner}'; read line; echo the shell goes on")]);
    let mut console = Console::start(command, 100, 30);
    console.until_said(&["live", "barbary"]);
    let parent: u32 = std::fs::read_to_string(&file).unwrap().trim().parse().unwrap();
    let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap();
    signal("-KILL", parent);
    console.until("the terminal is given back", |screen| !screen.says("barbary"));
    // Until it has ended it may still take a key that is meant for the shell.
    comes_true("it has ended after its parent", || state(children.trim()).is_none_or(|state| "ZX".contains(state)));
    console.press("\r");
    let (screen, _) = console.ended();
    assert!(screen.says("the shell goes on"), "{}", screen.text());
}

/// Not a test of its own: what runs in the terminal of the test below.
#[test]
fn a_console_that_panics() {
    if std::env::var_os("QUARTERDECK_PANIC_HERE").is_none() {
        return;
    }
    quarterdeck::cli::install_hooks();
    panicking::run();
}

mod panicking {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use jiff::Timestamp;
    use quarterdeck::app::Settings;
    use quarterdeck::clock::{Clock, SystemClock};
    use quarterdeck::engine::Engine;
    use quarterdeck::view::theme::Theme;
    use quarterdeck::{hub, session, sim};

    /// A clock that breaks when it is asked too often.
    #[derive(Debug, Default)]
    struct Breaking(AtomicUsize, Option<std::thread::ThreadId>);

    impl Clock for Breaking {
        fn now(&self) -> Timestamp {
            let here = self.1 == Some(std::thread::current().id());
            assert!(!here || self.0.fetch_add(1, Ordering::SeqCst) < 20, "the clock is broken");
            SystemClock.now()
        }
    }

    pub fn run() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let clock = Arc::new(Breaking(AtomicUsize::new(0), Some(std::thread::current().id())));
            let sim = sim::demo_quiet(&SystemClock);
            let (handle, _hub) = hub::start(Engine::new(sim.dialer(), clock.clone()), Arc::default(), clock);
            let _ = session::console(
                handle,
                Settings::default(),
                Theme::default(),
                Vec::new(),
                quarterdeck::session::Questions::default(),
            )
            .await;
        });
    }
}

#[test]
fn a_panic_gives_the_terminal_back_and_says_that_it_is_a_bug() {
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["terminal::a_console_that_panics", "--exact", "--nocapture"]);
    command.env("QUARTERDECK_PANIC_HERE", "1");
    let mut console = Console::start(command, 100, 30);
    console.until_said(&["live"]);
    // In one breath: it may be gone before a second one.
    console.press(&"j".repeat(30));
    let (screen, code) = console.ended();
    assert!(screen.text().contains("the clock is broken"), "{}", screen.text());
    assert!(screen.text().contains("this is a bug in quarterdeck"), "{}", screen.text());
    assert_ne!(code, 0);
}
