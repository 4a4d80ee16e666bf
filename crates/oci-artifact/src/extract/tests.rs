// SPDX-License-Identifier: Apache-2.0
//! When things reach the disk (EX-23), told from the calls: a machine that stops at any moment leaves
//! the old tree or the new one, whole.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use tempfile::TempDir;

use go_deflate::Encoder;

use super::disk::record::{Call, during};
use super::handle::Identity;
use super::{Existing, ExtractOptions, extract};
use crate::config::TextMap;
use crate::directory::{Hidden, HiddenSpecials, Tree};
use crate::kind::{ArtifactKind, Description, Modes};
use crate::packager::{PackageOptions, package};
use crate::store::Store;
use crate::{Result, artifact, document};

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

    fn check_path(_path: &Path) -> Result<()> {
        Ok(())
    }

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

/// A store with a note of so many files, in directories.
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
    Identity::of(File::open(path).expect("opens")).expect("is open")
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
    let stored = artifact::read::<Note>(store, "note").expect("reads");
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
    for (files, way) in [(6, "fsync"), (200, "syncfs")] {
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
