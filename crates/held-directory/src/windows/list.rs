// SPDX-License-Identifier: Apache-2.0
//! The entries of a held directory.

use std::ffi::{CStr, CString};
use std::fs::{self, ReadDir};

use super::errno::Errno;
use super::flags::FileType;
use super::handle::AsFd;
use super::names::c_string;

/// The entries of a directory, in no order.
#[derive(Debug)]
pub struct Dir(ReadDir);

/// An entry of a directory.
#[derive(Debug)]
pub struct DirEntry {
    name: CString,
    kind: FileType,
}

impl Dir {
    /// Reads the entries of a directory.
    ///
    /// # Errors
    /// Those of the system.
    pub fn read_from(directory: impl AsFd) -> Result<Self, Errno> {
        let path = directory.as_fd().path().ok_or(Errno::NOTDIR)?;
        Ok(Self(fs::read_dir(path)?))
    }

    /// Reads the entries of a directory, as [`Self::read_from`] does.
    ///
    /// # Errors
    /// Those of the system.
    pub fn new(directory: impl AsFd) -> Result<Self, Errno> {
        Self::read_from(directory)
    }
}

impl Iterator for Dir {
    type Item = Result<DirEntry, Errno>;

    fn next(&mut self) -> Option<Self::Item> {
        let read = |entry: fs::DirEntry| {
            let kind = FileType::of(entry.file_type()?);
            Ok(DirEntry { name: c_string(&entry.file_name())?, kind })
        };
        Some(self.0.next()?.map_err(Errno::from).and_then(read))
    }
}

impl DirEntry {
    /// Returns the name of the entry.
    pub fn file_name(&self) -> &CStr {
        &self.name
    }

    /// Returns the type of the entry.
    pub fn file_type(&self) -> FileType {
        self.kind
    }
}
