// SPDX-License-Identifier: Apache-2.0
//! A bounded, symlink-proof walk (format.md, 1).
//!
//! A [`Directory`] is opened once; everything below it is reached from that handle, one path
//! component at a time, and no component may be a symbolic link. So nothing outside the directory
//! can be read, whatever another process does to the tree meanwhile. The path that the caller gave
//! may be or contain links; they are followed, as `cd` would (BUG-01, WALK-3).
//!
//! The walk reads names and sizes, not contents; [`Directory::open_file`] opens a file again and
//! makes sure that it is still the same.

mod trail;
mod walk;
mod survey;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use held_directory::{
    AtFlags, BorrowedFd, CWD, Dir, Errno, FileType, Mode, OFlags, OsStrExt as _, OwnedFd, Stat,
};

use crate::error::{Error, ErrorKind, Result};

pub use survey::{Found, FoundKind, Survey, Surveyor};
pub use trail::{Trail, depth};
pub use walk::{Hidden, HiddenSpecials, Tree};

/// The most directory entries that one walk looks at, hidden ones and directories included.
pub const MAX_ENTRIES: usize = 200_000;

const DIRECTORY: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC)
    .union(OFlags::NONBLOCK);
const FILE: OFlags =
    OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC).union(OFlags::NONBLOCK);

/// An open directory that is to be packaged.
#[derive(Debug)]
pub struct Directory {
    root: OwnedFd,
    path: PathBuf,
}

/// A regular file that a walk found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// The path below the directory: `/` between components, bytes as on disk (WALK-4).
    pub path: Vec<u8>,
    /// The nine permission bits.
    pub mode: u32,
    /// The size in bytes.
    pub size: u64,
    identity: Identity,
}

/// The numbers that distinguish a file from every other, and from itself after a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Directory {
    /// Opens a directory, following links on the way to it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDir`] if there is none, or it cannot be opened.
    pub fn open(path: &Path) -> Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        match held_directory::openat(CWD, path, flags, Mode::empty()) {
            Ok(root) => Ok(Self { root, path: path.to_owned() }),
            Err(errno) => {
                let why = match errno {
                    Errno::NOENT => "there is no such directory",
                    Errno::NOTDIR => "this is not a directory",
                    _ => "the directory cannot be opened",
                };
                let error = Error::new(ErrorKind::InvalidDir, why)
                    .at_path(path)
                    .with_help("name the directory that holds the manifest");
                Err(match errno {
                    // That says it.
                    Errno::NOENT | Errno::NOTDIR => error,
                    _ => error.caused_by(io::Error::from(errno)),
                })
            }
        }
    }

    /// Returns a directory that is open already, and shown as `path`.
    pub(crate) fn held(root: OwnedFd, path: &Path) -> Self {
        Self { root, path: path.to_owned() }
    }

    /// Returns the path as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the manifest, which has to be a regular file.
    ///
    /// # Errors
    /// [`ErrorKind::ManifestMissing`] if there is none, not even one whose name differs in case, which
    /// some file systems take for it; [`ErrorKind::InvalidFile`] if it is something else or lies behind a
    /// link (PD-1, BUG-02), or cannot be read (BUG-09).
    pub fn open_manifest(&self, path: &str) -> Result<(File, FileEntry)> {
        let missing = || {
            let name = self.path.display();
            Error::new(ErrorKind::ManifestMissing, format!("{name} has no {path}"))
        };
        let bytes = path.as_bytes();
        let (parent, name) = split(bytes);
        let mut trail = Trail::new(&self.root);
        let parent = match trail.open(parent) {
            Ok(parent) => parent,
            Err(Errno::NOENT) => return Err(missing()),
            // A dangling link in its place is as good as nothing (1.6).
            Err(Errno::LOOP | Errno::NOTDIR)
                if held_directory::statat(&self.root, bytes, AtFlags::empty()).err()
                    == Some(Errno::NOENT) =>
            {
                return Err(missing());
            }
            Err(errno) => return Err(refused(bytes, errno)),
        };
        let opened = open_regular(parent, name, bytes);
        let opened = opened.map_err(|error| error.unwrap_or_else(missing))?;
        if self.lists(bytes)? { Ok(opened) } else { Err(missing()) }
    }

    /// Whether a path's names are listed as they are written in it. A file system that makes no difference between
    /// upper and lower case opens others, too.
    fn lists(&self, path: &[u8]) -> Result<bool> {
        let (parent, name) = split(path);
        if name.is_empty() {
            return Ok(true);
        }
        let failed = |errno| walk::unreadable(parent, errno);
        let mut files = self.files();
        for entry in Dir::read_from(files.walked(parent)?).map_err(failed)? {
            if entry.map_err(failed)?.file_name().to_bytes() == name {
                return self.lists(parent);
            }
        }
        Ok(false)
    }

    /// Opens a file that a walk of this directory found. For several use [`files`](Self::files).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidFile`] if it is gone or is not what it was.
    pub fn open_file(&self, entry: &FileEntry) -> Result<File> {
        self.files().open(entry)
    }

    /// Opens files that a walk of this directory found, one after another.
    pub fn files(&self) -> Files<'_> {
        Files { trail: Trail::new(&self.root) }
    }
}

/// Opens one file after another. The way to the last one stays open, as the next one mostly lies
/// beside it.
#[derive(Debug)]
pub struct Files<'a> {
    trail: Trail<&'a OwnedFd>,
}

