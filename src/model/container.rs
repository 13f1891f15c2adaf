//! A container as the engine of its node sees it, and how much it uses.

use jiff::Timestamp;

use super::{NodeId, ServiceId, TaskId};

/// Readings that are kept of a container: a minute of them.
pub const READINGS: usize = 60;

/// A container on a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// Its id.
    pub id: String,
    /// Its name, without the leading slash.
    pub name: String,
    /// The image it was made of, as written.
    pub image: String,
    /// The id of that image.
    pub image_id: String,
    /// It runs.
    pub running: bool,
    /// The task it belongs to, with its service; none for what was started by hand.
    pub task: Option<(ServiceId, TaskId)>,
    /// The volumes it mounts, by name.
    pub volumes: Vec<String>,
    /// When it was made.
    pub created: Option<Timestamp>,
}

/// A command's place: a container on a node, and what a person calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inside {
    /// The node.
    pub node: NodeId,
    /// The container on it.
    pub container: String,
    /// What it is called, such as `media_plex.1`.
    pub name: String,
}

/// How much a container uses at a moment. Amounts of net and block have grown since it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Use {
    /// Thousandths of a core; none before the second reading.
    pub cpu: Option<u64>,
    /// Bytes of memory, without what the kernel would give back.
    pub memory: u64,
    /// Bytes of memory it may use.
    pub limit: u64,
    /// Bytes received.
    pub received: u64,
    /// Bytes sent.
    pub sent: u64,
    /// Bytes read from disks.
    pub read: u64,
    /// Bytes written to disks.
    pub written: u64,
    /// Milliseconds from the reading before to this one.
    pub apart: u64,
}

/// A container with its last readings, the newest last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// The container.
    pub container: Container,
    /// Its readings.
    pub readings: Vec<Use>,
}

impl Used {
    /// The newest reading.
    #[must_use]
    pub fn now(&self) -> Option<&Use> {
        self.readings.last()
    }

    /// How much of an amount came in each second, reading by reading.
    #[must_use]
    pub fn rates(&self, amount: impl Fn(&Use) -> u64) -> Vec<u64> {
        self.readings
            .iter()
            .zip(self.readings.iter().skip(1))
            .map(|(before, now)| {
                let more = amount(now).saturating_sub(amount(before));
                more.saturating_mul(1000).checked_div(now.apart).unwrap_or(0)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_what_came_in_a_second_and_a_counter_that_begins_anew_is_none() {
        let container = Container {
            id: "c".into(),
            name: "c".into(),
            image: String::new(),
            image_id: String::new(),
            running: true,
            task: None,
            volumes: Vec::new(),
            created: None,
        };
        let at = |received, apart| Use { received, apart, ..Use::default() };
        let used = Used { container, readings: vec![at(0, 0), at(500, 500), at(700, 1000), at(10, 1000)] };
        assert_eq!(used.rates(|reading| reading.received), [1000, 200, 0]);
        assert_eq!(used.now().map(|reading| reading.received), Some(10));
    }
}
