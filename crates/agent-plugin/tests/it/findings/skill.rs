// SPDX-License-Identifier: Apache-2.0
//! SKILL.md (plugin-surface.md, 6.2): each rule broken, and what looks as if it were.

use agent_plugin::Profile;

use super::told_of;

/// The findings of a bundled skill in a directory `demo`: rule, line and column.
fn told_under(profile: Profile, text: &str) -> Vec<String> {
    let report = told_of("skills/demo/SKILL.md", text.as_bytes(), profile);
    let place = |finding: &agent_plugin::Finding| {
        let position = finding.diagnostic.position;
        let place = position.map_or(String::new(), |at| format!(" {}:{}", at.line, at.column));
        format!("{} {}{place}", finding.severity.as_str(), finding.code())
    };
    report.findings.iter().map(place).collect()
}

fn told(text: &str) -> Vec<String> {
    told_under(Profile::Claude, text)
}

/// A skill with these lines besides its name and description.
fn with(lines: &str) -> String {
    format!("---\nname: demo\ndescription: What it is for.\n{lines}---\n# Demo\n")
}

#[test]
fn a_good_skill_has_no_findings() {
    for profile in [Profile::Claude, Profile::Toolhive, Profile::Agentskills] {
        let more = "license: MIT\nmetadata:\n  author: me\nallowed-tools: Read Bash(git add:*)\n";
        assert_eq!(told_under(profile, &with(more)), [""; 0]);
    }
    let host = "argument-hint: \"[x]\"\nuser-invocable: yes\nmodel: fast\ncontext: fork\n";
    assert_eq!(told(&with(host)), [""; 0]);
    // Line ends of Windows, a longer closing line, blanks after it.
    assert_eq!(told("---\r\nname: demo\r\ndescription: x\r\n---  \r\nText\r\n"), [""; 0]);
}

#[test]
fn no_frontmatter() {
    assert_eq!(told("# Demo\n"), ["warning no-frontmatter 1:1"]);
    assert_eq!(told_under(Profile::Toolhive, "# Demo\n"), ["error no-frontmatter 1:1"]);
    assert_eq!(told(""), ["warning no-frontmatter 1:1"]);
}

#[test]
fn link_as_text_s_9() {
    assert_eq!(told("../../other/SKILL.md"), ["warning link-as-text 1:1"]);
}

#[test]
fn bom_is_passed_over_and_told() {
    assert_eq!(told(&format!("\u{feff}{}", with(""))), ["info bom 1:1"]);
}

#[test]
fn frontmatter_yaml() {
    let text = "---\nname: demo\ndescription: Use when: it rains\n---\n";
    // The host reads it (S-105), others do not.
    assert_eq!(told(text), ["warning frontmatter-repaired 3:22"]);
    for profile in [Profile::Toolhive, Profile::Agentskills] {
        assert_eq!(told_under(profile, text)[0], "error frontmatter-repaired 3:22");
    }
    let unread = "---\nname: demo\ndescription: \"Use\" it\n---\n";
    assert_eq!(told(unread), ["error frontmatter-yaml 3:20"]);
    assert_eq!(told("---\n- a\n---\n")[0], "error frontmatter-yaml 2:1");
    assert_eq!(told("---\nname: demo\n"), ["warning frontmatter-unclosed 1:1"]);
}

#[test]
fn frontmatter_cut() {
    let text = "---\nname: demo\ndescription: a --- b\n---\n";
    assert_eq!(told(text), ["warning frontmatter-cut 3:16"]);
}

#[test]
fn frontmatter_duplicate_alias_and_merge() {
    assert_eq!(told(&with("license: a\nlicense: b\n")), ["warning frontmatter-duplicate 5:1"]);
    assert_eq!(told(&with("license: a\n<<: text\n")), ["warning frontmatter-merge 5:5"]);
    // Twice the same key is no reason to be silent about another.
    let more = told(&with("license: a\nlicense: b\ncompatibility: [x]\n"));
    assert_eq!(more, ["warning frontmatter-duplicate 5:1", "warning compatibility 6:1"]);
}

#[test]
fn frontmatter_too_large() {
    let text = format!("---\nname: demo\ndescription: x\n# {}\n---\n", "x".repeat(70_000));
    assert_eq!(told(&text), ["warning frontmatter-too-large 1:1"]);
}

#[test]
fn name_missing() {
    let text = "---\ndescription: x\n---\n";
    assert_eq!(told(text), ["warning skill-name-missing 1:1"]);
    assert_eq!(told_under(Profile::Agentskills, text), ["error skill-name-missing 1:1"]);
    assert_eq!(told("---\nname:\ndescription: x\n---\n"), ["warning skill-name-missing 1:1"]);
    assert_eq!(
        told("---\nname: [demo]\ndescription: x\n---\n"),
        ["warning skill-name-missing 1:1", "error frontmatter-field 2:1"]
    );
}

