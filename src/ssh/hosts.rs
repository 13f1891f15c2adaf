//! All hosts that are spoken to, each once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::auth::Keyring;
use super::config;
use super::host::Host;
use super::settings::Settings;
use super::target::Target;
use crate::ask::Asker;

/// Who a host is: who to be where, and through whom.
pub(super) type Who = (String, Option<Vec<Target>>);

/// What all hosts share.
pub(super) struct Shared {
    pub(super) settings: Settings,
    pub(super) asker: Asker,
    pub(super) keyring: Keyring,
    hosts: Mutex<HashMap<Who, Arc<Host>>>,
}

/// All hosts. Cheap to clone; when the last clone is dropped, hosts that nobody holds are left.
#[derive(Clone)]
pub struct Hosts(Arc<Shared>);

impl std::fmt::Debug for Hosts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hosts").finish_non_exhaustive()
    }
}

impl Hosts {
    /// No host is spoken to yet.
    #[must_use]
    pub fn new(settings: Settings, asker: Asker) -> Self {
        Self(Arc::new(Shared { settings, asker, keyring: Keyring::default(), hosts: Mutex::default() }))
    }

    /// The host of this address, always the same for the same user, name and port. Nothing is opened yet.
    #[must_use]
    pub fn host(&self, target: &Target) -> Arc<Host> {
        self.0.host(target, None)
    }
}

impl Hosts {
    /// The operator's SSH config leads this name to another one, or to an address.
    pub async fn is_named(&self, name: &str) -> bool {
        let Ok(target) = name.parse::<Target>() else { return false };
        config::of(&self.0.settings, &target).await.is_ok_and(|config| config.host_name != name)
    }
}

impl Shared {
    /// The host as reached through others; `None` leaves that to its config.
    pub(super) fn host(self: &Arc<Self>, target: &Target, via: Option<Vec<Target>>) -> Arc<Host> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let who = (target.address(), via.clone());
        Arc::clone(hosts.entry(who).or_insert_with(|| Arc::new(Host::new(self, target.clone(), via))))
    }
}
