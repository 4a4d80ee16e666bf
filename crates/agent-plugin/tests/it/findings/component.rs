// SPDX-License-Identifier: Apache-2.0
//! Agents and commands (plugin-surface.md, 6.1).

use agent_plugin::check::component::{ComponentKind, check};
use agent_plugin::{Findings, Profile};

fn told(kind: ComponentKind, text: &str) -> Vec<String> {
    let mut findings = Findings::new(Profile::Claude);
    check(kind, "x.md", text.as_bytes(), &mut findings);
    let report = findings.into_report();
    report.findings.iter().map(|f| format!("{} {}", f.severity.as_str(), f.code())).collect()
}

#[test]
fn no_frontmatter_and_frontmatter_yaml() {
    for kind in [ComponentKind::Agent, ComponentKind::Command] {
        assert_eq!(told(kind, "Do it.\n"), ["warning no-frontmatter"]);
        assert_eq!(
            told(kind, "---\ndescription: when: now\n---\n"),
            ["warning frontmatter-repaired"]
        );
        assert_eq!(told(kind, "---\ndescription: \"a\" b\n---\n"), ["error frontmatter-yaml"]);
        assert_eq!(told(kind, "---\ndescription: Does it.\n---\n"), [""; 0]);
        assert_eq!(told(kind, "---\n---\nAn empty frontmatter is one.\n"), [""; 0]);
        assert_eq!(told(kind, "../other/x.md"), ["warning link-as-text"]);
    }
}

#[test]
fn agent_field_ignored_s_14() {
    let text = "---\nname: x\ninitialPrompt: go\npermissionMode: plan\nmodel: fast\n---\n";
    assert_eq!(told(ComponentKind::Agent, text), ["warning agent-field-ignored"; 2]);
    assert_eq!(told(ComponentKind::Command, text), ["info key-unknown-host"]);
}
