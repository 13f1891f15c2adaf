//! The course of a deploy of many stacks: who waits for whom, from the lowest tier to the highest. Infrastructure goes
//! one after the other; above it what needs nothing from each other goes side by side; between two tiers is a gate.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Tier;

/// A stack of the folder, as far as the course needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Its name.
    pub stack: String,
    /// It is to be deployed, if there is anything to do.
    pub chosen: bool,
    /// There is something to deploy.
    pub work: bool,
    /// Something must be prepared, before it is deployed or although nothing of it is.
    pub prepared: bool,
    /// It is in the swarm now.
    pub live: bool,
}

/// Where gates stand between tiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gates {
    /// Nowhere: who does not wait for a stack does not wait for a tier.
    None,
    /// Between what was named and has something to do, and for that alone.
    Named,
    /// Between all tiers, for all that is in them.
    All,
}

/// The folder as the course needs it.
#[derive(Debug, Clone, Default)]
pub struct Field {
    /// Tier by tier; inside a tier in an order that keeps all edges.
    pub tiers: Vec<(Tier, Vec<Mark>)>,
    /// Which stack stands on which.
    pub edges: BTreeSet<(String, String)>,
    /// There are gates between tiers.
    pub gated: bool,
}

/// One leg of the course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// In which tier.
    pub tier: Tier,
    /// What is done.
    pub does: Does,
    /// Numbers of legs that must have ended well.
    pub well: Vec<usize>,
    /// Numbers of legs that must be over.
    pub over: Vec<usize>,
}

/// What a leg does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Does {
    /// Prepares a stack.
    Prepare(String),
    /// Deploys a stack.
    Deploy(String),
    /// Looks whether a stack stands that has nothing to do and on which the next one stands.
    Look(String),
    /// Waits until these stacks, all of a tier, stand.
    Gate(Vec<String>),
}

/// The legs, each after those that it waits for.
#[must_use]
pub fn course(field: &Field) -> Vec<Leg> {
    let mut way = Way { field, legs: Vec::new(), of: BTreeMap::new() };
    let mut gate = None;
    for (number, (tier, marks)) in field.tiers.iter().enumerate() {
        let first = way.legs.len();
        way.tier(tier, marks, gate);
        let above = field.tiers.iter().skip(number + 1).flat_map(|(_, marks)| marks);
        if field.gated && above.into_iter().any(has_work) {
            let over = (first..way.legs.len()).collect();
            let well = gate.into_iter().collect();
            if let Some(stacks) = expected(marks) {
                way.legs.push(Leg { tier: tier.clone(), does: Does::Gate(stacks), well, over });
                gate = Some(way.legs.len() - 1);
            }
        }
    }
    way.legs
}

/// In which order stacks go: the highest tier first, each after those that stand on it, infrastructure one after the
/// other. Gives each with the numbers of those before it that must have gone well.
#[must_use]
pub fn descent(tiers: &[(Tier, Vec<String>)], edges: &BTreeSet<(String, String)>) -> Vec<(String, Vec<usize>)> {
    let mut legs: Vec<(String, Vec<usize>)> = Vec::new();
    let mut above = 0..0;
    for (tier, stacks) in tiers.iter().rev().filter(|(_, stacks)| !stacks.is_empty()) {
        let first = legs.len();
        for stack in stacks.iter().rev() {
            let last = (*tier == Tier::Infrastructure && legs.len() > first).then(|| legs.len() - 1);
            let stands_on = |other: &str| edges.contains(&(other.to_owned(), stack.clone()));
            let own = legs.iter().enumerate().skip(first).filter(|(_, (other, _))| stands_on(other));
            let own: Vec<usize> = own.map(|(number, _)| number).collect();
            let mut well: Vec<usize> = above.clone().chain(own).chain(last).collect();
            well.sort_unstable();
            well.dedup();
            legs.push((stack.clone(), well));
        }
        above = first..legs.len();
    }
    legs
}

/// What is deployed in a tier, wave by wave, and whether a gate comes after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// The tier.
    pub tier: Tier,
    /// Stacks that go side by side.
    pub waves: Vec<Vec<String>>,
    /// What must stand before the next tier; empty where there is no gate.
    pub gate: Vec<String>,
}

/// The course as a person reads it.
#[must_use]
pub fn stretches(legs: &[Leg]) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    // How many deploys of its own tier come before a leg is done.
    let mut depths: Vec<usize> = Vec::new();
    for leg in legs {
        if stretches.last().is_none_or(|last| last.tier != leg.tier) {
            stretches.push(Stretch { tier: leg.tier.clone(), waves: Vec::new(), gate: Vec::new() });
        }
        let own = |on: &&usize| legs.get(**on).is_some_and(|other| other.tier == leg.tier);
        let before = leg.well.iter().filter(own).filter_map(|on| depths.get(*on)).max().copied().unwrap_or(0);
        let Some(stretch) = stretches.last_mut() else { continue };
        match &leg.does {
            Does::Deploy(stack) => {
                if stretch.waves.len() <= before {
                    stretch.waves.resize(before + 1, Vec::new());
                }
                stretch.waves.get_mut(before).into_iter().for_each(|wave| wave.push(stack.clone()));
                depths.push(before + 1);
                continue;
            }
            Does::Gate(stacks) => stretch.gate.clone_from(stacks),
            Does::Prepare(_) | Does::Look(_) => {}
        }
        depths.push(before);
    }
    stretches
}

