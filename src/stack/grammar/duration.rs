//! Durations such as `1m30s`, as Go reads and prints them. It never guesses a missing unit.

const MOST: u64 = 1 << 63;

/// Nanoseconds of a duration.
///
/// # Errors
/// With what is wrong with it.
pub fn parse(text: &str) -> Result<i64, String> {
    let invalid = || format!("{text:?} is no duration");
    let (negative, body) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if body == "0" {
        return Ok(0);
    }
    let mut rest = body;
    let mut whole: u64 = 0;
    while !rest.is_empty() {
        let (part, after) = part(rest).ok_or_else(|| missing_unit(text, rest))?;
        whole = whole.checked_add(part).filter(|sum| *sum <= MOST).ok_or_else(|| format!("{text:?} is too long"))?;
        rest = after;
    }
    if body.is_empty() {
        return Err(invalid());
    }
    match (negative, i64::try_from(whole)) {
        (true, _) => Ok(0_i64.wrapping_sub_unsigned(whole)),
        (false, Ok(nanos)) => Ok(nanos),
        (false, Err(_)) => Err(format!("{text:?} is too long")),
    }
}

fn missing_unit(text: &str, rest: &str) -> String {
    let unit: String = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').chars().take(8).collect();
    if !rest.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        format!("{text:?} is no duration")
    } else if unit.is_empty() {
        format!("{text:?} has no unit")
    } else {
        format!("{text:?} has a unit that is not known: {unit}")
    }
}

/// One number with its unit, in nanoseconds, and what follows it.
fn part(text: &str) -> Option<(u64, &str)> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (whole, rest) = text.split_at(digits(text));
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(after) => after.split_at(digits(after)),
        None => ("", rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let letters = rest.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(letters);
    let unit: u64 = match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    };
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok().filter(|whole| *whole <= MOST)? };
    let mut nanos = whole.checked_mul(unit).filter(|nanos| *nanos <= MOST)?;
    if !fraction.is_empty() {
        nanos = nanos.checked_add(share(fraction, unit)).filter(|nanos| *nanos <= MOST)?;
    }
    Some((nanos, rest))
}

/// `0.fraction` of a unit; digits beyond what matters are dropped, as Go drops them.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "Go computes this in floating point, and so must we to get the same nanosecond"
)]
fn share(fraction: &str, unit: u64) -> u64 {
    let (mut value, mut scale) = (0_u64, 1_f64);
    for digit in fraction.bytes().map(|byte| u64::from(byte - b'0')) {
        match value.checked_mul(10).and_then(|value| value.checked_add(digit)).filter(|value| *value < MOST) {
            Some(next) => value = next,
            None => break,
        }
        scale *= 10.0;
    }
    (value as f64 * (unit as f64 / scale)) as u64
}

/// A duration in Go's words: `1m30s`, `500ms`, `0s`.
#[must_use]
pub fn show(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let all = nanos.unsigned_abs();
    let below = |unit: u64, name: &str| format!("{sign}{}{name}", decimal(all, unit));
    match all {
        0 => "0s".to_owned(),
        1..1_000 => below(1, "ns"),
        1_000..1_000_000 => below(1_000, "µs"),
        1_000_000..1_000_000_000 => below(1_000_000, "ms"),
        _ => {
            let (minutes, nanos) = (all / 60_000_000_000, all % 60_000_000_000);
            let seconds = format!("{}s", decimal(nanos, 1_000_000_000));
            match (minutes / 60, minutes % 60) {
                (0, 0) => format!("{sign}{seconds}"),
                (0, minutes) => format!("{sign}{minutes}m{seconds}"),
                (hours, minutes) => format!("{sign}{hours}h{minutes}m{seconds}"),
            }
        }
    }
}

fn decimal(value: u64, unit: u64) -> String {
    let (whole, rest) = (value / unit, value % unit);
    if rest == 0 {
        return whole.to_string();
    }
    let width = unit.ilog10() as usize;
    format!("{whole}.{}", format!("{rest:0width$}").trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        for (text, nanos) in [
            ("0", 0),
            ("0s", 0),
            ("1m30s", 90_000_000_000),
            ("1.5h", 5_400_000_000_000),
            (".5s", 500_000_000),
            ("1.s", 1_000_000_000),
            ("-2ms", -2_000_000),
            ("+3us", 3_000),
            ("3µs", 3_000),
            ("1h1ns", 3_600_000_000_001),
        ] {
            assert_eq!(parse(text), Ok(nanos), "{text}");
        }
        for text in ["", "30", "1d", "s", ".s", "1 s", "1s ", "-", "9999999999h", "1s2"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_printed_is_read_back(nanos: i64) {
            proptest::prop_assert_eq!(parse(&show(nanos)), Ok(nanos));
        }

        #[test]
        fn any_text_is_read_or_refused(text: String) {
            let _ = parse(&text);
            let _ = super::super::size::parse(&text);
            let _ = super::super::cpus::parse(&text);
        }
    }

    #[test]
    fn durations_are_printed_as_go_prints_them() {
        for (nanos, text) in [
            (0, "0s"),
            (90_000_000_000, "1m30s"),
            (3_600_000_000_000, "1h0m0s"),
            (1_500_000, "1.5ms"),
            (-1_000, "-1µs"),
            (7, "7ns"),
            (60_000_000_500, "1m0.0000005s"),
        ] {
            assert_eq!(show(nanos), text);
            assert_eq!(parse(text), Ok(nanos));
        }
    }
}
