// SPDX-License-Identifier: Apache-2.0
//! Certificates, logs and clocks, read and checked by `sigstore-verify` (signatures.md 6): all of this
//! crate that the feature `certificates` brings. `vouching/absent.rs` stands in where it is not built.

mod provider;

use sigstore_verify::crypto::{Error as CryptoError, parse_certificate_info};
use sigstore_verify::trust_root::{SIGSTORE_PRODUCTION_TRUSTED_ROOT, TrustedRoot};
use sigstore_verify::types::bundle::MessageDigest;
use sigstore_verify::types::{
    Bundle, DerCertificate, DerPublicKey, HashAlgorithm, SignatureContent,
};
use sigstore_verify::{
    CertificateError, Error, PublicKeyVerificationPolicy, VerificationPolicy, VerificationResult,
};
use x509_cert::Certificate as X509;
use x509_cert::der::Decode as _;
use x509_cert::der::asn1::{ObjectIdentifier, Utf8StringRef};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use crate::certificate::Certificate;
use crate::fault::{Fault, FaultKind};
use crate::identity::Claims;
use crate::key::{Algorithm, PublicKey};
use crate::root::{Log, Proven};

/// The other names that Fulcio gives: of users of an issuer that has no addresses.
const USER_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57264.1.7");

/// The root that is built in.
pub(crate) const BUILT_IN: &str = SIGSTORE_PRODUCTION_TRUSTED_ROOT;

/// Makes ready what certificates are checked with.
///
/// # Errors
/// None in this build.
pub(crate) fn prepare() -> Result<(), Fault> {
    provider::install();
    Ok(())
}

/// Reads a certificate, DER.
pub(crate) fn certificate(der: &[u8]) -> Result<Certificate, Fault> {
    let malformed = |why: &str| Fault::malformed(format!("the certificate {why}"));
    let info = parse_certificate_info(&DerCertificate::new(der.to_vec()))
        .map_err(|error| malformed(&format!("cannot be read: {error}")))?;
    let read = X509::from_der(der).map_err(|error| malformed(&format!("is not one: {error}")))?;
    let key = PublicKey::from_der(info.public_key.as_bytes())
        .map_err(|fault| malformed(&format!("has a key that is not accepted: {fault}")))?;
    let issuer = info.issuer.ok_or_else(|| {
        Fault::new(FaultKind::UntrustedCertificate, "the certificate names no issuer")
    })?;
    let claims = Claims {
        identity: subject(&read)?,
        issuer,
        source_repository: info.ci_claims.source_repository_uri,
        source_ref: info.ci_claims.source_repository_ref,
        runner_environment: info.ci_claims.runner_environment,
    };
    Ok(Certificate { key, claims })
}

/// Returns the one name that a certificate has for its owner.
fn subject(certificate: &X509) -> Result<String, Fault> {
    let names = certificate
        .tbs_certificate
        .get::<SubjectAltName>()
        .map_err(|error| Fault::malformed(format!("the certificate's names: {error}")))?;
    let names = names.map(|(_, names)| names.0).unwrap_or_default();
    let [name] = names.as_slice() else {
        let message = format!("the certificate has {} names, and must have one", names.len());
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
        let message = "the certificate's name is neither a URI, an address nor a user name";
        Fault::new(FaultKind::UntrustedCertificate, message)
    })
}

/// The check of what a root vouches for.
pub(crate) struct Verifier(sigstore_verify::Verifier);

impl Verifier {
    /// Reads a root.
    ///
    /// # Errors
    /// [`FaultKind::InvalidRoot`] if something in it cannot be used.
    pub(crate) fn new(root: &str) -> Result<Self, Fault> {
        let invalid = |why: String| Fault::new(FaultKind::InvalidRoot, why);
        let root = TrustedRoot::from_json(root).map_err(|error| invalid(error.to_string()))?;
        let verifier = sigstore_verify::Verifier::new(&root);
        verifier.map(Self).map_err(|error| invalid(error.to_string()))
    }

