// SPDX-License-Identifier: Apache-2.0
//! Files to layer in one pass: tar, its digest, deflate, gzip, all as streams. Memory is constant
//! whatever the size of the files.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use go_deflate::{Encoder, Threads};

use crate::digest::{Digest, Hashing};
use crate::directory::{self, Directory, FileEntry};
use crate::epoch::Epoch;
use crate::error::{Error, ErrorKind, Result};
use crate::limits;
use crate::observer::{Observer, Watched};
use crate::{gzip, tar};

/// A file on its way into a layer.
#[derive(Debug)]
pub struct Member {
    /// Its path in the layer.
    pub path: Vec<u8>,
    /// Its mode in the layer (MODE-1, MODE-2).
    pub mode: u32,
    /// The size in bytes.
    pub size: u64,
    /// The source of its bytes.
    pub source: Source,
}

/// A source of a member's bytes.
#[derive(Debug)]
pub enum Source {
    /// Bytes in memory.
    Bytes(Vec<u8>),
    /// A file that is open already, read from its start.
    Open(File),
    /// A file of the directory, which is opened when its turn has come.
    Entry(FileEntry),
}

/// The facts of a layer once it is written; its digest and size are the writer's to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// The digest of the uncompressed archive (CFG-5).
    pub diff_id: Digest,
    /// The number of bytes of the uncompressed archive.
    pub archive_size: u64,
}

/// Returns the bytes of the archive of these members (path and size of each), if that can be a
/// layer.
///
/// # Errors
/// [`ErrorKind::TooLarge`] if it would be larger than a reader accepts (BUG-03, BUG-04), with the largest member; as
/// [`tar::archive_size`].
pub fn archive_size<'a>(
    members: impl Iterator<Item = (&'a [u8], u64)> + Clone,
    epoch: Epoch,
) -> Result<u64> {
    let size = tar::archive_size(members.clone(), epoch)?;
    if size <= limits::MAX_LAYER_SIZE {
        return Ok(size);
    }
    let limit = limits::MAX_LAYER_SIZE / limits::MIB;
    let message = format!("the archive would have {size} bytes, more than {limit} MiB");
    let error = Error::new(ErrorKind::TooLarge, message)
        .with_help("keep build output, archives and media out of the directory");
    Err(match members.max_by_key(|(_, size)| *size) {
        Some((largest, _)) => error.at_path(directory::to_path(largest)),
        None => error,
    })
}

/// Writes the members, sorted by the bytes of their paths (TAR-1), as a gzip-compressed tar
/// archive. While the threads compress, this one reads, hashes and writes.
///
/// # Errors
/// [`ErrorKind::TooLarge`] before anything is written where the archive would be larger than a
/// reader accepts (BUG-03, BUG-04); [`ErrorKind::InvalidFile`] if a file cannot be read or is not
/// what it was; [`ErrorKind::Cancelled`].
pub fn write<W: Write>(
    mut members: Vec<Member>,
    directory: &Directory,
    epoch: Epoch,
    encoder: Encoder,
    threads: Threads,
    out: W,
    observer: &dyn Observer,
) -> Result<(W, Layer)> {
    members.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    let sizes = members.iter().map(|member| (member.path.as_slice(), member.size));
    archive_size(sizes, epoch)?;

    // One epoch for all parts of the artifact (GZ-6).
    let unwritable = |e| Error::from_io("the layer cannot be written", Path::new(""), e);
    let gzip = gzip::Writer::with_encoder(out, epoch.gzip_mtime(), encoder, threads);
    let gzip = gzip.map_err(unwritable)?;
    let mut tar = tar::Writer::new(Hashing::new(gzip), epoch);
    let mut files = directory.files();
    for Member { path, mode, size, source } in members {
        let shown = directory::to_path(&path);
        let failed = |e| {
            Error::from_io("the file cannot be read", &shown, e).with_kind(ErrorKind::InvalidFile)
        };
        let mut content: Box<dyn Read> = match source {
            Source::Bytes(bytes) => Box::new(io::Cursor::new(bytes)),
            Source::Open(mut file) => {
                file.seek(SeekFrom::Start(0)).map_err(failed)?;
                Box::new(file)
            }
            Source::Entry(entry) => Box::new(files.open(&entry)?),
        };
        tar.append(&path, mode, size, &mut Watched::new(&mut content, observer))?;
    }

    let (gzip, diff_id, archive_size) = tar.finish()?.finish();
    Ok((gzip.finish().map_err(unwritable)?, Layer { diff_id, archive_size }))
}