fn has_work(mark: &Mark) -> bool {
    mark.chosen && (mark.work || mark.prepared)
}

/// What must stand at the gate of a tier: what was chosen, and what is in the swarm. A tier of which nothing is there,
/// and of which nothing was chosen, is missing as a whole.
fn expected(marks: &[Mark]) -> Option<Vec<String>> {
    let named = |is: fn(&Mark) -> bool| -> Vec<String> {
        marks.iter().filter(|mark| is(mark)).map(|mark| mark.stack.clone()).collect()
    };
    let there = named(|mark| mark.chosen || mark.live);
    let all = if there.is_empty() { named(|_| true) } else { there };
    (!all.is_empty()).then_some(all)
}

struct Way<'a> {
    field: &'a Field,
    legs: Vec<Leg>,
    /// The leg after which a stack stands.
    of: BTreeMap<&'a str, usize>,
}

impl<'a> Way<'a> {
    fn tier(&mut self, tier: &Tier, marks: &'a [Mark], gate: Option<usize>) {
        let in_turn = self.field.gated && *tier == Tier::Infrastructure;
        let mut last = None;
        let last_work = marks.iter().rposition(has_work);
        for (number, mark) in marks.iter().enumerate() {
            let mut well: Vec<usize> = gate.into_iter().chain(last).collect();
            if has_work(mark) {
                well.extend(self.stands_on(tier, mark, marks, gate));
                let leg = self.deploy(tier, mark, well);
                last = in_turn.then_some(leg);
            } else if in_turn && mark.live && mark.chosen && last_work > Some(number) {
                last = Some(self.push(tier, Does::Look(mark.stack.clone()), well));
                self.of.extend(last.map(|leg| (mark.stack.as_str(), leg)));
            }
        }
    }

    fn deploy(&mut self, tier: &Tier, mark: &'a Mark, mut well: Vec<usize>) -> usize {
        if mark.prepared {
            well = vec![self.push(tier, Does::Prepare(mark.stack.clone()), well)];
        }
        // What is prepared and not deployed must stand like any other before something is built on it.
        let leg = match mark.work {
            true => self.push(tier, Does::Deploy(mark.stack.clone()), well),
            false if self.field.gated && mark.live => self.push(tier, Does::Look(mark.stack.clone()), well),
            false => self.legs.len() - 1,
        };
        self.of.insert(&mark.stack, leg);
        leg
    }

    /// The legs of the stacks that this one stands on. One of its own tier that has nothing to do is looked at first.
    fn stands_on(&mut self, tier: &Tier, mark: &Mark, marks: &'a [Mark], gate: Option<usize>) -> Vec<usize> {
        let field = self.field;
        let ons = field.edges.iter().filter(|(stack, on)| *stack == mark.stack && *on != mark.stack);
        let mut legs = Vec::new();
        for (_, on) in ons {
            if let Some(leg) = self.of.get(on.as_str()) {
                legs.push(*leg);
                continue;
            }
            let idle = marks.iter().find(|other| other.stack == *on && other.live && !has_work(other));
            if let Some(idle) = idle.filter(|_| field.gated) {
                let leg = self.push(tier, Does::Look(idle.stack.clone()), gate.into_iter().collect());
                self.of.insert(&idle.stack, leg);
                legs.push(leg);
            }
        }
        legs
    }

