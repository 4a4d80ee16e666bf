// SPDX-License-Identifier: Apache-2.0
//! Any `WWW-Authenticate` fields, one a line: no panic, bounded, and a challenge that is read is read again from
//! what it says; scopes stay what they are.

use oci_registry_http::auth::challenge::{Scheme, parse};
use oci_registry_http::auth::scope::Scopes;

/// Runs the target on an input.
pub fn run(input: &[u8]) {
    let challenges = parse(input.split(|byte| *byte == b'\n'));
    assert!(challenges.len() <= 16);
    for challenge in challenges {
        let Some(realm) = challenge.parameter("realm") else { continue };
        let scheme = match challenge.scheme {
            Scheme::Basic => "Basic",
            Scheme::Bearer => "Bearer",
        };
        let escaped = realm.replace('\\', "\\\\").replace('"', "\\\"");
        if escaped.len() < 8_000 {
            let line = format!("{scheme} realm=\"{escaped}\"");
            let again = parse([line.as_bytes()]);
            assert_eq!(again.len(), 1);
            assert_eq!(again[0].parameter("realm"), Some(realm));
        }
        if let Some(text) = challenge.parameter("scope") {
            let scopes = Scopes::parse(text);
            let texts: Vec<String> = scopes.texts().collect();
            assert!(scopes.covers(&scopes) && scopes.covers(&Scopes::parse(&texts.join(" "))));
        }
    }
}
