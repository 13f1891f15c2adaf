//! Many deeds at one time, and what came of each. After the first that fails no further one begins.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::{StreamExt, stream};

use crate::diag::Diagnostic;

/// How many requests are on their way at one time.
const AT_ONCE: usize = 16;

/// What came of many deeds.
#[derive(Debug, Default)]
pub struct Fleet {
    /// What was done.
    pub done: Vec<String>,
    /// What failed.
    pub failed: Vec<Diagnostic>,
    /// What was not begun.
    pub left: Vec<String>,
}

/// Does something to each item, some at one time. Each gives its name.
pub async fn each<T, F>(items: impl IntoIterator<Item = (String, T)>, deed: impl Fn(T) -> F) -> Fleet
where
    F: Future<Output = Result<(), Diagnostic>>,
{
    let stop = AtomicBool::new(false);
    let (stop, deed) = (&stop, &deed);
    let results = stream::iter(items).map(|(name, item)| async move {
        if stop.load(Ordering::Relaxed) {
            return (name, None);
        }
        let result = deed(item).await;
        if result.is_err() {
            stop.store(true, Ordering::Relaxed);
        }
        (name, Some(result))
    });
    let mut results = results.buffer_unordered(AT_ONCE);
    let mut fleet = Fleet::default();
    while let Some((name, result)) = results.next().await {
        match result {
            None => fleet.left.push(name),
            Some(Ok(())) => fleet.done.push(name),
            Some(Err(fault)) => fleet.failed.push(fault),
        }
    }
    for names in [&mut fleet.done, &mut fleet.left] {
        names.sort();
    }
    fleet
}

impl Fleet {
    /// The names of what was done, if nothing failed.
    ///
    /// # Errors
    /// The first fault, with all others, what was done and what is left.
    pub fn told(mut self, word: &str) -> Result<Vec<String>, Diagnostic> {
        if self.failed.is_empty() {
            return Ok(self.done);
        }
        let mut fault = self.failed.remove(0);
        for other in self.failed {
            fault = fault.because(other.line());
        }
        if !self.done.is_empty() {
            fault = fault.because(format!("{word} before: {}", self.done.join(", ")));
        }
        if !self.left.is_empty() {
            fault = fault.because(format!("left as they are: {}", self.left.join(", ")));
        }
        Err(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn after_a_failure_nothing_further_begins_and_all_is_told() {
        let items = (0..40).map(|number| (format!("web{number:02}"), number));
        let fleet = each(items, |number| async move {
            if number == 3 {
                return Err(Diagnostic::new("web03 failed", "mend it"));
            }
            tokio::task::yield_now().await;
            Ok(())
        })
        .await;
        assert_eq!(fleet.done.len() + fleet.left.len() + fleet.failed.len(), 40);
        assert!(fleet.left.contains(&"web39".to_owned()) && fleet.done.contains(&"web00".to_owned()));
        let told = fleet.told("deployed").unwrap_err().to_string();
        assert!(told.contains("web03 failed") && told.contains("deployed before: web00"), "{told}");
        assert!(told.contains("left as they are:") && told.contains("web39"), "{told}");
    }
}
