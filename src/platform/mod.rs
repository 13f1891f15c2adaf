//! The platform folder: files in, a [`Catalogue`] out, with the place of everything and what is wrong with it. Knows
//! no network; a fault in one file never hides the others.

mod boot;
mod claims;
mod config;
mod credential;
mod critical;
mod env;
mod env_scan;
mod files;
mod fill;
pub mod govern;
mod inventory;
mod managers;
mod order;
mod outlets;
mod page;
mod preflight;
mod reader;
mod registry;
mod routes;
pub mod rules;
mod safety;
mod scaffold;
mod secrecy;
mod sign_on;
mod sketch;
mod stacks;
mod suggest;
mod tasks;
mod templates;
mod tiles;
mod tofu;
mod touched;
mod values;
mod variables;
mod wishes;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::diag::{Diagnostic, Finding, Severity, Spot, arrange};
use crate::model::{Catalogue, Filed, Tier};

pub use boot::{Boot, Group, Profile, mac};
pub use claims::{claims, machine_of};
pub use config::{Bar, Config, Gate, StackConfig};
pub use credential::Credential;
pub use critical::{Critical, Method, SessionCheck};
pub use env::{Assignment, EnvFile};
pub use files::{Files, FilesError, plain};
pub use fill::fill;
pub use inventory::{Host, Inventory, Label, Meaning, Variable};
pub use managers::ManagerHost;
pub use order::{Edge, Order, Why, reaches};
pub use outlets::{Monitors, NameServer, Outlets};
pub use page::word;
pub use preflight::{Base, From, LabelCheck, Placed, Preflight, SecretWish, variable};
pub use registry::{Hook, Registered, Registry, RunsOn, Server};
pub use routes::{Known, Route, routes};
pub use safety::hides_demands;
pub use scaffold::{Draft, Home, Ingress, Storage};
pub use secrecy::gives_away;
pub use sign_on::{Provider, SignOn};
pub use sketch::{Sketch, SketchedService, refusals};
pub use stacks::prefix;
pub use suggest::{mend, nearest};
pub use tasks::Run;
pub use templates::{Reference, Template};
pub use tiles::Tile;
pub use tofu::Machine;
pub use touched::{Touched, gone, touched};
pub use values::{Environment, Origin, VALUES, Values, values};
pub use variables::{Unset, Usage};
pub use wishes::Checkout;

/// What a folder says, and what is wrong in it.
#[derive(Debug, Default)]
pub struct Platform {
    /// Stacks and hosts, as the rest of the program knows them.
    pub catalogue: Catalogue,
    /// Hosts with everything that is said of them.
    pub inventory: Inventory,
    /// The managers that the inventory names, and how each is reached.
    pub managers: Vec<ManagerHost>,
    /// Komodo's registry.
    pub registry: Registry,
    /// `quarterdeck.yaml`.
    pub config: Config,
    /// `.env` and what is set around it.
    pub values: Values,
    /// Services that somebody may be using.
    pub critical: Vec<Critical>,
    /// What was found on the way.
    pub findings: Vec<Finding>,
    /// The findings of severity error, as faults.
    pub faults: Vec<Diagnostic>,
    /// What is wrong in the files that say who drives a stack, what is off and what is guarded: while that is not known
    /// nothing is deployed.
    pub doubts: Vec<Diagnostic>,
}

/// What is known of a stack beside its place in the catalogue.
#[derive(Debug, Clone, Default)]
pub struct StackNote {
    /// What its file makes, needs and uses.
    pub sketch: Sketch,
    /// What must be there before it is deployed.
    pub preflight: Option<Preflight>,
}

/// Notes of all stacks whose file can be read, by name.
pub type Sketches = BTreeMap<String, StackNote>;

/// Everything that lies below `stacks/`, read: the costlier half of a platform, which no first frame waits for.
#[derive(Debug, Default)]
pub struct Depth {
    /// Notes of the stacks.
    pub stacks: Sketches,
    /// In which order they come up.
    pub order: Order,
    /// Compose files below a stack that are none of their own, each with what it needs from others.
    pub nested: Vec<(PathBuf, Sketch)>,
    /// Templates with references to a vault.
    pub templates: Vec<Template>,
    /// Groups and profiles of the boot server.
    pub boot: Boot,
    /// Virtual machines.
    pub machines: Vec<Machine>,
    /// Scripts, playbooks and files that the tasks of go-task run.
    pub runs: Vec<Run>,
    /// What the dashboard is told beside labels.
    pub tiles: Vec<Tile>,
    /// What blueprints tell authentik.
    pub sign_on: SignOn,
    /// What was found on the way.
    pub findings: Vec<Finding>,
}

