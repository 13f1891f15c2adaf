//! What happened lately, newest first: what this console did, and what the engine told.

use std::sync::Arc;

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{Scene, take};
use crate::action::{Job, JobState};
use crate::app::format::{lasting, steps_of};
use crate::model::{LOCK, State, SwarmEvent};
use crate::view::pen::{self, Pen};

/// One thing that happened.
struct Line {
    at: Timestamp,
    kind: String,
    name: String,
    state: Option<State>,
    said: String,
}

/// The rows it would take with all there is to tell.
pub fn full(scene: &Scene<'_>) -> u16 {
    let all = scene.board.jobs.iter().filter(has_begun).count() + scene.picture.swarm.events.len();
    u16::try_from(all.max(1)).unwrap_or(u16::MAX).saturating_add(scene.title_rows())
}

/// Draws as many as there is room for.
pub fn draw(scene: &Scene<'_>, mut area: Rect, beside: bool, buf: &mut Buffer) {
    let theme = scene.cx.theme;
    if beside {
        let bar = Rect { width: 1.min(area.width), ..area };
        for row in scene.title_rows()..area.height {
            Pen::at(buf, bar, row).put(theme.bar(), theme.rule());
        }
        area = Rect { x: area.x + bar.width, width: area.width - bar.width, ..area };
    }
    // A title over nothing would only take a row.
    if area.height < 1 + scene.title_rows() || (!beside && area.height < 3) {
        return;
    }
    if scene.titles {
        pen::title(buf, take(&mut area, 1), "lately", theme);
    }
    let room = usize::from(area.height);
    let jobs = scene.board.jobs.iter().rev().filter(has_begun).take(room).map(|job| of_job(job));
    // That a console kept others off is no news to who looks on.
    let news = |event: &&SwarmEvent| !(event.kind == "config" && event.name.starts_with(LOCK));
    let events = scene.picture.swarm.events.iter().rev().filter(news).take(room).map(of_event);
    let mut lines: Vec<Line> = jobs.chain(events).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.at));
    if lines.is_empty() {
        Pen::at(buf, area, 0).fit(" nothing since this console began", theme.dim());
    }
    let name = usize::from(area.width / 3).clamp(12, 28);
    for (row, line) in (0..).zip(lines.iter().take(room)) {
        let mut pen = Pen::at(buf, area, row);
        pen.put(&format!(" {}  ", clock(line.at)), theme.dim()).column(&line.kind, 8, theme.dim()).skip(1);
        pen.column(&line.name, name, Style::new()).skip(2);
        if let Some(state) = line.state {
            pen.put(&format!("{} {} ", theme.sign(state), state.word()), theme.state(state));
        }
        pen.fit(&line.said, theme.dim());
    }
}

/// What still waits has not happened: the header counts it. What was skipped in a course has its reason in another job.
fn has_begun(job: &&Arc<Job>) -> bool {
    match &job.state {
        JobState::Waiting { .. } => false,
        JobState::Skipped { .. } => job.course.is_none(),
        _ => true,
    }
}

fn of_job(job: &Job) -> Line {
    let at = job.ended.or(job.started).unwrap_or(job.submitted);
    let said = match (&job.state, job.started, job.ended) {
        (JobState::Failed(why), ..) => why.line(),
        (JobState::Skipped { because }, ..) => format!("skipped: {because}"),
        (JobState::Cancelled { done, left }, ..) => format!("cancelled: {}", steps_of(*done, *left)),
        (JobState::Done, Some(started), Some(ended)) => {
            format!("in {}", lasting(ended.duration_since(started).as_secs()))
        }
        _ => String::new(),
    };
    Line { at, kind: "action".into(), name: job.action.title(), state: Some(job.state.state()), said }
}

fn of_event(event: &SwarmEvent) -> Line {
    let said =
        if event.detail.is_empty() { event.action.clone() } else { format!("{} {}", event.action, event.detail) };
    let name = if event.name.is_empty() { event.id.chars().take(12).collect() } else { event.name.clone() };
    Line { at: event.at, kind: event.kind.clone(), name, state: None, said }
}

/// The time of day.
fn clock(at: Timestamp) -> String {
    let second = at.as_second().rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}
