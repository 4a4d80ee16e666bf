// SPDX-License-Identifier: Apache-2.0
//! The places of everything in a store (LS-1), and the file that says so.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toolhive_diagnostics::Remedy;

use super::fs as ops;
use super::lack::Lack;
use super::root::{Kind, Meta, Root, StorePath};
use crate::digest::Digest;
use crate::{Error, ErrorKind, Result, json};

/// The file that makes a directory an image layout.
pub(super) const LAYOUT_FILE: &str = "oci-layout";
/// The content of the layout file.
const LAYOUT: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;
/// The file that will become the layout file.
const NEW_LAYOUT_FILE: &str = "oci-layout.new";
const INDEX_FILE: &str = "index.json";
/// The file that will become the index file. It has one name, since only who holds the lock makes it.
pub(super) const NEW_INDEX_FILE: &str = "index.json.new";
/// The file to which a malformed index file is moved.
pub(super) const BROKEN_INDEX_FILE: &str = "index.json.broken";
pub(super) const LOCK_FILE: &str = "index.json.lock";
/// The reference index, which may be removed at any time (LS-21).
pub(super) const REFERENCES_FILE: &str = "index.json.references";
/// The summaries, which may be removed at any time (LS-36).
pub(super) const SUMMARIES_FILE: &str = "index.json.summaries";
/// The notes on the subjects of listed content, which may be removed at any time (LS-36).
pub(super) const SUBJECTS_FILE: &str = "index.json.subjects";
const INGEST_DIR: &str = "ingest";
const BLOBS_DIR: &str = "blobs";
/// The directory in which a registry that serves the store notes the content of each repository.
pub(super) const REGISTRY_DIR: &str = "registry";

/// The files that a store may have in its root, and the directories; and those below `blobs`.
const FILES: [&str; 9] = [
    LAYOUT_FILE,
    INDEX_FILE,
    LOCK_FILE,
    NEW_INDEX_FILE,
    NEW_LAYOUT_FILE,
    BROKEN_INDEX_FILE,
    REFERENCES_FILE,
    SUMMARIES_FILE,
    SUBJECTS_FILE,
];
const DIRS: [&str; 3] = [BLOBS_DIR, INGEST_DIR, REGISTRY_DIR];
const ALGORITHMS: [&str; 3] = ["sha256", "sha384", "sha512"];

/// The largest one that is read (BUG-69).
const MAX_LAYOUT_FILE_SIZE: u64 = 4096;

/// The state of the layout file.
#[derive(Debug)]
pub(super) enum LayoutState {
    Valid,
    Missing,
    Malformed(Error),
}

/// The paths of a store.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    root: Arc<Root>,
}

impl Layout {
    /// Returns the layout in that directory, whose path becomes absolute (ST-5, BUG-46): the empty
    /// path is the current directory.
    #[expect(clippy::disallowed_methods, reason = "a relative root is fixed once, here")]
    pub(super) fn new(root: &Path) -> Result<Self> {
        let root = if root.as_os_str().is_empty() { Path::new(".") } else { root };
        let absolute = std::path::absolute(root);
        let root =
            absolute.map_err(|error| Error::io("cannot make the path absolute", root, error))?;
        Ok(Self { root: Root::new(root) })
    }

    pub(super) fn root(&self) -> &Path {
        self.root.path()
    }

    /// Returns the root as an open directory, and what may stand below it.
    pub(super) fn handle(&self) -> &Root {
        &self.root
    }

    /// Returns the root as a path to join others to.
    pub(super) fn top(&self) -> StorePath {
        StorePath::top(&self.root)
    }

    /// Returns the path of something in the root.
    pub(super) fn at(&self, name: &str) -> StorePath {
        self.top().join(name)
    }

    pub(super) fn index_file(&self) -> StorePath {
        self.at(INDEX_FILE)
    }

    /// Returns the files that exist only until they take another's place.
    pub(super) fn new_files(&self) -> [StorePath; 2] {
        [self.at(NEW_INDEX_FILE), self.at(NEW_LAYOUT_FILE)]
    }

