//! An id is a type: what wants a node cannot be handed a service.

use std::fmt;
use std::sync::Arc;

/// Declares id types over the engine's opaque strings.
macro_rules! typed_ids {
    ($($(#[$about:meta])* $name:ident,)+) => {$(
        $(#[$about])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes an id as the engine gave it.
            #[must_use]
            pub fn new(id: &str) -> Self {
                Self(id.into())
            }

            /// The whole id.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The first twelve characters, as docker prints ids.
            #[must_use]
            pub fn short(&self) -> &str {
                self.0.get(..12).unwrap_or(&self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.short())
            }
        }
    )+};
}

typed_ids! {
    /// A machine in the swarm.
    NodeId,
    /// A service: what should run.
    ServiceId,
    /// A task: one attempt to run one slot of a service.
    TaskId,
    /// A network.
    NetworkId,
}

/// The version index of an object: a write must name the one it has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Version(pub u64);

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
