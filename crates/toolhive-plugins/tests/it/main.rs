// SPDX-License-Identifier: Apache-2.0
//! The plugins' packager from the outside, against the reference's results.

mod place;
mod extract;
mod extract_over;
#[cfg(feature = "registry")]
mod migrating;
#[cfg(feature = "registry")]
mod registry;
mod vectors;
mod host_cases;
mod one_answer;
mod validate;
mod verify;
