//! What a service is attached to: ports, mounts, networks, secrets and configs.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::cx::Cx;
use super::lists::{Keyed, Texts};
use super::pairs::Pairs;
use super::shape::{Shape, Written, shape};
use crate::stack::grammar::{path, port, volume};
use crate::stack::place::Place;
use crate::stack::tree::{Node, Value};

shape! {
    /// A port of the swarm that leads to a port of the containers.
    Port {
        mode: Written = "mode",
        target: u32 = "target",
        published: u32 = "published",
        protocol: Written = "protocol",
    }
}

impl Keyed for Port {
    type Key = u32;

    fn key(&self) -> u32 {
        self.published
    }

    fn entries(node: &Node, cx: &mut Cx<'_>) -> Vec<Self> {
        let text = match &node.value {
            Value::Map(_) => return vec![Self::decode(node, cx)],
            Value::Int(number) => number.to_string(),
            Value::Text(text) => text.clone(),
            _ => {
                cx.not_a(node, "a port");
                return Vec::new();
            }
        };
        let entry = match port::parse(&text) {
            Ok(entry) => entry,
            Err(why) => {
                cx.wrong(node.place, why, "write it as PUBLISHED:TARGET, such as 8080:80 or 53:53/udp");
                return Vec::new();
            }
        };
        if let Some(address) = entry.ignored {
            let what = format!("{}: the address {address} is ignored, the port opens on all nodes", cx.here());
            cx.note(node.place, what, "leave the address out, or use mode: host in the long form");
        }
        let written = |text: String| Written { text, place: node.place };
        let port = |pair: port::Pair| Self {
            place: node.place,
            mode: written("ingress".to_owned()),
            target: pair.target.into(),
            published: pair.published.into(),
            protocol: written(pair.protocol),
        };
        entry.pairs.into_iter().map(port).collect()
    }
}

shape! {
    /// A place in the file system of a container.
    Mount {
        kind: Written = "type",
        source: Written = "source",
        target: Written = "target",
        read_only: bool = "read_only",
        consistency: Written = "consistency",
        bind: Option<BindOptions> = "bind",
        volume: Option<VolumeOptions> = "volume",
        image: Option<ImageOptions> = "image",
        tmpfs: Option<TmpfsOptions> = "tmpfs",
        cluster: Option<ClusterOptions> = "cluster",
    }
}

shape! {
    /// Options of a folder of the host.
    BindOptions {
        propagation: Written = "propagation",
    }
}

shape! {
    /// Options of a volume.
    VolumeOptions {
        nocopy: bool = "nocopy",
        subpath: Written = "subpath",
    }
}

shape! {
    /// Options of an image that is mounted.
    ImageOptions {
        subpath: Written = "subpath",
    }
}

shape! {
    /// Options of a file system in memory.
    TmpfsOptions {
        size: i64 = "size",
    }
}

/// Options of a volume of the cluster: there are none yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClusterOptions;

impl Shape for ClusterOptions {
    fn decode(node: &Node, cx: &mut Cx<'_>) -> Self {
        cx.map(node);
        Self
    }
    fn merge(&mut self, Self: Self) {}
    fn is_empty(&self) -> bool {
        true
    }
    fn emit(&self) -> Json {
        Json::Object(serde_json::Map::new())
    }
}

impl Keyed for Mount {
    type Key = String;

    fn key(&self) -> String {
        self.target.text.clone()
    }

    fn entries(node: &Node, cx: &mut Cx<'_>) -> Vec<Self> {
        let text = match &node.value {
            Value::Text(text) => text,
            Value::Map(_) => return vec![Self::decode(node, cx)],
            _ => {
                cx.not_a(node, "a mount");
                return Vec::new();
            }
        };
        match volume::parse(text) {
            Ok(mount) => vec![Self::short(mount, node.place)],
            Err(why) => {
                let mend = "write it as SOURCE:TARGET or SOURCE:TARGET:ro; check that no variable in it is empty";
                cx.wrong(node.place, why, mend);
                Vec::new()
            }
        }
    }
}

