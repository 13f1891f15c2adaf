//! Takes values out of what a job says before it is written down: whatever stands in the environment or the commands of
//! the services that it touches could be a secret, and an engine or a program may repeat it in an error.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::action::Action;
use crate::journal::Keepsake;
use crate::model::secret::{self, HIDDEN, Secrets};
use crate::stack::Wish;

/// A shorter value is no secret worth the name, and would be found in the middle of words.
const SHORTEST: usize = 4;

/// Values that are not written down.
#[derive(Clone, Default)]
pub struct Mask {
    values: BTreeSet<String>,
    secrets: Secrets,
}

impl std::fmt::Debug for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a mask over {} values", self.values.len())
    }
}

impl Mask {
    /// Of what is wished: the contents of secrets, and values of services.
    pub fn of(wish: &Wish) -> Self {
        let mut mask = Self { secrets: wish.hidden.clone(), ..Self::default() };
        for payload in wish.secrets.iter().filter_map(|secret| secret.payload.as_ref()) {
            let text = String::from_utf8_lossy(&payload.0);
            mask.values.extend(std::iter::once(text.trim()).chain(text.lines()).map(str::to_owned));
        }
        for service in &wish.services {
            mask.take(&service.body);
        }
        mask
    }

    /// And of the services as they were. What the operator named himself is no secret.
    #[must_use]
    pub fn and(self, action: &Action, keepsake: &Keepsake) -> Self {
        let mut said = format!("{} {}", action.title(), action.stack().unwrap_or_default());
        for touched in action.touches() {
            said.push(' ');
            said.push_str(&touched.name);
        }
        let mut mask = self;
        for kept in keepsake.before.iter().chain(&keepsake.after) {
            mask.take(kept.spec().unwrap_or(&Value::Null));
        }
        mask.values.retain(|value| value.len() >= SHORTEST && !said.contains(value.as_str()));
        mask
    }

    /// Takes the values of one spec in.
    pub fn take(&mut self, spec: &Value) {
        let container = spec.pointer("/TaskTemplate/ContainerSpec");
        let list = |key: &str| {
            container.and_then(|container| container.get(key)).and_then(Value::as_array).into_iter().flatten()
        };
        for variable in list("Env").filter_map(Value::as_str) {
            let value = variable.split_once('=').map_or("", |(_, value)| value);
            self.values.insert(value.to_owned());
            self.values.extend(value.lines().map(str::to_owned));
        }
        let check = container.and_then(|container| container.pointer("/Healthcheck/Test")).and_then(Value::as_array);
        for list in [list("Command").collect(), list("Args").collect(), check.into_iter().flatten().collect::<Vec<_>>()]
        {
            let words: Vec<&str> = list.into_iter().filter_map(Value::as_str).collect();
            for (word, told) in words.iter().zip(secret::command(&words)).filter(|(word, told)| **word != told) {
                let ends = told.split_once(HIDDEN).zip(told.rsplit_once(HIDDEN));
                let value = ends.and_then(|((head, _), (_, tail))| word.strip_prefix(head)?.strip_suffix(tail));
                self.values.insert(value.unwrap_or(word).to_owned());
            }
        }
    }

    /// A text without them.
    pub fn over(&self, text: &str) -> String {
        // The longest first: one may be a part of another.
        let mut values: Vec<&String> = self.values.iter().filter(|value| text.contains(value.as_str())).collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        values.into_iter().fold(self.secrets.over(text), |text, value| text.replace(value.as_str(), HIDDEN))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_an_engine_repeats_of_a_value_is_not_written_down() {
        let mut mask = Mask::default();
        mask.take(&json!({"TaskTemplate": {"ContainerSpec": {"Env": ["A=hunter2", "B=hunter2-and-more", "C="]}}}));
        mask.take(&json!({"TaskTemplate": {"ContainerSpec": {"Args": ["--requirepass", "behind", "--key=in it"]}}}));
        mask.values.retain(|value| value.len() >= SHORTEST);
        assert_eq!(mask.over("behind in it"), "••• •••");
        assert_eq!(
            mask.over("exited 1: bad password hunter2-and-more, not hunter2"),
            "exited 1: bad password •••, not •••"
        );
    }
}
