// SPDX-License-Identifier: Apache-2.0
//! Tests of the file that a command runs (S-37 to S-42), and of references that are no mistake.

use agent_plugin::Inventory;
use agent_plugin::inventory::{Elsewhere, Launch};
use serde_json::json;

use crate::fixture::{codes, inventory};

const FILES: &str = "-- hooks/x.sh 0755 --\n#!/bin/sh\n-- hooks/plain.sh --\n#!/bin/sh\n\
    -- scripts/y.py --\nx\n-- scripts/a b.js --\nx\n-- run.cmd 0755 --\n: << 'X'\n-- scripts/w.bat --\nx\n\
    -- bare 0755 --\nx\n-- dist/deep/z.js --\nx\n";

fn command(text: &str) -> Inventory {
    let hooks =
        json!({"hooks": {"PostToolUse": [{"hooks": [{"type": "command", "command": text}]}]}});
    inventory(&format!("{FILES}-- hooks/hooks.json --\n{hooks}\n"))
}

fn hook(inventory: &Inventory) -> &Launch {
    inventory.hooks()[0]
}

/// The findings that matter here.
fn complaints(inventory: &Inventory) -> Vec<&'static str> {
    let mut codes = codes(inventory);
    codes.retain(|code| !matches!(*code, "manifest-missing" | "hook-unquoted"));
    codes
}

#[test]
fn the_file_and_its_position_s_38() {
    for (text, path, position) in [
        ("${CLAUDE_PLUGIN_ROOT}/hooks/x.sh", "hooks/x.sh", "program"),
        ("A=1 \"${CLAUDE_PLUGIN_ROOT}\"/hooks/x.sh arg", "hooks/x.sh", "program"),
        ("bash \"${CLAUDE_PLUGIN_ROOT}/hooks/plain.sh\"", "hooks/plain.sh", "argument"),
        ("python3 ${CLAUDE_PLUGIN_ROOT}/scripts/y.py", "scripts/y.py", "argument"),
        ("node \"$CLAUDE_PLUGIN_ROOT/scripts/a b.js\" || true", "scripts/a b.js", "argument"),
        ("[ -x y ] && \"${CLAUDE_PLUGIN_ROOT}/hooks/x.sh\"", "hooks/x.sh", "program"),
        ("bash -c '\"${CLAUDE_PLUGIN_ROOT}/hooks/x.sh\"'", "hooks/x.sh", "program"),
        ("\"${CLAUDE_PLUGIN_ROOT}/run.cmd\" session-start", "run.cmd", "program"),
        ("cmd /c \"%CLAUDE_PLUGIN_ROOT%\\scripts\\w.bat\"", "scripts/w.bat", "program"),
        ("echo \"$(bash \"${CLAUDE_PLUGIN_ROOT}/hooks/plain.sh\")\"", "hooks/plain.sh", "argument"),
        ("cd \"${CLAUDE_PLUGIN_ROOT}/dist\" && node deep/z.js", "dist/deep/z.js", "argument"),
        ("timeout 5 bash < \"${CLAUDE_PLUGIN_ROOT}/hooks/plain.sh\"", "hooks/plain.sh", "argument"),
        (". \"${CLAUDE_PLUGIN_ROOT}/hooks/plain.sh\"", "hooks/plain.sh", "argument"),
    ] {
        let found = command(text);
        let files = hook(&found).plugin_files();
        let file = files.iter().find(|file| file.path == path);
        let file = file.unwrap_or_else(|| panic!("{text}: {files:?}"));
        assert_eq!(format!("{:?}", file.position).to_lowercase(), position, "{text}");
        assert!(file.exists && file.sha256.is_some(), "{text}");
        assert_eq!(complaints(&found), [""; 0], "{text}");
        assert_eq!(hook(&found).usage.runs_file_of, [], "{text}");
    }
}

#[test]
fn what_cannot_run_s_40() {
    for (text, codes) in [
        ("bash ${CLAUDE_PLUGIN_ROOT}/hooks/gone.sh", vec!["ref-missing"]),
        ("${CLAUDE_PLUGIN_ROOT}/dist/index.js", vec!["ref-missing"]),
        ("${CLAUDE_PLUGIN_ROOT}/../../etc/x", vec!["ref-missing"]),
        ("${CLAUDE_PLUGIN_ROOT}/hooks/plain.sh", vec!["not-executable"]),
        ("${CLAUDE_PLUGIN_ROOT}/bare", vec!["no-shebang"]),
        ("\"${CLAUDE_PLUGIN_ROOT}\"/scripts/y.py", vec!["not-executable"]),
    ] {
        assert_eq!(complaints(&command(text)), codes, "{text}");
    }
}

