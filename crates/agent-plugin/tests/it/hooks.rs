// SPDX-License-Identifier: Apache-2.0
//! Hooks (spec 2).

use agent_plugin::Inventory;
use agent_plugin::inventory::{Hook, Launch, MatcherKind, Trigger};
use serde_json::{Value, json};

use crate::fixture::{codes, inventory, with};

/// A plugin with this map of events in its default file.
fn events(map: &Value) -> Inventory {
    with("hooks/hooks.json", &json!({ "hooks": map }).to_string())
}

/// A plugin with this one handler.
fn handler(event: &str, handler: Value) -> Inventory {
    events(&json!({ event: [{"hooks": [handler]}] }))
}

fn command(text: &str) -> Inventory {
    handler("PostToolUse", json!({"type": "command", "command": text}))
}

fn only(inventory: &Inventory) -> &Launch {
    assert_eq!(inventory.hooks().len(), 1, "{:?}", inventory.hooks());
    inventory.hooks()[0]
}

/// Returns the part of the only launch that hooks alone have.
fn own(inventory: &Inventory) -> &Hook {
    only(inventory).hook().expect("a hook")
}

#[test]
fn a_bare_map_does_not_load_s_20() {
    let found = with(
        "hooks/hooks.json",
        r#"{"Stop": [{"hooks": [{"type": "command", "command": "npx x"}]}]}"#,
    );
    assert_eq!(only(&found).loads, Err("hooks-unwrapped"));
    assert!(found.render().contains("WOULD RUN"));
}

