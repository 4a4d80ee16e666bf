// SPDX-License-Identifier: Apache-2.0
//! A bundle that a plugin names (S-53): an arbitrary archive, or an archive of our own with an
//! arbitrary manifest. Never panics; what is not opaque has a command.

use std::io::Write as _;

use agent_plugin::{Collector, Inventory, Limits, Packed, Root};
use rawzip::{CompressionMethod, ZipArchiveWriter};

const MANIFEST: &[u8] = br#"{"name": "fuzz", "mcpServers": "./x.mcpb"}"#;

/// Runs the target on an input.
pub fn run(input: &[u8]) {
    inspect(input);
    let archive = around(input);
    let inventory = inspect(&archive);
    // Our own archive is fine, so only the manifest can be at fault.
    for warning in inventory.warnings.iter().filter(|warning| warning.code() == "bundle-opaque") {
        assert!(warning.message().contains("manifest.json"), "{}", warning.message());
    }
}

fn inspect(bundle: &[u8]) -> Inventory {
    let mut collector = Collector::new(Limits::default());
    for (path, content) in [(".claude-plugin/plugin.json", MANIFEST), ("x.mcpb", bundle)] {
        let size = content.len() as u64;
        collector.file(path.as_bytes(), 0o644, size, Packed::Kept, content).expect("it is read");
    }
    let inventory = Inventory::of(&collector.finish(), &Root::plugin("fuzz"));
    assert_eq!(inventory.mcp_servers().len(), 1);
    let launch = inventory.mcp_servers()[0];
    assert_eq!(launch.server().map(|own| own.opaque), Some(launch.command.is_none()));
    assert!(inventory.render().lines().all(|line| !line.contains(|c: char| c.is_control())));
    inventory
}

/// Returns an archive whose manifest the input is.
fn around(manifest: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut archive = ZipArchiveWriter::new(&mut out);
    let file = archive.new_file("manifest.json").compression_method(CompressionMethod::STORE);
    let (mut entry, config) = file.start().expect("memory can be written");
    let mut writer = config.wrap(&mut entry);
    writer.write_all(manifest).expect("memory can be written");
    let (_, descriptor) = writer.finish().expect("memory can be written");
    entry.finish(descriptor).expect("memory can be written");
    archive.finish().expect("memory can be written");
    out
}
