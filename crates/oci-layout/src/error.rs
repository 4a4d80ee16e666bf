// SPDX-License-Identifier: Apache-2.0
//! Errors for people: what, where, why, and what to do.
//!
//! An [`Error`] has a [`kind`](Error::kind) that programs match on and at least one
//! [`Diagnostic`] that people read. Parsers of text report every problem they can find at once
//! (format.md, DEV-4); the first one is the main one.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use toolhive_diagnostics::{Diagnostic, Help};

/// The result of everything fallible in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

crate::worded! {
    /// The kind of a failure. The first six are the classes of format.md, 1.6.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum ErrorKind {
        /// The directory is missing, unreadable, not a directory, or its path is not acceptable.
        InvalidDir = "invalid-dir",
        /// The directory has no manifest (`.claude-plugin/plugin.json`, `SKILL.md`).
        ManifestMissing = "manifest-missing",
        /// The manifest cannot be parsed or misses what it must have.
        InvalidManifest = "invalid-manifest",
        /// A package would have more files than it may (PW-6, SW-6).
        TooManyFiles = "too-many-files",
        /// The content has more bytes than a limit allows.
        TooLarge = "too-large",
        /// A link, a special file, an unreadable file, or a name that cannot be packaged.
        InvalidFile = "invalid-file",
        /// An option of the caller is not acceptable: an epoch, a platform, a tag.
        InvalidOption = "invalid-option",
        /// A reference, a digest or a tag does not follow the grammar.
        InvalidReference = "invalid-reference",
        /// A gzip member or a tar archive is malformed or holds what is refused.
        InvalidArchive = "invalid-archive",
        /// A config, manifest or index is not what its media type says.
        InvalidDocument = "invalid-document",
        /// Bytes do not have the digest or the size that was claimed for them.
        DigestMismatch = "digest-mismatch",
        /// The directory is not an image layout that can be used.
        InvalidStore = "invalid-store",
        /// Another process holds the store's lock.
        Locked = "locked",
        /// No such tag, digest or blob.
        NotFound = "not-found",
        /// The thing that was to be made is there already.
        AlreadyExists = "already-exists",
        /// A registry refused, failed, or answered what is not the protocol.
        Registry = "registry",
        /// Credentials are missing, malformed, or not accepted.
        Auth = "auth",
        /// A policy of the user's does not let it in.
        Refused = "refused",
        /// The caller asked to stop.
        Cancelled = "cancelled",
        /// The operating system refused.
        Io = "io",
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An error with its place, its cause and advice.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    diagnostics: Vec<Diagnostic>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// Creates an error of that kind with that message.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self::from_diagnostics(kind, vec![Diagnostic::new(message)])
    }

    /// Creates an error of that kind for all these reasons, the main one first. An empty list gets
    /// a reason that says no more than the kind.
    pub fn from_diagnostics(kind: ErrorKind, mut diagnostics: Vec<Diagnostic>) -> Self {
        if diagnostics.is_empty() {
            diagnostics.push(Diagnostic::new(kind.as_str()));
        }
        Self(Box::new(Inner { kind, diagnostics, source: None }))
    }

    /// Returns a failed operation on a file: `what` says which, as in "cannot open the file".
    pub fn io(what: &str, path: &Path, source: impl Into<io::Error>) -> Self {
        Self::new(ErrorKind::Io, what).at_path(path).caused_by(source.into())
    }

    /// Returns the error with the file that it is about, unless it has one already; an empty path counts as none.
    #[must_use]
    pub fn at_path(mut self, path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        if path.as_os_str().is_empty() {
            return self;
        }
        for diagnostic in &mut self.0.diagnostics {
            diagnostic.path.get_or_insert_with(|| path.clone());
        }
        self
    }

    /// Returns the error with advice on what to do about it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<Help>) -> Self {
        if let Some(first) = self.0.diagnostics.first_mut() {
            first.help = Some(help.into());
        }
        self
    }

    /// Returns the error with another kind.
    #[must_use]
    pub fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// Returns the error with the cause that lies behind it.
    #[must_use]
    pub fn caused_by(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Returns the kind of failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the reasons, the main one first; never empty.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.0.diagnostics
    }

    /// Returns the error that an `io::Error` carries, if it came from this crate; else an error of
    /// kind [`ErrorKind::Io`] that says `what` failed on `path`.
    pub fn from_io(what: &str, path: &Path, error: io::Error) -> Self {
        Self::carried_by(error).unwrap_or_else(|error| Self::io(what, path, error))
    }

    /// Whether the disk is full, or the user's share of it.
    pub fn is_of_full_disk(&self) -> bool {
        let source = self.0.source.as_ref().and_then(|it| it.downcast_ref::<io::Error>());
        let full = [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded];
        source.is_some_and(|error| full.contains(&error.kind()))
    }

    /// Returns the error that an `io::Error` carries, if it came from this crate.
    ///
    /// # Errors
    /// The `io::Error` itself, if it carries none.
    pub fn carried_by(error: io::Error) -> Result<Self, io::Error> {
        error.downcast()
    }
}

impl fmt::Display for Error {
    /// Returns the reasons, a line each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, diagnostic) in self.0.diagnostics.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            diagnostic.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {self}", self.0.kind)?;
        if let Some(source) = &self.0.source {
            write!(f, " ({source})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl From<Error> for io::Error {
    /// Wraps the error, so that a reader or writer of this crate can stand in for one of `std::io`;
    /// [`Error::from_io`] unwraps it.
    fn from(error: Error) -> Self {
        Self::other(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_path_is_none_and_the_first_one_stays() {
        let error = || Error::io("cannot read it", Path::new(""), io::Error::other("why"));
        assert_eq!(error().to_string(), "cannot read it");
        let error = error().at_path("a").at_path("b");
        assert_eq!(error.to_string(), "a: cannot read it");
    }

    #[test]
    fn an_error_survives_the_way_through_io() {
        let io: io::Error = Error::new(ErrorKind::TooLarge, "big").into();
        assert_eq!(Error::from_io("read", Path::new("x"), io).kind(), ErrorKind::TooLarge);
        let other = io::Error::other("not ours");
        assert!(Error::carried_by(other).is_err());
    }
}
