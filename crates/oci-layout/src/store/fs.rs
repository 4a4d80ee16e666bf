// SPDX-License-Identifier: Apache-2.0
//! Everything that reads and changes a store's files, one function a system call: the seam at which
//! tests let single calls fail (LS-15), and the place where the system's errors get their words. It
//! takes paths below a store's directory, which cannot lead out of it (LS-31).

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, ErrorKind as Io, Read as _, Write as _};
use std::path::{Path, PathBuf};

use toolhive_diagnostics::{Help, Remedy};

use super::root::{self, Kind, Meta, Root, StorePath};
use crate::{Error, ErrorKind, Result};

/// The size of what is written at once of many pieces, in bytes.
const BUFFER: usize = 256 * 1024;

#[cfg(test)]
#[path = "fs/faults.rs"]
pub(super) mod faults;

/// The faults that tests inject; none outside of tests.
#[cfg(not(test))]
mod faults {
    pub(super) fn check<P>(_: &'static str, _: &[P]) -> std::io::Result<()> {
        Ok(())
    }

    pub(super) fn look<P>(_: &'static str, _: P) -> std::io::Result<()> {
        Ok(())
    }
}

pub(super) use super::root::HAS_SYNC_ALL;

/// Returns the system's data on a path; `None` if nothing is there. Of a link, not of what it leads
/// to.
pub(super) fn stat(path: &StorePath) -> io::Result<Option<Meta>> {
    found(faults::look("stat", path).and_then(|()| path.at(root::stat)))
}

/// Returns what a call found; `None` if nothing is there.
pub(super) fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == Io::NotFound => Ok(None),
        other => other.map(Some),
    }
}

impl StorePath {
    /// Whether anything is there.
    pub(super) fn exists(&self) -> Result<bool> {
        Ok(done("cannot examine it", self, stat(self))?.is_some())
    }
}

/// Opens a file for reading and says what it is; `None` if it is not a regular file. It does not
/// wait for the writer of a named pipe.
pub(super) fn open(path: &StorePath) -> io::Result<Option<(File, Meta)>> {
    let file = faults::look("open", path).and_then(|()| path.at(root::open))?;
    let meta = stat_open(&file, path)?;
    Ok(meta.is_file().then_some((file, meta)))
}

/// Opens a regular file to read; `None` if it is missing.
pub(super) fn open_file(path: &StorePath) -> Result<Option<(File, Meta)>> {
    let opened = done("cannot open the file", path, found(open(path)))?;
    let other = || Error::new(ErrorKind::InvalidStore, "not a regular file").at_path(path);
    opened.map(|opened| opened.ok_or_else(other)).transpose()
}

/// Returns the system's data on an open file.
pub(super) fn stat_open(file: &File, path: &StorePath) -> io::Result<Meta> {
    faults::look("fstat", path)?;
    Meta::of(file)
}

/// Opens a directory as a file, for its lock.
pub(super) fn open_dir(path: &StorePath) -> io::Result<File> {
    faults::look("open", path)?;
    match path.file_name() {
        Some(_) => path.at(root::open_dir_file),
        None => path.inside(|dir| root::open_dir_file(dir, OsStr::new("."))),
    }
}

/// Opens and locks a directory; `None` if another process has its lock.
pub(super) fn open_locked(path: &StorePath) -> io::Result<Option<File>> {
    faults::look("open", path)?;
    path.at(root::open_locked)
}

/// Returns the entries of a directory, in the order of their names; none if it is missing.
pub(super) fn entries(dir: &StorePath) -> Result<Vec<StorePath>> {
    let list = || -> io::Result<Vec<_>> {
        faults::look("open", dir)?;
        // There are two calls at least: one that brings names, one that brings no more.
        faults::look("getdents", dir)?;
        let names = dir.inside(root::list)?;
        faults::look("getdents", dir)?;
        Ok(names)
    };
    let names = done("cannot read the directory", dir, found(list()))?.unwrap_or_default();
    let mut entries: Vec<_> = names.into_iter().map(|name| dir.join(name)).collect();
    entries.sort();
    Ok(entries)
}

