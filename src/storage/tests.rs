//! Answers as machines give them, and what is read from them.

use std::collections::BTreeMap;

use super::*;

fn said(code: i32, out: &str, err: &str) -> Answer {
    Answer { code, out: out.to_owned(), err: err.to_owned() }
}

const MOUNTINFO: &str = "\
22 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw
23 22 0:21 / /proc rw,nosuid - proc proc rw
40 22 0:40 / /mnt/data01/data rw,relatime shared:20 - nfs4 192.0.2.10:/mnt/tank/data rw,vers=4.2
41 22 0:41 / /mnt/media\\040files ro,relatime - cifs //192.0.2.10/media rw
42 22 8:16 / /mnt/iscsi/app-data rw,relatime shared:30 master:2 - ocfs2 /dev/sdb rw,heartbeat=local
43 22 0:44 / /tank/vm rw - zfs tank/vm rw,xattr
44 22 8:2 /srv/web /mnt/web rw - ext4 /dev/sda2 rw
45 22 0:50 / /mnt/over rw - ext4 /dev/old rw
46 45 0:51 / /mnt/over rw - ext4 /dev/new rw
not a line at all
";

#[test]
fn mounts_are_read_with_their_family_their_blanks_and_the_uppermost_of_a_pile() {
    let mounts = mounted(MOUNTINFO);
    let short: Vec<(&str, &str, &str)> =
        mounts.iter().map(|m| (m.path.as_str(), m.source.as_str(), m.family.word())).collect();
    assert_eq!(
        short,
        [
            ("/", "/dev/sda2", "local"),
            ("/mnt/data01/data", "192.0.2.10:/mnt/tank/data", "nfs"),
            ("/mnt/iscsi/app-data", "/dev/sdb", "ocfs2"),
            ("/mnt/media files", "//192.0.2.10/media", "cifs"),
            ("/mnt/over", "/dev/new", "local"),
            ("/mnt/web", "/dev/sda2", "local"),
            ("/tank/vm", "tank/vm", "zfs"),
        ]
    );
    assert!(mounts.iter().any(|m| m.path == "/mnt/web" && m.root == "/srv/web"));
    assert!(mounts.iter().any(|m| m.read_only && m.family == Family::Cifs));
}

#[test]
fn what_should_be_mounted_is_read_from_fstab_and_what_is_mounted_by_hand_is_not_missed() {
    let fstab = "# comment\nUUID=1 / ext4 defaults 0 1\n192.0.2.10:/x /mnt/x/ nfs defaults,_netdev 0 0\n\
                 /dev/cdrom /media iso9660 noauto 0 0\n/dev/sdz /mnt/z ext4 noauto\n/srv/a /mnt/a none bind 0 0\n\
                 tmpfs /tmp tmpfs defaults\n192.0.2.10:/y /mnt/y nfs noauto,x-systemd.automount\n";
    let paths: Vec<String> = expected(fstab).into_iter().map(|mount| mount.path).collect();
    assert_eq!(paths, ["/", "/mnt/x", "/mnt/a", "/mnt/y"]);
}

#[test]
fn a_mount_answers_hangs_is_stale_or_broken() {
    let gone = said(1, "", "stat: cannot read file system information for '/mnt/x': Stale file handle\n");
    for (answer, probe) in [
        (said(0, "1000 250 4096\n", ""), Probe::Real(Room { size: 4_096_000, free: 1_024_000 })),
        (said(124, "", ""), Probe::Hung),
        (said(137, "", ""), Probe::Hung),
        (gone, Probe::Stale),
        (said(1, "", "stat: Permission denied\u{1b}[2J\n"), Probe::Broken("stat: Permission denied".to_owned())),
        (said(0, "what\n", ""), Probe::Broken("its answer cannot be read".to_owned())),
    ] {
        assert_eq!(probe_answer(&answer), probe, "{answer:?}");
    }
}

#[test]
fn iscsi_sessions_are_read_and_none_is_not_the_same_as_not_installed() {
    let two = "tcp: [1] 192.0.2.10:3260,1 iqn.2005-10.org.example:app-data (non-flash)\n\
               tcp: [2] [2001:db8::1]:3260,1 iqn.2005-10.org.example:cache (non-flash)\n";
    let sessions = iscsi_sessions(&said(0, two, "")).unwrap().unwrap();
    assert_eq!(sessions[0].portal, "192.0.2.10:3260");
    assert_eq!(sessions[1].target, "iqn.2005-10.org.example:cache");
    assert_eq!(iscsi_sessions(&said(21, "", "iscsiadm: No active sessions.\n")), Ok(Some(Vec::new())));
    assert_eq!(iscsi_sessions(&said(127, "", "sh: 1: iscsiadm: not found\n")), Ok(None));
    assert!(iscsi_sessions(&said(6, "", "iscsiadm: db error\n")).unwrap_err().contains("db error"));
}

