//! Ports in their short form: `80`, `8080:80/udp`, `127.0.0.1:8000-8002:80-82`.

use std::net::IpAddr;

/// One port of a container, and the port of the swarm that leads to it: 0 lets the swarm choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
    /// In the container.
    pub target: u16,
    /// In the swarm.
    pub published: u16,
}

/// All pairs that one entry means, and the address it names, which swarm ignores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// In the order of the CLI: by the text of port and protocol.
    pub pairs: Vec<Pair>,
    /// An address other than "all".
    pub ignored: Option<String>,
}

/// Reads one entry.
///
/// # Errors
/// With what is wrong with it.
pub fn parse(text: &str) -> Result<Entry, String> {
    let (front, container) = match text.rsplit_once(':') {
        Some((front, container)) => (Some(front), container),
        None => (None, text),
    };
    let (address, host) = match front {
        None => ("", ""),
        Some(front) => front.rsplit_once(':').unwrap_or(("", front)),
    };
    let (ports, protocol) = container.split_once('/').unwrap_or((container, ""));
    let protocol = match protocol.split('/').next().unwrap_or_default() {
        "" => "tcp".to_owned(),
        named => named.to_lowercase(),
    };
    let ignored = address_of(address)?;
    if ports.is_empty() {
        return Err("no port of the container is named".to_owned());
    }
    let (first, last) = range(ports).ok_or_else(|| format!("{ports:?} is no port of a container"))?;
    let published = match host {
        "" => None,
        host => Some(range(host).ok_or_else(|| format!("{host:?} is no port of the swarm"))?),
    };
    if !matches!(protocol.as_str(), "tcp" | "udp" | "sctp") {
        return Err(format!("{protocol:?} is no protocol; there are tcp, udp and sctp"));
    }
    let mut pairs = Vec::new();
    let mut add = |target, published| pairs.push(Pair { protocol: protocol.clone(), target, published });
    match published {
        None => (first..=last).for_each(|target| add(target, 0)),
        Some((low, high)) if high - low == last - first => {
            (first..=last).zip(low..=high).for_each(|(target, published)| add(target, published));
        }
        Some((low, high)) if first == last => (low..=high).for_each(|published| add(first, published)),
        Some(_) => return Err(format!("{host} and {ports} do not hold the same number of ports")),
    }
    // The CLI sorts by text, so 10 comes before 9; what is equal stays in order.
    pairs.sort_by_key(|pair| format!("{}/{}", pair.target, pair.protocol));
    Ok(Entry { pairs, ignored })
}

fn address_of(text: &str) -> Result<Option<String>, String> {
    let wrong = || format!("{text:?} is no address");
    let bare = match text.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').ok_or_else(wrong)?,
        None => text,
    };
    if bare.is_empty() {
        return if text.is_empty() { Ok(None) } else { Err(wrong()) };
    }
    let address: IpAddr = bare.parse().map_err(|_| wrong())?;
    Ok((!address.is_unspecified()).then(|| bare.to_owned()))
}

/// `80` or `80-82`; what follows a second dash is not looked at, as in the CLI.
fn range(text: &str) -> Option<(u16, u16)> {
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    let mut parts = text.split('-');
    let first: u16 = number(parts.next()?)?;
    let last = match parts.next() {
        Some(last) => number(last)?,
        None => first,
    };
    (first <= last).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(u16, u16, String)> {
        parse(text).unwrap().pairs.into_iter().map(|pair| (pair.published, pair.target, pair.protocol)).collect()
    }

    #[test]
    fn entries_become_pairs() {
        let tcp = |pairs: &[(u16, u16)]| pairs.iter().map(|(p, t)| (*p, *t, "tcp".to_owned())).collect::<Vec<_>>();
        for (text, pairs) in [
            ("80", &[(0, 80)][..]),
            ("8080:80", &[(8080, 80)]),
            (":80", &[(0, 80)]),
            ("80-81", &[(0, 80), (0, 81)]),
            ("8000-8001:80-81", &[(8000, 80), (8001, 81)]),
            ("8000-8002:80", &[(8000, 80), (8001, 80), (8002, 80)]),
            ("109-110:9-10", &[(110, 10), (109, 9)]),
            ("127.0.0.1:80:80", &[(80, 80)]),
            ("[::1]:80:80/TCP", &[(80, 80)]),
            ("::1:80:80", &[(80, 80)]),
            ("22:22-22-x", &[(22, 22)]),
        ] {
            assert_eq!(read(text), tcp(pairs), "{text}");
        }
        assert_eq!(read("53:53/UDP")[0].2, "udp");
        assert_eq!(parse("127.0.0.1::80").unwrap().ignored.as_deref(), Some("127.0.0.1"));
        assert_eq!(parse("0.0.0.0:80:80").unwrap().ignored, None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[0-9.:/a-z\\[\\]-]{0,24}") {
            if let Ok(entry) = parse(&text) {
                proptest::prop_assert!(!entry.pairs.is_empty());
            }
            if let Ok(mount) = super::super::volume::parse(&text) {
                proptest::prop_assert!(!mount.target.is_empty());
            }
        }
    }

    #[test]
    fn what_names_no_ports_is_refused() {
        for text in
            ["", "a", "80:", "80/icmp", "70000", "80-79", "8000-8002:80-81", "1.2.3:80:80", "[::1:80:80", "-1", "+80"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
