//! Breaks text into rows of so many columns. Where it breaks is known here, so that scrolling needs no screen.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

use crate::model::text;

/// The text as it is shown: without colour sequences.
#[must_use]
pub fn plain(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return Cow::Borrowed(text);
    }
    if text.chars().any(char::is_control) { Cow::Owned(text::clean(text)) } else { Cow::Borrowed(text) }
}

/// Where each row begins, in bytes; always at least one row.
#[must_use]
pub fn rows(text: &str, columns: usize) -> Vec<usize> {
    let columns = columns.max(1);
    if text.is_ascii() {
        return (0..text.len().max(1)).step_by(columns).collect();
    }
    let mut starts = vec![0];
    let mut used = 0;
    for (at, c) in text.char_indices() {
        let wide = c.width().unwrap_or(0);
        if used + wide > columns && used > 0 {
            starts.push(at);
            used = 0;
        }
        used += wide;
    }
    starts
}

/// How many rows it takes.
#[must_use]
pub fn height(text: &str, columns: usize) -> usize {
    if text.is_ascii() { text.len().div_ceil(columns.max(1)).max(1) } else { rows(text, columns).len() }
}

/// The rows themselves, broken between words where that is possible.
#[must_use]
pub fn words(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let parts = rows(word, columns);
        for (at, start) in parts.iter().enumerate() {
            let part = word.get(*start..parts.get(at + 1).copied().unwrap_or(word.len())).unwrap_or_default();
            let wide = super::format::width(part);
            let blank = usize::from(used > 0 && at == 0);
            match lines.last_mut() {
                Some(line) if used == 0 || (at == 0 && used + blank + wide <= columns) => {
                    line.push_str(if blank > 0 { " " } else { "" });
                    line.push_str(part);
                    used += blank + wide;
                }
                _ => {
                    lines.push(part.to_owned());
                    used = wide;
                }
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rows_break_at_the_width() {
        assert_eq!(rows("", 5), [0]);
        assert_eq!(rows("abcde", 5), [0]);
        assert_eq!(rows("abcdef", 5), [0, 5]);
        assert_eq!(rows("日本語", 5), [0, 6]);
        assert_eq!(words("one two three", 7), ["one two", "three"]);
        assert_eq!(words("aaaaaaaaaa b", 4), ["aaaa", "aaaa", "aa b"]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_is_too_wide(text in "[a-z日é ]{0,60}", columns in 2usize..20) {
            let starts = rows(&text, columns);
            prop_assert_eq!(starts.len(), height(&text, columns));
            prop_assert!(starts.windows(2).all(|pair| crate::app::format::width(&text[pair[0]..pair[1]]) <= columns));
            let broken = words(&text, columns);
            prop_assert!(broken.iter().all(|line| crate::app::format::width(line) <= columns), "{:?}", broken);
            prop_assert_eq!(broken.concat().replace(' ', ""), text.replace(' ', ""));
        }
    }
}
