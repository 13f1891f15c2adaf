//! The screens of what engines of nodes tell, as pictures.

use std::sync::Arc;

use super::frame;
use super::screen::{homelab, screen};
use super::theme::Theme;
use crate::app::{App, Effect, Msg, Settings};
use crate::model::sample::noon;
use crate::model::{
    Amount, Container, Disk, Holding, Holds, Image, NodeId, Pile, Ran, RanEnd, Reply, State, Survey, Told, Use, Used,
    Volume,
};

type Size = (u16, u16);

fn app(size: Size, keys: &str, told: Vec<(&str, Reply)>) -> App {
    let mut app = App::new(Settings { now: noon(), ..Settings::default() });
    app.update(Msg::Size { width: size.0, height: size.1 });
    app.update(Msg::Swarm(Arc::new(homelab())));
    press(&mut app, keys);
    let look = app.surveying_now().map(|(look, _)| look).unwrap();
    let nodes = told.into_iter().map(|(node, reply)| (NodeId::new(node), reply)).collect();
    app.update(Msg::Seen { look, survey: Arc::new(Survey { nodes }) });
    app
}

fn press(app: &mut App, keys: &str) {
    for key in keys.split_whitespace() {
        app.update(Msg::Key(key.to_owned()));
    }
}

fn shown(app: &App, size: Size) -> String {
    screen(size, |area, buf| frame(app, Theme::default(), area, buf))
}

fn silent() -> Reply {
    Reply::Silent { why: "no way to dhow".into(), mend: "give -H ssh://dhow".into() }
}

fn used(name: &str, step: u64) -> Used {
    let container = Container {
        id: format!("{name}0123456789"),
        name: name.to_owned(),
        image: "nginx:1.27".into(),
        image_id: "sha256:1".into(),
        running: true,
        task: None,
        volumes: Vec::new(),
        created: None,
    };
    let reading = |at: u64| Use {
        cpu: Some(at * step % 700),
        memory: (200 + at) << 20,
        limit: 512 << 20,
        received: at * step * 1000,
        sent: at * step * 50,
        read: 0,
        written: at * 4096,
        apart: 1000,
    };
    Used { container, readings: (0..60).map(reading).collect() }
}

fn usage() -> Vec<(&'static str, Reply)> {
    let told =
        |names: &[(&str, u64)]| Reply::Told(Told::Usage(names.iter().map(|(name, step)| used(name, *step)).collect()));
    vec![("barbary", told(&[("one", 11), ("two", 90)])), ("ching", Reply::Waiting), ("dhow", silent())]
}

fn disk(images: u64) -> Disk {
    let pile = |size, reclaimable| Pile { count: 3, active: 1, size, reclaimable };
    Disk {
        images: pile(images, images / 3),
        containers: pile(9 << 20, 0),
        volumes: pile(3 << 30, 1 << 30),
        cache: pile(0, 0),
        dangling: Amount { count: 2, bytes: images / 4 },
        stopped: Amount { count: 7, bytes: 9 << 20 },
        ..Disk::default()
    }
}

fn disks() -> Vec<(&'static str, Reply)> {
    let told = |images| Reply::Told(Told::Disk(disk(images)));
    vec![("barbary", told(12 << 30)), ("lorcha", told(900 << 20)), ("dhow", silent())]
}

fn volumes() -> Vec<(&'static str, Reply)> {
    let volume = |name: &str, used_by, size| Volume {
        name: name.into(),
        driver: "local".into(),
        place: format!("/var/lib/docker/volumes/{name}/_data"),
        created: Some(noon()),
        size,
        used_by,
        anonymous: name.len() == 64,
        stack: String::new(),
        elsewhere: None,
    };
    let told = vec![
        volume("monitoring_data", 1, Some(5 << 30)),
        volume("old_data", 0, None),
        volume(&"ab".repeat(32), 0, Some(7)),
    ];
    vec![("lorcha", Reply::Told(Told::Volumes(told))), ("dhow", silent())]
}

fn images() -> Vec<(&'static str, Reply)> {
    let image = |id: &str, tags: &[&str], used_by| Image {
        id: format!("sha256:{}", id.repeat(32)),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        size: 300 << 20,
        created: Some(noon()),
        used_by,
    };
    vec![("lorcha", Reply::Told(Told::Images(vec![image("ab", &["grafana/loki:3"], 1), image("cd", &[], 0)])))]
}

