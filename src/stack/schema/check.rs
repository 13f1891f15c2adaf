//! Holds a tree against the table, and tells every place where they differ.

use std::collections::HashMap;

use super::duration::is_duration;
use super::hints;
use super::kind::{Key, Kind, Names, Object, Type};
use super::near::near;
use crate::stack::document::Version;
use crate::stack::fault::{Fault, Faults};
use crate::stack::interpolate::Outcome;
use crate::stack::path::{Step, Way};
use crate::stack::place::Place;
use crate::stack::tree::{Map, Node, Value};

/// All faults of a tree. Values at places that are unknown are not judged. Whole numbers that are written with a
/// point become whole numbers.
pub fn check(root: &mut Node, kind: &Kind, version: Version, outcome: &Outcome) -> Vec<Fault> {
    let mut check = Check { version, outcome, way: Way::default(), faults: Faults::default() };
    check.node(kind, root);
    check.faults.into_vec()
}

struct Check<'a> {
    version: Version,
    outcome: &'a Outcome,
    way: Way,
    faults: Faults,
}

impl Check<'_> {
    fn node(&mut self, kind: &Kind, node: &mut Node) {
        if self.outcome.failed.contains(&node.place) && matches!(node.value, Value::Text(_)) {
            return;
        }
        let Some(kind) = meant(kind, node, self.version) else { return self.wrong_type(kind, node) };
        match (kind, &mut node.value) {
            (Kind::One(types), Value::Float(number)) if types.contains(&Type::Whole) && number.abs() < 9e15 => {
                node.value = Value::Int(*number as i64);
            }
            (Kind::Duration, Value::Text(text)) if !is_duration(text) => {
                let what = format!("{} is no duration: {}", self.way, self.shown(node.place, text));
                let why = "a duration is made of numbers with the units ns, us, ms, s, m and h; there are no days";
                self.faults.push(Fault::new(node.place, what, "write it as `90s` or `1m30s`").because(why));
            }
            (Kind::Word(words), Value::Text(text)) if !words.contains(&text.as_str()) => {
                let what = format!("{} cannot be {}", self.way, self.shown(node.place, text));
                self.faults.push(Fault::new(node.place, what, format!("write one of {}", words.join(", "))));
            }
            (Kind::List(kind), Value::List(items)) => self.items(kind, items),
            (Kind::Set(kind), Value::List(items)) => {
                self.refuse_twins(items);
                self.items(kind, items);
            }
            (Kind::SetBefore(before, kind), Value::List(items)) => {
                if self.version.0 < *before {
                    self.refuse_twins(items);
                }
                self.items(kind, items);
            }
            (Kind::Object(object), Value::Map(map)) => self.object(object, node.place, map),
            (Kind::Named(names, kind), Value::Map(map)) => self.named(*names, kind, map),
            _ => {}
        }
    }

    fn items(&mut self, kind: &Kind, items: &mut [Node]) {
        for (index, item) in items.iter_mut().enumerate() {
            self.way.enter(Step::Item(index));
            self.node(kind, item);
            self.way.leave();
        }
    }

    fn refuse_twins(&mut self, items: &[Node]) {
        let mut first: HashMap<String, Place> = HashMap::with_capacity(items.len());
        for item in items {
            let words = canonical(item);
            match first.get(&words) {
                Some(place) => {
                    let what = format!("the same item stands twice in {}", self.way);
                    let why = format!("it already stands in line {}", place.line);
                    self.faults.push(Fault::new(item.place, what, "take one of the two away").because(why));
                }
                None => {
                    first.insert(words, item.place);
                }
            }
        }
    }

    fn object(&mut self, object: &Object, place: Place, map: &mut Map) {
        for required in object.required {
            if map.get(required).is_none() {
                let what = format!("{} has no `{required}`", self.way);
                self.faults.push(Fault::new(place, what, format!("add `{required}:` to it")));
            }
        }
        // Most mappings are small, and a search from the front is the quickest there.
        for entry in &mut map.0 {
            match object.keys.iter().find(|key| key.name == entry.key) {
                Some(key) if key.since <= self.version.0 => {
                    self.way.enter(Step::Key(entry.key.clone()));
                    self.node(&key.kind, &mut entry.node);
                    self.way.leave();
                }
                _ if object.open.is_some_and(|since| since <= self.version.0) => {}
                _ if entry.key.starts_with("x-") && object.extensions.is_some_and(|since| since <= self.version.0) => {}
                found => {
                    let fault = self.no_key(object, found, &entry.key, entry.place);
                    self.faults.push(fault);
                }
            }
        }
    }

    fn named(&mut self, names: Names, kind: &Kind, map: &mut Map) {
        for entry in &mut map.0 {
            if names.fit(&entry.key) {
                self.way.enter(Step::Key(entry.key.clone()));
                self.node(kind, &mut entry.node);
                self.way.leave();
            } else if names.strict() {
                let shown = short(&entry.key);
                let (why, mend) = match names {
                    Names::Some | Names::LaxSome => ("a key may not be empty", "write a name"),
                    _ => ("a name is made of letters, digits, `.`, `_` and `-`", "rename it"),
                };
                let what = format!("\"{shown}\" cannot be a name in {}", self.way);
                self.faults.push(Fault::new(entry.place, what, mend).because(why));
            } else if meant(kind, &entry.node, self.version).is_none() {
                self.way.enter(Step::Key(entry.key.clone()));
                self.wrong_type(kind, &entry.node);
                self.way.leave();
            }
        }
    }

    fn no_key(&self, object: &Object, known: Option<&Key>, key: &str, place: Place) -> Fault {
        let owner = if self.way.steps().is_empty() { "a stack file".to_owned() } else { self.way.to_string() };
        let shown = short(key);
        let version = self.version.0;
        let later = known.map(|key| key.since).or(object.extensions.filter(|_| key.starts_with("x-")));
        if let Some(since) = later {
            return Fault::new(place, format!("{owner} has no key `{shown}` in version 3.{version}"), newer(since))
                .because(format!("it exists since version 3.{since}"));
        }
        let what = format!("{owner} has no key `{shown}`");
        if let Some(mend) = hints::mend(self.way.steps(), key) {
            return Fault::new(place, what, mend).because("`docker compose` may know it, a swarm does not");
        }
        if key.starts_with("x-") {
            return Fault::new(place, what, "move it to the service or to the top of the file")
                .because("keys that begin with `x-` are let pass there only");
        }
        let usable = || object.keys.iter().filter(|key| key.since <= version).map(|key| key.name);
        match near(key, usable()) {
            Some(name) => Fault::new(place, what, format!("write `{name}`, if that is meant")),
            None => {
                let names: Vec<_> = usable().collect();
                let mend = if names.len() > 12 {
                    "take it away, or rename it so that it begins with `x-`".to_owned()
                } else {
                    format!("take it away; what may stand here: {}", names.join(", "))
                };
                Fault::new(place, what, mend)
            }
        }
    }

    /// What variables gave may be a secret.
    fn shown(&self, place: Place, text: &str) -> String {
        if self.outcome.changed.contains(&place) {
            "what its variables give".into()
        } else {
            format!("\"{}\"", short(text))
        }
    }

    fn wrong_type(&mut self, kind: &Kind, node: &Node) {
        let wanted = wanted(kind);
        let what = format!("{} must be {wanted}, and {} stands here", self.way, found(&node.value));
        let fault = Fault::new(node.place, what, mend(kind, &wanted, node));
        self.faults.push(match node.value {
            Value::Bool(_) if wanted.contains("text") => fault.because("without quotes, YAML reads true or false"),
            Value::Time(_) if wanted.contains("text") => fault.because("without quotes, YAML reads a date"),
            Value::Map(_) if later(kind) > self.version.0 => {
                fault.because(format!("the long form exists since version 3.{}", later(kind)))
            }
            _ => fault,
        });
    }
}

