// SPDX-License-Identifier: Apache-2.0
//! Signatures with certificates, in both layouts, of which single parts can be altered.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::log::{dsse, hashed};
use crate::{Authority, Key, Log, Logged, NOW, Owner, base64, hex, pem, sha256};

/// The media type of bundles.
pub const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
/// The type of what is in an envelope.
const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// Returns the statement that the artifacts with these digests, in hexadecimal, are signed.
pub fn statement(subjects: &[&str]) -> Vec<u8> {
    let subjects: Vec<Value> =
        subjects.iter().map(|hex| json!({"digest": {"sha256": hex}})).collect();
    json!({
        "_type": "https://in-toto.io/Statement/v1", "subject": subjects,
        "predicateType": "https://sigstore.dev/cosign/sign/v1", "predicate": {},
    })
    .to_string()
    .into_bytes()
}

/// Returns the payload of simple signing for an artifact.
pub fn payload(digest: &str) -> Vec<u8> {
    json!({"critical": {
        "identity": {"docker-reference": "registry.example/me/demo"},
        "image": {"docker-manifest-digest": digest},
        "type": "cosign container image signature",
    }, "optional": null})
    .to_string()
    .into_bytes()
}

/// Returns the bytes that an envelope's signature is over.
fn signed_bytes(payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {PAYLOAD_TYPE} {} ", PAYLOAD_TYPE.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

/// A signature, and all that vouches for it.
#[derive(Clone, Debug)]
pub struct Made {
    /// The signed content: a statement, a payload or a manifest.
    pub content: Vec<u8>,
    /// Whether that is a statement in an envelope.
    pub is_statement: bool,
    /// The bytes of the signature.
    pub signature: Vec<u8>,
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// The log's statement; `None` if nobody asked it.
    pub logged: Option<Logged>,
}

/// A change that is made to a signature before it is checked.
pub type Alter = fn(&mut Made);

/// An authority and a log, which sign.
pub struct Lab {
    /// The certificate authority.
    pub authority: Authority,
    /// The transparency log.
    pub log: Log,
}

impl Lab {
    /// Creates a new one, whose log has that many entries of others.
    pub fn new(others: u64) -> Self {
        Self { authority: Authority::new(), log: Log::new(others) }
    }

    /// Returns the root that trusts it.
    pub fn root(&self) -> crate::Root {
        crate::Root::new(&self.authority, &self.log)
    }

    /// Signs a statement.
    pub fn statement(&mut self, owner: &Owner, statement: &[u8]) -> Made {
        self.sign(owner, statement, true, NOW + 60)
    }

    /// Signs a payload or a manifest.
    pub fn message(&mut self, owner: &Owner, message: &[u8]) -> Made {
        self.sign(owner, message, false, NOW + 60)
    }

    /// Signs, and logs it at that time.
    pub fn sign(&mut self, owner: &Owner, content: &[u8], is_statement: bool, time: u64) -> Made {
        let key = Key::new();
        let certificate = self.authority.issue(owner, &key.point());
        self.sign_with(&key, certificate, content, is_statement, time)
    }

    /// Signs with a key and a certificate that are there.
    pub fn sign_with(
        &mut self,
        key: &Key,
        certificate: Vec<u8>,
        content: &[u8],
        is_statement: bool,
        time: u64,
    ) -> Made {
        let logged = match is_statement {
            true => {
                let signature = key.sign(&signed_bytes(content));
                let body = dsse(content, &signature, &certificate);
                (signature, self.log.add("dsse", &body, time))
            }
            false => {
                let signature = key.sign(content);
                let body = hashed(content, &signature, &certificate);
                (signature, self.log.add("hashedrekord", &body, time))
            }
        };
        let (signature, logged) = logged;
        let content = content.to_vec();
        Made { content, is_statement, signature, certificate, logged: Some(logged) }
    }
}

impl Made {
    /// Returns the signature as a bundle.
    pub fn bundle(&self) -> Vec<u8> {
        let entries: Vec<Value> = self.logged.iter().map(Logged::in_bundle).collect();
        let mut bundle = json!({
            "mediaType": BUNDLE,
            "verificationMaterial": {
                "certificate": {"rawBytes": base64(&self.certificate)},
                "tlogEntries": entries,
                "timestampVerificationData": {"rfc3161Timestamps": []},
            },
        });
        match self.is_statement {
            true => {
                bundle["dsseEnvelope"] = json!({
                    "payload": base64(&self.content), "payloadType": PAYLOAD_TYPE,
                    "signatures": [{"sig": base64(&self.signature)}],
                });
            }
            false => {
                bundle["messageSignature"] = json!({
                    "messageDigest": {
                        "algorithm": "SHA2_256", "digest": base64(sha256(&self.content)),
                    },
                    "signature": base64(&self.signature),
                });
            }
        }
        bundle.to_string().into_bytes()
    }

    /// Returns the signature as the annotations of a layer of simple signing.
    pub fn annotations(&self) -> BTreeMap<String, String> {
        let mut annotations = BTreeMap::from([
            ("dev.cosignproject.cosign/signature".to_owned(), base64(&self.signature)),
            ("dev.sigstore.cosign/certificate".to_owned(), pem("CERTIFICATE", &self.certificate)),
        ]);
        if let Some(logged) = &self.logged {
            let entry = logged.in_annotation().to_string();
            annotations.insert("dev.sigstore.cosign/bundle".to_owned(), entry);
        }
        annotations
    }

    /// Returns the manifest for the tag `.sig`, and its config and payload.
    pub fn manifest(&self) -> (Vec<u8>, Vec<u8>) {
        let config = b"{}".to_vec();
        let descriptor = |media_type: &str, bytes: &[u8]| {
            json!({
                "mediaType": media_type, "size": bytes.len(),
                "digest": format!("sha256:{}", hex(&sha256(bytes))),
            })
        };
        let mut layer =
            descriptor("application/vnd.dev.cosign.simplesigning.v1+json", &self.content);
        layer["annotations"] = json!(self.annotations());
        let manifest = json!({
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": descriptor("application/vnd.oci.image.config.v1+json", &config),
            "layers": [layer],
        });
        (manifest.to_string().into_bytes(), config)
    }
}
