//! Names and what they lead to: what has to be done so that a name server knows them. It asks nobody, and never takes
//! for ours what this folder could not have made.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What a name leads to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Data {
    /// An address.
    A(Ipv4Addr),
    /// A long address.
    Aaaa(Ipv6Addr),
    /// Another name.
    Cname(String),
}

impl From<IpAddr> for Data {
    fn from(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Data::A(address),
            IpAddr::V6(address) => Data::Aaaa(address),
        }
    }
}

impl Data {
    /// What records of it are called.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Data::A(_) => "A",
            Data::Aaaa(_) => "AAAA",
            Data::Cname(_) => "CNAME",
        }
    }

    /// What stands in such a record.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Data::A(address) => address.to_string(),
            Data::Aaaa(address) => address.to_string(),
            Data::Cname(target) => target.clone(),
        }
    }

    /// One name cannot lead to both: a name has one other name at most and then nothing else, and a second address of
    /// the same kind would be taken every other time.
    fn excludes(&self, other: &Data) -> bool {
        self != other
            && (self.kind() == other.kind() || [self, other].iter().any(|data| matches!(data, Data::Cname(_))))
    }
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
        write!(f, "{} {} {}", self.name, self.data.kind(), self.data.text())
    }
}

/// A record as a server lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The record.
    pub record: Record,
    /// How long it may be remembered, in seconds; none where the server does not say.
    pub ttl: Option<u32>,
}

/// Something to do at a name server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Make the zone.
    Zone(String),
    /// Add a record.
    Add(Record),
    /// Remove one that this folder has made.
    Remove(Record),
    /// Remove one that somebody else has made: done only where somebody has seen it and agreed.
    Displace(Record),
    /// Let one be remembered for so many seconds.
    Ttl(Record, u32),
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Deed::Zone(zone) => write!(f, "make the zone {zone}"),
            Deed::Add(record) => write!(f, "add {record}"),
            Deed::Remove(record) => write!(f, "remove {record}"),
            Deed::Displace(record) => write!(f, "remove {record}, which somebody else has made"),
            Deed::Ttl(record, ttl) => write!(f, "let {record} be remembered for {ttl} s"),
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
    /// What records of this folder lead to, at whichever node its ingress was before. A record that leads elsewhere
    /// is somebody else's.
    pub ours: BTreeSet<Data>,
    /// How long names may be remembered, in seconds.
    pub ttl: u32,
}

/// What leads from the records that are there to the wished ones.
#[must_use]
pub fn deeds(wished: &Wished, present: &[Listed]) -> Vec<Deed> {
    let mut deeds = Vec::new();
    for record in &wished.there {
        let same = |other: &&Listed| other.record.name == record.name;
        for Listed { record: other, .. } in present.iter().filter(same) {
            let deed = match wished.ours.contains(&other.data) {
                true => Deed::Remove(other.clone()),
                false => Deed::Displace(other.clone()),
            };
            if record.data.excludes(&other.data) && !wished.there.contains(other) && !deeds.contains(&deed) {
                deeds.push(deed);
            }
        }
        match present.iter().find(|other| other.record == *record) {
            None => deeds.push(Deed::Add(record.clone())),
            Some(there) if there.ttl.is_some_and(|ttl| ttl != wished.ttl) => {
                deeds.push(Deed::Ttl(record.clone(), wished.ttl));
            }
            Some(_) => {}
        }
    }
    let there = |record: &&Record| present.iter().any(|other| other.record == **record);
    deeds.extend(wished.gone.iter().filter(there).cloned().map(Deed::Remove));
    deeds
}

