// SPDX-License-Identifier: Apache-2.0
//! The rules from the outside.

mod component;
mod hostile;
mod skill;
mod tree;

use agent_plugin::{Collector, Findings, Inventory, Limits, Packed, Profile, Report, Root, check};

/// The findings in a plugin with that file alone that are about the file.
fn told_of(path: &str, text: &[u8], profile: Profile) -> Report {
    let mut files = Collector::new(Limits::default());
    let size = text.len() as u64;
    files.file(path.as_bytes(), 0o644, size, Packed::Kept, text).expect("is read");
    let files = files.finish();
    let inventory = Inventory::of(&files, &Root::plugin("demo"));
    let mut findings = Findings::new(profile);
    check::plugin::check(&inventory, &files, None, &mut findings);
    check::warnings::check(&inventory, &files, &mut findings);
    let mut report = findings.into_report();
    report.findings.retain(|finding| finding.path() == Some(path));
    report
}

#[test]
fn every_rule_has_a_line_in_rules_md() {
    let text = include_str!("../../RULES.md");
    let missing: Vec<&str> = agent_plugin::rule::RULES
        .iter()
        .map(|rule| rule.code)
        .filter(|code| !text.contains(&format!("| `{code}` |")))
        .collect();
    assert_eq!(missing, [""; 0]);
    for rule in agent_plugin::rule::RULES.iter().filter(|rule| !rule.hosts.is_empty()) {
        let line = format!("| `{}` | {} |", rule.code, rule.hosts);
        assert!(text.contains(&line), "{line}");
    }
}
