// SPDX-License-Identifier: Apache-2.0
//! Lists of the files of a layer or a directory, with the digest of each: all that is needed to compare
//! two of them without having both, or either, in memory.

use std::io::{self, BufReader, Read};
use std::path::Path;

use crate::digest::{Digest, Hashing};
use crate::directory::{self, Directory, FoundKind};
use crate::error::{Error, ErrorKind, Result};
use crate::kind::{ArtifactKind, Modes};
use crate::{gzip, limits, tar};

/// The number of bytes that are read at a time.
const CHUNK: usize = 64 * 1024;

/// One entry of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileState {
    /// Its path, bytes as they are.
    pub path: Vec<u8>,
    /// Its kind; always a file in a layer.
    pub kind: FoundKind,
    /// Its nine permission bits, as the kind of artifact has them.
    pub mode: u32,
    /// The size in bytes.
    pub size: u64,
    /// The digest of its bytes; `None` for what is no file.
    pub digest: Option<Digest>,
}

impl FileState {
    /// Returns the path as text, with U+FFFD for what is not UTF-8.
    pub fn shown(&self) -> String {
        String::from_utf8_lossy(&self.path).into_owned()
    }
}

/// The entries in byte order of their paths.
pub type Listing = Vec<FileState>;

/// A layer that was read to its end.
#[derive(Clone, Debug)]
pub struct LayerListing {
    /// The files of the layer.
    pub files: Listing,
    /// The digest of the uncompressed archive.
    pub diff_id: Digest,
}

/// A file of a layer that is being read.
pub struct LayerFile<'a> {
    /// Its path, bytes as they are.
    pub path: &'a [u8],
    /// Its nine permission bits.
    pub mode: u32,
    /// The size in bytes.
    pub size: u64,
    /// Its content, of which as much may be read as is wanted.
    pub content: &'a mut dyn Read,
}

/// Lists the files of a gzip-compressed layer, in constant memory but for the list.
///
/// # Errors
/// [`ErrorKind::InvalidArchive`], [`ErrorKind::TooLarge`] and [`ErrorKind::TooManyFiles`] if it is malformed or holds
/// what is refused (format.md, 11); what reading gives.
pub fn of_layer(layer: impl Read) -> Result<LayerListing> {
    of_layer_with(layer, |_| Ok(()))
}

