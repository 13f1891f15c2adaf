//! The deploy of many stacks: all their plans on one look at the swarm, and the course that they take. Writes nothing;
//! what comes out is put into the queue as it was shown.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::desk::{Contents, Prepared};
use super::folder::reading;
use super::ground::{Ground, ground};
use super::preflight::{self, Against, Demands};
use super::registries::Registries;
use super::truth;
use crate::action::gate::Mode;
use crate::action::prepare::Prepare;
use crate::diag::{Diagnostic, Explain};
use crate::engine::{Engine, EngineError, read_node};
use crate::model::{Filed, Node, Tier};
use crate::plan::{self, CourseField, Gates, Leg, Mark, Options, Plan, Promised, Thing, Truth};
use crate::platform::{self, Bar, Checkout, Platform};
use crate::stack::{Kind, Wish};

/// How long a gate waits where the folder does not say it.
const AT_A_GATE: Duration = Duration::from_secs(300);

/// What is to be deployed.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Stacks of the folder.
    pub stacks: Vec<Filed>,
    /// They were not named one by one: what others drive is left out.
    pub broad: bool,
    /// How plans are drawn.
    pub options: Options,
    /// Where gates stand between tiers.
    pub gates: Gates,
    /// Of these, what lies on machines is looked after although nothing else is to do: it cannot be seen in the swarm.
    pub places: BTreeSet<String>,
}

/// The plan of one stack, with what a deploy of it needs.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The tier it belongs to.
    pub tier: Tier,
    /// What would change.
    pub plan: Plan,
    /// The wish behind it; none if its file cannot be read.
    pub prepared: Option<Prepared>,
    /// How long each of its services may take to converge, where the folder says it.
    pub patience: Option<Duration>,
    /// What is put in place, and with what: before the deploy, or although there is none.
    pub prepare: Option<(Prepare, Contents)>,
}

impl Planned {
    /// There is something to do, and nothing forbids it.
    #[must_use]
    pub fn has_work(&self) -> bool {
        self.plan.faults.is_empty() && (!self.plan.is_empty() || self.prepare.is_some())
    }
}

/// Plans of many stacks and the course of their deploy.
#[derive(Debug, Clone, Default)]
pub struct Rollout {
    /// The plans, in the order in which they come up.
    pub stacks: Vec<Planned>,
    /// The course.
    pub legs: Vec<Leg>,
    /// Networks that are made before anything else, for no stack makes them.
    pub networks: Vec<String>,
    /// Stacks that are left out, and why.
    pub left_out: Vec<(String, String)>,
    /// The stacks were not named one by one.
    pub broad: bool,
    /// There are gates between all tiers.
    pub gated: bool,
    /// How the plans were drawn.
    pub options: Options,
    /// Which stack stands on which.
    pub edges: BTreeSet<(String, String)>,
    /// What the folder says of gates between tiers.
    pub gate: Mode,
    /// How long a gate waits.
    pub at_a_gate: Duration,
}

/// Why there is no rollout.
#[derive(Debug)]
pub enum NoRollout {
    /// The folder's own values cannot be read.
    Folder(Vec<Diagnostic>),
    /// The swarm does not answer.
    Swarm(EngineError),
}

impl NoRollout {
    /// The faults.
    #[must_use]
    pub fn faults(self) -> Vec<Diagnostic> {
        match self {
            NoRollout::Folder(faults) => faults,
            NoRollout::Swarm(error) => vec![error.explain()],
        }
    }
}

/// Reads the folder and draws all plans.
///
/// # Errors
/// If the folder's values cannot be read or the swarm does not answer. Faults of stacks are in their plans.
pub async fn rollout(
    (engine, registries): (&Engine, &Registries),
    checkout: &Checkout,
    mut choice: Choice,
) -> Result<Rollout, NoRollout> {
    let (from, stacks) = (checkout.clone(), choice.stacks.clone());
    let read = reading(move || ground(&from, &stacks)).await;
    let ground = read.and_then(|ground| ground).map_err(|fault| NoRollout::Folder(vec![fault]))?;
    let mut left_out = Vec::new();
    if choice.broad {
        choice.stacks.retain(|filed| match left_to_others(filed) {
            None => true,
            Some(why) => {
                left_out.push((filed.name.clone(), why));
                false
            }
        });
    }
    let chosen: BTreeSet<&str> = choice.stacks.iter().map(|filed| filed.name.as_str()).collect();
    let sound: Vec<&Wish> =
        chosen.iter().filter_map(|name| Some(&**ground.wishes.get(*name)?.as_ref().ok()?)).collect();
    let truth = truth::survey(engine, registries, &sound, choice.options.resolve).await.map_err(NoRollout::Swarm)?;
    let nodes = match engine.get_json("/nodes").await.map_err(NoRollout::Swarm)? {
        Value::Array(nodes) => nodes,
        _ => Vec::new(),
    };
    let there = names(&truth.networks);
    let uses = |wish: &&Wish, name: &String| wish.externals.iter().any(|e| e.kind == Kind::Network && e.name == *name);
    let needed = |name: &&String| choice.broad || sound.iter().any(|wish| uses(wish, name));
    let networks: Vec<String> =
        ground.networks.iter().filter(|name| !there.contains(*name)).filter(needed).cloned().collect();
    let stacks = plans(&ground, (&choice, checkout), (&truth, &nodes), &networks);
    let field = field(&ground, &stacks, &truth, (choice.gates, &chosen));
    let config = &ground.platform.config;
    Ok(Rollout {
        legs: plan::course(&field),
        edges: field.edges,
        stacks,
        networks,
        left_out,
        broad: choice.broad,
        gated: choice.gates == Gates::All,
        options: choice.options,
        gate: config.gates.get(&platform::Gate::Tier).map_or(Mode::Stop, |bar| mode(*bar)),
        at_a_gate: config.timeouts.get("converge").copied().unwrap_or(AT_A_GATE),
    })
}

