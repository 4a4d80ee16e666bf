// SPDX-License-Identifier: Apache-2.0
//! The rules from the outside.

mod component;
mod hostile;
mod skill;
mod tree;

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
