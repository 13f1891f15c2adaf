//! Monitors as they are wished and as they are listed, and what leads from the one to the other. It asks nobody.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value, json};

/// A monitor that asks whether a name answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Monitor {
    /// What it is called: the name.
    pub name: String,
    /// What it asks for.
    pub url: String,
    /// Answers that are good.
    pub codes: Vec<String>,
    /// The group that it belongs to; none where the folder names none, and then it stays where somebody put it.
    pub group: Option<String>,
}

/// Something to do with a monitor.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    /// Add the group of this name.
    Group(String),
    /// Add it.
    Add(Monitor),
    /// Make this one, as it is listed, ask for that.
    Change(Monitor, Value),
    /// Remove the one of this number and name.
    Remove(u64, String),
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inside = |monitor: &Monitor| monitor.group.as_ref().map(|group| format!(" in {group}")).unwrap_or_default();
        match self {
            Deed::Group(name) => write!(f, "add the group {name}"),
            Deed::Add(monitor) => {
                write!(f, "add the monitor {} of {}{}", monitor.name, monitor.url, inside(monitor))
            }
            Deed::Change(monitor, _) => {
                write!(f, "let the monitor {} ask for {}{}", monitor.name, monitor.url, inside(monitor))
            }
            Deed::Remove(_, name) => write!(f, "remove the monitor {name}"),
        }
    }
}

/// What is to be there, and what is not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wished {
    /// These are to be there.
    pub there: Vec<Monitor>,
    /// These are not.
    pub gone: Vec<Monitor>,
}

/// The monitors as they are listed.
#[derive(Debug, Clone, Default)]
pub struct List(pub Map<String, Value>);

impl List {
    /// The number of the group of this name.
    pub fn group(&self, name: &str) -> Option<u64> {
        self.named(name, "group").and_then(number)
    }

    fn named(&self, name: &str, kind: &str) -> Option<&Value> {
        self.0.values().find(|listed| text(listed, "name") == name && text(listed, "type") == kind)
    }

    /// What leads from what is listed to the wished ones. One that asks for another name, or in another way, is
    /// somebody's own; so are groups, which stay when their last monitor goes.
    pub fn deeds(&self, wished: &Wished) -> Vec<Deed> {
        let mut deeds = Vec::new();
        for monitor in &wished.there {
            let group = monitor.group.as_deref();
            let missing = group.filter(|name| self.group(name).is_none()).map(|name| Deed::Group(name.to_owned()));
            deeds.extend(missing.filter(|deed| !deeds.contains(deed)));
            match self.named(&monitor.name, "http") {
                None => deeds.push(Deed::Add(monitor.clone())),
                Some(listed) if !self.is_same(monitor, listed) => {
                    deeds.push(Deed::Change(monitor.clone(), listed.clone()));
                }
                Some(_) => {}
            }
        }
        for monitor in &wished.gone {
            let ours = self.named(&monitor.name, "http").filter(|listed| text(listed, "url") == monitor.url);
            if let Some(number) = ours.and_then(number) {
                deeds.push(Deed::Remove(number, monitor.name.clone()));
            }
        }
        deeds
    }

    fn is_same(&self, monitor: &Monitor, listed: &Value) -> bool {
        let codes: Vec<Value> = monitor.codes.iter().cloned().map(Value::from).collect();
        let parent = || listed.get("parent").and_then(Value::as_u64);
        text(listed, "url") == monitor.url
            && listed.get("accepted_statuscodes").and_then(Value::as_array) == Some(&codes)
            && monitor.group.as_ref().is_none_or(|group| self.group(group).is_some_and(|group| parent() == Some(group)))
    }
}

