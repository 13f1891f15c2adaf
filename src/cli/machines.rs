//! The words of the verbs that go to the machines themselves.

use clap::Args as ClapArgs;

/// Whose storage.
#[derive(Debug, Clone, ClapArgs)]
pub struct StorageWish {
    /// Only of this node; may be given more than once.
    #[arg(long, value_name = "NODE")]
    pub node: Vec<String>,
}

/// What to run on machines.
#[derive(Debug, Clone, ClapArgs)]
pub struct RunWish {
    /// On this node; may be given more than once.
    #[arg(long, value_name = "NODE", required_unless_present = "all", conflicts_with = "all")]
    pub node: Vec<String>,
    /// On every node of the swarm.
    #[arg(long)]
    pub all: bool,
    /// The program and its words.
    #[arg(last = true, required = true, value_name = "CMD")]
    pub command: Vec<String>,
}

/// A port of a container.
#[derive(Debug, Clone, ClapArgs)]
pub struct ForwardWish {
    /// A service (its newest running task), a task (`service.slot`), or a task's id.
    pub target: String,
    /// The port to listen on here (0 takes any that is free), and the port in the container.
    #[arg(value_name = "LOCAL:PORT", value_parser = ports)]
    pub ports: (u16, u16),
}

fn ports(text: &str) -> Result<(u16, u16), String> {
    let wrong = || format!("{text} is not LOCAL:PORT, such as 8080:80");
    let (local, port) = text.split_once(':').ok_or_else(wrong)?;
    let (local, port) = (local.parse().map_err(|_| wrong())?, port.parse().map_err(|_| wrong())?);
    if port == 0 { Err(wrong()) } else { Ok((local, port)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_ports_are_read_and_nothing_else() {
        assert_eq!(ports("8080:80"), Ok((8080, 80)));
        assert_eq!(ports("0:5432"), Ok((0, 5432)));
        for wrong in ["80", "80:", ":80", "80:0", "a:80", "70000:80", "127.0.0.1:80:80"] {
            assert!(ports(wrong).is_err(), "{wrong}");
        }
    }
}
