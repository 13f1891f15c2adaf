//! Shared block devices: sessions with iSCSI targets, and the cluster that an OCFS2 needs to be mounted.

use super::Answer;
use crate::model::text::clean;

/// A session with an iSCSI target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Iscsi {
    /// The address of the target's portal.
    pub portal: String,
    /// The target's name (IQN).
    pub target: String,
}

/// The exit code of iscsiadm(8) for "no objects found".
const NO_SESSIONS: i32 = 21;

/// The answer to [`super::Question::iscsi`]: none when iSCSI is not installed.
///
/// # Errors
/// With what iscsiadm complained of.
pub fn iscsi_sessions(answer: &Answer) -> Result<Option<Vec<Iscsi>>, String> {
    match answer.code {
        0 => Ok(Some(answer.out.lines().filter_map(session).collect())),
        NO_SESSIONS => Ok(Some(Vec::new())),
        _ if answer.is_absent() => Ok(None),
        _ => Err(answer.why()),
    }
}

/// `tcp: [1] 192.0.2.10:3260,1 iqn.2005-10.org.example:swarm (non-flash)`
fn session(line: &str) -> Option<Iscsi> {
    let mut words = line.split_whitespace().skip(2);
    let (portal, target) = (words.next()?, words.next()?);
    let portal = portal.rsplit_once(',').map_or(portal, |(address, _group)| address);
    Some(Iscsi { portal: clean(portal), target: clean(target) })
}

/// The cluster stack under OCFS2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct O2cb {
    /// The name of the cluster.
    pub cluster: String,
    /// Whether it is online on this machine.
    pub online: bool,
}

/// The answer to [`super::Question::o2cb`]: none when it is not installed.
///
/// # Errors
/// With what o2cb complained of.
pub fn o2cb_status(answer: &Answer) -> Result<Option<O2cb>, String> {
    if answer.is_absent() {
        return Ok(None);
    }
    // `Cluster 'homelab' is online`, and exit code 1 with `is offline`.
    let told = answer.out.lines().find_map(|line| {
        let (_, rest) = line.split_once('\'')?;
        let (cluster, state) = rest.split_once('\'')?;
        let state = state.trim().strip_prefix("is ")?;
        Some(O2cb { cluster: clean(cluster), online: state.starts_with("online") })
    });
    match told {
        Some(status) => Ok(Some(status)),
        None => Err(answer.why()),
    }
}
