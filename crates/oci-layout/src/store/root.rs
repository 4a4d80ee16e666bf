// SPDX-License-Identifier: Apache-2.0
//! The store's directory, opened once (LS-30), and the paths below it.
//!
//! A [`StorePath`] is not a path of the system: nothing can be opened with it but by way of the
//! handle of the store's directory, one component after the other, and no component may be a link
//! (LS-31). So a store stays below its directory, whatever lies in it, and whatever another process
//! does to it meanwhile.

mod system;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::{Error, ErrorKind};

pub(super) use system::{Directory, Handle, Kind, Meta};
pub(super) use system::{
    HAS_SYNC_ALL, begin_sync, create_dir, create_new, is_out_of_files, link, list, open,
    open_dir_file, open_for_change, open_lock, open_locked, remove_dir, remove_file, rename,
    rename_new, set_mode, stat, sync, sync_all, sync_path, sync_to_drive, touch, user, write_at,
};

/// The largest number of directories below a store's that are held open.
const MAX_HELD: usize = 8;

/// A store's directory.
#[derive(Debug)]
pub(super) struct Root {
    path: PathBuf,
    handle: OnceLock<Arc<Handle>>,
    /// Directories below it that were opened, for the next who needs one.
    held: Mutex<BTreeMap<PathBuf, Arc<Handle>>>,
}

impl Root {
    /// Returns the directory with that absolute path. It is opened when it is needed first.
    pub(super) fn new(path: PathBuf) -> Arc<Self> {
        Arc::new(Self { path, handle: OnceLock::new(), held: Mutex::default() })
    }

    /// Returns its path, for people.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the handle of the root. The first success counts for good: what becomes of its path does not matter
    /// then.
    pub(super) fn handle(&self) -> io::Result<Arc<Handle>> {
        if let Some(handle) = self.handle.get() {
            return Ok(handle.clone());
        }
        let opened = Arc::new(system::open_root(&self.path)?);
        Ok(self.handle.get_or_init(|| opened).clone())
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<PathBuf, Arc<Handle>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets go of all directories below it: they are looked up again.
    pub(super) fn forget(&self) {
        self.held().clear();
    }

    /// Opens the directory at a path below, refusing links all the way.
    fn open(&self, below: &Path) -> io::Result<Arc<Handle>> {
        let mut dir = self.handle()?;
        for component in below.components() {
            let Component::Normal(name) = component else {
                return Err(io::ErrorKind::InvalidInput.into());
            };
            dir = Arc::new(system::open_dir(system::borrow(&dir), name)?);
        }
        // A registry has as many directories as it likes.
        if (1..=2).contains(&below.components().count()) {
            let mut held = self.held();
            if held.len() >= MAX_HELD {
                held.clear();
            }
            held.insert(below.to_owned(), dir.clone());
        }
        Ok(dir)
    }
}

/// A path at or below a store's directory.
#[derive(Clone)]
pub(super) struct StorePath {
    root: Arc<Root>,
    /// Names with slashes between; empty for the directory itself.
    below: PathBuf,
}

impl StorePath {
    /// Returns the store's directory itself.
    pub(super) fn top(root: &Arc<Root>) -> Self {
        Self { root: root.clone(), below: PathBuf::new() }
    }

    /// Returns the path of that name, or of that relative path, in this directory.
    pub(super) fn join(&self, name: impl AsRef<Path>) -> Self {
        // A path that is not below is refused when it is used.
        Self { root: self.root.clone(), below: self.below.join(name) }
    }

    /// Returns the directory that it is in, if it is below the store's.
    pub(super) fn parent(&self) -> Option<Self> {
        Some(Self { root: self.root.clone(), below: self.below.parent()?.to_owned() })
    }

    /// Returns its name, if it is below the store's directory.
    pub(super) fn file_name(&self) -> Option<&OsStr> {
        self.below.file_name()
    }

