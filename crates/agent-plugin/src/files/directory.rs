// SPDX-License-Identifier: Apache-2.0
//! The files of a directory, read on the one way through it that a [`Survey`] goes: each directory and each
//! file is opened once. Links are noted, never followed.

use std::fs::File;
use std::path::{Path, PathBuf};

use oci_artifact::directory::{Directory, Found, FoundKind, Hidden, Survey, Surveyor};
use oci_artifact::{Error, ErrorKind, Result};

use super::{Collector, Files, Packed};
use crate::host::Host;
use crate::limits::Limits;

/// Hidden directories that hosts read, so they are looked into even where the packager does not.
const READ_BY_HOSTS: [&str; 6] =
    [".agents", ".claude-plugin", ".codex-plugin", ".cursor-plugin", ".github", ".github/plugin"];

impl Files {
    /// Reads a directory. `packing` is what the packager keeps of hidden entries; what it leaves
    /// out is part of the result, but marked ([`Packed::Dropped`]). Version control's own directory
    /// is passed over.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDir`] if there is no such directory; [`ErrorKind::InvalidFile`] if
    /// something in it cannot be read.
    pub fn from_directory(path: &Path, packing: &Hidden, limits: Limits) -> Result<Self> {
        let (files, survey) = Self::surveyed(&Directory::open(path)?, packing, limits)?;
        match survey.entries.iter().find(|found| found.kind == FoundKind::Unreadable) {
            Some(found) => {
                let path = PathBuf::from(String::from_utf8_lossy(&found.path).into_owned());
                Err(Error::new(ErrorKind::InvalidFile, "this cannot be read").at_path(path))
            }
            None => Ok(files),
        }
    }

    /// Reads a directory, and surveys everything else in it; what cannot be opened is only named in
    /// the survey.
    ///
    /// # Errors
    /// As [`from_directory`](Self::from_directory), where a file that was opened cannot be read.
    pub fn surveyed(
        directory: &Directory,
        packing: &Hidden,
        limits: Limits,
    ) -> Result<(Self, Survey)> {
        let mut collector = Collector::new(limits);
        let survey = directory.survey_with(packing, &mut collector)?;
        if !survey.is_complete {
            collector.overflow();
        }
        for found in &survey.entries {
            match (&found.target, found.kind) {
                (Some(target), _) => collector.link(&found.path, target),
                (None, FoundKind::Special | FoundKind::Link) => collector.special(&found.path),
                _ => {}
            }
            // Of what lies in a directory that is left out, the directory is named.
            let is_below =
                |passed: &Vec<u8>| found.path.starts_with(passed) && !is_read_by_hosts(passed);
            let is_dropped = packed(found) == Packed::Dropped && found.kind == FoundKind::File;
            if is_dropped && !survey.passed.iter().any(is_below) {
                collector.dropped(&found.path);
            }
        }
        for passed in survey.passed.iter().filter(|passed| *passed != b".git/") {
            if !is_read_by_hosts(passed) {
                collector.dropped(passed);
            }
        }
        Ok((collector.finish(), survey))
    }
}

impl Surveyor for Collector {
    fn enters(&mut self, path: &[u8]) -> bool {
        is_read_by_hosts(path)
    }

    fn file(&mut self, found: &Found, file: File) -> Result<()> {
        Self::file(self, &found.path, found.mode, found.size, packed(found), file)
    }
}

/// Whether a directory, its path with a `/` at the end or without, is one that hosts read.
fn is_read_by_hosts(path: &[u8]) -> bool {
    let path = path.strip_suffix(b"/").unwrap_or(path);
    READ_BY_HOSTS.iter().any(|known| known.as_bytes() == path)
}

/// Whether the packager takes an entry; the manifest it takes by itself.
fn packed(found: &Found) -> Packed {
    match found.counts || found.path == Host::Claude.manifest().as_bytes() {
        true => Packed::Kept,
        false => Packed::Dropped,
    }
}
