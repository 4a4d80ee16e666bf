// SPDX-License-Identifier: Apache-2.0
//! Compressed layers, read with errors of this crate.

use std::io::{self, Read};

use go_deflate::gzip;

use crate::{Error, ErrorKind};

/// A [`gzip::Reader`] whose errors carry an [`Error`] of the right kind (GU-1 to GU-3), which
/// [`Error::from_io`] gets out, whatever stands between.
pub(crate) struct Gunzip<R>(gzip::Reader<R>);

impl<R: io::BufRead> Gunzip<R> {
    /// Reads the member of at most `limit` bytes that `input` holds.
    pub(crate) fn new(input: R, limit: u64) -> Self {
        Self(gzip::Reader::new(input, limit))
    }
}

impl<R: io::BufRead> Read for Gunzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(own)
    }
}

/// The same error, with one of gzip made one of this crate.
pub(crate) fn own(error: io::Error) -> io::Error {
    match error.downcast::<go_deflate::Error>() {
        Ok(gzip) => {
            let kind = match gzip {
                go_deflate::Error::TooLarge(_) => ErrorKind::TooLarge,
                go_deflate::Error::UnknownEncoder(_) => ErrorKind::InvalidOption,
                _ => ErrorKind::InvalidArchive,
            };
            Error::new(kind, gzip.to_string()).into()
        }
        Err(other) => other,
    }
}
