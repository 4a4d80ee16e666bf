// SPDX-License-Identifier: Apache-2.0
//! An arbitrary catalogue (S-112): never panics, finds nothing that is no rule, and takes no path that leads
//! out of the catalogue's root.

use agent_plugin::marketplace::check::check;
use agent_plugin::{Findings, Profile};

/// Runs the target on an input.
pub fn run(input: &[u8]) {
    let mut findings = Findings::new(Profile::Claude);
    for local in check(input, "marketplace.json", &mut findings) {
        assert!(!local.directory.starts_with('/'), "{local:?}");
        assert!(local.directory.split('/').all(|part| part != ".."), "{local:?}");
    }
    for finding in &findings.into_report().findings {
        assert!(finding.rule.is_some(), "{finding:?}");
    }
}
