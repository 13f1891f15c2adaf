//! Networks, volumes, secrets and configs as a file declares them.

use serde_json::Value as Json;

use super::cx::Cx;
use super::lists::List;
use super::pairs::{Extras, Pairs};
use super::shape::{Shape, Written, shape};
use crate::stack::place::Place;
use crate::stack::tree::{Node, Value};

shape! {
    /// Keys of a network.
    NetworkKeys {
        name: Written = "name",
        driver: Written = "driver",
        driver_opts: Pairs = "driver_opts",
        ipam: Ipam = "ipam",
        external: Foreign = "external",
        internal: bool = "internal",
        attachable: bool = "attachable",
        labels: Pairs = "labels",
    }
}

shape! {
    /// The addresses of a network.
    Ipam {
        driver: Written = "driver",
        config: List<Pool> = "config",
    }
}

shape! {
    /// A range of addresses.
    Pool {
        subnet: Written = "subnet",
    }
}

shape! {
    /// Keys of a volume.
    VolumeKeys {
        name: Written = "name",
        driver: Written = "driver",
        driver_opts: Pairs = "driver_opts",
        external: Foreign = "external",
        labels: Pairs = "labels",
    }
}

shape! {
    /// Keys of a secret or config.
    FileKeys {
        name: Written = "name",
        file: Written = "file",
        external: Foreign = "external",
        labels: Pairs = "labels",
        driver: Written = "driver",
        driver_opts: Pairs = "driver_opts",
        template_driver: Written = "template_driver",
    }
}

/// Whether another made it: `true`, or a mapping with its name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Foreign {
    /// Another made it.
    pub yes: bool,
    /// Its name, in the old form.
    pub name: Written,
}

impl Shape for Foreign {
    fn decode(node: &Node, cx: &mut Cx<'_>) -> Self {
        match &node.value {
            Value::Map(map) => Self { yes: true, name: cx.field(map, "name") },
            _ => Self { yes: bool::decode(node, cx), name: Written::default() },
        }
    }
    fn merge(&mut self, over: Self) {
        self.yes.merge(over.yes);
        self.name.merge(over.name);
    }
    fn is_empty(&self) -> bool {
        !self.yes && self.name.is_empty()
    }
    fn emit(&self) -> Json {
        match self.name.is_empty() {
            true => self.yes.into(),
            false => serde_json::json!({ "name": self.name.text }),
        }
    }
}

/// A declared thing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Part<K> {
    /// Where its key was written.
    pub place: Place,
    /// What is said of it.
    pub keys: K,
    /// `x-` keys.
    pub extras: Extras,
}

/// What parts have in common.
pub trait Common: Shape {
    /// Its name, and whether another made it.
    fn identity(&mut self) -> (&mut Written, &mut Foreign);
}

impl Common for NetworkKeys {
    fn identity(&mut self) -> (&mut Written, &mut Foreign) {
        (&mut self.name, &mut self.external)
    }
}

impl Common for VolumeKeys {
    fn identity(&mut self) -> (&mut Written, &mut Foreign) {
        (&mut self.name, &mut self.external)
    }
}

impl Common for FileKeys {
    fn identity(&mut self) -> (&mut Written, &mut Foreign) {
        (&mut self.name, &mut self.external)
    }
}

impl<K: Common> Part<K> {
    /// Reads one; what another made has its own name or else that of its key.
    pub fn decode(kind: &str, entry: &crate::stack::tree::Entry, cx: &mut Cx<'_>) -> Self {
        let mut part = Self { place: entry.place, keys: K::decode(&entry.node, cx), extras: Extras::of(&entry.node) };
        let (name, external) = part.keys.identity();
        if !external.yes {
            if matches!(kind, "network" | "volume") {
                // The CLI loses these where the thing is its own.
                part.extras = Extras::default();
            }
            return part;
        }
        if external.name.is_empty() {
            if name.is_empty() {
                *name = Written { text: entry.key.clone(), place: entry.place };
            }
            return part;
        }
        if !name.is_empty() {
            let what = format!("{kind} {} has two names", entry.key);
            cx.fault(external.name.place, what, "`external.name` and `name` are both given", "keep `name` only");
        }
        let what = format!("{kind} {}: `external.name` is deprecated", entry.key);
        cx.note(external.name.place, what, "write  external: true  and  name: …");
        *name = std::mem::take(&mut external.name);
        part
    }

    /// As it is printed.
    pub fn emit(&self) -> Json {
        let mut printed = self.keys.emit();
        self.extras.print_into(&mut printed);
        printed
    }
}

/// A network.
pub type Network = Part<NetworkKeys>;
/// A volume.
pub type Volume = Part<VolumeKeys>;
/// A secret or config.
pub type File = Part<FileKeys>;

impl Volume {
    /// A volume that another made has no driver, options or labels of ours.
    pub fn check(&self, key: &str, cx: &mut Cx<'_>) {
        let keys = &self.keys;
        let said = [
            ("driver", keys.driver.is_empty()),
            ("driver_opts", keys.driver_opts.is_empty()),
            ("labels", keys.labels.is_empty()),
        ];
        for (word, _) in said.into_iter().filter(|(_, empty)| keys.external.yes && !empty) {
            let why = format!("it is external, and `{word}` is given");
            cx.fault(self.place, format!("volume {key} cannot be both ours and another's"), why, "keep one of them");
        }
    }
}

impl File {
    /// Where its content lies becomes absolute; a driver gives content of its own.
    pub fn locate(&mut self, kind: &str, key: &str, cx: &mut Cx<'_>) {
        let keys = &mut self.keys;
        if keys.external.yes {
            return;
        }
        if keys.driver.is_empty() {
            keys.file.text = crate::stack::grammar::path::from(cx.dir, &keys.file);
        } else if !keys.file.is_empty() {
            let what = format!("{kind} {key} has two sources");
            cx.fault(keys.file.place, what, "`driver` and `file` are both given", "keep one of them");
        }
    }
}
