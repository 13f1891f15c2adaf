//! Shares of processors such as `0.5`, exact to a billionth.

/// The finest part.
const NANO: i128 = 1_000_000_000;
/// More digits or a larger exponent is no number of processors.
const MOST: i32 = 27;

/// Billionths of a processor.
///
/// # Errors
/// With what is wrong with it.
#[expect(clippy::cast_possible_truncation, reason = "numbers beyond 64 bits wrap around, as they do in the CLI")]
pub fn parse(text: &str) -> Result<i64, String> {
    let (above, below) = ratio(text).ok_or_else(|| format!("{text:?} is no number"))?;
    let nanos = above.checked_mul(NANO).ok_or_else(|| format!("{text:?} is too large"))?;
    if below == 0 || nanos % below != 0 {
        return Err(format!("{text:?} is finer than a billionth"));
    }
    Ok((nanos / below) as i64)
}

/// A decimal number or a fraction `a/b`, as numerator and denominator.
fn ratio(text: &str) -> Option<(i128, i128)> {
    let (negative, body) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (above, below) = match body.split_once('/') {
        Some((above, below)) => (whole(above)?, whole(below).filter(|below| *below != 0)?),
        None => decimal(body)?,
    };
    Some((if negative { -above } else { above }, below))
}

/// Digits, with single underscores between them.
fn whole(text: &str) -> Option<i128> {
    let sound = text.starts_with(|c: char| c.is_ascii_digit()) && !text.ends_with('_') && !text.contains("__");
    let digits: String = text.chars().filter(|c| *c != '_').collect();
    if !sound || digits.len() > 30 {
        return None;
    }
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

fn decimal(text: &str) -> Option<(i128, i128)> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (front, back) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{front}{back}");
    let (digits, behind) = match back.is_empty() {
        true => (digits, 0),
        false => {
            let trimmed = digits.trim_end_matches('0').len().max(front.len());
            (digits.get(..trimmed)?.to_owned(), i32::try_from(trimmed - front.len()).ok()?)
        }
    };
    if front.is_empty() && back.is_empty() {
        return None;
    }
    let number = if digits.is_empty() { 0 } else { whole(&digits)? };
    let exponent = exponent.checked_sub(behind)?;
    if exponent.abs() > MOST {
        return None;
    }
    let power = 10_i128.checked_pow(exponent.unsigned_abs())?;
    if exponent >= 0 { Some((number.checked_mul(power)?, 1)) } else { Some((number, power)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processors_are_exact_to_a_billionth() {
        for (text, nanos) in [
            ("0.5", 500_000_000),
            ("2", 2_000_000_000),
            (".25", 250_000_000),
            ("1.", 1_000_000_000),
            ("1/4", 250_000_000),
            ("1e-9", 1),
            ("0.5000000000000", 500_000_000),
            ("-1", -1_000_000_000),
            ("1_0.5", 10_500_000_000),
        ] {
            assert_eq!(parse(text), Ok(nanos), "{text}");
        }
        for text in ["", ".", "a", "0.0000000001", "1/3", "1/0", "1 ", "1e", "0.5.1", "1__0", "--1"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