/// The kind that fits the shape of a value.
fn meant<'a>(kind: &'a Kind, node: &Node, version: Version) -> Option<&'a Kind> {
    let fits = match (kind, &node.value) {
        (Kind::Either(kinds), _) => return kinds.iter().find_map(|kind| meant(kind, node, version)),
        (Kind::Since(since, kind), _) if *since <= version.0 => return meant(kind, node, version),
        (Kind::Any, _)
        | (Kind::Duration | Kind::Word(_), Value::Text(_))
        | (Kind::List(_) | Kind::Set(_) | Kind::SetBefore(..), Value::List(_))
        | (Kind::Object(_) | Kind::Named(..), Value::Map(_)) => true,
        (Kind::One(types), value) => types.iter().any(|kind| is(*kind, value)),
        _ => false,
    };
    fits.then_some(kind)
}

/// The version since which a form exists that is not there from the beginning.
fn later(kind: &Kind) -> u8 {
    match kind {
        Kind::Since(since, _) => *since,
        Kind::Either(kinds) => kinds.iter().map(later).max().unwrap_or_default(),
        _ => 0,
    }
}

fn is(kind: Type, value: &Value) -> bool {
    match (kind, value) {
        (Type::Text | Type::Printed, Value::Text(_))
        | (Type::Printed, Value::Time(_))
        | (Type::Whole | Type::Number, Value::Int(_) | Value::Big(_))
        | (Type::Number, Value::Float(_))
        | (Type::Truth, Value::Bool(_))
        | (Type::Null, Value::Null) => true,
        (Type::Natural, Value::Int(number)) => *number >= 0,
        (Type::Natural, Value::Big(_)) => true,
        (Type::Natural, Value::Float(number)) => *number >= 0.0 && number.fract() == 0.0,
        (Type::Whole, Value::Float(number)) => number.fract() == 0.0,
        _ => false,
    }
}

