//! Pages and pictures that are what the program says: regenerated here and held against the files in `assets/docs`.
//! `QUARTERDECK_GOLDENS=write cargo nextest run --test goldens` writes them anew.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use quarterdeck::app::{App, Msg, Settings, keymap};
use quarterdeck::clock::{Clock, FixedClock};
use quarterdeck::engine::Engine;
use quarterdeck::model::{Change, Link, Picture, Snapshot};
use quarterdeck::platform::{self, Files};
use quarterdeck::sim;
use quarterdeck::view::frame;
use quarterdeck::view::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use serde_json::Value;

/// Holds a page against its file, or writes it.
fn held(name: &str, page: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/docs").join(name);
    if std::env::var_os("QUARTERDECK_GOLDENS").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, page).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        written == page,
        "assets/docs/{name} is not what the program says; write it anew: QUARTERDECK_GOLDENS=write cargo nextest run --test goldens"
    );
}

#[test]
fn the_page_of_keys_is_the_table_of_keys() {
    held("keys.md", &keymap::manual());
}

/// What a verb says of itself.
fn help(verb: &[&str]) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_quarterdeck"));
    let said = program.args(verb).arg("--help").env("COLUMNS", "100").output().unwrap();
    String::from_utf8(said.stdout).unwrap()
}

/// The verbs that a help lists.
fn commands(help: &str) -> Vec<String> {
    let listed = help.split_once("Commands:\n").map_or("", |(_, after)| after);
    let names = listed
        .lines()
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn the_page_of_verbs_is_what_help_says() {
    let mut page = "# Verbs and options\n\nWhat `quarterdeck --help` says, and each verb after it.\n".to_owned();
    let mut verbs = vec![Vec::new()];
    for verb in commands(&help(&[])) {
        let own = commands(&help(&[&verb]));
        verbs.push(vec![verb.clone()]);
        verbs.extend(own.into_iter().map(|own| vec![verb.clone(), own]));
    }
    for verb in verbs {
        let text = help(&verb.iter().map(String::as_str).collect::<Vec<_>>());
        let name: String = verb.iter().map(|word| format!(" {word}")).collect();
        let text: Vec<&str> = text.lines().map(str::trim_end).collect();
        write!(page, "\n## quarterdeck{name}\n\n```text\n{}\n```\n", text.join("\n").trim_end()).unwrap();
    }
    held("verbs.md", &page);
}

/// The shape of a document: each key with the kinds of value that were seen, lists as the shape of all their items.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), shape(value))).collect(),
        Value::Array(items) => {
            let mut kinds: Vec<Value> = Vec::new();
            for kind in items.iter().map(shape) {
                if let Some(known) = kinds.iter_mut().find(|known| known.is_object() && kind.is_object()) {
                    join(known, &kind);
                } else if !kinds.contains(&kind) {
                    kinds.push(kind);
                }
            }
            Value::Array(kinds)
        }
        Value::String(_) => "string".into(),
        Value::Number(_) => "number".into(),
        Value::Bool(_) => "boolean".into(),
        Value::Null => "null".into(),
    }
}