/// Parts what may be done from what nobody has agreed to. What waits for that waits with it.
#[must_use]
pub fn settle(deeds: Vec<Deed>, agreed: &BTreeSet<String>) -> (Vec<Deed>, Vec<Record>) {
    let mut held = Vec::new();
    for deed in &deeds {
        if let Deed::Displace(record) = deed
            && !agreed.contains(&deed.to_string())
        {
            held.push(record.clone());
        }
    }
    let waits = |name: &str| held.iter().any(|record| record.name == name);
    let free = |deed: &Deed| match deed {
        Deed::Zone(_) => true,
        // What was ours stays, too: its name is not left without anything until somebody agrees.
        Deed::Add(record) | Deed::Remove(record) | Deed::Displace(record) | Deed::Ttl(record, _) => {
            !waits(&record.name)
        }
    };
    (deeds.into_iter().filter(free).collect(), held)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn a(name: &str, last: u8) -> Record {
        Record { name: name.to_owned(), data: Data::A(Ipv4Addr::new(192, 0, 2, last)) }
    }

    fn aaaa(name: &str, last: u16) -> Record {
        Record { name: name.to_owned(), data: Data::Aaaa(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, last)) }
    }

    fn cname(name: &str, to: &str) -> Record {
        Record { name: name.to_owned(), data: Data::Cname(to.to_owned()) }
    }

    fn listed(records: &[Record]) -> Vec<Listed> {
        records.iter().cloned().map(|record| Listed { record, ttl: None }).collect()
    }

    fn words(deeds: &[Deed]) -> Vec<String> {
        deeds.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn only_what_differs_is_done_and_what_is_another_s_stays() {
        let wished = Wished {
            there: vec![a("m", 1), cname("app", "m"), cname("new", "m")],
            gone: vec![cname("old", "m"), cname("kept", "m")],
            ours: [a("m", 9).data].into(),
            ttl: 60,
        };
        let present = listed(&[a("m", 1), a("app", 9), cname("old", "m"), cname("kept", "elsewhere"), a("other", 3)]);
        let said = ["remove app A 192.0.2.9", "add app CNAME m", "add new CNAME m", "remove old CNAME m"];
        assert_eq!(words(&deeds(&wished, &present)), said);
        let now = listed(&[a("m", 1), cname("app", "m"), cname("new", "m"), cname("kept", "elsewhere")]);
        assert_eq!(deeds(&wished, &now), []);
    }

    #[test]
    fn a_long_address_stands_beside_a_short_one_and_beside_no_other_name() {
        let wished = |there| Wished { there, ..Wished::default() };
        let both = wished(vec![a("m", 1), aaaa("m", 1)]);
        assert_eq!(words(&deeds(&both, &listed(&[a("m", 1)]))), ["add m AAAA 2001:db8::1"]);
        // One of a kind that was not wished excludes nothing.
        assert_eq!(deeds(&wished(vec![a("m", 1)]), &listed(&[a("m", 1), aaaa("m", 7)])), []);
        let said = words(&deeds(&both, &listed(&[cname("m", "x")])));
        let told = "remove m CNAME x, which somebody else has made";
        assert_eq!(said, [told, "add m A 192.0.2.1", "add m AAAA 2001:db8::1"], "and it is said once");
        assert_eq!(deeds(&wished(vec![cname("m", "x")]), &listed(&[a("m", 1), aaaa("m", 1)])).len(), 3);
    }

    #[test]
    fn what_somebody_else_has_made_goes_only_when_it_was_agreed_to() {
        let wished = Wished { there: vec![cname("app", "m"), cname("web", "m")], ..Wished::default() };
        let all = deeds(&wished, &listed(&[a("app", 9)]));
        let (todo, held) = settle(all.clone(), &BTreeSet::new());
        assert_eq!((words(&todo), held), (vec!["add web CNAME m".to_owned()], vec![a("app", 9)]));
        let (todo, held) = settle(all.clone(), &words(&all).into_iter().collect());
        assert_eq!((todo, held), (all.clone(), Vec::new()));
        // What is ours stays until what takes its place may come.
        let beside = Wished { ours: [a("app", 7).data].into(), ..wished.clone() };
        let (todo, _) = settle(deeds(&beside, &listed(&[a("app", 7), a("app", 9)])), &BTreeSet::new());
        assert_eq!(words(&todo), ["add web CNAME m"]);
        // Who agreed to lose one address has not agreed to lose another.
        let (_, held) = settle(deeds(&wished, &listed(&[a("app", 8)])), &words(&all).into_iter().collect());
        assert_eq!(held, [a("app", 8)]);
    }

    #[test]
    fn how_long_a_name_is_remembered_is_set_right_where_the_server_says_it() {
        let wished = Wished { there: vec![a("m", 1)], ttl: 300, ..Wished::default() };
        for (ttl, said) in
            [(None, vec![]), (Some(300), vec![]), (Some(60), vec!["let m A 192.0.2.1 be remembered for 300 s"])]
        {
            assert_eq!(words(&deeds(&wished, &[Listed { record: a("m", 1), ttl }])), said);
        }
    }
}
