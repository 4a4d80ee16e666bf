// SPDX-License-Identifier: Apache-2.0
//! Tests that everything that prevents packaging is reported at once.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;

use agent_plugin::tree::Tree;
use agent_plugin::{Findings, Profile};
use oci_artifact::directory::{Hidden, HiddenSpecials};
use oci_artifact::limits;
use tempfile::TempDir;

const HIDDEN: Hidden =
    Hidden { directories: &[".kept"], files: &[".file"], specials: HiddenSpecials::Refuse };

fn told(root: &TempDir) -> Vec<String> {
    let tree = Tree::open(root.path(), &HIDDEN).expect("a directory");
    let mut findings = Findings::new(Profile::Claude);
    tree.check("MANIFEST", &mut findings);
    let report = findings.into_report();
    let tell = |finding: &agent_plugin::Finding| {
        let path = finding.diagnostic.path.as_deref().map(|path| path.display().to_string());
        format!("{} {}", finding.code(), path.unwrap_or_default()).trim_end().to_owned()
    };
    report.findings.iter().map(tell).collect()
}

#[test]
fn everything_that_is_no_file_is_told_at_once_pw_1_pw_3() {
    let root = TempDir::new().expect("a directory");
    let path = |name: &str| root.path().join(name);
    fs::create_dir_all(path(".git/refs")).expect("a directory");
    fs::create_dir_all(path(".hidden")).expect("a directory");
    fs::create_dir_all(path("a")).expect("a directory");
    symlink("nowhere", path("a/link")).expect("a link");
    symlink("nowhere", path("b")).expect("a link");
    symlink("nowhere", path(".c")).expect("a link");
    symlink("nowhere", path(".hidden/d")).expect("a link");
    symlink("nowhere", path(".git/refs/e")).expect("a link");
    fs::write(path("back\\slash"), "").expect("a file");
    fs::write(path("MANIFEST"), "").expect("a file");
    let wanted = ["thv-symlink .c", "thv-symlink a/link", "thv-path back\\slash", "thv-symlink b"];
    let told = told(&root);
    assert_eq!(told.len(), wanted.len(), "{told:?}");
    assert!(wanted.iter().all(|wanted| told.iter().any(|line| line == wanted)), "{told:?}");
}

#[test]
fn names_that_are_not_utf_8_bug_18() {
    let root = TempDir::new().expect("a directory");
    let name = std::ffi::OsStr::from_bytes(b"bad\xff");
    fs::write(root.path().join(name), "").expect("a file");
    assert_eq!(told(&root), ["thv-path bad\u{fffd}"]);
}

#[test]
fn thv_files_is_told_with_the_number_pw_6() {
    let root = TempDir::new().expect("a directory");
    for number in 0..=limits::MAX_FILES {
        fs::write(root.path().join(number.to_string()), "").expect("a file");
    }
    assert_eq!(told(&root), ["thv-files"]);
}

#[test]
fn thv_size_pw_7() {
    let root = TempDir::new().expect("a directory");
    let file = fs::File::create(root.path().join("big")).expect("a file");
    file.set_len(limits::MAX_CONTENT_SIZE + 1).expect("sparse");
    assert_eq!(told(&root), ["thv-size"]);
}

#[test]
fn a_tree_knows_its_name_and_what_it_has() {
    let root = TempDir::new().expect("a directory");
    fs::create_dir_all(root.path().join("name/a/b")).expect("a directory");
    fs::write(root.path().join("name/a/b/f.md"), "text").expect("a file");
    let tree = Tree::open(&root.path().join("name/a/.."), &HIDDEN).expect("a directory");
    assert_eq!(tree.name(), Some("name"));
    assert!(tree.is_directory("") && tree.is_directory("a/b") && !tree.is_directory("a/b/f.md"));
    assert_eq!(tree.below("a").collect::<Vec<_>>(), ["a/b/f.md"]);
    assert_eq!(tree.content("a/b/f.md"), Some(&b"text"[..]));
    assert!(tree.get("a").is_none() && tree.content("a/b").is_none());
}
