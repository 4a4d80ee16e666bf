// SPDX-License-Identifier: Apache-2.0
//! Reads and replaces one file of ours below a root, without following a link (PL-7).

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Component, Path};
use std::sync::atomic::{AtomicU64, Ordering};

use held_directory::{
    AtFlags, CWD, Errno, Mode, OFlags, OwnedFd, fsync, mkdirat, openat, renameat, unlinkat,
};
use oci_artifact::{Error, ErrorKind, Result};

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
const NOT_FOLLOWED: OFlags = OFlags::NOFOLLOW.union(OFlags::CLOEXEC).union(OFlags::NONBLOCK);

/// Numbers the files of this process that are not in place yet.
static FILES: AtomicU64 = AtomicU64::new(0);

/// Whether directories that are missing are made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Missing {
    Leave,
    Make,
}

/// Reads the file at `below`, of at most `limit` bytes; `None` if it is not there, or is larger.
///
/// # Errors
/// [`ErrorKind::InvalidDir`] if a link or a file is on the way; [`ErrorKind::Io`].
pub fn read(root: &Path, below: &Path, limit: u64) -> Result<Option<Vec<u8>>> {
    let Some((parent, name)) = open(root, below, Missing::Leave)? else { return Ok(None) };
    let path = root.join(below);
    let file = match openat(&parent, name, OFlags::RDONLY | NOT_FOLLOWED, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(Errno::NOENT) => return Ok(None),
        Err(errno) => return Err(failed(&path, errno)),
    };
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| Error::io("cannot read this", &path, error))?;
    Ok(u64::try_from(bytes.len()).is_ok_and(|size| size <= limit).then_some(bytes))
}

/// Replaces the file at `below` in one step, on the disk; directories above it are made.
///
/// # Errors
/// [`ErrorKind::InvalidDir`] if a link or a file is on the way; [`ErrorKind::Io`].
pub fn replace(root: &Path, below: &Path, bytes: &[u8]) -> Result<()> {
    let path = root.join(below);
    let Some((parent, name)) = open(root, below, Missing::Make)? else {
        return Err(failed(&path, Errno::NOENT));
    };
    let number = FILES.fetch_add(1, Ordering::Relaxed);
    let new = format!(".{}.{}-{number}", name.to_string_lossy(), std::process::id());
    let write = || -> std::io::Result<()> {
        match unlinkat(&parent, new.as_str(), AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(errno) => return Err(errno.into()),
        }
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | NOT_FOLLOWED;
        let mut file =
            File::from(openat(&parent, new.as_str(), flags, Mode::from_raw_mode(0o644))?);
        file.write_all(bytes)?;
        file.sync_all()?;
        renameat(&parent, new.as_str(), &parent, name)?;
        fsync(&parent)?;
        Ok(())
    };
    write().map_err(|error| {
        // The error to tell is the first one.
        let _ = unlinkat(&parent, new.as_str(), AtFlags::empty());
        Error::io("cannot write this", &path, error)
    })
}

/// Removes the file at `below`, if it is there.
///
/// # Errors
/// As [`replace`].
pub fn remove(root: &Path, below: &Path) -> Result<()> {
    let Some((parent, name)) = open(root, below, Missing::Leave)? else { return Ok(()) };
    match unlinkat(&parent, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(failed(&root.join(below), errno)),
    }
}

/// Opens the directory above the file; `None` if it is missing and is left so.
fn open<'a>(
    root: &Path,
    below: &'a Path,
    missing: Missing,
) -> Result<Option<(OwnedFd, &'a OsStr)>> {
    let (Some(name), Some(above)) = (below.file_name(), below.parent()) else {
        return Err(failed(&root.join(below), Errno::INVAL));
    };
    let mut shown = root.to_owned();
    let mut parent =
        openat(CWD, root, DIRECTORY, Mode::empty()).map_err(|errno| failed(root, errno))?;
    for part in above.components() {
        let Component::Normal(part) = part else { return Err(failed(below, Errno::INVAL)) };
        shown.push(part);
        if missing == Missing::Make {
            match mkdirat(&parent, part, Mode::from_raw_mode(0o755)) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(errno) => return Err(failed(&shown, errno)),
            }
        }
        parent = match openat(&parent, part, DIRECTORY | OFlags::NOFOLLOW, Mode::empty()) {
            Err(Errno::NOENT) => return Ok(None),
            next => next.map_err(|errno| failed(&shown, errno))?,
        };
    }
    Ok(Some((parent, name)))
}

fn failed(path: &Path, errno: Errno) -> Error {
    match errno {
        Errno::NOTDIR | Errno::LOOP => {
            Error::new(ErrorKind::InvalidDir, "a link or a file is in the way")
                .at_path(path)
                .with_help("nothing is written through a link: remove it")
        }
        _ => Error::io("cannot open this", path, errno),
    }
}
