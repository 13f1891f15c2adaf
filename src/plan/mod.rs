//! Wish against truth: what would have to change in the swarm so that a stack is as its file says. Pure.
