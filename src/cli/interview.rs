//! Questions of a verb at its terminal, one after the other: each says what is taken where nothing is answered, and is
//! asked again where the answer is none. Asks nothing where nobody sits.

use std::io::{self, BufRead, IsTerminal};

use super::{Ending, Stopped, print};
use crate::diag::Diagnostic;
use crate::model::text::clean;

/// Somebody sits at the terminal.
pub fn is_attended() -> bool {
    io::stdin().is_terminal()
}

/// One line that is an answer to `read`; what it says against an answer is told, and the question asked again.
pub fn ask<T>(question: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<T, Stopped> {
    loop {
        print::remark(question);
        let mut line = String::new();
        match io::stdin().lock().read_line(&mut line) {
            Ok(bytes) if bytes > 0 => {}
            _ => {
                let fault = Diagnostic::new("nothing was answered", "say it with its flag");
                return Err(Stopped::new(Ending::Cancelled, fault.because("nothing was written")));
            }
        }
        match read(&clean(line.trim())) {
            Ok(answer) => return Ok(answer),
            Err(why) => print::remark(&why),
        }
    }
}

/// One of several words; the first counts where nothing is answered.
pub fn choose<T: Copy>(question: &str, words: &[(&str, T)], first: T) -> Result<T, Stopped> {
    let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
    let (list, default) = (names.join(", "), names.first().copied().unwrap_or_default());
    ask(&format!("{question} {list} (nothing: {default})"), |answer| {
        if answer.is_empty() {
            return Ok(first);
        }
        let mut fits = words.iter().filter(|(name, _)| name.starts_with(&answer.to_lowercase()));
        match (fits.next(), fits.next()) {
            (Some((_, value)), None) => Ok(*value),
            _ => Err(format!("{answer} is none of {list}")),
        }
    })
}
