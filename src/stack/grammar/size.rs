//! Sizes such as `512m` or `1.5 GiB`, always in powers of 1024, as the docker CLI reads them.

/// Bytes of a size.
///
/// # Errors
/// With what is wrong with it.
#[expect(clippy::cast_possible_truncation, reason = "bytes below one are dropped, as the CLI drops them")]
pub fn parse(text: &str) -> Result<i64, String> {
    let invalid = || format!("{text:?} is no size");
    let end = text.rfind(|c: char| c.is_ascii_digit() || c == '.' || c == ' ').ok_or_else(invalid)?;
    let (head, tail) = text.split_at(end);
    let (number, suffix) = match tail.strip_prefix(' ') {
        Some(suffix) => (head.to_owned(), suffix),
        None => {
            let mut chars = tail.chars();
            let last = chars.next().unwrap_or_default();
            (format!("{head}{last}"), chars.as_str())
        }
    };
    let number = number.parse::<f64>().ok().filter(|number| number.is_finite()).ok_or_else(invalid)?;
    if number < 0.0 {
        return Err(format!("{text:?} is below zero"));
    }
    let size = number * unit(suffix).ok_or_else(|| format!("{text:?} ends in {suffix:?}, which is no unit"))?;
    // What does not fit becomes the lowest number, as it does in the CLI; the engine refuses it.
    Ok(if size >= 9_223_372_036_854_775_808.0 { i64::MIN } else { size as i64 })
}

fn unit(suffix: &str) -> Option<f64> {
    let suffix = suffix.to_ascii_lowercase();
    let mut chars = suffix.chars();
    let power = match chars.next() {
        None => return Some(1.0),
        Some('b') => return (suffix == "b").then_some(1.0),
        Some('k') => 1,
        Some('m') => 2,
        Some('g') => 3,
        Some('t') => 4,
        Some('p') => 5,
        Some(_) => return None,
    };
    matches!(chars.as_str(), "" | "b" | "ib").then(|| 1024_f64.powi(power))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_powers_of_1024() {
        for (text, bytes) in [
            ("0", 0),
            ("100", 100),
            ("100b", 100),
            ("512m", 512 << 20),
            ("512MiB", 512 << 20),
            ("512MB", 512 << 20),
            ("1.5 g", 1_610_612_736),
            ("2.7", 2),
            (".5k", 512),
            ("1e3", 1000),
            ("3P", 3 << 50),
            ("9999999p", i64::MIN),
        ] {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in ["", "m", "512Mi", "-1m", "1mm", "1 mib b", "1bb", "inf ", "1..5", "64 ki", "1x"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
