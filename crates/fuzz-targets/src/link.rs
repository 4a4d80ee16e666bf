// SPDX-License-Identifier: Apache-2.0
//! Any `Link` line: no panic, and what leads on is a part of it.

use oci_registry_http::link::parse;

/// Runs the target on an input.
pub fn run(line: &[u8]) {
    if let Some(target) = parse(line) {
        assert!(!target.contains(&b'>'));
        let plain = [b"<", target, b">; rel=next"].concat();
        assert_eq!(parse(&plain), Some(target));
    }
}
