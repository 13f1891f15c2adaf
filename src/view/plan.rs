//! A plan as it is read: each object with its sign, below it what differs, and at the end what else to know.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Cx;
use super::pen::{self, Pen, cut};
use super::theme::Theme;
use crate::app::format::width;
use crate::app::{PLAN_ALL, PLAN_PATH as PATH, PlanRow, PlanScreen};
use crate::model::State;
use crate::plan::Effect;

/// Draws the title and the rows on screen.
pub fn plan(screen: &PlanScreen, cx: &Cx, area: Rect, buf: &mut Buffer) {
    let area = area.intersection(buf.area);
    if area.is_empty() {
        return;
    }
    title(screen, cx.theme, area, buf);
    let room = Rect { y: area.y + 1, height: area.height - 1, ..area };
    let paths = screen.visible().map(|row| if let PlanRow::Differs(path, ..) = row { width(path) } else { 0 }).max();
    let paths = paths.unwrap_or(0).min(PATH).min(usize::from(area.width) * 2 / 5);
    for (y, row) in (0..).zip(screen.visible()) {
        draw(row, paths, cx.theme, Pen::at(buf, room, y));
    }
    if screen.answer.as_ref().is_some_and(|answer| {
        answer
            .as_ref()
            .is_ok_and(|offer| offer.whole.is_none() && offer.plan.is_empty() && offer.plan.faults.is_empty())
    }) {
        let (_, rows) = screen.place();
        let row = u16::try_from(rows).unwrap_or(0);
        Pen::at(buf, room, row).skip(2).fit("the swarm is as the file says; r rolls it all the same", cx.theme.dim());
    }
    pen::plain(buf, area, cx.theme);
}

fn title(screen: &PlanScreen, theme: Theme, area: Rect, buf: &mut Buffer) {
    let mut pen = Pen::at(buf, area, 0);
    let subject = if screen.stack == PLAN_ALL { "all stacks" } else { screen.stack.as_str() };
    pen.put(" ", theme.rule()).put("plan: ", theme.strong()).put(subject, theme.strong()).put("  ", theme.rule());
    let said = cut(&screen.sums_up(), pen.left().saturating_sub(12));
    let style = if matches!(screen.answer, Some(Err(_))) { theme.fault() } else { theme.dim() };
    pen.put(&said, style).put(" ", theme.rule()).rule(theme);
    let (top, rows) = screen.place();
    let shown = usize::from(area.height.saturating_sub(1));
    if rows > shown {
        let place = format!(" {}/{rows} ", (top + shown).min(rows));
        Pen::at(buf, area, 0).last(width(&place)).put(&place, theme.dim());
    }
}

/// The sign and the style of an effect; the word stands beside it.
fn sign(effect: Effect, theme: Theme) -> (&'static str, Style) {
    match (effect, theme.ascii) {
        (Effect::Create, _) => ("+", theme.state(State::Ready)),
        (Effect::Restart, false) => ("↻", theme.state(State::Degraded)),
        (Effect::Restart, true) => ("!", theme.state(State::Degraded)),
        (Effect::InPlace, false) => ("≈", theme.state(State::Converging)),
        (Effect::InPlace, true) => ("~", theme.state(State::Converging)),
        (Effect::Remove, _) => ("-", theme.state(State::Failed)),
        (Effect::None, _) => ("=", theme.dim()),
    }
}

