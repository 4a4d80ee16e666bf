// SPDX-License-Identifier: Apache-2.0
//! Every blob is read and hashed.

use std::io;

use super::{Check, FindingKind, main};
use crate::digest::Digest;
use crate::store::fs as ops;
use crate::store::lack::Lack;
use crate::store::layout::BlobFile;
use crate::{Diagnostic, Error, ErrorKind, Result};

impl Check<'_> {
    pub(super) fn blobs(&mut self) {
        let (files, problems) = self.store.layout().blob_files();
        for error in problems {
            self.unreadable(&error, None, None);
        }
        for BlobFile { path, digest } in &files {
            match digest {
                Some(digest) => self.blob(*digest),
                None => {
                    let problem = Diagnostic::new("not a blob").at_path(path);
                    self.find(FindingKind::Stray, problem, "");
                }
            }
        }
        self.files = files;
        self.report.blobs = self.intact.len();
        self.report.size = self.intact.values().fold(0, |sum, size| sum.saturating_add(*size));
    }

    fn blob(&mut self, digest: Digest) {
        match self.read(&digest) {
            Ok(size) => drop(self.intact.insert(digest, size)),
            // Another process has removed it meanwhile.
            Err(Lack::Absent(_)) => (),
            Err(Lack::Unreadable(error)) => self.unreadable(&error, None, Some(digest)),
            Err(Lack::Wrong(error)) => {
                // It was read, and is another, or it cannot be read as a file.
                let (is_file, repair) = match error.kind() {
                    ErrorKind::DigestMismatch => (true, "removed it"),
                    _ => (false, "moved it aside"),
                };
                self.corrupt.insert(digest, is_file);
                let problem = main(&error);
                self.find_with(FindingKind::CorruptBlob, problem, repair, None, Some(digest));
            }
        }
    }

    fn read(&self, digest: &Digest) -> Result<u64, Lack> {
        let mut reader = self.store.opened_blob(digest)?;
        let path = self.store.layout().blob(digest);
        io::copy(&mut reader, &mut io::sink()).map_err(|error| {
            let error = Error::from_io("cannot read the blob", &path.path(), error);
            match error.kind() {
                ErrorKind::DigestMismatch => Lack::Wrong(error),
                _ => Lack::Unreadable(error),
            }
        })
    }

    /// Removes the corrupt blobs; nothing that is listed needs them any more. What is not a file is
    /// moved aside.
    pub(super) fn remove_corrupt(&mut self) -> Result<()> {
        let Some(change) = &mut self.change else { return Ok(()) };
        for (digest, is_file) in &self.corrupt {
            if *is_file {
                change.remove(digest)?;
                continue;
            }
            let path = self.store.layout().blob(digest);
            let aside = path.parent().map(|dir| dir.join(format!("{}.broken", digest.hex())));
            aside.map_or(Ok(false), |aside| ops::rename_new(&path, &aside))?;
        }
        Ok(())
    }
}
