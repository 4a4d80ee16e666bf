// SPDX-License-Identifier: Apache-2.0
//! Any text: no panic, and a platform that is read is written as it is read again (PF-2).

use oci_artifact::platform;

/// Runs the target on an input.
pub fn run(input: &[u8]) {
    let text = crate::text(input);
    if let Ok(read) = platform::parse(text) {
        let again = platform::parse(&platform::to_text(&read));
        assert_eq!(again.expect("was read before"), read);
    }
}
