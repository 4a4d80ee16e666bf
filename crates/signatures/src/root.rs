// SPDX-License-Identifier: Apache-2.0
//! Roots: the authorities, logs and clocks that vouch for certificates (signatures.md 4.4 to 4.6; SIG-34
//! to SIG-38). What is checked of a certificate beside its owner is checked here, by `sigstore-verify`.

use std::fmt;

use oci_artifact::digest;
use sigstore_verify::crypto::Error as CryptoError;
use sigstore_verify::trust_root::{SIGSTORE_PRODUCTION_TRUSTED_ROOT, TrustedRoot};
use sigstore_verify::types::{Bundle, DerPublicKey, SignatureContent};
use sigstore_verify::{
    CertificateError, Error, PublicKeyVerificationPolicy, VerificationPolicy, VerificationResult,
    Verifier,
};

use crate::fault::{Fault, FaultKind};
use crate::key::PublicKey;
use crate::{provider, strict};

/// The day on which the built-in root was the newest one, and the seconds since 1970 until then.
pub const BUILT_IN_DAY: &str = "2026-10-23";
/// As of [`BUILT_IN_DAY`].
pub const BUILT_IN_SECONDS: u64 = 1_792_713_600;
/// Days after which the built-in root may lack what has been added since (SIG-34).
pub const FRESH_DAYS: u64 = 180;

/// How the media types of roots begin.
const MEDIA_TYPE: &str = "application/vnd.dev.sigstore.trustedroot";

/// When something was signed, and where that is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proven {
    /// The time, as of RFC 3339.
    pub time: Option<String>,
    /// The number of the log's entry.
    pub log_index: Option<u64>,
}

/// Authorities, logs and clocks that are trusted.
pub struct Root {
    verifier: Verifier,
    sha256: String,
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Root({})", self.sha256)
    }
}

impl Root {
    /// Reads a `trusted_root.json`.
    ///
    /// # Errors
    /// [`FaultKind::InvalidRoot`] where something in it cannot be used: nothing of it is passed over.
    pub fn parse(json: &[u8]) -> Result<Self, Fault> {
        let invalid = |why: String| {
            Fault::new(FaultKind::InvalidRoot, format!("the root cannot be used: {why}"))
        };
        provider::install();
        let read = strict::read(json, "the root").map_err(|fault| invalid(fault.message))?;
        let media_type = strict::text(read, "mediaType").unwrap_or_default();
        if !media_type.starts_with(MEDIA_TYPE) {
            return Err(invalid(format!("{media_type:?} is no root")));
        }
        let text = std::str::from_utf8(json).map_err(|error| invalid(error.to_string()))?;
        let root = TrustedRoot::from_json(text).map_err(|error| invalid(error.to_string()))?;
        let verifier = Verifier::new(&root).map_err(|error| invalid(error.to_string()))?;
        Ok(Self { verifier, sha256: digest::sha256(json).digest().to_owned() })
    }

    /// The root of Sigstore's public instance, as it was on [`BUILT_IN_DAY`].
    ///
    /// # Errors
    /// As of [`parse`](Self::parse).
    pub fn built_in() -> Result<Self, Fault> {
        Self::parse(SIGSTORE_PRODUCTION_TRUSTED_ROOT.as_bytes())
    }

    /// The SHA-256 of the file.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Checks that the bundle's certificate is one of this root, was valid when it signed, and that the
    /// signature is in a log of this root.
    pub(crate) fn check(&self, bundle: &[u8], signed: &[u8], log: Log) -> Result<Proven, Fault> {
        let bundle = parse(bundle)?;
        let entries = &bundle.verification_material.tlog_entries;
        if entries.is_empty() {
            return Err(log_fault("the signature is in no log that is named"));
        }
        // A promise alone suffices where there is room for nothing else (SIG-38).
        if log == Log::Proof && entries.iter().any(|entry| entry.inclusion_proof.is_none()) {
            return Err(log_fault("it is not proven that the signature is in the log"));
        }
        if let SignatureContent::MessageSignature(message) = &bundle.content {
            check_digest(message.message_digest.as_ref().map(|d| d.digest.as_bytes()), signed)?;
        }
        let policy = VerificationPolicy::any_identity();
        let result = self.verifier.verify(signed, &bundle, &policy).map_err(fault)?;
        if !(result.certificate_verified() && result.sct_verified() && result.tlog_verified()) {
            return Err(Fault::new(FaultKind::UntrustedCertificate, "not all of it was checked"));
        }
        Ok(proven(&bundle, &result))
    }

