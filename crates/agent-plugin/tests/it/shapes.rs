// SPDX-License-Identifier: Apache-2.0
//! Commands and servers of the shapes that public plugins have: what they run is found, and nobody
//! is warned of what is fine (S-37 to S-42, S-48 to S-59).

use agent_plugin::Inventory;
use agent_plugin::inventory::{Elsewhere, Pin};
use serde_json::{Value, json};

use crate::fixture::{codes, inventory};
use crate::servers;

/// Files of a plugin such as they have.
const FILES: &str = "-- .claude-plugin/plugin.json --\n{\"name\": \"demo\"}\n\
    -- hooks/a.sh 0755 --\n#!/usr/bin/env bash\n-- hooks/a.cmd --\n@echo off\n\
    -- hooks/a.ps1 --\nexit 0\n-- hooks/a.py --\nprint()\n-- dist/a.js --\nrun()\n\
    -- server/main.py --\nserve()\n-- server/pyproject.toml --\n[project]\n";

fn hook(command: &str) -> Inventory {
    let handler = json!({"type": "command", "command": command});
    let hooks = json!({"hooks": {"Stop": [{"hooks": [handler]}]}});
    inventory(&format!("{FILES}-- hooks/hooks.json --\n{hooks}\n"))
}

fn server(value: Value) -> Inventory {
    inventory(&format!("{FILES}-- .mcp.json --\n{}\n", json!({"s": value})))
}

#[test]
fn a_command_finds_its_file_however_it_is_wrapped_s_38() {
    for (command, file) in [
        ("bash -c 'cd \"${CLAUDE_PLUGIN_ROOT}\" && node dist/a.js || true'", "dist/a.js"),
        ("(cd \"${CLAUDE_PLUGIN_ROOT}\" && node dist/a.js)", "dist/a.js"),
        ("cd \"${CLAUDE_PLUGIN_ROOT}\"; sh -c 'node dist/a.js'", "dist/a.js"),
        ("ROOT=\"${CLAUDE_PLUGIN_ROOT}\"; bash \"$ROOT/hooks/a.sh\"", "hooks/a.sh"),
        ("export D=${CLAUDE_PLUGIN_ROOT}/hooks; exec \"${D}/a.sh\"", "hooks/a.sh"),
        ("timeout 5 bash \"${CLAUDE_PLUGIN_ROOT}/hooks/a.sh\" || true", "hooks/a.sh"),
        ("exec \"${CLAUDE_PLUGIN_ROOT:-$(pwd)}/hooks/a.sh\"", "hooks/a.sh"),
        ("powershell -File \"${CLAUDE_PLUGIN_ROOT}\\hooks\\a.ps1\"", "hooks/a.ps1"),
        ("powershell -File \"${CLAUDE_PLUGIN_ROOT}\\\\hooks\\\\a.ps1\"", "hooks/a.ps1"),
        ("pwsh -NoProfile -File \"$env:CLAUDE_PLUGIN_ROOT\\hooks\\a.ps1\"", "hooks/a.ps1"),
        ("cmd /c \"%CLAUDE_PLUGIN_ROOT%\\hooks\\a.cmd\"", "hooks/a.cmd"),
    ] {
        let found = hook(command);
        let hook = found.hooks()[0];
        assert!(hook.plugin_files().iter().any(|used| used.path == file), "{command}");
        assert_eq!(hook.usage.runs_file_of, [], "{command}");
        let codes = codes(&found);
        assert!(codes.iter().all(|code| *code == "hook-unquoted"), "{command}: {codes:?}");
    }
}

#[test]
fn what_is_handed_over_is_not_run_s_40() {
    for (command, places) in [
        ("npx --yes @x/lint@2.1.0 check \"$CLAUDE_PROJECT_DIR\"", vec![]),
        ("python3 \"${CLAUDE_PLUGIN_ROOT}/hooks/a.py\" \"$CLAUDE_PROJECT_DIR\"", vec![]),
        ("jq -r .tool_input.file_path | xargs -r prettier --write 2>/dev/null || true", vec![]),
        ("cd \"$CLAUDE_PROJECT_DIR\" && npm test --silent", vec![]),
        ("python \"C:\\Users\\me\\x.py\"", vec![Elsewhere::Absolute]),
        ("\"C:\\Program Files\\nodejs\\node.exe\" -e 1", vec![]),
    ] {
        assert_eq!(hook(command).hooks()[0].usage.runs_file_of, places, "{command}");
    }
}

