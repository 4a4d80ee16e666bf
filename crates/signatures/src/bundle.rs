// SPDX-License-Identifier: Apache-2.0
//! Sigstore bundles (signatures.md 3.4): versions 0.1 to 0.3 are read, 0.3 is written.

use oci_artifact::json::{Kind, Value, Writer};

use crate::entry::Entry;
use crate::fault::Fault;
use crate::statement::PAYLOAD_TYPE;
use crate::strict;

/// The media type of a bundle, which is the artifact type of its manifest, too.
pub const MEDIA_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
/// The ways in which other versions, and other writers, spell it.
const OTHERS: [&str; 3] = [
    "application/vnd.dev.sigstore.bundle+json;version=0.1",
    "application/vnd.dev.sigstore.bundle+json;version=0.2",
    "application/vnd.dev.sigstore.bundle+json;version=0.3",
];

/// Whether a media type is that of a bundle.
pub fn is_bundle(media_type: &str) -> bool {
    media_type == MEDIA_TYPE || OTHERS.contains(&media_type)
}

/// The proof that a signature is somebody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Voucher {
    /// A key, with a hint which: anybody may have written it.
    Key(String),
    /// A certificate, DER.
    Certificate(Vec<u8>),
}

/// The signed content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A payload of some type, in an envelope.
    Envelope {
        /// The type of the payload.
        payload_type: String,
        /// The bytes that are signed.
        payload: Vec<u8>,
    },
    /// The artifact's manifest itself.
    Message,
}

/// A bundle, read. Nothing of it is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The proof that the signature is somebody's.
    pub voucher: Voucher,
    /// The signed content.
    pub content: Content,
    /// The bytes of the signature.
    pub signature: Vec<u8>,
}

impl Bundle {
    /// Reads a bundle.
    ///
    /// # Errors
    /// [`MalformedMaterial`](crate::FaultKind::MalformedMaterial), also for a bundle with two signatures
    /// or none, and for one that could be understood in two ways (SIG-15).
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let value = strict::read(bytes, "the bundle")?;
        let media_type = strict::text(value, "mediaType")?;
        if !is_bundle(&media_type) {
            return Err(Fault::malformed(format!(
                "bundles of type {media_type:?} are not supported"
            )));
        }
        let voucher = voucher(strict::object(value, "verificationMaterial")?)?;
        let envelope = strict::member(value, "dsseEnvelope");
        let message = strict::member(value, "messageSignature");
        match (envelope, message) {
            (Some(_), None) => {
                let envelope = strict::object(value, "dsseEnvelope")?;
                let payload_type = strict::text(envelope, "payloadType")?;
                let payload = strict::bytes(envelope, "payload")?;
                let signatures = strict::member(envelope, "signatures")
                    .filter(|list| list.kind() == Kind::Array)
                    .ok_or_else(|| Fault::malformed("the envelope has no signatures"))?;
                let mut signatures = signatures.elements();
                let (Some(signature), None) = (signatures.next(), signatures.next()) else {
                    return Err(Fault::malformed(
                        "the envelope does not have exactly one signature",
                    ));
                };
                let signature = strict::bytes(signature, "sig")?;
                Ok(Self {
                    voucher,
                    content: Content::Envelope { payload_type, payload },
                    signature,
                })
            }
            (None, Some(_)) => {
                let message = strict::object(value, "messageSignature")?;
                let signature = strict::bytes(message, "signature")?;
                Ok(Self { voucher, content: Content::Message, signature })
            }
            _ => Err(Fault::malformed(
                "the bundle does not have exactly one envelope or message signature",
            )),
        }
    }
}

/// Returns the content of the material: exactly one of what may be there.
fn voucher(material: Value<'_>) -> Result<Voucher, Fault> {
    let kinds = ["publicKey", "certificate", "x509CertificateChain"];
    let found: Vec<&str> =
        kinds.into_iter().filter(|kind| strict::member(material, kind).is_some()).collect();
    match found.as_slice() {
        ["publicKey"] => {
            let key = strict::object(material, "publicKey")?;
            let hint = strict::member(key, "hint").and_then(Value::as_string).unwrap_or_default();
            Ok(Voucher::Key(hint))
        }
        ["certificate"] => {
            let leaf = strict::object(material, "certificate")?;
            Ok(Voucher::Certificate(strict::bytes(leaf, "rawBytes")?))
        }
        // Of a chain only the leaf is looked at: what it leads to has to be trusted already.
        ["x509CertificateChain"] => {
            let chain = strict::object(material, "x509CertificateChain")?;
            let leaf = strict::member(chain, "certificates")
                .and_then(|list| list.elements().next())
                .ok_or_else(|| Fault::malformed("the chain has no certificate"))?;
            Ok(Voucher::Certificate(strict::bytes(leaf, "rawBytes")?))
        }
        _ => Err(Fault::malformed("the bundle does not have exactly one key or certificate")),
    }
}

/// Writes an envelope.
pub(crate) fn write_envelope(json: &mut Writer, statement: &[u8], signature: &[u8]) {
    json.object(|json| {
        json.key("payload").string(strict::encode(statement));
        json.key("payloadType").string(PAYLOAD_TYPE);
        json.key("signatures").array(|json| {
            json.object(|json| json.key("sig").string(strict::encode(signature)));
        });
    });
}

/// Writes the bundle of a key's signature over a statement. Every list is written, also an empty one: some readers
/// need it.
pub(crate) fn write(hint: &str, statement: &[u8], signature: &[u8]) -> Vec<u8> {
    write_with(statement, signature, |json| {
        json.key("publicKey").object(|json| json.key("hint").string(hint));
        json.key("tlogEntries").array(|_| {});
    })
}

/// Writes the bundle of a certificate's signature over a statement, in a log.
pub(crate) fn write_certified(
    certificate: &[u8],
    entry: &Entry,
    statement: &[u8],
    signature: &[u8],
) -> Vec<u8> {
    write_with(statement, signature, |json| {
        json.key("certificate").object(|json| {
            json.key("rawBytes").string(strict::encode(certificate));
        });
        json.key("tlogEntries").array(|json| entry.write(json));
    })
}

fn write_with(statement: &[u8], signature: &[u8], vouch: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut json = Writer::new();
    json.object(|json| {
        json.key("mediaType").string(MEDIA_TYPE);
        json.key("verificationMaterial").object(|json| {
            vouch(json);
            json.key("timestampVerificationData").object(|json| {
                json.key("rfc3161Timestamps").array(|_| {});
            });
        });
        json.key("dsseEnvelope");
        write_envelope(json, statement, signature);
    });
    json.into_bytes()
}
