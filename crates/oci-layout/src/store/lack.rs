// SPDX-License-Identifier: Apache-2.0
//! The state of content that the store cannot give (LS-16).

use crate::Error;

/// Why the store cannot give some content. An error of the system proves nothing but itself: only
/// "no such name" is [`Absent`](Self::Absent), and only content that was read, or something else than
/// a file in its place, is [`Wrong`](Self::Wrong).
#[derive(Debug)]
pub(super) enum Lack {
    /// Nothing has its name.
    Absent(Error),
    /// The content under its name is proven to be something else.
    Wrong(Error),
    /// It could not be found out, so it may be there, and need everything that is there.
    Unreadable(Error),
}

impl From<Lack> for Error {
    fn from(lack: Lack) -> Self {
        match lack {
            Lack::Absent(error) | Lack::Wrong(error) | Lack::Unreadable(error) => error,
        }
    }
}
