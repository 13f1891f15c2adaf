//! "Did you mean": the known word that lies nearest to one that is not known.

/// The nearest word, if it is near enough to be meant.
#[must_use]
pub fn near<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> =
        word.chars().take(64).flat_map(char::to_lowercase).map(|sign| if sign == '-' { '_' } else { sign }).collect();
    let most = if word.len() < 5 { 1 } else { 2 };
    known.map(|other| (distance(&word, other), other)).filter(|(steps, _)| *steps <= most).min().map(|(_, other)| other)
}

/// How many signs must be put in, taken away, changed or swapped with their neighbour.
fn distance(word: &[char], other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, sign) in word.iter().enumerate() {
        let mut line = Vec::with_capacity(last.len());
        line.push(row + 1);
        for (column, found) in other.iter().enumerate() {
            let at = |line: &[usize], index: usize| line.get(index).copied().unwrap_or(usize::MAX / 2);
            let change = at(&last, column) + usize::from(sign != found);
            let mut best = change.min(at(&last, column + 1) + 1).min(at(&line, column) + 1);
            let swapped =
                row > 0 && column > 0 && word.get(row - 1) == Some(found) && other.get(column - 1) == Some(sign);
            if swapped {
                best = best.min(at(&before_last, column - 1) + 1);
            }
            line.push(best);
        }
        before_last = std::mem::replace(&mut last, line);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_meant_if_it_is_near() {
        let known = ["image", "ports", "environment", "volumes", "working_dir", "init"];
        let table = [
            ("imgae", Some("image")),
            ("Image", Some("image")),
            ("port", Some("ports")),
            ("enviroment", Some("environment")),
            ("working-dir", Some("working_dir")),
            ("volume", Some("volumes")),
            ("replicas", None),
            ("in", None),
            ("", None),
        ];
        for (word, meant) in table {
            assert_eq!(near(word, known.into_iter()), meant, "{word}");
        }
    }
}