#[test]
fn what_nobody_should_be_warned_of_s_40() {
    for text in [
        "mkdir -p \"${CLAUDE_PLUGIN_ROOT}/.cache\"",
        "echo x > \"${CLAUDE_PLUGIN_ROOT}/log.txt\"",
        "[ -f \"${CLAUDE_PLUGIN_ROOT}/maybe\" ] || exit 0",
        "test -d ${CLAUDE_PLUGIN_ROOT}/node_modules",
        "PYTHONPATH=${CLAUDE_PLUGIN_ROOT}/lib:$PYTHONPATH python3 -m x",
        "PATH=\"${CLAUDE_PLUGIN_ROOT}/scripts:$PATH\" y.py",
        "cat \"${CLAUDE_PLUGIN_ROOT}\"/hooks/*.sh",
        "bash \"${CLAUDE_PLUGIN_ROOT}/hooks/$NAME.sh\"",
        "cd ${CLAUDE_PLUGIN_ROOT} && ls",
        "ls \"${CLAUDE_PLUGIN_ROOT}/scripts/\"",
        "python3 -c 'import sys; sys.path.insert(0, \"${CLAUDE_PLUGIN_ROOT}/scripts\")'",
        "echo \"see ${CLAUDE_PLUGIN_ROOT}/hooks/x.sh.\"",
        "jq -r '.tool_input.file_path // empty' | { read -r f; prettier --write \"$f\"; }",
    ] {
        let found = command(text);
        assert_eq!(complaints(&found), [""; 0], "{text}: {:?}", found.warnings);
        assert_eq!(hook(&found).usage.runs_file_of, [], "{text}");
    }
}

#[test]
fn files_of_others_s_40() {
    for (text, places) in [
        ("\"${CLAUDE_PLUGIN_DATA}/venv/bin/python\" x", vec![Elsewhere::Data]),
        ("python3 hooks/relative.py", vec![Elsewhere::Project]),
        ("bash \"$CLAUDE_PROJECT_DIR/.claude/x.sh\"", vec![Elsewhere::Project]),
        ("~/bin/tool", vec![Elsewhere::Home]),
        ("\"$HOME/x.sh\"", vec![Elsewhere::Home]),
        ("/srv/x.sh", vec![Elsewhere::Absolute]),
        ("/usr/bin/env bash -c true", vec![]),
        ("/bin/echo x", vec![]),
        ("npx prettier@3.0.0 --write", vec![]),
        ("node -e 'x.y/z'", vec![]),
        ("python3 -m json.tool", vec![]),
        ("git diff a/b.c", vec![]),
    ] {
        assert_eq!(hook(&command(text)).usage.runs_file_of, places, "{text}");
    }
}

#[test]
fn a_command_without_a_file_is_known_by_its_first_word_s_42() {
    assert_eq!(hook(&command("npx -y x@1.0.0")).id, "hook/PostToolUse///command/npx/0");
    let found = command("bash \"${CLAUDE_PLUGIN_ROOT}/hooks/x.sh\"");
    assert_eq!(hook(&found).id, "hook/PostToolUse///command/hooks/x.sh/0");
}

#[test]
fn a_variable_that_loads_code_is_told_unless_it_names_the_plugins_own_s_108() {
    let told = |text: &str| codes(&command(text)).contains(&"env-loads-code");
    for own in [
        "PYTHONPATH=\"${CLAUDE_PLUGIN_ROOT}/scripts:$PYTHONPATH\" python3 -m lib",
        "PYTHONPATH=\"${CLAUDE_PLUGIN_ROOT:-.}/scripts${PYTHONPATH:+:$PYTHONPATH}\" python3 x.py",
        "NODE_OPTIONS=\"--require ${CLAUDE_PLUGIN_ROOT}/x.js\" node y.js",
    ] {
        assert!(!told(own), "{own}");
    }
    for other in [
        "PYTHONPATH=/tmp/x python3 -m lib",
        "LD_PRELOAD=\"/tmp/evil.so:${CLAUDE_PLUGIN_ROOT}/y.so\" ls",
        "LD_PRELOAD=\"${CLAUDE_PLUGIN_ROOT}/../y.so\" ls",
        "NODE_OPTIONS=\"--require /tmp/x.js --require ${CLAUDE_PLUGIN_ROOT}/y.js\" node y.js",
        "NODE_OPTIONS=\"--import=/tmp/x.js ${CLAUDE_PLUGIN_ROOT}/y.js\" node y.js",
    ] {
        assert!(told(other), "{other}");
    }
}