fn newer(since: u8) -> String {
    format!("take the line `version` away, or raise it to \"3.{since}\" at least")
}

/// What a kind wants, for a sentence.
fn wanted(kind: &Kind) -> String {
    match kind {
        Kind::Any => "anything".into(),
        Kind::One(types) => {
            let mut names: Vec<_> = types.iter().map(|kind| kind.name()).collect();
            names.dedup();
            or(&names)
        }
        Kind::Duration => "a duration as text".into(),
        Kind::Word(words) => or(words),
        Kind::List(_) | Kind::Set(_) | Kind::SetBefore(..) => "a list".into(),
        Kind::Since(_, kind) => wanted(kind),
        Kind::Object(_) | Kind::Named(..) => "a mapping".into(),
        Kind::Either(kinds) => {
            let mut names: Vec<_> = kinds.iter().map(wanted).collect();
            names.dedup();
            or(&names.iter().map(String::as_str).collect::<Vec<_>>())
        }
    }
}

fn or(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

fn found(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Int(_) | Value::Big(_) => "a whole number",
        Value::Float(_) => "a number",
        Value::Time(_) => "a date",
        Value::Text(_) => "text",
        Value::List(_) => "a list",
        Value::Map(_) => "a mapping",
    }
}

fn mend(kind: &Kind, wanted: &str, node: &Node) -> String {
    let takes_text = wanted.contains("text");
    match &node.value {
        Value::Null => "write what belongs to it, or take the key away".into(),
        Value::Int(number) if matches!(kind, Kind::Duration) => format!("write a unit: {number}s"),
        Value::Int(number) if takes_text => format!("put it in quotes: \"{number}\""),
        Value::Bool(truth) if takes_text => format!("put it in quotes: \"{truth}\""),
        Value::Big(_) | Value::Float(_) | Value::Time(_) if takes_text => "put it in quotes".into(),
        Value::Text(text) if wanted.contains("number") && text.parse::<f64>().is_ok() => "take the quotes away".into(),
        Value::Text(text) if wanted.contains("true or false") && matches!(text.as_str(), "true" | "false") => {
            "take the quotes away".into()
        }
        Value::Text(_) | Value::Int(_) if wanted == "a list" => "write it as a list: `- ` before each item".into(),
        _ => format!("write {wanted} here"),
    }
}

/// Two values are the same for the docker CLI if these words are.
fn canonical(node: &Node) -> String {
    match &node.value {
        Value::Null => "n".into(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Big(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::Time(value) | Value::Text(value) => format!("{value:?}"),
        Value::List(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        Value::Map(map) => {
            let mut pairs: Vec<_> =
                map.0.iter().map(|entry| format!("{:?}:{}", entry.key, canonical(&entry.node))).collect();
            pairs.sort();
            format!("{{{}}}", pairs.join(","))
        }
    }
}

/// Long text is cut, and control characters are not shown.
fn short(text: &str) -> String {
    let mut shown: String =
        text.chars().map(|sign| if sign.is_control() { '\u{fffd}' } else { sign }).take(40).collect();
    if text.chars().count() > 40 {
        shown.push('…');
    }
    shown
}
