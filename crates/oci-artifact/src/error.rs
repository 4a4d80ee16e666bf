// SPDX-License-Identifier: Apache-2.0
//! What can go wrong, told for people: what, where, why, and what to do.
//!
//! An [`Error`] has a [`kind`](Error::kind) that programs match on and at least one
//! [`Diagnostic`] that people read. Parsers of text report every problem they can find at once
//! (format.md, DEV-4); the first one is the main one.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The result of everything fallible in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure it was. The first six are the classes of format.md, 1.6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The directory is missing, unreadable, not a directory, or its path is not acceptable.
    InvalidDir,
    /// The directory has no manifest (`.claude-plugin/plugin.json`, `SKILL.md`).
    ManifestMissing,
    /// The manifest cannot be parsed or misses what it must have.
    InvalidManifest,
    /// More files than [`limits::MAX_FILES`](crate::limits::MAX_FILES).
    TooManyFiles,
    /// More bytes than a limit allows.
    TooLarge,
    /// A link, a special file, an unreadable file, or a name that cannot be packaged.
    InvalidFile,
    /// An option of the caller is not acceptable: an epoch, a platform, a tag.
    InvalidOption,
    /// A reference, a digest or a tag does not follow the grammar.
    InvalidReference,
    /// A gzip member or a tar archive is malformed or holds what is refused.
    InvalidArchive,
    /// A config, manifest or index is not what its media type says.
    InvalidDocument,
    /// Bytes do not have the digest or the size that was claimed for them.
    DigestMismatch,
    /// The directory is not an image layout that can be used.
    InvalidStore,
    /// Another process holds the store's lock.
    Locked,
    /// No such tag, digest or blob.
    NotFound,
    /// What was to be made is there already.
    AlreadyExists,
    /// A registry refused, failed, or answered what is not the protocol.
    Registry,
    /// Credentials are missing, malformed, or not accepted.
    Auth,
    /// The caller asked to stop.
    Cancelled,
    /// The operating system refused.
    Io,
}

impl ErrorKind {
    /// The kind in kebab case, as the command line prints it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidDir => "invalid-dir",
            Self::ManifestMissing => "manifest-missing",
            Self::InvalidManifest => "invalid-manifest",
            Self::TooManyFiles => "too-many-files",
            Self::TooLarge => "too-large",
            Self::InvalidFile => "invalid-file",
            Self::InvalidOption => "invalid-option",
            Self::InvalidReference => "invalid-reference",
            Self::InvalidArchive => "invalid-archive",
            Self::InvalidDocument => "invalid-document",
            Self::DigestMismatch => "digest-mismatch",
            Self::InvalidStore => "invalid-store",
            Self::Locked => "locked",
            Self::NotFound => "not-found",
            Self::AlreadyExists => "already-exists",
            Self::Registry => "registry",
            Self::Auth => "auth",
            Self::Cancelled => "cancelled",
            Self::Io => "io",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A place in a text; both numbers count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line; LF, CR LF and CR end one.
    pub line: usize,
    /// The column, in characters (a byte that is not UTF-8 counts as one).
    pub column: usize,
}

/// The line of text that a diagnostic points into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The line (or, of a very long line, the part around the place), without its line break.
    /// It is outside data: whoever prints it must make control characters harmless.
    pub text: String,
    /// The bytes of `text` that are meant.
    pub span: Range<usize>,
}

/// The longest excerpt, in characters, on either side of the place.
const EXCERPT_REACH: usize = 120;

/// One finding: an error's reason, or a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// What is wrong, as a sentence without a full stop.
    pub message: String,
    /// A stable name for this finding, in kebab case, where it has one.
    pub rule: Option<&'static str>,
    /// The file, relative to the packaged directory where it lies in it.
    pub path: Option<PathBuf>,
    /// Where in the text of that file.
    pub position: Option<Position>,
    /// The text there.
    pub excerpt: Option<Excerpt>,
    /// What would mend it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A finding with nothing but a message.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            rule: None,
            path: None,
            position: None,
            excerpt: None,
            help: None,
        }
    }

    /// The same with a stable name.
    #[must_use]
    pub fn with_rule(mut self, rule: &'static str) -> Self {
        self.rule = Some(rule);
        self
    }

    /// The same, about that file.
    #[must_use]
    pub fn at_path(mut self, path: impl Into<PathBuf>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// The same, about those bytes of `source`, the whole text of the file.
    #[must_use]
    pub fn at(mut self, source: &[u8], span: Range<usize>) -> Self {
        let start = span.start.min(source.len());
        // Inside `\r\n` is still the end of the line before it.
        let is_inside = source.get(..start).is_some_and(|before| before.ends_with(b"\r"))
            && source.get(start) == Some(&b'\n');
        let start = start - usize::from(is_inside);
        let end = span.end.clamp(start, source.len());
        let is_break = |b: &u8| *b == b'\n' || *b == b'\r';
        let before = source.get(..start).unwrap_or_default();
        let line_start = before.iter().rposition(is_break).map_or(0, |at| at + 1);
        let head = before.get(line_start..).unwrap_or_default();
        let rest = source.get(start..).unwrap_or_default();
        let line_rest =
            rest.iter().position(is_break).map_or(rest, |at| rest.get(..at).unwrap_or_default());

        let breaks = before.iter().enumerate();
        let line = 1 + breaks
            .filter(|(at, b)| **b == b'\n' || (**b == b'\r' && source.get(at + 1) != Some(&b'\n')))
            .count();
        let head_text: Vec<char> = decode(head);
        self.position = Some(Position { line, column: head_text.len() + 1 });

        let meant = line_rest.get(..(end - start).min(line_rest.len())).unwrap_or_default();
        let after = line_rest.get(meant.len()..).unwrap_or_default();
        let mut text: String =
            head_text.iter().skip(head_text.len().saturating_sub(EXCERPT_REACH)).collect();
        let from = text.len();
        text.extend(decode(meant).into_iter().take(EXCERPT_REACH));
        let to = text.len();
        text.extend(decode(after).into_iter().take(EXCERPT_REACH));
        self.excerpt = Some(Excerpt { text, span: from..to });
        self
    }

    /// The same with what would mend it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The characters of `bytes`, one U+FFFD for each byte that is not part of well-formed UTF-8.
fn decode(bytes: &[u8]) -> Vec<char> {
    let mut chars = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        chars.extend(chunk.valid().chars());
        chars.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    chars
}

impl fmt::Display for Diagnostic {
    /// `path:line:column: message`, as far as these are known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}:", path.display())?;
            if let Some(Position { line, column }) = self.position {
                write!(f, "{line}:{column}:")?;
            }
            f.write_str(" ")?;
        }
        f.write_str(&self.message)
    }
}

