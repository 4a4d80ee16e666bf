// SPDX-License-Identifier: Apache-2.0
//! Signatures with keys: the bytes, the checks, the keys, and OpenSSL as a peer.

mod support;
mod vectors;
mod negative;
mod keys;
mod peers;
mod policies;
mod certificates;
mod untrusted;
mod clients;
