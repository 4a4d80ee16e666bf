// SPDX-License-Identifier: Apache-2.0
//! TLS, HTTP/2, client certificates. rustls itself is the client: it only has to shake hands.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use oci_registry_faults::Authority;
use oci_registry_server::{Http, Tls};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::client::{Fixture, start_with};

pub(crate) type Client = StreamOwned<ClientConnection, TcpStream>;

pub(crate) fn connect(
    registry: &Fixture,
    authority: &Authority,
    identity: Option<(String, String)>,
    protocols: &[&str],
) -> io::Result<Client> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).expect("PEM"))
        .expect("a CA");
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).expect("PEM")];
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("PEM");
            builder.with_client_auth_cert(chain, key).expect("go together")
        }
    };
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    let name = ServerName::try_from("localhost").expect("a name");
    let connection = ClientConnection::new(Arc::new(config), name).expect("a client");
    let stream = TcpStream::connect(registry.server().addr())?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut client = StreamOwned::new(connection, stream);
    client.conn.complete_io(&mut client.sock)?;
    Ok(client)
}

/// Sends a request for `/v2/` of that host.
pub(crate) fn base(client: &mut Client, host: &str) -> io::Result<String> {
    let head = format!("GET /v2/ HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    client.write_all(head.as_bytes())?;
    let mut text = Vec::new();
    match client.read_to_end(&mut text) {
        Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => Err(error),
        _ => Ok(String::from_utf8_lossy(&text).into_owned()),
    }
}

#[test]
fn https_serves_those_who_trust_its_authority() {
    let authority = Authority::new().expect("makes one");
    let tls = authority.server(&["localhost", "127.0.0.1"]).expect("makes one");
    let registry = start_with(|b| b.tls(tls));
    assert!(registry.server().url().starts_with("https://127.0.0.1:"));
    let mut client = connect(&registry, &authority, None, &[]).expect("shakes hands");
    assert!(base(&mut client, "localhost").expect("answers").starts_with("HTTP/1.1 200 OK\r\n"));
    let other = Authority::new().expect("makes one");
    assert!(connect(&registry, &other, None, &[]).is_err());
}

#[test]
fn https_with_an_old_or_another_hosts_certificate_is_not_trusted() {
    let authority = Authority::new().expect("makes one");
    for tls in [authority.expired_server(&["localhost"]), authority.server(&["other.test"])] {
        let registry = start_with(|b| b.tls(tls.expect("makes one")));
        assert!(connect(&registry, &authority, None, &[]).is_err());
    }
}

#[test]
fn http_2_is_agreed_on_where_it_may_be() {
    let authority = Authority::new().expect("makes one");
    for (http, agreed) in [(Http::Any, Some(&b"h2"[..])), (Http::One, Some(&b"http/1.1"[..]))] {
        let tls = authority.server(&["localhost"]).expect("makes one");
        let registry = start_with(|b| b.tls(tls).http(http));
        let client =
            connect(&registry, &authority, None, &["h2", "http/1.1"]).expect("shakes hands");
        assert_eq!(client.conn.alpn_protocol(), agreed);
    }
}

#[test]
fn clients_need_a_certificate_where_they_are_asked_for_one() {
    let (authority, other) = (Authority::new().expect("one"), Authority::new().expect("one"));
    let tls = authority.server(&["localhost"]).expect("makes one").only_clients_of(authority.pem());
    let registry = start_with(|b| b.tls(tls));
    // TLS 1.3 clients learn of a refusal when they read.
    let answers = |identity| {
        connect(&registry, &authority, identity, &[])
            .and_then(|mut client| base(&mut client, "localhost"))
            .is_ok_and(|text| text.starts_with("HTTP/1.1 200"))
    };
    assert!(answers(Some(authority.client("me").expect("makes one"))));
    assert!(!answers(Some(other.client("me").expect("makes one"))));
    assert!(!answers(None));
}

#[test]
fn certificates_that_are_none_are_refused_at_the_start() {
    for tls in [Tls::from_pem("", ""), Tls::from_pem("x", "-----BEGIN PRIVATE KEY-----")] {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("starts");
        let start = oci_registry_server::Server::builder().tls(tls).start();
        let error = runtime.block_on(start).err().expect("is refused");
        assert_eq!(error.kind(), oci_artifact::ErrorKind::InvalidOption);
    }
}
