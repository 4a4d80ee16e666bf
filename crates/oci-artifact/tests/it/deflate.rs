// SPDX-License-Identifier: Apache-2.0
//! The frozen DEFLATE encoder (deflate.md), against the golden vectors and against the oracle.

mod tokens;
mod rules;
mod vectors;
mod streams;
mod differential;
mod parallel;