fn mode(bar: Bar) -> Mode {
    match bar {
        Bar::Stop => Mode::Stop,
        Bar::Warn => Mode::Warn,
        Bar::Ask => Mode::Ask,
    }
}

/// Why a stack is not ours to deploy or to take away unasked.
pub(super) fn left_to_others(filed: &Filed) -> Option<String> {
    filed.why_absent().or_else(|| platform::govern::ours(filed).err().map(|fault| fault.what))
}

/// The names of objects that the engine lists.
fn names(objects: &[Value]) -> BTreeSet<String> {
    let name = |object: &Value| {
        let name = object.get("Name").or_else(|| object.pointer("/Spec/Name")).and_then(Value::as_str);
        name.map(str::to_owned)
    };
    objects.iter().filter_map(name).collect()
}

/// All plans, each on what those before it will have made.
fn plans(
    ground: &Ground,
    (choice, checkout): (&Choice, &Checkout),
    (truth, nodes): (&Truth, &[Value]),
    networks: &[String],
) -> Vec<Planned> {
    let order: Vec<&str> =
        ground.order.tiers.iter().flat_map(|(_, waves)| waves.iter().flatten()).map(String::as_str).collect();
    let place = |filed: &Filed| order.iter().position(|name| *name == filed.name).unwrap_or(usize::MAX);
    let mut chosen: Vec<&Filed> = choice.stacks.iter().collect();
    chosen.sort_by_key(|filed| (filed.tier.clone(), place(filed), filed.name.clone()));
    let mut promised: Promised =
        networks.iter().map(|name| ((Thing::Network, name.clone()), "the platform".to_owned())).collect();
    let mut secrets = names(&truth.secrets);
    let mut members: Vec<Node> = nodes.iter().filter_map(|raw| read_node(&raw.to_string()).ok()).collect();
    let mut planned = Vec::new();
    for filed in chosen {
        let against = Against {
            files: &checkout.files,
            catalogue: &ground.platform.catalogue,
            values: &ground.values,
            nodes,
            secrets: &secrets,
        };
        let demands = ground.preflights.get(&filed.name).map(|wish| preflight::demands(filed, wish, against));
        for name in demands.iter().flat_map(|demands| &demands.prepare.secrets) {
            promised.insert((Thing::Secret, name.clone()), filed.name.clone());
            secrets.insert(name.clone());
        }
        // What it is given before its deploy, and those behind it, it has then.
        for given in demands.iter().flat_map(|demands| &demands.prepare.labels) {
            for node in members.iter_mut().filter(|node| node.id == given.node) {
                node.labels.insert(given.key.clone(), given.value.clone());
            }
        }
        let stack = ground.platform.config.stacks.get(&filed.name);
        let converge = ground.platform.config.timeouts.get("converge");
        let patience = stack.and_then(|stack| stack.timeout).or(converge.copied());
        let (mut plan, prepared) = match ground.wishes.get(&filed.name) {
            Some(Ok(wish)) => {
                let mut plan = plan::draw(wish, truth, choice.options, &promised).plan;
                plan.warnings.extend(plan::capacity(wish, &members));
                promised.extend(plan::promised(wish));
                let named = truth::asked(&[&**wish], choice.options.resolve).into_iter();
                let unread = (!plan.unmade.is_empty()).then(|| checkout.clone());
                let images = named.filter_map(|name| truth.images.get(&name).cloned().map(|image| (name, image)));
                (plan, Some(Prepared { wish: Arc::clone(wish), images: images.collect(), unread }))
            }
            Some(Err(faults)) => (Plan { stack: filed.name.clone(), faults: faults.clone(), ..Plan::default() }, None),
            None => continue,
        };
        // It is one fault of all of them.
        if planned.is_empty() {
            plan.faults.extend(ground.platform.doubts.iter().cloned());
        }
        let bar = bar(&ground.platform, &filed.name);
        let unread = ground.unread.get(&filed.name).cloned().unwrap_or_default();
        // What a file demands that cannot be read is not known, so nobody can be asked about it.
        if bar == Bar::Warn {
            plan.warnings.extend(unread)
        } else {
            plan.faults.extend(unread)
        }
        let prepare = demands.and_then(|demands| hold(&mut plan, demands, bar)).filter(|(prepare, _)| {
            let asked = choice.places.contains(&filed.name) && !prepare.places.is_empty();
            !plan.is_empty() || prepare.lacks() || asked
        });
        // A script goes before a deploy: where there is none it does not run.
        let before = |(prepare, contents): (Prepare, Contents)| match plan.is_empty() {
            true => (Prepare { hook: None, ..prepare }, contents),
            false => (prepare, contents),
        };
        let prepare = prepare.map(before);
        planned.push(Planned { tier: filed.tier.clone(), plan, prepared, patience, prepare });
    }
    planned
}

