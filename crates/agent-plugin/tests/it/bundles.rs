// SPDX-License-Identifier: Apache-2.0
//! Bundles (S-53): zip archives that are opened, and those that are better not.

use std::io::Write as _;

use agent_plugin::{Collector, Inventory, Limits, Packed, Root};
use rawzip::path::EntryPath;
use rawzip::{CompressionMethod, ZipArchiveWriter};

use crate::{fixture, servers};

const CONFIG: &str = r#"{
    "manifest_version": "0.2", "name": "pdf-tools", "version": "1.0.0",
    "server": {"type": "node", "entry_point": "server/index.js", "mcp_config": {
        "command": "node", "args": ["${__dirname}/server/index.js", "--dir=${user_config.folder}"],
        "env": {"PDF_TOKEN": "${user_config.token}", "PDF_CACHE": "${PDF_CACHE:-none}"},
        "platform_overrides": {"win32": {"command": "cmd", "args": ["/c", "npx -y pdf-tools"]}}}},
    "user_config": {
        "folder": {"type": "directory", "title": "Folder", "description": "x", "required": true},
        "token": {"type": "string", "title": "Token", "description": "x", "sensitive": true}}}"#;

/// An archive of files, each deflated.
fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut archive = ZipArchiveWriter::new(&mut out);
    for (name, content) in files {
        let file = archive
            .new_file(EntryPath::verbatim(name.as_bytes()))
            .compression_method(CompressionMethod::DEFLATE);
        let (mut entry, config) = file.start().expect("begins");
        let level = flate2::Compression::default();
        let encoder = flate2::write::DeflateEncoder::new(&mut entry, level);
        let mut writer = config.wrap(encoder);
        writer.write_all(content).expect("is written");
        let (encoder, descriptor) = writer.finish().expect("ends");
        encoder.finish().expect("ends");
        entry.finish(descriptor).expect("ends");
    }
    archive.finish().expect("ends");
    out
}

fn with(bundle: &[u8], limits: Limits) -> Inventory {
    let manifest = br#"{"name": "demo", "mcpServers": "./tools.mcpb"}"#;
    let mut collector = Collector::new(limits);
    let files: [(&str, &[u8]); 2] =
        [(".claude-plugin/plugin.json", manifest), ("tools.mcpb", bundle)];
    for (path, content) in files {
        let size = content.len() as u64;
        collector.file(path.as_bytes(), 0o644, size, Packed::Kept, content).expect("is read");
    }
    Inventory::of(&collector.finish(), &Root::plugin("demo"))
}

/// Returns for each server whether its bundle was not unpacked.
fn opaque(inventory: &Inventory) -> Vec<bool> {
    inventory.mcp_servers().into_iter().map(|server| servers::of(server).opaque).collect()
}

/// Returns the reason why a bundle was not unpacked.
fn refusal(bundle: &[u8]) -> String {
    let found = with(bundle, Limits::default());
    assert_eq!(found.mcp_servers().len(), 1);
    assert!(opaque(&found) == [true] && found.mcp_servers()[0].loads.is_ok());
    let warning = found.warnings.iter().find(|warning| warning.code() == "bundle-opaque");
    warning.expect("it is said").message().to_owned()
}

