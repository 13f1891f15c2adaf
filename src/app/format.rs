//! Numbers, sizes and ages as short words. Shared by the screens and by the command line.

use jiff::{SignedDuration, Timestamp};
use unicode_width::UnicodeWidthStr;

/// How long ago, in at most four characters: `41s`, `2m`, `3h`, `9d`, `87w`.
#[must_use]
pub fn age(then: Timestamp, now: Timestamp) -> String {
    span(now.duration_since(then).as_secs())
}

/// A number of seconds, in at most four characters.
#[must_use]
pub fn span(seconds: i64) -> String {
    match seconds.max(0) {
        s if s < 60 => format!("{s}s"),
        s if s < 3_600 => format!("{}m", s / 60),
        s if s < 48 * 3_600 => format!("{}h", s / 3_600),
        s if s < 1_000 * 86_400 => format!("{}d", s / 86_400),
        s => format!("{}w", s / (7 * 86_400)),
    }
}

/// How long until an age reads differently than it does now.
#[must_use]
pub fn age_stays(then: Timestamp, now: Timestamp) -> SignedDuration {
    let old = now.duration_since(then);
    let unit = match old.as_secs() {
        s if s < 60 => 1,
        s if s < 3_600 => 60,
        s if s < 48 * 3_600 => 3_600,
        s if s < 1_000 * 86_400 => 86_400,
        _ => 7 * 86_400,
    };
    SignedDuration::from_secs((old.as_secs().max(0) / unit + 1) * unit) - old
}

/// A number of seconds with its second part, for what is watched: `48s`, `1m12`, `2h05`.
#[must_use]
pub fn lasting(seconds: i64) -> String {
    match seconds.max(0) {
        s if s < 60 => format!("{s}s"),
        s if s < 3_600 => format!("{}m{:02}", s / 60, s % 60),
        s => format!("{}h{:02}", s / 3_600, s % 3_600 / 60),
    }
}

/// Bytes with a binary unit: `512 MiB`, `7.7 GiB`.
#[must_use]
pub fn bytes(bytes: u64) -> String {
    crate::model::text::sized(bytes)
}

/// Billionths of a core as cores: `4`, `0.5`, `0.25`.
#[must_use]
pub fn cpus(nano: u64) -> String {
    let hundredths = nano.saturating_add(5_000_000) / 10_000_000;
    match (hundredths / 100, hundredths % 100) {
        (whole, 0) => format!("{whole}"),
        (whole, part) if part % 10 == 0 => format!("{whole}.{}", part / 10),
        (whole, part) => format!("{whole}.{part:02}"),
    }
}

/// Numbers as a line of so many bars, the newest at the right. The highest stands for the greatest of them, or for
/// `least` where all are smaller. Each bar shows the greatest of the numbers it stands for.
#[must_use]
pub fn spark(numbers: &[u64], bars: usize, least: u64) -> String {
    const SIGNS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let each = crate::model::READINGS.div_ceil(bars.max(1)).max(1);
    let whole = numbers.iter().copied().max().unwrap_or(0).max(least).max(1);
    let line: String = numbers
        .rchunks(each)
        .map(|chunk| {
            let most = chunk.iter().copied().max().unwrap_or(0);
            let level = usize::try_from(most.saturating_mul(7).div_ceil(whole)).unwrap_or(7);
            SIGNS.get(level).copied().unwrap_or('█')
        })
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect();
    let blank = bars.saturating_sub(line.chars().count());
    if numbers.is_empty() { String::new() } else { " ".repeat(blank) + &line }
}

/// How many of something, with the plural where it belongs: `1 task`, `3 tasks`.
#[must_use]
pub fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// How far something came that was stopped.
#[must_use]
pub fn steps_of(done: usize, left: usize) -> String {
    format!("{} done, {left} not done", count(done as u64, "step"))
}

/// The columns a text takes on a terminal.
#[must_use]
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// An image without its registry's noise: the last two parts of its name, and its tag.
#[must_use]
pub fn image(image: &str) -> &str {
    let name = image.split_once('@').map_or(image, |(name, _)| name);
    name.strip_prefix("docker.io/").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_takes_at_most_four_columns() {
        for (seconds, word) in
            [(-3, "0s"), (0, "0s"), (59, "59s"), (60, "1m"), (3_599, "59m"), (7_200, "2h"), (172_800, "2d")]
        {
            assert_eq!(span(seconds), word);
        }
        assert!((0..29).all(|power| span(1 << power).len() <= 4));
    }

    #[test]
    fn an_age_stays_until_it_reads_differently_and_no_longer() {
        let then = Timestamp::UNIX_EPOCH;
        let after = |old: SignedDuration| then.checked_add(old).unwrap();
        for seconds in [-5, 0, 1, 59, 60, 61, 3_599, 3_600, 172_799, 172_800, 86_399_999, 86_400_000, 200_000_000] {
            for old in [SignedDuration::from_secs(seconds), SignedDuration::from_millis(seconds * 1_000 + 700)] {
                let stays = age_stays(then, after(old));
                let just_before = old + stays - SignedDuration::from_nanos(1);
                assert_eq!(age(then, after(just_before)), age(then, after(old)), "{old:?}");
                assert_ne!(age(then, after(old + stays)), age(then, after(old)), "{old:?}");
            }
        }
    }

    #[test]
    fn sizes_are_short_and_right() {
        for (given, word) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1 KiB"),
            (64 << 20, "64 MiB"),
            (8 << 30, "8 GiB"),
            ((8 << 30) - (300 << 20), "7.7 GiB"),
            (u64::MAX, "1638 PiB"),
        ] {
            assert_eq!(bytes(given), word);
        }
        assert_eq!([cpus(0), cpus(500_000_000), cpus(250_000_000), cpus(4_000_000_000)], ["0", "0.5", "0.25", "4"]);
    }
}
