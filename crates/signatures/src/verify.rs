// SPDX-License-Identifier: Apache-2.0
//! The check of one signature (signatures.md 4): bound to the artifact, by who is expected.
//!
//! The order is that of the specification; what is said of a signature is said of one that is valid over
//! its bytes and about the artifact, so that nobody is named by what anybody could have written.

use std::collections::BTreeMap;

use oci_artifact::{Digest, digest};

use crate::annotated::Annotated;
use crate::bundle::{Bundle, Content, Voucher};
use crate::certificate::Certificate;
use crate::fault::{Fault, FaultKind};
use crate::identity::{Claims, Identity, check_any};
use crate::key::PublicKey;
use crate::layout::{CERTIFICATE, SIGNATURE};
use crate::root::{Log, Proven, Root};
use crate::{envelope, payload, statement, strict};

/// Owners of certificates that count.
#[derive(Clone, Copy, Debug)]
pub enum Owners<'a> {
    /// Any of these identities.
    These(&'a [Identity]),
    /// Any owner: the result is shown to people, and nothing trusts it.
    Anyone,
}

/// The artifact, and whose signature of it is expected.
#[derive(Clone, Debug)]
pub struct Expected<'a> {
    artifact: &'a Digest,
    manifest: &'a [u8],
    keys: &'a [PublicKey],
    certificates: Option<(Owners<'a>, &'a Root)>,
    log: Option<&'a Root>,
    predicate_type: &'a str,
}

impl<'a> Expected<'a> {
    /// Expects a signature of the artifact with that digest and those bytes, by any of the keys.
    pub fn new(artifact: &'a Digest, manifest: &'a [u8], keys: &'a [PublicKey]) -> Self {
        let predicate_type = statement::SIGNATURE;
        Self { artifact, manifest, keys, certificates: None, log: None, predicate_type }
    }

    /// Or by the owner of a certificate, for whom an authority of the root vouches.
    #[must_use]
    pub fn or_certificates(mut self, owners: Owners<'a>, root: &'a Root) -> Self {
        self.certificates = Some((owners, root));
        self
    }

    /// A key's signature that says that it is in a log has to be in one of that root.
    #[must_use]
    pub fn with_log(mut self, root: &'a Root) -> Self {
        self.log = Some(root);
        self
    }

    /// Sets the predicate type that is expected instead of a signature of the artifact.
    #[must_use]
    pub fn with_predicate_type(mut self, predicate_type: &'a str) -> Self {
        self.predicate_type = predicate_type;
        self
    }

    /// Returns the key whose signature of `message` this is.
    fn key(&self, message: &[u8], signature: &[u8]) -> Result<&'a PublicKey, Fault> {
        if self.keys.is_empty() && self.certificates.is_some() {
            let message = "it was made with a key, and one with a certificate is expected";
            return Err(Fault::new(FaultKind::KeySigned, message));
        }
        let signer = self.keys.iter().find(|key| key.verifies(message, signature));
        signer.ok_or_else(|| {
            let ids: Vec<String> = self.keys.iter().map(PublicKey::id).collect();
            let message = format!("it was not made with the key {}", ids.join(" or "));
            Fault::new(FaultKind::SignatureInvalid, message)
        })
    }

    /// Returns the certificate whose signature of `message` this is, and what is expected of
    /// certificates.
    fn certificate(
        &self,
        der: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(Certificate, Owners<'a>, &'a Root), Fault> {
        let (owners, root) = self.certificates.ok_or_else(certificate_signed)?;
        let certificate = Certificate::parse(der)?;
        if !certificate.key.verifies(message, signature) {
            let message = "it was not made with the key of its certificate";
            return Err(Fault::new(FaultKind::SignatureInvalid, message));
        }
        Ok((certificate, owners, root))
    }
}

/// A signature that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The signer whose signature was accepted.
    pub signer: Signer,
    /// The time at which it was made, where somebody proves that.
    pub proven: Proven,
    /// The SHA-256 of the bundle, or of the payload.
    pub sha256: String,
    /// The SHA-256 of what is signed: a statement, a payload, or a manifest.
    pub content: String,
}

/// The signer of an artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signer {
    /// The owner of a key, whose name is the SHA-256 of its SubjectPublicKeyInfo.
    Key(String),
    /// The owner of a certificate.
    Owner(Box<Claims>),
}

impl Accepted {
    fn new(signer: Signer, proven: Proven, bytes: &[u8], content: &[u8]) -> Self {
        let [sha256, content] = [bytes, content].map(|it| digest::sha256(it).hex());
        Self { signer, proven, sha256, content }
    }
}