/// Why something could not be done.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    diagnostics: Vec<Diagnostic>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of that kind with that message.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self::from_diagnostics(kind, vec![Diagnostic::new(message)])
    }

    /// An error of that kind for all these reasons, the main one first. An empty list gets a
    /// reason that says no more than the kind.
    pub fn from_diagnostics(kind: ErrorKind, mut diagnostics: Vec<Diagnostic>) -> Self {
        if diagnostics.is_empty() {
            diagnostics.push(Diagnostic::new(kind.as_str()));
        }
        Self(Box::new(Inner { kind, diagnostics, source: None }))
    }

    /// A failed operation on a file: `what` says which, as in "cannot open the file".
    pub fn io(what: &str, path: &Path, source: impl Into<std::io::Error>) -> Self {
        Self::new(ErrorKind::Io, what).at_path(path).caused_by(source.into())
    }

    /// The same error, about that file.
    #[must_use]
    pub fn at_path(mut self, path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        for diagnostic in &mut self.0.diagnostics {
            diagnostic.path.get_or_insert_with(|| path.clone());
        }
        self
    }

    /// The same error with what would mend it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        if let Some(first) = self.0.diagnostics.first_mut() {
            first.help = Some(help.into());
        }
        self
    }

    /// The same error as another kind.
    #[must_use]
    pub fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// The same error with what lies behind it.
    #[must_use]
    pub fn caused_by(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// What kind of failure it was.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The reasons, the main one first; never empty.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.0.diagnostics
    }
}

impl fmt::Display for Error {
    /// The reasons, a line each.
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

impl From<Error> for std::io::Error {
    /// So that a reader or writer of this crate can stand where `std::io` ones do;
    /// [`Error::from_io`] gets it back.
    fn from(error: Error) -> Self {
        Self::other(error)
    }
}

impl Error {
    /// The error that an `io::Error` carries, if it came from this crate; else an error of kind
    /// [`ErrorKind::Io`] that says `what` failed on `path`.
    pub fn from_io(what: &str, path: &Path, error: std::io::Error) -> Self {
        match error.downcast::<Self>().or_else(|error| error.downcast().map(Self::from_gzip)) {
            Ok(own) => own,
            Err(error) => Self::io(what, path, error),
        }
    }

    fn from_gzip(error: go_deflate::Error) -> Self {
        let kind = match &error {
            go_deflate::Error::TooLarge(_) => ErrorKind::TooLarge,
            go_deflate::Error::UnknownEncoder(_) => ErrorKind::InvalidOption,
            _ => ErrorKind::InvalidArchive,
        };
        Self::new(kind, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters_dev_4() {
        let text = "a\r\nb\rc\nä\u{1F600}xyz\nlast".as_bytes();
        let x = text.windows(3).position(|w| w == b"xyz").expect("is there");
        let d = Diagnostic::new("m").at(text, x..x + 2);
        assert_eq!(d.position, Some(Position { line: 4, column: 3 }));
        let excerpt = d.excerpt.expect("has one");
        assert_eq!(excerpt.text, "ä\u{1F600}xyz");
        assert_eq!(&excerpt.text[excerpt.span], "xy");
    }

    #[test]
    fn inside_a_line_break_is_the_end_of_its_line_dev_4() {
        let at = |place| Diagnostic::new("m").at(b"ab\r\ncd", place..place).position;
        assert_eq!(at(2), Some(Position { line: 1, column: 3 }));
        assert_eq!(at(3), at(2));
        assert_eq!(at(4), Some(Position { line: 2, column: 1 }));
    }

    #[test]
    fn a_place_past_the_end_is_the_end_dev_4() {
        let d = Diagnostic::new("m").at(b"ab", 7..9);
        assert_eq!(d.position, Some(Position { line: 1, column: 3 }));
        assert_eq!(d.excerpt.map(|e| e.span), Some(2..2));
    }

    #[test]
    fn an_error_survives_the_way_through_io() {
        let io: std::io::Error = Error::new(ErrorKind::TooLarge, "big").into();
        assert_eq!(Error::from_io("read", Path::new("x"), io).kind(), ErrorKind::TooLarge);
    }
}
