// SPDX-License-Identifier: Apache-2.0
//! The skills' packager from the outside, against the reference's results.

mod metadata;
#[cfg(feature = "registry")]
#[path = "../../../toolhive-plugins/tests/both/registry.rs"]
mod registry;
#[path = "../../../toolhive-plugins/tests/both/vectors.rs"]
mod vectors;
mod twin;
mod validate;
mod verify;
