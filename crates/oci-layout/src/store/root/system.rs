// SPDX-License-Identifier: Apache-2.0
//! The calls of the system, each with an open directory and one name in it. None follows a link.
//! This is the only module of the store that knows which system it is on.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use held_directory::{
    AsFd as _, AtFlags, BorrowedFd, CWD, Dir, Errno, FileType, Mode, OFlags, OsStrExt as _,
    OwnedFd, RenameFlags, Stat,
};

/// An open directory.
pub(in crate::store) type Handle = OwnedFd;
/// A borrowed handle of a directory.
pub(in crate::store) type Directory<'a> = BorrowedFd<'a>;

/// Opens a directory for what lies below it. Where the system can, that needs no permission to list.
#[cfg(any(target_os = "linux", target_os = "android"))]
const SEARCH: OFlags = rustix::fs::OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const SEARCH: OFlags = LIST;

const LIST: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// The flags with which files are opened: no link is followed, no named pipe is waited for, no
/// terminal is taken over.
const FILE: OFlags =
    OFlags::NOFOLLOW.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

/// The kind of a thing on the file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Kind {
    File,
    Directory,
    Link,
    /// A named pipe, a socket, a device.
    Special,
}

/// The system's data on a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Meta {
    pub(in crate::store) kind: Kind,
    /// The size in bytes.
    pub(in crate::store) size: u64,
    /// The nine permission bits.
    pub(in crate::store) mode: u32,
    pub(in crate::store) owner: u32,
    /// The number of its names (hard links).
    pub(in crate::store) names: u64,
    /// Device and inode: the numbers that distinguish it from everything else that exists at the
    /// same time.
    pub(in crate::store) identity: (u64, u64),
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Meta {
    /// Returns the data on an open file or directory.
    pub(in crate::store) fn of(file: &File) -> io::Result<Self> {
        Ok(held_directory::fstat(file)?.into())
    }

    pub(in crate::store) fn is_file(&self) -> bool {
        self.kind == Kind::File
    }

    pub(in crate::store) fn is_dir(&self) -> bool {
        self.kind == Kind::Directory
    }

    /// Returns the time of the last change of its content; `None` if the system has no such time.
    pub(in crate::store) fn modified(&self) -> Option<SystemTime> {
        let (seconds, nanos) = self.modified;
        let nanos = Duration::from_nanos(u64::try_from(nanos).ok()?);
        let whole = Duration::from_secs(seconds.unsigned_abs());
        let epoch = SystemTime::UNIX_EPOCH;
        let time = if seconds < 0 { epoch.checked_sub(whole) } else { epoch.checked_add(whole) };
        time?.checked_add(nanos)
    }
}

impl From<Stat> for Meta {
    // What these fields are differs from target to target.
    #[allow(clippy::unnecessary_cast, clippy::useless_conversion)]
    fn from(stat: Stat) -> Self {
        Self {
            kind: match FileType::from_raw_mode(stat.st_mode) {
                FileType::RegularFile => Kind::File,
                FileType::Directory => Kind::Directory,
                FileType::Symlink => Kind::Link,
                _ => Kind::Special,
            },
            size: u64::try_from(stat.st_size).unwrap_or(0),
            mode: u32::from(stat.st_mode) & 0o777,
            owner: stat.st_uid,
            names: stat.st_nlink as u64,
            identity: (stat.st_dev as u64, stat.st_ino as u64),
            modified: (stat.st_mtime as i64, stat.st_mtime_nsec as i64),
            changed: (stat.st_ctime as i64, stat.st_ctime_nsec as i64),
        }
    }
}

/// Returns an open directory, for the calls below.
pub(in crate::store) fn borrow(handle: &Arc<Handle>) -> Directory<'_> {
    handle.as_fd()
}

/// Returns the id under which this process runs.
#[cfg(unix)]
pub(in crate::store) fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Returns 0: this system does not number its users.
#[cfg(not(unix))]
pub(in crate::store) fn user() -> u32 {
    0
}

/// Opens the directory that somebody named. Links on the way, and in its place, are followed: that
/// is their choice.
pub(in crate::store) fn open_root(path: &Path) -> io::Result<Handle> {
    Ok(held_directory::openat(CWD, path, SEARCH, Mode::empty())?)
}

/// Opens a directory in another.
pub(in crate::store) fn open_dir(dir: Directory<'_>, name: &OsStr) -> io::Result<Handle> {
    Ok(held_directory::openat(dir, name, SEARCH | OFlags::NOFOLLOW, Mode::empty())?)
}

