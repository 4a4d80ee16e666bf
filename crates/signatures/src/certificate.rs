// SPDX-License-Identifier: Apache-2.0
//! Certificates that sign, read: whose they are, and with which key (signatures.md 4.4, 4.7). Whether an
//! authority vouches for one is the business of [`root`](crate::root).

use sigstore_verify::crypto::parse_certificate_info;
use sigstore_verify::types::DerCertificate;
use x509_cert::Certificate as X509;
use x509_cert::der::Decode as _;
use x509_cert::der::asn1::{ObjectIdentifier, Utf8StringRef};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use crate::fault::{Fault, FaultKind};
use crate::identity::Claims;
use crate::key::PublicKey;
use crate::{pem, strict};

/// The other names that Fulcio gives: of users of an issuer that has no addresses.
const USER_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57264.1.7");
/// The most bytes of a certificate.
const MAX_CERTIFICATE: usize = 1 << 16;

/// A certificate, read. Nothing of it is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Certificate {
    pub(crate) key: PublicKey,
    pub(crate) claims: Claims,
}

impl Certificate {
    /// Reads a certificate, DER.
    ///
    /// # Errors
    /// [`FaultKind::MalformedMaterial`]; [`FaultKind::UntrustedCertificate`] where it names nobody, or
    /// more than one (SIG-36).
    pub(crate) fn parse(der: &[u8]) -> Result<Self, Fault> {
        let malformed = |why: &str| Fault::malformed(format!("the certificate {why}"));
        if der.len() > MAX_CERTIFICATE {
            return Err(malformed("is too large"));
        }
        let info = parse_certificate_info(&DerCertificate::new(der.to_vec()))
            .map_err(|error| malformed(&format!("cannot be read: {error}")))?;
        let read = X509::from_der(der).map_err(|error| malformed(&format!("is none: {error}")))?;
        let key = PublicKey::from_der(info.public_key.as_bytes())
            .map_err(|fault| malformed(&format!("has a key that is not taken: {fault}")))?;
        let issuer = info.issuer.ok_or_else(|| {
            Fault::new(FaultKind::UntrustedCertificate, "the certificate does not say who vouches")
        })?;
        let claims = Claims {
            identity: subject(&read)?,
            issuer,
            source_repository: info.ci_claims.source_repository_uri,
            source_ref: info.ci_claims.source_repository_ref,
            runner_environment: info.ci_claims.runner_environment,
        };
        Ok(Self { key, claims })
    }
}

/// The one name that a certificate has for its owner.
fn subject(certificate: &X509) -> Result<String, Fault> {
    let names = certificate
        .tbs_certificate
        .get::<SubjectAltName>()
        .map_err(|error| Fault::malformed(format!("the certificate's names: {error}")))?;
    let names = names.map(|(_, names)| names.0).unwrap_or_default();
    let [name] = names.as_slice() else {
        let message = format!("the certificate has {} names, and one is taken", names.len());
        return Err(Fault::new(FaultKind::UntrustedCertificate, message));
    };
    let name = match name {
        GeneralName::Rfc822Name(address) => Some(address.to_string()),
        GeneralName::UniformResourceIdentifier(uri) => Some(uri.to_string()),
        GeneralName::OtherName(other) if other.type_id == USER_NAME => {
            other.value.decode_as::<Utf8StringRef<'_>>().ok().map(|name| name.to_string())
        }
        _ => None,
    };
    name.filter(|name| !name.is_empty()).ok_or_else(|| {
        let message = "the certificate's name is no URI, no address and no user's name";
        Fault::new(FaultKind::UntrustedCertificate, message)
    })
}

/// The certificate in PEM: one, and nothing else.
pub(crate) fn from_pem(text: &str, what: &str) -> Result<Vec<u8>, Fault> {
    let malformed = || Fault::malformed(format!("{what:?} is not the PEM of one certificate"));
    let (label, der) = pem::read(text.as_bytes(), strict::MAX_SIZE).map_err(|_| malformed())?;
    if label != "CERTIFICATE" {
        return Err(malformed());
    }
    Ok(der.to_vec())
}
