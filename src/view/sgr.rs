//! Colours in lines of a log: SGR sequences become styles. No other sequence and no control character gets through.

use ratatui::style::{Color, Modifier, Style};

use super::theme::Theme;

/// Text with the styles that begin in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inked {
    /// The text alone.
    pub text: String,
    /// From which byte on which style holds, in order; the first is at 0.
    pub styles: Vec<(usize, Style)>,
}

impl Inked {
    /// Reads a line. Without colours, only bold, dimmed, underlined and the like remain.
    pub fn read(line: &str, base: Style, theme: Theme) -> Self {
        let mut inked = Self { text: String::with_capacity(line.len()), styles: vec![(0, base)] };
        let mut style = base;
        for (at, part) in line.split('\u{1b}').enumerate() {
            let (sequence, rest) = if at == 0 { (None, part) } else { split(part) };
            if let Some(sequence) = sequence {
                style = apply(style, base, sequence, theme);
                inked.styles.push((inked.text.len(), style));
            }
            inked.text.extend(rest.chars().filter(|c| !c.is_control()));
        }
        inked
    }

    /// Lays a style over a range of bytes.
    pub fn over(&mut self, range: std::ops::Range<usize>, patch: Style) {
        let after = self.at(range.end);
        let before = self.at(range.start);
        let mut styles: Vec<(usize, Style)> = Vec::with_capacity(self.styles.len() + 2);
        styles.extend(self.styles.iter().filter(|(at, _)| *at < range.start));
        styles.push((range.start, before.patch(patch)));
        let within = self.styles.iter().filter(|(at, _)| *at > range.start && *at < range.end);
        styles.extend(within.map(|(at, style)| (*at, style.patch(patch))));
        styles.push((range.end, after));
        styles.extend(self.styles.iter().filter(|(at, _)| *at > range.end));
        self.styles = styles;
    }

    fn at(&self, byte: usize) -> Style {
        let next = self.styles.partition_point(|(at, _)| *at <= byte);
        next.checked_sub(1).and_then(|at| self.styles.get(at)).map_or_else(Style::default, |(_, style)| *style)
    }

    /// The pieces of one style each within a range of bytes.
    pub fn pieces(&self, range: std::ops::Range<usize>) -> impl Iterator<Item = (&str, Style)> {
        let ends = self.styles.iter().skip(1).map(|(at, _)| *at).chain(std::iter::once(self.text.len()));
        self.styles.iter().zip(ends).filter_map(move |((start, style), end)| {
            let piece = self.text.get((*start).max(range.start)..end.min(range.end))?;
            (!piece.is_empty()).then_some((piece, *style))
        })
    }
}

/// What stands between `[` and `m`, and what follows. Any other sequence loses its `ESC` only.
fn split(part: &str) -> (Option<&str>, &str) {
    let Some(body) = part.strip_prefix('[') else { return (None, part) };
    let end = body.find(|c: char| !c.is_ascii_digit() && c != ';' && c != ':').unwrap_or(body.len());
    match (body.get(..end), body.get(end..).and_then(|rest| rest.strip_prefix('m'))) {
        (Some(sequence), Some(rest)) => (Some(sequence), rest),
        _ => (None, part),
    }
}

fn apply(mut style: Style, base: Style, sequence: &str, theme: Theme) -> Style {
    let mut codes = sequence.split([';', ':']).map(|code| code.parse::<u8>().unwrap_or(0));
    while let Some(code) = codes.next() {
        style = match code {
            0 => base,
            1 => style.add_modifier(Modifier::BOLD),
            2 => style.add_modifier(Modifier::DIM),
            3 => style.add_modifier(Modifier::ITALIC),
            4 => style.add_modifier(Modifier::UNDERLINED),
            7 => style.add_modifier(Modifier::REVERSED),
            9 => style.add_modifier(Modifier::CROSSED_OUT),
            22 => style.remove_modifier(Modifier::BOLD | Modifier::DIM),
            23 => style.remove_modifier(Modifier::ITALIC),
            24 => style.remove_modifier(Modifier::UNDERLINED),
            27 => style.remove_modifier(Modifier::REVERSED),
            29 => style.remove_modifier(Modifier::CROSSED_OUT),
            30..=37 => paint(style, Some(basic(code - 30)), theme),
            38 => paint(style, extended(&mut codes), theme),
            39 => Style { fg: base.fg, ..style },
            40..=47 => ground(style, Some(basic(code - 40)), theme),
            48 => ground(style, extended(&mut codes), theme),
            49 => Style { bg: base.bg, ..style },
            90..=97 => paint(style, Some(bright(code - 90)), theme),
            100..=107 => ground(style, Some(bright(code - 100)), theme),
            _ => style,
        };
    }
    style
}

