//! Where the program's own log goes: a rolling file and the pane inside the console; standard error only by `-v`
//! and only without a console. Nothing reaches the terminal beside the screen.

use std::path::PathBuf;

use etcetera::BaseStrategy;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// Keeps the file being written; dropping it writes out what is left.
#[derive(Debug, Default)]
pub struct Guard {
    _file: Option<tracing_appender::non_blocking::WorkerGuard>,
    /// The folder the log lies in, if it could be made.
    pub folder: Option<PathBuf>,
}

/// Whether the console is up: then the pane is fed and standard error is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// The screen belongs to the console.
    Console,
    /// A verb; `-v` once for information, twice for decisions, three times for the wire.
    Verb(u8),
}

/// The folder for logs: `$XDG_STATE_HOME/quarterdeck` or what stands for it here.
#[must_use]
pub fn folder() -> Option<PathBuf> {
    let base = etcetera::choose_base_strategy().ok()?;
    Some(base.state_dir().unwrap_or_else(|| base.data_dir()).join("quarterdeck"))
}

/// Starts logging. A folder that cannot be written to costs the file, never the program.
#[must_use]
pub fn start(face: Face) -> Guard {
    let mut guard = Guard::default();
    let mut file_layer = None;
    if let Some(folder) = folder().filter(|folder| std::fs::create_dir_all(folder).is_ok()) {
        let rolling = tracing_appender::rolling::Builder::new()
            .rotation(tracing_appender::rolling::Rotation::DAILY)
            .filename_prefix("quarterdeck")
            .filename_suffix("log")
            .max_log_files(7)
            .build(&folder);
        if let Ok(rolling) = rolling {
            let (writer, worker) = tracing_appender::non_blocking(rolling);
            file_layer =
                Some(tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(false).with_filter(filter("info")));
            guard._file = Some(worker);
            guard.folder = Some(folder);
        }
    }
    let pane = (face == Face::Console).then(|| {
        // Not by `init_logger`: its thread would wake a hundred times a second. Whoever draws the pane calls
        // `tui_logger::move_events` before; until then the newest thousand lines wait.
        tui_logger::set_default_level(tui_logger::LevelFilter::Info);
        tui_logger::TuiTracingSubscriberLayer
    });
    let stderr = match face {
        Face::Verb(loud @ 1..) => {
            let level = ["info", "debug", "trace"].get(usize::from(loud) - 1).copied().unwrap_or("trace");
            Some(tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_filter(filter(level)))
        }
        _ => None,
    };
    // A second start in one process (tests) keeps the first subscriber.
    let _ = tracing_subscriber::registry()
        .with(file_layer)
        .with(pane)
        .with(stderr)
        .with(tracing_error::ErrorLayer::default())
        .try_init();
    guard
}

fn filter(level: &str) -> EnvFilter {
    EnvFilter::try_from_env("QUARTERDECK_LOG").unwrap_or_else(|_| EnvFilter::new(format!("warn,quarterdeck={level}")))
}
