// SPDX-License-Identifier: Apache-2.0
//! The golden vectors of whole artifacts: a directory, and what the Go reference made of it. Any
//! crate's tests can put such a directory on disk, byte for byte and mode for mode.

mod outcome;
mod probes;

use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rustix::fs::{CWD, Mode, mkfifoat};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::segments;

pub use outcome::{Deviation, Instead, check_all};
pub use probes::{Probe, check_probes};

/// A directory, how it was packaged, and what came of it.
#[derive(Clone, Debug, Deserialize)]
pub struct Vector<E = Expect> {
    /// `plugin` or `skill`.
    pub kind: String,
    /// Its name, unique among its kind.
    pub name: String,
    /// The epoch, in seconds.
    pub epoch: i64,
    /// The platforms that were asked for; none means the default.
    pub platforms: Vec<String>,
    /// The policy for file modes: `git` or `verbatim`.
    #[serde(default = "git")]
    pub modes: String,
    /// The reference's result.
    pub expect: E,
    entries: Vec<Entry>,
    directory: Option<Root>,
    #[serde(default)]
    many: u32,
    #[serde(default)]
    zeros: u64,
}

/// The reference's result for a directory.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Expect {
    /// The reference refused it.
    Error {
        /// The error's class, in kebab case, or `other`.
        error: String,
    },
    /// The reference made an artifact.
    Artifact(Box<Artifact>),
}

/// The facts of an artifact: as many as are known of the reference's, all of ours.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Artifact {
    /// The digest of the index.
    pub index_digest: String,
    /// The digest of the first platform's manifest.
    pub manifest_digest: String,
    /// The digest of the first platform's config.
    pub config_digest: String,
    /// The digest of the compressed layer.
    pub layer_digest: String,
    /// The digest of the uncompressed layer.
    pub diff_id: String,
    /// The number of bytes of the compressed layer.
    pub layer_size: u64,
    /// The number of bytes of the uncompressed layer.
    pub tar_size: u64,
    /// The plugin's or skill's config, as JSON.
    pub config: Value,
    /// The exact text of the first platform's config.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_json: Option<String>,
    /// The exact text of the first platform's manifest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manifest_json: Option<String>,
    /// The exact text of the index.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index_json: Option<String>,
}

/// The root is not a directory.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Root {
    Missing,
    File,
}

/// An entry below the root.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Entry {
    path: Option<String>,
    path_base64: Option<String>,
    mode: Option<String>,
    text: Option<String>,
    base64: Option<String>,
    segments: Option<Value>,
    symlink: Option<String>,
    fifo: bool,
    dir: bool,
}

fn git() -> String {
    "git".into()
}

/// Returns all vectors of that kind (`plugin`, `skill`), in the order of the file.
///
/// # Panics
/// If the file cannot be read.
pub fn load(kind: &str) -> Vec<Vector> {
    load_from("artifacts", kind)
}

/// Loads the same directories with the results of the reference built with Go 1.27.
///
/// # Panics
/// If the file cannot be read.
pub fn load_go127(kind: &str) -> Vec<Vector> {
    load_from("artifacts-go127", kind)
}

fn load_from(file: &str, kind: &str) -> Vec<Vector> {
    #[derive(Deserialize)]
    struct Vectors {
        vectors: Vec<Vector>,
    }
    let text = fs::read(crate::testdata(format!("vectors/{file}.json"))).expect("can be read");
    let Vectors { mut vectors } = serde_json::from_slice(&text).expect("is as documented");
    vectors.retain(|vector| vector.kind == kind);
    vectors
}

impl<E> Vector<E> {
    /// Returns the content of the file at `path`, unless that is something else than a file.
    pub fn file(&self, path: &str) -> Option<Vec<u8>> {
        let entry = self.entries.iter().find(|entry| entry.path.as_deref() == Some(path))?;
        entry.mode.as_ref().map(|_| entry.content())
    }
}

/// Puts a vector's directory at `root`, which must not exist yet. Its parent must.
///
/// # Panics
/// If it cannot be written.
pub fn materialise<E>(vector: &Vector<E>, root: &Path) {
    match vector.directory {
        Some(Root::Missing) => return,
        Some(Root::File) => return write(root, b"", "0644"),
        None => make_directory(root),
    }
    for entry in &vector.entries {
        entry.put_below(root);
    }
    for number in 0..vector.many {
        write(&root.join(format!("f{number:04}.txt")), format!("{number}\n").as_bytes(), "0644");
    }
    if vector.zeros > 0 {
        let path = root.join("zeros.bin");
        write(&path, b"", "0644");
        let file = File::options().write(true).open(&path).expect("can be opened");
        file.set_len(vector.zeros).expect("can be extended");
    }
}

