//! A stack as far as the folder needs to know it before anything is deployed: what it makes, what it needs from
//! others, which variables it uses. The full reading is the business of the stack room.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::files::Files;
use super::page::{Page, word};
use super::rules;
use super::values::Values;
use super::variables::{self, Unset, Usage};
use crate::diag::{Finding, Spot};
use crate::model::Filed;
use crate::stack::document::{Survey, survey};
use crate::stack::{Fault, Folder, Kind, Map, Node, Place, Source, Value, trial};

/// The parts of a stack file that other stacks may make or need.
const PARTS: [(&str, Kind); 3] = [("networks", Kind::Network), ("secrets", Kind::Secret), ("configs", Kind::Config)];

/// What is known of a stack from its file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sketch {
    /// Its services.
    pub services: Vec<SketchedService>,
    /// What it makes, by its name in the swarm.
    pub makes: BTreeMap<(Kind, String), Spot>,
    /// What must be there before, by its name in the swarm.
    pub needs: BTreeMap<(Kind, String), Spot>,
    /// The variables it uses.
    pub variables: Vec<Usage>,
    /// All of it with variables put in, and what a swarm says to it; none if the file says nothing. A variable that
    /// nobody has set stands in it by its name, as `${NAME}`.
    pub survey: Option<Survey>,
}

/// A service as far as the folder needs to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SketchedService {
    /// Its key in the file.
    pub name: String,
    /// Where it is written.
    pub spot: Spot,
    /// It is a one-shot, or wished zero times.
    pub rests: bool,
}

/// The sketch of a stack; none if its file cannot be read.
pub fn read(files: &Files, filed: &Filed, values: &Values, findings: &mut Vec<Finding>) -> Option<Sketch> {
    let page = Page::yaml(files, &filed.file, findings)?;
    let mut sketch = Sketch { variables: variables::of_page(&page), ..Sketch::default() };
    sketch.survey = filled(&page, &filed.file, &sketch.variables, values);
    let Some(root) = page.root.as_ref().and_then(Node::map) else {
        let spot = Spot { line: 1, column: 1, ..page.spot };
        let mend = "begin the file with `services:` and indent the services below it";
        findings.push(rules::FILE_BROKEN.broken(spot, "the stack file holds no mapping", mend));
        return Some(sketch);
    };
    let services = root.get("services").and_then(Node::map);
    let services: Vec<_> = services.map(|map| map.0.as_slice()).unwrap_or_default().to_vec();
    for entry in &services {
        let (name, spot) = (entry.key.clone(), page.at(entry.place));
        sketch.services.push(SketchedService { name, spot, rests: entry.node.map().is_some_and(rests) });
    }
    for (part, kind) in PARTS {
        let Some(map) = root.get(part).and_then(Node::map) else { continue };
        for entry in &map.0 {
            let spot = page.at(entry.place);
            let (external, name) = entry.node.map().map(external).unwrap_or_default();
            if external {
                sketch.needs.insert((kind, name.unwrap_or_else(|| entry.key.clone())), spot);
            } else {
                let made = name.unwrap_or_else(|| format!("{}_{}", filed.name, entry.key));
                sketch.makes.insert((kind, made), spot);
            }
        }
    }
    Some(sketch)
}

/// The file with variables put in.
fn filled(page: &Page, file: &Path, usages: &[Usage], values: &Values) -> Option<Survey> {
    let root = page.root.clone().filter(|root| root.map().is_some())?;
    let filling = Filling::of(usages, values);
    let source = Source { name: file.to_owned(), text: page.text.clone() };
    let mut survey = survey(root, &source, &filling.environment);
    survey.refused.retain(|fault: &Fault| !filling.unset.contains(&fault.place));
    Some(survey)
}

