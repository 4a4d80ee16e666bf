// SPDX-License-Identifier: Apache-2.0
//! Layer to directory: the way back.
//!
//! The tree is written beside its destination under another name, verified to the last byte, and
//! only then put in place, in one step. Whatever goes wrong before, also the end of the process,
//! the destination stays as it was. Links and names that lead elsewhere never get this far
//! (format.md, 11.2), so nothing is written outside that tree.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, BufReader, Read};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use tempfile::TempDir;

use crate::ahead::read_ahead;
use crate::artifact::Stored;
use crate::digest::HashingReader;
use crate::error::{Error, ErrorKind, Result};
use crate::kind::{ArtifactKind, Modes};
use crate::observer::{Observer, Watched};
use crate::store::Store;
use crate::{gzip, limits, tar};

/// How to extract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExtractOptions {
    /// What becomes of a destination that exists.
    pub existing: Existing,
    /// Bytes of the uncompressed layer at most (GU-3).
    pub layer_size: u64,
    /// What is accepted of its members.
    pub members: tar::Limits,
}

impl Default for ExtractOptions {
    fn default() -> Self {
        Self {
            existing: Existing::Keep,
            layer_size: limits::MAX_LAYER_SIZE,
            members: tar::Limits::default(),
        }
    }
}

/// What becomes of a destination that exists and is not an empty directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and extraction fails.
    Keep,
    /// The new tree takes its place in one step, and it is removed.
    Replace,
}

/// Writes an artifact's files into a new directory. Files get the modes of their kind, directories
/// 0755, both less the process's umask.
///
/// Returns the number of files.
///
/// # Errors
/// [`ErrorKind::AlreadyExists`] where `destination` is there and is to be kept;
/// [`ErrorKind::InvalidDir`] where it is not a directory, or there is none above it;
/// [`ErrorKind::InvalidArchive`], [`ErrorKind::TooLarge`], [`ErrorKind::TooManyFiles`] and
/// [`ErrorKind::DigestMismatch`] where the layer is not what it should be;
/// [`ErrorKind::Cancelled`]; [`ErrorKind::Io`]. Nothing has changed then.
pub fn extract<K: ArtifactKind>(
    store: &Store,
    artifact: &Stored,
    destination: &Path,
    options: &ExtractOptions,
    observer: &dyn Observer,
) -> Result<usize> {
    artifact.check_kind::<K>()?;
    let place = Place::new(destination, options.existing)?;
    let temporary = TempDir::with_prefix_in(place.temporary_prefix(), &place.parent)
        .map_err(|e| Error::io("cannot make a directory here", &place.parent, e))?;
    let root = temporary.path().join("tree");
    make_directory(&root)?;

    observer.start(artifact.layer.size());
    let blob = store.open_blob(artifact.layer.digest())?;
    let blob = BufReader::new(Watched::new(blob, observer));
    let archive = gzip::Decoder::new(blob, options.layer_size);
    let archive = HashingReader::new(archive);
    let write = |archive: &mut dyn Read| write_tree::<K>(archive, &root, options.members);
    let (files, archive) = read_ahead(archive, artifact.layer.size(), write);
    let files = files?;
    let (diff_id, _) = archive.finish();
    if diff_id != artifact.diff_id {
        let wanted = &artifact.diff_id;
        let message = format!("the uncompressed layer has the digest {diff_id}, not {wanted}");
        return Err(Error::new(ErrorKind::DigestMismatch, message));
    }
    place.put(temporary, &root)?;
    Ok(files)
}

fn write_tree<K: ArtifactKind>(
    archive: impl Read,
    root: &Path,
    limits: tar::Limits,
) -> Result<usize> {
    let mut tar = tar::Reader::new(archive, limits);
    let mut files = 0;
    while let Some(mut entry) = tar.next_entry()? {
        let path = root.join(std::ffi::OsStr::from_bytes(entry.path()));
        if let Some(parent) = path.parent().filter(|parent| !parent.is_dir()) {
            make_directory(parent)?;
        }
        let mode = K::file_mode(entry.mode(), Modes::Git);
        let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&path);
        let mut file = file.map_err(|e| Error::io("cannot make the file", &path, e))?;
        io::copy(&mut entry, &mut file)
            .map_err(|e| Error::from_io("cannot write the file", &path, e))?;
        files += 1;
    }
    Ok(files)
}

