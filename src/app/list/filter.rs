//! The language of `/`: words that must all be found, `field:word`, and `!` for what must not be found.
//! A filter that cannot be read never empties the list: the last good one stays, and the fault is told.

use std::ops::Range;

use regex::{Regex, RegexBuilder};

/// The most memory that one pattern may take.
const PATTERN_LIMIT: usize = 1 << 20;

/// The fields that can be looked at alone.
pub const FIELDS: [&str; 8] = ["tier", "state", "node", "stack", "name", "image", "role", "service"];

#[derive(Debug, Clone)]
struct Term {
    inverted: bool,
    field: Option<&'static str>,
    pattern: Regex,
}

/// What is looked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    text: String,
    terms: Vec<Term>,
    fault: Option<String>,
}

impl Filter {
    /// Takes what was typed.
    pub fn set(&mut self, text: &str) {
        text.clone_into(&mut self.text);
        match text.split_whitespace().filter_map(|word| term(word).transpose()).collect() {
            Ok(terms) => (self.terms, self.fault) = (terms, None),
            Err(fault) => self.fault = Some(fault),
        }
    }

    /// What was typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Why it cannot be read, if so.
    #[must_use]
    pub fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }

    /// Everything passes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether something passes, given how to test any of its words and any value of one field.
    pub fn matches(
        &self,
        any_word: impl Fn(&dyn Fn(&str) -> bool) -> bool,
        any_value: impl Fn(&str, &dyn Fn(&str) -> bool) -> bool,
    ) -> bool {
        self.terms.iter().all(|term| {
            let test = |text: &str| term.pattern.is_match(text);
            let found = match term.field {
                None => any_word(&test),
                Some(field) => any_value(field, &test),
            };
            found != term.inverted
        })
    }

    /// Where in a text the words are found, in order, apart from each other.
    #[must_use]
    pub fn spans(&self, text: &str) -> Vec<Range<usize>> {
        let mut spans: Vec<Range<usize>> = self
            .terms
            .iter()
            .filter(|term| !term.inverted && term.field.is_none())
            .flat_map(|term| term.pattern.find_iter(text).map(|found| found.range()))
            .filter(|span| !span.is_empty())
            .collect();
        spans.sort_by_key(|span| (span.start, span.end));
        let mut end = 0;
        spans.retain_mut(|span| {
            span.start = span.start.max(end);
            end = end.max(span.end);
            span.start < span.end
        });
        spans
    }
}

fn term(word: &str) -> Result<Option<Term>, String> {
    let (inverted, word) = word.strip_prefix('!').map_or((false, word), |rest| (true, rest));
    let named = word.split_once(':').and_then(|(name, value)| {
        let name = name.to_ascii_lowercase();
        FIELDS.into_iter().find(|field| *field == name).map(|field| (field, value))
    });
    let (field, pattern) = named.map_or((None, word), |(field, value)| (Some(field), value));
    if pattern.is_empty() {
        return Ok(None);
    }
    let pattern = RegexBuilder::new(pattern)
        .case_insensitive(true)
        .size_limit(PATTERN_LIMIT)
        .build()
        .map_err(|error| reason(pattern, &error))?;
    Ok(Some(Term { inverted, field, pattern }))
}

/// The last line of a pattern's fault says what it is; the lines before draw it.
fn reason(pattern: &str, error: &regex::Error) -> String {
    let told = error.to_string();
    let last = told.lines().last().unwrap_or_default().trim_start_matches("error: ");
    format!("\"{pattern}\": {last}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(filter: &str, words: &[&str], fields: &[(&str, &str)]) -> bool {
        let mut parsed = Filter::default();
        parsed.set(filter);
        parsed.matches(
            |test| words.iter().any(|word| test(word)),
            |field, test| fields.iter().any(|(name, value)| *name == field && test(value)),
        )
    }

    #[test]
    fn all_words_must_be_found_and_none_that_is_inverted() {
        let words = ["media_Plex", "lorcha"];
        let fields = [("state", "degraded"), ("node", "lorcha")];
        for (filter, pass) in [
            ("", true),
            ("plex", true),
            ("plex lorcha", true),
            ("plex dhow", false),
            ("!dhow", true),
            ("!plex", false),
            ("pl.x", true),
            ("state:degraded", true),
            ("state:ready", false),
            ("!state:ready node:lor", true),
            ("state:", true),
            ("other:thing", false),
        ] {
            assert_eq!(passes(filter, &words, &fields), pass, "{filter:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_keeps_the_last_good_filter() {
        let mut filter = Filter::default();
        filter.set("plex");
        filter.set("plex(");
        assert!(filter.fault().is_some_and(|fault| fault.contains("unclosed group")));
        assert_eq!(filter.spans("a plex").first(), Some(&(2..6)));
    }

    #[test]
    fn found_places_never_overlap() {
        let mut filter = Filter::default();
        filter.set("ab bc a");
        assert_eq!(filter.spans("abc a"), [0..1, 1..2, 2..3, 4..5]);
    }
}
