//! A pen that writes one row from left to right and never leaves it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::theme::Theme;
use crate::app::format::width;

/// Writes into one row of an area.
pub struct Pen<'a> {
    buf: &'a mut Buffer,
    x: u16,
    y: u16,
    end: u16,
}

impl<'a> Pen<'a> {
    /// At the left of a row of the area. Outside of it, nothing is written.
    pub fn at(buf: &'a mut Buffer, area: Rect, row: u16) -> Self {
        let y = area.y.saturating_add(row);
        let seen = area.intersection(buf.area);
        let end = if row < area.height && y < seen.bottom() { seen.right() } else { 0 };
        Self { buf, x: area.x, y, end }
    }

    /// Columns left.
    pub fn left(&self) -> usize {
        usize::from(self.end.saturating_sub(self.x))
    }

    /// Writes text, cut where the row ends.
    pub fn put(&mut self, text: &str, style: Style) -> &mut Self {
        if self.left() > 0 {
            let (x, _) = self.buf.set_stringn(self.x, self.y, text, self.left(), style);
            self.x = x;
        }
        self
    }

    /// Writes text, cut with `…` if it is too long for what is left.
    pub fn fit(&mut self, text: &str, style: Style) -> &mut Self {
        let text = cut(text, self.left());
        self.put(&text, style)
    }

    /// Writes text into a column of this width: cut with `…`, or filled up.
    pub fn column(&mut self, text: &str, columns: usize, style: Style) -> &mut Self {
        let text = cut(text, columns.min(self.left()));
        let rest = columns.saturating_sub(width(&text));
        self.put(&text, style).skip(rest)
    }

    /// Writes text to the right edge of a column of this width.
    pub fn number(&mut self, text: &str, columns: usize, style: Style) -> &mut Self {
        self.skip(columns.saturating_sub(width(text))).put(text, style)
    }

    /// Leaves columns as they are.
    pub fn skip(&mut self, columns: usize) -> &mut Self {
        let columns = u16::try_from(columns).unwrap_or(u16::MAX);
        self.x = self.x.saturating_add(columns).min(self.end.max(self.x));
        self
    }

    /// Goes to where only this many columns are left, unless that is behind.
    pub fn last(&mut self, columns: usize) -> &mut Self {
        let columns = u16::try_from(columns).unwrap_or(u16::MAX);
        self.x = self.end.saturating_sub(columns).max(self.x);
        self
    }

    /// Draws a line to the end of the row.
    pub fn rule(&mut self, theme: Theme) -> &mut Self {
        let line = theme.line().repeat(self.left());
        self.put(&line, theme.rule())
    }
}

/// A title over a pane: ` title ─────`.
pub fn title(buf: &mut Buffer, area: Rect, text: &str, theme: Theme) {
    Pen::at(buf, area, 0).put(" ", theme.rule()).put(text, theme.strong()).put(" ", theme.rule()).rule(theme);
}

/// The text, cut with `…` at this many columns.
pub fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut cut = String::new();
    let mut used = 0;
    for c in text.chars() {
        let mut bytes = [0; 4];
        used += width(c.encode_utf8(&mut bytes));
        if used >= columns {
            break;
        }
        cut.push(c);
    }
    if columns > 0 {
        cut.push('…');
    }
    cut
}

/// The end of the text, cut with `…` before it at this many columns: of a place the end says more.
pub fn cut_front(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let back: String = text.chars().rev().collect();
    cut(&back, columns).chars().rev().collect()
}

/// Reverses a whole row of the area: the cursor is here.
pub fn select(buf: &mut Buffer, area: Rect, row: u16, theme: Theme) {
    if row < area.height {
        let row = Rect { y: area.y + row, height: 1, ..area };
        buf.set_style(row.intersection(buf.area), theme.selected());
    }
}

/// Dims all of it: this is how it was.
pub fn dim(buf: &mut Buffer, area: Rect) {
    buf.set_style(area.intersection(buf.area), Style::new().add_modifier(Modifier::DIM));
}

/// Where only ASCII can be shown, replaces the marks that have a plain form.
pub fn plain(buf: &mut Buffer, area: Rect, theme: Theme) {
    if !theme.ascii {
        return;
    }
    for position in area.intersection(buf.area).positions() {
        let Some(cell) = buf.cell_mut(position) else { continue };
        let plain = match cell.symbol() {
            "…" => "~",
            "·" | "–" | "—" | "•" => "-",
            "×" => "x",
            "→" => ">",
            "⏎" => "<",
            "≥" => ">",
            "▁" => "_",
            "▂" => ".",
            "▃" => ",",
            "▄" => "-",
            "▅" => "=",
            "▆" => "+",
            "▇" => "*",
            "█" => "#",
            _ => continue,
        };
        cell.set_symbol(plain);
    }
}

/// A gauge of this many cells, to the nearest one. Anything above nothing shows a cell, and only all of it shows all.
pub fn gauge(theme: Theme, part: u64, whole: u64, cells: usize) -> String {
    let (full, empty) = theme.gauge();
    let cells_wide = u64::try_from(cells).unwrap_or(0);
    let nearest = part.saturating_mul(cells_wide).saturating_add(whole / 2).checked_div(whole).unwrap_or(0);
    let most = if part >= whole { cells_wide } else { cells_wide.saturating_sub(1) };
    let filled = nearest.min(most).max(u64::from(part > 0)).min(cells_wide);
    let filled = usize::try_from(filled).unwrap_or(cells).min(cells);
    full.repeat(filled) + &empty.repeat(cells - filled)
}
