// SPDX-License-Identifier: Apache-2.0
//! Names and keys that cannot be guessed, from the operating system's random numbers.

use oci_artifact::digest::hex;
use oci_artifact::{Error, ErrorKind};

use crate::refusal::Refusal;

/// Random bytes for a key.
///
/// # Errors
/// [`ErrorKind::Io`] if the system has none.
pub(crate) fn key() -> Result<[u8; 32], Error> {
    bytes().map_err(|error| {
        let cause = std::io::Error::other(error.to_string());
        Error::new(ErrorKind::Io, "the system gives no random numbers").caused_by(cause)
    })
}

/// 128 random bits in hexadecimal.
pub(crate) fn nonce() -> Result<String, Refusal> {
    Ok(hex(&bytes::<16>().map_err(|error| Refusal::internal(&error))?))
}

/// Returns a random UUID (RFC 9562, version 4): an upload's location has one in it (end-4a).
pub(crate) fn uuid() -> Result<String, Refusal> {
    let mut bytes = bytes::<16>().map_err(|error| Refusal::internal(&error))?;
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let groups = [&bytes[..4], &bytes[4..6], &bytes[6..8], &bytes[8..10], &bytes[10..]];
    Ok(groups.map(hex).join("-"))
}

fn bytes<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
