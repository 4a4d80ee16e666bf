// SPDX-License-Identifier: Apache-2.0
//! Any policy: no panic; what is unknown is refused, and each name has one decision, however it is
//! written (SIG-30, SIG-31).

use signatures::policy::{Decision, Policy};

/// Runs the target on an input.
pub fn run(input: &[u8]) {
    let Ok(policy) = Policy::parse(input) else { return };
    assert!(input.len() <= 1 << 20);
    for (registry, repository) in
        [("ghcr.io", "acme/skills"), ("127.0.0.1:5000", "me/x"), ("index.docker.io", "a/b/c")]
    {
        let plain = policy.decide(registry, repository);
        if let Ok(Decision::Signed { alternatives, .. }) = &plain {
            assert!(!alternatives.is_empty(), "a rule that anybody satisfies");
        }
        assert_eq!(policy.decide(&registry.to_uppercase(), repository), plain);
    }
    assert_eq!(policy.decide("ghcr.io:443", "x"), policy.decide("ghcr.io", "x"));
    assert_eq!(policy.decide("docker.io", "x"), policy.decide("registry-1.docker.io", "x"));
}
