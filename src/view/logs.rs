//! Lines of a log as they are read: only those on screen are looked at.

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Cx;
use super::pen::{self, Pen, cut};
use super::sgr::Inked;
use super::theme::Theme;
use crate::app::LogsView;
use crate::app::format::{count, width};
use crate::app::logs::{Columns, Entry, Level, Visible, guess, is_stderr};
use crate::app::wrap;
use crate::model::{LogLine, LogStream, Picture};

/// The room for lines within the area; the view is told its size by [`LogsView::resize`].
#[must_use]
pub fn logs_room(area: Rect) -> Rect {
    Rect { y: area.y.saturating_add(1), height: area.height.saturating_sub(1), ..area }
}

/// Draws the title and the lines.
pub fn logs(picture: &Picture, view: &LogsView, cx: &Cx, area: Rect, buf: &mut Buffer) {
    let area = area.intersection(buf.area);
    if area.is_empty() {
        return;
    }
    title(view, cx, area, buf);
    let room = logs_room(area);
    if view.shown() == 0 {
        Pen::at(buf, room, u16::from(room.height > 3)).put(" ", Style::new()).fit(&empty(view), cx.theme.dim());
    }
    let columns = view.columns();
    let mut row = 0;
    for visible in view.visible() {
        if row >= room.height {
            break;
        }
        let Some(entry) = view.entry(visible.number) else { continue };
        match entry {
            Entry::Line(line) if line.stream != LogStream::System => {
                row += draw_line(view, (line, visible), &columns, cx, (room, row, buf));
            }
            Entry::Line(line) => {
                let node = line.node.as_ref().map(|node| format!("{}: ", view.names.node(node))).unwrap_or_default();
                rule(&format!("{node}{}", wrap::plain(&line.text)), cx.theme, (room, row), buf);
                row += 1;
            }
            Entry::Rule { at, text } => {
                let text = at.map_or_else(|| text.clone(), |at| format!("{} {text}", clock(at, 8)));
                rule(&text, cx.theme, (room, row), buf);
                row += 1;
            }
        }
    }
    if !picture.swarm.link.is_live() && picture.swarm.known {
        pen::dim(buf, area);
    }
    pen::plain(buf, area, cx.theme);
}

fn title(view: &LogsView, cx: &Cx, area: Rect, buf: &mut Buffer) {
    let theme = cx.theme;
    let speed = format!("{} lines/s", view.per_second);
    let mut numbers = speed.clone();
    if view.dropped > 0 {
        numbers = format!("{numbers}  {} dropped", view.dropped);
    }
    if view.let_go() > 0 {
        numbers = format!("{} kept, {} let go  {numbers}", view.kept(), view.let_go());
    }
    let numbers = if usize::from(area.width) < width(&numbers) + 30 { speed } else { numbers };
    let mut said = view.state();
    if view.show.times && area.width >= 60 {
        said.push("UTC".to_owned());
    }
    let left = usize::from(area.width).saturating_sub(width(&numbers) + 3);
    let mut pen = Pen::at(buf, Rect { width: u16::try_from(left).unwrap_or(area.width), ..area }, 0);
    pen.put(" logs  ", theme.dim());
    let name = cut(&view.title, pen.left());
    pen.put(&name, theme.strong());
    if let Some(fault) = &view.fault {
        pen.put(" · ", theme.dim()).fit(fault, theme.fault());
    }
    for said in said {
        pen.put(" · ", theme.dim()).fit(&said, Style::new());
    }
    let style = if view.dropped > 0 { Style::new() } else { theme.dim() };
    Pen::at(buf, area, 0).last(width(&numbers) + 1).put(&numbers, style);
}

/// Why there is nothing to see, and what would change that.
fn empty(view: &LogsView) -> String {
    match view.kept() {
        0 => "waiting for lines …".to_owned(),
        kept => format!("0 of {} match · esc shows all", count(kept as u64, "line")),
    }
}

