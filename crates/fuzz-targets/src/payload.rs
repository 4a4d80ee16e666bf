// SPDX-License-Identifier: Apache-2.0
//! Any payload of simple signing: no panic, and the artifact that it names is the one that is written
//! when it is written again (SIG-12, SIG-15).

use std::collections::BTreeMap;

use signatures::payload::{artifact, write};

/// Runs the target on an input.
pub fn run(input: &[u8]) {
    let Ok(named) = artifact(input) else { return };
    assert!(input.len() <= 1 << 20);
    let again = write("registry.example/me/demo", &named, &BTreeMap::new());
    assert_eq!(artifact(&again), Ok(named));
}
