//! One line of an SSH config: a name and its words.

/// A line that says something.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    /// The option, in lower case.
    pub name: String,
    /// What follows it, quotes taken off.
    pub words: Vec<String>,
}

/// Reads a line; nothing if it says nothing.
pub fn parse(text: &str) -> Result<Option<Line>, String> {
    let text = text.trim();
    if text.is_empty() || text.starts_with('#') {
        return Ok(None);
    }
    let (name, rest) = match text.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').ok_or("a quote is not closed")?,
        None => {
            let end = text.find(|c: char| c.is_ascii_whitespace() || c == '=').unwrap_or(text.len());
            text.split_at(end)
        }
    };
    // One equals sign may stand in between.
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('=').unwrap_or(rest);
    let name = name.to_lowercase();
    // These take the rest of the line as it is.
    if matches!(name.as_str(), "proxycommand" | "localcommand" | "remotecommand" | "knownhostscommand") {
        return Ok(Some(Line { name, words: vec![rest.trim().to_owned()] }));
    }
    Ok(Some(Line { name, words: words(rest)? }))
}

fn words(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word = None::<String>;
    let mut quote = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match (c, quote) {
            ('\\', _)
                if rest
                    .peek()
                    .is_some_and(|next| matches!(next, '"' | '\'' | '\\') || (*next == ' ' && quote.is_none())) =>
            {
                word.get_or_insert_default().extend(rest.next());
            }
            (c, Some(open)) if c == open => quote = None,
            (c, Some(_)) => word.get_or_insert_default().push(c),
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (' ' | '\t', None) => words.extend(word.take()),
            ('#', None) if word.is_none() => break,
            (c, None) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err("a quote is not closed".to_owned());
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_in_all_the_ways_it_may_be_written() {
        for (text, name, words) in [
            ("  HostName  barbary ", "hostname", vec!["barbary"]),
            ("Port=22", "port", vec!["22"]),
            ("Port = 22", "port", vec!["22"]),
            ("IdentityFile \"~/a key\" # mine", "identityfile", vec!["~/a key"]),
            ("Host a 'b c' d\\ e", "host", vec!["a", "b c", "d e"]),
            ("Host a#b #c", "host", vec!["a#b"]),
            ("ProxyCommand ssh -W \"%h:%p\" a # b", "proxycommand", vec!["ssh -W \"%h:%p\" a # b"]),
        ] {
            let line = parse(text).unwrap().unwrap();
            assert_eq!(
                (line.name.as_str(), line.words),
                (name, words.into_iter().map(str::to_owned).collect()),
                "{text}"
            );
        }
        assert_eq!(parse("  # nothing"), Ok(None));
        assert!(parse("Host \"a").is_err());
    }
}
