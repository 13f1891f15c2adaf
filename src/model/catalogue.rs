//! What the platform folder says: which stacks belong to which tier, and what each host is.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::node::Role;
use super::secret::Secrets;

/// How it is said of a stack that Komodo governs, on every screen.
pub const MANAGED: &str = "managed by Komodo";

/// A layer of the platform. Each stands on the ones before it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Ingress, secrets, deployment.
    Infrastructure,
    /// Databases, sign-on, monitoring.
    Platform,
    /// What people use.
    Application,
    /// Live, but in no folder.
    Unassigned,
}

impl Tier {
    /// In the order in which they are deployed; the last is no tier of the folder.
    pub const ALL: [Tier; 4] = [Tier::Infrastructure, Tier::Platform, Tier::Application, Tier::Unassigned];

    /// Its name on screen and in JSON.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Tier::Infrastructure => "infrastructure",
            Tier::Platform => "platform",
            Tier::Application => "application",
            Tier::Unassigned => "unassigned",
        }
    }
}

/// A stack that the folder describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// The name it is deployed under.
    pub name: String,
    /// The tier it belongs to.
    pub tier: Tier,
    /// Its compose file, relative to the folder.
    pub file: PathBuf,
    /// Stacks that the folder says must stand before it.
    pub after: Vec<String>,
    /// The host that runs it by itself, outside the swarm; none for a stack of the swarm.
    pub host: Option<String>,
    /// Where the registry of Komodo says that Komodo deploys it, unless the folder lets us do it; none if it is ours.
    pub governed: Option<String>,
    /// Where the folder says that it is not to run; none if it is.
    pub off: Option<String>,
}

impl Filed {
    /// A stack of the swarm.
    #[must_use]
    pub fn new(name: impl Into<String>, tier: Tier, file: impl Into<PathBuf>) -> Self {
        Self { name: name.into(), tier, file: file.into(), after: Vec::new(), host: None, governed: None, off: None }
    }

    /// The swarm is to run it: it is neither one host's alone nor switched off.
    #[must_use]
    pub fn is_awaited(&self) -> bool {
        self.host.is_none() && self.off.is_none()
    }

    /// Why the swarm does not run it; none where it should.
    #[must_use]
    pub fn why_absent(&self) -> Option<String> {
        let alone = self.host.as_ref().map(|host| format!("run by docker compose on {host}, outside the swarm"));
        alone.or_else(|| self.off.as_ref().map(|place| format!("switched off: {place}")))
    }
}

/// What the inventory says of a host.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostNote {
    /// What it runs on, such as `TrueNAS Scale`.
    pub platform: String,
    /// What it is made of.
    pub hardware: String,
    /// What it is there for.
    pub responsibilities: Vec<String>,
    /// Its address in the inventory.
    pub address: String,
    /// Who to log in as.
    pub user: String,
    /// Its SSH port, if it is said.
    pub port: Option<u16>,
    /// The private key to log in with, as written.
    pub key: String,
    /// Whether commands there run as root.
    pub r#become: bool,
    /// What it should be in the swarm.
    pub role: Option<Role>,
    /// Labels it should have in the swarm.
    pub labels: BTreeMap<String, LabelNote>,
    /// Groups that hold it, parents before children.
    pub groups: Vec<String>,
    /// Where it stands: `file:line:column`.
    pub place: String,
    /// How many hosts the inventory names before it.
    pub rank: usize,
}

/// A label that a host should have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LabelNote {
    /// Its value.
    pub value: String,
    /// Where it stands: `file:line:column`.
    pub place: String,
}

/// The platform folder, read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Catalogue {
    /// The name of the platform.
    pub name: String,
    /// Stacks by name.
    pub stacks: BTreeMap<String, Filed>,
    /// Hosts by name.
    pub hosts: BTreeMap<String, HostNote>,
    /// Values of the folder that are told nowhere.
    pub secrets: Secrets,
    /// Why it is not known who drives the stacks; none where it is.
    pub governor_unknown: Option<String>,
}

impl Catalogue {
    /// The tier of a live stack.
    #[must_use]
    pub fn tier_of(&self, stack: &str) -> Tier {
        self.stacks.get(stack).map_or(Tier::Unassigned, |filed| filed.tier.clone())
    }

    /// Where it is said that Komodo deploys this stack and we do not; none if it is ours to drive.
    #[must_use]
    pub fn governor(&self, stack: &str) -> Option<&str> {
        self.stacks.get(stack)?.governed.as_deref()
    }
}
