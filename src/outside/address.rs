//! Where a program outside is reached: `http://host:port/path`. A password in it is refused, so that whoever tells an
//! address tells no secret.

use std::fmt;
use std::str::FromStr;

/// An address, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// By TLS.
    pub tls: bool,
    /// Name or address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// What comes before every path; it does not end in `/`.
    pub path: String,
}

/// Why a text is no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It does not begin with what is spoken here.
    #[error("it begins with neither http:// nor https://")]
    Scheme,
    /// A name or a password stands in it.
    #[error("a login stands in it")]
    Login,
    /// A question mark or a hash stands in it.
    #[error("there is more behind the path")]
    Query,
    /// No host, or a port that is none.
    #[error("its host or its port cannot be read")]
    Host,
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (tls, rest) = match (text.strip_prefix("http://"), text.strip_prefix("https://")) {
            (Some(rest), _) => (false, rest),
            (_, Some(rest)) => (true, rest),
            _ => return Err(AddressError::Scheme),
        };
        if rest.contains(['?', '#']) {
            return Err(AddressError::Query);
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if authority.contains('@') {
            return Err(AddressError::Login);
        }
        let (host, port) = match authority.strip_prefix('[') {
            Some(six) => {
                let (host, after) = six.split_once(']').ok_or(AddressError::Host)?;
                (host, after.strip_prefix(':'))
            }
            None => authority.rsplit_once(':').map_or((authority, None), |(host, port)| (host, Some(port))),
        };
        let port = match port {
            Some(port) => port.parse().map_err(|_| AddressError::Host)?,
            None if tls => 443,
            None => 80,
        };
        let sound = |c: char| c.is_ascii_alphanumeric() || "-._:%".contains(c);
        if host.is_empty() || !host.chars().all(sound) || !path.chars().all(|c| c.is_ascii_graphic()) {
            return Err(AddressError::Host);
        }
        let path = path.trim_end_matches('/');
        let path = if path.is_empty() { String::new() } else { format!("/{path}") };
        Ok(Self { tls, host: host.to_owned(), port, path })
    }
}

impl Address {
    /// The host and the port, as a request names them.
    #[must_use]
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        match (self.tls, self.port) {
            (true, 443) | (false, 80) => host,
            (_, port) => format!("{host}:{port}"),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http{}://{}{}", if self.tls { "s" } else { "" }, self.authority(), self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_written_back() {
        for text in ["http://dns.example.test:5380", "https://192.0.2.4", "http://[2001:db8::1]:8080/pihole"] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
        assert_eq!("https://a:443/".parse::<Address>().unwrap().to_string(), "https://a");
    }

    #[test]
    fn what_could_hold_a_secret_or_lead_elsewhere_is_refused() {
        for (text, why) in [
            ("plex:32400", AddressError::Scheme),
            ("http://me:pass@host", AddressError::Login),
            ("http://host/x?token=1", AddressError::Query),
            ("http://", AddressError::Host),
            ("http://host:eighty", AddressError::Host),
            ("http://ho st", AddressError::Host),
            ("http://host/a\r\nb", AddressError::Host),
        ] {
            assert_eq!(text.parse::<Address>().unwrap_err(), why, "{text}");
        }
    }
}
