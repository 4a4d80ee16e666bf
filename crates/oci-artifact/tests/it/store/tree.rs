// SPDX-License-Identifier: Apache-2.0
//! Directories of two versions that are packaged and extracted, one over the other.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use oci_artifact::Encoder;
use oci_artifact::config::TextMap;
use oci_artifact::directory::{Hidden, HiddenSpecials, Tree};
use oci_artifact::extract::{Existing, ExtractOptions, extract};
use oci_artifact::kind::{ArtifactKind, Description, Modes};
use oci_artifact::packager::{PackageOptions, package};
use oci_artifact::store::Store;
use oci_artifact::{Result, document, reader};

/// The versions of the tree.
pub(super) const VERSIONS: [&str; 2] = ["one", "two"];

const FILES: usize = 40;

/// A directory with a file `NOTE` that is not looked at.
pub(super) struct Note;

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
        Description {
            name: "note".to_owned(),
            config: (),
            labels: TextMap::new(),
            annotations: TextMap::new(),
            warnings: Vec::new(),
        }
    }

    fn read_config(_config: &document::Config) -> Result<()> {
        Ok(())
    }
}

/// Makes both versions' directories beside the store, if they are not there.
pub(super) fn lay(root: &Path) {
    for version in VERSIONS {
        let directory = root.with_file_name(version);
        if directory.exists() {
            continue;
        }
        for number in 0..FILES {
            let path = directory.join(format!("d{}/{number}", number % 7));
            fs::create_dir_all(path.parent().expect("has one")).expect("mkdir");
            fs::write(path, version.repeat(100 * number)).expect("writes");
        }
        fs::write(directory.join(Note::MANIFEST_PATH), version).expect("writes");
    }
}

/// Packages a version, which gets the tag `tree-VERSION`.
pub(super) fn build(store: &Store, version: &str) {
    let mut options = PackageOptions::default();
    options.tags = vec![format!("tree-{version}")];
    package::<Note>(store, &store.root().with_file_name(version), &options, &()).expect("packages");
}

/// Returns the directory into which a worker extracts.
pub(super) fn place(root: &Path, prefix: &str) -> PathBuf {
    root.with_file_name(format!("{prefix}out"))
}

/// Extracts a version to that place, over what is there.
pub(super) fn replace(store: &Store, version: &str, place: &Path) {
    let stored = reader::read::<Note>(store, &format!("tree-{version}")).expect("reads");
    let mut options = ExtractOptions::default();
    options.existing = Existing::Replace;
    extract::<Note>(store, &stored, place, &options, &()).expect("extracts");
}

/// The version that is whole and alone at that place; `None` if there is nothing.
pub(super) fn whole(root: &Path, place: &Path) -> Option<&'static str> {
    let version = match fs::read_to_string(place.join(Note::MANIFEST_PATH)) {
        Ok(version) => VERSIONS.into_iter().find(|it| *it == version).expect("a version"),
        Err(_) if !place.exists() => return None,
        Err(error) => panic!("{}: {error}", place.display()),
    };
    assert_eq!(files(place), files(&root.with_file_name(version)), "{version} is not whole");
    Some(version)
}

/// Every file with what it holds, sorted.
fn files(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(next) = directories.pop() {
        for path in fs::read_dir(next).expect("lists").map(|entry| entry.expect("an entry").path())
        {
            if path.is_dir() {
                directories.push(path);
            } else {
                let name = path.strip_prefix(directory).expect("is below").to_owned();
                files.push((name, fs::read(&path).expect("reads")));
            }
        }
    }
    files.sort();
    files
}
