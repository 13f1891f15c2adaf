//! A page about one thing: sections of labels and values, or the engine's own words. Only what is on screen is drawn.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Cx;
use super::pen::{self, Pen, cut};
use super::theme::Theme;
use crate::app::DescribeView;
use crate::app::describe::{Description, Row, Stated};
use crate::app::format::width;
use crate::app::logs::Pattern;

/// The room for rows within the area; the view is told its size by [`DescribeView::resize`].
#[must_use]
pub fn describe_room(area: Rect) -> Rect {
    Rect { y: area.y.saturating_add(1), height: area.height.saturating_sub(1), ..area }
}

/// Draws the title and the rows on screen.
pub fn describe(view: &DescribeView, cx: &Cx, area: Rect, buf: &mut Buffer) {
    let area = area.intersection(buf.area);
    if area.is_empty() {
        return;
    }
    title(view, cx.theme, area, buf);
    let room = describe_room(area);
    if view.rows() == 0 {
        Pen::at(buf, room, 0).put(" ", Style::new()).fit("nothing is known about it", cx.theme.dim());
    }
    let searched = view.searched();
    for (y, (number, row)) in (0..).zip(view.visible()) {
        let found = searched.map(|(pattern, _, at)| (pattern, at == Some(number)));
        let columns = view.label_columns();
        match view.raw {
            true => draw_yaml(&row.text, found, cx.theme, Pen::at(buf, room, y)),
            false => draw_row(row, columns, found, cx.theme, Pen::at(buf, room, y)),
        }
    }
    if view.gone {
        pen::dim(buf, room);
    }
    pen::plain(buf, area, cx.theme);
}

/// Draws as much of a description as there is room for, as beside a list.
pub fn glance(described: &Description, cx: &Cx, area: Rect, buf: &mut Buffer) {
    let area = area.intersection(buf.area);
    if area.is_empty() {
        return;
    }
    pen::title(buf, area, &cut(&described.title, usize::from(area.width).saturating_sub(3)), cx.theme);
    let room = describe_room(area);
    let (columns, rows) = crate::app::describe::rows(described, usize::from(area.width).saturating_sub(2));
    let shown = usize::from(room.height);
    let left = rows.len().saturating_sub(shown);
    for (y, row) in (0..).zip(rows.iter().take(shown)) {
        draw_row(row, columns, None, cx.theme, Pen::at(buf, room, y));
    }
    if left > 0 && room.height > 0 {
        let last = Rect { y: room.bottom() - 1, height: 1, ..room };
        Pen::at(buf, last, 0).put(&" ".repeat(usize::from(last.width)), Style::new());
        Pen::at(buf, last, 0).put(" ", Style::new()).fit(&format!("… {} more rows · d all", left + 1), cx.theme.dim());
    }
}

fn title(view: &DescribeView, theme: Theme, area: Rect, buf: &mut Buffer) {
    let mut pen = Pen::at(buf, area, 0);
    pen.put(" ", theme.rule());
    if let Some(stated) = view.state.as_ref().filter(|_| !view.gone) {
        put_state(&mut pen, stated, theme);
    }
    let name = cut(&view.title, pen.left());
    pen.put(&name, theme.strong());
    if view.gone {
        pen.put(" · ", theme.dim()).fit("is gone: this is how it was", theme.fault());
    }
    if let Some(fault) = &view.fault {
        pen.put(" · ", theme.dim()).fit(fault, theme.fault());
    }
    if let Some((pattern, rows, _)) = view.searched() {
        pen.put(" · ", theme.dim()).fit(&format!("/{} ({rows})", pattern.typed), Style::new());
    }
    if view.raw {
        pen.put(" · ", theme.dim()).fit("as the engine sent it, secrets masked", theme.dim());
    }
    let place = format!(" {}/{}", (view.top() + usize::from(area.height) - 1).min(view.rows()), view.rows());
    pen.put(" ", theme.rule()).rule(theme);
    Pen::at(buf, area, 0).last(width(&place) + 1).put(&place, theme.dim()).put(" ", theme.rule());
}

/// What is looked for, and whether the operator stands on this row.
type Found<'a> = Option<(&'a Pattern, bool)>;

