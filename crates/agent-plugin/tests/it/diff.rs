// SPDX-License-Identifier: Apache-2.0
//! Tests of the differences between two versions (spec 5.3).

use agent_plugin::Difference;
use agent_plugin::diff::Class;
use serde_json::{Value, json};

use crate::fixture::{inventory, with};

/// The classes of all changes but cosmetic ones.
fn classes(before: &str, after: &str) -> Vec<Class> {
    let difference = Difference::of(&inventory(before), &inventory(after));
    let changes = difference.changes.iter().map(|change| change.class);
    changes.filter(|class| *class != Class::Cosmetic).collect()
}

fn manifest(version: &str) -> String {
    format!("-- .claude-plugin/plugin.json --\n{{\"name\": \"p\", \"version\": \"{version}\"}}\n")
}

fn hook(event: &str, matcher: &str, handler: Value) -> String {
    let hooks = json!({"hooks": {event: [{"matcher": matcher, "hooks": [handler]}]}});
    format!("{}-- hooks/hooks.json --\n{hooks}\n", manifest("1"))
}

fn command(matcher: &str, text: &str) -> String {
    hook("PostToolUse", matcher, json!({"type": "command", "command": text}))
}

fn mcp(server: Value) -> String {
    format!("{}-- .mcp.json --\n{}\n", manifest("1"), json!({"s": server}))
}

#[test]
fn what_was_not_there_is_new_and_what_is_gone_is_removed_s_87() {
    let pairs = [
        command("Edit", "x"),
        mcp(json!({"command": "x"})),
        format!("{}-- bin/a 0755 --\n#!/bin/sh\n", manifest("1")),
        format!(
            "{}-- monitors/monitors.json --\n[{{\"name\": \"a\", \"command\": \"b\", \"description\": \"c\"}}]\n",
            manifest("1")
        ),
        format!("{}-- commands/a.md --\n!`x`\n", manifest("1")),
    ];
    for tree in pairs {
        assert!(classes(&manifest("1"), &tree).contains(&Class::New), "{tree}");
        assert!(classes(&tree, &manifest("1")).contains(&Class::Removed), "{tree}");
        assert_eq!(classes(&tree, &tree), [], "{tree}");
    }
}

#[test]
fn a_hook_is_known_again_s_86() {
    let x = "bash \"${CLAUDE_PLUGIN_ROOT}/x.sh\"";
    assert_eq!(classes(&command("Edit", x), &command("Edit|Write", x)), [Class::Widened]);
    assert_eq!(classes(&command("Edit|Write", x), &command("Edit", x)), [Class::Narrowed]);
    assert_eq!(classes(&command("Edit", x), &command("Ed.*", x)), [Class::Widened]);
    assert_eq!(classes(&command("Ed.*", x), &command("", x)), [Class::Widened]);
    assert_eq!(classes(&command("", x), &command("*", x)), []);
    let handler = json!({"type": "command", "command": x});
    let (stop, tool) = (hook("Stop", "", handler.clone()), hook("PreToolUse", "", handler));
    assert_eq!(classes(&stop, &tool), [Class::Widened]);
    assert_eq!(classes(&tool, &stop), [Class::Narrowed]);
    assert_eq!(
        classes(&command("Edit", "echo a"), &command("Edit", "curl b")),
        [Class::Redirected]
    );
    let quoted = command("Edit", "bash ${CLAUDE_PLUGIN_ROOT}/x.sh");
    assert_eq!(classes(&quoted, &command("Edit", x)), []);
}

#[test]
fn pins_s_87() {
    let with = |package: &str| mcp(json!({"command": "npx", "args": ["-y", package]}));
    assert_eq!(classes(&with("a@1.0.0"), &with("a@latest")), [Class::Widened]);
    assert_eq!(classes(&with("a@latest"), &with("a@1.0.0")), [Class::Narrowed]);
    assert_eq!(classes(&with("a@1.0.0"), &with("a@1.0.1")), [Class::Redirected]);
    assert_eq!(classes(&with("a@1.0.0"), &with("b@1.0.0")), [Class::Redirected]);
}

