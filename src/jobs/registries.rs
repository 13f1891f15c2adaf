//! Who we are at registries, for those who ask them. Credentials lie in no action, on no board and in no `Debug`; each
//! registry is looked up once.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use crate::diag::Diagnostic;

/// The value of `X-Registry-Auth`.
pub type Header = Arc<Zeroizing<String>>;

/// Looks up who we are at a registry, by its host; none where nothing is known.
pub type LookUp =
    Arc<dyn Fn(String) -> BoxFuture<'static, Result<Option<Zeroizing<String>>, Diagnostic>> + Send + Sync>;

/// The credentials for all registries. Clones share what was looked up.
#[derive(Clone, Default)]
pub struct Registries(Option<Arc<Inner>>);

struct Inner {
    look_up: LookUp,
    known: Mutex<BTreeMap<String, Arc<OnceCell<Option<Header>>>>>,
}

impl fmt::Debug for Registries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Registries")
    }
}

impl Inner {
    async fn ask(&self, host: String) -> Option<Header> {
        match (self.look_up)(host.clone()).await {
            Ok(header) => header.map(Arc::new),
            Err(fault) => {
                tracing::warn!(registry = host, fault = %fault.line(), mend = fault.mend, "credentials cannot be read");
                None
            }
        }
    }
}

impl Registries {
    /// Credentials that are looked up so. The default knows none.
    #[must_use]
    pub fn new(look_up: LookUp) -> Self {
        Self(Some(Arc::new(Inner { look_up, known: Mutex::default() })))
    }

    /// The header for the registry of an image; none where no credentials are known. What cannot be read is no reason to
    /// stop: images for everybody need none.
    pub async fn of_image(&self, image: &str) -> Option<Header> {
        let inner = self.0.as_ref()?;
        let host = crate::stack::registry(image)?;
        let cell = {
            let mut known = inner.known.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(host.clone()).or_default())
        };
        // Whoever comes second waits for the first: a helper that asks its owner asks once.
        cell.get_or_init(|| inner.ask(host)).await.clone()
    }

    /// The header as a request takes it.
    #[must_use]
    pub fn text(header: Option<&Header>) -> Option<&str> {
        header.map(|header| header.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn each_registry_is_looked_up_once_and_only_its_own_images_get_the_header() {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let registries = Registries::new(Arc::new(move |host: String| {
            count.fetch_add(1, Ordering::SeqCst);
            async move { Ok((host == "registry.example.test").then(|| Zeroizing::new("hush".to_owned()))) }.boxed()
        }));
        for _ in 0..2 {
            let own = registries.of_image("registry.example.test/a/b:1").await;
            assert_eq!(Registries::text(own.as_ref()), Some("hush"));
            assert!(registries.of_image("nginx").await.is_none());
        }
        assert_eq!(asked.load(Ordering::SeqCst), 2);
        assert!(!format!("{registries:?}").contains("hush"));
    }

    #[tokio::test]
    async fn credentials_that_cannot_be_read_are_none() {
        let registries = Registries::new(Arc::new(|_| {
            async { Err(Diagnostic::new("the helper failed", "try it by hand")) }.boxed()
        }));
        assert!(registries.of_image("nginx").await.is_none());
        assert!(Registries::default().of_image("nginx").await.is_none());
    }
}
