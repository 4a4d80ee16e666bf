// SPDX-License-Identifier: Apache-2.0
//! The check of one signature (signatures.md 4): bound to the artifact, by a key that is expected.

use std::collections::BTreeMap;

use oci_artifact::digest;
use oci_spec::image::Digest;

use crate::bundle::{Bundle, Content, Voucher};
use crate::fault::{Fault, FaultKind};
use crate::key::PublicKey;
use crate::layout::{CERTIFICATE, SIGNATURE};
use crate::{envelope, payload, statement, strict};

/// The artifact, and whose signature of it is expected.
#[derive(Clone, Debug)]
pub struct Expected<'a> {
    artifact: &'a Digest,
    manifest: &'a [u8],
    keys: &'a [PublicKey],
    predicate_type: &'a str,
}

impl<'a> Expected<'a> {
    /// A signature of the artifact with that digest and those bytes, by any of the keys.
    pub fn new(artifact: &'a Digest, manifest: &'a [u8], keys: &'a [PublicKey]) -> Self {
        Self { artifact, manifest, keys, predicate_type: statement::SIGNATURE }
    }

    /// The key whose signature of `message` this is.
    fn signer(&self, message: &[u8], signature: &[u8]) -> Result<&'a PublicKey, Fault> {
        let signer = self.keys.iter().find(|key| key.verifies(message, signature));
        signer.ok_or_else(|| {
            let ids: Vec<String> = self.keys.iter().map(PublicKey::id).collect();
            let message = format!("it is no signature by the key {}", ids.join(" or "));
            Fault::new(FaultKind::SignatureInvalid, message)
        })
    }
}

/// A signature that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The name of the key: the SHA-256 of its SubjectPublicKeyInfo.
    pub key_id: String,
    /// The SHA-256 of the bundle, or of the payload.
    pub sha256: String,
}

/// Checks a bundle.
///
/// # Errors
/// The reason for which it does not count.
pub fn verify_bundle(bytes: &[u8], expected: &Expected<'_>) -> Result<Accepted, Fault> {
    let bundle = Bundle::parse(bytes)?;
    if let Voucher::Certificate(_) = bundle.voucher {
        return Err(certificate_signed());
    }
    // The signature first: what is said of the content is said of signed content only.
    let signer = match &bundle.content {
        Content::Envelope { payload_type, payload } => {
            let signed = envelope::signed_bytes(payload_type, payload);
            let signer = expected.signer(&signed, &bundle.signature)?;
            if payload_type != statement::PAYLOAD_TYPE {
                let message = format!("the envelope has {payload_type:?}, which is no statement");
                return Err(Fault::malformed(message));
            }
            statement::check(payload, expected.artifact, expected.predicate_type)?;
            signer
        }
        Content::Message => {
            // It is over the manifest, or over nothing that is expected.
            digest::verify(expected.manifest, expected.artifact).map_err(|_| {
                Fault::new(FaultKind::BindingMismatch, "the manifest is not the artifact's")
            })?;
            expected.signer(expected.manifest, &bundle.signature)?
        }
    };
    Ok(Accepted { key_id: signer.id(), sha256: digest::sha256(bytes).digest().to_owned() })
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
        return Err(certificate_signed());
    }
    let Some(signature) = annotations.get(SIGNATURE) else {
        return Err(Fault::malformed("the layer has no signature"));
    };
    let signature = strict::decode(signature, SIGNATURE)?;
    let signer = expected.signer(bytes, &signature)?;
    let named = payload::artifact(bytes)?;
    if named != *expected.artifact {
        let message = format!("the payload is of {named}, and {} is expected", expected.artifact);
        return Err(Fault::new(FaultKind::BindingMismatch, message));
    }
    Ok(Accepted { key_id: signer.id(), sha256: digest::sha256(bytes).digest().to_owned() })
}

fn certificate_signed() -> Fault {
    let message = "it has a certificate, and the signature of a key is expected";
    Fault::new(FaultKind::CertificateSigned, message)
}