#[test]
fn servers_s_87() {
    let remote = |url: &str| mcp(json!({"type": "http", "url": url}));
    assert_eq!(
        classes(&remote("https://a.example"), &remote("https://b.example")),
        [Class::Redirected]
    );
    assert_eq!(
        classes(&remote("https://a.example"), &remote("http://a.example")),
        [Class::Widened]
    );
    assert_eq!(
        classes(&remote("http://a.example"), &remote("https://a.example")),
        [Class::Narrowed]
    );
    let bare = json!({"command": "x"});
    let more = json!({"command": "x", "env": {"A": "${TOKEN}"}});
    assert_eq!(classes(&mcp(bare.clone()), &mcp(more)), [Class::Widened, Class::Widened]);
    let dropped = json!({"url": "https://a.example"});
    assert_eq!(classes(&mcp(dropped), &remote("https://a.example")), [Class::New]);
    assert_eq!(classes(&mcp(bare), &remote("https://a.example")), [Class::Redirected]);
}

#[test]
fn grants_s_87() {
    let tree = |tools: &str| {
        format!("{}-- commands/a.md --\n---\nallowed-tools: {tools}\n---\n", manifest("1"))
    };
    assert_eq!(classes(&tree("Bash(git *)"), &tree("Bash")), [Class::Widened]);
    assert_eq!(classes(&tree("Read"), &tree("Read, Write")), [Class::Widened]);
    assert_eq!(classes(&tree("Read, Write"), &tree("Read")), [Class::Narrowed]);
}

#[test]
fn code_is_told_with_whether_it_is_named_s_87() {
    let tree = |body: &str, mode: &str| {
        command("Edit", "bash \"${CLAUDE_PLUGIN_ROOT}/x.sh\"")
            + &format!("-- x.sh{mode} --\n#!/bin/sh\n{body}\n")
    };
    let difference = Difference::of(&inventory(&tree("a", "")), &inventory(&tree("b", "")));
    assert_eq!(difference.changes.len(), 1);
    assert_eq!(difference.changes[0].class, Class::Code);
    assert_eq!(difference.changes[0].what, "other content, which a configuration file runs");
    assert!(!difference.needs_acceptance && difference.same_version_changed);
    assert_eq!(classes(&tree("a", ""), &tree("a", " 0755")), [Class::Code]);
    let lib = |path: &str| format!("{}-- {path} --\nx\n", manifest("1"));
    assert_eq!(classes(&lib("a.py"), &lib("b.py")), [], "moved");
}

#[test]
fn the_version_is_not_trusted_s_88() {
    let tree = |version: &str, text: &str| manifest(version) + &format!("-- x.py --\n{text}\n");
    let same = |a: &str, b: &str| Difference::of(&inventory(a), &inventory(b)).same_version_changed;
    assert!(same(&tree("1", "a"), &tree("1", "b")));
    assert!(!same(&tree("1", "a"), &tree("2", "b")));
    assert!(!same(&tree("1", "a"), &tree("1", "a")));
}

#[test]
fn context7_became_remote_s_89() {
    let before = mcp(json!({"command": "npx", "args": ["-y", "@upstash/context7-mcp"]}));
    let after = mcp(json!({"type": "http", "url": "https://mcp.context7.com/mcp"}));
    let difference = Difference::of(&inventory(&before), &inventory(&after));
    assert_eq!(difference.worst(), Some(Class::Redirected));
    let text = difference.render();
    assert!(text.contains("- npx -y @upstash/context7-mcp"), "{text}");
    assert!(text.contains("+ https://mcp.context7.com/mcp"), "{text}");
}