/// Two shapes of one thing: where they differ in being there or not, both are said.
fn join(known: &mut Value, other: &Value) {
    let (Some(fields), Some(more)) = (known.as_object_mut(), other.as_object()) else { return };
    for (name, kind) in more {
        let field = fields.entry(name.clone()).or_insert_with(|| kind.clone());
        if field.is_array() && kind.is_array() && field.as_array().unwrap().is_empty() {
            *field = kind.clone();
        } else if field.is_string() && kind.is_string() && field != kind {
            let mut kinds = [field.as_str().unwrap(), kind.as_str().unwrap()].join(" or ");
            if field.as_str().unwrap().contains(kind.as_str().unwrap()) {
                kinds = field.as_str().unwrap().to_owned();
            }
            *field = kinds.into();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_of_status_keeps_its_names() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("engine.sock");
    let now: Timestamp = "2026-03-14T12:00:00Z".parse().unwrap();
    let sim = sim::demo_at(&FixedClock(now), Duration::from_secs(135));
    sim.serve_unix(&socket).unwrap();
    let host = format!("unix://{}", socket.display());
    let said = tokio::process::Command::new(env!("CARGO_BIN_EXE_quarterdeck"))
        .args(["-C", env!("CARGO_MANIFEST_DIR"), "-H", &host, "status", "--json"])
        .output()
        .await
        .unwrap();
    let status: Value = serde_json::from_slice(&said.stdout).unwrap();
    held("status.schema.json", &(serde_json::to_string_pretty(&shape(&status)).unwrap() + "\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_of_drift_keeps_its_names() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("engine.sock");
    std::fs::create_dir(folder.path().join("stacks")).unwrap();
    std::fs::write(folder.path().join("hosts.yml"), "managers: {hosts: {barbary: , gone: }}\n").unwrap();
    let now: Timestamp = "2026-03-14T12:00:00Z".parse().unwrap();
    let sim = sim::demo_at(&FixedClock(now), Duration::from_secs(135));
    sim.serve_unix(&socket).unwrap();
    let said = tokio::process::Command::new(env!("CARGO_BIN_EXE_quarterdeck"))
        .arg("-C")
        .arg(folder.path())
        .args(["-H", &format!("unix://{}", socket.display()), "drift", "--json"])
        .output()
        .await
        .unwrap();
    assert_eq!(said.status.code(), Some(1));
    let drift: Value = serde_json::from_slice(&said.stdout).unwrap();
    held("drift.schema.json", &(serde_json::to_string_pretty(&shape(&drift)).unwrap() + "\n"));
}

/// A stack with something to make, something to roll, something in place and something that goes.
#[test]
fn the_document_of_plan_keeps_its_names() {
    let folder = tempfile::tempdir().unwrap();
    let stack = folder.path().join("stacks/infrastructure/caddy");
    std::fs::create_dir_all(&stack).unwrap();
    let text = "services:\n  caddy:\n    image: caddy:2\n    build: .\n  other:\n    image: other:1\nnetworks:\n  \
                gone: {external: true}\n";
    std::fs::write(stack.join("compose.yaml"), text.replace("image: other:1", "image: other:1\n    networks: [gone]"))
        .unwrap();
    // What a script makes is not known yet.
    let made = folder.path().join("stacks/platform/made");
    std::fs::create_dir_all(&made).unwrap();
    std::fs::write(made.join("hooks.sh"), "").unwrap();
    std::fs::write(made.join("compose.yaml"), "services:\n  web: {image: 'web:1', env_file: [made.env]}\n").unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let socket = folder.path().join("engine.sock");
    let sim = runtime.block_on(async {
        let now: Timestamp = "2026-03-14T12:00:00Z".parse().unwrap();
        let sim = sim::demo_at(&FixedClock(now), Duration::from_secs(135));
        sim.serve_unix(&socket).unwrap();
        sim
    });
    let said = Command::new(env!("CARGO_BIN_EXE_quarterdeck"))
        .args(["-H", &format!("unix://{}", socket.display()), "plan", "--json"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    drop(sim);
    let plan: Value = serde_json::from_slice(&said.stdout).unwrap();
    held("plan.schema.json", &(serde_json::to_string_pretty(&shape(&plan)).unwrap() + "\n"));
}

#[test]
fn the_page_of_rules_is_the_table_of_rules() {
    held("rules.md", &quarterdeck::lint::manual());
}

#[test]
fn the_document_of_lint_keeps_its_names() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/folder/registry");
    let mut program = Command::new(env!("CARGO_BIN_EXE_quarterdeck"));
    let said = program.arg("-C").arg(folder).args(["lint", "--json"]).output().unwrap();
    assert_eq!(said.status.code(), Some(1));
    let found: Value = serde_json::from_slice(&said.stdout).unwrap();
    held("lint.schema.json", &(serde_json::to_string_pretty(&shape(&found)).unwrap() + "\n"));
}

/// One deed that ended well, from a checkout, and one that did not.
#[test]
fn the_document_of_history_keeps_its_names() {
    let folder = tempfile::tempdir().unwrap();
    let stack = folder.path().join("stacks/infrastructure/shop");
    std::fs::create_dir_all(&stack).unwrap();
    let text = "services:\n  web: {image: 'web:1', deploy: {update_config: {monitor: 100ms}}}\n";
    std::fs::write(stack.join("compose.yaml"), text).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let socket = folder.path().join("engine.sock");
    let sim = runtime.block_on(async {
        let sim = sim::Scenario::new().managers(["barbary"]).start();
        sim.serve_unix(&socket).unwrap();
        sim.run(20.0);
        sim
    });
    let run = |program: &str, words: &str| {
        let mut program = Command::new(program);
        program.args(words.split_whitespace()).current_dir(folder.path()).env("XDG_STATE_HOME", folder.path());
        program.env("HOME", folder.path()).env("DOCKER_HOST", format!("unix://{}", socket.display()));
        program.stdin(std::process::Stdio::null()).output().unwrap()
    };
    let git = "-c user.name=ann -c user.email=ann@example.test -c init.defaultBranch=main";
    for words in ["init -q", "add stacks", "commit -q -m first"] {
        assert!(run("git", &format!("{git} {words}")).status.success(), "{words}");
    }
    let quarterdeck = env!("CARGO_BIN_EXE_quarterdeck");
    assert!(run(quarterdeck, "deploy shop -y --why first").status.success());
    // Its commit is there again, and what is new in the folder is in none.
    std::fs::write(stack.join("compose.yaml"), text.replace("web:1", "web:2")).unwrap();
    sim.fault(sim::Fault::on("POST /services").status(500, "no disk left"));
    assert!(!run(quarterdeck, "deploy shop -y").status.success());
    let history: Value = serde_json::from_slice(&run(quarterdeck, "history --json").stdout).unwrap();
    held("history.schema.json", &(serde_json::to_string_pretty(&shape(&history)).unwrap() + "\n"));
}

/// One stack that may be deployed unasked, one that waits, and one that others run.
#[test]
fn the_document_of_sync_keeps_its_names() {
    let all = tempfile::tempdir().unwrap();
    let run = |folder: &Path, program: &str, words: &str| {
        let mut program = Command::new(program);
        program.args(words.split_whitespace()).current_dir(folder).env("XDG_STATE_HOME", all.path());
        program.env("HOME", all.path()).env("DOCKER_HOST", format!("unix://{}", all.path().join("sock").display()));
        program.stdin(std::process::Stdio::null()).output().unwrap()
    };
    let git = |folder: &str, words: &str| {
        let own = "-c user.name=ann -c user.email=ann@example.test -c init.defaultBranch=main";
        let said = run(&all.path().join(folder), "git", &format!("{own} {words}"));
        assert!(said.status.success(), "{words}: {}", String::from_utf8_lossy(&said.stderr));
    };
    let put = |path: &str, text: &str| {
        let path = all.path().join("colleague").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    git("", "init -q --bare origin.git");
    git("", "clone -q origin.git colleague");
    put("quarterdeck.yaml", "sync: {auto: [web]}\nstacks: {boot: {host: barbary}}\n");
    git("colleague", "add -A");
    git("colleague", "commit -q -m first");
    git("colleague", "push -q origin HEAD:main");
    git("", "clone -q --branch main origin.git folder");
    for stack in ["web", "wiki", "boot"] {
        let text = "services:\n  web: {image: 'web:1', deploy: {update_config: {monitor: 100ms}}}\n";
        put(&format!("stacks/application/{stack}/compose.yaml"), text);
    }
    git("colleague", "add -A");
    git("colleague", "commit -q -m second");
    git("colleague", "push -q origin HEAD:main");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let _sim = runtime.block_on(async {
        let sim = sim::Scenario::new().managers(["barbary"]).start();
        sim.serve_unix(all.path().join("sock")).unwrap();
        sim.run(20.0);
        sim
    });
    let said = run(&all.path().join("folder"), env!("CARGO_BIN_EXE_quarterdeck"), "-C . sync --auto --json");
    let told: Value =
        serde_json::from_slice(&said.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&said.stderr)));
    held("sync.schema.json", &(serde_json::to_string_pretty(&shape(&told)).unwrap() + "\n"));
}

/// The console on the demo world, at one moment of its story.
fn console(moment: Duration, keys: &[&str], size: Rect) -> Buffer {
    let now: Timestamp = "2026-03-14T12:00:00Z".parse().unwrap();
    let clock = Arc::new(FixedClock(now));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let listing = runtime.block_on(async {
        let sim = sim::demo_at(&*clock, moment);
        Engine::new(sim.dialer(), clock.clone()).list().await.unwrap()
    });
    let swarm = Snapshot::default()
        .after(Change::Everything(Box::new(listing)))
        .after(Change::Link(Link::Live { latency: Duration::from_millis(38) }));
    let catalogue = Arc::new(platform::read(&Files::shipped()).catalogue);
    let mut app = App::new(Settings { now: clock.now(), ..Settings::default() });
    app.update(Msg::Size { width: size.width, height: size.height });
    app.update(Msg::Swarm(Arc::new(Picture::of(swarm, &catalogue, now))));
    for key in keys {
        app.update(Msg::Key((*key).to_owned()));
    }
    let mut buf = Buffer::empty(size);
    frame(&app, Theme::default(), size, &mut buf);
    buf
}

fn colour(colour: Color) -> &'static str {
    match colour {
        Color::Red => "#f7768e",
        Color::Green => "#9ece6a",
        Color::Yellow => "#e0af68",
        Color::Blue => "#7aa2f7",
        Color::Magenta => "#bb9af7",
        Color::Cyan => "#7dcfff",
        _ => "#c0caf5",
    }
}

/// The cells as a picture: runs of one style as one text, reversed ones on a box.
fn svg(buf: &Buffer) -> String {
    let (wide, high) = (9, 19);
    let (cols, rows) = (usize::from(buf.area.width), usize::from(buf.area.height));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, monospace\" font-size=\"15\">\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#1a1b26\"/>\n",
        cols * wide + 20,
        rows * high + 20
    );
    for y in 0..buf.area.height {
        let mut x = 0;
        while x < buf.area.width {
            let first = &buf[(x, y)];
            let style = (first.fg, first.modifier);
            let start = x;
            let mut text = String::new();
            while x < buf.area.width && (buf[(x, y)].fg, buf[(x, y)].modifier) == style {
                text.push_str(buf[(x, y)].symbol());
                x += 1;
            }
            draw(&mut out, &text, (usize::from(start) * wide + 10, usize::from(y) * high + 10), (style, (wide, high)));
        }
    }
    out + "</svg>\n"
}

type Look = ((Color, Modifier), (usize, usize));

fn draw(out: &mut String, text: &str, (left, top): (usize, usize), ((fg, modifier), (wide, high)): Look) {
    let reversed = modifier.contains(Modifier::REVERSED);
    if text.trim().is_empty() && !reversed {
        return;
    }
    let length = text.chars().count() * wide;
    if reversed {
        writeln!(out, "<rect x=\"{left}\" y=\"{top}\" width=\"{length}\" height=\"{high}\" fill=\"{}\"/>", colour(fg))
            .unwrap();
    }
    let fill = if reversed { "#1a1b26" } else { colour(fg) };
    let dim = if modifier.contains(Modifier::DIM) { " opacity=\"0.55\"" } else { "" };
    let bold = if modifier.contains(Modifier::BOLD) { " font-weight=\"bold\"" } else { "" };
    let safe = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    writeln!(
        out,
        "<text x=\"{left}\" y=\"{}\" xml:space=\"preserve\" textLength=\"{length}\" fill=\"{fill}\"{dim}{bold}>{safe}</text>",
        top + high - 5
    )
    .unwrap();
}

#[test]
fn the_pictures_of_the_console_are_drawn_by_the_console() {
    let size = Rect::new(0, 0, 120, 40);
    held("overview.svg", &svg(&console(Duration::from_secs(135), &[], size)));
    held("services.svg", &svg(&console(Duration::from_secs(30), &["4"], Rect::new(0, 0, 120, 30))));
}