/// Draws the rows of a line that are on screen, and tells how many they were.
fn draw_line(
    view: &LogsView,
    (line, visible): (&LogLine, Visible),
    columns: &Columns,
    cx: &Cx,
    (room, top, buf): (Rect, u16, &mut Buffer),
) -> u16 {
    let theme = cx.theme;
    let mut inked = Inked::read(&line.text, Style::new(), theme);
    let level = guess(&inked.text);
    if let Some((pattern, _)) = view.searched() {
        let style = match view.found() == Some(visible.number) {
            true => theme.found().patch(theme.selected()),
            false => theme.found(),
        };
        let found: Vec<_> = pattern.regex.find_iter(&inked.text).map(|found| found.range()).collect();
        for range in found.into_iter().filter(|range| !range.is_empty()) {
            inked.over(range, style);
        }
    }
    let starts =
        if view.show.wrap { wrap::rows(&inked.text, view.text_columns()) } else { vec![skipped(view, &inked.text)] };
    let mut drawn = 0;
    for (at, start) in starts.iter().enumerate().skip(visible.row) {
        if top + drawn >= room.height {
            break;
        }
        let end = starts.get(at + 1).copied().unwrap_or(inked.text.len());
        let mut pen = Pen::at(buf, room, top + drawn);
        pen.skip(1);
        if at == 0 {
            before(view, (line, level), columns, theme, &mut pen);
        } else {
            pen.skip(columns.total() - 3).put(theme.bar(), theme.rule()).skip(1);
        }
        for (piece, style) in inked.pieces(*start..end) {
            pen.put(piece, style);
        }
        drawn += 1;
    }
    drawn.max(1)
}

/// Time, replica, node and level; the bar is heavy for standard error.
fn before(
    view: &LogsView,
    (line, level): (&LogLine, Option<Level>),
    columns: &Columns,
    theme: Theme,
    pen: &mut Pen<'_>,
) {
    let column = |pen: &mut Pen<'_>, wide: usize, text: &str, style: Style| {
        if wide > 0 {
            pen.column(text, wide, style).skip(1);
        }
    };
    let time = line.at.map(|at| clock(at, columns.time)).unwrap_or_default();
    column(pen, columns.time, &time, theme.dim());
    column(pen, columns.name, line.task.as_ref().map_or("", |task| view.names.task(task)), Style::new());
    column(pen, columns.node, line.node.as_ref().map_or("", |node| view.names.node(node)), theme.dim());
    column(pen, columns.level, level.map_or("", Level::tag), level.map_or(theme.dim(), |level| theme.level(level)));
    match is_stderr(line) {
        true => pen.put(theme.mark(), theme.fault()).skip(1),
        false => pen.put(theme.bar(), theme.rule()).skip(1),
    };
}

/// The byte at which a line begins that is moved to the left.
fn skipped(view: &LogsView, text: &str) -> usize {
    match view.left() {
        0 => 0,
        left => wrap::rows(text, left).get(1).copied().unwrap_or(text.len()),
    }
}

/// `─── text ─────`
fn rule(text: &str, theme: Theme, (room, row): (Rect, u16), buf: &mut Buffer) {
    let mut pen = Pen::at(buf, room, row);
    pen.put(" ", theme.rule()).put(&theme.line().repeat(3), theme.rule()).put(" ", theme.rule());
    pen.fit(text, theme.strong()).put(" ", theme.rule()).rule(theme);
}

