// SPDX-License-Identifier: Apache-2.0
//! Tests of the component types and of the places where they may be (spec 1).

use agent_plugin::inventory::{
    BashGrant, Component, ComponentType, Form, Inventory, Severity, What,
};

use crate::fixture::{codes, inventory, with};

/// `name path` of the components of a type that load.
fn loading(inventory: &Inventory, kind: ComponentType) -> Vec<String> {
    let components = inventory.components.iter().filter(|c| c.kind == kind && c.loads.is_ok());
    components.map(|component| format!("{} {}", component.name, component.path)).collect()
}

fn not_loading(inventory: &Inventory) -> Vec<(&str, &'static str)> {
    let components = inventory.components.iter().filter(|component| component.loads.is_err());
    components.map(|c| (c.path.as_str(), c.loads.expect_err("a reason"))).collect()
}

fn manifest(rest: &str) -> String {
    format!("-- .claude-plugin/plugin.json --\n{{\"name\": \"p\", {rest}}}\n")
}

const SKILL: &str = "---\nname: x\ndescription: y\n---\n";

#[test]
fn a_directory_without_a_manifest_is_a_plugin_s_2() {
    let found = with("commands/a.md", "---\ndescription: x\n---\n");
    assert_eq!(found.subject.formats, ["claude-code"]);
    assert_eq!(loading(&found, ComponentType::Command), ["a commands/a.md"]);
    assert_eq!(codes(&found), ["manifest-missing"]);
    assert_eq!(with("README.md", "x").subject.formats, [""; 0]);
}

#[test]
fn the_manifest_names_the_plugin_s_3() {
    assert_eq!(inventory(&manifest("\"version\": \"1\"")).subject.name, "p");
    assert_eq!(with("commands/a.md", "x").subject.name, "demo");
}

#[test]
fn keys_that_readers_disagree_about_are_shown_s_4() {
    let found = inventory(&manifest("\"hooks\": {}, \"Hooks\": {}"));
    assert!(codes(&found).contains(&"json-duplicate-key"));
    let found = with(".mcp.json", "{\"a\": 1,}");
    assert!(codes(&found).contains(&"json-syntax"));
    let found = with(".mcp.json", "\u{feff}{\"a\": {\"command\": \"b\"}}");
    assert!(codes(&found).contains(&"bom") && found.mcp_servers().len() == 1);
}

#[test]
fn unknown_and_ill_typed_fields_s_5() {
    let found = inventory(&manifest("\"category\": \"x\", \"skills\": 7, \"metadata\": []"));
    let severity = |code: &str| -> Vec<Severity> {
        found.warnings.iter().filter(|w| w.code() == code).map(|w| w.severity).collect()
    };
    assert_eq!(severity("unknown-field"), [Severity::Warning]);
    assert_eq!(severity("field-type"), [Severity::Error]);
    assert_eq!(severity("field-ignored"), [Severity::Warning]);
}

#[test]
fn paths_that_are_refused_bring_nothing_that_loads_s_7() {
    let tree = "-- x/a.md --\n---\ndescription: x\n---\n";
    for (path, code) in [
        ("x/a.md", "path-prefix"),
        ("./x/../x/a.md", "path-escape"),
        ("../x/a.md", "path-escape"),
        ("/x/a.md", "path-escape"),
        ("./missing.md", "path-missing"),
        ("./x/*.md", "path-missing"),
        ("./x\\\\a.md", "path-backslash"),
    ] {
        let found = inventory(&(manifest(&format!("\"commands\": [\"{path}\"]")) + tree));
        assert!(codes(&found).contains(&code), "{path}: {:?}", codes(&found));
        assert_eq!(loading(&found, ComponentType::Command), [""; 0], "{path}");
    }
}

#[test]
fn links_are_followed_inside_only_s_8() {
    let found = inventory(
        "-- common/SKILL.md --\n---\nname: linked\n---\n!`pwd`\n-- skills/linked -> ../common --\n\
         -- skills/out -> ../../etc --\n-- skills/abs -> /etc --\n",
    );
    assert_eq!(loading(&found, ComponentType::Skill), ["linked skills/linked/SKILL.md"]);
    assert_eq!(found.runs().len(), 1);
    let escapes = found.warnings.iter().filter(|w| w.code() == "symlink-escape").count();
    assert_eq!(escapes, 2);
}

#[test]
fn a_link_that_was_written_out_as_text_s_9() {
    let found = with("skills/a/SKILL.md", "../../common/SKILL.md");
    assert!(codes(&found).contains(&"link-as-text"));
    assert!(!codes(&found).contains(&"no-frontmatter"));
    let found = with("skills/a/SKILL.md", "See docs/a.md");
    assert!(!codes(&found).contains(&"link-as-text"));
}