    /// Checks what a key's bundle says of a log.
    pub(crate) fn check_key(
        &self,
        bundle: &[u8],
        signed: &[u8],
        key: &PublicKey,
    ) -> Result<Proven, Fault> {
        let bundle = parse(bundle)?;
        if bundle.verification_material.tlog_entries.is_empty() {
            return Ok(Proven::default());
        }
        let policy = PublicKeyVerificationPolicy::new(DerPublicKey::new(key.spki().to_vec()));
        let result = self.verifier.verify(signed, &bundle, &policy).map_err(fault)?;
        Ok(proven(&bundle, &result))
    }
}

/// What of a log is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Log {
    /// Its promise to take the entry in.
    Promise,
    /// The proof that it did.
    Proof,
}

fn parse(bundle: &[u8]) -> Result<Bundle, Fault> {
    let text = std::str::from_utf8(bundle).map_err(|_| Fault::malformed("it is not UTF-8"))?;
    Bundle::from_json(text).map_err(|error| Fault::malformed(format!("the bundle: {error}")))
}

fn check_digest(stated: Option<&[u8]>, signed: &[u8]) -> Result<(), Fault> {
    let digest = ring::digest::digest(&ring::digest::SHA256, signed);
    match stated {
        Some(stated) if stated != digest.as_ref() => Err(Fault::new(
            FaultKind::BindingMismatch,
            "the digest that the bundle states is not that of what was signed",
        )),
        _ => Ok(()),
    }
}

fn proven(bundle: &Bundle, result: &VerificationResult) -> Proven {
    let time = result.integrated_time().or(result.verified_timestamps().first().copied());
    let entry = bundle.verification_material.tlog_entries.first();
    Proven {
        time: time.map(|time| time.to_string()),
        log_index: entry.map(|entry| entry.log_index.get()),
    }
}

fn log_fault(message: &str) -> Fault {
    Fault::new(FaultKind::LogProofInvalid, message)
}

/// The reason, as a kind of ours.
fn fault(error: Error) -> Fault {
    let kind = match &error {
        Error::SignatureInvalid(_) | Error::Crypto(CryptoError::Verification(_)) => {
            FaultKind::SignatureInvalid
        }
        Error::Certificate(CertificateError::Malformed(_)) => FaultKind::MalformedMaterial,
        Error::Certificate(CertificateError::NoValidAuthority { .. }) => FaultKind::ExpiredRoot,
        Error::Certificate(_) => FaultKind::UntrustedCertificate,
        // What is signed was compared before: here it is the log's entry that is about other bytes.
        Error::TransparencyLog(_) | Error::ArtifactMismatch(_) | Error::Bundle(_) => {
            FaultKind::LogProofInvalid
        }
        Error::Timestamp(_) => FaultKind::TimestampInvalid,
        Error::InvalidTrustRoot(_) | Error::TrustRoot(_) | Error::TrustedCertificate(_) => {
            FaultKind::InvalidRoot
        }
        _ => FaultKind::MalformedMaterial,
    };
    Fault::new(kind, printable(&error.to_string()))
}

/// Text of others without what a terminal would obey (SIG-20).
fn printable(text: &str) -> String {
    text.chars().flat_map(char::escape_debug).collect::<String>().replace("\\\"", "\"")
}
