//! What the docker CLI's own folder says: which engine is meant (contexts) and who may pull (registry credentials).
//! Reads only; never knows a network.
