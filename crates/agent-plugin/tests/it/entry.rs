// SPDX-License-Identifier: Apache-2.0
//! The entry of a catalogue (S-16, S-17, S-72).

use agent_plugin::inventory::{ComponentType, Launch, LaunchKind, Source};
use agent_plugin::{CatalogueEntry, Inventory, Limits, Root};

use crate::fixture;

const MANIFEST: &str =
    "-- .claude-plugin/plugin.json --\n{\"name\": \"demo\", \"version\": \"1.0.0\"}\n";
const SKILL: &str = "---\nname: a\ndescription: x\n---\nText.\n";

/// The inventory of a tree with that entry, to which a name and a source are added.
fn with(tree: &str, entry: &str) -> Inventory {
    let entry = match entry.contains("\"source\"") {
        true => format!("{{\"name\": \"demo\", {entry}}}"),
        false => format!("{{\"name\": \"demo\", \"source\": \"./plugins/demo\", {entry}}}"),
    };
    let entry = choose(&entry, "demo").expect("an entry");
    Inventory::of(&fixture::files(tree), &Root::plugin("demo").with_entry(entry))
}

fn choose(document: &str, name: &str) -> oci_artifact::Result<CatalogueEntry> {
    CatalogueEntry::choose("marketplace.json", document, name, &Limits::default())
}

fn loading(inventory: &Inventory, kind: ComponentType) -> Vec<&str> {
    let found =
        inventory.components.iter().filter(|found| found.loads.is_ok() && found.kind == kind);
    found.map(|found| found.path.as_str()).collect()
}

