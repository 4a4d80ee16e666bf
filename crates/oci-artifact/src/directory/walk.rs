// SPDX-License-Identifier: Apache-2.0
//! The walk: which entries are files of the artifact, which are left out, which are refused.

use held_directory::{AtFlags, BorrowedFd, Dir, Errno, FileType};
use toolhive_diagnostics::Diagnostic;

use super::{Directory, FileEntry, Files, MAX_ENTRIES, depth};
use super::{gone, not_regular, open_regular, refused, to_path};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::{self, MAX_PATH_SIZE};

/// The hidden entries (those with a path component that starts with `.`) that a kind of artifact
/// keeps.
#[derive(Clone, Copy, Debug)]
pub struct Hidden {
    /// Hidden directories that are descended into all the same.
    pub directories: &'static [&'static str],
    /// Hidden files that are packaged all the same.
    pub files: &'static [&'static str],
    /// The treatment of hidden links and special files.
    pub specials: HiddenSpecials,
}

/// The treatment of a hidden entry that is neither a file nor a directory (BUG-08).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HiddenSpecials {
    /// They are left out like any hidden entry (SW-1).
    Ignore,
    /// They fail the walk like any other special file (PW-1, PW-3).
    Refuse,
}

/// The result of a walk.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// The files besides the manifest, sorted by the bytes of their paths (TAR-1).
    pub files: Vec<FileEntry>,
    /// Hidden entries that were left out, directories with a `/` at the end, in the walk's order.
    pub omitted: Vec<Vec<u8>>,
    /// The number of bytes of all files.
    pub size: u64,
}

/// An entry that is still to be visited.
pub(super) struct Entry {
    pub(super) path: Vec<u8>,
    pub(super) name_at: usize,
    pub(super) kind: FileType,
}

impl Entry {
    pub(super) fn is_hidden(&self) -> bool {
        self.path.get(self.name_at) == Some(&b'.')
    }

    /// Whether its name, or that of a directory above it, begins with a dot.
    pub(super) fn is_at_or_below_hidden(&self) -> bool {
        self.path.split(|byte| *byte == b'/').any(|name| name.first() == Some(&b'.'))
    }

    pub(super) fn parent(&self) -> &[u8] {
        self.path.get(..self.name_at.saturating_sub(1)).unwrap_or_default()
    }

    pub(super) fn name(&self) -> &[u8] {
        self.path.get(self.name_at..).unwrap_or_default()
    }

    pub(super) fn is_one_of(&self, paths: &[&str]) -> bool {
        paths.iter().any(|path| path.as_bytes() == self.path)
    }
}

impl Directory {
    /// Walks the tree: every directory's entries in byte order of their names, depth first
    /// (WALK-1). The file at `manifest` is not counted and not listed (CNT-1).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidFile`] for a link, a special file, an entry that cannot be read, a path
    /// of more than [`limits::MAX_PATH_SIZE`] bytes or [`limits::MAX_DEPTH`] names or with a name that cannot be
    /// packaged; [`ErrorKind::TooManyFiles`] and [`ErrorKind::TooLarge`] past [`limits::MAX_FILES`],
    /// [`limits::MAX_DIRECTORIES`], [`MAX_ENTRIES`] and [`limits::MAX_CONTENT_SIZE`]. The first in the
    /// walk's order is reported.
    pub fn walk(&self, hidden: &Hidden, manifest: &str) -> Result<Tree> {
        let mut tree = Tree::default();
        let (mut seen, mut directories) = (0, 0);
        let mut files = self.files();
        let mut todo = list(files.walked(&[])?, &[], &mut seen)?;

        while let Some(entry) = todo.pop() {
            match entry.kind {
                FileType::Directory => {
                    if entry.is_hidden() && !entry.is_one_of(hidden.directories) {
                        let mut path = entry.path;
                        path.push(b'/');
                        tree.omitted.push(path);
                        continue;
                    }
                    count_directory(&mut directories, &entry.path)?;
                    let directory = files.walked(&entry.path)?;
                    todo.append(&mut list(directory, &entry.path, &mut seen)?);
                }
                FileType::RegularFile => {
                    if entry.path == manifest.as_bytes() {
                        continue;
                    }
                    if entry.is_at_or_below_hidden() && !entry.is_one_of(hidden.files) {
                        tree.omitted.push(entry.path);
                        continue;
                    }
                    tree.add(files.walked(entry.parent())?, &entry)?;
                }
                _ if entry.is_hidden() && hidden.specials == HiddenSpecials::Ignore => {
                    tree.omitted.push(entry.path);
                }
                other => return Err(not_regular(&entry.path, other)),
            }
        }
        tree.files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }
}

impl Files<'_> {
    /// Returns the directory at a path, with the error for one that cannot be opened.
    pub(super) fn walked(&mut self, path: &[u8]) -> Result<BorrowedFd<'_>> {
        self.trail.open(path).map_err(|errno| unreadable(path, errno))
    }
}

/// Returns the error for a directory that cannot be opened or read; that of the whole tree has its own kind.
pub(super) fn unreadable(path: &[u8], errno: Errno) -> Error {
    match path {
        [] => refused(b".", errno).with_kind(ErrorKind::InvalidDir),
        path => refused(path, errno),
    }
}

fn is_ds_store(name: &[u8]) -> bool {
    name == b".DS_Store"
}

