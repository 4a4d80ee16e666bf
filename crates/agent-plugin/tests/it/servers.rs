// SPDX-License-Identifier: Apache-2.0
//! MCP and language servers (spec 3), and what else runs (spec 4).

use agent_plugin::Inventory;
use agent_plugin::diff::{Class, Difference};
use agent_plugin::inventory::{
    Elsewhere, Fetch, Launch, LaunchKind, McpServer, Pin, Transport, Trigger, What,
};
use serde_json::{Value, json};

use crate::fixture::{codes, inventory, with};

fn server(value: Value) -> Inventory {
    with(".mcp.json", &json!({"mcpServers": {"s": value}}).to_string())
}

fn only(inventory: &Inventory) -> &Launch {
    assert_eq!(inventory.mcp_servers().len(), 1);
    inventory.mcp_servers()[0]
}

/// Returns the part of the only launch that MCP servers alone have.
fn own(inventory: &Inventory) -> &McpServer {
    of(only(inventory))
}

/// Returns the part of a launch that MCP servers alone have.
pub(crate) fn of(launch: &Launch) -> &McpServer {
    launch.server().expect("an MCP server")
}

fn pins(fetches: &[Fetch]) -> Vec<(&str, Pin)> {
    fetches.iter().map(|fetch| (fetch.what.as_str(), fetch.pin)).collect()
}

