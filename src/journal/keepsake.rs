//! What a deed replaced, as the swarm had it, and what it left. Specs hold values, secret ones among them: they lie in
//! files of their own that only the operator may read, and are in no line and no message.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What one deed replaced.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Keepsake {
    /// The key of the deed.
    pub job: String,
    /// Each object as it was.
    pub before: Vec<Kept>,
    /// Each object as the deed left it; empty while it goes on, and for one that broke off.
    #[serde(default)]
    pub after: Vec<Kept>,
}

/// One object at one moment.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// What kind of thing: `service`, `network`, `secret`, `config`, `node`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The object as the engine gave it; none if it was not there.
    pub object: Option<Value>,
}

impl Kept {
    /// Its id; empty if it was not there.
    #[must_use]
    pub fn id(&self) -> &str {
        let id = |key: &str| self.object.as_ref().and_then(|object| object.get(key)).and_then(Value::as_str);
        id("ID").or_else(|| id("Id")).unwrap_or_default()
    }

    /// Its version; 0 where there is none.
    #[must_use]
    pub fn version(&self) -> u64 {
        let object = self.object.as_ref();
        object.and_then(|object| object.pointer("/Version/Index")).and_then(Value::as_u64).unwrap_or(0)
    }

    /// Its spec.
    #[must_use]
    pub fn spec(&self) -> Option<&Value> {
        self.object.as_ref()?.get("Spec")
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} as of version {}", self.kind, self.name, self.version())
    }
}

impl fmt::Debug for Keepsake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "keepsake of {}: {:?} became {:?}", self.job, self.before, self.after)
    }
}
