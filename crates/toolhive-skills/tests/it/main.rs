// SPDX-License-Identifier: Apache-2.0
//! The skills' packager from the outside, against the reference's results.

mod metadata;
#[cfg(feature = "registry")]
#[path = "../../../toolhive-plugins/tests/shared/registry.rs"]
mod registry;
#[path = "../../../toolhive-plugins/tests/shared/vectors.rs"]
mod vectors;
mod twin;
mod validate;
mod verify;
