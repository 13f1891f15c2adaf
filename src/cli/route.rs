//! Which engine is meant, of all that could be: what was said nearest to the operator counts. Pure; it opens nothing.

use crate::docker_config::DEFAULT;

/// Where an engine is looked for when nothing is said.
pub const LOCAL_SOCKET: &str = "unix:///var/run/docker.sock";

/// All that was said of engines, by those who said it; empty where they said nothing.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// Each `-H`.
    pub hosts: Vec<String>,
    /// `DOCKER_HOST`.
    pub docker_host: String,
    /// `DOCKER_CONTEXT`.
    pub docker_context: String,
    /// The context that `docker context use` chose.
    pub current_context: String,
    /// The managers of the inventory, over SSH.
    pub managers: Vec<String>,
}

/// What is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ways {
    /// These addresses of managers of one swarm, the preferred first.
    Addresses(Vec<String>),
    /// A context of the docker CLI.
    Context(String),
}

/// What is meant, and who said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Where to.
    pub ways: Ways,
    /// In the words that were used.
    pub said_by: &'static str,
}

/// Takes what was said nearest to the operator.
pub fn choose(said: &Said) -> Route {
    let route = |ways, said_by| Route { ways, said_by };
    let one = |address: &str| Ways::Addresses(vec![address.to_owned()]);
    if !said.hosts.is_empty() {
        return route(Ways::Addresses(said.hosts.clone()), "--host");
    }
    if !said.docker_host.is_empty() {
        return route(one(&said.docker_host), "DOCKER_HOST");
    }
    match said.docker_context.as_str() {
        "" => {}
        DEFAULT => return route(one(LOCAL_SOCKET), "DOCKER_CONTEXT"),
        name => return route(Ways::Context(name.to_owned()), "DOCKER_CONTEXT"),
    }
    if !said.current_context.is_empty() {
        return route(Ways::Context(said.current_context.clone()), "docker context use");
    }
    if !said.managers.is_empty() {
        return route(Ways::Addresses(said.managers.clone()), "the inventory");
    }
    route(one(LOCAL_SOCKET), "the default")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_nearest_to_the_operator_counts() {
        let text = str::to_owned;
        let mut said = Said {
            hosts: vec![text("tcp://a"), text("tcp://b")],
            docker_host: text("tcp://env"),
            docker_context: text("prod"),
            current_context: text("used"),
            managers: vec![text("ssh://m1"), text("ssh://m2")],
        };
        let addresses = |all: &[&str]| Ways::Addresses(all.iter().map(|one| text(one)).collect());
        let mut took = |forget: fn(&mut Said)| {
            let route = choose(&said);
            forget(&mut said);
            (route.ways, route.said_by)
        };
        assert_eq!(took(|said| said.hosts.clear()), (addresses(&["tcp://a", "tcp://b"]), "--host"));
        assert_eq!(took(|said| said.docker_host.clear()), (addresses(&["tcp://env"]), "DOCKER_HOST"));
        assert_eq!(
            took(|said| said.docker_context = DEFAULT.to_owned()),
            (Ways::Context(text("prod")), "DOCKER_CONTEXT")
        );
        assert_eq!(took(|said| said.docker_context.clear()), (addresses(&[LOCAL_SOCKET]), "DOCKER_CONTEXT"));
        assert_eq!(took(|said| said.current_context.clear()), (Ways::Context(text("used")), "docker context use"));
        assert_eq!(took(|said| said.managers.clear()), (addresses(&["ssh://m1", "ssh://m2"]), "the inventory"));
        assert_eq!(took(|_| ()), (addresses(&[LOCAL_SOCKET]), "the default"));
    }
}
