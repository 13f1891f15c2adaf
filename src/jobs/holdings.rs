//! The rows that a machine's storage comes to: what is wrong first, then by kind and name.

use std::cmp::Reverse;

use crate::model::{Holding, Holds, State};
use crate::storage::{Held, Probe, Survey, Trouble};

/// One row for everything that holds data there, and one for everything that could not be asked.
#[must_use]
pub fn holdings(found: &Survey) -> Vec<Holding> {
    let mut rows: Vec<Holding> = found.mounts.iter().map(mount).collect();
    rows.extend(found.iscsi.iter().flatten().map(|session| {
        let row = Holding::new(Holds::Iscsi, "iscsi", &session.target).being(State::Ready, "logged in");
        Holding { source: session.portal.clone(), ..row }
    }));
    rows.extend(found.o2cb.iter().map(|cluster| {
        let row = Holding::new(Holds::Cluster, "o2cb", &cluster.cluster);
        match cluster.online {
            true => row.being(State::Ready, "online"),
            false => {
                let why = "the cluster is offline here: start o2cb before anything of it is mounted".to_owned();
                Holding { why, ..row.being(State::Failed, "offline") }
            }
        }
    }));
    rows.extend(found.datasets.iter().flatten().map(|dataset| {
        let count = found.snapshots.iter().filter(|snapshot| snapshot.dataset == dataset.name).count() as u64;
        let room = dataset.used.saturating_add(dataset.available);
        let row = Holding::new(Holds::Dataset, "dataset", &dataset.name);
        let row = if room > 0 && dataset.available < room / 20 { full(row) } else { row };
        let source = dataset.mountpoint.clone().unwrap_or_default();
        let users = users_of(found, dataset.mountpoint.as_deref());
        Holding { source, users, size: Some(room), free: Some(dataset.available), snapshots: Some(count), ..row }
    }));
    rows.extend(found.exports.iter().flatten().map(|export| {
        let row = Holding::new(Holds::Export, "export", &export.path).being(State::Ready, "exported");
        Holding { source: export.clients.clone(), ..row }
    }));
    rows.extend(found.unknown.iter().map(|told| {
        let (what, why) = told.split_once(": ").unwrap_or((told, ""));
        let row = Holding::new(Holds::Unasked, "unknown", what).being(State::Unknown, "not known");
        Holding { why: why.to_owned(), ..row }
    }));
    rows.sort_by(|a, b| {
        (Reverse(a.state.max(State::Ready)), a.holds, &a.name).cmp(&(
            Reverse(b.state.max(State::Ready)),
            b.holds,
            &b.name,
        ))
    });
    rows
}

fn users_of(found: &Survey, path: Option<&str>) -> Vec<String> {
    let on = found.mounts.iter().find(|held| Some(held.mount.path.as_str()) == path);
    on.map(|held| held.users.clone()).unwrap_or_default()
}

fn full(row: Holding) -> Holding {
    Holding { why: Trouble::Full.words(), ..row.being(State::Degraded, "nearly full") }
}

fn mount(held: &Held) -> Holding {
    let row = Holding::new(Holds::Mount, held.mount.family.word(), &held.mount.path);
    let row = match (&held.trouble, &held.probe) {
        (Some(trouble), _) => {
            let (state, word) = told(trouble);
            Holding { why: trouble.words(), ..row.being(state, word) }
        }
        (None, None) => {
            let why = "it was not probed: the machine did not take the question".to_owned();
            Holding { why, ..row.being(State::Unknown, "not known") }
        }
        (None, Some(_)) => row.being(State::Ready, "mounted"),
    };
    let (size, free) = match &held.probe {
        Some(Probe::Real(room)) => (Some(room.size), Some(room.free)),
        _ => (None, None),
    };
    Holding { source: held.mount.source.clone(), users: held.users.clone(), size, free, ..row }
}

fn told(trouble: &Trouble) -> (State, &'static str) {
    match trouble {
        Trouble::Missing => (State::Failed, "missing"),
        Trouble::Stale => (State::Failed, "stale"),
        Trouble::Hung => (State::Failed, "hung"),
        Trouble::Broken(_) => (State::Failed, "broken"),
        Trouble::Full => (State::Degraded, "nearly full"),
        Trouble::ReadOnly => (State::Degraded, "read-only"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::{Dataset, Family, Mount, O2cb, Room, Snapshot};

    fn held(path: &str, trouble: Option<Trouble>, probe: Option<Probe>) -> Held {
        let mount = Mount {
            path: path.into(),
            source: "nas:/x".into(),
            family: Family::Nfs,
            root: "/".into(),
            read_only: false,
        };
        Held { mount, trouble, probe, users: vec!["media_plex".into()] }
    }

    #[test]
    fn what_is_wrong_stands_first_and_what_could_not_be_asked_is_a_row() {
        let room = Some(Probe::Real(Room { size: 100, free: 60 }));
        let dataset = |name: &str, used, available| Dataset {
            name: name.into(),
            used,
            available,
            referenced: 1,
            mountpoint: Some("/mnt/c".into()),
        };
        let snapshot = |name: &str| Snapshot { dataset: "tank/a".into(), name: name.into(), used: 0, taken: None };
        let found = Survey {
            mounts: vec![
                held("/mnt/c", None, room.clone()),
                held("/mnt/b", Some(Trouble::Stale), Some(Probe::Stale)),
                held("/mnt/a", Some(Trouble::Full), room),
                held("/mnt/d", None, None),
            ],
            o2cb: Some(O2cb { cluster: "yard".into(), online: false }),
            datasets: Some(vec![dataset("tank/a", 10, 90), dataset("tank/full", 99, 1)]),
            snapshots: vec![snapshot("x"), snapshot("y")],
            unknown: vec!["iSCSI: permission denied".into()],
            ..Survey::default()
        };
        let rows = holdings(&found);
        let told: Vec<(&str, &str)> = rows.iter().map(|row| (row.name.as_str(), row.word.as_str())).collect();
        let expected = [
            ("/mnt/b", "stale"),
            ("yard", "offline"),
            ("/mnt/a", "nearly full"),
            ("tank/full", "nearly full"),
            ("/mnt/d", "not known"),
            ("iSCSI", "not known"),
            ("/mnt/c", "mounted"),
            ("tank/a", "ready"),
        ];
        assert_eq!(told, expected);
        assert_eq!((rows[7].snapshots, rows[7].users.as_slice()), (Some(2), ["media_plex".to_owned()].as_slice()));
        assert_eq!((rows[6].size, rows[6].free, rows[5].why.as_str()), (Some(100), Some(60), "permission denied"));
    }
}
