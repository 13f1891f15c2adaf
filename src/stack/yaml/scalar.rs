//! What a scalar means, decided as yaml.v3 decides it for the docker CLI: YAML 1.2's words for truth and nothing,
//! YAML 1.1's octal numbers and dates, and no numbers to the base of sixty.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::time;
use crate::stack::tree::Value;

/// The meaning of a scalar, or the words of what is wrong with it.
pub fn resolve(text: &str, plain: bool, tag: Option<&str>) -> Result<Value, String> {
    match tag {
        None if plain => Ok(guess(text, true)),
        None | Some("!!str") => Ok(Value::Text(text.to_owned())),
        Some("!!binary") => binary(text),
        Some("!!null" | "!!bool" | "!!int" | "!!float" | "!!timestamp") => tagged(text, tag.unwrap_or_default()),
        Some(_) => Ok(Value::Text(text.to_owned())),
    }
}

fn binary(text: &str) -> Result<Value, String> {
    let packed: String = text.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
    let bytes = STANDARD.decode(packed).map_err(|_| "the text after !!binary is not base64".to_owned())?;
    String::from_utf8(bytes).map(Value::Text).map_err(|_| "the bytes after !!binary are not text".to_owned())
}

fn tagged(text: &str, tag: &str) -> Result<Value, String> {
    let value = guess(text, tag == "!!timestamp");
    match (tag, value) {
        ("!!float", Value::Int(number)) => Ok(Value::Float(number as f64)),
        ("!!null", value @ Value::Null)
        | ("!!bool", value @ Value::Bool(_))
        | ("!!int", value @ (Value::Int(_) | Value::Big(_)))
        | ("!!float", value @ Value::Float(_))
        | ("!!timestamp", value @ Value::Time(_)) => Ok(value),
        (tag, _) => Err(format!("`{text}` is not what the tag {tag} says")),
    }
}

fn guess(text: &str, dates: bool) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Value::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Value::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Value::Float(f64::NEG_INFINITY),
        _ => {}
    }
    let found = match text.as_bytes().first() {
        Some(b'.') => float(text),
        Some(b'0'..=b'9' | b'+' | b'-') => number(text, dates),
        _ => None,
    };
    found.unwrap_or_else(|| Value::Text(text.to_owned()))
}

fn number(text: &str, dates: bool) -> Option<Value> {
    if dates && let Some(words) = time::read(text) {
        return Some(Value::Time(words));
    }
    let digits = text.replace('_', "");
    whole(&digits).or_else(|| if looks_like_a_float(&digits) { float(&digits) } else { None })
}

/// Decimal, `0x`, `0o`, `0b`, and octal for every other leading zero.
fn whole(digits: &str) -> Option<Value> {
    let (sign, rest) = match digits.as_bytes().first()? {
        b'-' => (Some(true), digits.get(1..)?),
        b'+' => (Some(false), digits.get(1..)?),
        _ => (None, digits),
    };
    let (base, body) = match rest.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, rest.get(2..)?),
        [b'0', b'o' | b'O', ..] => (8, rest.get(2..)?),
        [b'0', b'b' | b'B', ..] => (2, rest.get(2..)?),
        [b'0', _, ..] => (8, rest.get(1..)?),
        _ => (10, rest),
    };
    if body.is_empty() || !body.bytes().all(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let size = i128::from(u64::from_str_radix(body, base).ok()?);
    let number = if sign == Some(true) { -size } else { size };
    match i64::try_from(number) {
        Ok(number) => Some(Value::Int(number)),
        Err(_) if sign.is_none() => u64::try_from(number).ok().map(Value::Big),
        Err(_) => None,
    }
}

fn float(text: &str) -> Option<Value> {
    text.parse::<f64>().ok().filter(|number| number.is_finite()).map(Value::Float)
}

/// A sign, digits with at most one point, and an exponent; a point needs a digit on one side.
fn looks_like_a_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|c| c.is_ascii_digit());
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    digits(before)
        && digits(after)
        && !(before.is_empty() && after.is_empty())
        && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Value {
        resolve(text, true, None).unwrap()
    }

    #[test]
    fn only_the_words_of_yaml_1_2_are_true_false_or_nothing() {
        for word in ["true", "True", "TRUE"] {
            assert_eq!(plain(word), Value::Bool(true), "{word}");
        }
        for word in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(plain(word), Value::Null, "{word}");
        }
        for word in ["yes", "no", "on", "off", "y", "n", "tRUE", "nULL", "22:22", "1:30:00", "none", "<<", "="] {
            assert_eq!(plain(word), Value::Text(word.into()), "{word}");
        }
    }

    #[test]
    fn whole_numbers_are_read_in_every_base() {
        let table: &[(&str, i64)] = &[
            ("0", 0),
            ("-0", 0),
            ("017", 15),
            ("0444", 292),
            ("0o444", 292),
            ("0x1F", 31),
            ("-0x1f", -31),
            ("0b101", 5),
            ("1_000", 1000),
            ("+12", 12),
            ("-9223372036854775808", i64::MIN),
        ];
        for (text, number) in table {
            assert_eq!(plain(text), Value::Int(*number), "{text}");
        }
        assert_eq!(plain("18446744073709551615"), Value::Big(u64::MAX));
        assert_eq!(plain("18446744073709551616"), Value::Float(18446744073709551616.0));
        assert_eq!(plain("+9223372036854775808"), Value::Float(9223372036854775808.0));
    }

    #[test]
    fn what_only_looks_like_a_number_stays_text() {
        for text in ["0x", "0o8", "0b2", "1.2.3", "1e", "1e400", "-", "+", ".", "..5", "1-2", "0x1p2", "_1", "1a"] {
            assert_eq!(plain(text), Value::Text(text.into()), "{text}");
        }
    }

    #[test]
    fn floats_are_those_that_yaml_writes() {
        let table =
            [("1.0", 1.0), ("1e6", 1e6), (".5", 0.5), ("5.", 5.0), ("-1.5e-3", -0.0015), ("08", 8.0), ("1_0.5", 10.5)];
        for (text, number) in table {
            assert_eq!(plain(text), Value::Float(number), "{text}");
        }
        assert_eq!(plain("-.INF"), Value::Float(f64::NEG_INFINITY));
    }

    #[test]
    fn quotes_make_text_and_tags_decide() {
        assert_eq!(resolve("12", false, None), Ok(Value::Text("12".into())));
        assert_eq!(resolve("12", true, Some("!!str")), Ok(Value::Text("12".into())));
        assert_eq!(resolve("12", true, Some("!own")), Ok(Value::Text("12".into())));
        assert_eq!(resolve("12", false, Some("!!int")), Ok(Value::Int(12)));
        assert_eq!(resolve("1", true, Some("!!float")), Ok(Value::Float(1.0)));
        assert_eq!(resolve("aGk=", true, Some("!!binary")), Ok(Value::Text("hi".into())));
        assert_eq!(
            resolve("2024-01-02", false, Some("!!timestamp")),
            Ok(Value::Time("2024-01-02 00:00:00 +0000 UTC".into()))
        );
        for (text, tag) in [("a", "!!int"), ("yes", "!!bool"), ("1.0", "!!int"), ("a", "!!null"), ("%", "!!binary")] {
            assert!(resolve(text, true, Some(tag)).is_err(), "{tag} {text}");
        }
    }
}
