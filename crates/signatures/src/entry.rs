// SPDX-License-Identifier: Apache-2.0
//! Entries of a log, as a layer's annotation, a log's answer and a bundle have them (signatures.md 3.2, 3.4
//! and 3.8). Nothing of one is verified here.

use oci_artifact::digest;
use oci_artifact::json::{Kind, Value, Writer};

use crate::fault::{Fault, FaultKind};
use crate::layout::BUNDLE;
use crate::strict;

/// A log's entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The log's promise, base64.
    promise: String,
    /// The body, base64.
    body: String,
    kind: String,
    version: String,
    time: i64,
    index: i64,
    log: Vec<u8>,
    proof: Option<Proof>,
}

/// The proof that an entry is in its log.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Proof {
    index: i64,
    size: i64,
    root: Vec<u8>,
    hashes: Vec<Vec<u8>>,
    checkpoint: String,
}

impl Entry {
    /// Reads the annotation of a layer.
    ///
    /// # Errors
    /// [`FaultKind::MalformedMaterial`].
    pub(crate) fn of_annotation(annotation: &str) -> Result<Self, Fault> {
        let value = strict::read(annotation.as_bytes(), BUNDLE)?;
        let promise = strict::text(value, "SignedEntryTimestamp")?;
        Self::new(promise, strict::object(value, "Payload")?)
    }

    /// Reads a log's answer: one entry, by its name.
    ///
    /// # Errors
    /// [`FaultKind::InvalidAnswer`].
    pub(crate) fn of_answer(answer: &[u8]) -> Result<Self, Fault> {
        let read = || {
            let answer = strict::read(answer, "the log's answer")?;
            let mut entries = answer.members();
            let (Some(entry), None) = (entries.next(), entries.next()) else {
                return Err(Fault::malformed("it does not have exactly one entry"));
            };
            let entry = Some(entry.value).filter(|entry| entry.kind() == Kind::Object);
            let entry = entry.ok_or_else(|| Fault::malformed("its entry is not an object"))?;
            let verification = strict::object(entry, "verification")?;
            let promise = strict::text(verification, "signedEntryTimestamp")?;
            let proof = strict::object(verification, "inclusionProof")?;
            let hashes = strict::member(proof, "hashes").filter(|list| list.kind() == Kind::Array);
            let hashes = hashes.ok_or_else(|| Fault::malformed("its proof has no hashes"))?;
            let hashes = hashes
                .elements()
                .map(|hash| strict::unhex(&hash.as_string().unwrap_or_default(), "hashes"));
            let proof = Proof {
                index: number(proof, "logIndex")?,
                size: number(proof, "treeSize")?,
                root: strict::unhex(&strict::text(proof, "rootHash")?, "rootHash")?,
                hashes: hashes.collect::<Result<_, _>>()?,
                checkpoint: strict::text(proof, "checkpoint")?,
            };
            Ok(Self { proof: Some(proof), ..Self::new(promise, entry)? })
        };
        read().map_err(|fault: Fault| {
            let message = format!("the log's answer is about something else: {}", fault.message);
            Fault::new(FaultKind::InvalidAnswer, message)
        })
    }

    fn new(promise: String, payload: Value<'_>) -> Result<Self, Fault> {
        let body = strict::text(payload, "body")?;
        let read = strict::decode(&body, "body")?;
        let read = strict::read(&read, "the log's entry")?;
        Ok(Self {
            promise,
            kind: strict::text(read, "kind")?,
            version: strict::text(read, "apiVersion")?,
            time: number(payload, "integratedTime")?,
            index: number(payload, "logIndex")?,
            log: strict::unhex(&strict::text(payload, "logID")?, "logID")?,
            body,
            proof: None,
        })
    }

    /// Writes the entry as a bundle has it, with every field that it has.
    pub(crate) fn write(&self, json: &mut Writer) {
        json.object(|json| {
            json.key("logIndex").string(self.index.to_string());
            json.key("logId").object(|json| json.key("keyId").string(strict::encode(&self.log)));
            json.key("kindVersion").object(|json| {
                json.key("kind").string(&self.kind);
                json.key("version").string(&self.version);
            });
            json.key("integratedTime").string(self.time.to_string());
            json.key("inclusionPromise").object(|json| {
                json.key("signedEntryTimestamp").string(&self.promise);
            });
            if let Some(proof) = &self.proof {
                json.key("inclusionProof").object(|json| {
                    json.key("logIndex").string(proof.index.to_string());
                    json.key("rootHash").string(strict::encode(&proof.root));
                    json.key("treeSize").string(proof.size.to_string());
                    json.key("hashes")
                        .strings(proof.hashes.iter().map(|hash| strict::encode(hash)));
                    json.key("checkpoint").object(|json| {
                        json.key("envelope").string(&proof.checkpoint);
                    });
                });
            }
            json.key("canonicalizedBody").string(&self.body);
        });
    }

    /// Returns the annotation of a layer, which has no room for a proof.
    pub(crate) fn annotation(&self) -> String {
        let mut json = Writer::new();
        json.object(|json| {
            json.key("SignedEntryTimestamp").string(&self.promise);
            json.key("Payload").object(|json| {
                json.key("body").string(&self.body);
                json.key("integratedTime").integer(self.time);
                json.key("logIndex").integer(self.index);
                json.key("logID").string(digest::hex(&self.log));
            });
        });
        String::from_utf8(json.into_bytes()).unwrap_or_default()
    }
}

fn number(value: Value<'_>, key: &str) -> Result<i64, Fault> {
    let number = strict::member(value, key).and_then(Value::as_integer);
    let number = number.filter(|number| *number >= 0);
    number.ok_or_else(|| Fault::malformed(format!("{key:?} is missing, or not a number")))
}