#[test]
fn what_nodes_tell_at_the_usual_sizes() {
    for (size, name) in [((80, 24), "80x24"), ((120, 40), "120x40"), ((200, 60), "200x60")] {
        let cut = |app: &App| shown(app, size).lines().skip(2).take(7).collect::<Vec<_>>().join("\n");
        let mut all = String::new();
        for (keys, told) in [
            (": u s a g e enter", usage()),
            (": d i s k enter", disks()),
            (": v o l u m e s enter", volumes()),
            (": i m a g e s enter", images()),
        ] {
            all += &format!("{}\n\n", cut(&app(size, keys, told)));
        }
        insta::assert_snapshot!(format!("reach_{name}"), all);
    }
}

#[test]
fn a_prune_asks_with_all_that_goes_and_data_wants_its_word() {
    let mut harmless = app((80, 24), ": d i s k enter", disks());
    press(&mut harmless, "P");
    let mut data = app((80, 24), ": v o l u m e s enter", volumes());
    press(&mut data, "P l o r");
    insta::assert_snapshot!(format!("{}\n{}", shown(&harmless, (80, 24)), shown(&data, (80, 24))));
}

#[test]
fn before_an_engine_has_answered_it_says_who_is_asked() {
    let asked = app((80, 24), ": d i s k enter", Vec::new());
    assert!(shown(&asked, (80, 24)).contains("asking the engines of the nodes"));
}

#[test]
fn in_ascii_a_line_of_bars_still_reads() {
    let app = app((120, 24), ": u s a g e enter", usage());
    let plain = Theme { colour: false, ascii: true };
    let drawn = screen((120, 24), |area, buf| frame(&app, plain, area, buf));
    assert!(drawn.is_ascii(), "{drawn}");
}

fn holdings() -> Vec<(&'static str, Reply)> {
    let mount = |name: &str, kind: &str, source: &str| {
        let row = Holding::new(Holds::Mount, kind, name).being(State::Ready, "mounted");
        Holding { source: source.into(), size: Some(8 << 40), free: Some(3 << 40), ..row }
    };
    let stale = Holding {
        users: vec!["media_plex".into(), "media_sonarr".into()],
        why: "stale: the export was replaced; unmount it (umount -l), mount it again, restart its users".into(),
        size: None,
        free: None,
        ..mount("/mnt/media", "nfs", "nas.example.test:/tank/media").being(State::Failed, "stale")
    };
    let dataset = Holding { snapshots: Some(12), ..mount("tank/media", "dataset", "/mnt/tank/media") };
    let target = Holding::new(Holds::Iscsi, "iscsi", "iqn.2005-10.org.example:yard").being(State::Ready, "logged in");
    let here = vec![stale, mount("/", "local", "/dev/vda1"), dataset, target];
    vec![("barbary", Reply::Told(Told::Storage(here))), ("ching", Reply::Waiting), ("dhow", silent())]
}

#[test]
fn storage_shows_what_is_wrong_first_at_every_size() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let app = app(size, "2 M M", holdings());
        insta::assert_snapshot!(format!("storage_{}x{}", size.0, size.1), shown(&app, size));
    }
}

#[test]
fn what_a_command_says_stands_under_its_machine_at_every_size() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let mut app = App::new(Settings { now: noon(), ..Settings::default() });
        app.update(Msg::Size { width: size.0, height: size.1 });
        app.update(Msg::Swarm(Arc::new(homelab())));
        press(&mut app, "2 g space j space x u p t i m e");
        let effects = app.update(Msg::Key("enter".to_owned()));
        let [Effect::Run { id, line, nodes }] = effects.as_slice() else { panic!("{effects:?}") };
        let mut ran = Ran::begun(line, nodes.iter().cloned());
        ran.hosts[0].lines = vec![" 12:00:00 up 41 days,  3:12,  0 users,  load average: 0.31, 0.28, 0.25".into()];
        ran.hosts[0].end = Some(RanEnd::Code(0));
        ran.hosts[1].end = Some(RanEnd::Unreached { why: "no way to dhow".into(), mend: "give -H ssh://dhow".into() });
        app.update(Msg::Ran { id: *id, ran: Arc::new(ran) });
        insta::assert_snapshot!(format!("output_{}x{}", size.0, size.1), shown(&app, size));
    }
}
