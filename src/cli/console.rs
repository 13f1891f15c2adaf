//! The console on this terminal.

use std::io::IsTerminal;

use super::args::Globals;
use super::connect::World;
use super::{Ending, Stopped, print};
use crate::app::Settings;
use crate::diag::Diagnostic;
use crate::hub;
use crate::model::text::counted;
use crate::session;
use crate::view::theme::Theme;

/// Opens the console, and stays until the operator leaves.
pub async fn run(globals: &Globals, world: World) -> Result<Ending, Stopped> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        let fault =
            Diagnostic::new("the console needs a terminal", "without one, use a verb: quarterdeck status --json");
        return Err(Stopped::new(Ending::Misuse, fault));
    }
    let (handle, hub) = hub::begin_with(world.means(), world.seams(), world.clock.clone());
    let (stop, board) = (handle.stop.clone(), handle.board.clone());
    let settings = Settings {
        platform: world.catalogue.name.clone(),
        read_only: globals.read_only,
        said_by: world.said_by.clone(),
        now: world.clock.now(),
    };
    let result = session::console(handle, settings, theme(globals), world.faults.clone(), world.questions).await;
    let (run, wait, _) = board.latest().counts();
    stop.cancel();
    // A step that was sent is waited for, but a network that does not answer does not hold the operator.
    let _ = tokio::time::timeout(std::time::Duration::from_secs(2), hub.ended()).await;
    if run + wait > 0 {
        print::remark(&format!(
            "left undone: {} under way, {wait} that waited; how far each came: quarterdeck history, go on with one: \
             quarterdeck resume ID",
            counted(run as u64, "job"),
        ));
    }
    result.map(|()| Ending::Done).map_err(|error| {
        let fault =
            Diagnostic::new("the console had to stop", "look at the terminal's settings, or use a verb instead");
        Stopped::new(Ending::Failed, fault.because(error.to_string()))
    })
}

/// Colours unless they are not wanted; ASCII where the terminal or the locale knows no more.
pub fn theme(globals: &Globals) -> Theme {
    let set = |name: &str| std::env::var(name).is_ok_and(|value| !value.is_empty());
    let term = std::env::var("TERM").unwrap_or_default();
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_default()
        .to_ascii_lowercase();
    let ascii = term == "linux" || matches!(locale.as_str(), "c" | "posix");
    Theme { colour: !globals.no_color && !set("NO_COLOR") && term != "dumb", ascii }
}
