//! What a plan needs to know of the swarm, asked in one round: four lists, and the registries beside them.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, stream};
use serde_json::Value;

use super::registries::Registries;
use crate::engine::{Engine, EngineError, Part};
use crate::model::text::clean;
use crate::plan::{Image, Resolve, Truth, full_name, needs_digest};
use crate::stack::Wish;

/// Registries that are asked at one time.
const AT_ONCE: usize = 8;

/// All that the plans of these wishes need.
///
/// # Errors
/// When one of the lists does not come. A registry that does not answer is no error.
pub async fn survey(
    engine: &Engine,
    registries: &Registries,
    wishes: &[&Wish],
    resolve: Resolve,
) -> Result<Truth, EngineError> {
    let (swarm, images) = futures_util::join!(swarm(engine), images(engine, registries, asked(wishes, resolve)));
    Ok(Truth { images, ..swarm? })
}

/// The swarm as it is, without images.
///
/// # Errors
/// When one of the lists does not come.
pub async fn swarm(engine: &Engine) -> Result<Truth, EngineError> {
    let (services, networks, secrets, configs) = futures_util::try_join!(
        services(engine),
        engine.parts(Part::Network, None),
        engine.parts(Part::Secret, None),
        engine.parts(Part::Config, None),
    )?;
    let mut truth = Truth { services, networks, secrets, configs, images: BTreeMap::new() };
    twins(engine, &mut truth).await;
    Ok(truth)
}

async fn services(engine: &Engine) -> Result<Vec<Value>, EngineError> {
    match engine.get_json("/services?status=true").await? {
        Value::Array(list) => Ok(list),
        _ => Ok(Vec::new()),
    }
}

/// The swarm has twins of each node's own networks (`host`, `bridge`) that no list shows: they are asked for by id.
async fn twins(engine: &Engine, truth: &mut Truth) {
    let known: BTreeSet<&str> = truth.networks.iter().filter_map(|network| network.get("Id")?.as_str()).collect();
    let targets =
        truth.services.iter().filter_map(|service| service.pointer("/Spec/TaskTemplate/Networks")?.as_array());
    let unknown: BTreeSet<String> = targets
        .flatten()
        .filter_map(|network| network.get("Target")?.as_str())
        .filter(|id| !known.contains(id))
        .map(str::to_owned)
        .collect();
    for id in unknown {
        // What is not there any more is told by its id.
        if let Ok(network) = engine.part(Part::Network, &id).await {
            truth.networks.push(network);
        }
    }
}

/// The images of these wishes of which a registry must be asked.
#[must_use]
pub fn asked(wishes: &[&Wish], resolve: Resolve) -> BTreeSet<String> {
    if resolve == Resolve::Never {
        return BTreeSet::new();
    }
    let services = wishes.iter().flat_map(|wish| &wish.services);
    let images = services.filter_map(|service| service.body.pointer("/TaskTemplate/ContainerSpec/Image")?.as_str());
    images.filter(|image| needs_digest(image)).map(full_name).collect()
}

/// What registries say of images; each is asked once, some at a time.
pub async fn images(engine: &Engine, registries: &Registries, names: BTreeSet<String>) -> BTreeMap<String, Image> {
    let asking = names.into_iter().map(|name| async move {
        let header = registries.of_image(&name).await;
        let image = match engine.at_registry(&name, Registries::text(header.as_ref())).await {
            Ok(found) => Image::Found { digest: found.digest, platforms: found.platforms },
            Err(error) => Image::Unknown(clean(&why(&error))),
        };
        (name, image)
    });
    stream::iter(asking).buffer_unordered(AT_ONCE).collect().await
}

fn why(error: &EngineError) -> String {
    let told = crate::diag::Explain::explain(error);
    told.why.last().cloned().unwrap_or(told.what)
}
