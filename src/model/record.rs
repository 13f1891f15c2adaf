//! What a deploy leaves on the services that it writes: who, when, from which commit. Labels of the service, never of its
//! tasks, so that nothing restarts for them.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// The commit of the folder.
pub const COMMIT: &str = "quarterdeck.commit";
/// When.
pub const AT: &str = "quarterdeck.at";
/// Who, as `user@host`.
pub const BY: &str = "quarterdeck.by";
/// The key of the deed in that operator's journal.
pub const DEED: &str = "quarterdeck.deed";
/// How the config is called, up to its lane, by which one console keeps others off.
pub const LOCK: &str = "quarterdeck-lock-";
/// All labels of the record.
pub const RECORD: [&str; 4] = [COMMIT, AT, BY, DEED];

/// What the folder differed from its commit by ends so.
const DIRTY: &str = "-dirty";

/// The last deploy that wrote a service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deployed {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// From which commit; empty where the folder is no checkout.
    pub commit: String,
    /// The folder held changes that are in no commit.
    pub dirty: bool,
    /// The key of the deed.
    pub deed: String,
}

impl Deployed {
    /// As labels tell it; none where nobody has left a record.
    #[must_use]
    pub fn of(labels: &BTreeMap<String, String>) -> Option<Self> {
        let said = |key: &str| labels.get(key).cloned().unwrap_or_default();
        let commit = said(COMMIT);
        let (commit, dirty) = match commit.strip_suffix(DIRTY) {
            Some(clean) => (clean.to_owned(), true),
            None => (commit, false),
        };
        Some(Self { at: said(AT).parse().ok()?, by: said(BY), commit, dirty, deed: said(DEED) })
    }

    /// From which commit, in words.
    #[must_use]
    pub fn from(&self) -> String {
        let short = self.commit.get(..7).unwrap_or(&self.commit);
        match (short, self.dirty) {
            ("", _) => "a folder that is no checkout".to_owned(),
            (short, false) => short.to_owned(),
            (short, true) => format!("{short}, and changes that are in no commit"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_from_labels_and_what_is_none_is_none() {
        let labels = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let record = [(AT, "2026-09-01T12:00:00Z"), (BY, "ann@ching"), (COMMIT, "77ab0123456-dirty"), (DEED, "1-2-0")];
        let deployed = Deployed::of(&labels(&record)).unwrap();
        assert_eq!((deployed.by.as_str(), deployed.deed.as_str()), ("ann@ching", "1-2-0"));
        assert_eq!(deployed.from(), "77ab012, and changes that are in no commit");
        assert_eq!(Deployed::of(&labels(&record[..2])).unwrap().from(), "a folder that is no checkout");
        assert_eq!(Deployed::of(&labels(&[("a", "b")])), None);
        assert_eq!(Deployed::of(&labels(&[(AT, "yesterday")])), None);
    }
}
