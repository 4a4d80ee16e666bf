// SPDX-License-Identifier: Apache-2.0
//! `inspect` and `diff` with `--entry` and `--host`.

use crate::support::Sandbox;

const CATALOGUE: &str = r#"{"name": "m", "owner": {"name": "x"}, "plugins": [
    {"name": "other", "source": "./other"},
    {"name": "p", "source": "./p", "lspServers":
        {"rust": {"command": "rust-analyzer", "extensionToLanguage": {".rs": "rust"}}}},
    {"name": "twice", "source": "./a"}, {"name": "twice", "source": "./b"}]}"#;

#[test]
fn an_entry_counts_only_where_it_is_given_s_16() {
    let sandbox = Sandbox::new();
    sandbox.write("m/.claude-plugin/marketplace.json", CATALOGUE);
    sandbox.write("m/p/README.md", "The server is in the catalogue.");
    let alone = sandbox.json(0, &["plugin", "inspect", "m/p"]);
    assert_eq!(alone["subject"]["entry_considered"], false, "nobody looks above the directory");
    assert_eq!(alone["lsp_servers"].as_array().map(Vec::len), Some(0));
    let entry = ["--entry", "m/.claude-plugin/marketplace.json"];
    let found = sandbox.json(0, &["plugin", "inspect", "m/p", entry[0], entry[1]]);
    assert_eq!(found["subject"]["entry_considered"], true);
    assert_eq!(found["lsp_servers"][0]["declared_in"]["file"], "marketplace.json");
    assert_eq!(found["lsp_servers"][0]["declared_in"]["pointer"], "/plugins/1/lspServers/rust");
    sandbox.run(2, &["plugin", "inspect", "m/p", entry[0], entry[1], "--fail-on", "automatic"]);

    // The entry by itself.
    let own = r#"{"name": "p", "source": "./p", "hooks": {"Stop": [{"hooks": [
        {"type": "command", "command": "say done"}]}]}}"#;
    sandbox.write("entry.json", own);
    let found = sandbox.json(0, &["plugin", "inspect", "m/p", "--entry", "entry.json"]);
    assert_eq!(found["hooks"][0]["command"], "say done");
    let text = sandbox.text(&["plugin", "inspect", "m/p", "--entry", "entry.json"]);
    assert!(text.contains("say done"), "{text}");
}

#[test]
fn the_entry_is_found_by_the_name_in_the_artifact_s_16() {
    let sandbox = Sandbox::new();
    sandbox.write("marketplace.json", CATALOGUE);
    sandbox.plugin("some-directory", r#"{"name": "p"}"#);
    sandbox.run(0, &["plugin", "build", "some-directory"]);
    for what in ["./some-directory", "p"] {
        let found = sandbox.json(0, &["plugin", "inspect", what, "--entry", "marketplace.json"]);
        assert_eq!(found["subject"]["entry_considered"], true, "{what}");
        assert_eq!(found["lsp_servers"][0]["why_not"], "entry-ignored", "{what}");
    }
    let found = sandbox
        .json(0, &["plugin", "diff", "p", "./some-directory", "--entry", "marketplace.json"]);
    assert_eq!(found["surface"]["after"]["entry_considered"], true);
    assert_eq!(found["same"], true);
}

#[test]
fn an_entry_that_cannot_be_chosen_is_said_s_16() {
    let sandbox = Sandbox::new();
    sandbox.write("marketplace.json", CATALOGUE);
    for (name, kind, words) in [
        ("unknown", "not-found", "no entry \"unknown\""),
        ("twice", "invalid-document", "several entries \"twice\""),
    ] {
        sandbox.plugin(name, &format!(r#"{{"name": "{name}"}}"#));
        let path = format!("./{name}");
        let found = sandbox.json(1, &["plugin", "inspect", &path, "--entry", "marketplace.json"]);
        assert_eq!(found["error"]["kind"], kind);
        assert!(found["error"].to_string().replace('\\', "").contains(words), "{found}");
    }
    let gone = sandbox.json(1, &["plugin", "inspect", "./twice", "--entry", "gone.json"]);
    assert_eq!(gone["error"]["kind"], "io");
    sandbox.write("s/SKILL.md", "---\nname: s\ndescription: x\n---\n");
    let skill = sandbox.json(1, &["skill", "inspect", "./s", "--entry", "marketplace.json"]);
    assert_eq!(skill["error"]["kind"], "invalid-option");
}

#[test]
fn one_tree_to_two_hosts_s_19() {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", r#"{"name": "p"}"#);
    sandbox.write("p/.codex-plugin/plugin.json", r#"{"name": "p", "mcpServers": "./codex.json"}"#);
    sandbox.write("p/codex.json", r#"{"m": {"url": "https://m.example.net/mcp"}}"#);
    let claude = sandbox.json(0, &["plugin", "inspect", "./p"]);
    assert_eq!(claude["endpoints"].as_array().map(Vec::len), Some(0));
    let codex = sandbox.json(0, &["plugin", "inspect", "./p", "--host", "codex"]);
    assert_eq!(codex["subject"]["host"], "codex");
    assert_eq!(codex["endpoints"][0]["host"], "m.example.net");
    sandbox.run(2, &["plugin", "inspect", "./p", "--host", "agent-plugins", "--fail-on", "error"]);

    sandbox.plugin("q", r#"{"name": "p"}"#);
    sandbox.write("q/.codex-plugin/plugin.json", r#"{"name": "p"}"#);
    sandbox.run(0, &["plugin", "diff", "./q", "./p", "--exit-code=surface"]);
    sandbox.run(2, &["plugin", "diff", "./q", "./p", "--exit-code=surface", "--host", "codex"]);
}
