//! Whose signature counts for a program outside: a CA that was given, else the authorities of this machine.

use std::path::Path;

use crate::diag::Diagnostic;
use crate::wire::{Material, Pem, Tls};

/// What judges certificates.
///
/// # Errors
/// If the CA cannot be read, or this machine trusts nobody.
pub fn trust(ca: Option<&Path>) -> Result<Tls, Diagnostic> {
    let ca = ca.map(Pem::read).transpose();
    let tls = ca.and_then(|ca| Tls::new(&Material { ca, ..Material::default() }));
    tls.map_err(|error| {
        let mend = "name the CA of its certificate under `ca` in quarterdeck.yaml";
        Diagnostic::new(error.what, mend).at(error.place).because(error.why)
    })
}