/// Reads the folder; what cannot be read is a finding beside what can.
#[must_use]
pub fn read(files: &Files) -> Platform {
    read_in(files, Environment::new())
}

/// Reads the folder as somebody with this environment sees it.
#[must_use]
pub fn read_in(files: &Files, environment: Environment) -> Platform {
    let mut findings = Vec::new();
    let values = Values::read(files, environment, &mut findings);
    let registry = registry::read(files, &mut findings);
    let config = config::read(files, &mut findings);
    let mut stacks = stacks::find(files, &registry, &config, &mut findings);
    let inventory = inventory::read(files, &values, &mut findings);
    for host in stacks.values_mut().filter_map(|filed| filed.host.as_mut()) {
        if let Some(server) = registry.servers.iter().find(|server| server.name == *host) {
            *host = machine_of(server, &inventory.hosts);
        }
    }
    let mut critical = critical::read(files, &mut findings);
    critical.extend(config.critical.iter().cloned());
    arrange(&mut findings);
    let faults = findings.iter().filter(|finding| finding.severity == Severity::Error).map(Diagnostic::from).collect();
    let name = config.name.clone().unwrap_or_else(|| files.name().to_owned());
    let hosts = inventory.hosts.iter().map(|(name, host)| (name.clone(), host.note.clone())).collect();
    let managers = managers::managers(&inventory);
    let doubts: Vec<Diagnostic> = findings.iter().filter(|it| safety::is_doubt(it)).map(Diagnostic::from).collect();
    let governor_unknown = findings.iter().find(|it| safety::hides_governor(it));
    let governor_unknown = governor_unknown.map(|finding| format!("{} at {}", finding.what, finding.spot));
    let secrets = values.secrets().clone().long();
    Platform {
        catalogue: Catalogue { name, stacks, hosts, secrets, governor_unknown },
        doubts,
        inventory,
        managers,
        registry,
        config,
        values,
        critical,
        findings,
        faults,
    }
}

impl Platform {
    /// Reads what lies below `stacks/`.
    #[must_use]
    pub fn depth(&self, files: &Files) -> Depth {
        let mut findings = Vec::new();
        let mut stacks = Sketches::new();
        for filed in self.catalogue.stacks.values() {
            let preflight = filed.file.parent().and_then(|dir| preflight::read(files, dir, &mut findings));
            if let Some(sketch) = sketch::read(files, filed, &self.values, &mut findings) {
                stacks.insert(filed.name.clone(), StackNote { sketch, preflight });
            }
        }
        let nested = self.nested(files);
        let edges = order::edges(&self.catalogue, &stacks, &self.declared());
        let order = order::order(&self.catalogue, edges);
        let templates = templates::read(files, &mut findings);
        let boot = boot::read(files, &mut findings);
        let machines = tofu::read(files, &mut findings);
        let runs = tasks::read(files, &mut findings);
        let tiles = tiles::read(files, &mut findings);
        let sign_on = sign_on::read(files, &mut findings);
        arrange(&mut findings);
        Depth { stacks, order, nested, templates, boot, machines, runs, tiles, sign_on, findings }
    }

    /// What compose files need that are no stacks. What else is wrong in them is the business of whoever uses them.
    fn nested(&self, files: &Files) -> Vec<(PathBuf, Sketch)> {
        let read = |path: PathBuf| {
            let filed = Filed::new("", Tier::Application, &path);
            let sketch = sketch::read(files, &filed, &self.values, &mut Vec::new())?;
            Some((path, sketch))
        };
        stacks::nested(files, &self.catalogue.stacks).into_iter().filter_map(read).collect()
    }

    /// Which stack waits for which, as the registry and the configuration say it, and where.
    #[must_use]
    pub fn declared(&self) -> Vec<(String, String, Spot)> {
        let registered = self.registry.stacks.iter().map(|stack| (&stack.name, &stack.after));
        let configured = self.config.stacks.iter().map(|(name, stack)| (name, &stack.after));
        registered
            .chain(configured)
            .flat_map(|(name, after)| after.iter().map(move |(on, spot)| (name.clone(), on.clone(), spot.clone())))
            .collect()
    }
}

/// The folder to work on: the one given, else the nearest at or above this one that looks like a platform.
#[must_use]
pub fn find(given: Option<&Path>, here: &Path) -> Option<PathBuf> {
    match given {
        Some(given) => Some(given.to_owned()),
        None => here.ancestors().find(|dir| dir.join("stacks").is_dir()).map(Path::to_owned),
    }
}