impl Tree {
    /// Returns the files' paths. All are UTF-8, or the walk would have failed (BUG-18).
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|file| std::str::from_utf8(&file.path).unwrap_or_default())
    }

    /// Returns a warning of the hidden entries that were left out (BUG-12). Version control's own directory is not
    /// worth a word, nor is a file that the Finder of macOS leaves wherever it looks.
    pub fn omitted_warning(&self) -> Option<Diagnostic> {
        const NAMED: usize = 5;
        let is_worth_a_word =
            |path: &&Vec<u8>| *path != b".git/" && !path.split(|b| *b == b'/').any(is_ds_store);
        let omitted: Vec<_> = self.omitted.iter().filter(is_worth_a_word).collect();
        let mut named: Vec<_> =
            omitted.iter().take(NAMED).map(|path| String::from_utf8_lossy(path)).collect();
        if omitted.len() > NAMED {
            named.push(format!("{} more", omitted.len() - NAMED).into());
        }
        let message = match omitted.len() {
            0 => return None,
            1 => format!("a hidden entry is left out of the artifact: {}", named.join(", ")),
            n => format!("{n} hidden entries are left out of the artifact: {}", named.join(", ")),
        };
        let first = omitted.first().map(|path| to_path(path)).unwrap_or_default();
        Some(
            Diagnostic::new(message).with_rule("hidden-left-out").at_path(first).with_help(
                "if the artifact needs them, rename them so that no name starts with a dot",
            ),
        )
    }

    fn add(&mut self, parent: BorrowedFd<'_>, entry: &Entry) -> Result<()> {
        let path = entry.path.as_slice();
        if self.files.len() == limits::MAX_FILES {
            return Err(
                too_many(format!("more than {} files", limits::MAX_FILES)).at_path(to_path(path))
            );
        }
        check_name(path)?;
        // Opened, not just looked at, so that an unreadable file is found here and in order.
        let opened = open_regular(parent, entry.name(), path);
        let (_, entry) = opened.map_err(|error| error.unwrap_or_else(|| gone(path)))?;
        self.size = self.size.saturating_add(entry.size);
        if self.size > limits::MAX_CONTENT_SIZE {
            let limit = limits::MAX_CONTENT_SIZE / limits::MIB;
            return Err(Error::new(ErrorKind::TooLarge, format!("more than {limit} MiB of files"))
                .at_path(to_path(path))
                .with_help("keep build output, archives and media out of the directory"));
        }
        self.files.push(entry);
        Ok(())
    }
}

/// BUG-18, BUG-19: names that the labels cannot hold, or that no reader would extract.
fn check_name(path: &[u8]) -> Result<()> {
    let why = if path.contains(&b'\\') {
        "the name has a backslash, which other systems take for a separator"
    } else if std::str::from_utf8(path).is_err() {
        "the name is not UTF-8"
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::InvalidFile, why).at_path(to_path(path)).with_help("rename the file"))
}

/// Counts a directory that is descended into (DEV-6).
pub(super) fn count_directory(directories: &mut usize, path: &[u8]) -> Result<()> {
    *directories += 1;
    if *directories > limits::MAX_DIRECTORIES {
        let message = format!("more than {} directories", limits::MAX_DIRECTORIES);
        return Err(too_many(message).at_path(to_path(path)));
    }
    Ok(())
}

/// Returns the entries of a directory, the last name first, so that a stack gives them in order.
pub(super) fn list(directory: BorrowedFd<'_>, path: &[u8], seen: &mut usize) -> Result<Vec<Entry>> {
    let failed = |errno| unreadable(path, errno);
    let is_deepest = depth(path) >= limits::MAX_DEPTH;
    let mut entries = Vec::new();
    for entry in Dir::read_from(directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_bytes();
        if matches!(name, b"." | b"..") {
            continue;
        }
        if is_deepest {
            let why = format!("the path has more than {} names", limits::MAX_DEPTH);
            return Err(unacceptable(why, path).with_help("move the files further up"));
        }
        *seen += 1;
        if *seen > MAX_ENTRIES {
            return Err(too_many(format!("more than {MAX_ENTRIES} directory entries"))
                .at_path(to_path(path)));
        }
        let mut full = Vec::with_capacity(path.len() + 1 + name.len());
        full.extend_from_slice(path);
        if !path.is_empty() {
            full.push(b'/');
        }
        let name_at = full.len();
        full.extend_from_slice(name);
        if full.len() > MAX_PATH_SIZE {
            let why = format!("the path has more than {MAX_PATH_SIZE} bytes");
            return Err(unacceptable(why, path).with_help("move the files further up"));
        }
        let kind = match entry.file_type() {
            // Some file systems do not tell with the name.
            FileType::Unknown => {
                let stat = held_directory::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW);
                FileType::from_raw_mode(stat.map_err(failed)?.st_mode)
            }
            known => known,
        };
        entries.push(Entry { path: full, name_at, kind });
    }
    entries.sort_unstable_by(|a, b| b.path.cmp(&a.path));
    Ok(entries)
}

fn unacceptable(why: String, path: &[u8]) -> Error {
    Error::new(ErrorKind::InvalidFile, why).at_path(to_path(path))
}

fn too_many(message: String) -> Error {
    Error::new(ErrorKind::TooManyFiles, message)
        .with_help("keep dependencies and build output out of the directory")
}
