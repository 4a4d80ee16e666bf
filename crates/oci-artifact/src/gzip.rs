// SPDX-License-Identifier: Apache-2.0
//! gzip members (format.md, 4 and 11.1), read with errors of this crate.

use std::fmt;
use std::io::{self, Read};

pub use go_deflate::gzip::Writer;

use crate::{Error, ErrorKind};

/// The strict reader of `go-deflate` ([`go_deflate::gzip::Reader`]), whose own errors carry an
/// [`Error`] of the right kind, which [`Error::from_io`] gets out, whatever stands between:
/// [`ErrorKind::InvalidArchive`] for what is malformed or cut off (GU-1, GU-2),
/// [`ErrorKind::TooLarge`] beyond the limit (GU-3).
pub struct Reader<R>(go_deflate::gzip::Reader<R>);

impl<R: io::BufRead> Reader<R> {
    /// Creates a reader of at most `limit` bytes of output; exactly as many pass. [`u64::MAX`] is
    /// no limit (BUG-67).
    pub fn new(input: R, limit: u64) -> Self {
        Self(go_deflate::gzip::Reader::new(input, limit))
    }
}

impl<R: io::BufRead> Read for Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(own)
    }
}

impl<R> fmt::Debug for Reader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("gzip::Reader")
    }
}

/// Turns an error of `go-deflate` into one of this crate, and returns any other as it is.
pub(crate) fn own(error: io::Error) -> io::Error {
    match error.downcast::<go_deflate::Error>() {
        Ok(gzip) => {
            let kind = match gzip {
                go_deflate::Error::TooLarge(_) => ErrorKind::TooLarge,
                _ => ErrorKind::InvalidArchive,
            };
            Error::new(kind, gzip.to_string()).into()
        }
        Err(other) => other,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn an_error_of_gzip_survives_the_way_through_io_gu_1_gu_2_gu_3() {
        let mut writer = Writer::new(Vec::new(), 0).expect("begins");
        io::Write::write_all(&mut writer, b"hello").expect("writes");
        let member = writer.finish().expect("ends");
        let cut_off = &member[..member.len() - 1];
        for (input, limit, kind) in [
            (&member[..], 4, ErrorKind::TooLarge),
            (cut_off, 5, ErrorKind::InvalidArchive),
            (b"no member", 5, ErrorKind::InvalidArchive),
            (b"", 5, ErrorKind::InvalidArchive),
        ] {
            let error = Reader::new(input, limit).read_to_end(&mut Vec::new()).expect_err("fails");
            assert_eq!(Error::from_io("read", Path::new("x"), error).kind(), kind);
        }
        let other = io::Error::other("not ours");
        assert!(Error::carried_by(own(other)).is_err());
    }
}
