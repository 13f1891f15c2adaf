//! The engine room against the simulator, and by hand against the lab.

#[cfg(test)]
mod lab;
#[cfg(test)]
mod on_sim;
