//! A credential on its way from where it lies to where it is used. It is opened as late as can be, and never shown.

use std::fmt;

use zeroize::Zeroizing;

use crate::diag::Diagnostic;
use crate::outside::vault;
use crate::platform::{Credential, Values};

/// A credential, or where it is still to be had from, or why it cannot be had.
#[derive(Debug)]
pub struct Sealed(Result<Kept, Diagnostic>);

enum Kept {
    Here(Zeroizing<String>),
    Vault(String),
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept(…)")
    }
}

impl Sealed {
    /// What the folder names as a credential.
    pub fn of(credential: &Credential, values: &Values) -> Self {
        Self(match credential {
            Credential::Vault(reference) => Ok(Kept::Vault(reference.clone())),
            other => other.find(values).map(Kept::Here),
        })
    }

    /// The credential itself.
    pub async fn open(&self) -> Result<Zeroizing<String>, Diagnostic> {
        match &self.0 {
            Ok(Kept::Here(secret)) => Ok(secret.clone()),
            Ok(Kept::Vault(reference)) => vault::read(reference).await.map_err(|why| {
                Diagnostic::new(format!("{reference} cannot be had"), "sign in to the vault: op signin").because(why)
            }),
            Err(fault) => Err(fault.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_not_shown() {
        let sealed = Sealed(Ok(Kept::Here(Zeroizing::new("hunter2".to_owned()))));
        assert!(!format!("{sealed:?}").contains("hunter2"));
    }
}
