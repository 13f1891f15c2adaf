//! What stands for something else in the values of a config: `~`, `%h` and its like, `${NAME}`, and quotes.

use std::path::PathBuf;

use crate::ssh::settings::Settings;

/// What the marks stand for.
pub struct Names<'a> {
    /// `%h`: the name that is connected to.
    pub host: &'a str,
    /// `%n`: the name as typed.
    pub original: &'a str,
    /// `%p`
    pub port: u16,
    /// `%r`: who to be there.
    pub user: &'a str,
    /// `%d`, `%u`, and the environment.
    pub settings: &'a Settings,
}

impl Names<'_> {
    /// The text with all marks replaced. One that is not known here stays.
    pub fn text(&self, value: &str) -> String {
        let mut text = String::new();
        let mut rest = value.chars();
        while let Some(c) = rest.next() {
            match c {
                '%' => match rest.next() {
                    Some('%') => text.push('%'),
                    Some('h' | 'k') => text.push_str(self.host),
                    Some('n') => text.push_str(self.original),
                    Some('p') => text.push_str(&self.port.to_string()),
                    Some('r') => text.push_str(self.user),
                    Some('u') => text.push_str(&self.settings.user),
                    Some('d') => text.push_str(&self.settings.home.to_string_lossy()),
                    Some('i') => text.push_str(&self.settings.uid().unwrap_or_default().to_string()),
                    Some(other) => text.extend(['%', other]),
                    None => text.push('%'),
                },
                '$' if rest.as_str().starts_with('{') => {
                    let Some((name, after)) = rest.as_str().get(1..).and_then(|rest| rest.split_once('}')) else {
                        text.push('$');
                        continue;
                    };
                    text.push_str(self.settings.variable(name).unwrap_or_default());
                    rest = after.chars();
                }
                c => text.push(c),
            }
        }
        text
    }

    /// A path with all marks replaced.
    pub fn path(&self, value: &str) -> PathBuf {
        self.settings.at_home(&self.text(value))
    }
}

/// The words of a value; quotes keep spaces together.
pub fn words(value: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = value.trim_start();
    while !rest.is_empty() {
        let (word, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => rest.split_once([' ', '\t']).unwrap_or((rest, "")),
        };
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    words
}
