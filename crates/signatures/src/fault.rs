// SPDX-License-Identifier: Apache-2.0
//! Reasons for which a signature does not count (signatures.md 4), and for which a key is refused.

use std::fmt;

oci_artifact::worded! {
    /// The kind of a reason, as JSON names it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    #[non_exhaustive]
    pub enum FaultKind {
        /// The signature is not in the format that it claims: nothing of it is believed.
        MalformedMaterial = "malformed-material",
        /// The signature is about another artifact (SIG-12).
        BindingMismatch = "binding-mismatch",
        /// The signature does not match its bytes with any expected key.
        SignatureInvalid = "signature-invalid",
        /// The signature has a certificate, and a key's signature is expected (SIG-13).
        CertificateSigned = "certificate-signed",
        /// The signature is a key's, and a certificate's is expected (SIG-13).
        KeySigned = "key-signed",
        /// The signature is by another signer than the expected one.
        SignerMismatch = "signer-mismatch",
        /// The signature is by the expected signer, but of another source, or made elsewhere.
        ProvenanceFieldMismatch = "provenance-field-mismatch",
        /// Its certificate leads to no authority of the root, or was not valid when it signed.
        UntrustedCertificate = "untrusted-certificate",
        /// The root has no authority that was valid when it signed.
        ExpiredRoot = "expired-root",
        /// The signature is in no log of the root, or the log's entry is about something else.
        LogProofInvalid = "log-proof-invalid",
        /// The time of the signature is certified by nobody whom the root trusts (SIG-37).
        TimestampInvalid = "timestamp-invalid",
        /// A policy, or what is expected of a signer, cannot be read.
        InvalidPolicy = "invalid-policy",
        /// A root cannot be read.
        InvalidRoot = "invalid-root",
        /// An answer of an authority or a log, or a token, is not what it should be.
        InvalidAnswer = "invalid-answer",
        /// A key cannot be read, or is of a kind that is not taken (SIG-18).
        InvalidKey = "invalid-key",
        /// The signature needs what is not checked here: certificates, in a build without them (SIG-44), or a message
        /// signature by an RSA key together with a certificate or a log (SIG-45).
        Unsupported = "unsupported",
    }
}

/// A reason for which a signature does not count. Text of others is in it escaped only (SIG-20).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The kind of the fault.
    pub kind: FaultKind,
    /// The expectation and what was found, as a sentence without a full stop.
    pub message: String,
}

impl Fault {
    pub(crate) fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::new(FaultKind::MalformedMaterial, message)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl From<Fault> for oci_artifact::Error {
    fn from(fault: Fault) -> Self {
        let kind = match fault.kind {
            FaultKind::InvalidKey
            | FaultKind::InvalidPolicy
            | FaultKind::InvalidRoot
            | FaultKind::Unsupported => oci_artifact::ErrorKind::InvalidOption,
            _ => oci_artifact::ErrorKind::InvalidDocument,
        };
        Self::new(kind, fault.message)
    }
}
