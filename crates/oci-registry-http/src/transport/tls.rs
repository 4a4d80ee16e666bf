// SPDX-License-Identifier: Apache-2.0
//! TLS: whom a host must be vouched for by, and who we are to it.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::error::{Error, ErrorKind, Result};
use crate::transport::connection::{HostOptions, Identity, Roots, Scheme, Verification};
use crate::transport::redact::Secret;

/// The largest file of a `certs.d` directory.
const MAX_FILE: u64 = 1 << 20;

impl HostOptions {
    /// Adds what a directory says of one host, as Docker and Podman keep it: authorities in `*.crt`,
    /// our certificate in `*.cert` with its `*.key`. A directory that is missing says nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidOption`] if a file cannot be read, or a certificate has no key.
    pub fn add_certs_d(&mut self, directory: &Path) -> Result<()> {
        let failed = |path: &Path, why: &dyn std::fmt::Display| {
            let message = format!("{} cannot be used: {why}", path.display());
            Error::new(ErrorKind::InvalidOption, message)
        };
        let entries = match fs::read_dir(directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(failed(directory, &error)),
        };
        let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            let read = |path: &Path| read_capped(path).map_err(|error| failed(path, &error));
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("crt") => self.authorities.push(read(&path)?),
                Some("cert") => {
                    let key = read(&path.with_extension("key"))?;
                    let key =
                        String::from_utf8(key).map_err(|_| failed(&path, &"its key is not PEM"))?;
                    let certificates = read(&path)?;
                    self.identity = Some(Identity { certificates, key: Secret::new(key) });
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn read_capped(path: &Path) -> io::Result<Vec<u8>> {
    use std::io::Read;
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is too large"));
    }
    Ok(bytes)
}

/// TLS for a host, with a provider of our own so that nothing depends on the process.
/// `authorities` count for it beside its own.
pub(crate) fn config(options: &HostOptions, authorities: &[Vec<u8>]) -> Result<ClientConfig> {
    let refused = |why: &str| Error::new(ErrorKind::InvalidOption, why);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|_| refused("this TLS provider speaks no version of TLS"))?;
    let mut given = Vec::new();
    for pem in options.authorities.iter().chain(authorities) {
        let before = given.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            given
                .push(certificate.map_err(|_| refused("a CA certificate is not well-formed PEM"))?);
        }
        if given.len() == before {
            return Err(refused("a CA file holds no certificate"));
        }
    }
    let builder = match (options.verification, options.roots, options.scheme) {
        (Verification::Off, ..) => {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(Unverified(provider)))
        }
        (_, Roots::OnlyGiven, _) | (_, _, Scheme::PlainHttp) => {
            let mut roots = rustls::RootCertStore::empty();
            for certificate in given {
                roots.add(certificate).map_err(|_| refused("a CA certificate is malformed"))?;
            }
            builder.with_root_certificates(roots)
        }
        (_, Roots::System, _) => {
            use rustls_platform_verifier::Verifier;
            let verifier = match given.is_empty() {
                true => Verifier::new(provider)
                    .map_err(|_| refused("the system's certificates cannot be used"))?,
                false => Verifier::new_with_extra_roots(given, provider)
                    .map_err(|_| refused("a CA certificate is malformed"))?,
            };
            builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
        }
    };
    let mut config = match &options.identity {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            let chain: Vec<_> = CertificateDer::pem_slice_iter(&identity.certificates)
                .collect::<Result<_, _>>()
                .map_err(|_| refused("the client certificate is not well-formed PEM"))?;
            let key = PrivateKeyDer::from_pem_slice(identity.key.expose().as_bytes())
                .map_err(|_| refused("the client key is not well-formed PEM"))?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(|_| refused("the client certificate and its key do not match"))?
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Takes any certificate, for hosts whose caller said so.
#[derive(Debug)]
struct Unverified(Arc<rustls::crypto::CryptoProvider>);

impl rustls::client::danger::ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &rustls::pki_types::ServerName<'_>,
        _: &[u8],
        _: rustls::pki_types::UnixTime,
    ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
        Ok(rustls::client::danger::ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
