//! A shell in a container, in a real terminal: opened, sized, ended, and the console back as it was.

use quarterdeck::sim::{Scenario, service};

use crate::console::{Console, Screen};
use crate::world::World;

/// One node, so that the engine that is spoken to has all containers.
fn world() -> World {
    World::of(
        Scenario::new()
            .managers(["barbary"])
            .stack("shop")
            .service(service("web").image("nginx:1.27"))
            .service(service("bare").image("traefik/whoami:v1"))
            .silent(),
    )
}

/// A console that points at a service.
fn pointing_at(world: &World, name: &str) -> Console {
    let mut console = Console::sized(&world.host(), 100, 30);
    console.until_said(&["live"]);
    console.press(&format!("4/{name}\r"));
    console.until(name, |screen| screen.says(&format!("/{name}")) && screen.row(&["ready", name]).is_some());
    console
}

/// Asks the shell again and again: a new size reaches it a moment after the terminal.
fn until_sized(console: &mut Console, size: &str) {
    for asked in 0..1000 {
        console.press(&format!("stty size; echo is{asked}\r"));
        let answer = format!("is{asked}");
        let told = console.until("it answers", |screen| screen.text().lines().any(|row| row == answer));
        if told.says(size) {
            return;
        }
    }
    panic!("the shell never heard of {size}: {}", console.screen().text());
}

fn is_console(screen: &Screen) -> bool {
    screen.is_live() && screen.says("services")
}

#[test]
fn a_shell_follows_the_size_tells_its_code_and_the_screen_is_back() {
    let world = world();
    let mut console = pointing_at(&world, "shop_web");
    console.press("s");
    console.until_said(&["a shell in shop_web.1 on barbary", "root@"]);
    console.press("stty size\r");
    console.until_said(&["30 100"]);
    console.resize(133, 41);
    until_sized(&mut console, "41 133");
    console.press("exit 7\r");
    console.until("the code is told", |screen| {
        is_console(screen) && screen.says("the shell in shop_web.1 ended with code 7")
    });
    // The keys are the console's again.
    console.press("1");
    console.until("the overview", |screen| screen.says("overview"));
    console.leave();
}

#[test]
fn no_key_typed_for_a_shell_reaches_the_console_and_none_is_lost() {
    let world = world();
    let mut console = pointing_at(&world, "shop_web");
    // Typed in one go, as fast as fingers or a paste can be; `q` would leave the console.
    console.press("secho a1b2 q\rq\rexit 3\r");
    console.until("all of it came to the shell", |screen| is_console(screen) && screen.says("ended with code 3"));
    assert!(console.is_alive());
    console.leave();
}

#[test]
fn a_container_that_is_gone_ends_its_shell_and_the_console_is_back() {
    let world = world();
    let mut console = pointing_at(&world, "shop_web");
    console.press("s");
    console.until_said(&["root@"]);
    // What a program would leave behind: another screen, the mouse, colours, no cursor.
    console.press("echo half a li");
    console.until_said(&["half a li"]);
    world.sim.kill("shop_web", 9);
    console.until("the end is told", |screen| {
        is_console(screen) && screen.says("ended with code 137") && !screen.says("half a li")
    });
    console.leave();
}

#[test]
fn an_image_without_a_shell_is_told_in_words() {
    let world = world();
    let mut console = pointing_at(&world, "shop_bare");
    console.press("s");
    console.until("it says why", |screen| is_console(screen) && screen.says("shop_bare.1 has no shell"));
    console.leave();
}

#[test]
fn a_polite_end_within_a_shell_gives_the_terminal_back() {
    let world = world();
    let mut console = pointing_at(&world, "shop_web");
    console.press("s");
    console.until_said(&["root@"]);
    let pid = console.pid().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert_eq!(console.ended().1, 0);
}

#[test]
fn a_reader_opens_no_shell() {
    let world = world();
    let mut command = portable_pty::CommandBuilder::new(env!("CARGO_BIN_EXE_quarterdeck"));
    command.args(["-H", &world.host(), "--read-only"]);
    let mut console = Console::start(command, 100, 30);
    console.until_said(&["live", "read-only"]);
    console.press("4s");
    console.until_said(&["refused: this console is read-only"]);
    console.leave();
}

#[test]
fn the_verb_hands_the_terminal_over_and_ends_with_the_code() {
    let world = world();
    let mut command = portable_pty::CommandBuilder::new(env!("CARGO_BIN_EXE_quarterdeck"));
    command.args(["-H", &world.host(), "exec", "shop_web"]);
    let mut console = Console::start(command, 90, 20);
    console.until_said(&["root@"]);
    console.press("stty size\r");
    console.until_said(&["20 90"]);
    console.press("exit 42\r");
    assert_eq!(console.ended().1, 42);
}
