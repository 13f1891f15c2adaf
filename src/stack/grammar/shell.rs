//! Commands written as one line, split into words as the docker CLI splits them: quotes group, a backslash takes the
//! next character as it is (also between double quotes), `#` at the start of a word begins a comment. Nothing is
//! expanded. The `shlex` crate follows POSIX, where a backslash between double quotes escapes four characters only.

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Between,
    Word,
    Escaped,
    Double,
    DoubleEscaped,
    Single,
    Comment,
}

/// The words of a line.
///
/// # Errors
/// When a quote is not closed, or nothing follows a backslash.
pub fn split(text: &str) -> Result<Vec<String>, String> {
    let (mut words, mut word, mut state) = (Vec::new(), String::new(), State::Between);
    for c in text.chars() {
        state = match (state, c) {
            (State::Between | State::Word, '"') => State::Double,
            (State::Between | State::Word, '\'') => State::Single,
            (State::Between | State::Word, '\\') => State::Escaped,
            (State::Between, ' ' | '\t' | '\r' | '\n') => State::Between,
            (State::Between, '#') => State::Comment,
            (State::Word, ' ' | '\t' | '\r' | '\n') => {
                words.push(std::mem::take(&mut word));
                State::Between
            }
            (State::Double, '"') | (State::Single, '\'') => State::Word,
            (State::Double, '\\') => State::DoubleEscaped,
            (State::Comment, '\n') => State::Between,
            (State::Comment, _) => State::Comment,
            (state, c) => {
                word.push(c);
                match state {
                    State::Between | State::Word | State::Escaped => State::Word,
                    State::DoubleEscaped => State::Double,
                    other => other,
                }
            }
        };
    }
    match state {
        State::Between | State::Comment => {}
        State::Word => words.push(word),
        State::Escaped | State::DoubleEscaped => return Err("nothing follows its last backslash".to_owned()),
        State::Double | State::Single => return Err("a quote in it is not closed".to_owned()),
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_split_into_words() {
        for (text, words) in [
            ("", &[][..]),
            ("a b\tc\nd", &["a", "b", "c", "d"]),
            ("sh -c 'a  b'", &["sh", "-c", "a  b"]),
            (r#"a"b c"d"#, &["ab cd"]),
            (r#""a\nb\"c""#, &[r#"anb"c"#]),
            (r"'a\nb'", &[r"a\nb"]),
            (r"a\ b", &["a b"]),
            ("a # b\nc#d", &["a", "c#d"]),
            ("'' \"\"", &["", ""]),
            ("# only", &[]),
            ("ä=ö $x", &["ä=ö", "$x"]),
        ] {
            assert_eq!(split(text).unwrap(), words, "{text}");
        }
        for text in ["'", "a \"b", "a\\", "\"a\\"] {
            assert!(split(text).is_err(), "{text}");
        }
    }
}
