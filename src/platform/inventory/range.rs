//! Names with ranges in them, such as `node[01:03]`, written out.

/// More names than this from one line are a slip of the fingers.
const MOST: usize = 1000;

/// All names that a pattern means, and its port if it has one.
///
/// # Errors
/// What is wrong with the pattern.
pub fn names(pattern: &str) -> Result<(Vec<String>, Option<u16>), String> {
    let (pattern, port) = with_port(pattern);
    let mut names = vec![String::new()];
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('[') {
        let (range, after) = after.split_once(']').ok_or("the range is not closed by ]")?;
        let parts = parts(range)?;
        if names.len().saturating_mul(parts.len()) > MOST {
            return Err(format!("it means more than {MOST} hosts"));
        }
        names = names.iter().flat_map(|name| parts.iter().map(move |part| format!("{name}{before}{part}"))).collect();
        rest = after;
    }
    Ok((names.into_iter().map(|name| name + rest).collect(), port))
}

/// `host:2222`; an address of IPv6 has more than one colon and no port here.
fn with_port(pattern: &str) -> (&str, Option<u16>) {
    let outside = pattern.rsplit_once(']').map_or(pattern, |(_, outside)| outside);
    match outside.rsplit_once(':') {
        Some((before, port)) if !before.contains(':') => match port.parse() {
            Ok(number) => (pattern.get(..pattern.len() - port.len() - 1).unwrap_or(pattern), Some(number)),
            Err(_) => (pattern, None),
        },
        _ => (pattern, None),
    }
}

fn parts(range: &str) -> Result<Vec<String>, String> {
    let mut words = range.split(':');
    let (Some(first), Some(last), step, None) = (words.next(), words.next(), words.next(), words.next()) else {
        return Err(format!("[{range}] is no range: write [first:last] or [first:last:step]"));
    };
    let step: usize = step.map_or(Ok(1), str::parse).ok().filter(|step| *step > 0).ok_or("its step is no number")?;
    let first = if first.is_empty() { "0" } else { first };
    if let (Some(a), Some(z)) = (letter(first), letter(last)) {
        return if a <= z { Ok((a..=z).step_by(step).map(String::from).collect()) } else { Err(backwards(range)) };
    }
    let number =
        |word: &str| word.parse::<usize>().map_err(|_| format!("[{range}] is neither of numbers nor of letters"));
    let (low, high) = (number(first)?, number(last)?);
    if first.len() > 1 && first.starts_with('0') && first.len() != last.len() {
        return Err(format!("[{range}] begins with zeros, so both ends must be equally long"));
    }
    if low > high {
        return Err(backwards(range));
    }
    if (high - low) / step >= MOST {
        return Err(format!("it means more than {MOST} hosts"));
    }
    let wide = if first.starts_with('0') { first.len() } else { 1 };
    Ok((low..=high).step_by(step).map(|number| format!("{number:0wide$}")).collect())
}

fn backwards(range: &str) -> String {
    format!("[{range}] ends before it begins")
}

fn letter(word: &str) -> Option<char> {
    let mut letters = word.chars();
    letters.next().filter(|c| c.is_ascii_alphabetic() && letters.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_every_host_it_means() {
        for (pattern, hosts, port) in [
            ("barbary", "barbary", None),
            ("node[01:03]", "node01 node02 node03", None),
            ("node[8:10].lan", "node8.lan node9.lan node10.lan", None),
            ("rack[a:c]", "racka rackb rackc", None),
            ("n[1:5:2]", "n1 n3 n5", None),
            ("r[a:b]n[1:2]", "ran1 ran2 rbn1 rbn2", None),
            ("node[1:2]:2222", "node1 node2", Some(2222)),
            ("fd00::1", "fd00::1", None),
        ] {
            let hosts: Vec<String> = hosts.split(' ').map(str::to_owned).collect();
            assert_eq!(names(pattern), Ok((hosts, port)), "{pattern}");
        }
    }

    #[test]
    fn a_range_that_means_nothing_is_told() {
        for pattern in ["n[1:", "n[1]", "n[3:1]", "n[a:9]", "n[01:100]", "n[1:2:0]", "n[0:999999999]", "n[1:99][1:99]"]
        {
            assert!(names(pattern).is_err(), "{pattern}");
        }
    }
}
