//! Which service can have how many tasks, pinned as it is in the picture.

use super::Action;
use super::redeploy::{allowed, pin};
use crate::diag::Diagnostic;
use crate::model::{Mode, Picture};

/// So many tasks for a service. None if it has as many already.
///
/// # Errors
/// If it is not there, or its number is not for anyone to choose.
pub fn service(picture: &Picture, name: &str, to: u64) -> Result<Option<Action>, Diagnostic> {
    allowed(picture)?;
    let found = picture.swarm.services.values().find(|service| service.name == name || service.id.as_str() == name);
    let service = found.ok_or_else(|| {
        Diagnostic::new(format!("no service is called {name}"), "list the services: quarterdeck status")
    })?;
    let Mode::Replicated(from) = service.mode else {
        let why = match service.mode {
            Mode::Global => "it has one task on each node that fits",
            Mode::GlobalJob | Mode::ReplicatedJob { .. } => "a one-shot runs as often as its file says",
            _ => "its mode is not known here",
        };
        let mend = "change its mode in the stack's file";
        return Err(Diagnostic::new(format!("{name} cannot be scaled"), mend).because(why));
    };
    Ok((from != to).then(|| Action::Scale { service: pin(picture, service), from, to }))
}
