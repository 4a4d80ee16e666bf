// SPDX-License-Identifier: Apache-2.0
//! Which blobs are in which repository: an empty file for each. Making one and removing one is a
//! single step of the file system, so no two requests or processes get in each other's way.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use oci_artifact::{Error, Result};
use oci_spec::image::Digest;

use crate::name::Repository;

/// Where a repository's markers lie. Its underscore keeps it apart from repositories: none has a
/// component that starts with one.
const BLOBS: &str = "_blobs";
/// How deep repositories are looked for: a name has at most 128 components.
const MAX_DEPTH: usize = 128;

/// The markers of a store.
pub(super) struct Markers {
    root: PathBuf,
}

impl Markers {
    pub(super) fn new(store: &Path) -> Self {
        Self { root: store.join("registry") }
    }

    pub(super) fn has_repository(&self, repository: &Repository) -> bool {
        self.blobs(repository).is_dir()
    }

    pub(super) fn has(&self, repository: &Repository, digest: &Digest) -> bool {
        self.marker(repository, digest).is_file()
    }

    /// Puts a blob into a repository, durably.
    pub(super) fn add(&self, repository: &Repository, digest: &Digest) -> Result<()> {
        let marker = self.marker(repository, digest);
        if marker.is_file() {
            return Ok(());
        }
        let Some(dir) = marker.parent() else { return Ok(()) };
        make_dir(dir)?;
        let made = OpenOptions::new().write(true).create(true).truncate(false).open(&marker);
        made.map_err(|error| Error::io("cannot make the marker", &marker, error))?;
        sync(dir)
    }

    /// Takes a blob out of a repository; `false` if it is not in it.
    pub(super) fn remove(&self, repository: &Repository, digest: &Digest) -> Result<bool> {
        let marker = self.marker(repository, digest);
        match fs::remove_file(&marker) {
            Ok(()) => marker.parent().map_or(Ok(()), sync).map(|()| true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(Error::io("cannot remove the marker", &marker, error)),
        }
    }

    /// All repositories that ever had a blob.
    pub(super) fn repositories(&self) -> Result<BTreeSet<Repository>> {
        let mut found = BTreeSet::new();
        let mut open = vec![(self.root.clone(), String::new(), 0)];
        while let Some((dir, name, depth)) = open.pop() {
            let entries = match fs::read_dir(&dir) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(Error::io("cannot read the directory", &dir, error)),
            };
            for entry in entries.flatten() {
                let Ok(part) = entry.file_name().into_string() else { continue };
                if part == BLOBS {
                    found.extend(Repository::parse(&name));
                } else if depth < MAX_DEPTH && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    let below = if name.is_empty() { part } else { format!("{name}/{part}") };
                    open.push((entry.path(), below, depth + 1));
                }
            }
        }
        Ok(found)
    }

    /// A repository's name is a relative path without dots by its grammar.
    fn blobs(&self, repository: &Repository) -> PathBuf {
        self.root.join(repository.as_str()).join(BLOBS)
    }

    fn marker(&self, repository: &Repository, digest: &Digest) -> PathBuf {
        self.blobs(repository).join(digest.algorithm().as_ref()).join(digest.digest())
    }
}

/// Makes a directory and those above it, each durable before the next.
fn make_dir(dir: &Path) -> Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent {
        make_dir(parent)?;
    }
    match fs::create_dir(dir) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(Error::io("cannot make the directory", dir, error))
        }
        _ => parent.map_or(Ok(()), sync),
    }
}

fn sync(dir: &Path) -> Result<()> {
    let sync = || File::open(dir)?.sync_all();
    sync().map_err(|error| Error::io("cannot bring the directory to the disk", dir, error))
}