#[test]
fn telegram_changed_the_script_behind_its_server_s_89() {
    let tree = |script: &str, tools: &str, server: &str| {
        format!(
            "{}-- package.json --\n{}\n-- bun.lock --\n{{}}\n-- server.ts --\n{server}\n\
             -- commands/configure.md --\n---\nallowed-tools: {tools}\n---\n",
            mcp(
                json!({"command": "bun", "args": ["run", "--cwd", "${CLAUDE_PLUGIN_ROOT}", "start"]})
            ),
            json!({"scripts": {"start": script}})
        )
    };
    let before = tree("bun server.ts", "Read", "1");
    let after = tree("bun install && bun server.ts", "Read, Bash(echo *), Bash(chmod *)", "2");
    let classes = classes(&before, &after);
    assert_eq!(classes.iter().filter(|class| **class == Class::Widened).count(), 2, "{classes:?}");
    for class in [Class::Redirected, Class::Code] {
        assert!(classes.contains(&class), "{classes:?}");
    }
}

#[test]
fn protect_mcp_began_to_load_s_89() {
    let before = format!(
        "{}-- hooks/hooks.json --\n{}\n",
        manifest("1"),
        json!({"hooks": {"PreToolUse": [{"matcher": "*", "hook": {"type": "command", "command": "npx protect@latest"}}]}})
    );
    let after = hook("PreToolUse", "*", json!({"type": "command", "command": "npx protect@1.2.3"}));
    assert_eq!(classes(&before, &after), [Class::New]);
}

#[test]
fn other_hosts_cannot_be_compared_s_90() {
    let other = manifest("1") + "-- .codex-plugin/plugin.json --\n{}\n";
    let difference = Difference::of(&inventory(&manifest("1")), &inventory(&other));
    assert!(!difference.comparable);
    assert!(difference.render().contains("not the same kind of thing"));
}

#[test]
fn a_difference_cannot_forge_lines_s_83() {
    let after = command("A\nREMOVED", "x\n\u{1b}[2Jy");
    let text = Difference::of(&inventory(&manifest("1")), &inventory(&after)).render();
    assert!(
        text.lines().all(|line| line.starts_with("  ") || line.starts_with(['N', '!'])),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn a_changed_hook_is_named_in_words_and_only_changed_lines_are_shown_s_87() {
    let tree = |prompt: &str| {
        let hooks = serde_json::json!({"hooks": {"PreToolUse": [{"matcher": "Bash",
            "hooks": [{"type": "prompt", "prompt": prompt}]}]}});
        inventory(&format!("-- hooks/hooks.json --\n{hooks}\n"))
    };
    let found = Difference::of(&tree("one\ntwo\nthree"), &tree("one\n2\nthree"));
    let text = found.render();
    assert!(text.contains("before every Bash") && !text.contains("\\u{a}"), "{text}");
    assert!(text.contains("- two") && text.contains("+ 2") && !text.contains("three"), "{text}");
}

#[test]
fn limits_that_go_and_data_that_is_given_are_told_s_87() {
    let skill = |lines: &str| {
        let text = format!("---\nname: s\ndescription: d\n{lines}---\nx\n");
        with("skills/s/SKILL.md", &text)
    };
    let hook = |input: &str| {
        let handler = format!(r#"{{"type":"mcp_tool","server":"a","tool":"b","input":{input}}}"#);
        let text = format!(r#"{{"hooks":{{"Stop":[{{"hooks":[{handler}]}}]}}}}"#);
        with("hooks/hooks.json", &text)
    };
    let server = |options: &str| {
        let text = format!(
            r#"{{"a":{{"command":"x","extensionToLanguage":{{".x":"x"}},"settings":{options}}}}}"#
        );
        with(".lsp.json", &text)
    };
    for (before, after, class) in [
        (skill("disallowed-tools: Bash\n"), skill(""), Class::Widened),
        (skill(""), skill("disallowed-tools: Bash\n"), Class::Narrowed),
        (skill("disable-model-invocation: true\n"), skill(""), Class::Widened),
        (skill(""), skill("disable-model-invocation: true\n"), Class::Narrowed),
        (hook(r#"{"x":1}"#), hook(r#"{"x":2}"#), Class::Redirected),
        (server(r#"{"run":"a"}"#), server(r#"{"run":"b"}"#), Class::Redirected),
    ] {
        assert_eq!(Difference::of(&before, &after).worst(), Some(class));
        assert_eq!(Difference::of(&after, &after).worst(), None);
    }
}
