//! Text that came from elsewhere, made safe for a terminal.

/// The longest line that is kept whole, in bytes.
pub const LINE_LIMIT: usize = 64 * 1024;

/// The text without any control character or sequence; tabs become spaces.
#[must_use]
pub fn clean(text: &str) -> String {
    strip(text, false)
}

/// The same, but colours (SGR sequences, `ESC [ … m`) stay.
#[must_use]
pub fn clean_but_colours(text: &str) -> String {
    strip(text, true)
}

/// The text cut at [`LINE_LIMIT`], with a word on what is missing.
#[must_use]
pub fn cut(text: &str) -> String {
    if text.len() <= LINE_LIMIT {
        return text.to_owned();
    }
    let end = (0..=LINE_LIMIT).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let head = text.get(..end).unwrap_or_default();
    format!("{head} … {} more bytes not shown", text.len() - end)
}

/// `1 task`, `2 tasks`.
#[must_use]
pub fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// Bytes with a binary unit: `512 MiB`, `7.7 GiB`.
#[must_use]
pub fn sized(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut tenths = bytes.saturating_mul(10) / 1024;
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut units = UNITS.iter();
    let mut unit = units.next().copied().unwrap_or_default();
    for next in units {
        if tenths < 10_240 {
            break;
        }
        tenths /= 1024;
        unit = next;
    }
    if tenths < 100 && !tenths.is_multiple_of(10) {
        format!("{}.{} {unit}", tenths / 10, tenths % 10)
    } else {
        format!("{} {unit}", tenths / 10)
    }
}

fn strip(text: &str, keep_colours: bool) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (taken, shown) = match c {
            '\u{1b}' => escape(rest, keep_colours),
            '\u{9b}' => (c.len_utf8() + csi_end(rest.get(c.len_utf8()..).unwrap_or_default()), None),
            '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => {
                (c.len_utf8() + string_end(rest.get(c.len_utf8()..).unwrap_or_default()), None)
            }
            '\t' => (1, Some("    ")),
            // Marks that turn the writing direction could make a line read as what it is not.
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => (c.len_utf8(), None),
            c if c.is_control() => (c.len_utf8(), None),
            c => (c.len_utf8(), rest.get(..c.len_utf8())),
        };
        clean.push_str(shown.unwrap_or_default());
        rest = rest.get(taken..).unwrap_or_default();
    }
    clean
}

/// Length of the escape sequence at the start, and the sequence itself if it may stay.
fn escape(rest: &str, keep_colours: bool) -> (usize, Option<&str>) {
    let after = rest.get(1..).unwrap_or_default();
    match after.chars().next() {
        Some('[') => {
            let body = after.get(1..).unwrap_or_default();
            let length = 2 + csi_end(body);
            let whole = rest.get(..length).unwrap_or(rest);
            let plain = whole.get(2..whole.len().saturating_sub(1)).unwrap_or_default();
            let is_colour = whole.ends_with('m') && plain.chars().all(|c| c.is_ascii_digit() || c == ';' || c == ':');
            (length, (keep_colours && is_colour).then_some(whole))
        }
        Some(']' | 'P' | 'X' | '^' | '_') => (2 + string_end(after.get(1..).unwrap_or_default()), None),
        Some(c) if (' '..='/').contains(&c) => (rest.char_indices().nth(3).map_or(rest.len(), |(at, _)| at), None),
        Some(c) if c.is_ascii() && !c.is_control() => (2, None),
        _ => (1, None),
    }
}

/// Length up to and with the final byte of a control sequence.
fn csi_end(body: &str) -> usize {
    for (at, c) in body.char_indices() {
        if ('@'..='~').contains(&c) {
            return at + 1;
        }
        if !(' '..='?').contains(&c) {
            return at;
        }
    }
    body.len()
}

/// Length up to and with the terminator of a control string: BEL, ST, or nothing.
fn string_end(body: &str) -> usize {
    for (at, c) in body.char_indices() {
        match c {
            '\u{7}' => return at + 1,
            '\u{9c}' => return at + c.len_utf8(),
            '\u{1b}' => return at + if body.get(at + 1..).is_some_and(|next| next.starts_with('\\')) { 2 } else { 0 },
            _ => {}
        }
    }
    body.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ESC: char = '\u{1b}';

    #[test]
    fn sequences_go_and_words_stay() {
        for (given, left) in [
            ("plain", "plain"),
            ("a\x1b[2Jb", "ab"),
            ("a\x1b[31mred\x1b[0m", "ared"),
            ("\x1b]0;title\x07after", "after"),
            ("\x1b]52;c;aGk=\x1b\\after", "after"),
            ("\x1bPq#0\x1b\\x", "x"),
            ("\x1b(Bx", "x"),
            ("\x1bcx", "x"),
            ("a\rb\x08c\x07", "abc"),
            ("a\tb", "a    b"),
            ("\u{9b}31mx", "x"),
            ("user\u{202e}gpj.exe", "usergpj.exe"),
            ("half \x1b[3", "half "),
            ("half \x1b", "half "),
            ("é\x1b[1mü", "éü"),
        ] {
            assert_eq!(clean(given), left, "{given:?}");
        }
    }

    #[test]
    fn colours_stay_where_they_may() {
        assert_eq!(clean_but_colours("\x1b[1;31mred\x1b[0m\x1b[2J\x1b[?25l"), "\x1b[1;31mred\x1b[0m");
        assert_eq!(clean_but_colours("\x1b[>4;2m"), "");
    }

    #[test]
    fn a_huge_line_is_cut_and_says_so() {
        let line = "ä".repeat(5 << 20);
        let short = cut(&line);
        assert!(short.len() < LINE_LIMIT + 64);
        assert!(short.ends_with("more bytes not shown"));
    }

    proptest! {
        #[test]
        fn nothing_that_controls_a_terminal_gets_through(text in "(\\PC|[\\x00-\\x1f\\x7f-\\u{9f}]|\\x1b[\\[\\]P_^X(0-9;?a-zA-Z]){0,40}") {
            prop_assert!(clean(&text).chars().all(|c| !c.is_control()));
            let coloured = clean_but_colours(&text);
            for part in coloured.split(ESC).skip(1) {
                let end = part.find('m');
                prop_assert!(part.starts_with('[') && end.is_some(), "{:?}", coloured);
            }
            prop_assert!(coloured.chars().all(|c| c == ESC || !c.is_control()));
        }
    }
}
