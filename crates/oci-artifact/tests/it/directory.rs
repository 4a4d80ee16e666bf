// SPDX-License-Identifier: Apache-2.0
//! The walk (format.md, 1).

use std::fs;
use std::path::Path;

use oci_artifact::directory::{Directory, Hidden, HiddenSpecials, Tree};
use oci_artifact::{Error, ErrorKind, limits};
use tempfile::TempDir;

pub(super) const MANIFEST: &str = ".claude-plugin/plugin.json";
pub(super) const STRICT: Hidden = Hidden {
    directories: &[".claude-plugin"],
    files: &[".mcp.json"],
    specials: HiddenSpecials::Refuse,
};
pub(super) const LENIENT: Hidden =
    Hidden { directories: &[], files: &[], specials: HiddenSpecials::Ignore };

/// A directory with these files; those whose names end in `/` are directories.
pub(super) fn tree(paths: &[&str]) -> TempDir {
    let root = TempDir::new().expect("a temporary directory");
    for path in paths {
        let full = root.path().join(path);
        if path.ends_with('/') {
            fs::create_dir_all(full).expect("a directory");
        } else {
            fs::create_dir_all(full.parent().expect("has one")).expect("a directory");
            fs::write(full, path).expect("a file");
        }
    }
    root
}

pub(super) fn walk(root: &Path, hidden: &Hidden) -> Result<Tree, Error> {
    Directory::open(root)?.walk(hidden, MANIFEST)
}

pub(super) fn paths(tree: &Tree) -> Vec<&str> {
    tree.paths().collect()
}

pub(super) fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorKind {
    result.expect_err("has to fail").kind()
}

#[test]
fn files_are_sorted_by_bytes_not_by_components_tar_1() {
    let root = tree(&["a/b", "a.b", "a-b", "B", "a b", "\u{e9}", "a/", "z/", "z/y/"]);
    let found = walk(root.path(), &STRICT).expect("walks");
    assert_eq!(paths(&found), ["B", "a b", "a-b", "a.b", "a/b", "é"]);
}

#[test]
fn hidden_entries_of_a_plugin_pw_2_pw_4() {
    let root = tree(&[
        MANIFEST,
        ".claude-plugin/marketplace.json",
        ".claude-plugin/sub/x",
        ".claude-plugin/.sub/x",
        ".mcp.json",
        ".lsp.json",
        ".git/config",
        "sub/.mcp.json",
        "x/.claude-plugin/y",
        "..foo",
        "a..b",
    ]);
    let found = walk(root.path(), &STRICT).expect("walks");
    assert_eq!(paths(&found), [".mcp.json", "a..b"]);
    let omitted: Vec<_> = found.omitted.iter().map(|p| String::from_utf8_lossy(p)).collect();
    assert_eq!(
        omitted,
        [
            "..foo",
            ".claude-plugin/.sub/",
            ".claude-plugin/marketplace.json",
            ".claude-plugin/sub/x",
            ".git/",
            ".lsp.json",
            "sub/.mcp.json",
            "x/.claude-plugin/"
        ]
    );
    let warning = found.omitted_warning().expect("BUG-12: the author is told");
    assert!(warning.message.starts_with("7 hidden entries"), "{warning}");
}

#[test]
fn what_the_finder_leaves_everywhere_is_left_out_without_a_word_bug_12() {
    let root = tree(&[MANIFEST, ".DS_Store", "sub/.DS_Store", "sub/file"]);
    let found = walk(root.path(), &STRICT).expect("walks");
    assert_eq!((paths(&found), found.omitted.len()), (vec!["sub/file"], 2));
    assert_eq!(found.omitted_warning().map(|warning| warning.message), None);
    let root = tree(&[MANIFEST, ".DS_Store", ".DS_Store2", "sub/.DS_Store/x/", ".lsp.json"]);
    let found = walk(root.path(), &STRICT).expect("walks");
    let warning = found.omitted_warning().expect("of the others");
    assert!(warning.message.ends_with("artifact: .DS_Store2, .lsp.json"), "{warning}");
}

#[test]
fn one_file_too_many_pw_6() {
    let root = tree(&[MANIFEST]);
    for n in 0..limits::MAX_FILES {
        fs::write(root.path().join(format!("f{n:04}")), "").expect("a file");
    }
    assert_eq!(walk(root.path(), &STRICT).expect("as many as may be").files.len(), 1_000);
    fs::write(root.path().join("one-more"), "").expect("a file");
    assert_eq!(kind(walk(root.path(), &STRICT)), ErrorKind::TooManyFiles);
}

