// SPDX-License-Identifier: Apache-2.0
//! Certificates that sign, read: whose they are, and with which key (signatures.md 4). Whether an
//! authority vouches for one is the business of [`root`](crate::root).

use crate::fault::Fault;
use crate::identity::Claims;
use crate::key::PublicKey;
use crate::vouching;

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
    /// [`MalformedMaterial`](crate::FaultKind::MalformedMaterial);
    /// [`UntrustedCertificate`](crate::FaultKind::UntrustedCertificate) where it names nobody, or more
    /// than one (SIG-36); [`Unsupported`](crate::FaultKind::Unsupported) in a build that reads none
    /// (SIG-44).
    pub(crate) fn parse(der: &[u8]) -> Result<Self, Fault> {
        if der.len() > MAX_CERTIFICATE {
            return Err(Fault::malformed("the certificate is too large"));
        }
        vouching::certificate(der)
    }
}
