//! Who deploys a stack: Komodo, where its registry names it, or Quarterdeck, where `quarterdeck.yaml` says so all the
//! same. What Komodo governs is shown and planned like any other stack, and never changed behind its back.

use super::config::Config;
use super::reader::Reader;
use super::registry::{Registered, RunsOn};
use crate::diag::{Diagnostic, Spot};
use crate::model::{Catalogue, Filed, MANAGED};
use crate::stack::Node;

/// Stacks that the configuration chooses for something.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Chosen {
    /// None.
    #[default]
    None,
    /// All of them.
    All,
    /// These.
    These(Vec<(String, Spot)>),
}

/// `komodo: {drive: all}`, or a list of stacks: a mapping with this one key.
pub fn read(name: &str, key: &str, node: &Node, reader: &mut Reader<'_>) -> Chosen {
    let Some(map) = reader.map(name, node) else { return Chosen::None };
    reader.known(name, map, &[key]);
    let Some(chosen) = map.get(key) else { return Chosen::None };
    match chosen.text() {
        Some("all") => Chosen::All,
        Some("none") => Chosen::None,
        Some(word) => {
            let mend = "write all, none, or a list of stacks";
            reader.wrong(chosen.place, format!("{key} cannot be `{word}`"), mend);
            Chosen::None
        }
        None => Chosen::These(reader.words(key, chosen)),
    }
}

impl Chosen {
    /// The stacks that are chosen by name.
    #[must_use]
    pub fn named(&self) -> &[(String, Spot)] {
        match self {
            Chosen::These(names) => names,
            Chosen::None | Chosen::All => &[],
        }
    }

    /// This one is among them.
    #[must_use]
    pub fn holds(&self, stack: &str) -> bool {
        match self {
            Chosen::All => true,
            named => named.named().iter().any(|(name, _)| name == stack),
        }
    }
}

/// Where it is said that Komodo governs this stack; none if it is ours. What one server runs alone is a case of its own.
pub fn governed(name: &str, registered: Option<&Registered>, config: &Config) -> Option<String> {
    let registered = registered.filter(|stack| !matches!(stack.runs_on, RunsOn::Server(_)))?;
    (!config.drive.holds(name)).then(|| registered.spot.to_string())
}

/// Whether this stack may be changed from here. A stack that is in no folder may.
///
/// # Errors
/// With who governs it, and how that is changed.
pub fn driven(catalogue: &Catalogue, stack: &str) -> Result<(), Diagnostic> {
    if let Some(why) = &catalogue.governor_unknown {
        let what = format!("who drives the stack {stack} is not known");
        return Err(
            Diagnostic::new(what, "mend the registry of Komodo: quarterdeck lint says where").because(why.clone())
        );
    }
    catalogue.stacks.get(stack).map_or(Ok(()), ours)
}

/// As [`driven`], of a filed stack.
///
/// # Errors
/// With who governs it, and how that is changed.
pub fn ours(filed: &Filed) -> Result<(), Diagnostic> {
    let Some(place) = &filed.governed else { return Ok(()) };
    let name = &filed.name;
    let mend = format!("let Komodo deploy it, or say `komodo: {{drive: [{name}]}}` in quarterdeck.yaml");
    let fault = Diagnostic::new(format!("the stack {name} is {MANAGED}"), mend).at(place.clone());
    Err(fault.because("two who deploy one stack undo each other's work"))
}

#[cfg(test)]
mod tests {
    use super::super::{Files, read};
    use super::*;

    const REGISTRY: &str = "[[stack]]\nname = \"web\"\n[stack.config]\nswarm = \"home\"\nrun_directory = \"stacks/web\"\n\n[[stack]]\nname = \"pxe\"\n[stack.config]\nserver = \"barbary\"\nrun_directory = \"stacks/pxe\"\n";

    fn refused(config: &str) -> Vec<String> {
        let stack = "services: {a: {image: x}}";
        let texts = [
            ("komodo/resources.toml", REGISTRY),
            ("quarterdeck.yaml", config),
            ("stacks/web/compose.yaml", stack),
            ("stacks/pxe/compose.yaml", stack),
            ("stacks/own/compose.yaml", stack),
        ];
        let platform = read(&Files::of(&[], &texts));
        assert_eq!(platform.findings.iter().filter(|found| found.rule == "config-shape").count(), 0, "{config}");
        let names = ["web", "pxe", "own", "unfiled"];
        names.iter().filter(|name| driven(&platform.catalogue, name).is_err()).map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn what_komodo_governs_is_driven_only_where_the_folder_says_so() {
        for (config, expected) in [
            ("", vec!["web"]),
            ("komodo: {drive: none}", vec!["web"]),
            ("komodo: {drive: [other]}", vec!["web"]),
            ("komodo: {drive: [web]}", vec![]),
            ("komodo: {drive: all}", vec![]),
        ] {
            assert_eq!(refused(config), expected, "{config}");
        }
    }

    #[test]
    fn the_refusal_says_where_komodo_is_told_of_it_and_how_to_drive_it_here() {
        let texts = [("komodo/resources.toml", REGISTRY), ("stacks/web/compose.yaml", "services: {a: {image: x}}")];
        let platform = read(&Files::of(&[], &texts));
        let fault = driven(&platform.catalogue, "web").unwrap_err();
        assert!(fault.line().contains("managed by Komodo"), "{fault}");
        assert_eq!(platform.catalogue.governor("web"), Some("komodo/resources.toml:2:8"));
        assert!(fault.mend.contains("komodo: {drive: [web]}"), "{}", fault.mend);
    }
}