impl Entry {
    fn put_below(&self, root: &Path) {
        let path = self.place(root);
        make_parents(root, &path);
        if let Some(target) = &self.symlink {
            symlink(target, &path).expect("a link can be made");
        } else if self.fifo {
            mkfifoat(CWD, &path, Mode::from_raw_mode(0o644)).expect("a pipe can be made");
        } else if self.dir {
            make_directory(&path);
        } else {
            write(&path, &self.content(), self.mode.as_deref().expect("a file has a mode"));
        }
    }

    fn place(&self, root: &Path) -> PathBuf {
        let name = match (&self.path, &self.path_base64) {
            (Some(path), None) => path.into(),
            (None, Some(base64)) => OsString::from_vec(decode(base64)),
            _ => panic!("an entry has one path: {self:?}"),
        };
        root.join(name)
    }

    fn content(&self) -> Vec<u8> {
        match (&self.text, &self.base64, &self.segments) {
            (Some(text), None, None) => text.clone().into_bytes(),
            (None, Some(base64), None) => decode(base64),
            (None, None, Some(segments)) => segments::build(segments),
            _ => panic!("a file has one content: {self:?}"),
        }
    }
}

fn decode(base64: &str) -> Vec<u8> {
    BASE64_STANDARD.decode(base64).expect("is base64")
}

/// Writes a file whose mode is `mode` (octal), whatever the umask.
fn write(path: &Path, content: &[u8], mode: &str) {
    fs::write(path, content).expect("a file can be written");
    chmod(path, u32::from_str_radix(mode, 8).expect("a mode is octal"));
}

fn make_parents(root: &Path, path: &Path) {
    let parent = path.parent().expect("a path below the root has a parent");
    if parent != root && fs::symlink_metadata(parent).is_err() {
        make_parents(root, parent);
        make_directory(parent);
    }
}

fn make_directory(path: &Path) {
    if !path.is_dir() {
        fs::create_dir(path).expect("a directory can be made");
    }
    chmod(path, 0o755);
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("modes can be set");
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt};

    use super::*;

    fn named(kind: &str, name: &str) -> Vector {
        load(kind).into_iter().find(|vector| vector.name == name).expect("there is one")
    }

    #[test]
    fn all_344_vectors_are_understood_and_stand_on_disk() {
        let parent = tempfile::tempdir().expect("a directory can be made");
        let vectors: Vec<Vector> = [load("plugin"), load("skill")].concat();
        assert_eq!(vectors.len(), 344);
        for (number, vector) in vectors.iter().enumerate() {
            let root = parent.path().join(number.to_string());
            materialise(vector, &root);
            assert_eq!(root.is_dir(), vector.directory.is_none(), "{}", vector.name);
            assert_eq!(root.exists(), !matches!(vector.directory, Some(Root::Missing)));
            if root.is_dir() {
                fs::remove_dir_all(&root).expect("can be removed");
            }
        }
    }

    #[test]
    fn modes_links_pipes_and_odd_names_are_what_the_vector_says() {
        let parent = tempfile::tempdir().expect("a directory can be made");
        let place = |kind: &str, name: &str| {
            let root = parent.path().join(name);
            materialise(&named(kind, name), &root);
            root
        };
        let mode = |path: PathBuf| {
            fs::symlink_metadata(path).expect("is there").permissions().mode() & 0o7777
        };

        let root = place("plugin", "fifo");
        assert!(fs::symlink_metadata(root.join("pipe")).expect("is there").file_type().is_fifo());
        let root = place("plugin", "claude-plugin-dir-is-symlink");
        assert_eq!(fs::read_link(root.join(".claude-plugin")).expect("a link"), Path::new("real"));
        let root = place("plugin", "path-invalid-utf8");
        let odd = OsString::from_vec(b"bad\xFFname".to_vec());
        assert_eq!(fs::read(root.join(odd)).expect("is there"), b"x");
        let root = place("plugin", "files-1000");
        assert_eq!(fs::read(root.join("f0999.txt")).expect("is there"), b"999\n");
        let root = place("plugin", "size-95-mib");
        assert_eq!(root.join("zeros.bin").metadata().expect("is there").len(), 99_614_720);
        let root = place("plugin", "modes-special-bits");
        let special = named("plugin", "modes-special-bits");
        assert_eq!(special.modes, "verbatim");
        for entry in &special.entries {
            let wanted = u32::from_str_radix(entry.mode.as_deref().expect("a file"), 8);
            assert_eq!(mode(entry.place(&root)), wanted.expect("octal"), "{entry:?}");
        }
        assert_eq!(mode(root), 0o755);
    }
}