/// Lists a layer, and lets `look` see every file on the way, in the archive's order: the layer is
/// read once.
///
/// # Errors
/// As [`of_layer`], and those of `look`.
pub fn of_layer_with(
    layer: impl Read,
    mut look: impl FnMut(LayerFile<'_>) -> Result<()>,
) -> Result<LayerListing> {
    let mut archive = Hashing::new(archive_of(layer));
    let mut files = Vec::new();
    walk(&mut archive, |LayerFile { path, mode, size, content }| {
        let mut content = Hashing::new(content);
        look(LayerFile { path, mode, size, content: &mut content })?;
        drain(&mut content)
            .map_err(|e| Error::from_io("cannot read the archive", Path::new(""), e))?;
        let (path, kind, (_, digest, _)) = (path.to_vec(), FoundKind::File, content.finish());
        files.push(FileState { path, kind, mode, size, digest: Some(digest) });
        Ok(())
    })?;
    files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    let (_, diff_id, _) = archive.finish();
    Ok(LayerListing { files, diff_id })
}

/// Shows `look` every file of a gzip-compressed layer, in the archive's order, and hashes none.
/// Uncompressed the layer has to be `diff_id`, which is known only at the end: until this returns
/// nothing that `look` saw is to be believed.
///
/// # Errors
/// As [`of_layer`], and those of `look`; [`ErrorKind::DigestMismatch`].
pub fn read_layer(
    layer: impl Read,
    diff_id: &Digest,
    look: impl FnMut(LayerFile<'_>) -> Result<()>,
) -> Result<()> {
    let mut archive = Hashing::new(archive_of(layer));
    walk(&mut archive, look)?;
    check_diff_id(&archive.finish().1, diff_id)
}

/// Compares the digest of an uncompressed layer with the one that the config says (CFG-5).
///
/// # Errors
/// [`ErrorKind::DigestMismatch`] if they differ.
pub fn check_diff_id(found: &Digest, wanted: &Digest) -> Result<()> {
    if found == wanted {
        return Ok(());
    }
    let message = format!("the uncompressed layer has the digest {found}, not {wanted}");
    Err(Error::new(ErrorKind::DigestMismatch, message)
        .with_help("the artifact itself is broken: build or pull it again"))
}

fn archive_of(layer: impl Read) -> impl Read {
    gzip::Reader::new(BufReader::new(layer), limits::MAX_LAYER_SIZE)
}

fn walk(archive: impl Read, mut look: impl FnMut(LayerFile<'_>) -> Result<()>) -> Result<()> {
    let mut tar = tar::Reader::new(archive, tar::Limits::default());
    while let Some(mut content) = tar.next_entry()? {
        let (path, mode, size) = (content.path().to_vec(), content.mode(), content.size());
        look(LayerFile { path: &path, mode, size, content: &mut content })?;
    }
    Ok(())
}

/// Returns the file at `path` of a gzip-compressed layer, if there is one and it has at most
/// `limit` bytes. The layer is read to its end, so that whatever verifies it has its say.
///
/// # Errors
/// As [`of_layer`].
pub fn file_of_layer(
    layer: impl Read,
    diff_id: &Digest,
    path: &str,
    limit: u64,
) -> Result<Option<Vec<u8>>> {
    let mut found = None;
    read_layer(layer, diff_id, |file| {
        if file.path == path.as_bytes() && file.size <= limit {
            let mut bytes = Vec::new();
            let read = file.content.read_to_end(&mut bytes);
            read.map_err(|e| Error::from_io("cannot read the archive", Path::new(path), e))?;
            found = Some(bytes);
        }
        Ok(())
    })?;
    Ok(found)
}

/// Lists what would be packaged of a directory, and what stands in the way of it (links, special
/// files, what cannot be read), without stopping there.
///
/// # Errors
/// [`ErrorKind::InvalidDir`] if the root is not one; [`ErrorKind::InvalidFile`] if a file changes meanwhile.
pub fn of_directory<K: ArtifactKind>(path: &Path, modes: Modes) -> Result<Listing> {
    let directory = Directory::open(path)?;
    let (mut files, mut opener) = (Vec::new(), directory.files());
    for found in directory.survey(&K::HIDDEN)?.entries {
        let is_manifest = found.path == K::MANIFEST_PATH.as_bytes();
        if !found.counts && !is_manifest {
            continue;
        }
        let Some(entry) = found.file() else {
            let (kind, path) = (found.kind, found.path);
            files.push(FileState { path, kind, mode: 0, size: 0, digest: None });
            continue;
        };
        let digest = hash(opener.open(entry)?).map_err(|e| {
            let shown = directory::to_path(&entry.path);
            Error::from_io("the file cannot be read", &shown, e).with_kind(ErrorKind::InvalidFile)
        })?;
        // TAR-3: no bits at all are written as 0644.
        let mode = match K::file_mode(entry.mode, modes) {
            _ if is_manifest => 0o644,
            0 => 0o644,
            mode => mode,
        };
        let (path, kind, size) = (entry.path.clone(), FoundKind::File, entry.size);
        files.push(FileState { path, kind, mode, size, digest: Some(digest) });
    }
    Ok(files)
}

/// Returns the SHA-256 of everything that a reader gives.
///
/// # Errors
/// Those of reading.
pub fn hash(content: impl Read) -> io::Result<Digest> {
    let mut content = Hashing::new(content);
    drain(&mut content)?;
    Ok(content.finish().1)
}

/// Reads what is left.
fn drain(content: &mut impl Read) -> io::Result<()> {
    io::copy(&mut BufReader::with_capacity(CHUNK, content), &mut io::sink()).map(|_| ())
}
