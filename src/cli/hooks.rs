//! What happens when the program breaks: the terminal first, then the report.

use crate::session;

/// Installs color-eyre's report as the panic hook, behind one that gives the terminal back.
pub fn install() {
    let (panic, error) = color_eyre::config::HookBuilder::default()
        .panic_section("this is a bug in quarterdeck; its log lies in the state folder (~/.local/state/quarterdeck)")
        .display_env_section(false)
        .into_hooks();
    // A second call in one process (tests) keeps the first hooks.
    let _ = error.install();
    let report = panic.into_panic_hook();
    std::panic::set_hook(Box::new(move |info| {
        // A job that breaks is told on the board; only the thread that draws takes the screen down with it.
        if session::is_drawn_elsewhere() {
            tracing::error!(%info, "a task broke: this is a bug");
            return;
        }
        session::give_back();
        report(info);
    }));
}
