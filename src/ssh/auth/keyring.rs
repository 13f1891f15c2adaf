//! Keys that were opened with a passphrase, in memory, so that one is asked for once and not once per host.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use russh::keys::PrivateKey;
use tokio::sync::{Semaphore, SemaphorePermit};

/// The keys, and one turn at asking.
pub struct Keyring {
    keys: Mutex<HashMap<PathBuf, Arc<PrivateKey>>>,
    turn: Semaphore,
}

impl Default for Keyring {
    fn default() -> Self {
        Self { keys: Mutex::default(), turn: Semaphore::new(1) }
    }
}

impl Keyring {
    /// The key of this file, if it was opened before.
    pub fn key(&self, file: &Path) -> Option<Arc<PrivateKey>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).get(file).cloned()
    }

    /// Keeps an opened key.
    pub fn keep(&self, file: &Path, key: &Arc<PrivateKey>) {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).insert(file.to_owned(), Arc::clone(key));
    }

    /// Waits until nobody else asks for a passphrase: it may be the same one.
    pub async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.turn.acquire().await.ok()
    }
}
