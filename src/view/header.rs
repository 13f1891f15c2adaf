//! The top of the terminal: which swarm, through whom, how fresh, how many nodes; the tiers; where in the console.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Cx;
use super::pen::Pen;
use crate::app::format::{age, count, span, width};
use crate::app::{App, Screen};
use crate::model::{Link, State, TierHealth};

/// A piece of the header: what it says, how it looks, and its rank: 0 always stays, else the lowest first.
type Piece = (String, Style, u8);

/// Both rows, or the first alone.
pub fn header(app: &App, cx: &Cx, area: Rect, buf: &mut Buffer) {
    let mut left = left(app, cx);
    let mut right = right(app, cx, area.width);
    let space = usize::from(area.width).saturating_sub(2);
    keep(&mut left, &mut right, space);
    let mut pen = Pen::at(buf, area, 0);
    pen.skip(1);
    put(&mut pen, &left, cx);
    pen.last(long(&right, 3) + 1);
    put(&mut pen, &right, cx);
    if area.height > 1 {
        tiers(app, cx, Rect { y: area.y + 1, height: 1, ..area }, buf);
    }
}

/// Keeps what fits, the most important first.
fn keep(left: &mut Vec<Piece>, right: &mut Vec<Piece>, space: usize) {
    let mut ranked: Vec<(u8, usize)> =
        left.iter().chain(right.iter()).map(|piece| (piece.2, width(&piece.0) + 3)).collect();
    ranked.sort_unstable();
    let (mut taken, mut kept) = (0, Vec::new());
    for (rank, columns) in ranked {
        if rank == 0 || taken + columns <= space {
            taken += columns;
            kept.push(rank);
        }
    }
    left.retain(|piece| kept.contains(&piece.2));
    right.retain(|piece| kept.contains(&piece.2));
}

fn put(pen: &mut Pen<'_>, pieces: &[Piece], cx: &Cx) {
    for (at, (text, style, _)) in pieces.iter().enumerate() {
        if at > 0 {
            pen.put(" · ", cx.theme.dim());
        }
        pen.fit(text, *style);
    }
}

fn long(pieces: &[Piece], gap: usize) -> usize {
    pieces.iter().map(|piece| width(&piece.0)).sum::<usize>() + gap * pieces.len().saturating_sub(1)
}

fn left(app: &App, cx: &Cx) -> Vec<Piece> {
    let picture = app.picture();
    let cluster = &picture.swarm.cluster;
    let names = [&picture.catalogue.name, &app.settings().platform, &cluster.endpoint];
    let name = names.into_iter().find(|name| !name.is_empty()).map_or("swarm", String::as_str);
    let mut pieces = vec![(name.to_owned(), cx.theme.strong(), 4)];
    if !cluster.through.is_empty() {
        let leads = picture.swarm.nodes.values().any(|node| node.hostname == cluster.through && node.is_leader());
        let leader = if leads { format!(" {}", cx.theme.leader()) } else { String::new() };
        pieces.push((format!("{}{leader}", cluster.through), Style::new(), 7));
    }
    pieces.push(link(app, cx));
    let said_by = &app.settings().said_by;
    if !said_by.is_empty() && !cluster.endpoint.is_empty() {
        let at = if *name == cluster.endpoint { String::new() } else { format!("{} ", cluster.endpoint) };
        pieces.push((format!("{at}{said_by}"), cx.theme.dim(), 8));
    }
    if app.settings().read_only {
        pieces.push(("read-only".to_owned(), cx.theme.dim(), 2));
    }
    pieces
}

fn link(app: &App, cx: &Cx) -> Piece {
    let sign = |state: State| cx.theme.sign(state);
    match &app.picture().swarm.link {
        Link::Live { .. } => {
            let millis = app.latency().as_millis().max(1);
            (format!("live {millis} ms"), cx.theme.state(State::Ready), 0)
        }
        Link::Connecting { .. } => {
            (format!("{} connecting", sign(State::Converging)), cx.theme.state(State::Converging), 0)
        }
        Link::Stale { since, retry_at, .. } => {
            let retry = retry_at.map(|at| at.duration_since(cx.now).as_secs()).filter(|wait| *wait > 0);
            let retry = retry.map_or_else(|| "retrying".to_owned(), |wait| format!("retry in {}", span(wait)));
            let text = format!("{} stale {} · {retry} · R now", sign(State::Degraded), age(*since, cx.now));
            (text, cx.theme.state(State::Degraded).patch(cx.theme.strong()), 0)
        }
    }
}

fn right(app: &App, cx: &Cx, width: u16) -> Vec<Piece> {
    let picture = app.picture();
    let mut pieces = Vec::new();
    if picture.swarm.known {
        let all = picture.swarm.nodes.len();
        let ready = picture.swarm.nodes.values().filter(|node| node.is_ready()).count();
        let style = if ready < all { cx.theme.state(State::Failed) } else { Style::new() };
        let sign = if ready < all { format!("{} ", cx.theme.sign(State::Failed)) } else { String::new() };
        pieces.push((format!("{sign}nodes {ready}/{all}"), style, if ready < all { 1 } else { 5 }));
        let quorum = picture.quorum;
        let managers = count(quorum.managers as u64, "manager");
        if !quorum.held {
            let text =
                format!("{} quorum lost: {} of {managers} answer", cx.theme.sign(State::Failed), quorum.reachable);
            pieces.push((text, cx.theme.fault(), 0));
        } else {
            let sign = if quorum.reachable < quorum.managers { cx.theme.sign(State::Degraded) } else { ' ' };
            let style = if sign == ' ' { Style::new() } else { cx.theme.state(State::Degraded) };
            let text = format!("{sign} {managers}, can lose {}", quorum.can_lose);
            pieces.push((text.trim_start().to_owned(), style, 6));
        }
    }
    pieces.extend(queue(app, cx, width < 100));
    pieces
}