fn draw(row: &PlanRow, paths: usize, theme: Theme, mut pen: Pen<'_>) {
    match row {
        PlanRow::Blank => {}
        PlanRow::Head(text) => {
            pen.put(" ", theme.strong()).fit(text, theme.strong());
        }
        PlanRow::Object(effect, name, about) => {
            let (sign, style) = sign(*effect, theme);
            pen.put(" ", style).put(sign, style).put(" ", style);
            pen.put(&format!("{:<9}", effect.words()), style);
            pen.put(name, if *effect == Effect::None { theme.dim() } else { theme.strong() });
            pen.skip(2).fit(about, theme.dim());
        }
        PlanRow::Differs(path, old, new) => {
            pen.skip(12).column(path, paths, theme.dim()).skip(2);
            let arrow = if theme.ascii { " > " } else { " → " };
            match (old, new) {
                (Some(old), Some(new)) => {
                    // Both ends are worth seeing: neither may push the other out.
                    let half = pen.left().saturating_sub(3);
                    let old = cut(old, half.saturating_sub(width(new)).max(half / 2));
                    pen.put(&old, theme.dim()).put(arrow, theme.accent()).fit(new, Style::new());
                }
                (None, Some(new)) => {
                    pen.put("+ ", theme.state(State::Ready)).fit(new, Style::new());
                }
                (Some(old), None) => {
                    pen.put("- ", theme.state(State::Failed)).fit(old, theme.dim());
                }
                (None, None) => {}
            }
        }
        PlanRow::Told(true, text) => {
            pen.put(" ", theme.fault()).put("refused: ", theme.fault()).fit(text, Style::new());
        }
        PlanRow::Told(false, text) => {
            pen.put(" note: ", theme.state(State::Degraded)).fit(text, Style::new());
        }
        PlanRow::Below(text) => {
            pen.skip(4).fit(text, theme.dim());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{PlanId, PlanOffer};
    use crate::diag::Diagnostic;
    use crate::model::sample::noon;
    use crate::plan::{Change, Field, Plan, Thing, Unmade};
    use crate::view::screen::{drawn, screen};

    fn field(path: &str, old: Option<&str>, new: Option<&str>) -> Field {
        Field { path: path.to_owned(), old: old.map(str::to_owned), new: new.map(str::to_owned) }
    }

    fn change(kind: Thing, name: &str, effect: Effect, fields: Vec<Field>, tasks: Option<u64>) -> Change {
        Change { effect, fields, tasks, ..Change::none(kind, name) }
    }

    fn monitoring() -> Plan {
        Plan {
            labels: Vec::new(),
            stack: "monitoring".to_owned(),
            changes: vec![
                change(Thing::Config, "monitoring_rules", Effect::Create, Vec::new(), None),
                change(
                    Thing::Service,
                    "monitoring_prometheus",
                    Effect::Restart,
                    vec![
                        field(
                            "image",
                            Some("prom/prometheus:v2.53.0@sha256:9af1"),
                            Some("prom/prometheus:v2.54.1@sha256:77c0"),
                        ),
                        field("TaskTemplate.Resources.Limits.MemoryBytes", None, Some("134217728")),
                    ],
                    Some(1),
                ),
                change(
                    Thing::Service,
                    "monitoring_grafana",
                    Effect::InPlace,
                    vec![field("Labels.homepage.group", Some("Monitoring"), None)],
                    Some(1),
                ),
                Change::none(Thing::Service, "monitoring_loki"),
            ],
            faults: Vec::new(),
            unmade: vec![Unmade {
                kind: Thing::Config,
                name: "monitoring_targets".into(),
                by: "hooks.sh".into(),
                lacks: "its content is not known yet",
            }],
            warnings: Vec::new(),
            notes: vec![
                Diagnostic::new("depends_on of grafana is ignored by Swarm", "leave it out")
                    .at("stacks/platform/monitoring/compose.yaml:41:7"),
            ],
        }
    }

    fn showing(answer: Result<Plan, Vec<Diagnostic>>, size: (u16, u16)) -> PlanScreen {
        let mut screen = PlanScreen::new("monitoring".to_owned(), PlanId(1));
        screen.resize(size.0, size.1 - 1);
        screen.take(PlanId(1), answer.map(|plan| Box::new(PlanOffer { plan, ..PlanOffer::default() })));
        screen
    }

    fn show(view: &PlanScreen) -> impl FnOnce(Rect, &mut Buffer) {
        let view = view.clone();
        move |area, buf| plan(&view, &Cx { theme: Theme::default(), now: noon() }, area, buf)
    }

    #[test]
    fn a_plan_says_what_happens_in_its_order_and_what_differs() {
        let mut view = showing(Ok(monitoring()), (110, 14));
        insta::assert_snapshot!(screen((110, 14), show(&view)));
        view.fold();
        insta::assert_snapshot!(screen((60, 14), show(&view)));
    }

    #[test]
    fn faults_of_the_file_are_all_told_with_place_and_mend() {
        let faults = vec![
            Diagnostic::new("\"eighty\" is no port", "write a number from 1 to 65535")
                .at("compose.yaml:4:13")
                .because("invalid digit"),
            Diagnostic::new("service web has no image", "add  image:").at("compose.yaml:2:3"),
        ];
        insta::assert_snapshot!(screen((80, 10), show(&showing(Err(faults), (80, 10)))));
    }

    #[test]
    fn an_empty_plan_says_so() {
        let plan = Plan {
            stack: "monitoring".to_owned(),
            changes: vec![Change::none(Thing::Service, "x")],
            ..Plan::default()
        };
        insta::assert_snapshot!(screen((80, 4), show(&showing(Ok(plan), (80, 4)))));
    }

    #[test]
    fn no_size_breaks_it() {
        let mut view = showing(Ok(monitoring()), (80, 24));
        for wide in (0..120).step_by(3) {
            for high in 0..8 {
                view.resize(wide, high);
                drawn((wide, high), show(&view));
            }
        }
    }
}
