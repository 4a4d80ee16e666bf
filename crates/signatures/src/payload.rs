// SPDX-License-Identifier: Apache-2.0
//! The payload of simple signing (signatures.md 3.1).

use std::collections::BTreeMap;

use oci_artifact::Digest;
use oci_artifact::digest;
use oci_artifact::json::Writer;

use crate::fault::Fault;
use crate::strict;

/// The type that a payload states.
const TYPE: &str = "cosign container image signature";

/// Writes the payload for an artifact, as ToolHive does; `optional` is written only where there is any.
pub fn write(
    docker_reference: &str,
    artifact: &Digest,
    optional: &BTreeMap<String, String>,
) -> Vec<u8> {
    let mut json = Writer::new();
    json.object(|json| {
        json.key("critical").object(|json| {
            json.key("identity").object(|json| {
                json.key("docker-reference").string(docker_reference);
            });
            json.key("image").object(|json| {
                json.key("docker-manifest-digest").string(artifact.to_string());
            });
            json.key("type").string(TYPE);
        });
        if !optional.is_empty() {
            json.key("optional").texts(optional);
        }
    });
    json.into_bytes()
}

/// Returns the artifact that a payload names. Its `docker-reference` says nothing: anybody may copy an artifact.
///
/// # Errors
/// [`MalformedMaterial`](crate::FaultKind::MalformedMaterial) where it is not such a payload.
pub fn artifact(payload: &[u8]) -> Result<Digest, Fault> {
    let value = strict::read(payload, "the payload")?;
    let critical = strict::object(value, "critical")?;
    let found = strict::text(critical, "type")?;
    // Atomic's own spelling is as old as the format, and every reader takes it.
    if found != TYPE && found != "atomic container signature" {
        return Err(Fault::malformed(format!("the payload's type is {found:?}, not {TYPE:?}")));
    }
    let named = strict::text(strict::object(critical, "image")?, "docker-manifest-digest")?;
    digest::parse(&named).map_err(|_| {
        Fault::malformed(format!("the payload names {named:?}, which is not a digest"))
    })
}
