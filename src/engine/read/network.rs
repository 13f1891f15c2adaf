//! A network from JSON.

use serde::Deserialize;

use super::super::soft::Text;
use crate::model::text::clean;
use crate::model::{Network, NetworkId};

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct NetworkJson {
    id: Text,
    name: Text,
    driver: Text,
    scope: Text,
}

/// Reads a network.
pub(crate) fn network(raw: &str) -> Result<Network, String> {
    let json: NetworkJson = super::object(raw, |json: &NetworkJson| &json.id)?;
    Ok(Network {
        id: NetworkId::new(&clean(&json.id.0)),
        name: clean(&json.name.0),
        driver: clean(&json.driver.0),
        scope: clean(&json.scope.0),
    })
}