/// Jobs by how they are doing; with words where there is room for them.
fn queue(app: &App, cx: &Cx, short: bool) -> Option<Piece> {
    let (running, waiting, failed) = app.board().counts();
    let all = [
        (running, State::Converging, "running"),
        (waiting, State::Waiting, "waiting"),
        (failed, State::Failed, "failed"),
    ];
    let said: Vec<String> = all
        .into_iter()
        .filter(|(jobs, ..)| *jobs > 0)
        .map(|(jobs, state, word)| match (cx.theme.sign(state), short) {
            (sign, true) => format!("{sign} {jobs}"),
            (sign, false) => format!("{sign} {jobs} {word}"),
        })
        .collect();
    let worst = if failed > 0 { State::Failed } else { State::Converging };
    (!said.is_empty()).then(|| (format!("queue {}", said.join(" ")), cx.theme.state(worst), 3))
}

/// One bar a tier; the worst says why, where there is room.
fn tiers(app: &App, cx: &Cx, area: Rect, buf: &mut Buffer) {
    let tiers = &app.picture().tiers;
    let bar = |tier: &TierHealth| {
        format!("{} {} {}/{}", tier.tier.name(), cx.theme.sign(tier.state), tier.ready, tier.stacks.len())
    };
    let bars: usize = tiers.iter().map(|tier| width(&bar(tier)) + 3).sum();
    let mut room = usize::from(area.width).saturating_sub(bars + 4);
    // While the line is lost, why it is and what to do matters more than any tier.
    let lost = match &app.picture().swarm.link {
        Link::Stale { why, .. } => Some(why),
        _ => None,
    };
    if let Some(why) = lost.filter(|why| width(why) > room) {
        Pen::at(buf, area, 0).skip(1).fit(why, cx.theme.state(State::Degraded));
        return;
    }
    let worst = tiers.iter().filter(|tier| tier.reason.is_some() && lost.is_none()).max_by_key(|tier| tier.state);
    let mut pen = Pen::at(buf, area, 0);
    pen.skip(1);
    for tier in tiers.iter() {
        let style = cx.theme.state(tier.state);
        pen.put(tier.tier.name(), Style::new()).put(" ", Style::new());
        pen.put(&cx.theme.sign(tier.state).to_string(), style);
        pen.put(&format!(" {}/{}", tier.ready, tier.stacks.len()), style);
        if let Some(reason) = tier.reason.as_deref().filter(|_| room > 30 && worst == Some(tier)) {
            let text = super::pen::cut(reason, room - 1);
            pen.put(" ", style).put(&text, cx.theme.dim());
            room = 0;
        }
        pen.skip(3);
    }
    if let Some(why) = lost {
        pen.fit(why, cx.theme.state(State::Degraded));
    }
}

/// Where in the console this is, how much is shown, and what is left out.
pub fn crumbs(app: &App, cx: &Cx, area: Rect, buf: &mut Buffer) {
    let (picture, theme) = (app.picture(), cx.theme);
    let names: Vec<String> = app.views().open().map(|screen| screen.crumb(picture)).collect();
    let apart = if theme.ascii { " > " } else { " › " };
    let mut pen = Pen::at(buf, area, 0);
    pen.put(theme.line(), theme.rule()).put(" ", theme.rule());
    let last = names.len().saturating_sub(1);
    // On a narrow terminal the way here goes first, the place itself stays.
    let skip = if names.iter().map(|name| width(name) + 3).sum::<usize>() + 30 > pen.left() { last } else { 0 };
    for (at, name) in names.iter().enumerate().skip(skip) {
        pen.fit(name, if at == last { theme.accent() } else { theme.dim() });
        if at < last {
            pen.put(apart, theme.dim());
        }
    }
    if let Screen::List(screen) = app.views().top() {
        let (shown, all) = screen.list.counts();
        let counts = if shown == all { format!(" {all}") } else { format!(" {shown}/{all}") };
        pen.put(&counts, theme.strong());
        if !screen.list.filter.is_empty() {
            pen.put(" · ", theme.dim()).fit(&format!("/{}", screen.list.filter.text()), theme.found());
        }
        if screen.list.faults_only {
            pen.put(" · ", theme.dim()).put("faults only", theme.found());
        }
        if !screen.list.marks().is_empty() {
            pen.put(" · ", theme.dim()).put(&format!("{} marked", screen.list.marks().len()), theme.accent());
        }
        if screen.list.hidden_marks() > 0 {
            let told = format!(", {} hidden and left out", screen.list.hidden_marks());
            pen.put(&told, theme.state(State::Degraded));
        }
    }
    pen.put(" ", theme.rule()).rule(theme);
}
