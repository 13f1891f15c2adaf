//! Whether what runs is what a stack's file says. Plain words: it never knows how that was found out.

use std::collections::BTreeMap;

/// How a stack stands to its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Drift {
    /// It is as its file says.
    Same,
    /// A deploy would change so many things.
    Differs(usize),
    /// Nothing of it is in the swarm.
    NotDeployed,
    /// Its file cannot be deployed, and why.
    Fault(String),
}

/// All stacks of the folder of which this is known, by name.
pub type Drifts = BTreeMap<String, Drift>;

impl Drift {
    /// In a word or two.
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Drift::Same => "same".to_owned(),
            Drift::Differs(things) => format!("differs {things}"),
            Drift::NotDeployed => "not deployed".to_owned(),
            Drift::Fault(_) => "fault".to_owned(),
        }
    }

    /// In a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Drift::Same => "as its file says".to_owned(),
            Drift::Differs(things) => {
                format!("a deploy would change {}", super::text::counted(*things as u64, "thing"))
            }
            Drift::NotDeployed => "its file is not deployed".to_owned(),
            Drift::Fault(why) => format!("its file cannot be deployed: {why}"),
        }
    }
}