#[test]
fn what_is_reached_twice_is_one_s_11() {
    let tree = format!("-- skills/a/SKILL.md --\n{SKILL}-- agents/b.md --\n{SKILL}");
    let found = inventory(
        &(manifest(
            "\"skills\": [\"./skills\", \"./skills/a\"], \"agents\": [\"./agents/b.md\", \"./agents/b.md\"]",
        ) + &tree),
    );
    // A skill that was found and is named has both names, in one file [observed].
    let skills = loading(&found, ComponentType::Skill);
    assert!(skills.iter().all(|skill| skill.ends_with("skills/a/SKILL.md")), "{skills:?}");
    assert!(skills.len() <= 2, "{skills:?}");
    assert_eq!(loading(&found, ComponentType::Agent).len(), 1);
}

#[test]
fn a_default_that_is_replaced_is_shown_s_12() {
    let tree = "-- commands/a.md --\nx\n-- other/b.md --\nx\n";
    let found = inventory(&(manifest("\"commands\": \"./other\"") + tree));
    assert_eq!(loading(&found, ComponentType::Command), ["b other/b.md"]);
    assert_eq!(not_loading(&found), [("commands/a.md", "default-ignored")]);
    let found = inventory(&(manifest("\"commands\": [\"./commands/a.md\"]") + tree));
    assert!(!codes(&found).contains(&"default-ignored"));
}

#[test]
fn names_of_commands_s_13() {
    let found = inventory(
        "-- commands/a/b.md --\nx\n-- commands/c/d/SKILL.md --\nx\n-- commands/README.md --\nx\n",
    );
    assert_eq!(
        loading(&found, ComponentType::Command),
        ["README commands/README.md", "a:b commands/a/b.md", "c:d commands/c/d/SKILL.md"]
    );
    assert!(codes(&found).contains(&"command-readme"));
    assert!(!codes(&found).contains(&"skill-unreached"));
}

#[test]
fn agents_load_even_if_their_frontmatter_is_broken_s_14() {
    let found = inventory(
        "-- agents/team/a.md --\n---\nname: lead\n---\n-- agents/b.md --\n---\nx: y: z\n---\n\
         -- agents/c.md --\n---\ninitialPrompt: go\n---\n",
    );
    assert_eq!(
        loading(&found, ComponentType::Agent),
        ["b agents/b.md", "c agents/c.md", "team:lead agents/team/a.md"]
    );
    let told = codes(&found);
    assert!(told.contains(&"frontmatter-repaired") && told.contains(&"agent-field-ignored"));
    let found = inventory(&(manifest("\"agents\": [\"./agents\"]") + "-- agents/b.md --\nx\n"));
    assert_eq!(not_loading(&found), [("agents/b.md", "agents-dir")]);
}

#[test]
fn skills_are_searched_one_level_deep_s_15() {
    let tree = format!(
        "-- skills/a/SKILL.md --\n---\nname: other\n---\n-- skills/a/in/SKILL.md --\n{SKILL}\
         -- skills/b/c/SKILL.md --\n{SKILL}-- skills/d/skill.md --\n{SKILL}-- SKILL.md --\n{SKILL}"
    );
    let found = inventory(&tree);
    assert_eq!(loading(&found, ComponentType::Skill), ["a skills/a/SKILL.md"]);
    assert_eq!(
        not_loading(&found),
        [("SKILL.md", "skill-unreached"), ("skills/b/c/SKILL.md", "skill-unreached")]
    );
    assert!(codes(&found).contains(&"skill-case") && codes(&found).contains(&"skill-name-dir"));
    let found = with("SKILL.md", SKILL);
    assert_eq!(loading(&found, ComponentType::Skill), ["x SKILL.md"]);
}

#[test]
fn switches_in_any_spelling_s_15() {
    let switch = |text: &str| -> Option<Component> {
        let body = format!("---\nname: a\ndisable-model-invocation: {text}\n---\n");
        with("skills/a/SKILL.md", &body).components.into_iter().next()
    };
    for on in ["true", "Yes", "ON", "1", "\"true\""] {
        assert!(switch(on).expect("a skill").disable_model_invocation, "{on}");
    }
    for off in ["false", "no", "0", "maybe", "[]"] {
        assert!(!switch(off).expect("a skill").disable_model_invocation, "{off}");
    }
}

#[test]
fn two_counts_are_never_mixed_s_18() {
    let tree = "-- hooks/hooks.json --\n{\"hooks\": {\"Stop\": [{\"hooks\": [\
                {\"type\": \"command\", \"command\": \"a\"}, {\"type\": \"command\", \"command\": \"b\"}]}]}}\n";
    let found = inventory(&(manifest("\"hooks\": \"./hooks/hooks.json\", \"skills\": []") + tree));
    assert_eq!(found.counts.get(ComponentType::Hook), 2);
    assert_eq!(found.declared_counts.get("hooks"), Some(&1));
    assert_eq!(found.declared_counts.get("skills"), None);
}

#[test]
fn other_hosts_manifests_are_named_s_19() {
    let found = inventory(
        "-- .codex-plugin/plugin.json --\n{}\n-- gemini-extension.json --\n{}\n-- skills/a/SKILL.md --\nx\n",
    );
    assert_eq!(found.subject.formats, ["claude-code", "codex", "gemini"]);
}

