// SPDX-License-Identifier: Apache-2.0
//! Whether what lies in a place is what an entry of the lock file names: from digests alone.

use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind as IoKind;
use std::path::Path;

use oci_artifact::{Error, ErrorKind, Result};
use toolhive_lockfile::content_digest::of_directory;

/// The state of a place under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// The tree that the entry names, to the last byte.
    Current,
    /// A directory with other files; its content digest, where it has one.
    Drifted(Option<String>),
    /// Nothing is there.
    Missing,
    /// Something that is never a tree of ours: a link, a file, or a link on the way. It says which.
    Foreign(&'static str),
}

impl State {
    /// Returns its name in reports.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Drifted(_) => "drifted",
            Self::Missing => "missing",
            Self::Foreign(_) => "foreign",
        }
    }
}

/// Compares what lies at `directory`/`name` with a content digest. No link is followed below `root`.
///
/// # Errors
/// [`ErrorKind::InvalidOption`] for a name that leads elsewhere; what reading the directory gives: what
/// cannot be read is neither missing nor drifted.
pub fn state(root: &Path, directory: &Path, name: &str, digest: &str) -> Result<State> {
    if Path::new(name).file_name() != Some(OsStr::new(name)) {
        let message = format!("{name:?} is not the name of a directory");
        return Err(Error::new(ErrorKind::InvalidOption, message));
    }
    let place = directory.join(name);
    let below = place.strip_prefix(root).unwrap_or(&place);
    let mut path = match below == place {
        true => std::path::PathBuf::new(),
        false => root.to_owned(),
    };
    for part in below.components() {
        path.push(part);
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_symlink() && path == place => {
                return Ok(State::Foreign("it is a link"));
            }
            Ok(found) if found.is_symlink() => {
                return Ok(State::Foreign("a directory in the path is a link"));
            }
            Ok(found) if !found.is_dir() => return Ok(State::Foreign("there is a file")),
            Ok(_) => {}
            Err(error) if error.kind() == IoKind::NotFound => return Ok(State::Missing),
            Err(error) => return Err(Error::io("cannot examine this", &path, error)),
        }
    }
    match of_directory(&place) {
        Ok(tree) if tree.digest == digest && tree.strange.is_empty() => Ok(State::Current),
        Ok(tree) => Ok(State::Drifted(Some(tree.digest))),
        // No files at all, or one that no artifact has.
        Err(error) if error.kind() == ErrorKind::InvalidFile && !is_unread(&error) => {
            Ok(State::Drifted(None))
        }
        Err(error) => Err(error),
    }
}

fn is_unread(error: &Error) -> bool {
    std::error::Error::source(error).is_some()
}
