//! The nouns of a swarm, as plain data. No I/O, no async, no terminal: what is known, and what it means.

mod apart;
mod catalogue;
mod change;
mod container;
mod drift;
mod health;
mod holding;
mod ids;
mod link;
mod log;
mod node;
mod parts;
mod ran;
mod record;
pub mod sample;
pub mod secret;
mod service;
mod snapshot;
mod state;
mod storage;
mod survey;
mod task;
pub mod text;
mod words;

pub use apart::{Apart, Claim, apart};
pub use catalogue::{Catalogue, Filed, HostNote, LabelNote, MANAGED, Tier};
pub use change::{Change, Listing};
pub use container::{Container, Inside, READINGS, Use, Used};
pub use drift::{Drift, Drifts};
pub use health::{
    NodeLoad, Picture, Quorum, ServiceHealth, Services, StackHealth, TierHealth, Trouble, TroubleAt, eligible,
    unmet_constraint,
};
pub use holding::{Holding, Holds};
pub use ids::{NetworkId, NodeId, ServiceId, TaskId, Version};
pub use link::{Cluster, Link, Passed};
pub use log::{LogLine, LogQuery, LogStream, LogTarget};
pub use node::{Availability, Manager, Node, NodeState, Reachability, Role};
pub use parts::{Network, SwarmEvent};
pub use ran::{Ran, RanEnd, RanOn};
pub use record::{AT, BY, COMMIT, DEED, Deployed, LOCK, RECORD};
pub use service::{Mode, Port, Service, Update, UpdateState};
pub use snapshot::{Failure, Snapshot};
pub use state::State;
pub use storage::{Amount, Disk, Image, Pile, Volume, Waste};
pub use survey::{Asked, Reply, Survey, Told};
pub use task::{Task, TaskState};
