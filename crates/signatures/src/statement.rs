// SPDX-License-Identifier: Apache-2.0
//! The in-toto statement that a bundle signs (signatures.md 3.3).

use std::collections::BTreeMap;

use oci_artifact::Digest;
use oci_artifact::json::{Kind, Writer};

use crate::fault::{Fault, FaultKind};
use crate::strict;

/// The media type of a statement in an envelope.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
/// The predicate of a signature, without anything else that is stated.
pub const SIGNATURE: &str = "https://sigstore.dev/cosign/sign/v1";
/// The statement types that are read; the last one is written.
const TYPES: [&str; 2] = ["https://in-toto.io/Statement/v0.1", "https://in-toto.io/Statement/v1"];

/// Writes the statement that an artifact is signed.
pub fn write(artifact: &Digest, annotations: &BTreeMap<String, String>) -> Vec<u8> {
    let mut json = Writer::new();
    json.object(|json| {
        json.key("_type").string(TYPES[1]);
        json.key("subject").array(|json| {
            json.object(|json| {
                json.key("digest").object(|json| json.key("sha256").string(artifact.hex()));
                if !annotations.is_empty() {
                    json.key("annotations").texts(annotations);
                }
            });
        });
        json.key("predicateType").string(SIGNATURE);
        json.key("predicate").object(|_| {});
    });
    json.into_bytes()
}

/// Checks that a statement is about an artifact, and of that predicate type (SIG-12).
///
/// # Errors
/// [`FaultKind::BindingMismatch`] if no subject is the artifact, or something else is stated of it;
/// [`FaultKind::MalformedMaterial`].
pub fn check(statement: &[u8], artifact: &Digest, predicate_type: &str) -> Result<(), Fault> {
    let value = strict::read(statement, "the statement")?;
    let found = strict::text(value, "_type")?;
    if !TYPES.contains(&found.as_str()) {
        return Err(Fault::malformed(format!("the statement's type is {found:?}")));
    }
    let found = strict::text(value, "predicateType")?;
    if found != predicate_type {
        let message = format!("the statement is {found:?}, and {predicate_type:?} is expected");
        return Err(Fault::new(FaultKind::BindingMismatch, message));
    }
    let subjects = strict::member(value, "subject").filter(|list| list.kind() == Kind::Array);
    let subjects = subjects.ok_or_else(|| Fault::malformed("the statement has no subjects"))?;
    let mut named = Vec::new();
    for subject in subjects.elements() {
        let digests = strict::object(subject, "digest")?;
        // A subject may have digests of other kinds only: it is not the artifact then.
        let Some(hex) = strict::member(digests, "sha256") else { continue };
        let hex = hex.as_string().unwrap_or_default();
        if artifact.algorithm().as_str() == "sha256" && hex == artifact.hex() {
            return Ok(());
        }
        named.push(hex);
    }
    let first = named.first().map_or("none".to_owned(), |hex| format!("{hex:?}"));
    let message = format!(
        "the statement is not about {artifact}: {} subjects, the first of them {first}",
        named.len()
    );
    Err(Fault::new(FaultKind::BindingMismatch, message))
}
