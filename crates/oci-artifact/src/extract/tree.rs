// SPDX-License-Identifier: Apache-2.0
//! The new tree while it is written: every file is made below a directory that is held open, and all
//! of it is brought to the disk before it is put in place (EX-23, EX-24).

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::File;
use std::path::Path;

use held_directory::{Errno, Mode, OFlags, OsStrExt as _, OwnedFd, mkdirat, openat};

use super::disk::{flush, fsync};
use super::handle;
use crate::data_home::System;
use crate::error::{Error, ErrorKind, Result};
use crate::portable::refused_by_windows;

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
    /// The system whose names these are.
    system: System,
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
            system: System::OWN,
            directories: BTreeSet::new(),
            unsettled: Vec::new(),
            has_more: false,
        }
    }

    /// Returns its own directory.
    pub(super) fn root(&self) -> &OwnedFd {
        &self.root
    }

    /// Creates the tree for what another system can hold.
    #[cfg(test)]
    pub(super) fn on(root: OwnedFd, system: System) -> Self {
        Self { system, ..Self::new(root) }
    }

    /// Makes a file, with the directories above it. `path` has no component that leads elsewhere
    /// (EX-15).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArchive`] for a name that this system cannot hold, or takes for another one of the tree
    /// (EX-29); [`ErrorKind::Io`].
    pub(super) fn create(&mut self, path: &[u8], mode: u32) -> Result<File> {
        self.check_names(path)?;
        let shown = || Path::new(OsStr::from_bytes(path));
        let at = path.iter().rposition(|byte| *byte == b'/');
        let (parent, name) = match at.and_then(|at| path.split_at_checked(at)) {
            Some((parent, name)) => (parent, name.strip_prefix(b"/").unwrap_or(name)),
            None => (&[][..], path),
        };
        let parent = self.directory(parent).map_err(|errno| match errno {
            // No directory is a file as well (BUG-62), so it has another name, or is another one.
            Errno::EXIST | Errno::NOTDIR => clash(shown()),
            errno => Error::io("cannot create the directory above", shown(), errno),
        })?;
        let mode = handle::permissions(mode);
        let made = openat(parent, OsStr::from_bytes(name), NEW_FILE, mode);
        made.map(File::from).map_err(|errno| match errno {
            // No path is there twice (BUG-62).
            Errno::EXIST => clash(shown()),
            errno => Error::io("cannot create the file", shown(), errno),
        })
    }

    fn check_names(&self, path: &[u8]) -> Result<()> {
        if self.system != System::Windows {
            return Ok(());
        }
        let why = match std::str::from_utf8(path) {
            Ok(path) => path.split('/').find_map(refused_by_windows),
            Err(_) => Some("the name is not UTF-8".to_owned()),
        };
        why.map_or(Ok(()), |why| {
            Err(Error::new(ErrorKind::InvalidArchive, why)
                .at_path(&*String::from_utf8_lossy(path))
                .with_help(
                    "this artifact cannot be extracted on Windows: its author has to rename the \
                     file",
                ))
        })
    }

    /// Returns the directory at a relative path, which is made as far as it is missing.
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
            let below = path.get(..end).unwrap_or(path);
            let next = match handle::open(parent, name) {
                Err(Errno::NOENT) => {
                    mkdirat(parent, name, Mode::from_raw_mode(0o755))?;
                    self.directories.insert(below.to_vec());
                    handle::open(parent, name)?
                }
                // The tree was empty: it was made under a name that is the same here.
                Ok(_) if !self.directories.contains(below) => return Err(Errno::EXIST),
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
        let directories: Vec<Vec<u8>> = self.directories.iter().rev().cloned().collect();
        for path in directories {
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

/// Returns the error for a name that is another member's here (EX-29).
fn clash(path: &Path) -> Error {
    const WHY: &str = "this file system confuses the name with that of another member, which \
                       differs in case or in the composition of characters";
    Error::new(ErrorKind::InvalidArchive, WHY)
        .at_path(path)
        .with_help("extract to a file system that distinguishes them; the author should rename one")
}

fn not_on_disk(errno: Errno) -> Error {
    Error::new(ErrorKind::Io, "cannot flush the new directory to disk")
        .caused_by(std::io::Error::from(errno))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a tree in a new directory, as one of that system.
    fn tree(place: &tempfile::TempDir, system: System) -> Tree {
        let root = openat(held_directory::CWD, place.path(), handle::GIVEN, Mode::empty());
        Tree::on(root.expect("opens"), system)
    }

    #[test]
    fn names_that_windows_cannot_hold_are_refused_there_with_words_ex_29() {
        let place = tempfile::tempdir().expect("a directory");
        for path in [
            "a:b",
            "CON",
            "d/aux.txt",
            "com1/x",
            "a.",
            "d /x",
            "a?",
            "a*",
            "a|b",
            "<a",
            "a\"b",
            "a\tb",
        ] {
            let refused = tree(&place, System::Windows).create(path.as_bytes(), 0o644);
            let error = refused.expect_err(path);
            assert_eq!(error.kind(), ErrorKind::InvalidArchive, "{path}");
            assert!(error.to_string().contains("Windows"), "{path}: {error}");
            // Windows itself can make none of them.
            for system in [System::Unix, System::MacOs].into_iter().filter(|_| cfg!(unix)) {
                let other = tempfile::tempdir().expect("a directory");
                tree(&other, system).create(path.as_bytes(), 0o644).expect(path);
            }
        }
        let refused = tree(&place, System::Windows).create(b"a\xff", 0o644);
        assert_eq!(refused.expect_err("is no text").kind(), ErrorKind::InvalidArchive);
        assert_eq!(std::fs::read_dir(place.path()).expect("is there").count(), 0);
        for path in ["console", "a b", ".mcp.json", "é", "com10"] {
            tree(&place, System::Windows).create(path.as_bytes(), 0o644).expect(path);
        }
    }

    /// A file system that takes two names for one is one on which the second is there already.
    #[test]
    fn a_name_that_is_another_members_here_is_named_and_not_written_over_ex_29() {
        let place = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(place.path().join("Docs")).expect("as if it was made as docs");
        std::fs::write(place.path().join("README"), "first").expect("as if it was readme");
        let mut tree = tree(&place, System::OWN);
        for path in ["Docs/a", "README", "README/a"] {
            let error = tree.create(path.as_bytes(), 0o644).expect_err(path);
            assert_eq!(error.kind(), ErrorKind::InvalidArchive, "{path}");
            assert!(
                error.to_string().contains(path) && error.to_string().contains("case"),
                "{error}"
            );
        }
        assert_eq!(std::fs::read(place.path().join("README")).expect("is there"), b"first");
        tree.create(b"new/a", 0o644).expect("is new");
        tree.create(b"new/b", 0o644).expect("lies beside it");
        tree.settle().expect("reaches the disk");
    }
}
