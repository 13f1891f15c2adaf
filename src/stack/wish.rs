//! What a stack wants of the swarm: the bodies of the Engine API's requests, with what is not known before the swarm
//! is asked (ids of networks, secrets and configs, digests of images) left open and named.

use std::fmt;

use serde_json::Value;
use zeroize::Zeroizing;

use super::place::{Place, Sources};
use crate::diag::Diagnostic;
use crate::model::secret::Secrets;

/// All objects of one stack.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Wish {
    /// The name of the stack.
    pub stack: String,
    /// The services, by name.
    pub services: Vec<WishedService>,
    /// Networks that services use and that the stack makes itself, by name.
    pub networks: Vec<WishedPart>,
    /// Secrets that the stack makes itself, by name.
    pub secrets: Vec<WishedPart>,
    /// Configs that the stack makes itself, by name.
    pub configs: Vec<WishedPart>,
    /// What must be there before.
    pub externals: Vec<External>,
    /// What is no fault and should be known: keys that Swarm ignores, deprecated forms. Shown, never fatal.
    pub notes: Vec<Diagnostic>,
    /// What stands in files that are not there yet: its content is made before the deploy, and left out here.
    pub awaited: Vec<Awaited>,
    /// Who makes what another should have made and is not there yet; none where nobody does.
    pub maker: Option<String>,
    /// Values that were put in and are told nowhere.
    pub hidden: Secrets,
    /// The files it was read from.
    pub sources: Sources,
}

/// A service as `POST /services/create` wants it, save what is left open:
/// `Secrets[].SecretID` and `Configs[].ConfigID` are empty (the name stands beside them), networks are named by
/// name in `Networks[].Target`, and the image has no digest unless the file gives one.
#[derive(Debug, Clone, PartialEq)]
pub struct WishedService {
    /// Its key in the file.
    pub key: String,
    /// `<stack>_<key>`.
    pub name: String,
    /// The body.
    pub body: Value,
    /// The image as written.
    pub image: String,
    /// Keys of services of this stack that should stand before it, from `depends_on`.
    pub after: Vec<String>,
    /// Where it is written.
    pub place: Place,
}

/// A network, secret or config as its create request wants it. The body of a secret or config has no `Data`:
/// that is the payload.
#[derive(Debug, Clone, PartialEq)]
pub struct WishedPart {
    /// Its key in the file.
    pub key: String,
    /// Its name in the swarm.
    pub name: String,
    /// The body, with `Name` and `Labels` in it.
    pub body: Value,
    /// What it holds; none for networks and for what a driver gives.
    pub payload: Option<Payload>,
    /// Where it is written.
    pub place: Place,
}

/// The content of a secret or config. Never printed, and overwritten when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Payload(pub Zeroizing<Vec<u8>>);

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({} bytes)", self.0.len())
    }
}

/// What stands in a file that is not there yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awaited {
    /// A secret or config; none for the variables of a service.
    pub kind: Option<Kind>,
    /// The key of that in the file.
    pub key: String,
    /// Who makes the file before the deploy.
    pub by: String,
}

/// Something that another made and that this stack uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct External {
    /// What kind of thing.
    pub kind: Kind,
    /// Its name in the swarm.
    pub name: String,
    /// Names of the services that use it.
    pub used_by: Vec<String>,
    /// Where it is written.
    pub place: Place,
    /// The stack that makes it, where that is known.
    pub by: Option<String>,
}

/// Kinds of objects beside services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A network.
    Network,
    /// A secret.
    Secret,
    /// A config.
    Config,
}

impl Kind {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Kind::Network => "network",
            Kind::Secret => "secret",
            Kind::Config => "config",
        }
    }
}
