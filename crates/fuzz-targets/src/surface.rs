// SPDX-License-Identifier: Apache-2.0
//! An arbitrary set of files: never panics, lists what it says it lists, and no text of a plugin
//! starts a line of ours. The input is cut at each 0xff: a byte that picks the path and the mode,
//! then the content; or a byte that picks who reads the tree; or one, and an entry of a catalogue.

use agent_plugin::{
    CatalogueEntry, Collector, Difference, Files, Host, Inventory, Limits, Packed, Root,
};
use agent_plugin::{Findings, Profile};

const PATHS: [&str; 16] = [
    ".claude-plugin/plugin.json",
    "hooks/hooks.json",
    ".mcp.json",
    ".lsp.json",
    "monitors/monitors.json",
    "settings.json",
    "package.json",
    "package-lock.json",
    "SKILL.md",
    "skills/a/SKILL.md",
    "commands/a.md",
    "agents/a.md",
    "output-styles/a.md",
    "workflows/a.js",
    "hooks/m.js",
    "bin/a",
];

/// Runs the target on an input.
pub fn run(input: &[u8]) {
    let pieces: Vec<&[u8]> = input.split(|byte| *byte == 0xff).collect();
    let one = inventory(&pieces);
    check(&one);
    let mut turned = pieces.clone();
    turned.pop();
    let other = inventory(&turned);
    let text = Difference::of(&one, &other).render();
    assert!(text.lines().all(|line| !line.contains(|c: char| c.is_control())));
    let same = Difference::of(&one, &one);
    assert!(same.changes.is_empty(), "{:?}", same.changes);
}

/// Adds to an inventory the findings that `inspect` shows, as `validate` finds them: ordered, one
/// for each rule.
fn adopted(mut inventory: Inventory, files: &Files) -> Inventory {
    if inventory.subject.host == Host::Claude && !inventory.subject.entry_considered {
        let mut findings = Findings::new(Profile::Claude);
        toolhive_plugins::validate::check(&inventory, files, Some("fuzz"), &mut findings);
        agent_plugin::check::warnings::adopt(&mut inventory, findings);
        for warning in &inventory.warnings {
            assert!(warning.rule.is_some(), "{}", warning.code());
        }
    }
    inventory
}

fn inventory(pieces: &[&[u8]]) -> Inventory {
    let mut collector = Collector::new(Limits::default());
    let mut seen = 0_u16;
    let (mut skill, mut entry) = (false, None);
    let said = pieces.iter().filter_map(|piece| piece.first()).find(|choice| **choice >= 0xc0);
    let host = said.map_or(Host::Claude, |choice| Host::ALL[usize::from(choice & 15) % 3]);
    for piece in pieces {
        let Some((choice, content)) = piece.split_first() else { continue };
        let at = usize::from(choice & 15);
        if choice & 128 != 0 {
            let found = CatalogueEntry::choose("m.json", content, "fuzz", &Limits::default());
            entry = found.ok().filter(|_| choice & 64 == 0).or(entry);
            continue;
        }
        let path = path(at, host).as_bytes();
        // A path is there once.
        if seen & (1 << at) != 0 {
            continue;
        }
        seen |= 1 << at;
        skill |= choice & 64 != 0;
        let mode = if choice & 16 == 0 { 0o644 } else { 0o755 };
        if choice & 32 == 0 {
            let size = content.len() as u64;
            collector.file(path, mode, size, Packed::Kept, content).expect("memory can be read");
        } else {
            collector.link(path, content);
        }
    }
    let root = if skill { Root::skill("fuzz") } else { Root::plugin("fuzz").for_host(host) };
    let root = match entry {
        Some(entry) => root.with_entry(entry),
        None => root,
    };
    let files = collector.finish();
    adopted(Inventory::of(&files, &root), &files)
}

/// Returns a path that the host reads.
fn path(at: usize, host: Host) -> &'static str {
    match (host, PATHS[at]) {
        (_, ".claude-plugin/plugin.json") => host.manifest(),
        (Host::Codex, ".lsp.json") => ".app.json",
        (Host::AgentPlugins, ".mcp.json") => "mcp.json",
        (_, path) => path,
    }
}

fn check(inventory: &Inventory) {
    let text = inventory.render();
    for line in text.lines() {
        assert!(!line.contains(|c: char| c.is_control()), "{line:?}");
    }
    assert_eq!(text.matches("\nRUNS BY ITSELF").count(), 1);
    assert_eq!(text.matches("\nCONNECTS TO").count(), 1);
    let json: serde_json::Value = serde_json::from_str(&inventory.to_json()).expect("is JSON");
    assert_eq!(json["schema"], "plugin-surface/1");
    let counted: usize = inventory.counts.0.iter().map(|(_, count)| count).sum();
    assert_eq!(
        counted,
        inventory.components.iter().filter(|component| component.loads.is_ok()).count()
    );
    for launch in &inventory.launches {
        assert!(launch.plugin_files().iter().all(|file| !file.path.starts_with(['/', '.'])));
        let code = launch.loads.err();
        assert!(code.is_none_or(|code| agent_plugin::rule::find(code).is_some()), "{code:?}");
    }
    assert!(inventory.warnings.is_sorted_by_key(|warning| warning.severity));
}
