// SPDX-License-Identifier: Apache-2.0
//! Certificates for tests.

use oci_artifact::{Error, ErrorKind, Result};
use oci_registry_server::Tls;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};

/// A certificate authority that nobody knows until its certificate is handed to them.
pub struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// Creates a new one.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if there are no random numbers.
    pub fn new() -> Result<Self> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name = name("test authority");
        let key = KeyPair::generate().map_err(failed)?;
        let pem = params.self_signed(&key).map_err(failed)?.pem();
        Ok(Self { pem, issuer: Issuer::new(params, key) })
    }

    /// Returns its certificate as PEM.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// TLS for a server with these names or addresses.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidOption`] if one cannot be in a certificate.
    pub fn server(&self, names: &[&str]) -> Result<Tls> {
        let (certificate, key) = self.issue(names, Validity::Now)?;
        Ok(Tls::from_pem(certificate, key))
    }

    /// Returns a server's certificate that expired long ago.
    ///
    /// # Errors
    /// As of [`server`](Self::server).
    pub fn expired_server(&self, names: &[&str]) -> Result<Tls> {
        let (certificate, key) = self.issue(names, Validity::Over)?;
        Ok(Tls::from_pem(certificate, key))
    }

    /// Returns a certificate and a key for a client, both as PEM.
    ///
    /// # Errors
    /// As of [`server`](Self::server).
    pub fn client(&self, name: &str) -> Result<(String, String)> {
        self.issue(&[name], Validity::Now)
    }

    fn issue(&self, names: &[&str], validity: Validity) -> Result<(String, String)> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let common = names.first().cloned().unwrap_or_default();
        let mut params = CertificateParams::new(names).map_err(failed)?;
        params.distinguished_name = name(&common);
        params.use_authority_key_identifier_extension = true;
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        if validity == Validity::Over {
            params.not_before = date_time_ymd(2001, 1, 1);
            params.not_after = date_time_ymd(2002, 1, 1);
        }
        let key = KeyPair::generate().map_err(failed)?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(failed)?;
        Ok((certificate.pem(), key.serialize_pem()))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Validity {
    Now,
    Over,
}

fn name(text: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, text);
    name
}

fn failed(error: rcgen::Error) -> Error {
    Error::new(ErrorKind::InvalidOption, "cannot make a certificate").caused_by(error)
}
