// SPDX-License-Identifier: Apache-2.0
//! Tests with hostile texts: checking ends, and every position that it reports lies in the text.

use agent_plugin::Profile;
use proptest::prelude::*;

use super::told_of;

fn checked(text: &[u8]) {
    for profile in [Profile::Claude, Profile::Toolhive, Profile::Agentskills] {
        let lines = 1 + text.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count();
        for path in ["SKILL.md", "skills/x/SKILL.md", "agents/x.md", "commands/x.md"] {
            for finding in told_of(path, text, profile).findings {
                let position = finding.diagnostic.position;
                assert!(position.is_none_or(|position| position.line <= lines));
            }
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
