//! What `:` offers for what was typed: places, things and verbs, best match first.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::action::Duty;
use crate::app::Subject;
use crate::app::keymap::{Intent, Place};
use crate::model::Picture;

/// How many offers are worth showing.
const OFFERED: usize = 12;
/// Verbs that take a thing.
const VERBS: [(&str, Intent); 8] = [
    ("redeploy", Intent::Redeploy),
    ("logs", Intent::Logs),
    ("shell", Intent::Shell),
    ("describe", Intent::Describe),
    ("raw", Intent::Raw),
    ("drain", Intent::Duty(Duty::Drain)),
    ("activate", Intent::Duty(Duty::Active)),
    ("pause", Intent::Duty(Duty::Pause)),
];
/// Short names that fingers know.
const ALIASES: [(&str, Place); 32] = [
    ("ov", Place::Overview),
    ("overview", Place::Overview),
    ("no", Place::Nodes),
    ("node", Place::Nodes),
    ("nodes", Place::Nodes),
    ("st", Place::Stacks),
    ("stack", Place::Stacks),
    ("stacks", Place::Stacks),
    ("svc", Place::Services),
    ("service", Place::Services),
    ("services", Place::Services),
    ("ta", Place::Tasks),
    ("ps", Place::Tasks),
    ("task", Place::Tasks),
    ("tasks", Place::Tasks),
    ("logs", Place::Logs),
    ("jobs", Place::Queue),
    ("queue", Place::Queue),
    ("us", Place::Usage),
    ("usage", Place::Usage),
    ("stats", Place::Usage),
    ("vol", Place::Volumes),
    ("volumes", Place::Volumes),
    ("images", Place::Images),
    ("df", Place::Disk),
    ("disk", Place::Disk),
    ("storage", Place::Storage),
    ("mounts", Place::Storage),
    ("lint", Place::Lint),
    ("faults", Place::Lint),
    ("ev", Place::Events),
    ("events", Place::Events),
];

/// What an offer leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A place.
    Go(Place),
    /// A thing.
    Open(Subject),
    /// Something to do here.
    Do(Intent),
    /// Something to do with a thing.
    With(Intent, Subject),
}

/// One offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What is typed for it.
    pub label: String,
    /// What it is.
    pub kind: &'static str,
    /// Where it leads.
    pub target: Target,
}

/// What to offer for this text.
#[must_use]
pub fn candidates(text: &str, picture: &Picture) -> Vec<Candidate> {
    let text = text.trim_start();
    if let Some((verb, intent, rest)) = verb(text) {
        let fits = |subject: &Subject| !matches!(intent, Intent::Duty(_)) || matches!(subject, Subject::Node(_));
        let all = things(picture).filter(|(_, subject)| fits(subject)).map(|(name, subject)| Candidate {
            label: format!("{verb} {name}"),
            kind: subject.kind(),
            target: Target::With(intent, subject),
        });
        return best(rest, all.collect(), |candidate| candidate.label.get(verb.len() + 1..).unwrap_or_default());
    }
    let wanted = text.trim_end().to_ascii_lowercase();
    if let Some((_, place)) = ALIASES.iter().find(|(alias, _)| *alias == wanted) {
        let mut offers = vec![Candidate { label: place.name().to_owned(), kind: "screen", target: Target::Go(*place) }];
        offers.extend(best(text, all(picture), |c| &c.label).into_iter().filter(|c| c.target != Target::Go(*place)));
        offers.truncate(OFFERED);
        return offers;
    }
    best(text, all(picture), |candidate| &candidate.label)
}

/// The name that was most likely meant, for a text that nothing matches.
#[must_use]
pub fn nearest(text: &str, picture: &Picture) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let names = all(picture).into_iter().map(|candidate| candidate.label);
    let aliases = ALIASES.iter().map(|(alias, _)| (*alias).to_owned());
    names
        .chain(aliases)
        .map(|name| (distance(&text, &name.to_ascii_lowercase()), name))
        .filter(|(distance, name)| *distance <= name.chars().count().max(3) / 2)
        .min()
        .map(|(_, name)| name)
}

fn verb(text: &str) -> Option<(&'static str, Intent, &str)> {
    let (word, rest) = text.split_once(' ')?;
    let (verb, intent) = VERBS.into_iter().find(|(verb, _)| *verb == word)?;
    Some((verb, intent, rest))
}

