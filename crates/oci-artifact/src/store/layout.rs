// SPDX-License-Identifier: Apache-2.0
//! Where everything lies in a store (LS-1), and the file that says so.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use oci_spec::image::Digest;

use super::fs as ops;
use super::lack::Lack;
use crate::{Error, ErrorKind, Result, digest, json};

/// The file that makes a directory an image layout.
const LAYOUT_FILE: &str = "oci-layout";
/// Its content.
const LAYOUT: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;
/// Where a registry that serves the store notes what belongs to which repository.
const REGISTRY_DIR: &str = "registry";
/// The largest one that is read (BUG-69).
const MAX_LAYOUT_FILE_SIZE: u64 = 4096;

/// What the layout file says.
#[derive(Debug)]
pub(super) enum LayoutState {
    Valid,
    Missing,
    Malformed(Error),
}

/// The paths of a store.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    root: PathBuf,
}

impl Layout {
    /// The layout in that directory, whose path becomes absolute (ST-5, BUG-46): the empty path is
    /// the current directory.
    #[expect(clippy::disallowed_methods, reason = "a relative root is fixed once, here")]
    pub(super) fn new(root: &Path) -> Result<Self> {
        let root = if root.as_os_str().is_empty() { Path::new(".") } else { root };
        let root = ops::done("cannot make the path absolute", root, std::path::absolute(root))?;
        Ok(Self { root })
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn layout_file(&self) -> PathBuf {
        self.root.join(LAYOUT_FILE)
    }

    pub(super) fn index_file(&self) -> PathBuf {
        self.root.join("index.json")
    }

    /// What becomes the index file. It has one name, since only who holds the lock makes it.
    pub(super) fn new_index_file(&self) -> PathBuf {
        self.root.join("index.json.new")
    }

    /// The files that exist only until they take another's place.
    pub(super) fn new_files(&self) -> [PathBuf; 2] {
        [self.new_index_file(), self.new_layout_file()]
    }

    fn new_layout_file(&self) -> PathBuf {
        self.root.join("oci-layout.new")
    }

    /// Where a malformed index file is kept.
    pub(super) fn broken_index_file(&self) -> PathBuf {
        self.root.join("index.json.broken")
    }

    /// The names in the root that have a meaning here.
    pub(super) fn own_names(&self) -> Vec<OsString> {
        let [index, layout] = self.new_files();
        let files = [self.layout_file(), self.index_file(), self.lock_file(), index, layout];
        let rest = [
            self.broken_index_file(),
            self.ingest_dir(),
            self.blobs_dir(),
            self.root.join(REGISTRY_DIR),
        ];
        let all = files.iter().chain(&rest);
        all.filter_map(|path| path.file_name()).map(ToOwned::to_owned).collect()
    }

    pub(super) fn lock_file(&self) -> PathBuf {
        self.root.join("index.json.lock")
    }

    pub(super) fn ingest_dir(&self) -> PathBuf {
        self.root.join("ingest")
    }

    pub(super) fn blobs_dir(&self) -> PathBuf {
        self.root.join("blobs")
    }

    /// Where that blob lies. A digest's text holds neither slashes nor dots that lead elsewhere.
    pub(super) fn blob(&self, digest: &Digest) -> PathBuf {
        let mut path = self.blobs_dir();
        path.push(digest.algorithm().as_ref());
        path.push(digest.digest());
        path
    }

    /// What lies among the blobs, and which directories there cannot be read.
    pub(super) fn blob_files(&self) -> (Vec<BlobFile>, Vec<Error>) {
        let (mut files, mut problems) = (Vec::new(), Vec::new());
        let dirs = entries(&self.blobs_dir()).unwrap_or_else(|error| {
            problems.push(error);
            Vec::new()
        });
        for dir in dirs {
            let algorithm = dir.file_name().unwrap_or_default().to_owned();
            let meta = ops::done("cannot look at the file", &dir, ops::stat(&dir));
            let found = match meta {
                Ok(meta) if meta.is_dir() => entries(&dir),
                Ok(_) => {
                    files.push(BlobFile { path: dir, digest: None });
                    continue;
                }
                Err(error) => Err(error),
            };
            match found {
                Ok(found) => files.extend(found.into_iter().map(|path| {
                    let name = path.file_name().unwrap_or_default();
                    let text = [algorithm.to_str(), name.to_str()].map(Option::unwrap_or_default);
                    let digest = digest::parse(&text.join(":")).ok();
                    BlobFile { path, digest }
                })),
                Err(error) => problems.push(error),
            }
        }
        (files, problems)
    }

    /// What the system knows of that blob's file.
    pub(super) fn blob_meta(&self, digest: &Digest) -> Result<ops::Meta, Lack> {
        let path = self.blob(digest);
        match ops::stat(&path) {
            Ok(meta) if meta.is_file() => Ok(meta),
            Ok(meta) => Err(not_a_blob(meta.kind, &path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(Lack::Absent(self.blob_missing(digest)))
            }
            Err(error) => {
                Err(Lack::Unreadable(ops::failure("cannot look at the blob", &path, error)))
            }
        }
    }

    /// The size of that blob's file.
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
        for dir in entries(&self.blobs_dir())? {
            let meta = ops::done("cannot look at the file", &dir, ops::stat(&dir))?;
            if meta.is_dir() && !entries(&dir)?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads the layout file (ST-5).
    pub(super) fn state(&self) -> Result<LayoutState> {
        let path = self.layout_file();
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
                Err(error.with_help("if this is a store, `store check --repair` mends it"))
            }
        }
    }

    /// Writes the layout file; the caller holds the lock. `settle` brings it to the disk, with all
    /// that must be there before it.
    pub(super) fn write(&self, settle: impl FnOnce((File, PathBuf)) -> Result<()>) -> Result<()> {
        let path = self.layout_file();
        let new = self.new_layout_file();
        let file = ops::create(&new)?;
        ops::write_all(&file, &new, LAYOUT)?;
        settle((file, new.clone()))?;
        let root = ops::open_dir(&self.root)?;
        ops::rename(&new, &path)?;
        ops::sync(&root, &self.root)
    }
}

/// Something among the blobs.
#[derive(Clone, Debug)]
pub(super) struct BlobFile {
    pub(super) path: PathBuf,
    /// The digest that its name spells, if it spells one.
    pub(super) digest: Option<Digest>,
}

/// What it means that something else than a file lies in a blob's place. Links are not followed
/// where they lead out of what the store knows, so that nothing is proven about the content.
pub(super) fn not_a_blob(kind: ops::Kind, path: &Path) -> Lack {
    let what = match kind {
        ops::Kind::Directory => "a directory lies in the place of a blob",
        ops::Kind::Link => "a symbolic link lies in the place of a blob, and none is followed",
        ops::Kind::File | ops::Kind::Special => "what lies in the place of a blob is not a file",
    };
    let error = Error::new(ErrorKind::InvalidStore, what).at_path(path);
    match kind {
        ops::Kind::Link => {
            Lack::Unreadable(error.with_help("put the file that it leads to in its place"))
        }
        _ => Lack::Wrong(error.with_help("`store check --repair` moves it out of the way")),
    }
}

/// What lies in a directory, in the order of names; nothing if it is missing.
pub(super) fn entries(dir: &Path) -> Result<Vec<PathBuf>> {
    let names = ops::done("cannot read the directory", dir, ops::list(dir))?;
    Ok(names.into_iter().flatten().map(|name| dir.join(name)).collect())
}

/// The content of a regular file of at most `limit` bytes, or `None` if it is missing.
pub(super) fn read_bounded(path: &Path, limit: u64) -> Result<Option<Vec<u8>>> {
    let file = match open_regular(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => ops::done("cannot open the file", path, other)?,
    };
    let Opened::File(file, meta) = file else {
        return Err(Error::new(ErrorKind::InvalidStore, "not a regular file").at_path(path));
    };
    let mut bytes = Vec::with_capacity(usize::try_from(meta.size.min(limit)).unwrap_or_default());
    let read = ops::read_to_end(&file, path, limit.saturating_add(1), &mut bytes);
    let read = ops::done("cannot read the file", path, read)?;
    if read as u64 > limit {
        let message = format!("larger than the {limit} bytes that it may have");
        return Err(Error::new(ErrorKind::InvalidStore, message).at_path(path));
    }
    Ok(Some(bytes))
}

/// What was opened.
pub(super) enum Opened {
    /// A regular file.
    File(File, ops::Meta),
    Other(ops::Kind),
}

/// Opens a file for reading. It does not wait for the writer of a named pipe.
pub(super) fn open_regular(path: &Path) -> io::Result<Opened> {
    let file = ops::open(path)?;
    let meta = ops::stat_open(&file, path)?;
    Ok(if meta.is_file() { Opened::File(file, meta) } else { Opened::Other(meta.kind) })
}
