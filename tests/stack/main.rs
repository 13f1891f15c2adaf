//! Stack files from their text to the requests of a deployment: what we send, what we refuse, and how the real docker
//! CLI does with the same files.

#[cfg(test)]
mod bodies;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod merges;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod twin;
#[cfg(test)]
mod witness;