/// Parts what may be done from monitors that stand there and that nobody agreed to change: they may have been made by
/// hand. A group that only those need waits with them.
pub fn settle(deeds: Vec<Deed>, agreed: &BTreeSet<String>) -> (Vec<Deed>, Vec<String>) {
    let held = |deed: &Deed| matches!(deed, Deed::Change(..)) && !agreed.contains(&deed.to_string());
    let (held, free): (Vec<Deed>, Vec<Deed>) = deeds.into_iter().partition(held);
    let is_needed = |name: &str| {
        free.iter().any(|deed| match deed {
            Deed::Add(monitor) | Deed::Change(monitor, _) => monitor.group.as_deref() == Some(name),
            Deed::Group(_) | Deed::Remove(..) => false,
        })
    };
    let needed = |deed: &&Deed| !matches!(deed, Deed::Group(name) if !is_needed(name));
    (free.iter().filter(needed).cloned().collect(), held.iter().map(ToString::to_string).collect())
}

fn text<'a>(listed: &'a Value, key: &str) -> &'a str {
    listed.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn number(listed: &Value) -> Option<u64> {
    listed.get("id").and_then(Value::as_u64)
}

/// A monitor of this kind with all that this version wants to hear of one. Who is told of its faults, and its tags, are
/// chosen by hand.
pub fn fresh(kind: &str, name: &str, version: &str) -> Value {
    let mut fresh = json!({
        "type": kind, "name": name, "url": "https://", "method": "GET", "active": true, "interval": 60,
        "retryInterval": 60, "resendInterval": 0, "maxretries": 1, "timeout": 48, "maxredirects": 10,
        "accepted_statuscodes": ["200-299"], "notificationIDList": {}, "ignoreTls": false, "upsideDown": false,
        "expiryNotification": false, "kafkaProducerBrokers": [], "kafkaProducerSaslOptions": { "mechanism": "None" },
    });
    if let (Some(fresh), false) = (fresh.as_object_mut(), version.starts_with("1.")) {
        fresh.insert("conditions".to_owned(), json!([]));
        fresh.insert("rabbitmqNodes".to_owned(), json!([]));
    }
    fresh
}

/// What is wished of a monitor, put into what is there of it. All else stays as it is.
pub fn wish(monitor: Monitor, group: Option<u64>, mut listed: Value) -> Value {
    if let Some(listed) = listed.as_object_mut() {
        listed.insert("url".to_owned(), monitor.url.into());
        listed.insert("accepted_statuscodes".to_owned(), monitor.codes.into());
        if let Some(group) = group {
            listed.insert("parent".to_owned(), group.into());
        }
    }
    listed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn monitor(name: &str, group: Option<&str>) -> Monitor {
        let codes = vec!["200-299".to_owned()];
        Monitor { name: name.to_owned(), url: format!("https://{name}"), codes, group: group.map(str::to_owned) }
    }

    fn listed(name: &str, parent: Option<u64>) -> Value {
        let mut listed = wish(monitor(name, None), parent, fresh("http", name, "2"));
        listed["id"] = 7.into();
        listed
    }

    #[test]
    fn a_monitor_goes_into_the_group_that_the_folder_names_and_stays_in_any_other() {
        let group = json!({ "id": 3, "type": "group", "name": "Services" });
        let words = |group: Option<&str>, list: &[Value]| -> Vec<String> {
            let list = List((0..).map(|n: u64| n.to_string()).zip(list.iter().cloned()).collect());
            let wished = Wished { there: vec![monitor("a.test", group)], gone: Vec::new() };
            list.deeds(&wished).iter().map(ToString::to_string).collect()
        };
        let change = "let the monitor a.test ask for https://a.test in Services";
        for (named, list, said) in [
            (None, vec![listed("a.test", Some(9))], vec![]),
            (Some("Services"), vec![group.clone(), listed("a.test", Some(3))], vec![]),
            (Some("Services"), vec![group.clone(), listed("a.test", Some(9))], vec![change]),
            (Some("Services"), vec![group.clone(), listed("a.test", None)], vec![change]),
            (Some("Services"), vec![listed("a.test", None)], vec!["add the group Services", change]),
            (
                Some("Services"),
                vec![],
                vec!["add the group Services", "add the monitor a.test of https://a.test in Services"],
            ),
        ] {
            assert_eq!(words(named, &list), said, "{named:?} {list:?}");
        }
    }
}