/// Opens a directory as a file, for locking it and for bringing it to the disk.
pub(in crate::store) fn open_dir_file(dir: Directory<'_>, name: &OsStr) -> io::Result<File> {
    Ok(held_directory::openat(dir, name, LIST | OFlags::NOFOLLOW, Mode::empty())?.into())
}

/// Opens a file for reading. It need not be a regular one.
pub(in crate::store) fn open(dir: Directory<'_>, name: &OsStr) -> io::Result<File> {
    Ok(held_directory::openat(dir, name, FILE | OFlags::RDONLY, Mode::empty())?.into())
}

/// Makes a file that is not there yet, with that mode less the umask, and opens it for writing.
pub(in crate::store) fn create_new(
    dir: Directory<'_>,
    name: &OsStr,
    mode: u32,
) -> io::Result<File> {
    let flags = FILE | OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
    Ok(held_directory::openat(dir, name, flags, Mode::from_raw_mode(mode as _))?.into())
}

/// Opens a file that is there for writing.
pub(in crate::store) fn open_for_change(dir: Directory<'_>, name: &OsStr) -> io::Result<File> {
    Ok(held_directory::openat(dir, name, FILE | OFlags::WRONLY, Mode::empty())?.into())
}

/// Opens a file for its lock, and makes it if it is missing.
pub(in crate::store) fn open_lock(dir: Directory<'_>, name: &OsStr) -> io::Result<File> {
    let flags = FILE | OFlags::RDWR | OFlags::CREATE;
    match held_directory::openat(dir, name, flags, Mode::from_raw_mode(0o666)) {
        // Someone else made it; it can be locked all the same.
        Err(Errno::ACCESS) => open(dir, name),
        other => Ok(other?.into()),
    }
}

/// Opens a directory and locks it as long as it is open; `None` if another process has the lock.
pub(in crate::store) fn open_locked(dir: Directory<'_>, name: &OsStr) -> io::Result<Option<File>> {
    match held_directory::open_locked(dir, name) {
        Err(Errno::WOULDBLOCK) => Ok(None),
        other => Ok(Some(other?.into())),
    }
}

/// Makes a directory.
pub(in crate::store) fn create_dir(dir: Directory<'_>, name: &OsStr) -> io::Result<()> {
    Ok(held_directory::mkdirat(dir, name, Mode::from_raw_mode(0o777))?)
}

/// Returns the system's data on a name; of a link, not of what it leads to.
pub(in crate::store) fn stat(dir: Directory<'_>, name: &OsStr) -> io::Result<Meta> {
    Ok(held_directory::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW)?.into())
}

/// The names in a directory, in no order.
pub(in crate::store) fn list(dir: Directory<'_>) -> io::Result<Vec<OsString>> {
    let mut names = Vec::new();
    for entry in Dir::new(held_directory::openat(dir, ".", LIST, Mode::empty())?)? {
        let entry = entry?;
        match entry.file_name().to_bytes() {
            b"." | b".." => (),
            name => names.push(OsStr::from_bytes(name).to_owned()),
        }
    }
    Ok(names)
}