fn things(picture: &Picture) -> impl Iterator<Item = (&str, Subject)> {
    let stacks = picture.stacks.iter().filter(|stack| !stack.name.is_empty());
    let stacks = stacks.map(|stack| (stack.name.as_str(), Subject::Stack(stack.name.clone())));
    let services = picture.swarm.services.values();
    let services = services.map(|service| (service.name.as_str(), Subject::Service(service.id.clone())));
    let nodes = picture.swarm.nodes.values();
    let nodes = nodes.map(|node| (node.hostname.as_str(), Subject::Node(node.id.clone())));
    stacks.chain(nodes).chain(services)
}

fn all(picture: &Picture) -> Vec<Candidate> {
    let places = Place::ALL.into_iter().map(|place| (place.name(), "screen", Target::Go(place)));
    let verbs = [
        ("redeploy", Intent::Redeploy),
        ("shell", Intent::Shell),
        ("describe", Intent::Describe),
        ("raw", Intent::Raw),
        ("refresh", Intent::Refresh),
        ("faults", Intent::FaultsOnly),
        ("messages", Intent::Messages),
        ("own log", Intent::OwnLog),
        ("help", Intent::Help),
        ("quit", Intent::QuitNow),
    ];
    let verbs = verbs.into_iter().map(|(name, intent)| (name, "do", Target::Do(intent)));
    let things = things(picture).map(|(name, subject)| (name, subject.kind(), Target::Open(subject)));
    places
        .chain(things)
        .chain(verbs)
        .map(|(label, kind, target)| Candidate { label: label.to_owned(), kind, target })
        .collect()
}

/// The best of them. Without a text: the first.
fn best(text: &str, all: Vec<Candidate>, label: impl Fn(&Candidate) -> &str) -> Vec<Candidate> {
    let pattern = Pattern::parse(text.trim(), CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT.match_paths());
    let mut letters = Vec::new();
    let mut scored: Vec<(u32, usize, Candidate)> = all
        .into_iter()
        .filter_map(|candidate| {
            let score = pattern.score(Utf32Str::new(label(&candidate), &mut letters), &mut matcher)?;
            Some((score, label(&candidate).len(), candidate))
        })
        .collect();
    scored.sort_by(|(a, a_length, _), (b, b_length, _)| {
        b.cmp(a).then_with(|| if text.trim().is_empty() { std::cmp::Ordering::Equal } else { a_length.cmp(b_length) })
    });
    scored.into_iter().take(OFFERED).map(|(_, _, candidate)| candidate).collect()
}

/// How many letters differ (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (to, above) in b.iter().zip(row.iter().skip(1)) {
            let cost = diagonal + usize::from(from != *to);
            diagonal = *above;
            left = cost.min(left + 1).min(above + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample::{node, noon, service, swarm};

    fn picture() -> Picture {
        let services = [service("media_plex"), service("media_sonarr"), service("postgres_db")];
        Picture::of(swarm([node("lorcha")], services), &std::sync::Arc::default(), noon())
    }

    fn first(text: &str) -> Option<Target> {
        candidates(text, &picture()).into_iter().next().map(|candidate| candidate.target)
    }

    #[test]
    fn short_names_lead_to_their_place() {
        for (text, place) in [
            ("svc", Place::Services),
            ("no", Place::Nodes),
            ("st", Place::Stacks),
            ("ta", Place::Tasks),
            ("queue", Place::Queue),
        ] {
            assert_eq!(first(text), Some(Target::Go(place)), "{text}");
        }
    }

    #[test]
    fn letters_in_order_find_a_thing() {
        assert_eq!(first("lorc"), Some(Target::Open(Subject::Node(crate::model::NodeId::new("lorcha")))));
        assert!(matches!(first("mplex"), Some(Target::Open(Subject::Service(_)))));
        let redeploy = first("redeploy postg");
        assert!(matches!(redeploy, Some(Target::With(Intent::Redeploy, _))), "{redeploy:?}");
        let drain = first("drain lor");
        assert!(matches!(drain, Some(Target::With(Intent::Duty(Duty::Drain), Subject::Node(_)))), "{drain:?}");
        assert_eq!(first("drain plex"), None, "a service is not drained");
    }

    #[test]
    fn a_slip_of_the_finger_is_understood() {
        assert_eq!(first("servixes"), None);
        assert_eq!(nearest("servixes", &picture()).as_deref(), Some("services"));
        assert_eq!(nearest("zzzzzzzzzzzz", &picture()), None);
    }
}