impl Owners<'_> {
    fn admit(self, claims: Claims) -> Result<Signer, Fault> {
        if let Self::These(identities) = self {
            check_any(identities, &claims)?;
        }
        Ok(Signer::Owner(Box::new(claims)))
    }
}

/// Checks a bundle.
///
/// # Errors
/// The reason for which it does not count.
pub fn verify_bundle(bytes: &[u8], expected: &Expected<'_>) -> Result<Accepted, Fault> {
    let bundle = Bundle::parse(bytes)?;
    let (signed, content) = match &bundle.content {
        Content::Envelope { payload_type, payload } => {
            (envelope::signed_bytes(payload_type, payload), payload.as_slice())
        }
        Content::Message => {
            // It is over the manifest, or over nothing that is expected.
            digest::verify(expected.manifest, expected.artifact).map_err(|_| {
                Fault::new(FaultKind::BindingMismatch, "the manifest is not the artifact's")
            })?;
            (expected.manifest.to_vec(), expected.manifest)
        }
    };
    // The signature first: what is said of the content is said of signed content only.
    match &bundle.voucher {
        Voucher::Key(_) => {
            let key = expected.key(&signed, &bundle.signature)?;
            bind(&bundle.content, expected)?;
            let proven = match expected.log {
                Some(root) => root.verifier.check_key(bytes, expected.manifest, key)?,
                None => Proven::default(),
            };
            Ok(Accepted::new(Signer::Key(key.id()), proven, bytes, content))
        }
        Voucher::Certificate(der) => {
            let (certificate, owners, root) =
                expected.certificate(der, &signed, &bundle.signature)?;
            bind(&bundle.content, expected)?;
            let key = &certificate.key;
            let proven = root.verifier.check(bytes, expected.manifest, key, Log::Proof)?;
            Ok(Accepted::new(owners.admit(certificate.claims)?, proven, bytes, content))
        }
    }
}

/// Checks that signed content is about the artifact (SIG-12).
fn bind(content: &Content, expected: &Expected<'_>) -> Result<(), Fault> {
    match content {
        Content::Envelope { payload_type, .. } if payload_type != statement::PAYLOAD_TYPE => {
            let message = format!("the envelope has {payload_type:?}, which is not a statement");
            Err(Fault::malformed(message))
        }
        Content::Envelope { payload, .. } => {
            statement::check(payload, expected.artifact, expected.predicate_type)
        }
        // The signature is over the manifest.
        Content::Message => Ok(()),
    }
}

/// Checks a signature of simple signing: a layer's annotations, and the payload that the layer is. The
/// caller has made sure that the payload has the layer's digest.
///
/// # Errors
/// The reason for which it does not count.
pub fn verify_simple(
    bytes: &[u8],
    annotations: &BTreeMap<String, String>,
    expected: &Expected<'_>,
) -> Result<Accepted, Fault> {
    // Also one that is malformed: what says that it has a certificate is not a key's.
    if annotations.contains_key(CERTIFICATE) {
        if expected.certificates.is_none() {
            return Err(certificate_signed());
        }
        let annotated = Annotated::parse(annotations)?;
        let Annotated { certificate, signature, .. } = &annotated;
        let (certificate, owners, root) = expected.certificate(certificate, bytes, signature)?;
        bind_payload(bytes, expected)?;
        let key = &certificate.key;
        let bundle = annotated.bundle(bytes, key);
        let proven = root.verifier.check(&bundle, bytes, key, Log::Promise)?;
        return Ok(Accepted::new(owners.admit(certificate.claims)?, proven, bytes, bytes));
    }
    let Some(signature) = annotations.get(SIGNATURE) else {
        return Err(Fault::malformed("the layer has no signature"));
    };
    let signature = strict::decode(signature, SIGNATURE)?;
    let key = expected.key(bytes, &signature)?;
    bind_payload(bytes, expected)?;
    Ok(Accepted::new(Signer::Key(key.id()), Proven::default(), bytes, bytes))
}

/// Checks that a signed payload is about the artifact (SIG-12).
fn bind_payload(bytes: &[u8], expected: &Expected<'_>) -> Result<(), Fault> {
    let named = payload::artifact(bytes)?;
    if named == *expected.artifact {
        return Ok(());
    }
    let message = format!("the payload is about {named}, and {} is expected", expected.artifact);
    Err(Fault::new(FaultKind::BindingMismatch, message))
}

fn certificate_signed() -> Fault {
    let message = "it has a certificate, and one made with a key is expected";
    Fault::new(FaultKind::CertificateSigned, message)
}
