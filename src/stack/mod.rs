//! A stack as it is wished: compose files in, the objects a swarm should have out. Pure: files come through
//! [`Folder`], nothing here knows a network, a swarm that is, or a terminal.

mod convert;
mod grammar;
mod place;
mod project;
mod tree;
mod wish;

pub use place::{Folder, Place, Source, Sources};
pub use tree::{Entry, Map, Node, Value};
pub use wish::{External, Kind, Payload, Wish, WishedPart, WishedService};
