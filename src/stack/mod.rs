//! A stack as it is wished: compose files in, the objects a swarm should have out. Pure: files come through
//! [`Folder`], nothing here knows a network, a swarm that is, or a terminal.

mod bytes;
mod convert;
mod disk;
pub mod document;
mod extensions;
mod fault;
mod fill;
pub mod grammar;
mod interpolate;
mod path;
mod place;
mod project;
mod read;
mod schema;
mod text;
mod tree;
mod trial;
mod wish;
mod yaml;

pub use convert::{IMAGE, NAMESPACE};
pub use disk::Disk;
pub use document::{Document, Version};
pub use fault::Fault;
pub use fill::{Ids, Missing, fill};
pub use grammar::image::{pinned, registry, tagged};
pub use interpolate::Variable;
pub use place::{Folder, Place, Source, Sources};
pub use read::{compose_text, read};
pub use tree::{Entry, Map, Node, Value};
pub use trial::trial;
pub use wish::{Awaited, External, Kind, Payload, Wish, WishedPart, WishedService};
pub use yaml::read as read_tree;
