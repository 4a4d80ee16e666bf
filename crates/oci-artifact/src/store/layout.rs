// SPDX-License-Identifier: Apache-2.0
//! Where everything lies in a store (LS-1), and the file that says so.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use oci_spec::image::Digest;
use rustix::fs::OFlags;

use super::fs as ops;
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

    /// The files among the blobs, each with the digest that its name spells if it spells one.
    pub(super) fn blob_files(&self) -> Result<Vec<(PathBuf, Option<Digest>)>> {
        let mut files = Vec::new();
        for dir in entries(&self.blobs_dir())? {
            let algorithm = dir.file_name().unwrap_or_default().to_owned();
            if !dir.is_dir() {
                files.push((dir, None));
                continue;
            }
            for file in entries(&dir)? {
                let name = file.file_name().unwrap_or_default();
                let text = [algorithm.to_str(), name.to_str()].map(Option::unwrap_or_default);
                let digest = digest::parse(&text.join(":")).ok();
                files.push((file, digest));
            }
        }
        Ok(files)
    }

    /// The size of that blob's file, if there is one.
    pub(super) fn blob_size(&self, digest: &Digest) -> Option<u64> {
        fs::metadata(self.blob(digest)).ok().filter(fs::Metadata::is_file).map(|meta| meta.len())
    }

    /// Whether any blob lies here, whatever it is called.
    pub(super) fn has_blobs(&self) -> bool {
        let dirs = fs::read_dir(self.blobs_dir()).into_iter().flatten().flatten();
        dirs.filter_map(|dir| fs::read_dir(dir.path()).ok()).any(|mut files| files.next().is_some())
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
        ops::rename(&new, &path)?;
        ops::sync_dir(&self.root)
    }
}

/// What lies in a directory, in the order of names; nothing if it is missing.
pub(super) fn entries(dir: &Path) -> Result<Vec<PathBuf>> {
    let read = || -> io::Result<Vec<PathBuf>> {
        fs::read_dir(dir)?.map(|entry| Ok(entry?.path())).collect()
    };
    let mut entries = match read() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        other => ops::done("cannot read the directory", dir, other)?,
    };
    entries.sort();
    Ok(entries)
}

/// The content of a regular file of at most `limit` bytes, or `None` if it is missing.
pub(super) fn read_bounded(path: &Path, limit: u64) -> Result<Option<Vec<u8>>> {
    let file = match open_regular(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => ops::done("cannot open the file", path, other)?,
    };
    let Some((file, size)) = file else {
        return Err(Error::new(ErrorKind::InvalidStore, "not a regular file").at_path(path));
    };
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(limit)).unwrap_or_default());
    let read = file.take(limit.saturating_add(1)).read_to_end(&mut bytes);
    let read = ops::done("cannot read the file", path, read)?;
    if read as u64 > limit {
        let message = format!("larger than the {limit} bytes that it may have");
        return Err(Error::new(ErrorKind::InvalidStore, message).at_path(path));
    }
    Ok(Some(bytes))
}

/// Opens a file for reading and says its size; `None` if it is not a regular file. It does not
/// wait for the writer of a named pipe.
pub(super) fn open_regular(path: &Path) -> io::Result<Option<(File, u64)>> {
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let file = fs::OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let meta = file.metadata()?;
    Ok(meta.is_file().then_some((file, meta.len())))
}