    /// The names in the root that have a meaning here.
    pub(super) fn own_names(&self) -> impl Iterator<Item = &'static str> {
        FILES.into_iter().chain(DIRS)
    }

    pub(super) fn ingest_dir(&self) -> StorePath {
        self.at(INGEST_DIR)
    }

    pub(super) fn blobs_dir(&self) -> StorePath {
        self.at(BLOBS_DIR)
    }

    /// Returns the path of a blob. A digest's text holds neither slashes nor dots that lead
    /// elsewhere.
    pub(super) fn blob(&self, digest: &Digest) -> StorePath {
        let path = Path::new(BLOBS_DIR).join(digest.algorithm().as_str());
        self.top().join(path.join(digest.hex()))
    }

    /// Returns the files among the blobs, and an error for each directory that cannot be read.
    pub(super) fn blob_files(&self) -> (Vec<BlobFile>, Vec<Error>) {
        let (mut files, mut problems) = (Vec::new(), Vec::new());
        let dirs = ops::entries(&self.blobs_dir()).unwrap_or_else(|error| {
            problems.push(error);
            Vec::new()
        });
        for dir in dirs {
            let algorithm = dir.file_name().unwrap_or_default().to_owned();
            let meta = ops::done("cannot examine it", &dir, ops::stat(&dir));
            let found = match meta {
                Ok(Some(meta)) if meta.is_dir() => ops::entries(&dir),
                Ok(Some(_)) => {
                    files.push(BlobFile { path: dir, digest: None });
                    continue;
                }
                Ok(None) => continue,
                Err(error) => Err(error),
            };
            match found {
                Ok(found) => files.extend(found.into_iter().map(|path| {
                    let name = path.file_name().unwrap_or_default();
                    let [algorithm, hex] =
                        [algorithm.to_str(), name.to_str()].map(Option::unwrap_or_default);
                    let digest = Digest::of_parts(algorithm, hex);
                    BlobFile { path, digest }
                })),
                Err(error) => problems.push(error),
            }
        }
        (files, problems)
    }

    /// Returns the system's data on a blob's file.
    pub(super) fn blob_meta(&self, digest: &Digest) -> Result<Meta, Lack> {
        let path = self.blob(digest);
        match ops::stat(&path) {
            Ok(Some(meta)) if meta.is_file() => Ok(meta),
            Ok(Some(meta)) => Err(not_a_blob(meta.kind, &path)),
            Ok(None) => Err(Lack::Absent(self.blob_missing(digest))),
            Err(error) => {
                Err(Lack::Unreadable(ops::failed("cannot examine the blob", &path, error)))
            }
        }
    }

    /// Returns the size of that blob's file.
    pub(super) fn blob_size(&self, digest: &Digest) -> Result<u64, Lack> {
        self.blob_meta(digest).map(|meta| meta.size)
    }

    pub(super) fn blob_missing(&self, digest: &Digest) -> Error {
        Error::new(ErrorKind::NotFound, format!("the store has no blob {digest}"))
            .at_path(self.blob(digest))
            .with_help("build or pull it again")
    }

    /// Whether any blob lies here, whatever it is called.
    pub(super) fn has_blobs(&self) -> Result<bool> {
        for dir in ops::entries(&self.blobs_dir())? {
            let meta = ops::done("cannot examine it", &dir, ops::stat(&dir))?;
            if meta.is_some_and(|meta| meta.is_dir()) && !ops::entries(&dir)?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Refuses a store in which something else stands where a store has a file or a directory: a
    /// link above all (LS-31).
    fn check_places(&self) -> Result<()> {
        let algorithms = ALGORITHMS.map(|name| Path::new(BLOBS_DIR).join(name));
        let dirs = DIRS.map(Path::new).into_iter().chain(algorithms.iter().map(PathBuf::as_path));
        let files = FILES.map(|name| (Path::new(name), Kind::File));
        for (name, wanted) in files.into_iter().chain(dirs.map(|dir| (dir, Kind::Directory))) {
            let path = self.top().join(name);
            let found = ops::done("cannot examine it", &path, ops::stat(&path))?;
            if let Some(other) = found.map(|meta| meta.kind).filter(|kind| *kind != wanted) {
                return Err(path.refused(other));
            }
        }
        Ok(())
    }

    /// Reads the layout file (ST-5), once nothing stands where it must not.
    pub(super) fn state(&self) -> Result<LayoutState> {
        self.check_places()?;
        let path = self.at(LAYOUT_FILE);
        let invalid = |message: &str| Error::new(ErrorKind::InvalidStore, message).at_path(&path);
        let text = match read_bounded(&path, MAX_LAYOUT_FILE_SIZE) {
            Ok(Some(text)) => text,
            Ok(None) => return Ok(LayoutState::Missing),
            Err(error) if error.kind() == ErrorKind::InvalidStore => {
                return Ok(LayoutState::Malformed(error));
            }
            Err(error) => return Err(error),
        };
        let version = json::parse(&text).ok().and_then(|value| value.get("imageLayoutVersion"));
        match version.and_then(json::Value::as_string).as_deref() {
            Some("1.0.0") => Ok(LayoutState::Valid),
            Some(_) => Err(invalid("an image layout of a version other than 1.0.0")
                .with_help("use a program that knows this version")),
            None => Ok(LayoutState::Malformed(invalid("not the JSON of an image layout"))),
        }
    }

    /// Whether there is a layout file, which must be valid.
    pub(super) fn check(&self) -> Result<bool> {
        match self.state()? {
            LayoutState::Valid => Ok(true),
            LayoutState::Missing => Ok(false),
            LayoutState::Malformed(error) => {
                Err(error
                    .with_help(Remedy::RepairStore.help("if this is a store, {} writes it again")))
            }
        }
    }

    /// Writes the layout file; the caller holds the lock. `settle` brings it to the disk, with all
    /// that must be there before it.
    pub(super) fn write(&self, settle: impl FnOnce((File, StorePath)) -> Result<()>) -> Result<()> {
        let path = self.at(LAYOUT_FILE);
        let new = self.at(NEW_LAYOUT_FILE);
        let file = ops::create(&new)?;
        ops::write_all(&file, &new, LAYOUT)?;
        settle((file, new.clone()))?;
        let root = ops::opened_dir(&self.top())?;
        ops::rename(&new, &path)?;
        ops::sync(&root, &self.top())
    }
}

/// An entry of the directories of blobs.
#[derive(Clone, Debug)]
pub(super) struct BlobFile {
    pub(super) path: StorePath,
    /// The digest that its name spells, if it spells one.
    pub(super) digest: Option<Digest>,
}

/// Returns what a thing that is no file proves in a blob's place. Of a link, nothing is proven about the content that
/// it leads to.
pub(super) fn not_a_blob(kind: Kind, path: &StorePath) -> Lack {
    match kind {
        Kind::Link => Lack::Unreadable(path.refused(kind)),
        Kind::File | Kind::Directory | Kind::Special => {
            let help = Remedy::RepairStore
                .help("{} moves it aside, and drops the tags of everything that needs the blob");
            Lack::Wrong(path.refused(kind).with_help(help))
        }
    }
}

/// Returns the content of a regular file of at most `limit` bytes, or `None` if it is missing.
pub(super) fn read_bounded(path: &StorePath, limit: u64) -> Result<Option<Vec<u8>>> {
    let Some((file, meta)) = ops::open_file(path)? else { return Ok(None) };
    let read = ops::read_to_end(&file, path, meta.size, limit);
    let bytes = ops::done("cannot read the file", path, read)?;
    if bytes.len() as u64 > limit {
        let message = format!("larger than the {limit} bytes that it may have");
        return Err(Error::new(ErrorKind::InvalidStore, message).at_path(path));
    }
    Ok(Some(bytes))
}
