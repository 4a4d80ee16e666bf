// SPDX-License-Identifier: Apache-2.0
//! Signatures: the bytes, the checks, keys and certificates, and others as peers.

mod support;
mod vectors;
mod negative;
mod keys;
mod peers;
mod policies;
#[cfg(feature = "certificates")]
mod certificates;
#[cfg(feature = "certificates")]
mod untrusted;
#[cfg(feature = "certificates")]
mod curves;
#[cfg(feature = "certificates")]
mod clients;
#[cfg(not(feature = "certificates"))]
mod uncertified;