#[test]
fn uv_runs_a_project_wherever_its_options_stand_s_58() {
    let root = "${CLAUDE_PLUGIN_ROOT}/server";
    for args in [
        json!(["--directory", root, "run", "main.py"]),
        json!(["run", "--directory", root, "main.py"]),
        json!(["run", "--project", root, "${CLAUDE_PLUGIN_ROOT}/server/main.py"]),
    ] {
        let found = server(json!({"command": "uv", "args": args}));
        let server = found.mcp_servers()[0];
        assert!(server.plugin_files().iter().any(|f| f.path == "server/main.py"), "{args}");
        assert_eq!(server.fetches()[0].what, "server/main.py", "{args}");
        assert_eq!(server.fetches()[0].pin, Pin::Moving, "{args}");
    }
    let module =
        json!({"command": "uv", "args": ["run", "--project", root, "python", "-m", "main"]});
    assert_eq!(server(module.clone()).mcp_servers()[0].fetches()[0].what, "server/pyproject.toml");
    let locked = format!("{FILES}-- server/uv.lock --\nversion = 1\n-- .mcp.json --\n");
    let locked = inventory(&format!("{locked}{}\n", json!({"s": module})));
    assert_eq!(locked.mcp_servers()[0].fetches()[0].pin, Pin::Locked);
    assert!(!codes(&locked).contains(&"fetch-moving"));
}

#[test]
fn addresses_with_variables_s_50() {
    let local = server(json!({"type": "http", "url": "http://localhost:${PORT:-3000}/mcp"}));
    assert_eq!(servers::of(local.mcp_servers()[0]).host.as_deref(), Some("localhost"));
    assert_eq!(local.mcp_servers()[0].url.as_deref(), Some("http://localhost:${PORT:-3000}/mcp"));
    assert_eq!(codes(&local), [""; 0]);
    let default = json!({"type": "http", "url": "${MCP_URL:-https://mcp.example.net}/mcp"});
    let default = server(default);
    assert_eq!(default.endpoints[0].host, "mcp.example.net");
    assert!(default.render().contains("MCP server s, unless $MCP_URL says another"));
    let open = server(json!({"type": "http", "url": "${MCP_URL}/mcp"}));
    assert_eq!(
        (open.endpoints.len(), servers::of(open.mcp_servers()[0]).host.as_deref()),
        (0, None)
    );
    let plain = server(json!({"type": "http", "url": "${MCP_URL:-http://mcp.example.net}/mcp"}));
    assert_eq!(codes(&plain), ["url-plain"]);
}

#[test]
fn ordinary_servers_raise_no_alarm_s_59() {
    for value in [
        json!({"command": "npx", "args": ["-y", "@x/server@1.2.3"], "env": {"API_KEY": "${API_KEY}"}}),
        json!({"command": "cmd", "args": ["/c", "npx", "-y", "server@1.0.0"]}),
        json!({"command": "uvx", "args": ["--python", "3.12", "server==1.0.0"]}),
        json!({"command": "node", "args": ["${CLAUDE_PLUGIN_ROOT}\\dist\\a.js"]}),
        json!({"command": "python3", "args": ["-m", "server.main"], "cwd": "${CLAUDE_PLUGIN_ROOT}"}),
        json!({"command": "docker", "args": ["run", "-i", "--rm", "-e", "A=${A:-b}", "-v",
            "${HOME}/.x:/x", "registry.example.net/o/server:1.2.3"]}),
        json!({"command": "C:\\Program Files\\x\\x.exe", "args": ["--stdio"]}),
        json!({"type": "http", "url": "https://mcp.example.net", "headers":
            {"Authorization": "Bearer ${TOKEN:-}"}}),
        json!({"type": "http", "url": ""}),
        json!({"command": "x", "env": {"API_KEY": "your-api-key-here", "MAX_TOKENS": "2000"}}),
    ] {
        let found = server(value.clone());
        let told: Vec<_> = found.warnings.iter().map(|warning| warning.message()).collect();
        assert!(told.is_empty(), "{value}: {told:?}");
        assert_eq!(found.mcp_servers()[0].usage.runs_file_of, [], "{value}");
    }
}
