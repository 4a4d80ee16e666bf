// SPDX-License-Identifier: Apache-2.0
//! `fuzz_targets::sig_manifest`, under libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz_targets::sig_manifest::run(input));
