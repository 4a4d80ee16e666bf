// SPDX-License-Identifier: Apache-2.0
//! The reader (format.md, 11.2): regular files and nothing else, with names that stay inside.

use std::io::{self, Read};

use super::entry_path::{self, Node, Tree};
use super::header::{Block, Header, until_nul};
use super::pax::Records;
use super::{BLOCK, padding};
use crate::{Error, ErrorKind, Result, directory, gzip, limits};

/// The largest content of a member of type `x` or `L` (EX-7, EX-8).
const MAX_HELPER: i64 = 1 << 20;

/// The limits of one archive; all are inclusive maxima. The size of the whole is for the input to
/// limit, as [`gzip::Reader`](crate::gzip::Reader) does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest number of bytes of one file.
    pub member_size: u64,
    /// The largest number of files and directories.
    pub members: usize,
    /// The largest number of bytes of one path.
    pub path_size: usize,
    /// The largest number of directories, those that only a path implies included (DEV-6).
    pub directories: usize,
    /// The largest number of names of one path (DEV-6).
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            member_size: limits::MAX_MEMBER_SIZE,
            members: limits::MAX_MEMBERS,
            path_size: limits::MAX_PATH_SIZE,
            directories: limits::MAX_DIRECTORIES,
            depth: limits::MAX_DEPTH,
        }
    }
}

/// Reads the files of an archive, one after the other, in constant memory.
///
/// Accepted are regular files, directories (which are passed over), PAX records and GNU long
/// names. Links, devices, sparse files and everything else fail the archive, as do names that lead
/// out of it and names that collide.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    limits: Limits,
    state: State,
    /// The number of bytes read so far.
    offset: u64,
    /// The number of bytes of the current member that were not read yet, and of its padding.
    content: u64,
    padding: usize,
    members: usize,
    tree: Tree,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Reading,
    Ended,
    Failed,
}

/// The extensions before a member that are about it.
#[derive(Debug, Default)]
struct Pending {
    records: Records,
    long_name: Vec<u8>,
}

/// A regular file of an archive; reading it gives its content.
///
/// An error of reading may carry an [`Error`]; [`Error::from_io`] gets it out.
#[derive(Debug)]
pub struct Entry<'a, R> {
    reader: &'a mut Reader<R>,
    file: File,
}

#[derive(Debug)]
struct File {
    path: Vec<u8>,
    mode: u32,
    size: u64,
}

impl<R: Read> Reader<R> {
    /// Begins to read an archive.
    pub fn new(input: R, limits: Limits) -> Self {
        Self {
            input,
            limits,
            state: State::Reading,
            offset: 0,
            content: 0,
            padding: 0,
            members: 0,
            tree: Tree::default(),
        }
    }

