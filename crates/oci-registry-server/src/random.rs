// SPDX-License-Identifier: Apache-2.0
//! Names that cannot be guessed, from the operating system's random numbers.

use std::fmt::Write as _;

use crate::refusal::Refusal;

/// 256 random bits in hexadecimal.
pub(crate) fn token() -> Result<String, Refusal> {
    let mut bytes = [0; 32];
    fill(&mut bytes)?;
    Ok(hex(&bytes))
}

/// A random UUID (RFC 9562, version 4): an upload's location has one in it (end-4a).
pub(crate) fn uuid() -> Result<String, Refusal> {
    let mut bytes = [0; 16];
    fill(&mut bytes)?;
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let groups = [&bytes[..4], &bytes[4..6], &bytes[6..8], &bytes[8..10], &bytes[10..]];
    Ok(groups.map(hex).join("-"))
}

fn fill(bytes: &mut [u8]) -> Result<(), Refusal> {
    getrandom::fill(bytes).map_err(|error| Refusal::internal(&error))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // A String takes every write.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