#[test]
fn an_entry_is_chosen_by_its_name_s_16() {
    let catalogue = r#"{"name": "m", "plugins": [{"name": "a", "source": "./a"},
        {"name": "b", "source": "./b"}, {"name": "b", "source": "./c"}]}"#;
    assert!(choose(catalogue, "a").is_ok());
    let none = choose(catalogue, "c").expect_err("there is none");
    assert_eq!(none.kind(), oci_artifact::ErrorKind::NotFound);
    assert!(
        none.diagnostics()[0]
            .help
            .as_ref()
            .is_some_and(|help| help.to_string().contains("for a, b, b;"))
    );
    let several = choose(catalogue, "b").expect_err("there are two");
    assert!(several.to_string().contains("several entries \"b\""), "{several}");
    assert!(choose(r#"{"name": "x", "source": "./x"}"#, "other").is_ok(), "one entry is the entry");
    for wrong in ["[]", "{}", "{\"plugins\": {}}", "no JSON", "{\"name\": \"x\"}"] {
        assert!(choose(wrong, "x").is_err(), "{wrong}");
    }
    let deep = format!("{{\"plugins\": {}{}}}", "[".repeat(100), "]".repeat(100));
    assert!(choose(&deep, "x").is_err());
    let large = " ".repeat(1 << 20) + "{\"plugins\": []}";
    let large = choose(&large, "x").expect_err("too large");
    assert_eq!(large.kind(), oci_artifact::ErrorKind::TooLarge);
}

#[test]
fn without_a_manifest_the_entry_is_the_manifest_s_16() {
    let tree = "-- README.md --\nServers are in the catalogue.\n-- more/x.md --\n---\n---\nText.\n";
    let found = with(
        tree,
        r#""version": "2.0.0", "commands": "./more", "strict": false,
           "lspServers": {"rust": {"command": "rust-analyzer", "extensionToLanguage": {".rs": "rust"}}},
           "mcpServers": {"docs": {"type": "http", "url": "https://docs.example.net/mcp"}},
           "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "say done"}]}]}"#,
    );
    assert!(found.subject.entry_considered);
    assert_eq!(found.subject.version.as_deref(), Some("2.0.0"));
    assert_eq!(found.subject.manifest, None);
    assert_eq!(found.subject.formats, ["claude-code"]);
    assert!(
        found.lsp_servers()[0].loads.is_ok()
            && found.mcp_servers()[0].loads.is_ok()
            && found.hooks()[0].loads.is_ok()
    );
    assert_eq!(loading(&found, ComponentType::Command), ["more/x.md"]);
    let declared = &found.lsp_servers()[0].declared_in;
    assert_eq!(declared.file, "marketplace.json");
    assert_eq!(declared.pointer.as_deref(), Some("/lspServers/rust"));
    assert!(found.components.iter().all(|component| component.source == Source::Entry));
    assert!(!fixture::codes(&found).contains(&"unknown-field"));
}

#[test]
fn the_hooks_of_an_entry_are_inline_s_16() {
    let tree = "-- more.json --\n{\"hooks\": {\"Stop\": [{\"hooks\": [{\"type\": \"command\", \"command\": \"x\"}]}]}}\n";
    for hooks in [r#""hooks": "./more.json""#, r#""hooks": ["./more.json"]"#] {
        let found = with(tree, hooks);
        assert_eq!(found.hooks()[0].loads, Err("entry-hooks"), "{hooks}");
        assert!(fixture::codes(&found).contains(&"entry-hooks"));
    }
}

#[test]
fn beside_a_manifest_the_entry_appends_s_16() {
    let tree = format!(
        "{MANIFEST}-- skills/a/SKILL.md --\n{SKILL}-- more/b/SKILL.md --\n{SKILL}\
         -- commands/c.md --\n{SKILL}-- more/d.md --\n{SKILL}-- agents/e.md --\n{SKILL}\
         -- more/f.md --\n{SKILL}-- output-styles/g.md --\n{SKILL}-- more/h.md --\n{SKILL}\
         -- themes/i.json --\n{{}}\n-- more/j.json --\n{{}}\n"
    );
    for strict in ["", "\"strict\": true, "] {
        let found = with(
            &tree,
            &format!(
                r#"{strict}"skills": ["./more"], "commands": "./more/d.md", "agents": ["./more/f.md"],
                   "outputStyles": "./more/h.md", "experimental": {{"themes": "./more/j.json"}}"#
            ),
        );
        use ComponentType::{Agent, Command, OutputStyle, Skill, Theme};
        assert_eq!(loading(&found, Skill), ["skills/a/SKILL.md", "more/b/SKILL.md"]);
        assert_eq!(loading(&found, Command), ["commands/c.md", "more/d.md"]);
        assert_eq!(loading(&found, Agent), ["agents/e.md", "more/f.md"]);
        assert_eq!(loading(&found, OutputStyle), ["more/h.md", "output-styles/g.md"]);
        assert_eq!(loading(&found, Theme), ["themes/i.json", "more/j.json"]);
        let entry = found.components.iter().find(|component| component.path == "more/d.md");
        assert_eq!(entry.expect("a command").source, Source::Entry);
    }
}

#[test]
fn hooks_of_the_entry_replace_those_of_the_manifest_by_event_s_16() {
    let one = |command: &str| {
        format!("[{{\"hooks\": [{{\"type\": \"command\", \"command\": \"{command}\"}}]}}]")
    };
    let tree = format!(
        "-- .claude-plugin/plugin.json --\n{{\"name\": \"demo\", \"hooks\": [\"./more.json\", \
         {{\"Stop\": {}, \"SessionEnd\": {}}}]}}\n-- more.json --\n{{\"hooks\": {{\"Stop\": {}}}}}\n",
        one("inline"),
        one("end"),
        one("file"),
    );
    let found = with(&tree, &format!("\"hooks\": {{\"Stop\": {}}}", one("entry")));
    let loads = |command: &str| {
        let mut hooks = found.hooks().into_iter();
        let hook = hooks.find(|hook| hook.command.as_deref() == Some(command));
        hook.expect("it is listed").loads
    };
    assert_eq!(loads("entry"), Ok(()));
    assert_eq!(loads("end"), Ok(()), "another event");
    assert_eq!(loads("inline"), Err("entry-replaces"));
    assert_eq!(loads("file"), Err("entry-replaces"));
}

#[test]
fn beside_a_manifest_servers_and_options_of_the_entry_are_ignored_s_16() {
    let found = with(
        MANIFEST,
        r#""mcpServers": {"m": {"command": "m"}}, "channels": [{"server": "m"}],
           "lspServers": {"l": {"command": "l", "extensionToLanguage": {".l": "l"}}},
           "userConfig": {"K": {"type": "string", "title": "k", "description": "k"}}"#,
    );
    assert_eq!(found.mcp_servers()[0].loads, Err("entry-ignored"));
    assert_eq!(found.lsp_servers()[0].loads, Err("entry-ignored"));
    assert!(found.behaviour.user_config.is_empty() && found.behaviour.channels.is_empty());
    let ignored = found.warnings.iter().filter(|warning| warning.code() == "entry-ignored");
    assert_eq!(ignored.count(), 4);
    assert!(found.counts.0.is_empty());
}

#[test]
fn strict_false_beside_a_manifest_is_a_conflict_of_components_s_16() {
    let tree = format!(
        "{MANIFEST}-- skills/a/SKILL.md --\n{SKILL}-- .mcp.json --\n{{\"m\": {{\"command\": \"m\"}}}}\n"
    );
    for (field, value) in [
        ("commands", "\"./skills\""),
        ("agents", "[]"),
        ("skills", "[\"./skills\"]"),
        ("outputStyles", "[]"),
        ("themes", "[]"),
        ("hooks", "{}"),
    ] {
        let found = with(&tree, &format!("\"strict\": false, \"{field}\": {value}"));
        assert!(found.counts.0.is_empty(), "{field}");
        assert_eq!(found.mcp_servers()[0].loads, Err("entry-conflict"), "{field}");
        assert!(fixture::codes(&found).contains(&"entry-conflict"), "{field}");
        assert!(found.render().contains("RUNS BY ITSELF once enabled\n  nothing"), "{field}");
    }
    let found = with(&tree, "\"strict\": false, \"category\": \"x\"");
    assert_eq!(found.counts.get(ComponentType::Skill), 1, "nothing contradicts");
}

#[test]
fn an_entry_at_the_root_loads_the_skills_that_it_lists_s_16() {
    let tree = format!(
        "-- .claude-plugin/marketplace.json --\n{{\"name\": \"m\", \"plugins\": []}}\n\
         -- skills/a/SKILL.md --\n{SKILL}-- skills/b/SKILL.md --\n{SKILL}-- other/c/SKILL.md --\n{SKILL}"
    );
    for source in ["./", ".", "./."] {
        let entry =
            format!("\"source\": \"{source}\", \"strict\": false, \"skills\": [\"./skills/a\"]");
        let found = with(&tree, &entry);
        assert_eq!(loading(&found, ComponentType::Skill), ["skills/a/SKILL.md"], "{source}");
        let other = found.components.iter().find(|skill| skill.path == "skills/b/SKILL.md");
        assert_eq!(other.expect("it is listed").loads, Err("entry-skills"));
        assert!(!fixture::codes(&found).contains(&"marketplace"), "it is no catalogue only");
    }
    let found = with(&tree, "\"source\": \"./\"");
    assert_eq!(found.counts.get(ComponentType::Skill), 2, "it lists none");
}

#[test]
fn it_is_said_whether_an_entry_was_considered_s_17() {
    assert!(with(MANIFEST, "\"category\": \"x\"").subject.entry_considered);
    assert!(!fixture::inventory(MANIFEST).subject.entry_considered);
}

#[test]
fn commands_of_the_catalogue_come_first_s_72() {
    let tree = format!("{MANIFEST}-- .mcp.json --\n{{\"m\": {{\"command\": \"m\"}}}}\n");
    let entry = r#""source": {"source": "command", "command": "npx -y fetch-plugin demo"},
                   "headersHelper": "print-token --for plugins""#;
    let found = with(&tree, entry);
    let runs = found.runs();
    let is_catalogues = |run: &&&Launch| run.kind() == LaunchKind::CatalogueCommand;
    let runs: Vec<_> = runs.iter().filter(is_catalogues).collect();
    assert_eq!(runs.len(), 2);
    assert!(runs.iter().all(|run| run.loads.is_ok() && run.plugin_files().is_empty()));
    let moving = found.warnings.iter().find(|warning| warning.code() == "fetch-moving");
    assert_eq!(moving.and_then(|moving| moving.path()), Some("marketplace.json"));
    let text = found.render();
    let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what}: {text}"));
    assert!(at("npx -y fetch-plugin") < at("MCP server m"));
    assert!(at("print-token") < at("MCP server m"));
    let other = r#""source": {"source": "github", "repo": "a/b", "command": "x"}"#;
    assert!(with(&tree, other).runs()[0].loads.is_err(), "no source that runs it");
}
