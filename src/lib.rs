//! Quarterdeck, the operator's console for Docker Swarm platforms.
//!
//! The rooms, from the ground up: each may use only rooms above it in this list,
//! and `tests/architecture.rs` holds that.

pub mod ask;
pub mod clock;
pub mod diag;
pub mod model;
pub mod wire;

pub mod docker_config;
pub mod engine;
pub mod fleet;
pub mod git;
pub mod outside;
pub mod platform;
pub mod sim;
pub mod ssh;
pub mod stack;
pub mod storage;
pub mod store;

pub mod lint;
pub mod plan;

pub mod action;

pub mod journal;

pub mod app;
pub mod hub;
pub mod jobs;
pub mod view;

pub mod cli;
pub mod session;
pub mod telemetry;
