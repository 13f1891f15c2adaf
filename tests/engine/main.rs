//! The engine room against the simulator.

#[cfg(test)]
mod followed;
#[cfg(test)]
mod managers;
#[cfg(test)]
mod on_sim;
#[cfg(test)]
mod reach;
#[cfg(test)]
mod tls;
