//! What was probably meant by a word that is not known.

/// The known word that is nearest to the given one, if any is near.
#[must_use]
pub fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let near = known.iter().map(|known| (distance(&lower, &known.to_lowercase()), *known));
    let (far, best) = near.min()?;
    // More slips than that are no slip of the hand, however long the word is.
    (far <= (word.chars().count().max(best.chars().count()) / 3).clamp(1, 3)).then_some(best)
}

/// How to mend an unknown word: by the nearest known one, else by naming all.
#[must_use]
pub fn mend(word: &str, known: &[&str]) -> String {
    match nearest(word, known) {
        Some(best) => format!("write `{best}`"),
        None => format!("use one of: {}", known.join(", ")),
    }
}

/// Letters to put in, take out, change or swap with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut older = vec![0; b.len() + 1];
    let mut above: Vec<usize> = (0..=b.len()).collect();
    let mut before = None;
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        let mut left = None;
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX / 2);
            let mut best = (at(&above, j) + usize::from(x != y)).min(at(&above, j + 1) + 1).min(at(&row, j) + 1);
            if before == Some(y) && left == Some(x) && j > 0 {
                best = best.min(at(&older, j - 1) + 1);
            }
            row.push(best);
            left = Some(y);
        }
        older = std::mem::replace(&mut above, row);
        before = Some(x);
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_fingers_finds_its_word_and_another_word_does_not() {
        let known = ["validate", "secrets", "directories", "files", "templates"];
        for (word, best) in [
            ("validates", Some("validate")),
            ("directoires", Some("directories")),
            ("Secrets", Some("secrets")),
            ("file", Some("files")),
            ("volumes", None),
        ] {
            assert_eq!(nearest(word, &known), best, "{word}");
        }
        assert_eq!(distance("form", "from"), 1);
        assert!(mend("volumes", &known).starts_with("use one of: validate,"));
    }
}
