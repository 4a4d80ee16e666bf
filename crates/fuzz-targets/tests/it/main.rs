// SPDX-License-Identifier: Apache-2.0
//! What fuzzing found once is tried again by every `cargo test`.

mod replay;
mod json;