#[test]
fn the_manifest_names_files_and_maps_s_21() {
    let more = r#"{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "more"}]}]}}"#;
    let map = r#"{"Stop": [{"hooks": [{"type": "command", "command": "inline"}]}]}"#;
    for (value, expected) in [
        (r#""./more.json""#.to_owned(), vec!["default", "more"]),
        (map.to_owned(), vec!["inline", "default"]),
        (format!(r#"["./more.json", {map}]"#), vec!["inline", "default", "more"]),
        (r#""./hooks/hooks.json""#.to_owned(), vec!["default"]),
    ] {
        let found = inventory(&format!(
            "-- .claude-plugin/plugin.json --\n{{\"name\": \"p\", \"hooks\": {value}}}\n\
             -- more.json --\n{more}\n-- hooks/hooks.json --\n{}\n",
            more.replace("more", "default")
        ));
        let commands: Vec<_> = found.hooks().iter().filter_map(|h| h.command.as_deref()).collect();
        assert_eq!(commands, expected, "{value}");
        assert!(found.hooks().iter().all(|hook| hook.loads.is_ok()));
    }
}

#[test]
fn shapes_that_are_none_are_errors_and_still_shown_s_22() {
    for map in [
        json!({"Stop": "npx x"}),
        json!({"Stop": ["npx x"]}),
        json!({"Stop": [{"type": "command", "command": "npx x"}]}),
        json!({"Stop": [{"hook": [{"type": "command", "command": "npx x"}]}]}),
        json!({"Stop": [{"hook": {"type": "command", "command": "npx x"}}]}),
        json!({"Stop": {"hooks": [{"type": "command", "command": "npx x"}]}}),
        json!(["npx x"]),
    ] {
        let found = events(&map);
        let code = if map.is_array() { "hooks-unwrapped" } else { "hooks-shape" };
        assert!(codes(&found).contains(&code), "{map}");
        assert!(found.hooks().iter().all(|hook| hook.loads.is_err()), "{map}");
        if map.to_string().contains("command") {
            assert_eq!(only(&found).command.as_deref(), Some("npx x"), "{map}");
        }
    }
    let found = events(&json!({"Stop": [{"description": "x", "hooks": []}]}));
    assert_eq!(codes(&found), ["manifest-missing", "no-components", "not-a-plugin"]);
}

#[test]
fn hooks_in_frontmatter_run_when_the_skill_is_used_s_23() {
    let found = with(
        "skills/a/SKILL.md",
        "---\nname: a\nhooks:\n  PreToolUse:\n  - matcher: Bash\n    hooks:\n    - type: command\n      \
         command: ${CLAUDE_SKILL_DIR}/x.sh\n      once: true\n---\n",
    );
    let hook = only(&found);
    assert_eq!((hook.trigger, own(&found).once, hook.loads), (Trigger::OnInvoke, true, Ok(())));
    assert_eq!(hook.component.as_deref(), Some("skill a"));
    assert_eq!(hook.plugin_files()[0].path, "skills/a/x.sh");
    assert_eq!(hook.declared_in.pointer.as_deref(), Some("/hooks/PreToolUse/0/hooks/0"));
}

#[test]
fn events_that_nobody_knows_never_run_s_24() {
    let found = handler("onSessionStart", json!({"type": "command", "command": "x"}));
    assert_eq!((only(&found).loads, own(&found).cadence()), (Err("hook-event"), "unknown"));
    let found = handler("PermissionRequest", json!({"type": "command", "command": "x"}));
    assert_eq!(own(&found).cadence(), "every permission question");
    assert!(own(&found).may_approve() && !own(&found).may_block());
}

#[test]
fn matchers_s_25_to_s_28() {
    let matcher = |event: &str, text: &str| {
        events(&json!({event: [{"matcher": text, "hooks": [{"type": "command", "command": "x"}]}]}))
    };
    assert_eq!(own(&matcher("PreToolUse", "Edit|Write")).matcher_kind(), MatcherKind::List);
    assert!(codes(&matcher("Stop", "x")).contains(&"hook-matcher-ignored"));
    assert!(!codes(&matcher("Stop", "")).contains(&"hook-matcher-ignored"));
    let found = matcher("PreToolUse", "Write(docs/**)");
    assert!(codes(&found).contains(&"hook-matcher-rule") && only(&found).loads.is_ok());

    let tree = "-- .mcp.json --\n{\"db\": {\"command\": \"true\"}}\n-- hooks/hooks.json --\n";
    let hooks = |matcher: &str| json!({"hooks": {"PreToolUse": [{"matcher": matcher, "hooks": [{"type": "command", "command": "x"}]}]}});
    let found = inventory(&format!("{tree}{}\n", hooks("mcp__db__query")));
    assert!(codes(&found).contains(&"hook-matcher-server"));
    let found = inventory(&format!("{tree}{}\n", hooks("mcp__plugin_demo_db__query")));
    assert!(!codes(&found).contains(&"hook-matcher-server"));
}

#[test]
fn a_condition_elsewhere_than_on_a_tool_never_runs_s_27() {
    let found = handler("Stop", json!({"type": "command", "command": "x", "if": "Bash(git *)"}));
    // It loads, though nothing ever asks for it.
    assert!(codes(&found).contains(&"hook-if-event") && only(&found).loads.is_ok());
    let found =
        handler("PreToolUse", json!({"type": "command", "command": "x", "if": "Bash(git *)"}));
    assert!(only(&found).loads.is_ok());
    let text = found.render();
    assert!(text.contains("before every tool call if") && text.contains("Bash(git *)"), "{text}");
}

#[test]
fn types_and_what_they_require_s_30() {
    for (value, fine) in [
        (json!({"type": "command", "command": "x"}), true),
        (json!({"type": "http", "url": "https://x.example"}), true),
        (json!({"type": "mcp_tool", "server": "s", "tool": "t"}), true),
        (json!({"type": "prompt", "prompt": "p"}), true),
        (json!({"type": "agent", "prompt": "p"}), true),
        (json!({"type": "command"}), false),
        (json!({"type": "mcp_tool", "server": "s"}), false),
        (json!({"type": "magic"}), false),
        (json!({"command": "x"}), false),
    ] {
        let found = handler("PreToolUse", value.clone());
        assert_eq!(only(&found).loads.is_ok(), fine, "{value}");
        assert_eq!(codes(&found).contains(&"hook-type"), !fine, "{value}");
    }
    let found = handler("PreToolUse", json!({"type": "command", "command": "x", "prompt": "y"}));
    assert!(codes(&found).contains(&"hook-field"));
}

#[test]
fn types_that_an_event_does_not_run_s_31() {
    for (event, value) in [
        ("SessionStart", json!({"type": "prompt", "prompt": "x"})),
        ("SessionEnd", json!({"type": "agent", "prompt": "x"})),
        ("SessionStart", json!({"type": "http", "url": "https://x.example"})),
    ] {
        let found = handler(event, value);
        assert!(
            codes(&found).contains(&"hook-type-event") && only(&found).loads.is_ok(),
            "{event}"
        );
    }
}

#[test]
fn timeouts_are_seconds_s_32() {
    let timeout = |seconds: u64| {
        handler("PostToolUse", json!({"type": "command", "command": "x", "timeout": seconds}))
    };
    let found = timeout(5000);
    let warning = found.warnings.iter().find(|w| w.code() == "hook-timeout").expect("a warning");
    assert!(warning.message().contains("5000 s = 1 h 23 min 20 s"), "{}", warning.message());
    assert!(!codes(&timeout(600)).contains(&"hook-timeout"));
    assert_eq!(own(&command("x")).timeout_s(), Some(600));
    let found = handler("UserPromptSubmit", json!({"type": "command", "command": "x"}));
    assert_eq!(own(&found).timeout_s(), Some(30));
}

#[test]
fn exec_form_has_no_shell_s_33() {
    let exec = |command: &str, args: Value| {
        handler("PostToolUse", json!({"type": "command", "command": command, "args": args}))
    };
    let found = exec("${CLAUDE_PLUGIN_ROOT}/a b.sh", json!(["; npx x"]));
    let hook = only(&found);
    assert_eq!(hook.args.as_ref().map(Vec::len), Some(1));
    assert_eq!(hook.plugin_files()[0].path, "a b.sh");
    assert_eq!(hook.fetches(), []);
    assert!(!codes(&found).contains(&"hook-unquoted"));
    assert!(codes(&exec("npx x", json!([]))).contains(&"hook-exec-space"));
    assert_eq!(only(&exec("npx", json!(["-y", "x"]))).fetches().len(), 1);
    assert_eq!(only(&exec("bash", json!(["-c", "npx x"]))).fetches().len(), 1);
}

#[test]
fn options_and_variables_s_34() {
    assert!(codes(&command("x ${user_config.key}")).contains(&"user-config-shell"));
    let exec = json!({"type": "command", "command": "x", "args": ["${user_config.key}"]});
    assert!(!codes(&handler("Stop", exec)).contains(&"user-config-shell"));
    assert!(codes(&command("echo $TOOL_INPUT")).contains(&"hook-env-undocumented"));
    assert!(
        !codes(&command("TOOL_INPUT=$(cat); echo $TOOL_INPUT")).contains(&"hook-env-undocumented")
    );
    assert_eq!(only(&command("echo $HOME $FOO ${BAR:-1}")).reads().len(), 2);
}

#[test]
fn quoting_s_35() {
    for bad in [
        "bash ${CLAUDE_PLUGIN_ROOT}/x.sh",
        "$CLAUDE_PLUGIN_ROOT/x.sh",
        "a \"b\" ${CLAUDE_PLUGIN_ROOT}",
    ] {
        assert!(codes(&command(bad)).contains(&"hook-unquoted"), "{bad}");
    }
    for good in [
        "bash \"${CLAUDE_PLUGIN_ROOT}/x.sh\"",
        "\"$CLAUDE_PLUGIN_ROOT\"/x.sh",
        "node \"$CLAUDE_PLUGIN_ROOT/x.js\" || true",
        "echo hi",
    ] {
        assert!(!codes(&command(good)).contains(&"hook-unquoted"), "{good}");
    }
    let shell = json!({"type": "command", "command": "& $env:CLAUDE_PLUGIN_ROOT/x.ps1", "shell": "powershell"});
    assert!(!codes(&handler("Stop", shell)).contains(&"hook-unquoted"));
}

#[test]
fn ids_are_numbered_s_78() {
    let found = events(&json!({"Stop": [{"hooks": [
        {"type": "command", "command": "echo a"}, {"type": "command", "command": "echo b"}]}]}));
    let ids: Vec<_> = found.hooks().iter().map(|hook| hook.id.as_str()).collect();
    assert_eq!(ids, ["hook/Stop///command/echo/0", "hook/Stop///command/echo/1"]);
}

#[test]
fn equal_commands_are_one_line_s_84() {
    let group = |matcher: &str| json!({"matcher": matcher, "hooks": [{"type": "command", "command": "say x"}]});
    let found = events(&json!({"PostToolUse": [group("Edit"), group("Write")]}));
    let text = found.render();
    assert_eq!(text.matches("say x").count(), 1, "{text}");
    assert!(text.contains("after every Edit; after every"), "{text}");
}
