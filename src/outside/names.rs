//! Names and what they lead to: what has to be done so that a name server knows them. It asks nobody.

use std::fmt;
use std::net::Ipv4Addr;

/// What a name leads to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Data {
    /// An address.
    A(Ipv4Addr),
    /// Another name.
    Cname(String),
}

/// A name and what it leads to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Record {
    /// The name, in small letters, without a dot at its end.
    pub name: String,
    /// What it leads to.
    pub data: Data,
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.data {
            Data::A(address) => write!(f, "{} A {address}", self.name),
            Data::Cname(target) => write!(f, "{} CNAME {target}", self.name),
        }
    }
}

/// Something to do at a name server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Make the zone.
    Zone(String),
    /// Add a record.
    Add(Record),
    /// Remove one.
    Remove(Record),
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Deed::Zone(zone) => write!(f, "make the zone {zone}"),
            Deed::Add(record) => write!(f, "add {record}"),
            Deed::Remove(record) => write!(f, "remove {record}"),
        }
    }
}

/// What is to be there, and what is not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wished {
    /// These are to be there, and each name leads nowhere else.
    pub there: Vec<Record>,
    /// These are not: exactly these, for what leads elsewhere is another's.
    pub gone: Vec<Record>,
}

/// What leads from the records that are there to the wished ones.
#[must_use]
pub fn deeds(wished: &Wished, present: &[Record]) -> Vec<Deed> {
    let mut deeds = Vec::new();
    for record in &wished.there {
        let others = present.iter().filter(|other| other.name == record.name && *other != record);
        deeds.extend(others.cloned().map(Deed::Remove));
        if !present.contains(record) {
            deeds.push(Deed::Add(record.clone()));
        }
    }
    deeds.extend(wished.gone.iter().filter(|record| present.contains(record)).cloned().map(Deed::Remove));
    deeds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_done_and_what_is_another_s_stays() {
        let a = |name: &str, last| Record { name: name.to_owned(), data: Data::A(Ipv4Addr::new(192, 0, 2, last)) };
        let cname = |name: &str, to: &str| Record { name: name.to_owned(), data: Data::Cname(to.to_owned()) };
        let wished = Wished {
            there: vec![a("m", 1), cname("app", "m"), cname("new", "m")],
            gone: vec![cname("old", "m"), cname("kept", "m")],
        };
        let present = [a("m", 1), a("app", 9), cname("old", "m"), cname("kept", "elsewhere"), a("other", 3)];
        let said: Vec<String> = deeds(&wished, &present).iter().map(ToString::to_string).collect();
        assert_eq!(said, ["remove app A 192.0.2.9", "add app CNAME m", "add new CNAME m", "remove old CNAME m"]);
        let now = [a("m", 1), cname("app", "m"), cname("new", "m"), cname("kept", "elsewhere")];
        assert_eq!(deeds(&wished, &now), []);
    }
}
