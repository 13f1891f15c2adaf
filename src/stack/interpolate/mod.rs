//! Puts variables into values, exactly as the docker CLI does it, with its oddities: keys are left alone, defaults do
//! not nest, and typed fields are read anew only where the text has changed. The value of a variable may be a secret,
//! so it stands in no fault.

mod cast;
mod locate;
mod template;

use std::collections::{BTreeMap, HashSet};

use super::fault::{Fault, Faults};
use super::path::{Step, Way};
use super::place::{Place, Source};
use super::tree::{Node, Value};
use locate::{Dollars, Lines};
use template::{Form, Part, Use};

/// A use of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Where its `$` stands.
    pub place: Place,
    /// The value that it stands in, as `services.web.image`.
    pub path: String,
    /// The file says what it is if it is not set.
    pub has_default: bool,
    /// The file says that it must be set.
    pub required: bool,
    /// It is set, and be it to nothing.
    pub set: bool,
}

/// What came of it beside the tree.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What the docker CLI refuses.
    pub faults: Faults,
    /// What it overlooks.
    pub notes: Faults,
    /// All uses of variables.
    pub variables: Vec<Variable>,
    /// Values that could not be made. What they are is not known, so nobody should judge them.
    pub failed: HashSet<Place>,
    /// Values in which variables were put.
    pub changed: HashSet<Place>,
}

/// Puts variables into all values of a tree.
pub fn interpolate(root: &mut Node, source: &Source, environment: &BTreeMap<String, String>) -> Outcome {
    let lines = Lines::new(&source.text);
    let mut walk = Walk { source, lines: &lines, environment, way: Way::default(), outcome: Outcome::default() };
    walk.node(root);
    walk.outcome
}

struct Walk<'a> {
    source: &'a Source,
    lines: &'a Lines,
    environment: &'a BTreeMap<String, String>,
    way: Way,
    outcome: Outcome,
}

impl<'a> Walk<'a> {
    fn node(&mut self, node: &mut Node) {
        match &mut node.value {
            Value::Map(map) => {
                for entry in &mut map.0 {
                    self.way.enter(Step::Key(entry.key.clone()));
                    self.node(&mut entry.node);
                    self.way.leave();
                }
            }
            Value::List(list) => {
                for (index, item) in list.iter_mut().enumerate() {
                    self.way.enter(Step::Item(index));
                    self.node(item);
                    self.way.leave();
                }
            }
            Value::Text(text) if text.contains('$') => {
                if let Some(value) = self.text(node.place, text) {
                    node.value = value;
                }
            }
            _ => {}
        }
    }

    /// What the text becomes, if it changes.
    fn text(&mut self, place: Place, text: &str) -> Option<Value> {
        let mut result = String::with_capacity(text.len());
        let mut faults = Faults::default();
        let mut refused = false;
        let source: &'a Source = self.source;
        let mut dollars = Dollars::new(&source.text, self.lines, place);
        for part in template::parts(text) {
            match part {
                Part::Text(words) => result.push_str(words),
                Part::Dollar => result.push('$'),
                Part::Wrong { at } => {
                    faults.push(self.wrong(dollars.at(text, at), text, at));
                    refused = true;
                }
                Part::Use { at, variable } => {
                    let place = dollars.at(text, at);
                    self.remember(place, &variable);
                    match self.value(&variable) {
                        Some(value) => {
                            result.push_str(value);
                            refused = false;
                        }
                        None => {
                            faults.push(self.missing(place, &variable));
                            refused = true;
                        }
                    }
                }
            }
        }
        if refused {
            self.outcome.faults.extend(faults.into_vec());
            self.outcome.failed.insert(place);
            return None;
        }
        // The CLI forgets a fault when a good variable follows it in the same value.
        let overlooked = "the docker CLI overlooks it, because a variable that is set follows in the same value";
        self.outcome.notes.extend(faults.into_vec().into_iter().map(|fault| fault.because(overlooked)));
        if result == text {
            return None;
        }
        self.outcome.changed.insert(place);
        self.cast(place, result)
    }

    fn value<'b>(&self, variable: &Use<'b>) -> Option<&'b str>
    where
        'a: 'b,
    {
        let environment: &'a BTreeMap<String, String> = self.environment;
        let set = environment.get(variable.name).map(String::as_str);
        match variable.form {
            Form::Plain => Some(set.unwrap_or_default()),
            Form::IfEmpty(default) => Some(set.filter(|value| !value.is_empty()).unwrap_or(default)),
            Form::IfUnset(default) => Some(set.unwrap_or(default)),
            Form::MustHaveText(_) => set.filter(|value| !value.is_empty()),
            Form::MustBeSet(_) => set,
        }
    }

    fn remember(&mut self, place: Place, variable: &Use<'_>) {
        self.outcome.variables.push(Variable {
            name: variable.name.to_owned(),
            place,
            path: self.way.to_string(),
            has_default: matches!(variable.form, Form::IfEmpty(_) | Form::IfUnset(_)),
            required: matches!(variable.form, Form::MustHaveText(_) | Form::MustBeSet(_)),
            set: self.environment.contains_key(variable.name),
        });
    }

    fn cast(&mut self, place: Place, text: String) -> Option<Value> {
        let Some(kind) = cast::wanted(&self.way.dotted()) else { return Some(Value::Text(text)) };
        if let Some(value) = kind.read(&text) {
            return Some(value);
        }
        let empty = if text.is_empty() {
            "the variables in it give no text at all"
        } else {
            "the variables in it give other text"
        };
        let what = format!("{} must be {}", self.way, kind.name());
        let mend = format!("set the variable to {}, or give it a default: ${{NAME:-{}}}", kind.name(), kind.example());
        self.outcome.faults.push(Fault::new(place, what, mend).because(empty));
        self.outcome.failed.insert(place);
        None
    }

    fn missing(&self, place: Place, variable: &Use<'_>) -> Fault {
        let name = variable.name;
        let (state, message) = match variable.form {
            Form::MustHaveText(message) if self.environment.contains_key(name) => ("is empty", message),
            Form::MustHaveText(message) | Form::MustBeSet(message) => ("is not set", message),
            Form::Plain | Form::IfEmpty(_) | Form::IfUnset(_) => ("is not set", ""),
        };
        let fault = Fault::new(
            place,
            format!("the variable {name} {state}, and {} needs it", self.way),
            format!("set {name} before the deploy"),
        );
        if message.is_empty() { fault } else { fault.because(format!("the file says: {message}")) }
    }

    fn wrong(&self, place: Place, text: &str, at: usize) -> Fault {
        let shown: String =
            text.get(at..).unwrap_or_default().chars().take_while(|sign| !sign.is_control()).take(16).collect();
        let mend = "write `$$` for a dollar sign that is one, or name a variable: $NAME, ${NAME}, ${NAME:-default}, ${NAME:?message}";
        Fault::new(place, format!("`{shown}` in {} names no variable", self.way), mend)
            .because("a name begins with a letter or `_` and goes on with letters, digits and `_`")
    }
}

#[cfg(test)]
mod tests;
