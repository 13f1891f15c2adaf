//! SSH: one connection per host, and on it a shell, a command, a tunnel to its engine. Never talks to a host whose key
//! was not judged.
