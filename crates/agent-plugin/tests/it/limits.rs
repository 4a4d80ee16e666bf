// SPDX-License-Identifier: Apache-2.0
//! Tests that whatever is too large, too deep or too many is named, and that nothing panics (S-82).

use std::io::Read;

use agent_plugin::{Collector, Difference, Files, Inventory, Limits, Packed, Root};
use proptest::prelude::*;

use crate::fixture::with;

fn of(files: &[(&str, &[u8])]) -> Inventory {
    let mut collector = Collector::new(Limits::default());
    for (path, content) in files {
        let size = content.len() as u64;
        collector.file(path.as_bytes(), 0o644, size, Packed::Kept, *content).expect("memory");
    }
    Inventory::of(&collector.finish(), &Root::plugin("p"))
}

#[test]
fn what_is_too_large_is_named_s_82() {
    let large = format!("{{\"mcpServers\": {{}}, \"x\": \"{}\"}}", "x".repeat(1 << 20));
    let found = with(".mcp.json", &large);
    assert!(found.limits.truncated);
    assert_eq!(found.limits.unread, [".mcp.json"]);
    assert!(found.render().contains("NOT READ"));
}

#[test]
fn what_is_too_deep_is_named_s_82() {
    let deep = "{\"a\":".repeat(100) + "1" + &"}".repeat(100);
    for path in [".mcp.json", "hooks/hooks.json", ".claude-plugin/plugin.json", ".lsp.json"] {
        let found = with(path, &deep);
        assert_eq!(found.limits.unread, [path]);
    }
    let yaml = format!("---\na: {}{}\n---\n", "[".repeat(5_000), "]".repeat(5_000));
    with("skills/a/SKILL.md", &yaml);
}

