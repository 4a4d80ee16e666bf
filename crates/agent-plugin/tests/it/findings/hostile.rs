// SPDX-License-Identifier: Apache-2.0
//! Whatever a text holds, checking it ends, and every place it tells is in it.

use agent_plugin::check::component::{self, ComponentKind};
use agent_plugin::check::skill_md::{self, SkillFile};
use agent_plugin::{Findings, Profile};
use proptest::prelude::*;

fn checked(text: &[u8]) {
    for profile in [Profile::Claude, Profile::Toolhive, Profile::Agentskills] {
        let mut findings = Findings::new(profile);
        skill_md::check(&SkillFile::alone("SKILL.md", text, Some("x")), &mut findings);
        skill_md::check(&SkillFile::bundled("SKILL.md", text, None), &mut findings);
        component::check(ComponentKind::Agent, "a.md", text, &mut findings);
        let lines = 1 + text.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count();
        for finding in findings.into_report().findings {
            let position = finding.diagnostic.position;
            assert!(position.is_none_or(|position| position.line <= lines));
        }
    }
}

proptest! {
    #[test]
    fn any_bytes(text in proptest::collection::vec(any::<u8>(), 0..400)) {
        checked(&text);
    }

    #[test]
    fn any_frontmatter(lines in proptest::collection::vec("[ -~é\u{202e}]{0,30}", 0..12)) {
        checked(format!("---\n{}\n---\n", lines.join("\n")).as_bytes());
    }

    #[test]
    fn any_values_of_known_keys(
        key in "name|description|compatibility|metadata|allowed-tools|hooks|<<",
        value in "[ -~]{0,40}|\n  - [a-z: ]{0,20}|\n  [a-z]{1,5}: [ -~]{0,20}|&a \\*a",
    ) {
        checked(format!("---\n{key}: {value}\n---\n").as_bytes());
    }
}

#[test]
fn deep_and_long_texts_end() {
    checked(format!("---\na: {}\n---\n", "[".repeat(30_000)).as_bytes());
    checked(format!("---\nname: {}\n---\n", "x".repeat(60_000)).as_bytes());
    checked("\u{202e}".repeat(100_000).as_bytes());
    checked(&[0; 100_000]);
}
