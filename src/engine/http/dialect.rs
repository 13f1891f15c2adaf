//! Which version of the API is spoken: the newest that both sides know.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

use super::super::error::EngineError;
use super::super::soft::Text;

/// A version of the API, such as 1.41.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ApiVersion(pub u16, pub u16);

/// The newest whose shapes this program was written for.
pub(crate) const NEWEST: ApiVersion = ApiVersion(1, 51);
/// The oldest that has all it needs: jobs came with 1.41.
pub(crate) const OLDEST: ApiVersion = ApiVersion(1, 41);

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

impl FromStr for ApiVersion {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (major, minor) = text.split_once('.').ok_or(())?;
        Ok(Self(major.parse().map_err(drop)?, minor.parse().map_err(drop)?))
    }
}

/// What the two sides agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spoken {
    /// The version in every path.
    pub api: ApiVersion,
    /// The engine's own version.
    pub engine: String,
}

impl Spoken {
    /// An older version of the API than this one is spoken.
    pub(crate) fn is_before(&self, major: u16, minor: u16) -> bool {
        self.api < ApiVersion(major, minor)
    }
}

/// The answer to `GET /version`, as far as it matters here.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct VersionJson {
    pub version: Text,
    pub api_version: Text,
    #[serde(rename = "MinAPIVersion")]
    pub min_api_version: Text,
}

impl VersionJson {
    /// The version to speak, or why there is none.
    pub(super) fn agree(&self, at: &str) -> Result<Spoken, EngineError> {
        let theirs = self.api_version.0.parse::<ApiVersion>().map_err(|()| EngineError::NotJson {
            at: at.into(),
            asked: "GET /version".into(),
            said: crate::model::text::clean(&self.api_version.0),
            why: "it names no API version".into(),
        })?;
        let api = theirs.min(NEWEST);
        if api < OLDEST {
            return Err(EngineError::TooOld { at: at.into(), theirs: theirs.to_string(), ours: OLDEST.to_string() });
        }
        let least = self.min_api_version.0.parse().unwrap_or(OLDEST);
        if api < least {
            return Err(EngineError::TooNew { at: at.into(), theirs: least.to_string(), ours: NEWEST.to_string() });
        }
        Ok(Spoken { api, engine: crate::model::text::clean(&self.version.0) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_that_both_know_is_spoken() {
        let agreed = |newest: &str, least: &str| {
            let text = |text: &str| Text(text.into());
            let version = VersionJson { version: text("1"), api_version: text(newest), min_api_version: text(least) };
            version.agree("here").map(|spoken| spoken.api.to_string())
        };
        assert_eq!(agreed("1.41", "1.12").unwrap(), "1.41");
        assert_eq!(agreed("1.45", "1.24").unwrap(), "1.45");
        assert_eq!(agreed("1.51", "1.44").unwrap(), "1.51");
        assert_eq!(agreed("1.60", "1.44").unwrap(), "1.51");
        assert_eq!(agreed("1.45", "").unwrap(), "1.45");
        assert!(matches!(agreed("1.40", "1.12"), Err(EngineError::TooOld { .. })));
        assert!(matches!(agreed("1.70", "1.52"), Err(EngineError::TooNew { .. })));
        assert!(matches!(agreed("", ""), Err(EngineError::NotJson { .. })));
    }
}
