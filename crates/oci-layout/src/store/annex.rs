// SPDX-License-Identifier: Apache-2.0
//! The notes of a program that serves the store: directories and empty files below `registry/`.

use std::collections::BTreeSet;

use super::layout::{Layout, REGISTRY_DIR};
use super::root::{Kind, StorePath};
use super::{Store, fs as ops};
use crate::Result;

/// The directory `registry` of a store, for the program that serves the store. Paths are relative,
/// with slashes, and cannot lead out of it: no link is followed, and neither is `..` (LS-31).
#[derive(Clone, Debug)]
pub struct Annex(Layout);

impl Store {
    /// Returns the directory for the notes of a program that serves this store. It need not be
    /// there.
    pub fn annex(&self) -> Annex {
        Annex(self.layout().clone())
    }
}

impl Annex {
    fn path(&self, path: &str) -> StorePath {
        self.0.top().join(REGISTRY_DIR).join(path)
    }

    fn kind(&self, path: &StorePath) -> Result<Option<Kind>> {
        let meta = ops::done("cannot examine it", path, ops::stat(path))?;
        Ok(meta.map(|meta| meta.kind))
    }

    /// Whether a directory is there.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidStore`](crate::ErrorKind::InvalidStore) if something else is;
    /// [`ErrorKind::Io`](crate::ErrorKind::Io).
    pub fn has_directory(&self, path: &str) -> Result<bool> {
        self.is(&self.path(path), Kind::Directory)
    }

    /// Whether a file is there.
    ///
    /// # Errors
    /// As of [`has_directory`](Self::has_directory).
    pub fn has_file(&self, path: &str) -> Result<bool> {
        self.is(&self.path(path), Kind::File)
    }

    fn is(&self, path: &StorePath, wanted: Kind) -> Result<bool> {
        match self.kind(path)? {
            None => Ok(false),
            Some(kind) if kind == wanted => Ok(true),
            Some(other) => Err(path.refused(other)),
        }
    }

    /// Makes an empty file, and what is missing of its directories; all of it is on the disk then.
    /// One that is there already stays.
    ///
    /// # Errors
    /// As of [`has_directory`](Self::has_directory).
    pub fn add_file(&self, path: &str) -> Result<()> {
        let path = self.path(path);
        if self.is(&path, Kind::File)? {
            return Ok(());
        }
        let mut changed = BTreeSet::new();
        if let Some(dir) = path.parent() {
            ops::create_dir_all(&dir, &mut changed)?;
            changed.insert(dir);
        }
        match ops::create_new(&path, 0o666) {
            // Another was faster.
            Err(error) if !self.is(&path, Kind::File)? => return Err(error),
            _ => {}
        }
        // From the top, so that what is there can be reached.
        ops::sync_many(&[], changed)
    }

    /// Removes a file; `false` if it is not there. That is on the disk then.
    ///
    /// # Errors
    /// As of [`has_directory`](Self::has_directory).
    pub fn remove_file(&self, path: &str) -> Result<bool> {
        let path = self.path(path);
        if !self.is(&path, Kind::File)? || !ops::remove_file(&path)? {
            return Ok(false);
        }
        path.parent().map_or(Ok(()), |dir| ops::sync_dir(&dir)).map(|()| true)
    }

    /// The names of the directories in a directory, in their order. None if it is missing; links are
    /// passed over.
    ///
    /// # Errors
    /// As of [`has_directory`](Self::has_directory).
    pub fn directories(&self, path: &str) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in ops::entries(&self.path(path))? {
            let name = entry.file_name().and_then(|name| name.to_str());
            if let Some(name) = name
                && self.kind(&entry)? == Some(Kind::Directory)
            {
                names.push(name.to_owned());
            }
        }
        Ok(names)
    }
}