impl Mount {
    fn short(mount: volume::Mount, place: Place) -> Self {
        let written = |text: String| Written { text, place };
        let bind = |propagation| BindOptions { place, propagation: written(propagation) };
        Self {
            place,
            kind: written(if mount.bind { "bind" } else { "volume" }.to_owned()),
            source: written(mount.source),
            target: written(mount.target),
            read_only: mount.read_only,
            bind: mount.propagation.map(bind),
            volume: mount.no_copy.then(|| VolumeOptions { place, nocopy: true, subpath: Written::default() }),
            ..Self::default()
        }
    }

    /// Makes the folder of a bind absolute: `~` is the home of who deploys, the rest is seen from the first file.
    pub fn locate(&mut self, cx: &mut Cx<'_>) {
        if *self.kind != *"bind" {
            return;
        }
        if self.source.is_empty() {
            let what = format!("the bind mount on {} has no source", &*self.target);
            cx.fault(self.place, what, "a bind mount shows a folder of the host", "give a source");
            return;
        }
        if let Some(rest) = self.source.strip_prefix('~') {
            match cx.environment.get("HOME") {
                Some(home) => self.source.text = format!("{home}{rest}"),
                None => cx.note(
                    self.source.place,
                    format!("~ in {} stands for itself, since HOME is not set", &*self.source),
                    "set HOME, or write the whole path",
                ),
            }
        }
        if !path::is_absolute_on_windows(&self.source) {
            self.source.text = path::from(cx.dir, &self.source);
        }
    }
}

shape! {
    /// A secret or config that is put into a container.
    Reference {
        source: Written = "source",
        target: Written = "target",
        uid: Written = "uid",
        gid: Written = "gid",
        mode: Option<u32> = "mode",
    }
}

impl Keyed for Reference {
    type Key = String;

    fn key(&self) -> String {
        self.source.text.clone()
    }

    fn entries(node: &Node, cx: &mut Cx<'_>) -> Vec<Self> {
        match &node.value {
            Value::Text(text) => {
                let source = Written { text: text.clone(), place: node.place };
                vec![Self { place: node.place, source, ..Self::default() }]
            }
            Value::Map(_) => vec![Self::decode(node, cx)],
            _ => {
                cx.not_a(node, "a name");
                Vec::new()
            }
        }
    }
}

shape! {
    /// How a service is known in a network.
    Attachment {
        aliases: Texts = "aliases",
        ipv4_address: Written = "ipv4_address",
        ipv6_address: Written = "ipv6_address",
        driver_opts: Pairs = "driver_opts",
    }
}

/// The networks of a service by their keys, and where each was named.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Attachments(pub BTreeMap<String, (Place, Option<Attachment>)>);

impl Shape for Attachments {
    fn decode(node: &Node, cx: &mut Cx<'_>) -> Self {
        match &node.value {
            Value::List(items) => {
                let names = items.iter().map(|item| Written::decode(item, cx));
                Self(names.map(|name| (name.text, (name.place, None))).collect())
            }
            Value::Map(map) => {
                let one = |entry: &crate::stack::tree::Entry| {
                    let attachment = cx.within(&entry.key, |cx| Shape::decode(&entry.node, cx));
                    (entry.key.clone(), (entry.place, attachment))
                };
                Self(map.0.iter().map(one).collect())
            }
            _ => {
                cx.not_a(node, "a list or a mapping");
                Self::default()
            }
        }
    }
    /// The aliases of a later file replace those before, also by none.
    fn merge(&mut self, over: Self) {
        for (name, (place, attachment)) in over.0 {
            match (self.0.get_mut(&name), attachment) {
                (Some((_, Some(base))), Some(over)) => {
                    base.aliases = over.aliases;
                    base.ipv4_address.merge(over.ipv4_address);
                    base.ipv6_address.merge(over.ipv6_address);
                }
                (Some((_, Some(_))), None) => {}
                (_, attachment) => {
                    self.0.insert(name, (place, attachment));
                }
            }
        }
    }
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    fn emit(&self) -> Json {
        self.0.iter().map(|(name, (_, attachment))| (name.clone(), attachment.emit())).collect()
    }
}
