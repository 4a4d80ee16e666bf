// SPDX-License-Identifier: Apache-2.0
//! The manifests, as far as they go into artifacts (format.md, 2 and 3).

pub(crate) mod fields;
pub mod plugin;
pub mod skill;
