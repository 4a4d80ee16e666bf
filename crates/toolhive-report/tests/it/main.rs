// SPDX-License-Identifier: Apache-2.0
//! Reports over real trees, and over trees whose every text is hostile.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod browser;
#[path = "../../../agent-plugin/tests/it/fixture.rs"]
#[allow(dead_code, reason = "the surface's own tests use more of it")]
mod fixture;
mod golden;
mod hostile;