#[test]
fn skill_name_and_skill_name_dir() {
    let named = |name: &str| format!("---\nname: {name}\ndescription: x\n---\n");
    let both = ["warning skill-name 2:7", "warning skill-name-dir 2:7"];
    for name in ["Demo", "de mo", "de_mo", "-demo", "demo-", "de--mo", "démo", &"d".repeat(65)] {
        assert_eq!(told(&named(name)), both, "{name}");
    }
    assert_eq!(told(&named("other")), ["warning skill-name-dir 2:7"]);
    assert_eq!(told_under(Profile::Toolhive, &named("other")), ["error skill-name-dir 2:7"]);
    assert_eq!(told(&named(&"d".repeat(64))), ["warning skill-name-dir 2:7"]);
    // One letter is too short for ToolHive alone.
    assert_eq!(told_under(Profile::Agentskills, &named("d")), ["error skill-name-dir 2:7"]);
    let toolhive = ["error skill-name 2:7", "error skill-name-dir 2:7"];
    assert_eq!(told_under(Profile::Toolhive, &named("d")), toolhive);
}

#[test]
fn skill_name_vendor() {
    let text = "---\nname: claude-helper\ndescription: x\n---\n";
    assert!(told(text).contains(&"info skill-name-vendor 2:7".to_owned()));
}

#[test]
fn description_missing_long_and_cut() {
    let described = |text: &str| format!("---\nname: demo\ndescription: {text}\n---\n");
    for none in ["", "''", "~", "\" \""] {
        assert_eq!(told(&described(none)), ["warning description-missing 1:1"], "{none:?}");
    }
    assert_eq!(told(&described(&"x".repeat(1_024))), [""; 0]);
    assert_eq!(told(&described(&"x".repeat(1_025))), ["warning description-long 3:1"]);
    // ToolHive counts bytes.
    let umlauts = described(&"ä".repeat(600));
    assert_eq!(told(&umlauts), [""; 0]);
    assert_eq!(told_under(Profile::Toolhive, &umlauts), ["error description-long 3:1"]);
    let more =
        format!("---\nname: demo\ndescription: {0}\nwhen_to_use: {0}\n---\n", "x".repeat(800));
    assert_eq!(told(&more), ["info description-cut 3:1"]);
}

#[test]
fn compatibility() {
    assert_eq!(told(&with("compatibility: needs git\n")), [""; 0]);
    assert_eq!(told(&with("compatibility:\n  os: linux\n")), ["warning compatibility 4:1"]);
    let long = format!("compatibility: {}\n", "x".repeat(501));
    assert_eq!(told(&with(&long)), ["warning compatibility 4:1"]);
    assert_eq!(told_under(Profile::Toolhive, &with(&long)), ["error compatibility 4:1"]);
}

#[test]
fn metadata_map_and_metadata_flat() {
    assert_eq!(told(&with("metadata:\n")), [""; 0]);
    assert_eq!(told(&with("metadata: text\n")), ["warning metadata-map 4:1"]);
    let nested = "metadata:\n  a: 1\n  b:\n    c: d\n  e: [f]\n";
    assert_eq!(told(&with(nested)), ["warning metadata-flat 6:3"]);
}

#[test]
fn allowed_tools_comma() {
    assert_eq!(told(&with("allowed-tools: Read, Write\n")), ["info allowed-tools-comma 4:16"]);
    assert_eq!(told(&with("allowed-tools: Bash(a, b) Read\n")), [""; 0]);
    assert_eq!(told(&with("allowed-tools:\n  - Read\n  - Write\n")), [""; 0]);
    assert_eq!(told(&with("allowed-tools:\n")), [""; 0]);
}

#[test]
fn key_unknown_and_key_misspelt() {
    let unknown = with("risk: low\nsource: x\n");
    assert_eq!(told(&unknown), ["info key-unknown-host 4:1"]);
    let misspelt = with("user-invokable: true\nallowed_tools: Read\n");
    assert_eq!(told(&misspelt), ["warning key-misspelt 4:1", "warning key-misspelt 5:1"]);
    // What is there is not what was meant by its neighbour.
    assert_eq!(told(&with("names: x\n")), ["info key-unknown-host 4:1"]);
    let strict = told_under(Profile::Agentskills, &with("model: x\n"));
    assert_eq!(strict, ["error key-unknown-agentskills 4:1"]);
}

#[test]
fn hooks_in_skill_and_hooks_shape_s_23() {
    let good = "hooks:\n  Stop:\n    - hooks:\n        - type: command\n          command: x\n";
    assert_eq!(told(&with(good)), ["warning hooks-in-skill 4:1"]);
    assert_eq!(told(&with("hooks:\n  Stop: run\n")), ["warning hooks-shape 5:3"]);
    assert_eq!(told(&with("hooks: run\n")), ["warning hooks-shape 4:1"]);
}

#[test]
fn skill_lines() {
    let body = |lines: usize| with("") + &"x\n".repeat(lines);
    assert_eq!(told(&body(495)), [""; 0]);
    assert_eq!(told(&body(496)), ["warning skill-lines"]);
    // A last line without an end counts.
    assert_eq!(told(&(body(495) + "x")), ["warning skill-lines"]);
}

#[test]
fn text_unseen_s_73() {
    let text = with("") + "a\u{202e}b\n";
    assert_eq!(told(&text), ["warning text-unseen 6:2"]);
    assert_eq!(told(&(with("") + "👩\u{200d}💻 نمی\u{200c}خواهم\n")), [""; 0]);
}