/// What the folder says of a pre-flight that finds something missing.
fn bar(platform: &Platform, stack: &str) -> Bar {
    let gate = platform::Gate::Preflight;
    let own = platform.config.stacks.get(stack).and_then(|stack| stack.gates.get(&gate));
    own.or(platform.config.gates.get(&gate)).copied().unwrap_or(Bar::Stop)
}

/// Puts to the plan what its pre-flight found, and gives what is to be prepared.
fn hold(plan: &mut Plan, demands: Demands, bar: Bar) -> Option<(Prepare, Contents)> {
    let Demands { faults, warnings, mut prepare, contents } = demands;
    plan.warnings.extend(warnings);
    match bar {
        Bar::Stop => plan.faults.extend(faults),
        Bar::Warn => plan.warnings.extend(faults),
        Bar::Ask => {
            prepare.asks = faults.iter().map(Diagnostic::line).collect();
            plan.warnings.extend(faults.into_iter().map(|fault| fault.because("the deploy asks before it goes on")));
        }
    }
    (!prepare.is_empty()).then_some((prepare, contents))
}

/// What the course is made from.
fn field(
    ground: &Ground,
    planned: &[Planned],
    truth: &Truth,
    (gates, chosen): (Gates, &BTreeSet<&str>),
) -> CourseField {
    let live: BTreeSet<&str> = truth
        .services
        .iter()
        .filter_map(|service| service.pointer("/Spec/Labels/com.docker.stack.namespace")?.as_str())
        .collect();
    let mark = |stack: &String| {
        let sound = planned.iter().find(|planned| planned.plan.stack == *stack && planned.has_work());
        Mark {
            stack: stack.clone(),
            chosen: chosen.contains(stack.as_str()),
            work: sound.is_some_and(|planned| !planned.plan.is_empty()),
            prepared: sound.is_some_and(|planned| planned.prepare.is_some()),
            live: live.contains(stack.as_str()),
        }
    };
    // What is switched off is no part of its tier, and holds no gate.
    let filed = &ground.platform.catalogue.stacks;
    let awaited = |name: &&String| chosen.contains(name.as_str()) || filed.get(*name).is_none_or(Filed::is_awaited);
    let counts = |mark: &Mark| gates != Gates::Named || mark.work || mark.prepared;
    let of = |waves: &[Vec<String>]| waves.iter().flatten().filter(awaited).map(mark).filter(counts).collect();
    let tiers = ground.order.tiers.iter();
    let with_work = planned.iter().filter(|planned| planned.has_work()).map(|planned| &planned.tier);
    let tiers_with_work = with_work.collect::<BTreeSet<_>>().len();
    CourseField {
        tiers: tiers.map(|(tier, waves)| (tier.clone(), of(waves))).collect(),
        edges: ground.order.edges.iter().map(|edge| (edge.stack.clone(), edge.on.clone())).collect(),
        gated: gates == Gates::All || (gates == Gates::Named && tiers_with_work > 1),
    }
}

impl Rollout {
    /// The plan of a stack.
    #[must_use]
    pub fn of(&self, stack: &str) -> Option<&Planned> {
        self.stacks.iter().find(|planned| planned.plan.stack == stack)
    }

    /// Faults of all stacks.
    pub fn faults(&self) -> impl Iterator<Item = &Diagnostic> {
        self.stacks.iter().flat_map(|planned| &planned.plan.faults)
    }

    /// The stacks that cannot be deployed, and those that stand on them.
    #[must_use]
    pub fn held(&self) -> BTreeSet<String> {
        let faulty = self.stacks.iter().filter(|planned| !planned.plan.faults.is_empty());
        let mut held: BTreeSet<String> = faulty.map(|planned| planned.plan.stack.clone()).collect();
        loop {
            let more = self.edges.iter().filter(|(stack, on)| held.contains(on) && !held.contains(stack));
            let more: Vec<String> = more.map(|(stack, _)| stack.clone()).collect();
            if more.is_empty() {
                return held;
            }
            held.extend(more);
        }
    }

    /// There is something to do.
    #[must_use]
    pub fn has_work(&self) -> bool {
        self.stacks.iter().any(Planned::has_work)
    }
}