    /// Returns the next file, or `None` at the end of the archive; what is left of the file before
    /// is passed over. At the end the input is read to its own end, so that whatever checks it (a
    /// gzip trailer, a digest) has its say.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArchive`], [`ErrorKind::TooLarge`] for a file and
    /// [`ErrorKind::TooManyFiles`] for a number of members or directories past the limits, what reading gives; also at every
    /// later call.
    pub fn next_entry(&mut self) -> Result<Option<Entry<'_, R>>> {
        match self.state {
            State::Reading => {}
            State::Ended => return Ok(None),
            State::Failed => return Err(invalid("the archive could not be read any further")),
        }
        // Until all went well; a reader that failed must not look as if it had ended.
        self.state = State::Failed;
        let file = self.advance()?;
        self.state = if file.is_some() { State::Reading } else { State::Ended };
        Ok(file.map(|file| Entry { reader: self, file }))
    }

    fn advance(&mut self) -> Result<Option<File>> {
        let mut pending = Pending::default();
        loop {
            self.pass_over()?;
            let start = self.offset;
            let Some(block) = self.header_block()? else {
                self.drain()?;
                return Ok(None);
            };
            let header =
                Header::parse(&block).map_err(|why| malformed(start, &format!("header {why}")))?;
            match header.kind {
                b'x' => {
                    let records = Records::parse(&self.helper(&header)?);
                    pending.records =
                        records.map_err(|why| malformed(start, &format!("PAX records {why}")))?;
                }
                b'L' => pending.long_name = until_nul(&self.helper(&header)?).to_vec(),
                b'K' => drop(self.helper(&header)?),
                b'g' => {
                    let message = "the archive has a global PAX header, which is not accepted";
                    let help = "make the archive without one; `git archive` writes them";
                    return Err(invalid(message).with_help(help));
                }
                _ => {
                    if let Some(file) = self.member(header, std::mem::take(&mut pending), start)? {
                        return Ok(Some(file));
                    }
                }
            }
        }
    }

    /// Checks a member; `None` is a directory.
    fn member(&mut self, header: Header, pending: Pending, start: u64) -> Result<Option<File>> {
        let (path, size) = pending
            .records
            .validate()
            .map_err(|why| malformed(start, &format!("PAX records {why}")))?;
        let long_name = Some(pending.long_name).filter(|name| !name.is_empty());
        let name = long_name.or(path).unwrap_or(header.name);
        let size = size.unwrap_or(header.size);

        self.members += 1;
        if self.members > self.limits.members {
            let message = format!("the archive has more than {} members", self.limits.members);
            return Err(Error::new(ErrorKind::TooManyFiles, message));
        }
        if name.len() > self.limits.path_size {
            let most = self.limits.path_size;
            return Err(malformed(start, &format!("path is longer than {most} bytes")));
        }
        let refused = |why: &str| refused(&name, why);
        let path = entry_path::checked(&name).map_err(|why| refused(&format!("path {why}")))?;
        if directory::depth(&path) > self.limits.depth {
            return Err(refused(&format!("path has more than {} names", self.limits.depth)));
        }
        match header.kind {
            // Before POSIX, only the name distinguished a directory from a file. Readers disagree
            // on what follows such a directory if it has a size (EX-11).
            0 if name.ends_with(b"/") && size != 0 => Err(refused("directory has content")),
            0 if name.ends_with(b"/") => self.directory(&name, &path),
            b'5' => self.directory(&name, &path),
            0 | b'0' => {
                if !entry_path::names_a_file(&name) {
                    return Err(refused("path is not that of a file"));
                }
                let size = u64::try_from(size).map_err(|_| refused("size is negative"))?;
                if size > self.limits.member_size {
                    let most = self.limits.member_size;
                    let message = format!("the file has {size} bytes; {most} are allowed");
                    let error = Error::new(ErrorKind::TooLarge, message);
                    return Err(error.at_path(entry_path::shown(&name)));
                }
                self.add(&name, &path, Node::File)?;
                (self.content, self.padding) = (size, padding(size));
                Ok(Some(File { path, mode: (header.mode & 0o777) as u32, size }))
            }
            b'1' => Err(refused("type is a hard link, which is not accepted")),
            b'2' => Err(refused("type is a symbolic link, which is not accepted")),
            other => {
                let kind = char::from(other).escape_default();
                Err(refused(&format!("type `{kind}` is not accepted")))
            }
        }
    }

    /// Passes a directory over (EX-13); it has no content, whatever its size says (EX-6).
    fn directory(&mut self, name: &[u8], path: &[u8]) -> Result<Option<File>> {
        if path != b"." {
            self.add(name, path, Node::Directory)?;
        }
        Ok(None)
    }

    /// Takes note of a path and of the directories that it needs (BUG-62, DEV-6).
    fn add(&mut self, name: &[u8], path: &[u8], node: Node) -> Result<()> {
        let added = self.tree.add(path, node);
        added.map_err(|why| refused(name, &format!("path {why}")))?;
        if self.tree.directories() > self.limits.directories {
            let most = self.limits.directories;
            let message = format!("the archive has more than {most} directories");
            let error = Error::new(ErrorKind::TooManyFiles, message);
            return Err(error.at_path(entry_path::shown(name)));
        }
        Ok(())
    }

    /// Returns the content of a member that is about the next one.
    fn helper(&mut self, header: &Header) -> Result<Vec<u8>> {
        if !(0..=MAX_HELPER).contains(&header.size) {
            return Err(malformed(self.offset, "extended header has no acceptable size"));
        }
        let size = header.size.unsigned_abs();
        let mut content = Vec::new();
        self.input.by_ref().take(size).read_to_end(&mut content).map_err(cannot_read)?;
        self.offset += content.len() as u64;
        if content.len() as u64 != size {
            return Err(truncated());
        }
        self.padding = padding(size);
        Ok(content)
    }

    /// Reads past what is left of a member. That its padding may be missing at the end of the
    /// archive is found when the next header is read (EX-1).
    fn pass_over(&mut self) -> Result<()> {
        let passed = self.skip(self.content)?;
        if passed < self.content {
            return Err(truncated());
        }
        self.content = 0;
        self.skip(self.padding as u64)?;
        self.padding = 0;
        Ok(())
    }

    fn skip(&mut self, size: u64) -> Result<u64> {
        let mut rest = self.input.by_ref().take(size);
        let skipped = io::copy(&mut rest, &mut io::sink()).map_err(cannot_read)?;
        self.offset += skipped;
        Ok(skipped)
    }

    /// Returns the next header; `None` at the end: nothing, or one or two blocks of zeros (EX-1).
    fn header_block(&mut self) -> Result<Option<Block>> {
        let Some(first) = self.block()? else { return Ok(None) };
        if first != [0; BLOCK] {
            return Ok(Some(first));
        }
        match self.block()? {
            None => Ok(None),
            Some(second) if second == [0; BLOCK] => Ok(None),
            Some(_) => Err(malformed(self.offset, "block of zeros is not at the end")),
        }
    }

    fn block(&mut self) -> Result<Option<Block>> {
        let mut block = [0; BLOCK];
        let mut rest = &mut block[..];
        let size = io::copy(&mut self.input.by_ref().take(BLOCK as u64), &mut rest);
        let size = size.map_err(cannot_read)?;
        self.offset += size;
        match usize::try_from(size) {
            Ok(0) => Ok(None),
            Ok(BLOCK) => Ok(Some(block)),
            _ => Err(truncated()),
        }
    }

    fn drain(&mut self) -> Result<()> {
        io::copy(&mut self.input, &mut io::sink()).map_err(cannot_read)?;
        Ok(())
    }
}