impl Files<'_> {
    /// Opens a file.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidFile`] if it is gone or is not what it was.
    pub fn open(&mut self, entry: &FileEntry) -> Result<File> {
        let (parent, name) = split(&entry.path);
        let parent = self.trail.open(parent).map_err(|errno| refused(&entry.path, errno))?;
        let opened = open_regular(parent, name, &entry.path);
        let (file, now) = opened.map_err(|error| error.unwrap_or_else(|| gone(&entry.path)))?;
        if now == *entry { Ok(file) } else { Err(changed(&entry.path)) }
    }
}

/// Whether a relative path leads out of where it starts, once `.` and `x/..` are resolved in the
/// text of the path (format.md 0, lexical clean).
pub fn leads_out(path: &Path) -> bool {
    let mut depth = 0_usize;
    for component in path.components() {
        match component {
            Component::RootDir | Component::Prefix(_) => return false,
            Component::Normal(_) => depth += 1,
            Component::ParentDir if depth == 0 => return true,
            Component::ParentDir => depth -= 1,
            Component::CurDir => {}
        }
    }
    false
}

/// Returns the error for a file that changed under our hands.
pub(crate) fn changed(path: &[u8]) -> Error {
    Error::new(ErrorKind::InvalidFile, "the file changed while it was being packaged")
        .at_path(to_path(path))
        .with_help("package again when nothing is writing to the directory")
}

/// Returns the path's parent (empty at the top) and its last component.
fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|b| *b == b'/') {
        Some(at) => (path.get(..at).unwrap_or_default(), path.get(at + 1..).unwrap_or_default()),
        None => (&[], path),
    }
}

pub(crate) fn to_path(path: &[u8]) -> PathBuf {
    std::ffi::OsStr::from_bytes(path).into()
}

/// Returns the error for a file that was listed under that path.
fn gone(path: &[u8]) -> Error {
    Error::new(ErrorKind::InvalidFile, "the file is gone")
        .at_path(to_path(path))
        .with_help("something else is changing this directory: try again when that is done")
}

/// Opens `name` in `parent` if it is a regular file. Looks before it opens, since opening a device
/// can have effects, and again afterwards, since only that is certain. Where
/// nothing has that name, the error is `None`.
fn open_regular(
    parent: BorrowedFd<'_>,
    name: &[u8],
    path: &[u8],
) -> Result<(File, FileEntry), Option<Error>> {
    let refuse = |errno| (errno != Errno::NOENT).then(|| refused(path, errno));
    let seen = held_directory::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW).map_err(refuse)?;
    check_regular(&seen, path)?;
    let file = held_directory::openat(parent, name, FILE, Mode::empty()).map_err(refuse)?;
    let stat = held_directory::fstat(&file).map_err(refuse)?;
    check_regular(&stat, path)?;
    Ok((File::from(file), FileEntry::new(path, &stat)))
}

fn check_regular(stat: &Stat, path: &[u8]) -> Result<()> {
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Ok(()),
        other => Err(not_regular(path, other)),
    }
}

/// Returns the error for something that is neither a file nor a directory (PW-1, PW-3, SW-2, SW-4).
fn not_regular(path: &[u8], what: FileType) -> Error {
    let what = match what {
        FileType::Symlink => "a symbolic link",
        FileType::Directory => "a directory, not a file",
        FileType::Fifo => "a FIFO",
        FileType::Socket => "a socket",
        FileType::CharacterDevice | FileType::BlockDevice => "a device",
        _ => "not a regular file",
    };
    Error::new(ErrorKind::InvalidFile, format!("this is {what}"))
        .at_path(to_path(path))
        .with_help("only regular files can be packaged: replace it with a file, or remove it")
}

/// Returns the error for an entry that the system does not let us open (BUG-09).
fn refused(path: &[u8], errno: Errno) -> Error {
    let why = match errno {
        Errno::NOTDIR | Errno::LOOP => "a directory in the path is a link or a file",
        Errno::NAMETOOLONG => "the name is too long",
        _ => "this cannot be opened",
    };
    Error::new(ErrorKind::InvalidFile, why).at_path(to_path(path)).caused_by(io::Error::from(errno))
}

impl FileEntry {
    // What these fields are differs from target to target.
    #[allow(clippy::unnecessary_cast, clippy::useless_conversion)]
    fn new(path: &[u8], stat: &Stat) -> Self {
        Self {
            path: path.to_vec(),
            mode: u32::from(stat.st_mode) & 0o777,
            size: u64::try_from(stat.st_size).unwrap_or(0),
            identity: Identity {
                device: stat.st_dev as u64,
                inode: stat.st_ino as u64,
                modified: (stat.st_mtime as i64, stat.st_mtime_nsec as i64),
                changed: (stat.st_ctime as i64, stat.st_ctime_nsec as i64),
            },
        }
    }
}

/// Reads a small file whole, but never more than `limit` bytes of it.
///
/// # Errors
/// [`ErrorKind::InvalidFile`] if it cannot be read.
pub fn read_bounded(file: impl Read, limit: u64, path: &str) -> Result<Vec<u8>> {
    // As a rule the limit is the file's size.
    let mut bytes = Vec::with_capacity(limit.min(64 * 1024) as usize);
    file.take(limit)
        .read_to_end(&mut bytes)
        .map_err(|e| Error::io("the file cannot be read", Path::new(path), e))
        .map_err(|e| e.with_kind(ErrorKind::InvalidFile))?;
    Ok(bytes)
}
