// SPDX-License-Identifier: Apache-2.0
//! TLS: who the server is, and whose clients it takes. The cryptography is named here, so that
//! nothing depends on what another part of a process installed.

use std::fmt;
use std::sync::Arc;

use oci_artifact::{Error, ErrorKind, Result};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

/// A server's TLS settings.
#[derive(Clone)]
pub struct Tls {
    certificates: Vec<u8>,
    key: Vec<u8>,
    clients: Option<Vec<u8>>,
}

impl Tls {
    /// Creates a certificate chain, the server's own first, and its private key, both as PEM.
    pub fn from_pem(certificates: impl Into<Vec<u8>>, key: impl Into<Vec<u8>>) -> Self {
        Self { certificates: certificates.into(), key: key.into(), clients: None }
    }

    /// Accepts only clients that have a certificate of one of these authorities (PEM).
    #[must_use]
    pub fn only_clients_of(mut self, authorities: impl Into<Vec<u8>>) -> Self {
        self.clients = Some(authorities.into());
        self
    }

    /// # Errors
    /// [`ErrorKind::InvalidOption`] for PEM that is none, or does not fit together.
    pub(crate) fn config(&self, protocols: &[&str]) -> Result<Arc<ServerConfig>> {
        let invalid = |what: &str, cause: &dyn fmt::Display| {
            Error::new(ErrorKind::InvalidOption, format!("{what}: {cause}"))
        };
        let read = |pem: &[u8]| {
            CertificateDer::pem_slice_iter(pem)
                .collect::<std::result::Result<Vec<_>, _>>()
                .map_err(|error| invalid("the certificates are not PEM", &error))
        };
        let certificates = read(&self.certificates)?;
        let key = PrivateKeyDer::from_pem_slice(&self.key)
            .map_err(|error| invalid("the private key is not PEM", &error))?;
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| invalid("TLS cannot be set up", &error))?;
        let builder = match &self.clients {
            None => builder.with_no_client_auth(),
            Some(authorities) => {
                let mut roots = RootCertStore::empty();
                for authority in read(authorities)? {
                    roots
                        .add(authority)
                        .map_err(|error| invalid("not a certificate authority", &error))?;
                }
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(roots.into(), provider).build();
                let verifier = verifier
                    .map_err(|error| invalid("there is no certificate authority", &error))?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let mut config = builder
            .with_single_cert(certificates, key)
            .map_err(|error| invalid("the certificate and the key do not match", &error))?;
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        Ok(Arc::new(config))
    }
}

impl fmt::Debug for Tls {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("clients", &self.clients.is_some()).finish_non_exhaustive()
    }
}