#[test]
fn the_cluster_of_ocfs2_is_online_or_not() {
    let online = o2cb_status(&said(0, "Cluster 'homelab' is online\n", "")).unwrap().unwrap();
    assert_eq!((online.cluster.as_str(), online.online), ("homelab", true));
    assert!(!o2cb_status(&said(1, "Cluster 'homelab' is offline\n", "")).unwrap().unwrap().online);
    assert_eq!(o2cb_status(&said(127, "", "o2cb: command not found")), Ok(None));
}

#[test]
fn datasets_snapshots_and_exports_are_read() {
    let list = "tank\t5000\t9000\t96\t/mnt/tank\ntank/vm\t400\t9000\t400\t-\n";
    let found = datasets(&said(0, list, "")).unwrap().unwrap();
    assert_eq!((found.len(), found[1].mountpoint.as_deref(), found[0].available), (2, None, 9000));
    let list = "tank/apps@auto-1\t12\t1700000000\ntank/apps@before-upgrade\t0\t1700003600\n";
    let found = snapshots(&said(0, list, "")).unwrap().unwrap();
    assert_eq!((found[1].dataset.as_str(), found[1].name.as_str()), ("tank/apps", "before-upgrade"));
    assert_eq!(found[1].taken.unwrap().as_second(), 1_700_003_600);
    let list = "/mnt/tank/data  192.0.2.0/24(sync,wdelay,hide,rw)\n/mnt/two words  *(ro)\n";
    let found = exports(&said(0, list, "")).unwrap().unwrap();
    assert_eq!((found[0].path.as_str(), found[1].path.as_str()), ("/mnt/tank/data", "/mnt/two words"));
    assert_eq!(datasets(&said(127, "", "")), Ok(None));
    assert!(datasets(&said(1, "", "no pools available\n")).unwrap_err().contains("no pools"));
}

#[test]
fn a_snapshot_gets_no_name_that_could_mean_something_else() {
    assert_eq!(snapshot_name("tank/apps", "before-upgrade").unwrap(), "tank/apps@before-upgrade");
    for (dataset, name) in [("tank", ""), ("tank", "a b"), ("tank", "x@y"), ("-r", "x"), ("tank@old", "x")] {
        assert!(snapshot_name(dataset, name).is_err(), "{dataset} {name}");
    }
}

#[test]
fn what_is_missing_stale_or_full_is_told_with_the_services_that_use_it() {
    let (mounts, fstab) = (
        mounted(MOUNTINFO),
        expected("192.0.2.10:/cache /mnt/iscsi/cache nfs defaults\n//x /mnt/media\\040files cifs rw\n"),
    );
    let probes = BTreeMap::from([
        ("/mnt/data01/data".to_owned(), Probe::Stale),
        ("/".to_owned(), Probe::Real(Room { size: 1000, free: 49 })),
    ]);
    let user = |service: &str, path: &str| User { service: service.to_owned(), path: path.to_owned() };
    let users = [
        user("media_plex", "/mnt/data01/data/films"),
        user("media_sonarr", "/mnt/data01/data"),
        user("media_tdarr", "/mnt/iscsi/cache/tdarr"),
        user("web", "/mnt/data01/database"),
    ];
    let held = judge(&mounts, &fstab, &probes, &users);
    let at = |path: &str| held.iter().find(|held| held.mount.path == path).unwrap();
    assert_eq!(at("/mnt/data01/data").trouble, Some(Trouble::Stale));
    assert_eq!(at("/mnt/data01/data").users, ["media_plex", "media_sonarr"]);
    assert_eq!(at("/mnt/iscsi/cache").trouble, Some(Trouble::Missing));
    assert_eq!(at("/mnt/iscsi/cache").users, ["media_tdarr"]);
    assert_eq!(at("/").trouble, Some(Trouble::Full));
    assert_eq!(at("/").users, ["web"], "a path beside a mount is not on it");
    assert_eq!(at("/mnt/media files").trouble, Some(Trouble::ReadOnly));
    assert_eq!(at("/mnt/iscsi/app-data").trouble, None);
}

#[test]
fn a_service_uses_what_it_binds_and_what_its_volumes_are_made_of() {
    let service = r#"{"Spec":{"TaskTemplate":{"ContainerSpec":{"Mounts":[
        {"Type":"bind","Source":"/mnt/data/films","Target":"/films"},
        {"Type":"volume","Source":"web_config","VolumeOptions":{"DriverConfig":{"Options":{"type":"none","o":"bind","device":"/mnt/iscsi/app-data/web"}}}},
        {"Type":"volume","Source":"web_media","VolumeOptions":{"DriverConfig":{"Options":{"type":"nfs","o":"addr=192.0.2.10,rw","device":":/mnt/tank"}}}},
        {"Type":"volume","Source":"plain"},{"Type":"tmpfs"},7]}}}}"#;
    let paths = ["/mnt/data/films", "/mnt/iscsi/app-data/web", "/var/lib/docker/volumes/web_media/_data"];
    assert_eq!(uses(service), paths);
    assert_eq!(uses("nonsense"), Vec::<String>::new());
}
