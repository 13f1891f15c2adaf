//! What only the engine of a node knows, in words: a container that belongs to no task, a volume, an image.

use super::{Description, Section, when};
use crate::app::format::bytes;
use crate::app::screens::World;
use crate::model::{Holds, Image, NodeId, Reply, State, Told, Used, Volume};

fn told<'a>(node: &NodeId, world: World<'a>) -> Option<&'a Told> {
    match world.survey.of(node)? {
        Reply::Told(told) => Some(told),
        _ => None,
    }
}

/// A container.
pub fn container(node: &NodeId, id: &str, world: World<'_>) -> Option<Description> {
    let Told::Usage(all) = told(node, world)? else { return None };
    let Used { container, .. } = all.iter().find(|used| used.container.id == id)?;
    let mut section = Section::new("container");
    section
        .add("name", container.name.as_str())
        .add("node", world.picture.swarm.hostname(node))
        .add("image", container.image.as_str())
        .add("made", when(container.created, world.now))
        .add("id", container.id.as_str())
        .each("volumes", container.volumes.iter().cloned())
        .add("note", "it belongs to no task of the swarm: somebody started it on the node itself");
    Some(Description { title: format!("container {}", container.name), state: None, sections: vec![section] })
}

/// A volume.
pub fn volume(node: &NodeId, name: &str, world: World<'_>) -> Option<Description> {
    let Told::Volumes(all) = told(node, world)? else { return None };
    let Volume { driver, place, created, size, used_by, anonymous, .. } = all.iter().find(|v| v.name == name)?;
    let used = *used_by > 0;
    let mut section = Section::new("volume");
    section
        .add("name", name)
        .add("node", world.picture.swarm.hostname(node))
        .add("size", size.map(bytes).unwrap_or_default())
        .add("used by", crate::app::format::count(*used_by, "container"))
        .add("driver", driver.as_str())
        .add("place", place.as_str())
        .add("made", when(*created, world.now));
    if *anonymous {
        section.add("note", "no person named it: a container made it for itself");
    }
    let state = if used { State::Ready } else { State::Off };
    Some(Description { title: format!("volume {name}"), state: Some(state.into()), sections: vec![section] })
}

/// An image.
pub fn image(node: &NodeId, id: &str, world: World<'_>) -> Option<Description> {
    let Told::Images(all) = told(node, world)? else { return None };
    let image @ Image { tags, size, created, used_by, .. } = all.iter().find(|image| image.id == id)?;
    let mut section = Section::new("image");
    section
        .each("names", tags.iter().cloned())
        .add("node", world.picture.swarm.hostname(node))
        .add("size", bytes(*size))
        .add("used by", crate::app::format::count(*used_by, "container"))
        .add("built", when(*created, world.now))
        .add("id", id);
    if image.is_dangling() {
        section.add("note", "it lost its name to a newer one");
    }
    let state = if *used_by > 0 { State::Ready } else { State::Off };
    let title =
        format!("image {}", tags.first().map_or_else(|| crate::app::screens::images::short(id), String::as_str));
    Some(Description { title, state: Some(state.into()), sections: vec![section] })
}

/// What holds data on a machine.
pub fn holding((node, holds, name): (&NodeId, Holds, &str), world: World<'_>) -> Option<Description> {
    let Told::Storage(all) = told(node, world)? else { return None };
    let row = all.iter().find(|row| row.holds == holds && row.name == name)?;
    let mut section = Section::new("storage");
    section
        .stated("state", row.word.as_str(), row.state)
        .add("why", row.why.as_str())
        .add("name", name)
        .add("node", world.picture.swarm.hostname(node))
        .add("kind", row.kind.as_str())
        .add("source", row.source.as_str())
        .add("size", row.size.map(bytes).unwrap_or_default())
        .add("free", row.free.map(bytes).unwrap_or_default())
        .each("used by", row.users.iter().cloned())
        .add("snapshots", row.snapshots.map(|count| count.to_string()).unwrap_or_default());
    Some(Description { title: format!("{} {name}", row.kind), state: Some(row.state.into()), sections: vec![section] })
}