#[test]
fn commands_in_texts_are_runs_s_61() {
    let found = with("commands/a.md", "---\nshell: powershell\n---\nx !`a`\n!`a`\n```!\nb\n```\n");
    let runs: Vec<_> = found
        .runs()
        .into_iter()
        .map(|run| (run.id.as_str(), &run.what, run.declared_in.line))
        .collect();
    assert_eq!(
        runs,
        [
            ("inline/commands/a.md/a/0", &What::Inline(Form::Inline), Some(4)),
            ("inline/commands/a.md/a/1", &What::Inline(Form::Inline), Some(5)),
            ("inline/commands/a.md/b/0", &What::Inline(Form::Fenced), Some(6)),
        ]
    );
    assert!(found.runs().iter().all(|run| run.shell.as_deref() == Some("powershell")));
    // An agent's text is not rendered.
    assert!(with("agents/a.md", "!`a`").runs().is_empty());
}

#[test]
fn grants_s_62() {
    let found = with("commands/a.md", "---\nallowed-tools: Bash(git add:*), Read\n---\n");
    let grants = found.components[0].grants.as_ref().expect("grants");
    assert_eq!(grants.tools, ["Bash(git add:*)", "Read"]);
    assert_eq!(grants.bash, BashGrant::Limited);
    assert!(found.render().contains("MAY RUN WITHOUT ASKING\n  command a  Bash(git add:*), Read"));
}

#[test]
fn text_that_nobody_sees_s_73() {
    for hidden in ["\u{200b}", "\u{202e}", "\u{e0041}", "\u{1}"] {
        let found = with("commands/a.md", &format!("---\na: b\n---\nx{hidden}y"));
        assert!(codes(&found).contains(&"text-unseen"), "{hidden:?}");
    }
    let found = with("commands/a.md", "---\na: b\n---\n👩‍💻 \tgrün\r\n");
    assert!(!codes(&found).contains(&"text-unseen"), "joined emoji are no secret");
}

#[test]
fn html_comments_are_counted_by_component_and_in_all_s_73() {
    let found = inventory(
        "-- commands/a.md --\n---\na: b\n---\nx <!-- 1 --> <!-- 2 -->\n\
         -- agents/b.md --\n---\nname: b\n---\n<!--\n3\n-->\n-- agents/c.md --\n---\nname: c\n---\nx\n",
    );
    let counts: Vec<_> = found.components.iter().map(|component| component.html_comments).collect();
    assert_eq!(counts, [2, 1, 0]);
    assert_eq!(found.behaviour.html_comments, 3);
    assert!(found.render().contains("1 command, 2 agents  3 HTML comments"));
    assert!(found.to_json().contains("\"html_comments\": 3"));
    let none = with("commands/a.md", "---\na: b\n---\nx");
    assert!(!none.to_json().contains("html_comments"));
}

#[test]
fn what_looks_like_a_component_and_is_none_s_76() {
    let found = inventory(
        "-- .claude-plugin/plugin.json --\n{\"name\": \"p\"}\n-- CLAUDE.md --\nx\n\
         -- .claude-plugin/commands/a.md --\nx\n",
    );
    assert_eq!(codes(&found), ["in-dot-claude-plugin", "no-components", "root-claude-md"]);
}

#[test]
fn every_file_that_is_code_s_77() {
    let found = inventory(
        "-- a.py --\nx\n-- b 0755 --\nx\n-- c --\n#!/bin/sh\n-- d.txt --\nx\n-- e.zip --\nPK\u{3}\u{4}\n\
         -- hooks/hooks.json --\n{\"hooks\": {\"Stop\": [{\"hooks\": [{\"type\": \"command\", \
         \"command\": \"jq -f \\\"${CLAUDE_PLUGIN_ROOT}/f.jq\\\"\"}]}]}}\n-- f.jq --\n.\n",
    );
    let paths: Vec<_> = found.executables.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["a.py", "b", "c", "e.zip", "f.jq"]);
    assert_eq!(found.executables[4].used_by, ["hook/Stop///command/jq/0"]);
    assert_eq!(found.executables[2].interpreter.as_deref(), Some("sh"));
}

#[test]
fn the_digests_of_content_and_of_code_s_81() {
    // Made by another program: sha256 of `a\0` + sha256("x\n") + `\n`, and so on.
    let found = inventory("-- a --\nx\n-- b.sh 0755 --\n#!/bin/sh\n");
    assert_eq!(
        found.subject.content_digest,
        "sha256:bcd50be6657abff302eeb6edac302b7a5c303a1b6daa1e0b3ea898a8cde7c86b"
    );
    assert_eq!(
        found.subject.code_digest,
        "sha256:c973aabd4c07713053bb362f605621316416366fb0cc154bbb4e5ac9b61f55e9"
    );
    let same = inventory("-- a --\nx\n-- b.sh --\n#!/bin/sh\n");
    assert_eq!(same.subject.content_digest, found.subject.content_digest, "blind to modes");
    assert_ne!(same.subject.code_digest, found.subject.code_digest);
}
