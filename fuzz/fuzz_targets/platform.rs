// SPDX-License-Identifier: Apache-2.0
//! Any text: no panic, and a platform that is read is written as it is read again (PF-2).
#![no_main]

use libfuzzer_sys::fuzz_target;
use oci_artifact::platform;

fuzz_target!(|text: &str| {
    if let Ok(read) = platform::parse(text) {
        let again = platform::parse(&platform::to_text(&read));
        assert_eq!(again.expect("was read before"), read);
    }
});
