// SPDX-License-Identifier: Apache-2.0
//! `fuzz_targets::sigstore_bundle`, under libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz_targets::sigstore_bundle::run(input));
