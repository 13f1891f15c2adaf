//! Files of variables, one `NAME=value` a line. Nothing is quoted, replaced or cut off behind the `=`: what stands
//! there is the value.

use std::collections::BTreeMap;

/// The CLI's longest line.
const LONGEST: usize = 64 << 10;

/// Names and values in order. A name without `=` takes its value from the environment, and is left out if unset.
///
/// # Errors
/// With the number of the line and what is wrong with it.
pub fn parse(bytes: &[u8], environment: &BTreeMap<String, String>) -> Result<Vec<(String, String)>, (u32, String)> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut found = Vec::new();
    for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.len() >= LONGEST {
            return Err((number, format!("it is longer than {LONGEST} bytes")));
        }
        let line = std::str::from_utf8(line).map_err(|_| (number, "it is no UTF-8".to_owned()))?;
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = match line.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (line, None),
        };
        if name.is_empty() {
            return Err((number, "nothing stands before the `=`".to_owned()));
        }
        if name.contains([' ', '\t']) {
            return Err((number, format!("the name {name:?} has a space in it")));
        }
        if let Some(value) = value.or_else(|| environment.get(name).map(String::as_str)) {
            found.push((name.to_owned(), value.to_owned()));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Result<Vec<(String, String)>, (u32, String)> {
        parse(text, &BTreeMap::from([("HERE".to_owned(), "x y".to_owned())]))
    }

    #[test]
    fn what_stands_behind_the_sign_is_the_value() {
        let text = b"\xEF\xBB\xBFA=1\r\n\n  # no\n  B= \"q\" # c \nHERE\nGONE\nC==\nD=$A\n\tE=";
        let pairs = [("A", "1"), ("B", " \"q\" # c "), ("HERE", "x y"), ("C", "="), ("D", "$A"), ("E", "")];
        assert_eq!(read(text).unwrap(), pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn a_line_that_is_no_variable_is_named() {
        assert_eq!(read(b"A=1\nexport B=2").unwrap_err().0, 2);
        assert_eq!(read(b"=x").unwrap_err().0, 1);
        assert_eq!(read(b"\n\nA=\xFF").unwrap_err().0, 3);
        let long = [vec![b'a'; LONGEST], b"=1".to_vec()].concat();
        assert!(read(&long).is_err());
    }
}
