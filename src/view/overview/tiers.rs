//! One row per tier: sign, word, how many stacks are ready, the stacks as chips, and the reason.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{Scene, take};
use crate::app::format::{age, width};
use crate::app::{Pane, Subject};
use crate::model::{State, TierHealth};
use crate::view::pen::{self, Pen};

/// Columns before the chips.
const HEAD: usize = 3 + 14 + 1 + 10 + 1 + 5 + 2;
/// The same where there is little room: no word, as the sign of each stack has its own.
const SHORT_HEAD: usize = 3 + 14 + 1 + 5 + 2;

/// The fewest rows it can be drawn in.
pub fn least(scene: &Scene<'_>) -> u16 {
    u16::try_from(scene.picture.tiers.len().max(1)).unwrap_or(u16::MAX).saturating_add(scene.title_rows())
}

/// The rows it likes to have.
pub fn full(scene: &Scene<'_>, columns: u16) -> u16 {
    let rows: usize = scene.picture.tiers.iter().map(|tier| rows_of(scene, tier, columns)).sum();
    u16::try_from(rows.max(1)).unwrap_or(u16::MAX).saturating_add(scene.title_rows())
}

fn rows_of(scene: &Scene<'_>, tier: &TierHealth, columns: u16) -> usize {
    let room = usize::from(columns).saturating_sub(head(columns) + 1);
    lines(&chips(scene, tier), room).len().max(1) + usize::from(reason(scene, tier).is_some())
}

/// What the tier waits for, as the queue says it; else why it is not well; else who deployed the stack under the cursor.
fn reason(scene: &Scene<'_>, tier: &TierHealth) -> Option<String> {
    let held_up = tier.stacks.iter().find_map(|stack| scene.board.holds_up(stack));
    held_up.or_else(|| tier.reason.clone()).or_else(|| {
        let at = |stack: &&String| scene.is_selected(Pane::Tiers, &Subject::Stack((*stack).clone()));
        record(scene, tier.stacks.iter().find(at)?)
    })
}

/// The last deploy from here of a stack, in a line.
fn record(scene: &Scene<'_>, stack: &str) -> Option<String> {
    let health = scene.picture.stack(stack)?;
    let services = health.services.iter().filter_map(|id| scene.picture.swarm.services.get(id));
    let record = services.filter_map(|service| service.deployed()).max()?;
    Some(format!("{stack}: deployed {} ago by {} from {}", age(record.at, scene.cx.now), record.by, record.from()))
}

fn head(columns: u16) -> usize {
    if columns >= 72 { HEAD } else { SHORT_HEAD }
}

/// Draws them.
pub fn draw(scene: &Scene<'_>, mut area: Rect, buf: &mut Buffer) {
    let theme = scene.cx.theme;
    if scene.titles {
        pen::title(buf, take(&mut area, 1), "tiers", theme);
    }
    let tiers = &scene.picture.tiers;
    if tiers.is_empty() {
        Pen::at(buf, area, 0).fit("   no stack is deployed, and no folder names one", theme.dim());
    }
    let mut spare = usize::from(area.height).saturating_sub(tiers.len());
    for tier in tiers.iter() {
        let wants = rows_of(scene, tier, area.width) - 1;
        let extra = wants.min(spare);
        spare -= extra;
        let rows = take(&mut area, u16::try_from(1 + extra).unwrap_or(1));
        draw_one(scene, tier, rows, buf);
    }
}

fn draw_one(scene: &Scene<'_>, tier: &TierHealth, area: Rect, buf: &mut Buffer) {
    let theme = scene.cx.theme;
    let style = theme.state(tier.state);
    let head = head(area.width);
    let total = format!("{}/{}", tier.ready, tier.stacks.len());
    let mut pen = Pen::at(buf, area, 0);
    pen.put(&format!(" {} ", theme.sign(tier.state)), style).column(tier.tier.name(), 14, theme.strong()).skip(1);
    if head == HEAD {
        pen.column(tier.state.word(), 10, style).skip(1);
    }
    pen.number(&total, 5, Style::new());

    let reason = reason(scene, tier);
    let mut room = usize::from(area.width).saturating_sub(head + 1);
    let mut chips = chips(scene, tier);
    let reason_rows = usize::from(reason.is_some() && area.height > 1);
    let chip_rows = usize::from(area.height) - reason_rows;
    if lines(&chips, room).len() > chip_rows {
        // Too little room for all: what is wrong comes first, what is selected even before.
        chips.sort_by_key(|chip| (!chip.selected, std::cmp::Reverse(chip.state)));
        room = room.saturating_sub(4);
    }
    let lines = lines(&chips, room);
    let shown: usize = lines.iter().take(chip_rows).map(Vec::len).sum();
    let mut row = 0;
    for line in lines.iter().take(chip_rows) {
        let mut pen = Pen::at(buf, area, row);
        pen.skip(head);
        for chip in line {
            let (name, sign) = match chip.selected {
                true => (theme.selected(), theme.state(chip.state).patch(theme.selected())),
                false => (Style::new(), theme.state(chip.state)),
            };
            pen.put(chip.name, name).put(&format!(" {}", theme.sign(chip.state)), sign).skip(2);
        }
        row += 1;
        if usize::from(row) == chip_rows.min(lines.len()) && shown < chips.len() {
            let more = format!("…{}", chips.len() - shown);
            pen.put(&more, theme.dim());
        } else if reason_rows == 0 && usize::from(row) == lines.len() && pen.left() > 24 {
            pen.fit(reason.as_deref().unwrap_or_default(), theme.dim());
        }
    }
    if reason_rows > 0 {
        Pen::at(buf, area, row).skip(5).fit(reason.as_deref().unwrap_or_default(), theme.dim());
    }
    if scene.is_selected(Pane::Tiers, &Subject::Tier(tier.tier.clone())) {
        pen::select(buf, Rect { height: 1, ..area }, 0, theme);
    }
}

/// A stack in a tier's row.
struct Chip<'a> {
    name: &'a str,
    state: State,
    selected: bool,
}

fn chips<'a>(scene: &'a Scene<'_>, tier: &'a TierHealth) -> Vec<Chip<'a>> {
    tier.stacks
        .iter()
        .map(|name| Chip {
            name: if name.is_empty() { "no stack" } else { name },
            state: scene.picture.stack(name).map_or(State::Unknown, |stack| stack.state),
            selected: scene.is_selected(Pane::Tiers, &Subject::Stack(name.clone())),
        })
        .collect()
}

/// Chips over lines of this width, with room for the number of those left out.
fn lines<'c, 'a>(chips: &'c [Chip<'a>], columns: usize) -> Vec<Vec<&'c Chip<'a>>> {
    let mut lines: Vec<Vec<&Chip<'_>>> = Vec::new();
    let mut used = 0;
    for chip in chips {
        let wide = width(chip.name) + 4;
        match lines.last_mut() {
            Some(line) if used + wide <= columns => line.push(chip),
            _ => {
                lines.push(vec![chip]);
                used = 0;
            }
        }
        used += wide;
    }
    lines
}
