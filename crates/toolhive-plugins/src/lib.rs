// SPDX-License-Identifier: Apache-2.0
//! To come.

pub mod media_types;
pub mod metadata;
pub mod config;