/// The time of day in UTC: `14:05:11.204` in 12 columns, without thousandths in 8.
fn clock(at: Timestamp, columns: usize) -> String {
    let milli = at.as_millisecond().rem_euclid(86_400_000);
    let (second, part) = (milli / 1000, milli % 1000);
    let day = format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
    if columns >= 12 { format!("{day}.{part:03}") } else { day }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::app::{LogIntent, Move};
    use crate::model::sample::{node, noon, service, swarm};
    use crate::model::{LogTarget, NodeId, ServiceId, TaskId, TaskState};
    use crate::view::screen::{drawn, screen, styled};

    fn picture() -> Picture {
        let grafana = service("monitoring_grafana")
            .mode(crate::model::Mode::Replicated(2))
            .task(1, "ching", TaskState::Running)
            .task(2, "angre", TaskState::Running);
        let nodes = [node("ching").manager(true), node("angre")];
        Picture::of(swarm(nodes, [grafana]), &Default::default(), noon())
    }

    fn line(milli: i64, slot: u64, stream: LogStream, text: &str) -> LogLine {
        LogLine {
            at: noon().checked_add(SignedDuration::from_millis(milli)).ok(),
            node: Some(NodeId::new(if slot == 1 { "ching" } else { "angre" })),
            service: ServiceId::new("monitoring_grafana"),
            task: Some(TaskId::new(&format!("monitoring_grafana.{}", slot - 1))),
            stream,
            text: text.to_owned(),
        }
    }

    fn view(size: (u16, u16)) -> LogsView {
        let target = LogTarget::Service { id: ServiceId::new("monitoring_grafana"), tty: false };
        let mut view = LogsView::new(target, "platform/monitoring_grafana");
        let room = logs_room(Rect::new(0, 0, size.0, size.1));
        view.resize(room.width, room.height);
        view.learn(&picture());
        let wide = "a long line that goes on and on, ".repeat(5);
        view.lines(
            vec![
                line(204, 1, LogStream::Stdout, "level=info msg=\"compaction done\" blocks=3"),
                line(377, 2, LogStream::Stderr, "\x1b[33mWARN\x1b[0m datasource loki: request timeout after 30s"),
                line(400, 2, LogStream::System, "unreachable 14:05:12 – 14:05:19 (7 s): may lack lines"),
                line(1002, 1, LogStream::Stdout, &wide),
                line(1003, 1, LogStream::Stdout, "{\"level\":\"error\",\"msg\":\"timeout\"}"),
            ],
            0,
        );
        view
    }

    fn show(view: &LogsView, theme: Theme) -> impl FnOnce(Rect, &mut Buffer) {
        let view = view.clone();
        move |area, buf| logs(&picture(), &view, &Cx { theme, now: noon() }, area, buf)
    }

    #[test]
    fn each_line_says_when_who_where_and_how_grave() {
        insta::assert_snapshot!(screen((120, 8), show(&view((120, 8)), Theme::default())));
        insta::assert_snapshot!(screen((80, 8), show(&view((80, 8)), Theme::default())));
        insta::assert_snapshot!(screen((45, 8), show(&view((45, 8)), Theme::default())));
    }

    #[test]
    fn long_lines_break_under_their_text() {
        let mut view = view((80, 12));
        view.apply(LogIntent::Wrap, noon());
        view.apply(LogIntent::MarkLine, noon());
        insta::assert_snapshot!(screen((80, 12), show(&view, Theme::default())));
    }

    #[test]
    fn what_is_found_is_underlined_and_counted() {
        let mut view = view((100, 8));
        view.search("timeout");
        view.apply(LogIntent::PreviousMatch, noon());
        insta::assert_snapshot!(styled((100, 8), show(&view, Theme::default())));
    }

    #[test]
    fn a_filter_to_nothing_says_how_to_see_all() {
        let mut view = view((80, 6));
        view.clear();
        view.lines(vec![line(0, 1, LogStream::Stdout, "one"), line(1, 1, LogStream::Stdout, "two")], 0);
        view.filter("nowhere");
        insta::assert_snapshot!(screen((80, 6), show(&view, Theme::default())));
        view.search("(");
        insta::assert_snapshot!(screen((80, 6), show(&view, Theme::default())));
    }

    #[test]
    fn no_escape_reaches_the_screen_and_no_colour_where_there_is_none() {
        let mut view = view((80, 8));
        view.lines(vec![line(2000, 1, LogStream::Stdout, "\x1b]0;title\x07\x1b[2J\x1b[31mred")], 0);
        let theme = Theme { colour: false, ascii: true };
        let buf = drawn((80, 8), show(&view, theme));
        assert!(buf.content.iter().all(|cell| !cell.symbol().contains('\u{1b}')));
        assert!(buf.content.iter().all(|cell| cell.fg == ratatui::style::Color::Reset));
        assert!(buf.content.iter().all(|cell| cell.symbol().is_ascii()));
    }

    #[test]
    fn lines_can_be_moved_to_the_left() {
        let mut view = view((80, 8));
        view.go(Move::Right);
        let text = screen((80, 8), show(&view, Theme::default()));
        assert!(text.contains("│  goes on and on"), "{text}");
    }

    #[test]
    fn no_size_breaks_it() {
        for width in (0..130).step_by(9) {
            for height in 0..12 {
                let mut view = view((width, height));
                view.show.wrap = width % 2 == 0;
                drawn((width, height), show(&view, Theme::default()));
            }
        }
    }
}
