// SPDX-License-Identifier: Apache-2.0
//! One tree as several hosts read it (S-19).

use agent_plugin::inventory::{ComponentType, Transport};
use agent_plugin::{Difference, Host, Inventory, Root};

use crate::{fixture, servers};

fn of(host: Host, tree: &str) -> Inventory {
    Inventory::of(&fixture::files(tree), &Root::plugin("demo").for_host(host))
}

const CODEX: &str = "-- .codex-plugin/plugin.json --\n";

#[test]
fn without_its_manifest_a_tree_is_nothing_to_a_host_s_19() {
    let tree =
        "-- .mcp.json --\n{\"m\": {\"command\": \"m\"}}\n-- skills/a/SKILL.md --\n---\n---\n";
    for host in [Host::Codex, Host::AgentPlugins] {
        let found = of(host, tree);
        assert!(found.components.is_empty());
        assert!(fixture::codes(&found).contains(&"host-manifest"));
        assert_eq!(found.subject.host, host);
    }
}

#[test]
fn codex_reads_paths_and_else_the_default_places_s_19() {
    let files = "-- .mcp.json --\n{\"default\": {\"command\": \"default\"}}\n\
        -- more.json --\n{\"mcpServers\": {\"more\": {\"command\": \"more\"}}}\n\
        -- skills/a/SKILL.md --\n---\nname: a\ndescription: x\n---\nText\n\
        -- more/b/SKILL.md --\n---\nname: b\ndescription: x\n---\nText\n\
        -- hooks/hooks.json --\n{\"hooks\": {\"Stop\": [{\"hooks\": [{\"type\": \"command\", \"command\": \"x\"}]}]}}\n\
        -- commands/c.md --\nNo command of Codex.\n\
        -- .app.json --\n{\"apps\": {\"mail\": {\"id\": \"connector_1\"}, \"none\": {}}}\n";
    let default = of(Host::Codex, &format!("{CODEX}{{\"name\": \"demo\"}}\n{files}"));
    assert_eq!(default.mcp_servers().len(), 1);
    assert!(default.mcp_servers()[0].loads.is_ok() && default.hooks()[0].loads.is_ok());
    assert_eq!(default.counts.get(ComponentType::Skill), 1);
    assert_eq!(default.counts.get(ComponentType::Command), 0);
    assert_eq!(default.counts.get(ComponentType::App), 1);
    assert_eq!(default.behaviour.connectors[0].id, "connector_1");
    assert!(fixture::codes(&default).contains(&"app-id"));

    let manifest = r#"{"name": "demo", "skills": "./more/", "mcpServers": "./more.json",
        "apps": "./.app.json", "interface": {"displayName": "Demo"}}"#;
    let named = of(Host::Codex, &format!("{CODEX}{manifest}\n{files}"));
    let loads = |name: &str| {
        let servers = named.mcp_servers();
        servers.iter().any(|server| server.name() == name && server.loads.is_ok())
    };
    assert!(loads("more") && !loads("default"));
    assert_eq!(named.behaviour.connectors.len(), 1);
    assert!(!fixture::codes(&named).contains(&"unknown-field"));

    let manifest =
        r#"{"name": "demo", "mcpServers": "./.mcp.json", "hooks": "./hooks/hooks.json"}"#;
    let same = of(Host::Codex, &format!("{CODEX}{manifest}\n{files}"));
    assert_eq!((same.mcp_servers().len(), same.hooks().len()), (1, 1), "listed once");
    assert!(same.mcp_servers()[0].loads.is_ok() && same.hooks()[0].loads.is_ok());
}

#[test]
fn servers_of_codex_have_more_keys_s_19() {
    let tree = format!(
        "{CODEX}{{\"name\": \"demo\"}}\n-- .mcp.json --\n{}\n",
        r#"{"m": {"url": "https://m.example.net/mcp", "bearer_token_env_var": "DEMO_TOKEN",
            "tool_timeout_sec": 60, "oauth_resource": "https://m.example.net"}}"#
    );
    let found = of(Host::Codex, &tree);
    let server = found.mcp_servers()[0];
    assert!(server.loads.is_ok() && servers::of(server).transport == Transport::Http);
    assert_eq!(server.headers[0].name, "Authorization");
    assert_eq!(server.headers[0].from, ["DEMO_TOKEN"]);
    assert_eq!(server.reads()[0].name, "DEMO_TOKEN");
}

#[test]
fn agent_plugins_have_skills_and_servers_at_one_place_s_19() {
    let tree = "-- plugin.json --\n{\"$schema\": \"https://agent-plugins.org/schemas/1.0.0/plugin.schema.json\", \
        \"name\": \"demo\", \"skills\": \"./more\"}\n\
        -- skills/a/SKILL.md --\n---\nname: a\ndescription: x\n---\nText\n\
        -- more/b/SKILL.md --\n---\nname: b\ndescription: x\n---\nText\n\
        -- .mcp.json --\n{\"other\": {\"command\": \"other\"}}\n\
        -- bin/tool 0755 --\n#!/bin/sh\n\
        -- mcp.json --\n";
    let servers = r#"{"mcpServers": {
        "own": {"type": "stdio", "command": "./bin/tool", "args": ["--data", "${PLUGIN_DATA}/x"]},
        "bare": {"type": "stdio", "command": "npx", "args": ["-y", "demo@1.2.3"], "cwd": "${PLUGIN_ROOT}"},
        "http": {"type": "streamable-http", "url": "https://m.example.net/mcp"},
        "old": {"type": "http", "url": "https://m.example.net/mcp"},
        "none": {"command": "npx"},
        "words": {"type": "stdio", "command": "npx -y demo"},
        "out": {"type": "stdio", "command": "../tool"},
        "root": {"type": "stdio", "command": "${PLUGIN_ROOT}/bin/tool"},
        "more": {"type": "stdio", "command": "x", "timeout": 5},
        "elsewhere": {"type": "stdio", "command": "x", "cwd": "/tmp"}}}"#;
    let found = of(Host::AgentPlugins, &format!("{tree}{servers}\n"));
    let servers = found.mcp_servers().into_iter();
    let loading: Vec<_> = servers.filter(|server| server.loads.is_ok()).collect();
    let names: Vec<_> = loading.iter().map(|server| server.name()).collect();
    assert_eq!(names, ["bare", "http", "own"]);
    assert_eq!(found.mcp_servers().len(), 10, "the others are shown");
    assert_eq!(found.counts.get(ComponentType::Skill), 1);
    assert_eq!(loading[2].plugin_files()[0].path, "bin/tool");
}

#[test]
fn readings_of_two_hosts_are_not_compared_s_90() {
    let tree = format!("{CODEX}{{\"name\": \"demo\"}}\n-- skills/a/SKILL.md --\n---\n---\n");
    let (claude, codex) = (of(Host::Claude, &tree), of(Host::Codex, &tree));
    assert!(!Difference::of(&claude, &codex).comparable);
    assert!(Difference::of(&codex, &codex).comparable);
}