fn draw_row(row: &Row, columns: usize, found: Found<'_>, theme: Theme, mut pen: Pen<'_>) {
    if row.heading {
        pen.put(" ", theme.rule());
        put(&mut pen, &row.text, theme.strong(), found, theme);
        pen.put(" ", theme.rule()).rule(theme);
        return;
    }
    pen.skip(2);
    let label = cut(&row.label, columns);
    put(&mut pen, &label, theme.dim(), found, theme);
    pen.skip(columns.saturating_sub(width(&label)) + 2);
    if let Some(stated) = &row.state {
        put_state(&mut pen, stated, theme);
    }
    put(&mut pen, &row.text, Style::new(), found, theme);
}

fn put_state(pen: &mut Pen<'_>, Stated { state, word }: &Stated, theme: Theme) {
    pen.put(&format!("{} {word}  ", theme.sign(*state)), theme.state(*state));
}

/// Keys stand out by their weight, values are plain.
fn draw_yaml(line: &str, found: Found<'_>, theme: Theme, mut pen: Pen<'_>) {
    pen.skip(1);
    let key = line.find(": ").map(|at| at + 1).or_else(|| line.ends_with(':').then_some(line.len())).unwrap_or(0);
    let is_key = line.get(..key).is_some_and(|key| !key.contains(['"', '\'']));
    let (key, value) = line.split_at(if is_key { key } else { 0 });
    put(&mut pen, key, theme.dim(), found, theme);
    put(&mut pen, value, Style::new(), found, theme);
}

fn put(pen: &mut Pen<'_>, text: &str, style: Style, found: Found<'_>, theme: Theme) {
    let Some((pattern, here)) = found else {
        pen.put(text, style);
        return;
    };
    let mark = if here { theme.found().patch(theme.selected()) } else { theme.found() };
    let mut done = 0;
    for found in pattern.regex.find_iter(text) {
        pen.put(text.get(done..found.start()).unwrap_or_default(), style).put(found.as_str(), style.patch(mark));
        done = found.end();
    }
    pen.put(text.get(done..).unwrap_or_default(), style);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::Board;
    use crate::app::Subject;
    use crate::app::screens::World;
    use crate::model::sample::noon;
    use crate::model::{NodeId, Picture, ServiceId};
    use crate::view::screen::{drawn, homelab, screen, styled};

    fn look(view: &mut DescribeView, picture: &Picture) {
        view.refresh(World {
            picture,
            board: &Board::default(),
            survey: &Default::default(),
            drift: &Default::default(),
            lint: None,
            done: &Default::default(),
            now: noon(),
        });
    }

    fn page(subject: Subject, size: (u16, u16)) -> DescribeView {
        let mut view = DescribeView::new(subject, false);
        let room = describe_room(Rect::new(0, 0, size.0, size.1));
        view.resize(room.width, room.height);
        look(&mut view, &homelab());
        view
    }

    fn show(view: &DescribeView) -> impl FnOnce(Rect, &mut Buffer) {
        let view = view.clone();
        move |area, buf| describe(&view, &Cx { theme: Theme::default(), now: noon() }, area, buf)
    }

    #[test]
    fn a_service_in_trouble_tells_all() {
        let view = page(Subject::Service(ServiceId::new("observability_autokuma")), (100, 56));
        insta::assert_snapshot!(screen((100, 56), show(&view)));
    }

    #[test]
    fn a_node_tells_what_it_is_and_what_runs_there() {
        let view = page(Subject::Node(NodeId::new("lorcha")), (80, 40));
        insta::assert_snapshot!(screen((80, 40), show(&view)));
    }

    #[test]
    fn what_is_found_is_underlined_and_a_narrow_page_breaks_its_values() {
        let mut view = page(Subject::Service(ServiceId::new("media-core_plex")), (45, 20));
        view.search("igpu");
        insta::assert_snapshot!(styled((45, 20), show(&view)));
    }

    #[test]
    fn a_thing_that_is_gone_says_so() {
        let mut view = page(Subject::Node(NodeId::new("dhow")), (80, 8));
        look(&mut view, &Picture::default());
        insta::assert_snapshot!(screen((80, 8), show(&view)));
        view.set_raw(true);
        insta::assert_snapshot!(screen((80, 4), show(&view)));
    }

    #[test]
    fn no_size_breaks_it() {
        let mut view = page(Subject::Stack("observability".into()), (80, 24));
        for width in (0..100).step_by(3) {
            for height in 0..10 {
                view.resize(width, height);
                drawn((width, height), show(&view));
            }
        }
    }
}
