//! Mounts: each kind has its own options, and refuses those of the others.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::Scope;
use super::json::{Body, object};
use crate::stack::project::attach::Mount;
use crate::stack::project::cx::Cx;
use crate::stack::project::parts::Volume;

type Volumes = BTreeMap<String, Volume>;

/// All mounts of a service, in the order of the file.
pub fn wish(scope: Scope<'_>, volumes: &Volumes, mounts: &[Mount], cx: &mut Cx<'_>) -> Json {
    mounts.iter().filter_map(|mount| one(scope, volumes, mount, cx)).collect()
}

fn one(scope: Scope<'_>, volumes: &Volumes, mount: &Mount, cx: &mut Cx<'_>) -> Option<Json> {
    let own: &[&str] = match &*mount.kind {
        "" | "volume" => &["volume"],
        "bind" => &["bind"],
        "npipe" => &["bind", "image", "cluster"],
        "tmpfs" => &["tmpfs"],
        "image" => &["image"],
        "cluster" => &["cluster"],
        kind => {
            let what = format!("{}: the mount on {} has a kind that does not exist", cx.here(), &*mount.target);
            let mend = "write volume, bind, tmpfs, npipe, image or cluster";
            cx.fault(mount.kind.place, what, format!("type: {kind}"), mend);
            return None;
        }
    };
    foreign_options(mount, own, cx);
    match &*mount.kind {
        "" | "volume" if mount.source.is_empty() => Some(body(mount, &mount.source).into()),
        "" | "volume" => volume(scope, volumes, mount, cx),
        "cluster" => cluster(scope, volumes, mount, cx),
        "tmpfs" => {
            if !mount.source.is_empty() {
                let what = format!("{}: the tmpfs mount on {} has a source", cx.here(), &*mount.target);
                cx.fault(mount.source.place, what, "it lies in memory and begins empty", "leave out the source");
            }
            let options = mount.tmpfs.as_ref().map(|tmpfs| Body::default().some("SizeBytes", tmpfs.size));
            Some(body(mount, "").maybe("TmpfsOptions", options).into())
        }
        "image" => {
            let options = mount.image.as_ref().map(|image| Body::default().some("Subpath", image.subpath.text.clone()));
            with_source(mount, cx).map(|mount| body(mount, &mount.source).maybe("ImageOptions", options).into())
        }
        _ => {
            let options =
                mount.bind.as_ref().map(|bind| Body::default().some("Propagation", bind.propagation.text.clone()));
            with_source(mount, cx).map(|mount| body(mount, &mount.source).maybe("BindOptions", options).into())
        }
    }
}

/// Options of another kind are no use, and may show a mistake.
fn foreign_options(mount: &Mount, own: &[&str], cx: &mut Cx<'_>) {
    let given = [
        ("bind", mount.bind.is_some()),
        ("volume", mount.volume.is_some()),
        ("image", mount.image.is_some()),
        ("tmpfs", mount.tmpfs.is_some()),
        ("cluster", mount.cluster.is_some()),
    ];
    for (word, _) in given.into_iter().filter(|(word, given)| *given && !own.contains(word)) {
        let kind = if mount.kind.is_empty() { "volume" } else { &mount.kind };
        let what = format!("{}: the mount on {} has options of another kind", cx.here(), &*mount.target);
        cx.fault(mount.place, what, format!("it is a {kind} and has `{word}` options"), "leave them out");
    }
}

fn with_source<'m>(mount: &'m Mount, cx: &mut Cx<'_>) -> Option<&'m Mount> {
    if mount.source.is_empty() && *mount.kind == *"bind" {
        // Told where its path was looked at.
        return None;
    }
    if mount.source.is_empty() {
        let what = format!("{}: the {} mount on {} has no source", cx.here(), &*mount.kind, &*mount.target);
        cx.fault(mount.place, what, "there is nothing that it could show", "give a source");
        return None;
    }
    Some(mount)
}

fn body(mount: &Mount, source: &str) -> Body {
    Body::default()
        .some("Type", mount.kind.text.clone())
        .some("Source", source)
        .some("Target", mount.target.text.clone())
        .some("ReadOnly", mount.read_only)
        .some("Consistency", mount.consistency.text.clone())
}

fn declared<'v>(volumes: &'v Volumes, mount: &Mount, cx: &mut Cx<'_>) -> Option<&'v Volume> {
    let volume = volumes.get(&mount.source.text);
    if volume.is_none() {
        let source = &*mount.source;
        let what = format!("{} uses the volume {source}, which is not declared", cx.here());
        let mend = format!("add  {source}:  under `volumes:` at the top level, or begin a path with ./");
        cx.fault(mount.source.place, what, "every volume of a service is declared at the top level", mend);
    }
    volume
}

fn name_of(scope: Scope<'_>, volume: &Volume, key: &str) -> String {
    match volume.keys.name.is_empty() {
        true => scope.name(key),
        false => volume.keys.name.text.clone(),
    }
}

fn volume(scope: Scope<'_>, volumes: &Volumes, mount: &Mount, cx: &mut Cx<'_>) -> Option<Json> {
    let declared = declared(volumes, mount, cx)?;
    let keys = &declared.keys;
    let mut options = Body::default();
    if let Some(own) = &mount.volume {
        options = options.some("NoCopy", own.nocopy).some("Subpath", own.subpath.text.clone());
    }
    if !keys.external.yes {
        options = options.put("Labels", object(scope.labels(&keys.labels.items())));
        if !keys.driver.is_empty() || keys.driver_opts.0.is_some() {
            let driver = Body::default().some("Name", keys.driver.text.clone());
            options = options.put("DriverConfig", driver.some("Options", object(keys.driver_opts.items())));
        }
    }
    Some(body(mount, &name_of(scope, declared, &mount.source)).put("VolumeOptions", options).into())
}

fn cluster(scope: Scope<'_>, volumes: &Volumes, mount: &Mount, cx: &mut Cx<'_>) -> Option<Json> {
    with_source(mount, cx)?;
    let source = match mount.source.starts_with("group:") {
        true => mount.source.text.clone(),
        false => name_of(scope, declared(volumes, mount, cx)?, &mount.source),
    };
    Some(body(mount, &source).put("ClusterOptions", Map::new()).into())
}
