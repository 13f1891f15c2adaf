//! The real client over real TLS, in front of the simulated swarm: what works, and what each fault is told as.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use quarterdeck::clock::SystemClock;
use quarterdeck::diag::{Diagnostic, Explain};
use quarterdeck::engine::Engine;
use quarterdeck::sim::{Scenario, Sim, service};
use quarterdeck::wire::{Endpoint, Material, Pem, Tls};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair, date_time_ymd,
};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig, version};

type Authority = CertifiedIssuer<'static, KeyPair>;

/// A certificate and its key, in PEM.
#[derive(Clone)]
struct Identity {
    certificate: String,
    key: String,
}

impl Identity {
    fn pems(&self) -> (Pem, Pem) {
        (pem("cert.pem", &self.certificate), pem("key.pem", &self.key))
    }
}

fn pem(place: &str, text: &str) -> Pem {
    Pem::new(place, text.as_bytes().to_vec())
}

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn issued(by: &Authority, name: &str, until: i32) -> Identity {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(until, 1, 1);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, by).unwrap();
    Identity { certificate: certificate.pem(), key: key.serialize_pem() }
}

fn swarm() -> Sim {
    Scenario::new().managers(["m1"]).service(service("web").image("nginx:1.27")).start()
}

/// A server like the engine's, in front of a swarm: it shows this, and wants a certificate that `clients` signed.
async fn secured(sim: &Sim, shown: &Identity, clients: Option<&Authority>, newest: bool) -> SocketAddr {
    let provider = Arc::new(ring::default_provider());
    let versions: &[_] = if newest { &[&version::TLS13] } else { &[&version::TLS12] };
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_protocol_versions(versions).unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        }
    };
    let certificate = CertificateDer::from_pem_slice(shown.certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(shown.key.as_bytes()).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(builder.with_single_cert(vec![certificate], key).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let dialer = sim.dialer();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, dialer) = (acceptor.clone(), Arc::clone(&dialer));
            tokio::spawn(async move {
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    let mut inner = dialer.dial().await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut stream, &mut inner).await;
                }
            });
        }
    });
    address
}

fn engine(address: SocketAddr, material: &Material) -> Engine {
    let tls = Tls::new(material).unwrap();
    let endpoint = Endpoint::Tcp { host: address.ip().to_string(), port: address.port() };
    Engine::new(endpoint.dialer(Some(&tls)).unwrap(), Arc::new(SystemClock)).within(Duration::from_secs(20))
}

async fn fault(address: SocketAddr, material: &Material) -> Diagnostic {
    engine(address, material).list().await.unwrap_err().explain()
}

fn trusting(authority: &Authority) -> Material {
    Material { ca: Some(pem("ca.pem", &authority.pem())), ..Material::default() }
}

const HERE: &str = "127.0.0.1";

#[tokio::test]
async fn a_swarm_behind_tls_is_listed_with_and_without_certificates_of_ours() {
    let (sim, authority) = (swarm(), authority());
    let shown = issued(&authority, HERE, 2999);
    let ours = issued(&authority, "operator", 2999);
    for newest in [true, false] {
        let open = secured(&sim, &shown, None, newest).await;
        assert_eq!(engine(open, &trusting(&authority)).list().await.unwrap().services.len(), 1);
        let strict = secured(&sim, &shown, Some(&authority), newest).await;
        let known = Material { identity: Some(ours.pems()), ..trusting(&authority) };
        assert_eq!(engine(strict, &known).list().await.unwrap().services.len(), 1);
    }
}

#[tokio::test]
async fn a_certificate_is_not_looked_at_where_that_is_wanted() {
    let (sim, authority) = (swarm(), authority());
    let odd = issued(&authority, "elsewhere.example.test", 2021);
    for newest in [true, false] {
        let address = secured(&sim, &odd, None, newest).await;
        let blind = Material { unverified: true, ..Material::default() };
        assert_eq!(engine(address, &blind).list().await.unwrap().services.len(), 1);
    }
}

#[tokio::test]
async fn each_fault_of_tls_is_told_as_what_it_is_with_its_own_mend() {
    let (sim, ours, theirs) = (swarm(), authority(), authority());
    let well = issued(&ours, HERE, 2999);
    let mut mends = Vec::new();
    for newest in [true, false] {
        let strict = secured(&sim, &well, Some(&ours), newest).await;
        let stranger = Material { identity: Some(issued(&theirs, "operator", 2999).pems()), ..trusting(&ours) };
        let late = Material { identity: Some(issued(&ours, "operator", 2021).pems()), ..trusting(&ours) };
        let expired = secured(&sim, &issued(&ours, HERE, 2021), None, newest).await;
        let elsewhere = secured(&sim, &issued(&ours, "elsewhere.example.test", 2999), None, newest).await;
        for (address, material, what, mend) in [
            (expired, trusting(&ours), "has expired", "renew"),
            (strict, trusting(&theirs), "signed by nobody who is trusted", "--tlscacert"),
            (elsewhere, trusting(&ours), "for another name", "subjectAltName"),
            (strict, trusting(&ours), "wants a certificate from us", "cert.pem and key.pem"),
            (strict, stranger, "does not accept our certificate", "CA signed"),
            (strict, late, "does not accept our certificate", "CA signed"),
        ] {
            let told = fault(address, &material).await;
            assert!(told.what.contains(what) && told.mend.contains(mend), "{what} (1.3: {newest})\n{told}");
            mends.push(told.mend);
        }
    }
    mends.sort();
    mends.dedup();
    assert_eq!(mends.len(), 5);
}

#[tokio::test]
async fn plain_words_at_a_port_with_tls_and_the_opposite_are_told_apart() {
    let (sim, authority) = (swarm(), authority());
    let address = secured(&sim, &issued(&authority, HERE, 2999), None, true).await;
    let plain = Endpoint::Tcp { host: HERE.into(), port: address.port() };
    let engine = Engine::new(plain.dialer(None).unwrap(), Arc::new(SystemClock));
    let told = engine.list().await.unwrap_err().explain();
    assert!(told.mend.contains("DOCKER_TLS_VERIFY=1"), "{told}");

    let address = sim.serve_tcp("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let told = fault(address, &trusting(&authority)).await;
    assert!(told.what.contains("does not speak TLS") && told.mend.contains("unset DOCKER_TLS_VERIFY"), "{told}");
}

#[tokio::test]
async fn a_server_of_the_go_kind_says_in_plain_words_that_it_wants_tls() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 1024]).await;
        let said = "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
        let _ = stream.write_all(said.as_bytes()).await;
    });
    let plain = Endpoint::Tcp { host: HERE.into(), port };
    let told = Engine::new(plain.dialer(None).unwrap(), Arc::new(SystemClock)).list().await.unwrap_err().explain();
    assert!(told.what.contains("wants TLS") && told.mend.contains("--tlscacert"), "{told}");
}

#[test]
fn a_key_that_belongs_to_another_certificate_is_told() {
    let authority = authority();
    let (one, other) = (issued(&authority, "a", 2999), issued(&authority, "b", 2999));
    let mixed = Material { identity: Some((one.pems().0, other.pems().1)), ..trusting(&authority) };
    let error = Tls::new(&mixed).unwrap_err();
    assert!(error.what.contains("key.pem do not go together") && error.place == "cert.pem", "{error:?}");
}