/// Reads some of a file.
pub(super) fn read(mut file: &File, path: &StorePath, buffer: &mut [u8]) -> io::Result<usize> {
    faults::look("read", path)?;
    file.read(buffer)
}

/// Reads a file of that size to its end; of one that is larger than `limit`, a byte more than that.
pub(super) fn read_to_end(
    file: &File,
    path: &StorePath,
    size: u64,
    limit: u64,
) -> io::Result<Vec<u8>> {
    faults::look("read", path)?;
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(limit)).unwrap_or_default());
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    // Another call finds the end.
    faults::look("read", path)?;
    Ok(bytes)
}

/// Makes a directory; `false` if something stands there already.
pub(super) fn create_dir(path: &StorePath) -> Result<bool> {
    let result = faults::check("mkdir", &[path]).and_then(|()| path.at(root::create_dir));
    match result {
        Err(error) if error.kind() == Io::AlreadyExists => Ok(false),
        other => done("cannot create the directory", path, other).map(|()| true),
    }
}

/// Makes a directory and those above it in the store, as far as they are missing. Those that have
/// entries now which may not be on the disk yet are added to `changed`.
pub(super) fn create_dir_all(path: &StorePath, changed: &mut BTreeSet<StorePath>) -> Result<()> {
    let Some(parent) = path.parent() else { return Ok(()) };
    match done("cannot examine the directory", path, stat(path))?.map(|meta| meta.kind) {
        Some(Kind::Directory) => return Ok(()),
        Some(other) => return Err(path.refused(other)),
        None => create_dir_all(&parent, changed)?,
    }
    if create_dir(path)? {
        changed.insert(parent);
    }
    Ok(())
}

/// Makes the store's own directory and those above it, as far as they are missing, and brings their
/// names to the disk. Links on the way are the choice of who named it.
pub(super) fn create_root(root: &Root) -> Result<()> {
    let mut changed = BTreeSet::new();
    create_above(root.path(), &mut changed)?;
    let sync = |dir: &Path| faults::check("fsync", &[dir]).and_then(|()| root::sync_path(dir));
    for dir in &changed {
        sync(dir).map_err(|error| failure("cannot flush it to disk", dir, error))?;
    }
    let opened = root.handle().map(|_| ());
    opened.map_err(|error| failure("cannot open the store's directory", root.path(), error))
}

fn create_above(path: &Path, changed: &mut BTreeSet<PathBuf>) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        create_above(parent, changed)?;
    }
    let make = || fs::create_dir(path);
    match faults::check("mkdir", &[path]).and_then(|()| make()) {
        Ok(()) => changed.extend(path.parent().map(Path::to_owned)),
        Err(error) if error.kind() == Io::AlreadyExists => {}
        Err(error) => return Err(failure("cannot create the directory", path, error)),
    }
    Ok(())
}

/// Opens a file that was not there before, with that mode less the umask.
pub(super) fn create_new(path: &StorePath, mode: u32) -> Result<File> {
    done("cannot create the file", path, try_create_new(path, mode))
}

fn try_create_new(path: &StorePath, mode: u32) -> io::Result<File> {
    let open = || path.at(|dir, name| root::create_new(dir, name, mode));
    faults::check("create", &[path]).and_then(|()| open())
}

/// Opens a file that is written again: one that a dead process left there goes first, and nothing
/// is ever written to what stands there (LS-32).
pub(super) fn create(path: &StorePath) -> Result<File> {
    let result = match try_create_new(path, 0o666) {
        Err(error) if error.kind() == Io::AlreadyExists => {
            let found = done("cannot examine the file", path, stat(path))?;
            if let Some(other) = found.map(|meta| meta.kind).filter(|kind| *kind != Kind::File) {
                return Err(path.refused(other));
            }
            remove_file(path)?;
            try_create_new(path, 0o666)
        }
        other => other,
    };
    done("cannot create the file", path, result)
}

