// SPDX-License-Identifier: Apache-2.0
//! The skills' packager from the outside, against the reference's results.

mod metadata;
#[cfg(feature = "registry")]
mod registry;
mod vectors;
mod validate;
mod verify;
