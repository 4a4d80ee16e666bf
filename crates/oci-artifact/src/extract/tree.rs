// SPDX-License-Identifier: Apache-2.0
//! The new tree while it is written: every file is made below a directory that is held open, and all
//! of it is brought to the disk before it is put in place (EX-23, EX-24).

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use rustix::fs::{Mode, OFlags, mkdirat, openat};
use rustix::io::Errno;

use super::disk::{flush, fsync};
use super::handle;
use crate::error::{Error, ErrorKind, Result};

/// The most files that wait, open, until they are brought to the disk. Where there are more, the
/// whole file system is, which takes less time than each of them.
const MAX_OPEN: usize = 32;
/// Whether a whole file system can be brought to the disk.
const HAS_SYNC_ALL: bool = cfg!(target_os = "linux");

const NEW_FILE: OFlags = OFlags::WRONLY
    .union(OFlags::CREATE)
    .union(OFlags::EXCL)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// A directory that is filled.
pub(super) struct Tree {
    root: OwnedFd,
    /// The directory that was written to last, as the next file mostly lies beside it.
    parent: Option<(Vec<u8>, OwnedFd)>,
    /// Every directory that was made.
    directories: BTreeSet<Vec<u8>>,
    /// Files that may not be on the disk yet, and whether there are more of them.
    unsettled: Vec<File>,
    has_more: bool,
}

impl Tree {
    pub(super) fn new(root: OwnedFd) -> Self {
        Self {
            root,
            parent: None,
            directories: BTreeSet::new(),
            unsettled: Vec::new(),
            has_more: false,
        }
    }

    /// Its own directory.
    pub(super) fn root(&self) -> &OwnedFd {
        &self.root
    }

    /// Makes a file, with the directories above it. `path` has no component that leads elsewhere
    /// (EX-15).
    pub(super) fn create(&mut self, path: &[u8], mode: u32) -> Result<File> {
        let shown = || Path::new(OsStr::from_bytes(path));
        let at = path.iter().rposition(|byte| *byte == b'/');
        let (parent, name) = match at.and_then(|at| path.split_at_checked(at)) {
            Some((parent, name)) => (parent, name.strip_prefix(b"/").unwrap_or(name)),
            None => (&[][..], path),
        };
        let parent = self
            .directory(parent)
            .map_err(|errno| Error::io("cannot make the directory above", shown(), errno))?;
        let mode = handle::permissions(mode);
        let made = openat(parent, OsStr::from_bytes(name), NEW_FILE, mode);
        made.map(File::from).map_err(|errno| Error::io("cannot make the file", shown(), errno))
    }

    /// The directory at a relative path, which is made as far as it is missing.
    fn directory(&mut self, path: &[u8]) -> Result<&OwnedFd, Errno> {
        if path.is_empty() {
            return Ok(&self.root);
        }
        let known = self.parent.take().filter(|(known, _)| known == path);
        let open = match known {
            Some((_, open)) => open,
            None => self.open(path)?,
        };
        Ok(&self.parent.insert((path.to_vec(), open)).1)
    }

    fn open(&mut self, path: &[u8]) -> Result<OwnedFd, Errno> {
        let mut open: Option<OwnedFd> = None;
        let mut end = 0_usize;
        for name in path.split(|byte| *byte == b'/') {
            end = end.saturating_add(name.len()).saturating_add(usize::from(end > 0));
            if matches!(name, b"" | b"." | b"..") {
                return Err(Errno::INVAL);
            }
            let parent = open.as_ref().unwrap_or(&self.root);
            let name = OsStr::from_bytes(name);
            let next = match handle::open(parent, name) {
                Err(Errno::NOENT) => {
                    mkdirat(parent, name, Mode::from_raw_mode(0o755))?;
                    self.directories.insert(path.get(..end).unwrap_or(path).to_vec());
                    handle::open(parent, name)?
                }
                other => other?,
            };
            open = Some(next);
        }
        open.ok_or(Errno::INVAL)
    }

    /// Takes a file that was written, to be brought to the disk with the others.
    pub(super) fn written(&mut self, file: File) -> Result<()> {
        self.unsettled.push(file);
        if self.unsettled.len() < MAX_OPEN {
            return Ok(());
        }
        let files = std::mem::take(&mut self.unsettled);
        self.has_more = true;
        if HAS_SYNC_ALL { Ok(()) } else { sync_files(&files).map_err(not_on_disk) }
    }

    /// Brings all of it to the disk: the files, then the directories from below.
    ///
    /// # Errors
    /// [`ErrorKind::Io`]: it may not be there then.
    pub(super) fn settle(&mut self) -> Result<()> {
        self.settle_now().map_err(not_on_disk)
    }

    fn settle_now(&mut self) -> Result<(), Errno> {
        let files = std::mem::take(&mut self.unsettled);
        #[cfg(target_os = "linux")]
        if self.has_more || self.directories.len() > MAX_OPEN {
            return super::disk::syncfs(&self.root);
        }
        sync_files(&files)?;
        for path in std::mem::take(&mut self.directories).into_iter().rev() {
            fsync(self.open(&path)?)?;
        }
        flush(&self.root)
    }
}

/// Brings files to the disk; all are begun before the first is waited for.
fn sync_files(files: &[File]) -> Result<(), Errno> {
    #[cfg(target_os = "linux")]
    for file in files.iter().filter(|_| files.len() > 1) {
        // It only makes what follows faster.
        let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
    }
    files.iter().try_for_each(fsync)
}

fn not_on_disk(errno: Errno) -> Error {
    Error::new(ErrorKind::Io, "cannot bring the new directory to the disk")
        .caused_by(std::io::Error::from(errno))
}
