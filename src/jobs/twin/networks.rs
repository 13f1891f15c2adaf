//! Networks are made if they are missing, and never changed.

use super::fleet::{self, Fleet};
use super::there::{There, text};
use super::{Cx, failed};
use crate::engine::{EngineError, Part};
use crate::jobs::write::patiently;
use crate::stack::WishedPart;

/// Makes the networks that are missing.
pub async fn create(cx: &Cx<'_>, there: &There) -> Fleet {
    let missing = cx.deploy.wish.networks.iter().filter(|network| !there.networks.contains_key(&network.name));
    fleet::each(missing.map(|network| (network.name.clone(), network)), |network| async move {
        cx.doing(format!("Creating network {}", network.name));
        let made = one(cx, network).await;
        made.map_err(|error| failed(format!("the network {} could not be created", network.name), &error))
    })
    .await
}

async fn one(cx: &Cx<'_>, network: &WishedPart) -> Result<(), EngineError> {
    match cx.engine.create_part(Part::Network, &network.body).await {
        Err(error) if error.leaves_doubt() => {
            // Two networks may have one name: it is looked for before it is made again.
            let label = cx.label();
            let known = patiently(|| cx.engine.parts(Part::Network, Some(&label))).await?;
            if known.iter().any(|known| text(known, "/Name") == network.name) {
                return Ok(());
            }
            cx.engine.create_part(Part::Network, &network.body).await.map(drop)
        }
        made => made.map(drop),
    }
}