/// Opens the file that is the store's lock, which is made if it is missing.
pub(super) fn open_lock(path: &StorePath) -> Result<File> {
    let open = || {
        faults::look("open", path)?;
        let file = path.at(root::open_lock)?;
        let meta = stat_open(&file, path)?;
        Ok((file, meta))
    };
    let (file, meta) = done("cannot open the store's lock", path, open())?;
    if meta.is_file() { Ok(file) } else { Err(path.refused(meta.kind)) }
}

/// Writes all of `bytes`, or fails with any part of them written.
pub(super) fn write_all(mut file: &File, path: &StorePath, bytes: &[u8]) -> Result<()> {
    let result = match faults::check("write", &[path]) {
        Ok(()) => file.write_all(bytes),
        // A disk that fills up takes the first part.
        Err(error) => {
            file.write_all(bytes.get(..bytes.len() / 2).unwrap_or_default()).and(Err(error))
        }
    };
    done("cannot write the file", path, result)
}

/// Writes pieces one behind the other, or fails with any part of them written.
pub(super) fn write_pieces<'a>(
    file: &File,
    path: &StorePath,
    pieces: impl Iterator<Item = &'a [u8]>,
) -> Result<()> {
    let mut buffer = Vec::new();
    for piece in pieces {
        if buffer.len() + piece.len() > BUFFER {
            write_all(file, path, &buffer)?;
            buffer.clear();
        }
        buffer.extend_from_slice(piece);
    }
    write_all(file, path, &buffer)
}

/// Opens a file that is there for changing it.
pub(super) fn open_for_change(path: &StorePath) -> Result<File> {
    let opened = faults::look("open", path).and_then(|()| path.at(root::open_for_change));
    done("cannot open the file", path, opened)
}

/// Changes a part of a file that is there.
pub(super) fn overwrite(
    file: &File,
    path: &StorePath,
    write: impl FnOnce(&File) -> io::Result<()>,
) -> Result<()> {
    let result = faults::check("overwrite", &[path]).and_then(|()| write(file));
    done("cannot write the file", path, result)
}

/// Gives a file that mode, whatever the umask.
pub(super) fn set_mode(file: &File, path: &StorePath, mode: u32) -> Result<()> {
    let set = || root::set_mode(file, mode);
    done("cannot set the file's mode", path, faults::check("chmod", &[path]).and_then(|()| set()))
}

/// Brings a file's content, or a directory's entries, to the disk.
pub(super) fn sync(file: &File, path: &StorePath) -> Result<()> {
    let result = faults::check("fsync", &[path]).and_then(|()| root::sync(file));
    done("cannot flush it to disk", path, result)
}

/// Brings several files to the disk, and directories' entries. That takes less than one by one: the
/// system is asked to begin with all files, so that most of what the others wait for happens while
/// the first is waited for.
pub(super) fn sync_many(
    files: &[(File, StorePath)],
    dirs: impl IntoIterator<Item = StorePath>,
) -> Result<()> {
    let open = |dir: StorePath| Ok((done("cannot open the directory", &dir, open_dir(&dir))?, dir));
    let dirs = dirs.into_iter().map(open).collect::<Result<Vec<_>>>()?;
    if files.len() + dirs.len() > 1 {
        files.iter().for_each(|(file, _)| root::begin_sync(file));
    }
    let all: Vec<_> = files.iter().chain(&dirs).collect();
    let Some(((file, path), before)) = all.split_last() else { return Ok(()) };
    before.iter().try_for_each(|(file, path)| {
        let result = faults::check("fsync", &[path]).and_then(|()| root::sync_to_drive(file));
        done("cannot flush it to disk", path, result)
    })?;
    sync(file, path)
}

/// Brings everything to the disk that was written to a directory's file system since it was opened.
pub(super) fn sync_all(dir: &File, path: &StorePath) -> Result<()> {
    let result = faults::check("syncfs", &[path]).and_then(|()| root::sync_all(dir));
    done("cannot flush the file system to disk", path, result)
}

