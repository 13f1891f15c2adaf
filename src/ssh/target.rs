//! Where a host is, as an operator writes it. It never asks anybody: what a name stands for is the config's to say.

use std::fmt;
use std::str::FromStr;

use super::error::SshError;

/// Where an engine listens unless its address says otherwise.
pub const DOCKER_SOCKET: &str = "/var/run/docker.sock";

/// A host to be reached by SSH, and the socket of its engine.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Target {
    /// Who to be there; else what the config says.
    pub user: Option<String>,
    /// A name, an alias of the config, or an address without brackets.
    pub host: String,
    /// Where it listens; else what the config says.
    pub port: Option<u16>,
    /// The engine's socket on that host.
    pub socket_path: String,
}

impl Target {
    /// `user@host:port`, as far as they were given.
    #[must_use]
    pub fn address(&self) -> String {
        let mut text = self.user.as_ref().map(|user| format!("{user}@")).unwrap_or_default();
        match (self.host.contains(':'), self.port) {
            (true, _) => text.push_str(&format!("[{}]", self.host)),
            (false, _) => text.push_str(&self.host),
        }
        if let Some(port) = self.port {
            text.push_str(&format!(":{port}"));
        }
        text
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ssh://{}", self.address())?;
        if self.socket_path == DOCKER_SOCKET { Ok(()) } else { f.write_str(&self.socket_path) }
    }
}

impl FromStr for Target {
    type Err = SshError;

    /// Reads `ssh://[user@]host[:port][/path/to/docker.sock]`, or the same without `ssh://` and path.
    fn from_str(text: &str) -> Result<Self, SshError> {
        let wrong = |why: &str| SshError::Address { address: text.to_owned(), why: why.to_owned() };
        let (place, socket_path) = match text.strip_prefix("ssh://") {
            Some(rest) => match rest.find('/') {
                Some(at) => rest.split_at(at),
                None => (rest, ""),
            },
            None if text.contains("://") => return Err(wrong("it does not begin with ssh://")),
            None => (text, ""),
        };
        let (user, place) = match place.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, place),
        };
        if user.is_some_and(|user| user.contains(':')) {
            return Err(wrong("a password has no place in an address"));
        }
        let (host, port) = split_port(place).map_err(wrong)?;
        let port = match port {
            Some(port) => match port.parse() {
                Ok(0) | Err(_) => return Err(wrong("the port is no number from 1 to 65535")),
                Ok(port) => Some(port),
            },
            None => None,
        };
        if !is_sound(host) || user.is_some_and(|user| !is_sound(user)) {
            return Err(wrong("host and user are names without spaces, quotes or a leading dash"));
        }
        let socket_path = if socket_path.trim_end_matches('/').is_empty() { DOCKER_SOCKET } else { socket_path };
        Ok(Self { user: user.map(str::to_owned), host: host.to_owned(), port, socket_path: socket_path.to_owned() })
    }
}

fn split_port(place: &str) -> Result<(&str, Option<&str>), &'static str> {
    if let Some(six) = place.strip_prefix('[') {
        let (host, after) = six.split_once(']').ok_or("no closing bracket")?;
        return match after.strip_prefix(':') {
            Some(port) => Ok((host, Some(port))),
            None if after.is_empty() => Ok((host, None)),
            None => Err("something follows the closing bracket"),
        };
    }
    match place.split_once(':') {
        // More than one colon without brackets: an address, and no port.
        Some((_, rest)) if rest.contains(':') => Ok((place, None)),
        Some((host, port)) => Ok((host, Some(port))),
        None => Ok((place, None)),
    }
}

/// What may stand in a command of OpenSSH, which reads the config for us.
fn is_sound(name: &str) -> bool {
    let bad = |c: char| c.is_whitespace() || c.is_control() || "'\"`$\\;&<>|(){},".contains(c);
    !name.is_empty() && !name.starts_with('-') && !name.contains(bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_in_all_its_forms() {
        for (text, user, host, port, socket) in [
            ("ssh://barbary", None, "barbary", None, DOCKER_SOCKET),
            ("ssh://captain@192.0.2.1:2222", Some("captain"), "192.0.2.1", Some(2222), DOCKER_SOCKET),
            (
                "ssh://captain@barbary/run/user/1000/docker.sock",
                Some("captain"),
                "barbary",
                None,
                "/run/user/1000/docker.sock",
            ),
            ("ssh://[2001:db8::1]:22/", None, "2001:db8::1", Some(22), DOCKER_SOCKET),
            ("2001:db8::1", None, "2001:db8::1", None, DOCKER_SOCKET),
            ("captain@barbary", Some("captain"), "barbary", None, DOCKER_SOCKET),
            ("a@b@barbary:22", Some("a@b"), "barbary", Some(22), DOCKER_SOCKET),
        ] {
            let target: Target = text.parse().unwrap();
            let read = (target.user.as_deref(), target.host.as_str(), target.port, target.socket_path.as_str());
            assert_eq!(read, (user, host, port, socket), "{text}");
        }
    }

    #[test]
    fn an_address_is_written_as_it_was_read() {
        for text in ["ssh://barbary", "ssh://captain@barbary:2222/run/d.sock", "ssh://[2001:db8::1]:2222"] {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn an_address_that_could_be_an_option_or_a_command_is_refused() {
        for text in [
            "ssh://",
            "ssh://-oProxyCommand=x",
            "ssh://-l@host",
            "ssh://a b",
            "ssh://h;id",
            "ssh://$(id)",
            "ssh://h:0",
            "ssh://h:port",
            "ssh://[::1",
            "ssh://[::1]x",
            "tcp://h",
            "ssh://u:secret@h",
            "",
        ] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }
}
