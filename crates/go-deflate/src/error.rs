// SPDX-License-Identifier: Apache-2.0
//! Errors: of what is read, and of the name of an encoder.

use std::io;

use crate::encoder::Encoder;

/// An error of reading. Readers carry it in an [`io::Error`], from which
/// [`downcast`](io::Error::downcast) gets it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The compressed data or the gzip member around it is damaged, cut off, or none (GU-1, GU-2).
    #[error("{0}")]
    Malformed(&'static str),
    /// The output is larger than the limit, that many bytes (GU-3).
    #[error("the gzip stream holds more than {0} bytes")]
    TooLarge(u64),
}

/// A text that is not the name of an [`Encoder`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no encoder {0:?}: the encoders are {names}", names = Encoder::ALL.map(Encoder::as_str).join(", "))]
pub struct UnknownEncoder(pub(crate) String);

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        Self::other(error)
    }
}
