// SPDX-License-Identifier: Apache-2.0
//! Directories and layers: the same files, the same inventory (S-1, S-8, S-75).

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use agent_plugin::{Files, Inventory, Limits, Packed, Root};
use oci_artifact::ErrorKind;
use oci_artifact::directory::{Hidden, HiddenSpecials};

use crate::fixture::{self, Entry, codes};

const HIDDEN: Hidden = Hidden {
    directories: &[".claude-plugin"],
    files: &[".mcp.json"],
    specials: HiddenSpecials::Refuse,
};

fn write(text: &str, root: &Path) {
    for entry in fixture::entries(text) {
        let (Entry::File { path, .. } | Entry::Link { path, .. }) = &entry;
        let full = root.join(path);
        fs::create_dir_all(full.parent().expect("below the root")).expect("a directory");
        match entry {
            Entry::File { mode, content, .. } => {
                fs::write(&full, content).expect("a file");
                fs::set_permissions(&full, fs::Permissions::from_mode(mode)).expect("a mode");
            }
            Entry::Link { target, .. } => symlink(target, &full).expect("a link"),
        }
    }
}

fn read(root: &Path) -> (Files, Inventory) {
    let files = Files::from_directory(root, &HIDDEN, Limits::default()).expect("readable");
    let inventory = Inventory::of(&files, &Root::plugin("demo"));
    (files, inventory)
}

#[test]
fn a_directory_is_what_its_entries_are_s_1() {
    for name in ["hooks", "texts", "links", "references"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/surface");
        let text =
            fs::read_to_string(path.join(name).with_extension("fixture")).expect("a fixture");
        let root = tempfile::tempdir().expect("a directory");
        write(&text, root.path());
        let (_, found) = read(root.path());
        assert_eq!(found.to_json(), fixture::inventory(&text).to_json(), "{name}");
    }
}

#[test]
fn nothing_behind_a_link_out_of_the_tree_is_read_s_8() {
    let outside = tempfile::tempdir().expect("a directory");
    write("-- SKILL.md --\n---\nname: secret\n---\n", outside.path());
    let root = tempfile::tempdir().expect("a directory");
    write("-- skills/in/SKILL.md --\n---\nname: in\n---\n", root.path());
    symlink(outside.path(), root.path().join("skills/out")).expect("a link");
    symlink(outside.path().join("SKILL.md"), root.path().join("commands.md")).expect("a link");
    let (files, found) = read(root.path());
    assert_eq!(files.iter().count(), 1);
    assert!(!found.to_json().contains("secret"));
    assert_eq!(found.warnings.iter().filter(|w| w.code() == "symlink-escape").count(), 2);
}

#[test]
fn what_the_packager_leaves_out_is_shown_s_75() {
    let root = tempfile::tempdir().expect("a directory");
    write(
        "-- .claude-plugin/plugin.json --\n{\"name\": \"p\"}\n-- .lsp.json --\n{}\n-- .git/config --\nx\n\
         -- .venv/bin/x 0755 --\nx\n-- .codex-plugin/plugin.json --\n{}\n-- .mcp.json --\n{}\n\
         -- hooks/hooks.json --\n{\"hooks\": {\"Stop\": [{\"hooks\": [{\"type\": \"command\", \
         \"command\": \"bash \\\"${CLAUDE_PLUGIN_ROOT}/.scripts/x.sh\\\"\"}]}]}}\n-- .scripts/x.sh --\nx\n",
        root.path(),
    );
    let (files, found) = read(root.path());
    let dropped = [".codex-plugin/plugin.json", ".lsp.json", ".scripts/", ".venv/"];
    assert_eq!(found.dropped_by_packer, dropped);
    assert!(found.subject.formats.contains(&"codex"), "hosts would read it");
    let codes = codes(&found);
    assert!(codes.contains(&"dropped-by-packer") && codes.contains(&"ref-missing"), "{codes:?}");
    let kept: Vec<_> = files.iter().filter(|e| e.packed == Packed::Kept).map(|e| &e.path).collect();
    assert_eq!(kept, [".claude-plugin/plugin.json", ".mcp.json", "hooks/hooks.json"]);
}

#[test]
fn what_is_no_directory_is_an_error() {
    let root = tempfile::tempdir().expect("a directory");
    write("-- file --\nx\n", root.path());
    for path in ["gone", "file"] {
        let path = root.path().join(path);
        let error = Files::from_directory(&path, &HIDDEN, Limits::default()).expect_err("an error");
        assert_eq!(error.kind(), ErrorKind::InvalidDir);
    }
    let error =
        Files::from_layer(&b"no layer"[..], &oci_artifact::digest::sha256(b""), Limits::default())
            .expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::InvalidArchive);
}

#[test]
fn a_fifo_is_named_and_not_opened_s_8() {
    let root = tempfile::tempdir().expect("a directory");
    rustix::fs::mkfifoat(rustix::fs::CWD, root.path().join("pipe"), rustix::fs::Mode::RUSR)
        .expect("a FIFO");
    let (_, found) = read(root.path());
    assert!(codes(&found).contains(&"not-packaged"));
}
