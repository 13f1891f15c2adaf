//! Unquoted dates. yaml.v3 makes points in time of them, and the docker CLI prints those in Go's words.

/// The words in which Go prints the date, if it is one.
pub fn read(text: &str) -> Option<String> {
    let mut rest = Rest(text);
    let year = rest.exactly(4)?;
    rest.sign('-')?;
    let month = rest.digits(2)?;
    rest.sign('-')?;
    let day = rest.digits(2)?;
    if !(1..=12).contains(&month) || day < 1 || day > days(year, month) {
        return None;
    }
    let date = Date { year, month, day };
    match rest.0.chars().next() {
        None => Some(date.words("00:00:00", 0)),
        Some(' ') => {
            rest.sign(' ')?;
            let clock = clock(&mut rest)?;
            rest.0.is_empty().then(|| date.words(&clock, 0))
        }
        Some('T' | 't') => {
            rest.0 = rest.0.get(1..)?;
            let clock = clock(&mut rest)?;
            let offset = zone(&mut rest)?;
            rest.0.is_empty().then(|| date.words(&clock, offset))
        }
        Some(_) => None,
    }
}

struct Date {
    year: u32,
    month: u32,
    day: u32,
}

impl Date {
    /// The offset counts minutes.
    fn words(&self, clock: &str, offset: i32) -> String {
        let Date { year, month, day } = self;
        if offset == 0 {
            return format!("{year:04}-{month:02}-{day:02} {clock} +0000 UTC");
        }
        let sign = if offset < 0 { '-' } else { '+' };
        let zone = format!("{sign}{:02}{:02}", offset.abs() / 60, offset.abs() % 60);
        format!("{year:04}-{month:02}-{day:02} {clock} {zone} {zone}")
    }
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Hours, minutes, seconds, and a fraction without its closing zeros.
fn clock(rest: &mut Rest<'_>) -> Option<String> {
    let hour = rest.digits(2)?;
    rest.sign(':')?;
    let minute = rest.digits(2)?;
    rest.sign(':')?;
    let second = rest.digits(2)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut words = format!("{hour:02}:{minute:02}:{second:02}");
    if let Some(fraction) = rest.0.strip_prefix(['.', ',']) {
        let count = fraction.bytes().take_while(u8::is_ascii_digit).count();
        let digits = fraction.get(..count)?;
        rest.0 = fraction.get(count..)?;
        if digits.is_empty() {
            return None;
        }
        let kept = digits.get(..digits.len().min(9))?.trim_end_matches('0');
        if !kept.is_empty() {
            words.push('.');
            words.push_str(kept);
        }
    }
    Some(words)
}

/// Minutes east of Greenwich.
fn zone(rest: &mut Rest<'_>) -> Option<i32> {
    if rest.sign('Z').is_some() {
        return Some(0);
    }
    let west = match rest.0.chars().next()? {
        '+' => false,
        '-' => true,
        _ => return None,
    };
    rest.0 = rest.0.get(1..)?;
    let hours = rest.exactly(2)?;
    rest.sign(':')?;
    let minutes = rest.exactly(2)?;
    if hours > 24 || minutes > 60 {
        return None;
    }
    let minutes = i32::try_from(hours * 60 + minutes).ok()?;
    Some(if west { -minutes } else { minutes })
}

struct Rest<'a>(&'a str);

impl Rest<'_> {
    fn sign(&mut self, sign: char) -> Option<()> {
        self.0 = self.0.strip_prefix(sign)?;
        Some(())
    }

    /// As many digits as there are, at least one and at most so many.
    fn digits(&mut self, most: usize) -> Option<u32> {
        let count = self.0.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let number = self.0.get(..count)?.parse().ok()?;
        self.0 = self.0.get(count..)?;
        Some(number)
    }

    fn exactly(&mut self, count: usize) -> Option<u32> {
        let digits = self.0.get(..count)?;
        if !digits.bytes().all(|c| c.is_ascii_digit()) {
            return None;
        }
        self.0 = self.0.get(count..)?;
        digits.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_told_in_the_words_of_go() {
        let table = [
            ("2024-01-02", "2024-01-02 00:00:00 +0000 UTC"),
            ("2024-1-2", "2024-01-02 00:00:00 +0000 UTC"),
            ("2024-02-29", "2024-02-29 00:00:00 +0000 UTC"),
            ("2024-01-02T03:04:05Z", "2024-01-02 03:04:05 +0000 UTC"),
            ("2024-01-02t3:4:5.500Z", "2024-01-02 03:04:05.5 +0000 UTC"),
            ("2024-01-02T03:04:05+02:00", "2024-01-02 03:04:05 +0200 +0200"),
            ("2024-01-02T03:04:05-09:30", "2024-01-02 03:04:05 -0930 -0930"),
            ("2024-01-02 03:04:05.123456789", "2024-01-02 03:04:05.123456789 +0000 UTC"),
        ];
        for (text, words) in table {
            assert_eq!(read(text).as_deref(), Some(words), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_left_alone() {
        for text in [
            "2024-13-01",
            "2023-02-29",
            "2024-01-32",
            "2024-01",
            "24-01-02",
            "2024-01-02T03:04:05",
            "2024-01-02 03:04",
            "2024-01-02 24:00:00",
            "2024-01-02x",
            "20240-1-2",
            "2024-01-02T03:04:05+0200",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
