//! From files to rustls: whose signature counts, and what is shown of ourselves.

use std::path::Path;
use std::sync::Arc;

use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use super::material::{Material, MaterialError, Pem};

/// Where operating systems keep the authorities they trust.
const SYSTEM: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// What rustls needs to know.
pub(super) fn config(material: &Material) -> Result<ClientConfig, MaterialError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| MaterialError {
        what: "TLS cannot be used".into(),
        place: String::new(),
        why: error.to_string(),
        mend: "this is a bug in quarterdeck: report it",
    })?;
    let builder = if material.unverified {
        builder.dangerous().with_custom_certificate_verifier(Arc::new(Anybody(provider)))
    } else {
        builder.with_root_certificates(roots(material.ca.as_ref())?)
    };
    let Some((certificate, key)) = &material.identity else {
        return Ok(builder.with_no_client_auth());
    };
    builder.with_client_auth_cert(certificate.certificates()?, key.key()?).map_err(|error| {
        let mend = "give a certificate and the key that belongs to it";
        certificate.fault(&format!("this certificate and {} do not go together", key.place()), &error.to_string(), mend)
    })
}

fn roots(ca: Option<&Pem>) -> Result<RootCertStore, MaterialError> {
    let mut roots = RootCertStore::empty();
    if let Some(ca) = ca {
        for certificate in ca.certificates()? {
            roots.add(certificate).map_err(|error| {
                ca.fault("this certificate can sign no others", &error.to_string(), "give the certificate of the CA")
            })?;
        }
        return Ok(roots);
    }
    let system = SYSTEM.iter().map(Path::new).find(|path| path.is_file());
    let Some(system) = system else {
        return Err(MaterialError {
            what: "this machine trusts no certificate authority".into(),
            place: SYSTEM.join(", "),
            why: "none of these files is there".into(),
            mend: "give the CA of the engine's certificate with --tlscacert FILE",
        });
    };
    // Of hundreds a few may be of a kind that is not understood; they are only not trusted.
    let (_, _) = roots.add_parsable_certificates(Pem::read(system)?.certificates()?);
    Ok(roots)
}

/// Believes whoever answers; what it signs must still be signed with the key that it shows.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
