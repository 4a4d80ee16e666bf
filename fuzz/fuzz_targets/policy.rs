// SPDX-License-Identifier: Apache-2.0
//! `fuzz_targets::policy`, under libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz_targets::policy::run(input));
