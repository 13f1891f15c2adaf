//! A stack as it is wished: compose files in, the objects a swarm should have out. Pure: files come through
//! [`Folder`], nothing here knows a network, a swarm that is, or a terminal.

mod bytes;
mod document;
mod fault;
mod interpolate;
mod place;
mod tree;
mod wish;
mod yaml;

pub use document::{Document, Version, read};
pub use fault::Fault;
pub use interpolate::Variable;
pub use place::{Folder, Place, Source, Sources};
pub use tree::{Entry, Map, Node, Value};
pub use wish::{External, Kind, Payload, Wish, WishedPart, WishedService};
pub use yaml::read as read_tree;