/// Gives a file the place of what may stand there.
pub(in crate::store) fn rename(
    (from_dir, from): (Directory<'_>, &OsStr),
    (to_dir, to): (Directory<'_>, &OsStr),
) -> io::Result<()> {
    Ok(held_directory::renameat(from_dir, from, to_dir, to)?)
}

/// Renames a file unless something has the new name; `false` if something does.
pub(in crate::store) fn rename_new(
    (from_dir, from): (Directory<'_>, &OsStr),
    (to_dir, to): (Directory<'_>, &OsStr),
) -> io::Result<bool> {
    match held_directory::renameat_with(from_dir, from, to_dir, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(true),
        Err(Errno::EXIST) => Ok(false),
        // Not every file system can look and rename in one step.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => match stat(to_dir, to) {
            Ok(_) => Ok(false),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                rename((from_dir, from), (to_dir, to)).map(|()| true)
            }
            Err(error) => Err(error),
        },
        Err(errno) => Err(errno.into()),
    }
}

/// Gives a file a second name, which is not there yet.
pub(in crate::store) fn link(
    (from_dir, from): (Directory<'_>, &OsStr),
    (to_dir, to): (Directory<'_>, &OsStr),
) -> io::Result<()> {
    Ok(held_directory::linkat(from_dir, from, to_dir, to, AtFlags::empty())?)
}

/// Makes a file look as if it was made now.
#[cfg(unix)]
pub(in crate::store) fn touch(dir: Directory<'_>, name: &OsStr) -> io::Result<()> {
    use rustix::fs::{Timespec, Timestamps, UTIME_NOW, UTIME_OMIT};
    let now = Timestamps {
        last_access: Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT },
        last_modification: Timespec { tv_sec: 0, tv_nsec: UTIME_NOW },
    };
    Ok(rustix::fs::utimensat(dir, name, &now, AtFlags::SYMLINK_NOFOLLOW)?)
}

/// Sets the times of a file on systems that need it open for that.
#[cfg(not(unix))]
#[expect(
    clippy::disallowed_methods,
    reason = "the system has no name for now, and the time is not read back"
)]
pub(in crate::store) fn touch(dir: Directory<'_>, name: &OsStr) -> io::Result<()> {
    open_for_change(dir, name)?.set_modified(SystemTime::now())
}

/// Removes a name; that of a link, not what it leads to.
pub(in crate::store) fn remove_file(dir: Directory<'_>, name: &OsStr) -> io::Result<()> {
    Ok(held_directory::unlinkat(dir, name, AtFlags::empty())?)
}

/// Removes an empty directory.
pub(in crate::store) fn remove_dir(dir: Directory<'_>, name: &OsStr) -> io::Result<()> {
    Ok(held_directory::unlinkat(dir, name, AtFlags::REMOVEDIR)?)
}

/// Gives a file that mode, whatever the umask.
pub(in crate::store) fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    #[cfg(unix)]
    return file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
    // Who may do what is said by the directory above there.
    #[cfg(not(unix))]
    {
        let _ = (file, mode);
        Ok(())
    }
}

/// Writes at a place of a file, and leaves the rest as it is.
pub(in crate::store) fn write_at(file: &File, bytes: &[u8], place: u64) -> io::Result<()> {
    #[cfg(unix)]
    return std::os::unix::fs::FileExt::write_all_at(file, bytes, place);
    #[cfg(not(unix))]
    {
        use std::io::{Seek as _, SeekFrom, Write as _};
        let mut file = file;
        file.seek(SeekFrom::Start(place))?;
        file.write_all(bytes)
    }
}

/// Brings a file's content, or a directory's entries, to the disk.
pub(in crate::store) fn sync(file: &File) -> io::Result<()> {
    #[cfg(unix)]
    return file.sync_all();
    // Directories have nothing there that could be.
    #[cfg(not(unix))]
    Ok(held_directory::fsync(file)?)
}

/// Hands a file's content to the drive, which may keep it in its cache on macOS until [`sync`] is called for another
/// file and flushes everything.
pub(in crate::store) fn sync_to_drive(file: &File) -> io::Result<()> {
    #[cfg(target_os = "macos")]
    return Ok(rustix::fs::fsync(file)?);
    #[cfg(not(target_os = "macos"))]
    sync(file)
}

/// Brings the entries of the directory with that path to the disk.
pub(in crate::store) fn sync_path(directory: &Path) -> io::Result<()> {
    #[cfg(unix)]
    return File::open(directory)?.sync_all();
    #[cfg(not(unix))]
    {
        let _ = directory;
        Ok(())
    }
}

/// Brings everything to the disk that was written to a directory's file system since it was opened.
pub(in crate::store) fn sync_all(dir: &File) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::fs::syncfs(dir.as_fd())?;
    #[cfg(not(target_os = "linux"))]
    sync(dir)?;
    Ok(())
}

/// Whether [`sync_all`] can do what it should.
pub(in crate::store) const HAS_SYNC_ALL: bool = cfg!(target_os = "linux");

/// Asks the system to begin writing a file's content to the disk, if it can; promises nothing.
pub(in crate::store) fn begin_sync(file: &File) {
    // "Not needed any more" is the hint for Linux: it writes what is not on the disk yet, and may
    // forget what is.
    #[cfg(target_os = "linux")]
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
    #[cfg(not(target_os = "linux"))]
    let _ = file;
}

/// Whether an error can mean that a link, or something that is not a directory, stood in the way.
pub(in crate::store) fn is_in_the_way(error: &io::Error) -> bool {
    let errno = Errno::from_io_error(error);
    errno.is_some_and(|errno| matches!(errno, Errno::LOOP | Errno::NOTDIR | Errno::MLINK))
}

/// Whether an error means that this process, or the machine, has as many files open as it may.
pub(in crate::store) fn is_out_of_files(error: &io::Error) -> bool {
    matches!(Errno::from_io_error(error), Some(Errno::MFILE | Errno::NFILE))
}
