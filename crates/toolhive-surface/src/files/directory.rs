// SPDX-License-Identifier: Apache-2.0
//! The files of a directory. Links are noted, never opened; every directory and file is reached
//! from the root one name at a time, so that nothing can lead out of it meanwhile.

use std::fs::File;
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};

use oci_artifact::directory::{Hidden, Trail, depth};
use oci_artifact::limits::MAX_PATH_SIZE;
use oci_artifact::{Error, ErrorKind, Result};
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::{Collector, Files, Packed};
use crate::limits::Limits;

/// Hidden directories that hosts read, so they are looked into even where the packager does not.
const READ_BY_HOSTS: [&str; 6] =
    [".agents", ".claude-plugin", ".codex-plugin", ".cursor-plugin", ".github", ".github/plugin"];

const SAFE: OFlags =
    OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC).union(OFlags::NONBLOCK);

impl Files {
    /// Reads a directory. `packing` is what the packager keeps of hidden entries; what it leaves
    /// out is part of the result, but marked ([`Packed::Dropped`]). Version control's own directory
    /// is passed over.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDir`] where there is no such directory; [`ErrorKind::InvalidFile`] where
    /// something in it cannot be read.
    pub fn from_directory(path: &Path, packing: &Hidden, limits: Limits) -> Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = rustix::fs::openat(CWD, path, flags, Mode::empty()).map_err(|errno| {
            let plain = |why: &str| Error::new(ErrorKind::InvalidDir, why).at_path(path);
            match errno {
                Errno::NOENT => plain("there is no such directory"),
                Errno::NOTDIR => plain("this is not a directory"),
                _ => Error::io("the directory cannot be opened", path, errno)
                    .with_kind(ErrorKind::InvalidDir),
            }
        })?;
        let (most, deepest) = (limits.directories, limits.path_depth);
        let mut walk = Walk { packing, collector: Collector::new(limits) };
        let mut trail = Trail::new(root);
        // The last name first, so that the stack gives them in order.
        let mut todo = vec![(Vec::new(), Packed::Kept)];
        let mut directories = 0_usize;
        while let Some((directory, packed)) = todo.pop() {
            directories += 1;
            // The root is not counted, and what lies in the deepest one is a name deeper.
            if directories > most.saturating_add(1) {
                walk.collector.overflow();
                break;
            }
            if depth(&directory) >= deepest {
                walk.collector.overflow();
                continue;
            }
            let opened = trail.open(&directory).map_err(|errno| unreadable(&directory, errno))?;
            let mut below = walk.directory(opened, &directory, packed)?;
            below.reverse();
            todo.append(&mut below);
        }
        Ok(walk.collector.finish())
    }
}

struct Walk<'a> {
    packing: &'a Hidden,
    collector: Collector,
}

impl Walk<'_> {
    /// Takes a directory's entries; the directories among them are for later.
    fn directory(
        &mut self,
        directory: BorrowedFd<'_>,
        path: &[u8],
        packed: Packed,
    ) -> Result<Vec<(Vec<u8>, Packed)>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(directory).map_err(|errno| unreadable(path, errno))? {
            let entry = entry.map_err(|errno| unreadable(path, errno))?;
            let name = entry.file_name().to_bytes();
            let passed_over = path.is_empty() && name == b".git";
            if !passed_over && !matches!(name, b"." | b"..") {
                names.push(name.to_vec());
            }
            if names.len() > self.collector.most_entries() {
                self.collector.overflow();
                break;
            }
        }
        names.sort_unstable();
        let mut below = Vec::new();
        for name in names {
            let full = match path {
                [] => name.clone(),
                path => [path, b"/", &name].concat(),
            };
            if full.len() > MAX_PATH_SIZE {
                self.collector.overflow();
                continue;
            }
            let failed = |errno| unreadable(&full, errno);
            let stat = rustix::fs::statat(directory, name.as_slice(), AtFlags::SYMLINK_NOFOLLOW);
            let stat = stat.map_err(failed)?;
            let packed = self.packed(&full, &name, packed, FileType::from_raw_mode(stat.st_mode));
            match FileType::from_raw_mode(stat.st_mode) {
                FileType::Directory => match packed {
                    Packed::Dropped if !READ_BY_HOSTS.iter().any(|d| d.as_bytes() == full) => {
                        self.collector.dropped(&[full.as_slice(), b"/"].concat());
                    }
                    packed => below.push((full, packed)),
                },
                FileType::RegularFile => {
                    let file = rustix::fs::openat(directory, name.as_slice(), SAFE, Mode::empty())
                        .map_err(failed)?;
                    let stat = rustix::fs::fstat(&file).map_err(failed)?;
                    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
                        self.collector.special(&full);
                        continue;
                    }
                    if packed == Packed::Dropped {
                        self.collector.dropped(&full);
                    }
                    #[allow(clippy::useless_conversion, reason = "its type differs by target")]
                    let mode = u32::from(stat.st_mode);
                    let size = u64::try_from(stat.st_size).unwrap_or(0);
                    self.collector.file(&full, mode, size, packed, File::from(file))?;
                }
                FileType::Symlink => {
                    let target = rustix::fs::readlinkat(directory, name.as_slice(), Vec::new());
                    let target = target.map_err(failed)?;
                    self.collector.link(&full, target.as_bytes());
                }
                _ => self.collector.special(&full),
            }
        }
        Ok(below)
    }

    fn packed(&self, path: &[u8], name: &[u8], parent: Packed, kind: FileType) -> Packed {
        let kept = |paths: &[&str]| paths.iter().any(|kept| kept.as_bytes() == path);
        let hidden = parent == Packed::Dropped || name.first() == Some(&b'.');
        let packed_all_the_same = match kind {
            FileType::Directory => kept(self.packing.directories),
            _ => kept(self.packing.files),
        };
        // The packager takes the manifest alone of its hidden directory.
        let in_hidden = path.split(|b| *b == b'/').any(|part| part.first() == Some(&b'.'));
        match hidden || in_hidden {
            true if packed_all_the_same || path == b".claude-plugin/plugin.json" => Packed::Kept,
            true => Packed::Dropped,
            false => Packed::Kept,
        }
    }
}

fn unreadable(path: &[u8], errno: Errno) -> Error {
    let path = PathBuf::from(String::from_utf8_lossy(path).into_owned());
    Error::io("this cannot be read", &path, errno).with_kind(ErrorKind::InvalidFile)
}