#[test]
fn sizes_are_summed_before_anything_is_read_pw_7_bug_05() {
    let root = tree(&[]);
    let sparse = |name: &str, size| {
        let file = fs::File::create(root.path().join(name)).expect("a file");
        file.set_len(size).expect("a sparse file");
    };
    sparse("a", limits::MAX_CONTENT_SIZE - 1);
    sparse("b", 1);
    assert_eq!(walk(root.path(), &STRICT).expect("fits").size, limits::MAX_CONTENT_SIZE);
    sparse("b", 2);
    assert_eq!(kind(walk(root.path(), &STRICT)), ErrorKind::TooLarge);
    sparse("b", 1 << 40);
    assert_eq!(kind(walk(root.path(), &STRICT)), ErrorKind::TooLarge);
}

pub(super) fn manifest(root: &TempDir) -> Result<u64, Error> {
    let directory = Directory::open(root.path()).expect("opens");
    directory.open_manifest(MANIFEST).map(|(_, entry)| entry.size)
}

#[test]
fn what_stands_in_place_of_the_manifest_pd_1_bug_02() {
    assert_eq!(manifest(&tree(&[MANIFEST])).ok(), Some(MANIFEST.len() as u64));
    assert_eq!(kind(manifest(&tree(&["x"]))), ErrorKind::ManifestMissing);
    assert_eq!(kind(manifest(&tree(&[".claude-plugin/"]))), ErrorKind::ManifestMissing);
    // Not even where the file system opens these under the right name.
    for other in [".claude-plugin/Plugin.json", ".Claude-Plugin/plugin.json"] {
        assert_eq!(kind(manifest(&tree(&[other]))), ErrorKind::ManifestMissing, "{other}");
    }
    assert_eq!(kind(manifest(&tree(&[".claude-plugin/plugin.json/"]))), ErrorKind::InvalidFile);
    assert_eq!(kind(manifest(&tree(&[".claude-plugin"]))), ErrorKind::InvalidFile);
}

#[test]
fn a_missing_directory_and_a_file_are_no_directories() {
    let root = tree(&["file"]);
    for path in ["missing", "file", "file/sub", "a\0b"] {
        let result = Directory::open(&root.path().join(path));
        assert_eq!(kind(result), ErrorKind::InvalidDir, "{path}");
    }
    assert_eq!(kind(Directory::open(Path::new(""))), ErrorKind::InvalidDir);
}

/// The walk's error, and what a survey has against the tree.
fn refused(root: &Path) -> (Error, Vec<Error>) {
    let directory = Directory::open(root).expect("opens");
    let survey = directory.survey(&STRICT).expect("surveys");
    assert!(!survey.is_complete);
    (directory.walk(&STRICT, MANIFEST).expect_err("is refused"), survey.refusals)
}

#[test]
fn the_number_of_names_in_a_path_dev_6() {
    let path = |names: usize| vec!["d"; names].join("/");
    let root = tree(&[&path(256)]);
    assert_eq!(paths(&walk(root.path(), &STRICT).expect("walks")), [path(256)]);
    let root = tree(&[&path(257)]);
    let (error, told) = refused(root.path());
    assert_eq!(error.kind(), ErrorKind::InvalidFile);
    assert!(error.to_string().contains("more than 256 names"), "{error}");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].to_string(), error.to_string());
    // What is left out may be as deep as it likes.
    let root = tree(&[&format!(".hidden/{}", path(300)), "file"]);
    assert_eq!(paths(&walk(root.path(), &STRICT).expect("walks")), ["file"]);
    let survey = Directory::open(root.path()).expect("opens").survey(&STRICT).expect("surveys");
    assert!(survey.refusals.is_empty() && !survey.is_complete);
}

#[test]
fn the_number_of_directories_dev_6() {
    let root = tree(&["file"]);
    let make = |at: usize| fs::create_dir(root.path().join(format!("d{at}"))).expect("made");
    (0..limits::MAX_DIRECTORIES).for_each(make);
    fs::create_dir(root.path().join(".hidden")).expect("made");
    assert_eq!(paths(&walk(root.path(), &STRICT).expect("walks")), ["file"]);
    make(limits::MAX_DIRECTORIES);
    let (error, told) = refused(root.path());
    assert_eq!(error.kind(), ErrorKind::TooManyFiles);
    assert!(error.to_string().contains("more than 10000 directories"), "{error}");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].kind(), ErrorKind::TooManyFiles);
}

#[test]
fn a_file_that_changed_since_the_walk_is_refused() {
    let root = tree(&["file", "other"]);
    let directory = Directory::open(root.path()).expect("opens");
    let found = directory.walk(&STRICT, MANIFEST).expect("walks");
    assert!(found.files.iter().all(|file| directory.open_file(file).is_ok()));

    fs::write(root.path().join("file"), "grown").expect("written");
    fs::remove_file(root.path().join("other")).expect("removed");
    for file in &found.files {
        assert_eq!(kind(directory.open_file(file)), ErrorKind::InvalidFile);
    }
}