    fn push(&mut self, tier: &Tier, does: Does, mut well: Vec<usize>) -> usize {
        well.sort_unstable();
        well.dedup();
        self.legs.push(Leg { tier: tier.clone(), does, well, over: Vec::new() });
        self.legs.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `name` has work, `name-` has none and is live, `name?` is neither chosen nor there, `name!` is prepared first;
    /// `name-!` is live and nothing but prepared.
    fn marks(words: &str) -> Vec<Mark> {
        let mark = |word: &str| {
            let stack = word.trim_end_matches(['-', '?', '!']).to_owned();
            let (idle, absent) = (word.contains('-'), word.ends_with('?'));
            Mark { stack, chosen: !absent, work: !idle, prepared: word.ends_with('!'), live: idle }
        };
        words.split_whitespace().map(mark).collect()
    }

    fn drawn(tiers: &[(Tier, &str)], edges: &[(&str, &str)], gated: bool) -> Vec<String> {
        let field = Field {
            tiers: tiers.iter().map(|(tier, words)| (tier.clone(), marks(words))).collect(),
            edges: edges.iter().map(|(stack, on)| ((*stack).to_owned(), (*on).to_owned())).collect(),
            gated,
        };
        let legs = course(&field);
        for (number, leg) in legs.iter().enumerate() {
            assert!(leg.well.iter().chain(&leg.over).all(|on| *on < number), "a leg waits for a later one");
        }
        let line = |(number, leg): (usize, &Leg)| {
            let does = match &leg.does {
                Does::Prepare(stack) => format!("prepare {stack}"),
                Does::Deploy(stack) => stack.clone(),
                Does::Look(stack) => format!("look {stack}"),
                Does::Gate(stacks) => format!("gate({})", stacks.join(" ")),
            };
            format!("{number} {does} {:?} {:?}", leg.well, leg.over)
        };
        legs.iter().enumerate().map(line).collect()
    }

    use Tier::{Application, Infrastructure, Platform};

    #[test]
    fn infrastructure_goes_in_turn_and_what_lies_above_goes_by_its_edges() {
        let tiers = [(Infrastructure, "dns proxy"), (Platform, "db! mail sso"), (Application, "a b")];
        assert_eq!(
            drawn(&tiers, &[("sso", "db"), ("a", "sso"), ("b", "dns")], true),
            [
                "0 dns [] []",
                "1 proxy [0] []",
                "2 gate(dns proxy) [] [0, 1]",
                "3 prepare db [2] []",
                "4 db [3] []",
                "5 mail [2] []",
                "6 sso [2, 4] []",
                "7 gate(db mail sso) [2] [3, 4, 5, 6]",
                "8 a [6, 7] []",
                "9 b [0, 7] []",
            ]
        );
    }

    #[test]
    fn what_is_taken_away_goes_the_other_way_round() {
        let tiers = [(Infrastructure, "dns proxy"), (Platform, "db mail sso"), (Application, "a b")]
            .map(|(tier, names)| (tier, names.split(' ').map(str::to_owned).collect::<Vec<_>>()));
        let edges = [("sso".to_owned(), "db".to_owned()), ("a".to_owned(), "dns".to_owned())].into();
        let told: Vec<String> =
            descent(&tiers, &edges).iter().map(|(stack, well)| format!("{stack} {well:?}")).collect();
        assert_eq!(
            told,
            ["b []", "a []", "sso [0, 1]", "mail [0, 1]", "db [0, 1, 2]", "proxy [2, 3, 4]", "dns [2, 3, 4, 5]"]
        );
    }

    #[test]
    fn a_course_reads_as_waves_with_gates_between() {
        let field = Field {
            tiers: vec![(Infrastructure, marks("dns proxy")), (Platform, marks("db! mail sso"))],
            edges: [("sso", "db")].map(|(stack, on)| (stack.to_owned(), on.to_owned())).into(),
            gated: true,
        };
        let told: Vec<String> =
            stretches(&course(&field)).iter().map(|s| format!("{:?} {:?}", s.waves, s.gate)).collect();
        assert_eq!(told, [r#"[["dns"], ["proxy"]] ["dns", "proxy"]"#, r#"[["db", "mail"], ["sso"]] []"#]);
    }

    #[test]
    fn what_has_nothing_to_do_is_looked_at_where_something_stands_on_it() {
        let tiers = [(Infrastructure, "dns- proxy"), (Platform, "db- sso other-"), (Application, "a-")];
        assert_eq!(
            drawn(&tiers, &[("sso", "db")], true),
            [
                "0 look dns [] []",
                "1 proxy [0] []",
                "2 gate(dns proxy) [] [0, 1]",
                "3 look db [2] []",
                "4 sso [2, 3] []"
            ]
        );
        assert!(drawn(&[(Infrastructure, "dns-"), (Platform, "db-")], &[], true).is_empty());
    }

    #[test]
    fn what_lacks_nothing_but_its_preparation_is_prepared_and_must_stand() {
        let tiers = [(Infrastructure, "dns-! proxy"), (Platform, "db-")];
        assert_eq!(drawn(&tiers, &[], true), ["0 prepare dns [] []", "1 look dns [0] []", "2 proxy [1] []"]);
        assert_eq!(drawn(&[(Platform, "db-!")], &[], false), ["0 prepare db [] []"]);
    }

    #[test]
    fn a_tier_that_was_not_chosen_must_stand_and_one_that_is_missing_whole_is_named() {
        assert_eq!(
            drawn(&[(Infrastructure, "dns? old?"), (Platform, "db- mail?"), (Application, "a")], &[], true),
            ["0 gate(dns old) [] []", "1 gate(db) [0] []", "2 a [1] []"]
        );
    }

    #[test]
    fn without_gates_only_edges_count_and_a_circle_is_begun_with_whoever_comes_first() {
        assert_eq!(
            drawn(&[(Infrastructure, "a b"), (Platform, "c d")], &[("c", "d"), ("d", "c"), ("c", "a")], false),
            ["0 a [] []", "1 b [] []", "2 c [0] []", "3 d [2] []"]
        );
    }
}
