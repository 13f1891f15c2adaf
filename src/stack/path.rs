//! The way to a value: `services.web.ports[0]`.

use std::fmt;

/// Steps from the root.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Way(Vec<Step>);

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// To the value of a key.
    Key(String),
    /// To an item of a list, counted from 0.
    Item(usize),
}

impl Way {
    /// One step on.
    pub fn enter(&mut self, step: Step) {
        self.0.push(step);
    }

    /// One step back.
    pub fn leave(&mut self) {
        self.0.pop();
    }

    /// The steps.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// As the docker CLI writes it: a key may bring points of its own, and every item is `[]`.
    #[must_use]
    pub fn dotted(&self) -> String {
        let names = self.0.iter().map(|step| match step {
            Step::Key(key) => key.as_str(),
            Step::Item(_) => "[]",
        });
        names.collect::<Vec<_>>().join(".")
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            match step {
                Step::Item(item) => write!(f, "[{item}]")?,
                Step::Key(key) if index == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
            }
        }
        Ok(())
    }
}
