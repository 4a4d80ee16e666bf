// SPDX-License-Identifier: Apache-2.0
//! One file of ours below a root (PL-7).

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use toolhive_places::{file, remove_empty_parents};

const FILE: &str = ".toolhive/marketplace/x.json";

#[test]
fn a_file_is_replaced_read_and_removed() {
    let root = tempfile::tempdir().expect("a directory");
    let path = Path::new(FILE);
    assert_eq!(file::read(root.path(), path, 10).expect("is fine"), None);
    for text in ["one", "two"] {
        file::replace(root.path(), path, text.as_bytes()).expect("is written");
        assert_eq!(file::read(root.path(), path, 10).expect("is read"), Some(text.into()));
    }
    assert_eq!(file::read(root.path(), path, 2).expect("is read"), None, "too large");
    let beside = fs::read_dir(root.path().join(".toolhive/marketplace")).expect("is read");
    assert_eq!(beside.count(), 1, "nothing is left");
    file::remove(root.path(), path).expect("is removed");
    file::remove(root.path(), path).expect("is gone already");
    remove_empty_parents(root.path(), &[root.path().join(FILE)]);
    assert_eq!(fs::read_dir(root.path()).expect("is read").count(), 0);
}

#[test]
fn no_link_is_followed_to_a_file() {
    let (root, other) =
        (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
    fs::create_dir_all(other.path().join("marketplace")).expect("made");
    fs::write(other.path().join("marketplace/x.json"), "theirs").expect("written");
    symlink(other.path(), root.path().join(".toolhive")).expect("linked");
    let path = Path::new(FILE);
    assert!(file::read(root.path(), path, 10).is_err());
    assert!(file::replace(root.path(), path, b"ours").is_err());
    assert!(file::remove(root.path(), path).is_err());
    fs::remove_file(root.path().join(".toolhive")).expect("removed");
    fs::create_dir_all(root.path().join(".toolhive/marketplace")).expect("made");
    symlink(other.path().join("marketplace/x.json"), root.path().join(FILE)).expect("linked");
    assert!(file::read(root.path(), path, 10).is_err());
    // The link itself is what makes way.
    file::replace(root.path(), path, b"ours").expect("is written");
    let theirs = fs::read_to_string(other.path().join("marketplace/x.json")).expect("is read");
    assert_eq!(theirs, "theirs");
    for path in ["", "..", "../x", "a/../../x", "/etc/x", "."] {
        assert!(file::replace(root.path(), Path::new(path), b"x").is_err(), "{path:?}");
    }
}

#[test]
fn a_host_s_own_directory_is_never_removed_pl_8() {
    let root = tempfile::tempdir().expect("a directory");
    for directory in [".claude/skills", ".agents/skills", "full/skills"] {
        fs::create_dir_all(root.path().join(directory)).expect("made");
    }
    fs::write(root.path().join("full/file"), "").expect("written");
    let paths: Vec<_> = [".claude/skills/demo", ".agents/skills/demo", "full/skills/demo"]
        .map(|path| root.path().join(path))
        .into();
    remove_empty_parents(root.path(), &paths);
    assert!(root.path().join(".claude").is_dir() && !root.path().join(".claude/skills").exists());
    assert!(!root.path().join(".agents").exists());
    assert!(root.path().join("full/file").exists() && !root.path().join("full/skills").exists());
}