fn make_directory(path: &Path) -> Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o755).create(path);
    made.map_err(|e| Error::io("cannot make the directory", path, e))
}

/// Where a tree goes.
struct Place {
    destination: PathBuf,
    parent: PathBuf,
    existing: Existing,
}

impl Place {
    fn new(destination: &Path, existing: Existing) -> Result<Self> {
        let invalid = |why| {
            let error = Error::new(ErrorKind::InvalidDir, why).at_path(destination);
            error.with_help("name a new directory in one that exists")
        };
        if destination.file_name().is_none() {
            return Err(invalid("this cannot be made or replaced"));
        }
        let parent = match destination.parent() {
            Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
            Some(parent) => parent,
            None => return Err(invalid("this cannot be made or replaced")),
        };
        if !parent.is_dir() {
            return Err(invalid("the directory above does not exist"));
        }
        match fs::symlink_metadata(destination) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io("cannot look at the place", destination, error)),
            Ok(found) if !found.is_dir() => {
                return Err(invalid("there is no directory, but a file or a link"));
            }
            Ok(_) if existing == Existing::Replace => {}
            Ok(_) if is_empty(destination) => {}
            Ok(_) => return Err(taken(destination)),
        }
        Ok(Self { destination: destination.to_owned(), parent: parent.to_owned(), existing })
    }

    /// Hidden, and close to the destination where one looks for it.
    fn temporary_prefix(&self) -> std::ffi::OsString {
        let mut prefix = std::ffi::OsString::from(".");
        prefix.push(self.destination.file_name().unwrap_or_default());
        prefix.push(".partial-");
        prefix
    }

    /// Puts the tree in place in one step. What it replaced takes its name, and goes with the
    /// temporary directory.
    fn put(&self, temporary: TempDir, tree: &Path) -> Result<()> {
        let failed = |errno: Errno| {
            let error = io::Error::from(errno);
            Error::io("cannot put the new directory in place", &self.destination, error)
        };
        let rename = |from: &Path, to: &Path| rustix::fs::renameat(CWD, from, CWD, to);
        // Takes a name that is free, and an empty directory's; nothing else.
        match rename(tree, &self.destination) {
            Ok(()) => return self.sync(),
            Err(Errno::NOTEMPTY | Errno::EXIST) if self.existing == Existing::Replace => {}
            Err(Errno::NOTEMPTY | Errno::EXIST) => return Err(taken(&self.destination)),
            Err(errno) => return Err(failed(errno)),
        }
        match renameat_with(CWD, tree, CWD, &self.destination, RenameFlags::EXCHANGE) {
            Ok(()) => return self.sync(),
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            Err(errno) => return Err(failed(errno)),
        }
        // Not every file system can exchange two directories.
        let old = tree.with_file_name("old");
        rename(&self.destination, &old).map_err(failed)?;
        if let Err(errno) = rename(tree, &self.destination) {
            if rename(&old, &self.destination).is_err() {
                // It must not go with the temporary directory.
                let kept = temporary.keep().join("old");
                let help = format!("the old directory is now {}", kept.display());
                return Err(failed(errno).with_help(help));
            }
            return Err(failed(errno));
        }
        self.sync()
    }

    fn sync(&self) -> Result<()> {
        let synced = fs::File::open(&self.parent).and_then(|directory| directory.sync_all());
        synced.map_err(|e| Error::io("cannot sync the directory", &self.parent, e))
    }
}

fn is_empty(directory: &Path) -> bool {
    fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_none())
}

fn taken(destination: &Path) -> Error {
    Error::new(ErrorKind::AlreadyExists, "the destination exists and is not empty")
        .at_path(destination)
        .with_help("name another, or use --force to replace it")
}
