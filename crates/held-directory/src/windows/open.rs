// SPDX-License-Identifier: Apache-2.0
//! Opening: as itself, with what others may do meanwhile.

use std::fs::{self, File, OpenOptions};
use std::os::windows::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::errno::Errno;
use super::flags::{Mode, OFlags};
use super::handle::{AsFd, BorrowedFd, OwnedFd};
use super::names::Name;

/// Constants of `winnt.h` and `winbase.h`.
mod constant {
    pub(super) const GENERIC_READ: u32 = 0x8000_0000;
    pub(super) const FILE_ADD_FILE: u32 = 0x2;
    pub(super) const FILE_READ_ATTRIBUTES: u32 = 0x80;
    pub(super) const SHARE_READ: u32 = 1;
    pub(super) const SHARE_WRITE: u32 = 2;
    pub(super) const SHARE_DELETE: u32 = 4;
    /// Directories can be opened.
    pub(super) const BACKUP_SEMANTICS: u32 = 0x0200_0000;
    /// Links are opened, and not what they lead to.
    pub(super) const OPEN_REPARSE_POINT: u32 = 0x0020_0000;
}
use constant::*;

/// The treatment of a link in the place of what is opened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Links {
    Shown,
    Followed,
}

impl Links {
    fn flags(self) -> u32 {
        match self {
            Self::Shown => BACKUP_SEMANTICS | OPEN_REPARSE_POINT,
            Self::Followed => BACKUP_SEMANTICS,
        }
    }
}

/// Opens what has that path to examine it, even if another process has it open.
pub(super) fn look(path: &Path, links: Links) -> Result<File, Errno> {
    let mut options = OpenOptions::new();
    options.access_mode(FILE_READ_ATTRIBUTES).share_mode(SHARE_READ | SHARE_WRITE | SHARE_DELETE);
    opened(options.custom_flags(links.flags()), path)
}

/// Opens a path. [`Errno::NOTDIR`] if a file stands where it has a directory: Windows only says that nothing is there.
fn opened(options: &OpenOptions, path: &Path) -> Result<File, Errno> {
    let is_below_a_file = || {
        let above = path.ancestors().skip(1).find_map(|above| fs::symlink_metadata(above).ok());
        above.is_some_and(|above| above.is_file())
    };
    match options.open(path).map_err(Errno::from) {
        Err(Errno::NOENT) if is_below_a_file() => Err(Errno::NOTDIR),
        opened => opened,
    }
}

/// Opens, or makes, what has that name in a directory.
///
/// # Errors
/// [`Errno::LOOP`] for a link that is not to be followed; [`Errno::NOTDIR`] and [`Errno::ISDIR`] for what is
/// none, or is one; those of the system.
pub fn openat(
    directory: impl AsFd,
    name: impl Name,
    flags: OFlags,
    _: Mode,
) -> Result<OwnedFd, Errno> {
    let (directory, name) = (directory.as_fd(), name.name());
    if name == "."
        && let (Some(file), Some(path)) = (directory.file(), directory.path())
    {
        return Ok(OwnedFd::directory(file.try_clone()?, path.into()));
    }
    let path = directory.path_of(&name)?;
    let links = if flags.contains(OFlags::NOFOLLOW) { Links::Shown } else { Links::Followed };
    if flags.contains(OFlags::DIRECTORY) {
        return hold(directory, path, links, GENERIC_READ, SHARE_READ | SHARE_WRITE);
    }
    let writes = flags.intersects(OFlags::WRONLY | OFlags::RDWR);
    let mut options = OpenOptions::new();
    options.read(!flags.contains(OFlags::WRONLY)).write(writes);
    match (flags.contains(OFlags::CREATE), flags.contains(OFlags::EXCL)) {
        (true, true) => options.create_new(true),
        (created, _) => options.create(created),
    };
    options.share_mode(SHARE_READ | SHARE_WRITE | SHARE_DELETE).custom_flags(links.flags());
    let file = opened(&options, &path)?;
    let found = file.metadata()?;
    if found.is_symlink() {
        return Err(Errno::LOOP);
    }
    match found.is_dir() && writes {
        true => Err(Errno::ISDIR),
        false => Ok(OwnedFd::file(file)),
    }
}

/// Opens a directory so that nobody else can in this way, until it is dropped.
pub(crate) fn open_unshared(parent: impl AsFd, name: &std::ffi::OsStr) -> Result<OwnedFd, Errno> {
    let parent = parent.as_fd();
    let path = parent.path_of(name)?;
    // A process that adds to it has to share that with those that have it open.
    let access = GENERIC_READ | FILE_ADD_FILE;
    match hold(parent, path, Links::Shown, access, SHARE_READ | SHARE_DELETE) {
        Err(Errno::BUSY) => Err(Errno::WOULDBLOCK),
        other => other,
    }
}

/// Opens a directory to hold it: as long as it is open, it keeps its name.
fn hold(
    above: BorrowedFd<'_>,
    path: PathBuf,
    links: Links,
    access: u32,
    share: u32,
) -> Result<OwnedFd, Errno> {
    // What the caller gave may have links in it; what is held has a path without any.
    let path =
        if above.is_cwd() && links == Links::Followed { fs::canonicalize(path)? } else { path };
    let mut options = OpenOptions::new();
    options.access_mode(access).share_mode(share).custom_flags(Links::Shown.flags());
    let file = opened(&options, &path)?;
    let found = file.metadata()?;
    if found.is_symlink() {
        return Err(Errno::LOOP);
    }
    if !found.is_dir() {
        return Err(Errno::NOTDIR);
    }
    let path = if above.is_cwd() && links == Links::Shown { fs::canonicalize(path)? } else { path };
    Ok(OwnedFd::directory(file, path))
}
