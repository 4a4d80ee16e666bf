// SPDX-License-Identifier: Apache-2.0
//! The faults do what they say, and the dialects speak as real registries do; over real sockets.

// The client of the registry's own tests.
#[expect(dead_code, reason = "these tests need less of it")]
#[path = "../../../oci-registry-server/tests/it/client.rs"]
mod client;
mod faults;
mod dialects;

use oci_registry_faults::{Builder, Running, Server};
