// SPDX-License-Identifier: Apache-2.0
//! The writer (format.md, 4). Its bytes get a digest: a change of any of them breaks every golden.

use std::io::{self, Read, Write};

use super::header::{Block, Fields, MAX_MODE, MAX_OCTAL_12, NAME_SIZE, Written};
use super::{BLOCK, entry_path, padding, pax};
use crate::epoch::Epoch;
use crate::{Error, ErrorKind, Result};

/// The NULs at the end of an archive (TAR-14).
const END: usize = 2 * BLOCK;
/// A path can be divided between prefix and name at a `/` among its first bytes (TAR-6).
const PREFIX_REACH: usize = 156;
/// The bytes of content that are under way at once.
const BUFFER: usize = 64 * 1024;
/// The mode of a file that has none (TAR-3, BUG-10).
const DEFAULT_MODE: u32 = 0o644;

/// Writes an archive of regular files, all with the same time.
#[derive(Debug)]
pub struct Writer<W> {
    output: W,
    epoch: Epoch,
    last: Option<Vec<u8>>,
    buffer: Box<[u8]>,
}

impl<W: Write> Writer<W> {
    /// Begins an archive whose members carry that time.
    pub fn new(output: W, epoch: Epoch) -> Self {
        Self { output, epoch, last: None, buffer: vec![0; BUFFER].into() }
    }

    /// Adds a file: `path` with `/` between its components, `mode` (0 stands for 0644, TAR-3), and
    /// `content`, which must yield exactly `size` bytes.
    ///
    /// Paths have to come in ascending order of their bytes, each once (TAR-1). After an error the
    /// archive is of no use.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidFile`] for a path with NUL, with `/` at its end or out of order, a mode
    /// above 0o7777777, and content of another size; [`ErrorKind::TooLarge`] for 8 GiB and more;
    /// what reading and writing give.
    pub fn append(
        &mut self,
        path: &[u8],
        mode: u32,
        size: u64,
        content: &mut dyn Read,
    ) -> Result<()> {
        self.in_order(path)?;
        let form = Form::of(path, size, self.epoch)?;
        if mode > MAX_MODE {
            let message = format!("the mode 0o{mode:o} does not fit into a tar header");
            return Err(refused(message, path));
        }
        let mode = if mode == 0 { DEFAULT_MODE } else { mode };
        form.write(&mut self.output, mode, size, self.epoch).map_err(cannot_write)?;
        self.copy(path, size, content)?;
        self.pad(size)
    }

    /// Ends the archive and gives the output back, not flushed.
    ///
    /// # Errors
    /// What writing gives.
    pub fn finish(mut self) -> Result<W> {
        self.output.write_all(&[0; END]).map_err(cannot_write)?;
        Ok(self.output)
    }

    fn in_order(&mut self, path: &[u8]) -> Result<()> {
        if self.last.as_deref().is_some_and(|last| last >= path) {
            return Err(refused("the members of an archive are not sorted by their paths", path));
        }
        self.last = Some(path.to_vec());
        Ok(())
    }

    fn copy(&mut self, path: &[u8], size: u64, content: &mut dyn Read) -> Result<()> {
        let mut left = size;
        loop {
            // At the end of the content one byte more is asked for, which must not come.
            let room = left.clamp(1, self.buffer.len() as u64) as usize;
            let buffer = self.buffer.get_mut(..room).unwrap_or_default();
            let read = match content.read(buffer) {
                Ok(read) => read as u64,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    return Err(Error::from_io("cannot read", &entry_path::shown(path), error));
                }
            };
            if read == 0 && left == 0 {
                return Ok(());
            }
            if read == 0 || read > left {
                return Err(refused("the file's size changed while it was read", path));
            }
            let data = buffer.get(..read as usize).unwrap_or_default();
            self.output.write_all(data).map_err(cannot_write)?;
            left -= read;
        }
    }

    fn pad(&mut self, size: u64) -> Result<()> {
        let zeros: Block = [0; BLOCK];
        let zeros = zeros.get(..padding(size)).unwrap_or_default();
        self.output.write_all(zeros).map_err(cannot_write)
    }
}

/// Returns the number of bytes that an archive of these members (path and size of each) has, without writing it.
///
/// # Errors
/// As [`Writer::append`] for paths and sizes; [`ErrorKind::TooLarge`] past 2^64.
pub fn archive_size<'a>(
    members: impl IntoIterator<Item = (&'a [u8], u64)>,
    epoch: Epoch,
) -> Result<u64> {
    members.into_iter().try_fold(END as u64, |total, (path, size)| {
        let header = Form::of(path, size, epoch)?.size();
        let member = padded(size) + header;
        let too_large = || Error::new(ErrorKind::TooLarge, "the archive has more than 2^64 bytes");
        total.checked_add(member).ok_or_else(too_large)
    })
}

/// The form of a member's header.
enum Form<'a> {
    /// Everything fits into the fixed fields (TAR-7).
    Plain { prefix: &'a [u8], name: &'a [u8] },
    /// Records in a member of their own say what does not fit (TAR-8).
    Pax { records: Vec<u8>, path: &'a [u8] },
}

