// SPDX-License-Identifier: Apache-2.0
//! Every blob is read and hashed.

use std::io;

use oci_spec::image::Digest;

use super::{Check, FindingKind, main};
use crate::store::fs as ops;
use crate::store::root::Kind;
use crate::{Diagnostic, Error, ErrorKind, Result, digest};

impl Check<'_> {
    pub(super) fn blobs(&mut self) -> Result<()> {
        for (file, digest) in self.store.layout().blob_files()? {
            let kind =
                ops::done("cannot look at it", &file, ops::stat(&file))?.map(|meta| meta.kind);
            match digest {
                Some(digest) if kind != Some(Kind::Directory) => self.blob(digest),
                _ => {
                    let problem = Diagnostic::new("not a blob").at_path(file);
                    self.find(FindingKind::Stray, problem, "");
                }
            }
        }
        self.report.blobs = self.intact.len();
        self.report.size = self.intact.values().fold(0, |sum, size| sum.saturating_add(*size));
        Ok(())
    }

    fn blob(&mut self, digest: Digest) {
        match self.read(&digest) {
            Ok(size) => drop(self.intact.insert(digest.as_ref().into(), size)),
            // Another process has removed it meanwhile.
            Err(error) if error.kind() == ErrorKind::NotFound => (),
            Err(error) => {
                // What cannot be read now may be readable another time.
                let is_corrupt = error.kind() != ErrorKind::Io;
                let repair = if is_corrupt { "removed it" } else { "" };
                if is_corrupt {
                    self.corrupt.insert(digest.as_ref().into());
                }
                let problem = main(&error);
                self.find_with(FindingKind::CorruptBlob, problem, repair, None, Some(digest));
            }
        }
    }

    fn read(&self, digest: &Digest) -> Result<u64> {
        let mut reader = self.store.open_blob(digest)?;
        let path = self.store.layout().blob(digest);
        io::copy(&mut reader, &mut io::sink())
            .map_err(|error| Error::from_io("cannot read the blob", &path.path(), error))
    }

    /// Removes the corrupt blobs; nothing that is listed needs them any more.
    pub(super) fn remove_corrupt(&mut self) -> Result<()> {
        let Some(change) = &mut self.change else { return Ok(()) };
        for digest in &self.corrupt {
            change.remove(&digest::parse(digest)?)?;
        }
        Ok(())
    }
}
