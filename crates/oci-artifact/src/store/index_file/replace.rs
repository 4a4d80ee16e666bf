// SPDX-License-Identifier: Apache-2.0
//! Putting a new index file in the place of the old (LS-5).

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::Result;
use crate::store::fs as ops;

/// Replaces the index file at `path` by way of `new` (LS-5); the caller holds the lock. `settle`
/// brings the new one to the disk, with all that must be there before it. The file that is now
/// there, for reading.
pub(in crate::store) fn replace(
    path: &Path,
    new: &Path,
    text: &[u8],
    settle: impl FnOnce((File, PathBuf)) -> Result<()>,
) -> Result<File> {
    let result = write(path, new, text).and_then(settle).and_then(|()| {
        // Opened before the new one takes its place: after that only the disk can fail.
        let file = ops::done("cannot open the file", new, ops::open(new))?;
        let root = path.parent().map(ops::open_dir).transpose()?;
        ops::rename(new, path)?;
        Ok((file, root))
    });
    let (file, root) = result.inspect_err(|_| {
        // What could not take its place is of no use; failing to remove it harms nobody.
        let _ = ops::remove_file(new);
    })?;
    if let (Some(root), Some(dir)) = (root, path.parent()) {
        ops::sync(&root, dir)?;
    }
    Ok(file)
}

/// Writes what will be the index file at `path`, and opens it.
pub(in crate::store) fn write(path: &Path, new: &Path, text: &[u8]) -> Result<(File, PathBuf)> {
    let file = ops::create(new)?;
    ops::write_all(&file, new, text)?;
    // Who may read and write the file stays as it was.
    let what = "cannot look at the file";
    if let Some(old) = ops::done(what, path, ops::find(path))?
        && old.is_file()
        && old.mode != ops::done(what, new, ops::stat_open(&file, new))?.mode
    {
        ops::set_mode(&file, new, old.mode)?;
    }
    Ok((file, new.to_owned()))
}
