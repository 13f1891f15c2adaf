//! The engine room against the simulator.

#[cfg(test)]
mod on_sim;
#[cfg(test)]
mod reach;
