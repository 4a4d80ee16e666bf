// SPDX-License-Identifier: Apache-2.0
//! Tests of the order in which an extraction reaches the disk (EX-23), from the calls that it makes: a machine that
//! stops at any moment leaves the old tree or the new one, whole.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::Path;

use tempfile::TempDir;

use go_deflate::Encoder;
use held_directory::CWD;

use super::disk::record::{Call, during};
use super::handle::Identity;
use super::{Existing, ExtractOptions, Spot, Staged, Standing, extract};
use crate::config::TextMap;
use crate::directory::{Hidden, HiddenSpecials, Tree};
use crate::kind::{ArtifactKind, Description, Modes};
use crate::packager::{PackageOptions, package};
use crate::store::Store;
use crate::{Result, document, reader};

/// A directory with a file `NOTE` that is not looked at.
struct Note;

impl ArtifactKind for Note {
    type Config = ();
    type Manifest = ();

    const NAME: &'static str = "note";
    const ARTIFACT_TYPE: &'static str = "application/vnd.example.note.v1";
    const LAYER_TITLE: &'static str = "note.tar.gz";
    const MANIFEST_PATH: &'static str = "NOTE";
    const LABEL_NAME: &'static str = "example.name";
    const LABEL_DESCRIPTION: &'static str = "example.description";
    const LABEL_VERSION: &'static str = "example.version";
    const LABEL_FILES: &'static str = "example.files";
    const HIDDEN: Hidden =
        Hidden { directories: &[], files: &[], specials: HiddenSpecials::Ignore };

    fn read_manifest(_file: &mut dyn Read, _size: u64) -> Result<()> {
        Ok(())
    }

    fn file_mode(_mode: u32, _modes: Modes) -> u32 {
        0o644
    }

    fn describe((): (), _files: &[&str], _tree: &Tree, _: Encoder) -> Description<()> {
        let (labels, annotations) = (TextMap::new(), TextMap::new());
        let (name, warnings) = ("note".to_owned(), Vec::new());
        Description { name, config: (), labels, annotations, warnings }
    }

    fn read_config(_config: &document::Config) -> Result<()> {
        Ok(())
    }
}

/// Returns a store with a note of that many files, in directories.
fn built(dir: &TempDir, files: usize) -> Store {
    let source = dir.path().join("source");
    for number in 0..files {
        let path = source.join(format!("a/{}/{number}", number % 3));
        fs::create_dir_all(path.parent().expect("has one")).expect("makes");
        fs::write(path, number.to_string()).expect("writes");
    }
    fs::write(source.join("NOTE"), "").expect("writes");
    let store = Store::open(dir.path().join("store")).expect("opens");
    package::<Note>(&store, &source, &PackageOptions::default(), &()).expect("packages");
    store
}

fn identity(path: &Path) -> Identity {
    Identity::at(CWD, path.as_os_str()).expect("is there")
}

/// A directory and all that is in it.
fn all(path: &Path, found: &mut Vec<Identity>) {
    found.push(identity(path));
    for entry in fs::read_dir(path).expect("reads").map(|entry| entry.expect("reads").path()) {
        match entry.is_dir() {
            true => all(&entry, found),
            false => found.push(identity(&entry)),
        }
    }
}

/// Extracts; the tree is on the disk before it is put in place, its name before the old one goes.
fn in_order(store: &Store, destination: &Path, made: &[&Path]) -> Vec<Call> {
    let stored = reader::read::<Note>(store, "note").expect("reads");
    let options = ExtractOptions { existing: Existing::Replace, ..ExtractOptions::default() };
    let (result, calls) = during(|| extract::<Note>(store, &stored, destination, &options, &()));
    result.expect("extracts");
    let put = calls.iter().position(|(call, _)| *call == "rename").expect("is put in place");
    let (before, after) = calls.split_at(put);
    if !before.iter().any(|(call, _)| *call == "syncfs") {
        let synced = |one: &Identity| before.contains(&("fsync", *one));
        let mut tree = Vec::new();
        all(destination, &mut tree);
        assert!(tree.iter().all(synced), "all of the tree is on the disk: {before:?}");
    }
    assert!(!before.iter().any(|(call, _)| *call == "unlink"), "nothing went: {before:?}");
    let removal = after.iter().position(|(call, _)| *call == "unlink").expect("is swept");
    let until = after.get(..removal).expect("is a part");
    for directory in made.iter().copied().chain(destination.parent()) {
        let synced = ("fsync", identity(directory));
        assert!(until.contains(&synced), "{}: {calls:?}", directory.display());
    }
    calls
}

#[test]
fn a_tree_is_on_the_disk_before_it_is_in_its_place_ex_23() {
    // Many at once, where the system has a call for that.
    let many = if cfg!(target_os = "linux") { "syncfs" } else { "fsync" };
    for (files, way) in [(6, "fsync"), (200, many)] {
        let dir = TempDir::new().expect("a directory");
        let store = built(&dir, files);
        let fresh = dir.path().join("out");
        let calls = in_order(&store, &fresh, &[]);
        let ways: BTreeSet<_> = calls.iter().map(|(call, _)| *call).collect();
        assert!(ways.contains(way), "{ways:?}");
        // In the place of what it is, and below directories that are made for it.
        let removed = |calls: &[Call]| calls.iter().filter(|(call, _)| *call == "unlink").count();
        let again = in_order(&store, &fresh, &[]);
        assert!(removed(&again) > removed(&calls) + files, "the old tree went: {again:?}");
        in_order(&store, &dir.path().join("b/c/out"), &[dir.path(), &dir.path().join("b")]);
    }
}

