// SPDX-License-Identifier: Apache-2.0
//! The state of content that the store cannot give (LS-16).

use crate::Error;

/// The reason why the store cannot give some content. An error of the system proves nothing but itself: only "no such
/// name" is [`Absent`](Self::Absent), and only content that was read, or something else than a file in its place, is
/// [`Wrong`](Self::Wrong).
#[derive(Debug)]
pub(super) enum Lack {
    /// The blob does not exist.
    Absent(Error),
    /// The content under its name is proven to be something else.
    Wrong(Error),
    /// The content may exist: finding out failed.
    Unreadable(Error),
}

impl Lack {
    /// Returns the error, if it proves nothing about the content.
    pub(super) fn unreadable(self) -> Option<Error> {
        match self {
            Self::Unreadable(error) => Some(error),
            Self::Absent(_) | Self::Wrong(_) => None,
        }
    }
}

impl From<Lack> for Error {
    fn from(lack: Lack) -> Self {
        match lack {
            Lack::Absent(error) | Lack::Wrong(error) | Lack::Unreadable(error) => error,
        }
    }
}
