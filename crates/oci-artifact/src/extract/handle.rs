// SPDX-License-Identifier: Apache-2.0
//! Directories by their descriptors: what is reached from one that is held open stays where it is,
//! whatever others do to the path that led there.

use std::ffi::OsStr;

use held_directory::{
    AsFd, AtFlags, Dir, Errno, FileType, Mode, OFlags, OsStrExt as _, OwnedFd, RawMode, Stat,
    fstat, openat, statat,
};

/// The flags for opening a directory, links followed: for a path that the caller gave.
pub(super) const GIVEN: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC).union(OFlags::NONBLOCK);
/// The flags for opening a directory below another: never through a link.
const BELOW: OFlags = GIVEN.union(OFlags::NOFOLLOW);

/// The numbers that tell one directory from all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    // What these fields are differs from target to target.
    #[allow(clippy::unnecessary_cast)]
    pub(super) fn new(stat: &Stat) -> Self {
        Self { device: stat.st_dev as u64, inode: stat.st_ino as u64 }
    }

    pub(super) fn of(directory: impl AsFd) -> Result<Self, Errno> {
        fstat(directory).map(|stat| Self::new(&stat))
    }

    /// Returns the identity of whatever has the name; a link has its own.
    pub(super) fn at(parent: impl AsFd, name: &OsStr) -> Result<Self, Errno> {
        look(parent, name).map(|stat| Self::new(&stat))
    }

    pub(super) fn is_on_device_of(self, other: Self) -> bool {
        self.device == other.device
    }
}

/// Opens a directory below another one, if it is no link.
pub(super) fn open(parent: impl AsFd, name: &OsStr) -> Result<OwnedFd, Errno> {
    openat(parent, name, BELOW, Mode::empty())
}

/// Looks at an entry; at a link, not at where it leads.
pub(super) fn look(parent: impl AsFd, name: &OsStr) -> Result<Stat, Errno> {
    statat(parent, name, AtFlags::SYMLINK_NOFOLLOW)
}

pub(super) fn is_directory(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::Directory
}

/// The permission bits, in the type that this system has for them.
// What that is differs from target to target.
#[allow(clippy::unnecessary_fallible_conversions, clippy::useless_conversion)]
pub(super) fn permissions(mode: u32) -> Mode {
    RawMode::try_from(mode & 0o777).map_or(Mode::empty(), Mode::from_raw_mode)
}

/// The names of a directory's entries, and which of them are directories.
pub(super) fn entries(directory: &OwnedFd) -> Result<Vec<(Vec<u8>, bool)>, Errno> {
    let mut found = Vec::new();
    for entry in Dir::read_from(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if matches!(name, b"." | b"..") {
            continue;
        }
        let is_directory = match entry.file_type() {
            // Some file systems do not say it with the name.
            FileType::Unknown => is_directory(&look(directory, OsStr::from_bytes(name))?),
            kind => kind == FileType::Directory,
        };
        found.push((name.to_vec(), is_directory));
    }
    Ok(found)
}

/// Whether something is mounted on an open directory.
pub(super) fn is_mount_point(directory: &OwnedFd) -> Result<bool, Errno> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{StatxAttributes, StatxFlags, statx};
        // A directory of the same file system may be mounted, so the devices do not say it all.
        match statx(directory, "", AtFlags::EMPTY_PATH, StatxFlags::TYPE) {
            Ok(found) if found.stx_attributes_mask.contains(StatxAttributes::MOUNT_ROOT) => {
                return Ok(found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT));
            }
            Ok(_) | Err(Errno::NOSYS | Errno::PERM) => {}
            Err(errno) => return Err(errno),
        }
    }
    let above = Identity::of(open(directory, OsStr::new(".."))?)?;
    let own = Identity::of(directory)?;
    Ok(own == above || !own.is_on_device_of(above))
}
