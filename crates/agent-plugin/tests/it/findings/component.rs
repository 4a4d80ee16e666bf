// SPDX-License-Identifier: Apache-2.0
//! Agents and commands (plugin-surface.md, 6.1).

use agent_plugin::Profile;

use super::told_of;

const AGENT: &str = "agents/x.md";
const COMMAND: &str = "commands/x.md";

fn told(path: &str, text: &str) -> Vec<String> {
    let report = told_of(path, text.as_bytes(), Profile::Claude);
    report.findings.iter().map(|f| format!("{} {}", f.severity.as_str(), f.code())).collect()
}

#[test]
fn no_frontmatter_and_frontmatter_yaml() {
    for kind in [AGENT, COMMAND] {
        assert_eq!(told(kind, "Do it.\n"), ["warning no-frontmatter"]);
        assert_eq!(
            told(kind, "---\ndescription: when: now\n---\n"),
            ["warning frontmatter-repaired"]
        );
        assert_eq!(told(kind, "---\ndescription: \"a\" b\n---\n"), ["error frontmatter-yaml"]);
        assert_eq!(told(kind, "---\ndescription: Does it.\n---\n"), [""; 0]);
        assert_eq!(
            told(kind, "---\n---\nAn empty frontmatter is one.\n"),
            ["warning description-missing"]
        );
        assert_eq!(told(kind, "../other/x.md"), ["warning link-as-text"]);
    }
}

#[test]
fn agent_field_ignored_s_14() {
    let text =
        "---\nname: x\ndescription: x\ninitialPrompt: go\npermissionMode: plan\nmodel: fast\n---\n";
    assert_eq!(told(AGENT, text), ["warning agent-field-ignored"; 2]);
    assert_eq!(told(COMMAND, text), ["info key-unknown-host"]);
}
