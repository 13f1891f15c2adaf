//! Makes the plan of one stack for a screen: its file, the swarm and the registries, read anew each time.

use std::sync::Arc;

use super::desk::Prepared;
use super::registries::Registries;
use super::truth;
use crate::diag::{Diagnostic, Explain};
use crate::engine::Engine;
use crate::plan::{self, Options, Plan, Promised};
use crate::platform::{Checkout, govern};

/// The plan of a stack, and what its deploy needs.
///
/// # Errors
/// With all that is wrong with its file, or why the swarm does not answer.
pub async fn plan(
    (engine, registries): (&Engine, &Registries),
    checkout: &Checkout,
    stack: &str,
    options: Options,
) -> Result<(Plan, Prepared), Vec<Diagnostic>> {
    let (from, name) = (checkout.clone(), stack.to_owned());
    // Files may lie on a slow disk.
    let read = tokio::task::spawn_blocking(move || from.wish(&name)).await;
    let broken = |error: tokio::task::JoinError| {
        vec![
            Diagnostic::new("reading the file broke off", "this is a bug: its log says more")
                .because(error.to_string()),
        ]
    };
    let wish = read.map_err(broken)??;
    let truth =
        truth::survey(engine, registries, &[&wish], options.resolve).await.map_err(|error| vec![error.explain()])?;
    let mut plan = plan::draw(&wish, &truth, options, &Promised::new()).plan;
    // It is shown all the same: what would change is worth knowing, whoever changes it.
    plan.faults.extend(govern::driven(&checkout.catalogue, stack).err());
    Ok((plan, Prepared { wish: Arc::new(wish), images: truth.images, unread: None }))
}
