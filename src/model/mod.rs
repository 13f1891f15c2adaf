//! The nouns of a swarm.
