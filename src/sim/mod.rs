//! A Docker Swarm in memory, behind the Engine API on a byte stream. Knows HTTP and JSON, never our model.