#[test]
fn wrapped_and_bare_files_s_45() {
    let schema = with(".mcp.json", r#"{"$schema": "x", "s": {"command": "a"}}"#);
    assert!(codes(&schema).contains(&"mcp-entry"), "the host takes it for a server");
    let bare = with(".mcp.json", r#"{"s": {"command": "a"}}"#);
    assert_eq!(only(&bare).declared_in.pointer.as_deref(), Some("/s"));
    let wrapped = server(json!({"command": "a"}));
    assert_eq!(only(&wrapped).declared_in.pointer.as_deref(), Some("/mcpServers/s"));
    let both =
        with(".mcp.json", r#"{"mcpServers": {"s": {"command": "a"}}, "t": {"command": "b"}}"#);
    assert!(codes(&both).contains(&"mcp-beside"));
    assert_eq!(both.mcp_servers().iter().filter(|server| server.loads.is_ok()).count(), 1);
}

#[test]
fn a_later_name_wins_s_46() {
    let found = inventory(
        "-- .claude-plugin/plugin.json --\n{\"name\": \"p\", \"mcpServers\": {\"s\": {\"command\": \"new\"}}}\n\
         -- .mcp.json --\n{\"s\": {\"command\": \"npx\", \"args\": [\"old\"]}}\n",
    );
    let [winner, loser] = found.mcp_servers()[..] else { panic!("two servers") };
    assert_eq!((winner.command.as_deref(), winner.loads), (Some("new"), Ok(())));
    assert_eq!((loser.command.as_deref(), loser.loads), (Some("npx"), Err("mcp-shadow")));
    assert!(!codes(&found).contains(&"fetch-moving"), "what does not load fetches nothing");
}

#[test]
fn names_s_47() {
    let found = with(
        ".mcp.json",
        r#"{"a b": {"command": "x"}, "a.b": {"command": "y"}, "workspace": {"command": "z"}}"#,
    );
    assert!(codes(&found).contains(&"mcp-names") && codes(&found).contains(&"mcp-reserved"));
}

#[test]
fn a_url_without_a_type_is_dropped_but_shown_s_48() {
    let found = server(json!({"url": "https://x.example/mcp"}));
    assert_eq!(only(&found).loads, Err("mcp-type"));
    assert_eq!(own(&found).host.as_deref(), Some("x.example"));
    assert!(found.render().contains("WOULD RUN"));
    for (kind, transport) in [
        ("http", Transport::Http),
        ("streamable-http", Transport::Http),
        ("sse", Transport::Sse),
        ("ws", Transport::Ws),
    ] {
        let found = server(json!({"type": kind, "url": "https://x.example"}));
        assert_eq!((own(&found).transport, only(&found).loads), (transport, Ok(())));
    }
}

#[test]
fn a_whole_command_line_is_no_command_s_49() {
    let found = server(json!({"command": "npx -y x"}));
    assert!(codes(&found).contains(&"mcp-command-space"));
    assert_eq!(pins(only(&found).fetches()), [("x", Pin::Moving)]);
    let found = server(json!({"command": "php", "args": ["artisan", "mcp"]}));
    assert_eq!(only(&found).usage.runs_file_of, [Elsewhere::Project]);
    let inside = json!({"command": "node", "args": ["x.js"], "cwd": "${CLAUDE_PLUGIN_ROOT}"});
    let found = inventory(&format!("-- .mcp.json --\n{}\n-- x.js --\n1\n", json!({"s": inside})));
    assert_eq!(only(&found).plugin_files()[0].path, "x.js");
    assert_eq!(only(&found).usage.runs_file_of, []);
}

#[test]
fn addresses_s_50() {
    let remote = |url: &str| server(json!({"type": "http", "url": url}));
    assert!(codes(&remote("http://x.example")).contains(&"url-plain"));
    assert!(!codes(&remote("http://127.0.0.1:1")).contains(&"url-plain"));
    assert!(codes(&remote("x.example/mcp")).contains(&"url-invalid"));
    assert!(codes(&remote("https://x.example\n/y")).contains(&"url-invalid"));
    assert_eq!(codes(&remote("")), ["manifest-missing"], "an empty one is a placeholder");
    assert_eq!(codes(&remote("${URL}")), ["manifest-missing"]);
    let found = remote("https://me:secret@x.example/y");
    assert!(!found.to_json().contains("secret@") && codes(&found).contains(&"literal-secret"));

    let helper =
        json!({"type": "http", "url": "https://x.example", "headersHelper": "npx token-maker"});
    let found = server(helper);
    let run = &found.runs()[0];
    assert_eq!((run.kind(), run.trigger), (LaunchKind::HeadersHelper, Trigger::Automatic));
    assert_eq!(pins(run.fetches()), [("token-maker", Pin::Moving)]);
    assert!(codes(&found).contains(&"fetch-moving"));
}

#[test]
fn variables_are_named_never_their_values_s_51() {
    let found = server(json!({"command": "x", "args": ["${A}", "$B", "${C:-d}"],
        "env": {"TOKEN": "${MY_TOKEN:-swordfish1234}", "E": "plain-value"}}));
    let names: Vec<_> = only(&found).reads().iter().map(|read| read.name.as_str()).collect();
    assert_eq!(names, ["A", "C", "MY_TOKEN"]);
    assert_eq!(found.behaviour.env_read, ["A", "C", "MY_TOKEN"]);
    let json = found.to_json();
    assert!(!json.contains("swordfish") && !json.contains("plain-value"), "{json}");
}

#[test]
fn secrets_s_52() {
    for (name, value, secret) in [
        ("API_KEY", "a1b2c3d4e5f6g7h8i9", true),
        ("X", "ghp_abcdefghijklmnopqrstuvwxyz0123456789", true),
        ("API_KEY", "${API_KEY}", false),
        ("API_KEY", "YOUR_API_KEY_HERE", false),
        ("API_KEY", "<insert key 12345>", false),
        ("AUTH_MODE", "oauth2", false),
        ("TOKEN_FILE", "/run/secrets/token1", false),
        ("AUTH_URL", "https://login.example.net/v2", false),
        ("MONKEY", "a1b2c3d4e5f6g7h8i9", false),
    ] {
        let found = server(json!({"command": "x", "env": {name: value}}));
        assert_eq!(codes(&found).contains(&"literal-secret"), secret, "{name}={value}");
    }
    let found = server(json!({"command": "x", "args": ["--t=sk-abcdefghijklmnop1234567890"]}));
    assert!(!found.to_json().contains("abcdefghijklmnop"), "{}", found.to_json());
    let docker = json!({"command": "docker", "args": ["run", "-e", "API_TOKEN=${T}", "img:1.2.3"]});
    assert!(codes(&server(docker)).contains(&"secret-in-arguments"));
}

#[test]
fn bundles_are_opaque_s_53() {
    let found = inventory(
        "-- .claude-plugin/plugin.json --\n{\"name\": \"p\", \"mcpServers\": [\"./a.mcpb\", \"https://x.example/b.mcpb\"]}\n\
         -- a.mcpb --\nPK\n",
    );
    assert!(
        found
            .mcp_servers()
            .iter()
            .all(|server| server.loads.is_ok() && server.server().is_some_and(|own| own.opaque))
    );
    assert_eq!(found.executables[0].path, "a.mcpb");
    let moving = found.warnings.iter().filter(|w| w.code() == "fetch-moving").count();
    assert_eq!((moving, found.endpoints.len()), (1, 1));
}

#[test]
fn package_scripts_are_looked_into_s_54() {
    let tree = |lock: &str| {
        format!(
            "-- .mcp.json --\n{}\n-- package.json --\n{}\n-- server.ts --\n// claude/channel\n{lock}",
            json!({"s": {"command": "bun", "args": ["run", "--cwd", "${CLAUDE_PLUGIN_ROOT}", "--silent", "start"]}}),
            json!({"scripts": {"start": "bun install && bun server.ts"}}),
        )
    };
    let found = inventory(&tree("-- bun.lock --\n{}\n"));
    assert_eq!(own(&found).indirect.as_deref(), Some("bun install && bun server.ts"));
    assert_eq!(pins(only(&found).fetches()), [("package.json", Pin::Locked)]);
    assert_eq!(only(&found).fetches()[0].indirect.as_deref(), Some("start"));
    assert!(own(&found).looks_like_channel, "S-68");
    assert_eq!(pins(only(&inventory(&tree(""))).fetches()), [("package.json", Pin::Moving)]);
}

#[test]
fn language_servers_s_56() {
    let lsp = |value: Value| with(".lsp.json", &value.to_string());
    let fine = json!({"command": "gopls", "extensionToLanguage": {".go": "go"}});
    let found = lsp(json!({"go": fine}));
    assert!(found.lsp_servers()[0].loads.is_ok());
    assert!(found.render().contains("when a .go file is worked on"));
    for (wrong, code) in [
        (json!({"command": "go pls", "extensionToLanguage": {".go": "go"}}), "lsp-command"),
        (json!({"command": "x", "extensionToLanguage": {"go": "go"}}), "lsp-extensions"),
        (json!({"command": "x", "extensionToLanguage": {".x": "x"}, "magic": 1}), "lsp-field"),
    ] {
        let found = lsp(json!({"go": fine, "x": wrong}));
        assert!(codes(&found).contains(&code));
        assert!(
            found.lsp_servers().iter().all(|s| s.loads.is_err()),
            "one makes the host skip the file"
        );
    }
    assert!(codes(&lsp(json!({"lspServers": {"go": fine}}))).contains(&"lsp-wrapped"));
}

#[test]
fn configuration_of_package_managers_s_60() {
    let found = with(".npmrc", "# x\nregistry = https://u:p@npm.example.net:8443/x");
    let warning = found.warnings.iter().find(|w| w.code() == "tool-config").expect("one");
    assert!(warning.message().ends_with("come from npm.example.net:8443"), "{}", warning.message());
    // Another registry is another source of what runs.
    let other = with(".npmrc", "registry=https://evil.example/");
    let classes = |difference: &Difference| -> Vec<_> {
        let changes = difference.changes.iter().filter(|change| change.id == "package-source");
        changes.map(|change| change.class).collect()
    };
    assert_eq!(classes(&Difference::of(&found, &other)), [Class::Widened, Class::Narrowed]);
    assert_eq!(classes(&Difference::of(&found, &found)), []);
    let none = with("bin/x", "");
    assert_eq!(classes(&Difference::of(&none, &with("bunfig.toml", "x = 1"))), [Class::Widened]);
}

#[test]
fn monitors_s_63() {
    let monitors = json!([{"name": "a", "command": "npx x", "description": "d"},
        {"name": "b", "command": "y", "description": "d", "when": "on-skill-invoke:s"}]);
    let found = with("monitors/monitors.json", &monitors.to_string());
    let triggers: Vec<_> = found.runs().iter().map(|run| run.trigger).collect();
    assert_eq!(triggers, [Trigger::Automatic, Trigger::OnInvoke]);
    assert!(codes(&found).contains(&"fetch-moving") && !codes(&found).contains(&"monitor-shape"));
    // One that is wrong makes the host skip them all.
    for wrong in [
        json!({"name": "c"}),
        json!({"name": "c", "command": "x"}),
        json!({"name": "c", "command": "x", "description": "d", "more": 1}),
    ] {
        let all = json!([{"name": "a", "command": "npx x", "description": "d"}, wrong]);
        let found = with("monitors/monitors.json", &all.to_string());
        assert!(codes(&found).contains(&"monitor-shape"), "{all}");
        assert!(found.runs().iter().all(|run| run.loads.is_err()), "{all}");
    }
}

#[test]
fn bin_needs_the_execute_bit_s_64() {
    let found =
        inventory("-- bin/a 0755 --\n#!/bin/sh\n-- bin/git --\nx\n-- bin/deep/b 0755 --\nx\n");
    let bins: Vec<_> = found.runs().iter().map(|run| (run.command.as_deref(), run.loads)).collect();
    assert_eq!(bins, [(Some("bin/a"), Ok(())), (Some("bin/git"), Ok(()))]);
    assert!(
        codes(&found).contains(&"bin-not-executable") && codes(&found).contains(&"bin-common-name")
    );
}

#[test]
fn what_changes_the_session_s_65_s_66() {
    let found = inventory(
        "-- settings.json --\n{\"agent\": \"boss\", \"hooks\": {}}\n\
         -- output-styles/x.md --\n---\nname: X\nforce-for-plugin: true\n---\n",
    );
    assert_eq!(found.behaviour.main_agent.as_deref(), Some("boss"));
    assert_eq!(found.behaviour.forced_output_style.as_deref(), Some("X"));
    for code in ["settings-agent", "style-forced", "settings-ignored"] {
        assert!(codes(&found).contains(&code), "{code}");
    }
    assert!(found.render().contains("CHANGES THE SESSION"));
}

#[test]
fn options_and_where_they_are_used_s_69() {
    let found = inventory(&format!(
        "-- .claude-plugin/plugin.json --\n{}\n",
        json!({"name": "p", "userConfig": {"key": {"type": "string", "title": "K", "description": "D", "sensitive": true}},
            "mcpServers": {"s": {"command": "x", "env": {"A": "${user_config.key}", "B": "${user_config.gone}"}}}})
    ));
    let option = &found.behaviour.user_config[0];
    assert_eq!((option.sensitive, option.used_by.as_slice()), (true, &["mcp/s".to_owned()][..]));
    assert_eq!(codes(&found), ["userconfig-missing"]);
}

#[test]
fn packages_that_the_host_installs_s_70() {
    let tree = |package: Value, lock: &str, content: &str| {
        inventory(&format!("-- package.json --\n{package}\n-- {lock} --\n{content}\n"))
    };
    let lock = r#"{"lockfileVersion": 3, "packages": {"": {}, "node_modules/a": {}}}"#;
    let found = tree(json!({"dependencies": {"a": "1.0.0"}}), "package-lock.json", lock);
    let install = found.behaviour.package_install.as_ref().expect("it does");
    assert_eq!((install.packages, install.skipped), (Some(1), None));
    assert!(found.render().contains("when it is installed"));
    for (package, lock, content) in [
        (json!({"dependencies": {"a": "git+https://x"}}), "package-lock.json", lock),
        (json!({"overrides": {}}), "package-lock.json", lock),
        (json!({}), "package-lock.json", r#"{"lockfileVersion": 1}"#),
        (json!({}), "yarn.lock", ""),
    ] {
        let found = tree(package.clone(), lock, content);
        assert!(codes(&found).contains(&"package-skip"), "{package} {lock}");
        assert!(found.runs().iter().all(|run| run.loads.is_err()));
    }
    assert_eq!(
        tree(json!({"dependencies": {"a": "1"}}), "README.md", "").behaviour.package_install,
        None
    );
}

#[test]
fn dependencies_come_too_s_71() {
    let found = inventory(&format!(
        "-- .claude-plugin/plugin.json --\n{}\n",
        json!({"name": "p", "dependencies": ["a", "b@m", {"name": "c", "version": "^1"}]})
    ));
    assert_eq!(found.behaviour.dependencies.len(), 3);
    assert!(found.render().contains("also installs  b     from m"), "{}", found.render());
    let npm = "-- .claude-plugin/plugin.json --\n{\"name\": \"p\", \"dependencies\": {\"zod\": \"latest\"}}\n";
    assert!(codes(&inventory(npm)).contains(&"field-type"));
}

#[test]
fn modules_come_first_s_43() {
    let tree = |module: &str| {
        inventory(&format!(
            "-- .claude-plugin/plugin.json --\n{{\"name\": \"p\"}}\n-- hooks/hooks.json --\n{{\"modules\": [\"{module}\"]}}\n\
             -- hooks/m.js --\nexport function register(on) {{}}\non('tool.call', () => $.process.run(['ls']))\n-- .mcp.json --\n{{\"a\": {{\"command\": \"b\"}}}}\n"
        ))
    };
    let found = tree("./m.js");
    let What::Module { calls, .. } = &found.runs()[0].what else { panic!("no module") };
    assert_eq!(calls, &["process.run"]);
    let text = found.render();
    let first = text.lines().nth(3).unwrap_or_default();
    assert!(first.contains("hooks/m.js") && first.contains("INTO the host"), "{text}");
    assert!(codes(&tree("./gone.js")).contains(&"module-missing"));
    assert!(codes(&tree("../../x.js")).contains(&"module-missing"));
}