    /// Returns the absolute path, for people: to be said, never to be opened.
    pub(super) fn path(&self) -> PathBuf {
        match self.below.as_os_str().is_empty() {
            true => self.root.path.clone(),
            false => self.root.path.join(&self.below),
        }
    }

    /// Calls the system with the open directory that this is in, and its name there.
    pub(super) fn at<T>(
        &self,
        call: impl Fn(Directory<'_>, &OsStr) -> io::Result<T>,
    ) -> io::Result<T> {
        self.in_parent(|dir| call(dir, self.name()?))
    }

    /// Calls the system with this directory, opened.
    pub(super) fn inside<T>(&self, call: impl Fn(Directory<'_>) -> io::Result<T>) -> io::Result<T> {
        call(system::borrow(&self.root.open(&self.below)?))
    }

    /// Calls the system with two files' directories and names.
    pub(super) fn at_both<T>(
        &self,
        other: &Self,
        call: impl Fn((Directory<'_>, &OsStr), (Directory<'_>, &OsStr)) -> io::Result<T>,
    ) -> io::Result<T> {
        self.in_parent(|dir| {
            other.in_parent(|other_dir| call((dir, self.name()?), (other_dir, other.name()?)))
        })
    }

    /// Lets go of what is held of it, where the system removes nothing that is open.
    pub(super) fn let_go(&self) {
        if cfg!(windows) {
            self.root.forget();
        }
    }

    fn name(&self) -> io::Result<&OsStr> {
        self.file_name().ok_or_else(|| io::ErrorKind::InvalidInput.into())
    }

    fn in_parent<T>(&self, call: impl Fn(Directory<'_>) -> io::Result<T>) -> io::Result<T> {
        let parent = self.below.parent().ok_or(io::ErrorKind::InvalidInput)?;
        if parent.as_os_str().is_empty() {
            return call(system::borrow(&self.root.handle()?));
        }
        let held = self.root.held().get(parent).cloned();
        if let Some(dir) = held {
            match call(system::borrow(&dir)) {
                // The directory may have been removed and made again: looked up again, below.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                other => return other,
            }
        }
        call(system::borrow(&self.root.open(parent)?))
    }

    /// Returns an error that names the thing in the way, if the system says that there is one.
    pub(super) fn refusal(&self, error: &io::Error) -> Option<Error> {
        if !system::is_in_the_way(error) {
            return None;
        }
        let mut path = Self::top(&self.root);
        let mut names = self.below.components().peekable();
        while let Some(name) = names.next() {
            path = path.join(name);
            match path.at(stat).ok()?.kind {
                Kind::Directory => {}
                Kind::Link => return Some(path.refused(Kind::Link)),
                other if names.peek().is_some() => return Some(path.refused(other)),
                _ => break,
            }
        }
        None
    }

    /// The error for something else in the place of what a store has there.
    pub(super) fn refused(&self, found: Kind) -> Error {
        let (what, help) = match found {
            Kind::Link => (
                "a symbolic link, which a store never follows",
                "remove the link; to keep a store elsewhere, name that directory, or link to all of it",
            ),
            Kind::Directory => ("a directory in the place of a file", MOVE),
            Kind::File => ("a file in the place of a directory", MOVE),
            Kind::Special => ("a named pipe, a socket or a device in a store", MOVE),
        };
        Error::new(ErrorKind::InvalidStore, what).at_path(self.path()).with_help(help)
    }
}

const MOVE: &str = "the store did not create it: find out what it is, and move it away";

impl fmt::Debug for StorePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path().fmt(f)
    }
}

impl PartialEq for StorePath {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for StorePath {}

impl PartialOrd for StorePath {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for StorePath {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (&self.root.path, &self.below).cmp(&(&other.root.path, &other.below))
    }
}

impl From<StorePath> for PathBuf {
    fn from(path: StorePath) -> Self {
        path.path()
    }
}

impl From<&StorePath> for PathBuf {
    fn from(path: &StorePath) -> Self {
        path.path()
    }
}
