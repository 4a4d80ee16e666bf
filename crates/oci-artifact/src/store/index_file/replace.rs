// SPDX-License-Identifier: Apache-2.0
//! Putting a new index file in the place of the old (LS-5).

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
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
    let open = || ops::done("cannot open the file", new, File::open(new));
    let result = write(path, new, text)
        .and_then(settle)
        .and_then(|()| open())
        .and_then(|file| ops::rename(new, path).map(|()| file))
        .inspect_err(|_| {
            // What could not take its place is of no use; failing to remove it harms nobody.
            let _ = ops::remove_file(new);
        })?;
    if let Some(root) = path.parent() {
        ops::sync_dir(root)?;
    }
    Ok(result)
}

/// Writes what will be the index file at `path`, and opens it.
pub(in crate::store) fn write(path: &Path, new: &Path, text: &[u8]) -> Result<(File, PathBuf)> {
    let file = ops::create(new)?;
    ops::write_all(&file, new, text)?;
    // Who may read and write the file stays as it was.
    if let Ok(old) = fs::metadata(path)
        && let Ok(made) = file.metadata()
        && old.permissions() != made.permissions()
    {
        ops::set_mode(&file, new, old.permissions().mode() & 0o777)?;
    }
    Ok((file, new.to_owned()))
}
