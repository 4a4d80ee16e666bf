// SPDX-License-Identifier: Apache-2.0
//! The bytes that a DSSE envelope's signature is over (signatures.md 3.3).

/// Returns the pre-authentication encoding: type and payload, each with its length, so that neither can be taken for
/// a part of the other.
pub fn signed_bytes(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}