#[test]
fn a_bundle_of_the_plugin_is_opened_s_53() {
    let bundle = zip(&[("manifest.json", CONFIG.as_bytes()), ("server/index.js", b"run()")]);
    let found = with(&bundle, Limits::default());
    let server = found.mcp_servers()[0];
    let own = servers::of(server);
    assert_eq!((server.name(), own.opaque), ("pdf-tools", false));
    assert_eq!(own.bundle.as_deref(), Some("tools.mcpb"));
    assert_eq!(server.command.as_deref(), Some("node"));
    assert_eq!(server.env[1].name, "PDF_TOKEN");
    let reads: Vec<_> = server.reads().iter().map(|read| read.name.as_str()).collect();
    assert_eq!(reads, ["PDF_CACHE"], "__dirname is the bundle's own");
    assert_eq!(own.overrides[0].platform, "win32");
    assert_eq!(server.fetches()[0].what, "pdf-tools", "what another platform fetches counts");
    assert!(server.usage.runs_file_of.is_empty() && server.plugin_files().is_empty());
    let declared = &server.declared_in;
    assert_eq!(declared.pointer.as_deref(), Some("/server/mcp_config"));
    let options = &found.behaviour.user_config;
    let keys: Vec<_> =
        options.iter().map(|option| (option.key.as_str(), option.sensitive)).collect();
    assert_eq!(keys, [("folder", false), ("token", true)]);
    assert!(options.iter().all(|option| option.used_by == ["mcp/pdf-tools"]));
    assert_eq!(fixture::codes(&found), ["fetch-moving"]);
    let text = found.render();
    let words = text.split_whitespace().filter(|word| *word != "↳");
    let text = words.collect::<Vec<_>>().join(" ");
    for part in ["node", "bundle tools.mcpb", "on win32: cmd /c 'npx -y pdf-tools'", "asks you for"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn what_a_manifest_of_a_bundle_lacks_is_said_s_53() {
    for (manifest, why) in [
        ("{", "manifest.json: "),
        ("[]", "no server.mcp_config"),
        ("{\"server\": {\"type\": \"node\"}}", "no server.mcp_config"),
        ("{\"server\": {\"mcp_config\": {\"command\": \"x\", \"url\": \"https://x\"}}}", "\"url\""),
        ("{\"server\": 1, \"Server\": 2}", "twice"),
    ] {
        let told = refusal(&zip(&[("manifest.json", manifest.as_bytes())]));
        assert!(told.contains(why), "{manifest}: {told}");
    }
    let options =
        r#"{"server": {"mcp_config": {"command": "x", "args": ["${user_config.gone}"]}}}"#;
    let found = with(&zip(&[("manifest.json", options.as_bytes())]), Limits::default());
    assert_eq!(fixture::codes(&found), ["userconfig-missing"]);
}

#[test]
fn hostile_archives_stay_opaque_s_53() {
    let manifest = ("manifest.json", CONFIG.as_bytes());
    let good = zip(&[manifest]);
    assert!(refusal(b"no archive").contains("not a readable zip archive"));
    assert!(refusal(&good[..good.len() / 2]).contains("not a readable zip archive"));
    assert!(refusal(&zip(&[("other.json", b"{}")])).contains("no manifest.json"));
    for second in ["manifest.json", "./manifest.json", "MANIFEST.json", "manifest.json/"] {
        let told = refusal(&zip(&[manifest, (second, b"{}")]));
        assert!(told.contains("several entries"), "{second}: {told}");
    }
    for name in ["../x", "a/../../x", "/etc/x", "C:x", "a\\..\\x"] {
        let told = refusal(&zip(&[manifest, (name, b"{}")]));
        assert!(told.contains("leads out"), "{name}: {told}");
    }
    let bomb = vec![0; 65 << 20];
    assert!(refusal(&zip(&[manifest, ("zeros", &bomb)])).contains("unpacks to more"));
    let large = format!("{{\"x\": \"{}\"}}", " ".repeat(2 << 20));
    let told = refusal(&zip(&[("manifest.json", large.as_bytes())]));
    assert!(told.contains("more than 1048576 bytes"), "{told}");
    // The sizes, the flags, the method and the checksum of the central directory.
    let central = good.windows(4).position(|bytes| bytes == b"PK\x01\x02").expect("a directory");
    for (offset, bytes, why) in [
        (8, &[1, 0][..], "encrypted"),
        (10, &[12, 0][..], "method 12"),
        (16, &[1, 2, 3, 4][..], "cannot be unpacked"),
        (24, &[0xff, 0xff, 0xff, 0][..], "to 16777215 bytes"),
        (20, &[0xff, 0xff, 0xff, 0x7f][..], "not a readable zip archive"),
        (42, &[0xff, 0xff, 0xff, 0x7f][..], "not a readable zip archive"),
        (46, b"M", "different name"),
    ] {
        let mut wrong = good.clone();
        let at = central + offset;
        wrong[at..at + bytes.len()].copy_from_slice(bytes);
        let told = refusal(&wrong);
        assert!(told.contains(why), "{offset}: {told}");
    }
    // Two entries of the directory that share one content.
    let two = zip(&[("manifest.json", CONFIG.as_bytes()), ("manifest.jsox", CONFIG.as_bytes())]);
    let starts: Vec<usize> =
        (0..two.len() - 4).filter(|at| two[*at..].starts_with(b"PK\x01\x02")).collect();
    let mut shared = two.clone();
    shared[starts[1] + 42..starts[1] + 46].fill(0);
    let told = refusal(&shared);
    assert!(told.contains("overlap") || told.contains("different name"), "{told}");
    // The same, with the name beside the content changed too, so that only the overlap is left.
    let mut same = zip(&[("a", b"{}"), ("b", b"{}"), manifest]);
    let starts: Vec<usize> =
        (0..same.len() - 4).filter(|at| same[*at..].starts_with(b"PK\x01\x02")).collect();
    same[starts[1] + 42..starts[1] + 46].fill(0);
    same[starts[1] + 46] = b'a';
    assert!(refusal(&same).contains("overlap"));
}

#[test]
fn bundles_are_bounded_s_82() {
    let bundle = zip(&[("manifest.json", CONFIG.as_bytes()), ("a", b""), ("b", b"")]);
    let mut limits = Limits::default();
    limits.bundles = bundle.len() as u64 - 1;
    let found = with(&bundle, limits);
    assert!(opaque(&found) == [true] && found.limits.truncated);
    assert_eq!(found.limits.unread, ["tools.mcpb"]);
    let mut limits = Limits::default();
    limits.entries = 2;
    assert_eq!(opaque(&with(&bundle, limits)), [true]);
}

#[test]
fn the_manifests_of_all_bundles_are_bounded_together_s_82() {
    let bundle = zip(&[("manifest.json", CONFIG.as_bytes())]);
    let manifest = br#"{"name": "demo", "mcpServers": ["./a.mcpb", "./b.mcpb", "./c.mcpb"]}"#;
    let mut limits = Limits::default();
    limits.bundle_manifests = 2 * CONFIG.len() as u64;
    let mut collector = Collector::new(limits);
    let files = [".claude-plugin/plugin.json", "a.mcpb", "b.mcpb", "c.mcpb"];
    for (path, content) in files.into_iter().zip([&manifest[..], &bundle, &bundle, &bundle]) {
        let size = content.len() as u64;
        collector.file(path.as_bytes(), 0o644, size, Packed::Kept, content).expect("is read");
    }
    let found = Inventory::of(&collector.finish(), &Root::plugin("demo"));
    assert_eq!(opaque(&found).iter().filter(|opaque| **opaque).count(), 1);
    assert_eq!(found.limits.unread, ["c.mcpb"]);
}

#[test]
fn servers_are_bounded_wherever_they_come_from_s_82() {
    let urls: Vec<String> =
        (0..6_000).map(|n| format!(r#""https://a.example/{n}.mcpb""#)).collect();
    let manifest = format!(r#"{{"name": "demo", "mcpServers": [{}]}}"#, urls.join(","));
    let found = fixture::with(".claude-plugin/plugin.json", &manifest);
    assert_eq!(found.mcp_servers().len(), 5_000);
    assert!(found.limits.unread.contains(&"(mcp_servers)".to_owned()));
}