#[test]
fn a_huge_file_of_hooks_is_bounded_s_82() {
    let handlers = r#"{"type":"command","command":"x"},"#.repeat(30_000);
    let text =
        format!(r#"{{"hooks": {{"Stop": [{{"hooks": [{}]}}]}}}}"#, handlers.trim_end_matches(','));
    let found = with("hooks/hooks.json", &text);
    assert_eq!(found.hooks().len(), 5_000);
    assert!(found.limits.truncated && found.limits.unread.contains(&"(hooks)".to_owned()));
    found.render();
}

#[test]
fn too_many_entries_are_not_taken_s_82() {
    let mut collector = Collector::new(Limits::default());
    for number in 0..20_100 {
        let path = format!("f{number}");
        collector.file(path.as_bytes(), 0o644, 0, Packed::Kept, std::io::empty()).expect("memory");
    }
    let found = Inventory::of(&collector.finish(), &Root::plugin("p"));
    assert_eq!(found.limits.unread, ["(entries)"]);
}

#[test]
fn a_long_command_is_shown_whole_s_82() {
    let command = format!("echo {}; npx x", "y".repeat(100_000));
    let hooks = serde_json::json!({"hooks": {"Stop": [{"hooks": [{"type": "command", "command": command}]}]}});
    let found = with("hooks/hooks.json", &hooks.to_string());
    assert_eq!(found.hooks()[0].command.as_deref().map(str::len), Some(command.len()));
    let shown: usize = found.render().matches('y').count();
    assert!(shown >= 100_000);
    assert!(found.limits.truncated, "its end was not analysed");
}

#[test]
fn what_is_not_utf_8_is_no_panic() {
    let bytes = b"\xff\xfe---\nname: \x80\n---\n!`\xf0\x28`";
    let found = of(&[
        ("skills/a/SKILL.md", bytes),
        ("commands/\u{fffd}.md", bytes),
        (".mcp.json", b"{\"a\xff\": {\"command\": \"\xfe\"}}"),
    ]);
    found.to_json();
    found.render();
}

#[test]
fn aliases_that_would_repeat_without_end_do_not() {
    let mut yaml = String::from("---\na0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..30 {
        let list = vec![format!("*a{}", level - 1); 9].join(", ");
        yaml.push_str(&format!("a{level}: &a{level} [{list}]\n"));
    }
    yaml.push_str("---\n");
    with("skills/a/SKILL.md", &yaml);
}

#[test]
fn aliases_of_a_long_text_do_not_multiply_it_s_82() {
    let aliases = vec!["*a"; 9_000].join(",");
    let text = format!("---\nname: x\na: &a {}\nb: [{aliases}]\n---\n", "y".repeat(30_000));
    let found = with("skills/a/SKILL.md", &text);
    let told = found.warnings.iter().find(|warning| warning.code() == "frontmatter-alias");
    assert!(told.expect("it is said").message().contains("aliases"));
}

#[test]
fn a_long_name_is_not_told_with_each_of_many_items_s_82() {
    let long = "x".repeat(100_000);
    let hooks = r#"{"type":"command","command":"x"},"#.repeat(5_000);
    let hooks = format!(
        r#"{{"hooks": {{"PreToolUse": [{{"matcher": "{long}", "hooks": [{}]}}]}}}}"#,
        hooks.trim_end_matches(',')
    );
    let secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    let env: Vec<String> = (0..5_000).map(|n| format!(r#""TOKEN_{n}": "{secret}""#)).collect();
    let server = format!(
        r#"{{"mcpServers": {{"{long}": {{"command": "x", "env": {{{}}}}}}}}}"#,
        env.join(",")
    );
    for (path, text) in [("hooks/hooks.json", hooks), (".mcp.json", server)] {
        let found = with(path, &text);
        assert!(found.limits.truncated, "{path}");
        assert!(found.hooks().len() + found.warnings.len() < 1_000, "{path}");
        assert!(found.to_json().len() < 200 << 20, "{path}");
    }
}

#[test]
fn a_place_that_is_named_again_and_again_is_looked_at_once_s_82() {
    let many = |path: &str| vec![format!("{path:?}"); 50_000].join(",");
    let large = format!("{{\"x\": \"{}\"}}", "x".repeat(1 << 19));
    let texts: Vec<String> = (0..2_000).map(|number| format!("c/{number}.md")).collect();
    for (field, path) in [
        ("mcpServers", "./x.json"),
        ("lspServers", "./x.json"),
        ("monitors", "./x.json"),
        ("hooks", "./x.json"),
        ("commands", "./c"),
        ("agents", "./c"),
        ("outputStyles", "./c"),
        ("skills", "./c"),
    ] {
        let manifest = format!(r#"{{"name": "x", "{field}": [{}]}}"#, many(path));
        let mut files =
            vec![(".claude-plugin/plugin.json", manifest.as_bytes()), ("x.json", large.as_bytes())];
        files.extend(texts.iter().map(|path| (path.as_str(), &b"---\nname: x\n---\n"[..])));
        let found = of(&files);
        assert!(found.components.len() <= 2_000, "{field}");
    }
}

#[test]
fn a_layer_is_read_in_bounded_memory() {
    // Larger than all that may be kept; what is kept is no more than the limits say.
    struct Endless(u64);
    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let size = buffer.len().min(usize::try_from(self.0).unwrap_or(usize::MAX));
            buffer[..size].fill(b'x');
            self.0 -= size as u64;
            Ok(size)
        }
    }
    let mut collector = Collector::new(Limits::default());
    for number in 0..40_u64 {
        let path = format!("skills/s{number}/SKILL.md");
        let size = 2 << 20;
        collector.file(path.as_bytes(), 0o644, size, Packed::Kept, Endless(size)).expect("memory");
    }
    let files: Files = collector.finish();
    let kept = files.iter().filter(|entry| {
        matches!(files.content(&entry.path), Some(agent_plugin::files::Content::Bytes(_)))
    });
    assert_eq!(kept.count(), 12, "24 MiB of 2 MiB files");
    let found = Inventory::of(&files, &Root::plugin("p"));
    assert_eq!(found.limits.unread.len(), 28);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_of_configuration_is_no_panic(
        hooks in "\\PC{0,200}", command in "[ -~\\n$`\"'(){}|;&<>]{0,80}", body in "\\PC{0,300}",
    ) {
        let map = serde_json::json!({"hooks": {"PreToolUse": [{"hooks": [{"type": "command", "command": command}]}]}});
        let map = map.to_string();
        let one = of(&[
            ("hooks/hooks.json", map.as_bytes()),
            (".mcp.json", hooks.as_bytes()),
            ("commands/a.md", body.as_bytes()),
        ]);
        let other = of(&[("hooks/hooks.json", hooks.as_bytes()), ("skills/a/SKILL.md", body.as_bytes())]);
        for line in one.render().lines() {
            prop_assert!(!line.contains(|c: char| c.is_control()));
        }
        Difference::of(&one, &other).render();
        prop_assert!(Difference::of(&one, &one).is_empty());
    }
}
