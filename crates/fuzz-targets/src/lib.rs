// SPDX-License-Identifier: Apache-2.0
//! The properties that each parser has for any input: one module a target, each with a function `run` that
//! panics if it does not hold.
//!
//! The workspace `fuzz/` has a binary for each, in which libFuzzer looks for such an input. What it
//! found lies in `fuzz/corpus/TARGET/`, and the tests of this crate run every file of it again: with
//! any compiler, in each `cargo test`.

pub mod reference;
pub mod epoch;
pub mod platform;
pub mod json;
pub mod tar_reader;
pub mod deflate_roundtrip;
pub mod deflate_go127;
pub mod gunzip;
pub mod image_config;
pub mod frontmatter;
pub mod lockfile;
pub mod plugin_json;
pub mod surface;
pub mod bundle;
pub mod catalogue;
pub mod challenge;
pub mod docker_config;
pub mod document;
pub mod link;
pub mod sigstore_bundle;
pub mod sig_manifest;
pub mod payload;
pub mod policy;

/// Returns the part of an input that is text, up to the first byte that is not.
fn text(input: &[u8]) -> &str {
    input.utf8_chunks().next().map_or("", |chunk| chunk.valid())
}
