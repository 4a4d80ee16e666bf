// SPDX-License-Identifier: Apache-2.0
//! The digest of a tree's files (lock.md, 2.5): paths and contents, no modes, no empty directories.
//!
//! `sha256(for each file, sorted by the bytes of its path: path ‖ 0x00 ‖ sha256(content) ‖ 0x0A)`.

use std::path::Path;

use oci_artifact::digest::Hasher;
use oci_artifact::directory::{Directory, FoundKind, Hidden, HiddenSpecials};
use oci_artifact::listing::{FileState, hash};
use oci_artifact::{Digest, Error, ErrorKind, Result};

/// Files of a tree, added in any order.
#[derive(Clone, Debug, Default)]
pub struct Files(Vec<(Vec<u8>, Digest)>);

impl Files {
    /// Adds a file by its path and the SHA-256 of its content.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidFile`] for a path that is absolute, has `..`, or has a control character.
    pub fn add(&mut self, path: &[u8], content: [u8; 32]) -> Result<()> {
        self.push(path, Digest::Sha256(content))
    }

    fn push(&mut self, mut path: &[u8], content: Digest) -> Result<()> {
        while let Some(rest) = path.strip_prefix(b"./") {
            path = rest;
        }
        let is_refused = path.is_empty()
            || path.starts_with(b"/")
            || path.split(|byte| *byte == b'/').any(|name| name == b"..")
            || path.iter().any(|byte| *byte < 0x20 || *byte == 0x7f);
        if is_refused {
            let shown = path.escape_ascii();
            let message = format!("a path that is not allowed: {shown}");
            return Err(Error::new(ErrorKind::InvalidFile, message));
        }
        self.0.push((path.to_vec(), content));
        Ok(())
    }

    /// Returns the digest, as the lock file has it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidFile`] if there is no file, or one path twice.
    pub fn digest(mut self) -> Result<String> {
        self.0.sort_unstable();
        if self.0.is_empty() {
            return Err(Error::new(ErrorKind::InvalidFile, "there are no files"));
        }
        let is_twice = |pair: &[(Vec<u8>, Digest)]| matches!(pair, [a, b] if a.0 == b.0);
        if self.0.windows(2).any(is_twice) {
            return Err(Error::new(ErrorKind::InvalidFile, "a path is there twice"));
        }
        let mut whole = Hasher::sha256();
        for (path, content) in &self.0 {
            whole.update(path);
            whole.update(&[0]);
            whole.update(content.as_bytes());
            whole.update(b"\n");
        }
        Ok(whole.finish().to_string())
    }
}

/// Returns the content digest of files whose digests are known: of a layer that was listed.
///
/// # Errors
/// [`ErrorKind::InvalidFile`] if a path is refused, or there is no file.
pub fn of_listing(files: &[FileState]) -> Result<String> {
    let mut all = Files::default();
    for file in files {
        let Some(content @ Digest::Sha256(_)) = file.digest else { continue };
        all.push(&file.path, content)?;
    }
    all.digest()
}

/// The tree on disk, read whole: its content digest, and each file with the digest of its bytes.
#[derive(Clone, Debug)]
pub struct Tree {
    /// The content digest.
    pub digest: String,
    /// Whether something lies in it that no artifact puts there: a link, a device, a file that
    /// cannot be read.
    pub strange: Vec<Vec<u8>>,
}

/// Reads a directory, hidden files too; no link is followed.
///
/// # Errors
/// [`ErrorKind::InvalidDir`] if it is not one; [`ErrorKind::InvalidFile`] if a file changes
/// meanwhile or a path is refused; [`ErrorKind::TooManyFiles`] past the limits of a walk.
pub fn of_directory(path: &Path) -> Result<Tree> {
    of_open(&Directory::open(path)?)
}

/// Computes the digest of a directory that is open.
///
/// # Errors
/// As [`of_directory`].
pub fn of_open(directory: &Directory) -> Result<Tree> {
    const ALL: Hidden = Hidden { directories: &[], files: &[], specials: HiddenSpecials::Ignore };
    let path = directory.path();
    let survey = directory.survey(&ALL)?;
    if !survey.is_complete {
        let refusal = survey.refusals.into_iter().next();
        return Err(refusal.unwrap_or_else(|| {
            Error::new(ErrorKind::InvalidDir, "not all of the directory can be read").at_path(path)
        }));
    }
    let (mut files, mut strange, mut opener) = (Files::default(), Vec::new(), directory.files());
    for found in survey.entries {
        let Some(entry) = found.file() else {
            debug_assert_ne!(found.kind, FoundKind::File);
            strange.push(found.path);
            continue;
        };
        let content = hash(opener.open(entry)?)
            .map_err(|error| Error::io("the file cannot be read", path, error))?;
        files.push(&found.path, content)?;
    }
    // A directory without files has no content digest, and is no entry's tree.
    let digest = files.digest().map_err(|error| error.at_path(path))?;
    Ok(Tree { digest, strange })
}