impl<'a> Form<'a> {
    /// Chooses the form (TAR-5 to TAR-9).
    fn of(path: &'a [u8], size: u64, epoch: Epoch) -> Result<Self> {
        if path.contains(&0) {
            return Err(refused("the path contains a NUL byte", path));
        }
        if path.last() == Some(&b'/') {
            return Err(refused("the path of a file ends in `/`", path));
        }
        if size > MAX_OCTAL_12 {
            let error = Error::new(ErrorKind::TooLarge, "the file has 8 GiB or more");
            return Err(error.at_path(entry_path::shown(path)));
        }
        let needs_mtime = header_mtime(epoch).is_none() || epoch.nanos() != 0;
        let needs_path = path.len() > NAME_SIZE || !path.is_ascii();
        match (needs_path, needs_mtime, split(path)) {
            (false, false, _) => return Ok(Self::Plain { prefix: b"", name: path }),
            (true, false, Some((prefix, name))) => return Ok(Self::Plain { prefix, name }),
            _ => {}
        }
        let mut records = Vec::new();
        if needs_mtime {
            pax::push_record(&mut records, "mtime", pax::time_value(epoch).as_bytes());
        }
        if needs_path {
            pax::push_record(&mut records, "path", path);
        }
        Ok(Self::Pax { records, path })
    }

    /// Returns the number of bytes that [`Self::write`] writes.
    fn size(&self) -> u64 {
        match self {
            Self::Plain { .. } => BLOCK as u64,
            Self::Pax { records, .. } => 2 * BLOCK as u64 + padded(records.len() as u64),
        }
    }

    fn write(&self, output: &mut impl Write, mode: u32, size: u64, epoch: Epoch) -> io::Result<()> {
        let mtime = header_mtime(epoch).unwrap_or(0);
        let file = Fields { name: b"", prefix: b"", mode, size, mtime, kind: Written::File };
        match self {
            Self::Plain { prefix, name } => {
                output.write_all(&Fields { prefix, name, ..file }.encode())
            }
            Self::Pax { records, path } => {
                let extended = Fields {
                    name: &records_name(path),
                    prefix: b"",
                    mode: 0,
                    size: records.len() as u64,
                    mtime: 0,
                    kind: Written::Records,
                };
                output.write_all(&extended.encode())?;
                output.write_all(records)?;
                let zeros: Block = [0; BLOCK];
                let fill = padding(records.len() as u64);
                output.write_all(zeros.get(..fill).unwrap_or_default())?;
                output.write_all(&Fields { name: &main_name(path), ..file }.encode())
            }
        }
    }
}

/// Returns the seconds of an epoch if the mtime field can hold them (TAR-5).
fn header_mtime(epoch: Epoch) -> Option<u64> {
    u64::try_from(epoch.seconds()).ok().filter(|seconds| *seconds <= MAX_OCTAL_12)
}

/// Prefix and name of a long path, if the one slash that is tried divides it well (TAR-6).
fn split(path: &[u8]) -> Option<(&[u8], &[u8])> {
    if path.len() <= NAME_SIZE || !path.is_ascii() {
        return None;
    }
    let reach = path.get(..PREFIX_REACH).unwrap_or(path);
    let slash = reach.iter().rposition(|b| *b == b'/')?;
    let (prefix, name) = (path.get(..slash)?, path.get(slash + 1..)?);
    (!prefix.is_empty() && (1..=NAME_SIZE).contains(&name.len())).then_some((prefix, name))
}

/// Returns the name of the member that holds the records of `path` (TAR-11, BUG-37).
fn records_name(path: &[u8]) -> Vec<u8> {
    let base = path.iter().rposition(|b| *b == b'/').map_or(0, |slash| slash + 1);
    let (directory, base) = path.split_at_checked(base).unwrap_or_default();
    let joined = [directory, b"PaxHeaders.0/", base].concat();
    let mut name = ascii(&entry_path::clean(&joined));
    name.truncate(NAME_SIZE);
    while name.last() == Some(&b'/') {
        name.pop();
    }
    name
}

/// Returns the name field of a member whose path stands in its records (TAR-12).
fn main_name(path: &[u8]) -> Vec<u8> {
    let mut name = ascii(path);
    let is_cut = name.len() > NAME_SIZE;
    name.truncate(NAME_SIZE);
    if is_cut && name.last() == Some(&b'/') {
        // The reference ends such a name before its slashes and leaves what came after the end.
        let end = name.iter().rposition(|b| *b != b'/').map_or(0, |at| at + 1);
        if let Some(byte) = name.get_mut(end) {
            *byte = 0;
        }
    }
    name
}

/// Returns the ASCII among these bytes.
fn ascii(path: &[u8]) -> Vec<u8> {
    path.iter().copied().filter(u8::is_ascii).collect()
}

/// Rounds a size up to whole blocks.
fn padded(size: u64) -> u64 {
    size + padding(size) as u64
}

fn refused(message: impl Into<String>, path: &[u8]) -> Error {
    Error::new(ErrorKind::InvalidFile, message).at_path(entry_path::shown(path))
}

fn cannot_write(error: io::Error) -> Error {
    let wrap = |error| Error::new(ErrorKind::Io, "cannot write the archive").caused_by(error);
    Error::carried_by(error).unwrap_or_else(wrap)
}
