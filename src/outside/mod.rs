//! What lies outside the swarm and is told of it or asked about it: name servers, monitors, media servers. It speaks
//! their own protocols and decides nothing. A secret is never in a URL, an error or a debug print.

mod address;
pub mod dns;
mod form;
mod http;
mod hush;
pub mod kuma;
pub mod names;
pub mod pihole;
mod plex;
pub mod sessions;
pub mod technitium;
mod trust;
pub mod vault;

pub use address::{Address, AddressError};
pub use http::{Answer, Client, Request, Trouble};
pub use hush::Secret;
pub use trust::trust;