    /// Checks that the bundle's certificate, which is for `key`, is one of this root, was valid when it
    /// signed, and that the signature is in a log of this root.
    pub(crate) fn check(
        &self,
        bundle: &[u8],
        signed: &[u8],
        key: &PublicKey,
        log: Log,
    ) -> Result<Proven, Fault> {
        let bundle = parse(bundle)?;
        check_kind(key, &bundle)?;
        let entries = &bundle.verification_material.tlog_entries;
        if entries.is_empty() {
            return Err(log_fault("the signature names no log entry"));
        }
        // A promise alone suffices where there is room for nothing else (SIG-38).
        if log == Log::Proof && entries.iter().any(|entry| entry.inclusion_proof.is_none()) {
            return Err(log_fault("there is no proof that the signature is in the log"));
        }
        if let SignatureContent::MessageSignature(message) = &bundle.content {
            check_digest(message.message_digest.as_ref(), signed)?;
        }
        self.check_under(&VerificationPolicy::any_identity(), signed, &bundle)
    }

    /// Checks it under a policy that may leave nothing out.
    fn check_under(
        &self,
        policy: &VerificationPolicy,
        signed: &[u8],
        bundle: &Bundle,
    ) -> Result<Proven, Fault> {
        let result = self.0.verify(signed, bundle, policy).map_err(fault)?;
        if !(result.certificate_verified() && result.sct_verified() && result.tlog_verified()) {
            return Err(Fault::new(FaultKind::UntrustedCertificate, "not all of it was checked"));
        }
        Ok(proven(bundle, &result))
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
        check_kind(key, &bundle)?;
        let policy = PublicKeyVerificationPolicy::new(DerPublicKey::new(key.spki().to_vec()));
        let result = self.0.verify(signed, &bundle, &policy).map_err(fault)?;
        Ok(proven(&bundle, &result))
    }
}

fn parse(bundle: &[u8]) -> Result<Bundle, Fault> {
    let text = std::str::from_utf8(bundle).map_err(|_| Fault::malformed("it is not UTF-8"))?;
    Bundle::from_json(text).map_err(|error| Fault::malformed(format!("the bundle: {error}")))
}

/// Refuses what could be checked from a digest only, which nothing here does for RSA (SIG-45).
fn check_kind(key: &PublicKey, bundle: &Bundle) -> Result<(), Fault> {
    match &bundle.content {
        SignatureContent::MessageSignature(_) if key.algorithm() == Algorithm::Rsa => {
            let message = "it is by an RSA key over a message, and with a certificate or a log that is not \
                           checked here; a statement by such a key is";
            Err(Fault::new(FaultKind::Unsupported, message))
        }
        _ => Ok(()),
    }
}

fn check_digest(stated: Option<&MessageDigest>, signed: &[u8]) -> Result<(), Fault> {
    let Some(stated) = stated else { return Ok(()) };
    let algorithm = match stated.algorithm {
        HashAlgorithm::Sha2256 => &ring::digest::SHA256,
        HashAlgorithm::Sha2384 => &ring::digest::SHA384,
        HashAlgorithm::Sha2512 => &ring::digest::SHA512,
        other => return Err(Fault::malformed(format!("a digest of the kind {other} is stated"))),
    };
    if stated.digest.as_bytes() == ring::digest::digest(algorithm, signed).as_ref() {
        return Ok(());
    }
    let message = "the digest that the bundle states is not that of what was signed";
    Err(Fault::new(FaultKind::BindingMismatch, message))
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

/// Returns the reason, as a kind of ours.
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

#[cfg(test)]
mod tests {
    use sigstore_lab::{Lab, Owner};

    use super::*;

    #[test]
    fn nothing_that_a_policy_leaves_out_is_taken_sig_35() {
        prepare().expect("is built in");
        let mut lab = Lab::new(1);
        let made = lab.message(&Owner::job("acme/skills"), b"a manifest");
        let bundle = parse(&made.bundle()).expect("a bundle");
        let verifier = Verifier::new(&lab.root().json()).expect("a root");
        let check = |policy| verifier.check_under(&policy, b"a manifest", &bundle);
        let whole = VerificationPolicy::any_identity;
        check(whole()).expect("all of it was checked");
        for policy in
            [whole().skip_tlog_unsafe(), whole().skip_certificate_chain(), whole().skip_sct()]
        {
            let fault = check(policy.clone()).expect_err("left out");
            assert_eq!(fault.kind, FaultKind::UntrustedCertificate, "{policy:?}");
        }
    }
}
