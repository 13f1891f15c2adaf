//! Why a call was refused, in the engine's words and with its code.

/// A refusal: the status and what `message` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) message: String,
}

pub(crate) type Answer<T> = Result<T, Refusal>;

impl Refusal {
    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::new(400, message)
    }

    pub(crate) fn missing(kind: &str, name: &str) -> Self {
        Self::new(404, format!("{kind} {name} not found"))
    }

    fn rpc(status: u16, code: &str, desc: &str) -> Self {
        Self::new(status, format!("rpc error: code = {code} desc = {desc}"))
    }

    /// The codes swarm answers with, and the status the engine makes of each.
    pub(crate) fn invalid(desc: impl AsRef<str>) -> Self {
        Self::rpc(400, "InvalidArgument", desc.as_ref())
    }

    pub(crate) fn precondition(desc: impl AsRef<str>) -> Self {
        Self::rpc(400, "FailedPrecondition", desc.as_ref())
    }

    pub(crate) fn exists(what: &str) -> Self {
        Self::rpc(409, "AlreadyExists", &format!("{what} already exists"))
    }

    pub(crate) fn unimplemented(desc: &str) -> Self {
        Self::rpc(501, "Unimplemented", desc)
    }

    pub(crate) fn out_of_sequence() -> Self {
        Self::rpc(500, "Unknown", "update out of sequence")
    }

    pub(crate) fn unknown(desc: &str) -> Self {
        Self::rpc(500, "Unknown", desc)
    }

    pub(crate) fn no_leader() -> Self {
        Self::unknown(
            "The swarm does not have a leader. It's possible that too few managers are online. \
             Make sure more than half of the managers are online.",
        )
    }
}
