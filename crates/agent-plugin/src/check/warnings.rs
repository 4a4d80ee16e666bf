// SPDX-License-Identifier: Apache-2.0
//! The findings of a tree's inventory, beside what else is found in it.

use crate::finding::{Finding, Findings};
use crate::{Checker, Files, Inventory};

/// Reports the findings of an inventory of these files. A finding that a closer check already made
/// of the same file under the same rule is not repeated.
pub fn check(inventory: &Inventory, files: &Files, findings: &mut Findings) {
    if inventory.limits.truncated {
        findings.truncate();
    }
    let told = findings.told();
    for finding in &inventory.warnings {
        let told_as = |code| told.contains(&(code, finding.path().unwrap_or_default().to_owned()));
        // What the host repairs or refuses, the packaging refused for what it is.
        let refused = match finding.code() {
            "frontmatter-repaired" => told_as("frontmatter-yaml"),
            "frontmatter-field" => told_as("frontmatter-type"),
            _ => false,
        };
        if !refused && !told_as(finding.code()) {
            findings.add(finding.located(files));
        }
    }
}

/// Gives an inventory what was found besides it under the host's profile, so that it says whatever
/// [`check`] would have told; what only others than the host and this project check, is left to them.
pub fn adopt(inventory: &mut Inventory, findings: Findings) {
    let is_ours = |finding: &Finding| {
        let checkers = finding.checkers();
        checkers.contains(&Checker::Claude) || checkers.contains(&Checker::Own)
    };
    let told = findings.told();
    inventory.warnings.retain(|finding| {
        !told.contains(&(finding.code(), finding.path().unwrap_or_default().to_owned()))
    });
    let report = findings.into_report();
    inventory.limits.truncated |= report.is_truncated;
    inventory.add_findings(report.findings.into_iter().filter(is_ours));
}