impl<R> Entry<'_, R> {
    /// Returns the cleaned path: relative, with `/`, nothing that leads upwards; any other bytes.
    pub fn path(&self) -> &[u8] {
        &self.file.path
    }

    /// Returns the nine permission bits (BUG-63).
    pub fn mode(&self) -> u32 {
        self.file.mode
    }

    /// Bytes of the content.
    pub fn size(&self) -> u64 {
        self.file.size
    }
}

impl<R: Read> Read for Entry<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let reader = &mut *self.reader;
        let room = buffer.len().min(usize::try_from(reader.content).unwrap_or(usize::MAX));
        let Some(buffer) = buffer.get_mut(..room).filter(|buffer| !buffer.is_empty()) else {
            return Ok(0);
        };
        let read = reader.input.read(buffer).map_err(gzip::own)?.min(room);
        if read == 0 {
            reader.state = State::Failed;
            return Err(truncated().at_path(entry_path::shown(&self.file.path)).into());
        }
        reader.content -= read as u64;
        reader.offset += read as u64;
        Ok(read)
    }
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidArchive, message)
}

fn truncated() -> Error {
    invalid("the archive is cut off")
}

fn malformed(offset: u64, what: &str) -> Error {
    invalid(format!("the archive is malformed at byte {offset}: the {what}"))
}

fn refused(name: &[u8], why: &str) -> Error {
    invalid(format!("the member's {why}")).at_path(entry_path::shown(name))
}

fn cannot_read(error: io::Error) -> Error {
    let wrap = |error| Error::new(ErrorKind::Io, "cannot read the archive").caused_by(error);
    Error::carried_by(gzip::own(error)).unwrap_or_else(wrap)
}
