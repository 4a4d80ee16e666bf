// SPDX-License-Identifier: Apache-2.0
//! Putting a new index file in the place of the old (LS-5).

use std::fs::File;

use super::IndexFile;
use crate::store::fs as ops;
use crate::store::root::StorePath;
use crate::{Error, ErrorKind, Result};

/// Replaces the index file at `path` by way of `new` (LS-5); the caller holds the lock. `settle`
/// brings the new one to the disk, with all that must be there before it. The file that is now
/// there, for reading.
pub(in crate::store) fn replace(
    path: &StorePath,
    new: &StorePath,
    index: &IndexFile,
    settle: impl FnOnce((File, StorePath)) -> Result<()>,
) -> Result<File> {
    let open = || {
        let opened = ops::done("cannot open the file", new, ops::open(new))?;
        let other = || Error::new(ErrorKind::InvalidStore, "not a regular file").at_path(new);
        opened.map(|(file, _)| file).ok_or_else(other)
    };
    let result = write(path, new, index).and_then(settle).and_then(|()| {
        // Opened before the new one takes its place: after that only the disk can fail (LS-16).
        let file = open()?;
        let root = path.parent();
        let root = root.map(|root| ops::opened_dir(&root).map(|dir| (dir, root))).transpose()?;
        ops::rename(new, path)?;
        Ok((file, root))
    });
    let (file, root) = result.inspect_err(|_| {
        // What could not take its place is of no use; failing to remove it harms nobody.
        let _ = ops::remove_file(new);
    })?;
    if let Some((root, path)) = root {
        ops::sync(&root, &path)?;
    }
    Ok(file)
}

/// Writes what will be the index file at `path`, and opens it.
pub(in crate::store) fn write(
    path: &StorePath,
    new: &StorePath,
    index: &IndexFile,
) -> Result<(File, StorePath)> {
    let file = ops::create(new)?;
    ops::write_pieces(&file, new, index.pieces())?;
    // Who may read and write the file stays as it was. That it can be run is nothing to keep.
    let what = "cannot examine the file";
    if let Some(old) = ops::done(what, path, ops::stat(path))?
        && old.is_file()
        && old.mode & 0o666 != ops::done(what, new, ops::stat_open(&file, new))?.mode
    {
        ops::set_mode(&file, new, old.mode & 0o666)?;
    }
    Ok((file, new.clone()))
}
