//! Stories of keys and what they bring about.
