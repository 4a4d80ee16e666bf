// SPDX-License-Identifier: Apache-2.0
//! Simple signing with a certificate, as cosign keeps it in a layer's annotations, made a bundle of
//! (signatures.md 3.2): so that one reader checks both layouts.

use std::collections::BTreeMap;

use oci_artifact::json::Writer;
use ring::digest::{SHA256, SHA384};

use crate::entry::Entry;
use crate::fault::{Fault, FaultKind};
use crate::key::PublicKey;
use crate::layout::{BUNDLE, CERTIFICATE, SIGNATURE, TIMESTAMP};
use crate::{pem, strict};

/// A signature of simple signing with a certificate.
pub(crate) struct Annotated {
    /// The certificate, DER.
    pub(crate) certificate: Vec<u8>,
    /// The bytes of the signature.
    pub(crate) signature: Vec<u8>,
    entry: Entry,
    /// An answer of a clock, base64.
    timestamp: Option<String>,
}

impl Annotated {
    /// Reads a layer's annotations.
    ///
    /// # Errors
    /// [`FaultKind::MalformedMaterial`]; [`FaultKind::LogProofInvalid`] if no log's entry is there (SIG-38).
    pub(crate) fn parse(annotations: &BTreeMap<String, String>) -> Result<Self, Fault> {
        let get = |key: &str| annotations.get(key).map(String::as_str);
        let certificate = pem::certificate(get(CERTIFICATE).unwrap_or_default(), CERTIFICATE)?;
        let signature =
            get(SIGNATURE).ok_or_else(|| Fault::malformed("the layer has no signature"))?;
        let signature = strict::decode(signature, SIGNATURE)?;
        let entry = get(BUNDLE).ok_or_else(|| {
            Fault::new(FaultKind::LogProofInvalid, "the signature names no log entry")
        })?;
        let entry = Entry::of_annotation(entry)?;
        let timestamp = get(TIMESTAMP).map(|text| {
            let value = strict::read(text.as_bytes(), TIMESTAMP)?;
            strict::text(value, "SignedRFC3161Timestamp")
        });
        Ok(Self { certificate, signature, entry, timestamp: timestamp.transpose()? })
    }

    /// Returns all of it, as a bundle of version 0.1: what the log promised is all that this layout has room for. The
    /// key is the certificate's; with it goes the digest that the signature is over.
    pub(crate) fn bundle(&self, payload: &[u8], key: &PublicKey) -> Vec<u8> {
        let (name, algorithm) = match key.is_over_sha384(payload, &self.signature) {
            true => ("SHA2_384", &SHA384),
            false => ("SHA2_256", &SHA256),
        };
        let digest = ring::digest::digest(algorithm, payload);
        let Self { certificate, signature, entry, timestamp } = self;
        write(certificate, signature, (name, digest.as_ref()), entry, timestamp.as_deref())
    }
}

fn write(
    certificate: &[u8],
    signature: &[u8],
    (algorithm, digest): (&str, &[u8]),
    entry: &Entry,
    timestamp: Option<&str>,
) -> Vec<u8> {
    let mut json = Writer::new();
    json.object(|json| {
        json.key("mediaType").string("application/vnd.dev.sigstore.bundle+json;version=0.1");
        json.key("verificationMaterial").object(|json| {
            json.key("x509CertificateChain").object(|json| {
                json.key("certificates").array(|json| {
                    json.object(|json| json.key("rawBytes").string(strict::encode(certificate)));
                });
            });
            json.key("tlogEntries").array(|json| {
                entry.write(json);
            });
            if let Some(timestamp) = timestamp {
                json.key("timestampVerificationData").object(|json| {
                    json.key("rfc3161Timestamps").array(|json| {
                        json.object(|json| json.key("signedTimestamp").string(timestamp));
                    });
                });
            }
        });
        json.key("messageSignature").object(|json| {
            json.key("messageDigest").object(|json| {
                json.key("algorithm").string(algorithm);
                json.key("digest").string(strict::encode(digest));
            });
            json.key("signature").string(strict::encode(signature));
        });
    });
    json.into_bytes()
}