fn paint(style: Style, colour: Option<Color>, theme: Theme) -> Style {
    colour.filter(|_| theme.colour).map_or(style, |colour| style.fg(colour))
}

fn ground(style: Style, colour: Option<Color>, theme: Theme) -> Style {
    colour.filter(|_| theme.colour).map_or(style, |colour| style.bg(colour))
}

/// `5;n` of 256 colours, or `2;r;g;b`.
fn extended(codes: &mut impl Iterator<Item = u8>) -> Option<Color> {
    match codes.next()? {
        5 => codes.next().map(Color::Indexed),
        2 => Some(Color::Rgb(codes.next()?, codes.next()?, codes.next()?)),
        _ => None,
    }
}

fn basic(code: u8) -> Color {
    use Color::{Black, Blue, Cyan, Gray, Green, Magenta, Red, Yellow};
    [Black, Red, Green, Yellow, Blue, Magenta, Cyan].get(usize::from(code)).copied().unwrap_or(Gray)
}

fn bright(code: u8) -> Color {
    use Color::{DarkGray, LightBlue, LightCyan, LightGreen, LightMagenta, LightRed, LightYellow, White};
    let colours = [DarkGray, LightRed, LightGreen, LightYellow, LightBlue, LightMagenta, LightCyan];
    colours.get(usize::from(code)).copied().unwrap_or(White)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(line: &str) -> Vec<(String, Style)> {
        let inked = Inked::read(line, Style::new(), Theme::default());
        inked.pieces(0..inked.text.len()).map(|(text, style)| (text.to_owned(), style)).collect()
    }

    #[test]
    fn colours_become_styles() {
        let plain = Style::new();
        assert_eq!(
            read("a\x1b[1;31mb\x1b[0mc\x1b[38;5;208md\x1b[38;2;1;2;3me\x1b[mf"),
            [
                ("a".to_owned(), plain),
                ("b".to_owned(), plain.fg(Color::Red).add_modifier(Modifier::BOLD)),
                ("c".to_owned(), plain),
                ("d".to_owned(), plain.fg(Color::Indexed(208))),
                ("e".to_owned(), plain.fg(Color::Rgb(1, 2, 3))),
                ("f".to_owned(), plain),
            ]
        );
    }

    #[test]
    fn without_colour_only_weight_remains() {
        let theme = Theme { colour: false, ascii: false };
        let inked = Inked::read("\x1b[1;31;42mb", Style::new(), theme);
        assert_eq!(inked.pieces(0..1).next(), Some(("b", Style::new().add_modifier(Modifier::BOLD))));
    }

    #[test]
    fn what_was_found_is_laid_over_the_colours() {
        let mut inked = Inked::read("ab\x1b[31mcd", Style::new(), Theme::default());
        inked.over(1..3, Style::new().add_modifier(Modifier::UNDERLINED));
        let pieces: Vec<&str> = inked.pieces(0..4).map(|(text, _)| text).collect();
        assert_eq!(pieces, ["a", "b", "c", "d"]);
        assert_eq!(inked.pieces(2..3).next().map(|(_, style)| style.fg), Some(Some(Color::Red)));
    }

    proptest! {
        #[test]
        fn no_control_character_gets_through(line in "(\\PC|[\\x00-\\x1f]|\\x1b\\[[0-9;:]{0,9}[a-zA-Z]?){0,20}") {
            let inked = Inked::read(&line, Style::new(), Theme::default());
            prop_assert!(!inked.text.chars().any(char::is_control));
            let whole: String = inked.pieces(0..inked.text.len()).map(|(text, _)| text).collect();
            prop_assert_eq!(whole, inked.text);
        }
    }
}
