// SPDX-License-Identifier: Apache-2.0
//! The skills' packager from the outside, against the reference's results.

mod metadata;
mod registry;
mod vectors;
mod validate;
mod verify;
