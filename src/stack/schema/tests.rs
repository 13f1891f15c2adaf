//! Sentences about the file format.
