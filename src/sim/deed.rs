//! What a story can make happen at a moment: faults of machines and images, and a hand at the keys.

use super::behaviour::Behaviour;

/// Something that happens to the swarm from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// A node stops answering.
    NodeDown(String),
    /// A node answers again.
    NodeUp(String),
    /// A node's availability is set: `active`, `pause` or `drain`.
    Availability {
        /// Host name.
        node: String,
        /// The new availability.
        to: String,
    },
    /// A node gets a label.
    Label {
        /// Host name.
        node: String,
        /// Key of the label.
        key: String,
        /// Its value; nothing takes the label away.
        value: Option<String>,
    },
    /// The containers of an image behave otherwise from now on.
    Behave {
        /// Image reference.
        image: String,
        /// What they do.
        behaviour: Behaviour,
    },
    /// All running tasks of a service end with this code now.
    Kill {
        /// Full service name.
        service: String,
        /// Exit code.
        code: i64,
    },
    /// A service is updated to this image, as `docker service update --image` does.
    Image {
        /// Full service name.
        service: String,
        /// New image reference.
        image: String,
    },
    /// A service is scaled.
    Scale {
        /// Full service name.
        service: String,
        /// New number of replicas.
        to: u64,
    },
    /// A service is removed.
    Remove(String),
    /// The managers have no leader from now on, or have one again.
    Leaderless(bool),
    /// A task that is held ready may go on; the simulator's own.
    #[doc(hidden)]
    LetRun {
        /// Task id.
        task: String,
    },
    /// A deed that comes back every so many seconds.
    Every {
        /// Seconds from one to the next.
        seconds: u64,
        /// What happens.
        deed: Box<Deed>,
    },
}
