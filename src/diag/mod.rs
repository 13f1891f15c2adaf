//! What went wrong, where, why, and how to mend it.