/// Brings a directory's entries to the disk.
pub(super) fn sync_dir(path: &StorePath) -> Result<()> {
    sync(&opened_dir(path)?, path)
}

/// Opens a directory, for [`sync`].
pub(super) fn opened_dir(path: &StorePath) -> Result<File> {
    done("cannot open the directory", path, open_dir(path))
}

/// Puts a file in its place, instead of what may stand there.
pub(super) fn rename(from: &StorePath, to: &StorePath) -> Result<()> {
    let rename = || from.at_both(to, root::rename);
    let result = faults::check("rename", &[from, to]).and_then(|()| rename());
    done("cannot put the file in its place", to, result)
}

/// Puts a file in its place; `false` if something stands there.
pub(super) fn rename_new(from: &StorePath, to: &StorePath) -> Result<bool> {
    let rename = || from.at_both(to, root::rename_new);
    let result = faults::check("rename", &[from, to]).and_then(|()| rename());
    done("cannot put the file in its place", to, result)
}

/// Gives a file a second name; where the file system knows none, a copy.
pub(super) fn link(from: &StorePath, to: &StorePath) -> Result<()> {
    let link = || match from.at_both(to, root::link) {
        Err(error) if error.kind() != Io::NotFound => copy(from, to),
        other => other,
    };
    done("cannot keep the blob", to, faults::check("link", &[from, to]).and_then(|()| link()))
}

fn copy(from: &StorePath, to: &StorePath) -> io::Result<()> {
    let (source, meta) = open(from)?.ok_or(Io::InvalidInput)?;
    let mode = meta.mode;
    let mut made = to.at(|dir, name| root::create_new(dir, name, mode))?;
    io::copy(&mut &source, &mut made)?;
    made.sync_all()
}

/// Makes a file look as if it was made now.
pub(super) fn touch(path: &StorePath) -> Result<()> {
    let result = faults::check("touch", &[path]).and_then(|()| path.at(root::touch));
    done("cannot update the file's time", path, result)
}

/// Removes a file; `false` if it is not there.
pub(super) fn remove_file(path: &StorePath) -> Result<bool> {
    let result = faults::check("unlink", &[path]).and_then(|()| path.at(root::remove_file));
    removed("cannot remove the file", path, result)
}

/// Removes an empty directory; `false` if it is not there.
pub(super) fn remove_dir(path: &StorePath) -> Result<bool> {
    path.let_go();
    let result = faults::check("rmdir", &[path]).and_then(|()| path.at(root::remove_dir));
    removed("cannot remove the directory", path, result)
}

fn removed(what: &str, path: &StorePath, result: io::Result<()>) -> Result<bool> {
    Ok(done(what, path, found(result))?.is_some())
}

/// Returns the result with the words of an error: what failed, where, why, and what to do.
pub(super) fn done<T>(what: &str, path: &StorePath, result: io::Result<T>) -> Result<T> {
    result.map_err(|error| failed(what, path, error))
}

/// Returns an error of the system with these words.
pub(super) fn failed(what: &str, path: &StorePath, error: io::Error) -> Error {
    match path.refusal(&error) {
        Some(refusal) => refusal,
        None => failure(what, &path.path(), error),
    }
}

fn failure(what: &str, path: &Path, error: io::Error) -> Error {
    let help: Help = match error.kind() {
        Io::StorageFull | Io::QuotaExceeded => {
            Remedy::CollectGarbage.help("the disk is full: make room ({} may help) and try again")
        }
        Io::ReadOnlyFilesystem => "the store is read-only: use a copy, or mount it writable".into(),
        Io::PermissionDenied => "the store belongs to someone else: ask for permission".into(),
        _ if root::is_out_of_files(&error) => {
            "too many files are open: close some, or raise the limit (`ulimit -n`)".into()
        }
        _ => return Error::io(what, path, error),
    };
    Error::io(what, path, error).with_help(help)
}
