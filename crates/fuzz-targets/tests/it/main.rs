// SPDX-License-Identifier: Apache-2.0
//! Runs every input that fuzzing once found again with each `cargo test`.

mod replay;
mod json;