/// What a deploy of the stack would refuse beyond what its survey tells.
#[must_use]
pub fn refusals(folder: &dyn Folder, filed: &Filed, sketch: &Sketch, values: &Values) -> Vec<Fault> {
    let (Some(survey), Ok(text)) = (&sketch.survey, folder.read(&filed.file)) else { return Vec::new() };
    let filling = Filling::of(&sketch.variables, values);
    let source = Source { name: filed.file.clone(), text: String::from_utf8_lossy(&text).into() };
    let mut faults = trial(&filed.name, survey, &source, folder, &filling.environment);
    let unset: BTreeSet<u32> = filling.unset.iter().map(|place| place.line).collect();
    faults.retain(|fault| !unset.contains(&fault.place.line));
    faults
}

/// What is put in for variables. One that nobody has set stands for itself.
struct Filling {
    environment: BTreeMap<String, String>,
    /// Where a variable stands that is not set. What will stand there is not known, so nobody can say that it is wrong;
    /// that it is not set is told elsewhere.
    unset: BTreeSet<Place>,
}

impl Filling {
    fn of(usages: &[Usage], values: &Values) -> Self {
        let mut environment = values.all();
        let mut unset = BTreeSet::new();
        for usage in usages {
            if let Some(offered) = values.offered(&usage.name) {
                environment.entry(usage.name.clone()).or_insert_with(|| offered.to_owned());
            }
            if environment.get(&usage.name).is_none_or(String::is_empty) {
                unset.insert(Place { file: 0, line: usage.spot.line, column: usage.spot.column });
            }
        }
        for usage in usages.iter().filter(|usage| usage.unset != Unset::Default) {
            let value = environment.entry(usage.name.clone()).or_default();
            if value.is_empty() {
                *value = format!("${{{}}}", usage.name);
            }
        }
        Self { environment, unset }
    }
}

/// Whether the thing is another's, and the name it has in the swarm if the file says one.
fn external(body: &Map) -> (bool, Option<String>) {
    let name = |map: &Map| map.get("name").and_then(word);
    match body.get("external").map(|node| &node.value) {
        Some(Value::Bool(external)) => (*external, name(body)),
        Some(Value::Text(text)) => (text == "true", name(body)),
        // The old form: external: {name: x}.
        Some(Value::Map(inner)) => (true, name(inner).or_else(|| name(body))),
        _ => (false, name(body)),
    }
}

fn rests(service: &Map) -> bool {
    let Some(deploy) = service.get("deploy").and_then(Node::map) else { return false };
    let job = deploy.get("mode").and_then(Node::text).is_some_and(|mode| mode.ends_with("-job"));
    job || deploy.get("replicas").is_some_and(|node| node.value == Value::Int(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Tier;

    #[test]
    fn a_stack_says_what_it_makes_what_it_needs_and_which_variables_it_uses() {
        let text = "services:\n  web:\n    image: x:${TAG:-1}\n  once:\n    deploy: {mode: replicated-job}\n  asleep: {deploy: {replicas: 0}}\nnetworks:\n  default: {}\n  back: {name: shared}\n  front: {external: true, name: proxy_network}\n  old: {external: {name: older}}\nsecrets:\n  db: {external: true}\nconfigs:\n  c: {file: ./c}\nvolumes:\n  v:\n";
        let files = Files::of(&[], &[("stacks/a/compose.yaml", text)]);
        let filed = Filed::new("a", Tier::Application, "stacks/a/compose.yaml");
        let sketch = read(&files, &filed, &Values::default(), &mut Vec::new()).unwrap();
        let names = |map: &BTreeMap<(Kind, String), Spot>| -> Vec<String> {
            map.keys().map(|(kind, name)| format!("{} {name}", kind.word())).collect()
        };
        assert_eq!(names(&sketch.makes), ["network a_default", "network shared", "config a_c"]);
        assert_eq!(names(&sketch.needs), ["network older", "network proxy_network", "secret db"]);
        let rests: Vec<(&str, bool)> = sketch.services.iter().map(|one| (one.name.as_str(), one.rests)).collect();
        assert_eq!(rests, [("web", false), ("once", true), ("asleep", true)]);
        assert_eq!((sketch.variables[0].name.as_str(), sketch.variables[0].spot.line), ("TAG", 3));
    }
}
