//! Patterns of host names, as OpenSSH's files use them: `*`, `?`, lists, and `!` for all but.

/// A list that says yes, no, or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// A pattern matches.
    Yes,
    /// A pattern with `!` before it matches, whatever the others do.
    Not,
    /// None matches.
    Nothing,
}

/// Whether the whole text is what the pattern says. Both must be in the same case.
pub fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut seen) = (0, 0);
    // Where the last star stands, and how much of the text it has swallowed.
    let mut star = None;
    while seen < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(c) if *c == '?' || Some(c) == text.get(seen) => (at, seen) = (at + 1, seen + 1),
            _ => match star {
                Some((place, swallowed)) => {
                    star = Some((place, swallowed + 1));
                    (at, seen) = (place + 1, swallowed + 1);
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(at).all(|c| *c == '*')
}

/// What a list of patterns says of a name, without regard to case.
pub fn list<'a>(patterns: impl IntoIterator<Item = &'a str>, name: &str) -> Match {
    let name = name.to_lowercase();
    let mut found = Match::Nothing;
    for pattern in patterns {
        let (not, pattern) = match pattern.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, pattern),
        };
        if glob(&pattern.to_lowercase(), &name) {
            if not {
                return Match::Not;
            }
            found = Match::Yes;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_stand_for_what_they_should() {
        for (pattern, text, is) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abbcd", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*.example.test", "a.b.example.test", true),
            ("[192.0.2.*]:2222", "[192.0.2.1]:2222", true),
            ("*a*a*a*b", &"a".repeat(2000), false),
            ("", "a", false),
        ] {
            assert_eq!(glob(pattern, text), is, "{pattern}");
        }
    }

    #[test]
    fn a_negation_wins_over_every_other_pattern() {
        assert_eq!(list(["*", "!BARBARY"], "barbary"), Match::Not);
        assert_eq!(list(["!ching", "*"], "barbary"), Match::Yes);
        assert_eq!(list(["!ching"], "barbary"), Match::Nothing);
    }
}
