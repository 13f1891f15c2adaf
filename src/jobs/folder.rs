//! The folder as it was read last, in one place for all who work with it: a stack that comes or goes is known to all of
//! them at once. Reads it again when it is told to, and watches nothing itself.

use std::sync::Arc;

use tokio::sync::watch;

use crate::diag::Diagnostic;
use crate::platform::{self, Checkout};

/// The folder. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Folder(Arc<watch::Sender<Checkout>>);

impl Folder {
    /// As it was read first.
    #[must_use]
    pub fn of(checkout: Checkout) -> Self {
        Self(Arc::new(watch::channel(checkout).0))
    }

    /// As it was read last.
    #[must_use]
    pub fn now(&self) -> Checkout {
        self.0.borrow().clone()
    }

    /// Puts what was read in the place of what was known.
    pub fn put(&self, fresh: Checkout) {
        self.0.send_replace(fresh);
    }

    /// Wakes whenever it was read again. The newest wins.
    #[must_use]
    pub fn news(&self) -> watch::Receiver<Checkout> {
        self.0.subscribe()
    }
}

/// Reads files beside the runtime: they may lie on a slow disk.
///
/// # Errors
/// If reading breaks off.
pub async fn reading<T: Send + 'static>(read: impl FnOnce() -> T + Send + 'static) -> Result<T, Diagnostic> {
    tokio::task::spawn_blocking(read).await.map_err(|error| {
        let fault = Diagnostic::new("reading the folder broke off", "this is a bug: its log says more");
        fault.because(error.to_string())
    })
}

/// Lists and reads the folder again: files may have come and gone.
///
/// # Errors
/// If reading it breaks off.
pub async fn read_again(checkout: &Checkout) -> Result<Checkout, Diagnostic> {
    let from = checkout.clone();
    reading(move || {
        let files = Arc::new(from.files.again());
        let catalogue = platform::read_in(&files, from.surroundings.as_ref().clone()).catalogue;
        let catalogue = if catalogue == *from.catalogue { from.catalogue } else { Arc::new(catalogue) };
        Checkout { files, catalogue, surroundings: from.surroundings }
    })
    .await
}
