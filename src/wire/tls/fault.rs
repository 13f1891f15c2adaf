//! What a TLS error means to a person, and what to do about each. It must never guess where the error is not clear.

use std::io;

use tokio_rustls::rustls::{AlertDescription, CertificateError, Error};

use crate::wire::Obstacle;

/// The error as an obstacle where it is one of TLS; any other stays as it is. `known`: we showed a certificate.
pub(super) fn told(error: io::Error, known: bool) -> io::Error {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(fault) => meaning(fault, known).into(),
        // Who speaks no TLS often only hangs up.
        None if error.kind() == io::ErrorKind::UnexpectedEof => no_tls("it hung up before the connection was secured"),
        None => error,
    }
}

fn no_tls(why: impl Into<String>) -> io::Error {
    plain(why.into()).into()
}

fn plain(why: String) -> Obstacle {
    Obstacle::new(
        "it does not speak TLS",
        why,
        "unset DOCKER_TLS_VERIFY and leave the --tls… options out if the engine listens without TLS; \
         with it, the port is usually 2376",
    )
}

fn meaning(error: &Error, known: bool) -> Obstacle {
    match error {
        Error::InvalidCertificate(fault) => certificate(fault),
        Error::InvalidMessage(_) => plain("what it said is no part of TLS".to_owned()),
        Error::AlertReceived(alert) => refused(*alert, known),
        Error::PeerIncompatible(why) => versions(format!("{why:?}")),
        other => Obstacle::new(
            "the connection could not be secured",
            other.to_string(),
            "look into the engine's log (journalctl -u docker) on that machine",
        ),
    }
}

fn versions(why: String) -> Obstacle {
    Obstacle::new("it knows no TLS that is safe today", why, "upgrade the engine, so that it speaks TLS 1.2 or newer")
}

/// The server's certificate is at fault.
fn certificate(fault: &CertificateError) -> Obstacle {
    use CertificateError as C;
    let (what, mend) = match fault {
        C::Expired | C::ExpiredContext { .. } => {
            ("its certificate has expired", "renew the engine's certificate, or set this machine's clock right")
        }
        C::NotValidYet | C::NotValidYetContext { .. } => {
            ("its certificate is not valid yet", "set this machine's clock right, or wait until the certificate holds")
        }
        // A bad signature: an authority made anew under the same name signs differently.
        C::UnknownIssuer | C::BadSignature => (
            "its certificate is signed by nobody who is trusted here",
            "give the CA that signed it with --tlscacert FILE, or as ca.pem in the folder of DOCKER_CERT_PATH",
        ),
        C::NotValidForName | C::NotValidForNameContext { .. } => (
            "its certificate is for another name",
            "give the address by a name that the certificate has, or add this one to its subjectAltName",
        ),
        C::Revoked => ("its certificate was revoked", "give the engine a new certificate"),
        _ => ("its certificate cannot be used", "give the engine a certificate for server authentication"),
    };
    Obstacle::new(what, fault.to_string(), mend)
}

/// The server sent us away.
fn refused(alert: AlertDescription, known: bool) -> Obstacle {
    use AlertDescription as A;
    let why = format!("it said: {alert:?}");
    match alert {
        A::CertificateRequired
        | A::NoCertificate
        | A::BadCertificate
        | A::UnknownCA
        | A::CertificateUnknown
        | A::CertificateExpired
        | A::CertificateRevoked
        | A::UnsupportedCertificate
        | A::AccessDenied
        | A::DecryptError
            if known =>
        {
            Obstacle::new(
                "it does not accept our certificate",
                why,
                "give one that the engine's CA signed and that has not expired, with --tlscert FILE and --tlskey FILE",
            )
        }
        A::CertificateRequired | A::NoCertificate | A::BadCertificate | A::AccessDenied | A::HandshakeFailure
            if !known =>
        {
            Obstacle::new(
                "it wants a certificate from us, and none was given",
                why,
                "give one with --tlscert FILE and --tlskey FILE, or as cert.pem and key.pem in the folder of DOCKER_CERT_PATH",
            )
        }
        A::ProtocolVersion | A::InsufficientSecurity => versions(why),
        _ => Obstacle::new(
            "it refused to secure the connection",
            why,
            "look into the engine's log (journalctl -u docker) on that machine",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_of_tls_has_its_own_mend() {
        let faults = [
            Error::InvalidCertificate(CertificateError::Expired),
            Error::InvalidCertificate(CertificateError::NotValidYet),
            Error::InvalidCertificate(CertificateError::UnknownIssuer),
            Error::InvalidCertificate(CertificateError::NotValidForName),
            Error::InvalidCertificate(CertificateError::Revoked),
            Error::InvalidCertificate(CertificateError::BadEncoding),
            Error::AlertReceived(AlertDescription::ProtocolVersion),
            Error::AlertReceived(AlertDescription::InternalError),
            Error::InvalidMessage(tokio_rustls::rustls::InvalidMessage::InvalidContentType),
        ];
        let mut mends: Vec<String> = faults.iter().map(|fault| meaning(fault, true).mend).collect();
        mends.extend([true, false].map(|known| refused(AlertDescription::CertificateRequired, known).mend));
        mends.push(Obstacle::wants_tls().mend);
        let all = mends.len();
        mends.sort();
        mends.dedup();
        assert_eq!(mends.len(), all, "{mends:#?}");
    }
}
