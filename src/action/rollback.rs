//! Which services can go back to what they were before, pinned as they are in the picture.

use super::redeploy::{Offer, allowed, pin};
use super::{Action, Scope};
use crate::diag::Diagnostic;
use crate::model::{Picture, Service, ServiceId};

/// The way back of one service.
///
/// # Errors
/// If there is none, with the reason.
pub fn service(picture: &Picture, id: &ServiceId) -> Result<Offer, Diagnostic> {
    allowed(picture)?;
    let gone = || Diagnostic::new("the service is gone", "go back to the list: it shows what is there now");
    let service = picture.swarm.services.get(id).ok_or_else(gone)?;
    if let Some(why) = no_way_back(service) {
        let mend = "deploy the file of an earlier commit instead";
        return Err(Diagnostic::new(format!("{} cannot be rolled back", service.name), mend).because(why));
    }
    let services = vec![pin(picture, service)];
    let action = Action::Rollback { scope: Scope::Service(service.name.clone()), services };
    Ok(Offer { action, left_out: Vec::new() })
}

/// The way back of a stack: of each of its services that has one.
///
/// # Errors
/// If none has.
pub fn stack(picture: &Picture, name: &str) -> Result<Offer, Diagnostic> {
    allowed(picture)?;
    let unknown = || Diagnostic::new(format!("no stack is called {name}"), "list the stacks: quarterdeck status");
    let members = &picture.stack(name).ok_or_else(unknown)?.services;
    let (mut services, mut left_out) = (Vec::new(), Vec::new());
    for service in members.iter().filter_map(|id| picture.swarm.services.get(id)) {
        match no_way_back(service) {
            None => services.push(pin(picture, service)),
            Some(why) => left_out.push(format!("stays as it is: {}, {why}", service.short_name())),
        }
    }
    if services.is_empty() {
        let mend = "deploy the file of an earlier commit instead";
        return Err(Diagnostic::new(format!("{name} cannot be rolled back"), mend).because(left_out.join("; ")));
    }
    Ok(Offer { action: Action::Rollback { scope: Scope::Stack(name.to_owned()), services }, left_out })
}

fn no_way_back(service: &Service) -> Option<&'static str> {
    if service.mode.is_one_shot() {
        Some("a one-shot is not run backwards")
    } else if service.has_previous {
        None
    } else {
        Some("the swarm keeps no previous spec of it")
    }
}
