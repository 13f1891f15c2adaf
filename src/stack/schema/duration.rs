//! Whether Go reads a text as a duration.

/// The units, with how many nanoseconds they have.
const UNITS: &[(&str, u64)] = &[
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Whether this is a duration: numbers with units, or a lone 0, with a sign before all of it, up to 292 years.
#[must_use]
pub fn is_duration(text: &str) -> bool {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return true;
    }
    if rest.is_empty() {
        return false;
    }
    let most = if negative { 1 << 63 } else { (1 << 63) - 1 };
    let mut sum: u64 = 0;
    while !rest.is_empty() {
        let Some((part, left)) = part(rest) else { return false };
        match sum.checked_add(part) {
            Some(added) if added <= 1 << 63 => sum = added,
            _ => return false,
        }
        rest = left;
    }
    sum <= most
}

/// A number with its unit in nanoseconds, and the rest.
fn part(text: &str) -> Option<(u64, &str)> {
    let (whole, rest) = digits(text);
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => digits(rest),
        None => ("", rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let end = rest.find(|sign: char| sign == '.' || sign.is_ascii_digit()).unwrap_or(rest.len());
    let (unit, left) = rest.split_at_checked(end)?;
    let unit = UNITS.iter().find(|(name, _)| *name == unit)?.1;
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let nanos = whole.checked_mul(unit).filter(|nanos| *nanos <= 1 << 63)?;
    let fraction = format!("0.{fraction}").parse::<f64>().ok()? * unit as f64;
    Some((nanos.checked_add(fraction as u64)?, left))
}

fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_what_go_takes() {
        for text in [
            "0",
            "-0",
            "1s",
            "+1s",
            "-1s",
            "1h1m1.5s",
            "1µs",
            ".5s",
            "1.s",
            "300000h",
            "9223372036854775807ns",
            "-9223372036854775808ns",
        ] {
            assert!(is_duration(text), "{text}");
        }
        for text in [
            "",
            "10",
            "1d",
            "1S",
            "1 s",
            ".s",
            "-",
            "s",
            "1",
            "0.",
            "9223372036854775808ns",
            "9223372036854775807ns1ns",
            "1s2",
        ] {
            assert!(!is_duration(text), "{text}");
        }
    }
}