/// Returns every path below a directory, with the bytes of files.
fn everything(path: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).expect("reads").map(|entry| entry.expect("reads").path()) {
        let name = entry.display().to_string();
        match entry.is_dir() {
            true => {
                found.push((name, Vec::new()));
                found.extend(everything(&entry));
            }
            false => found.push((name, fs::read(&entry).expect("reads"))),
        }
    }
    found.sort();
    found
}

fn staged<'a>(store: &Store, root: &Path, path: &'a Path) -> Staged<'a> {
    let stored = crate::reader::read::<Note>(store, "note").expect("reads");
    let spot = Spot::open(root, path).expect("opens");
    spot.stage::<Note>(store, &stored, &ExtractOptions::default(), &()).expect("is written")
}

#[test]
fn staged_changes_are_undone_and_leave_all_as_it_was_ex_28() {
    let dir = TempDir::new().expect("a directory");
    let store = built(&dir, 3);
    let root = dir.path().join("root");
    fs::create_dir_all(root.join("old/x")).expect("makes");
    fs::write(root.join("old/x/mine"), "mine").expect("writes");
    let before = everything(&root);
    let (new, old) = (root.join("a/b/new"), root.join("old/x"));
    let changes = |root: &Path| {
        let removal = Spot::open(root, &old).expect("opens").stage_removal(&[]);
        [staged(&store, root, &new), removal.expect("is ready")]
    };
    // Ready and dropped, put and undone, put and dropped.
    drop(changes(&root));
    assert_eq!(everything(&root), before);
    for is_dropped in [false, true] {
        let mut both = changes(&root);
        for one in &mut both {
            one.put::<Note>().expect("is put");
        }
        assert!(new.join("NOTE").is_file() && !old.exists());
        for one in both {
            if is_dropped { drop(one) } else { one.undo().expect("is undone") }
        }
        assert_eq!(everything(&root), before);
    }
    // In the place of another tree.
    let mut exchange = staged(&store, &root, &old);
    exchange.put::<Note>().expect("is put");
    assert!(old.join("NOTE").is_file() && !old.join("mine").exists());
    exchange.undo().expect("is undone");
    assert_eq!(everything(&root), before);
    let mut exchange = staged(&store, &root, &old);
    exchange.put::<Note>().expect("is put");
    assert!(exchange.finish().is_none());
    assert!(old.join("NOTE").is_file() && !old.join("mine").exists());
    assert_eq!(fs::read_dir(root.join("old")).expect("reads").count(), 1, "nothing is left beside");
}

#[test]
fn what_changed_since_it_was_looked_at_stays_ex_25_ex_28() {
    let dir = TempDir::new().expect("a directory");
    let store = built(&dir, 3);
    let root = dir.path().join("root");
    let (free, taken) = (root.join("free"), root.join("taken"));
    fs::create_dir_all(taken.join("x")).expect("makes");
    let mut first = staged(&store, &root, &free);
    let mut second = staged(&store, &root, &taken);
    let third = Spot::open(&root, &taken).expect("opens").stage_removal(&[]);
    let mut third = third.expect("is ready");
    fs::create_dir_all(free.join("theirs")).expect("makes");
    fs::rename(&taken, root.join("moved")).expect("renames");
    fs::create_dir_all(taken.join("theirs")).expect("makes");
    for one in [&mut first, &mut second, &mut third] {
        one.put::<Note>().expect_err("something else is there");
    }
    drop((first, second, third));
    for path in [free.join("theirs"), taken.join("theirs"), root.join("moved/x")] {
        assert!(path.is_dir(), "{}", path.display());
    }
}

#[cfg(unix)]
#[test]
fn no_link_is_followed_below_the_root_ex_28() {
    let dir = TempDir::new().expect("a directory");
    let (root, other) = (dir.path().join("root"), dir.path().join("other"));
    fs::create_dir_all(&root).expect("makes");
    fs::create_dir_all(other.join("b")).expect("makes");
    std::os::unix::fs::symlink(&other, root.join("a")).expect("links");
    fs::write(root.join("file"), "").expect("writes");
    for below in ["a/x", "a/b/x", "file/x", "../x", "a/../x"] {
        assert!(Spot::open(&root, &root.join(below)).is_err(), "{below}");
    }
    assert!(Spot::open(&root, &other.join("x")).is_err(), "not below the root");
    for (below, standing) in
        [("a", Standing::Link), ("file", Standing::Other), ("none", Standing::Nothing)]
    {
        assert_eq!(Spot::open(&root, &root.join(below)).expect("opens").standing(), standing);
    }
    assert!(Spot::open(&root, &root.join("a")).expect("opens").stage_removal(&[]).is_err());
    assert_eq!(everything(&other).len(), 1, "nothing was made there");
}

#[cfg(unix)]
#[test]
fn a_component_that_becomes_a_link_after_the_look_closes_the_way_ex_25_ex_28() {
    let dir = TempDir::new().expect("a directory");
    let store = built(&dir, 3);
    let (root, other) = (dir.path().join("root"), dir.path().join("other"));
    fs::create_dir_all(root.join("a/skills")).expect("makes");
    fs::create_dir_all(other.join("skills/demo")).expect("makes");
    let path = root.join("a/skills/demo");
    let mut staged = staged(&store, &root, &path);
    fs::rename(root.join("a"), root.join("moved")).expect("renames");
    std::os::unix::fs::symlink(&other, root.join("a")).expect("links");
    let before = everything(&other);
    staged.put::<Note>().expect_err("the way leads elsewhere");
    staged.undo().expect("is undone");
    assert_eq!(everything(&other), before);
    assert_eq!(fs::read_dir(root.join("moved/skills")).expect("reads").count(), 0);
}
