// SPDX-License-Identifier: Apache-2.0
//! A view of a value in a document that was checked.

use std::borrow::Cow;
use std::fmt;
use std::iter;
use std::ops::Range;

use super::{equal_fold, scan, text};
use crate::Diagnostic;

crate::worded! {
    /// The kind of a value. Its words are with the article, for a sentence: `expected a string, found an array`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Kind {
        /// The value `null`.
        Null = "null",
        /// `true` or `false`
        Bool = "a boolean",
        /// A number, of any size.
        Number = "a number",
        /// A string.
        String = "a string",
        /// An array.
        Array = "an array",
        /// An object.
        Object = "an object",
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One value of a document that [`parse`](super::parse) has checked. It is a place in that document,
/// as cheap to copy as a slice; what it holds is decoded when it is asked for.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    document: &'a [u8],
    start: usize,
    end: usize,
}

impl<'a> Value<'a> {
    pub(super) fn new(document: &'a [u8], start: usize, end: usize) -> Self {
        Self { document, start, end }
    }

    /// Returns the value of a document that was checked before, alone or as a part of another.
    pub(crate) fn checked(document: &'a [u8]) -> Self {
        Self::starting(document, scan::white_space(document, 0))
    }

    /// Returns the value that starts at `start`.
    fn starting(document: &'a [u8], start: usize) -> Self {
        Self::new(document, start, scan::value_end(document, start))
    }

    /// Returns the kind of the value.
    pub fn kind(self) -> Kind {
        match self.document.get(self.start) {
            Some(b'"') => Kind::String,
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b't' | b'f') => Kind::Bool,
            Some(b'-' | b'0'..=b'9') => Kind::Number,
            _ => Kind::Null,
        }
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// Returns its bytes' place in the document, for [`Diagnostic::at`].
    pub fn span(self) -> Range<usize> {
        self.start..self.end
    }

    /// The whole document it stands in.
    pub fn document(self) -> &'a [u8] {
        self.document
    }

    /// Returns its text as it was written: valid JSON, without white space around it.
    pub fn raw(self) -> &'a [u8] {
        self.document.get(self.span()).unwrap_or_default()
    }

    /// The start of its text as it was written, short enough for a message.
    pub fn preview(self) -> String {
        text::preview(self.raw())
    }

    /// Returns a string's text, decoded (PJ-4); borrowed where nothing had to be decoded.
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        let inside = self.raw().strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        Some(text::decode(inside))
    }

    /// Returns a string's text, decoded (PJ-4).
    pub fn as_string(self) -> Option<String> {
        self.as_str().map(Cow::into_owned)
    }

    /// Returns a number that is written as an integer and fits 64 bits: not `1.0`, not `1e2`
    /// (CX-3).
    pub fn as_integer(self) -> Option<i64> {
        match self.kind() {
            Kind::Number => std::str::from_utf8(self.raw()).ok()?.parse().ok(),
            _ => None,
        }
    }

    /// `true` or `false`.
    pub fn as_bool(self) -> Option<bool> {
        match self.raw() {
            b"true" => Some(true),
            b"false" => Some(false),
            _ => None,
        }
    }

    /// Returns an array's elements, in order; none of any other value. Going through all of them
    /// reads the array once; going down into every level reads it once a level.
    pub fn elements(self) -> impl Iterator<Item = Self> + Clone {
        let mut items = Items::of(self, Kind::Array);
        iter::from_fn(move || {
            let at = items.advance()?;
            Some(items.value(at))
        })
    }

    /// Returns an object's members in the order of the document, duplicates included; none of any
    /// other value. Going through all of them reads the object once.
    pub fn members(self) -> impl Iterator<Item = Member<'a>> + Clone {
        let mut items = Items::of(self, Kind::Object);
        iter::from_fn(move || {
            let at = items.advance()?;
            let key = Self::starting(self.document, at);
            let colon = scan::white_space(self.document, key.end);
            let at = scan::white_space(self.document, colon + 1);
            let value = items.value(at);
            Some(Member { key: key.as_str()?, key_span: key.span(), value })
        })
    }

    /// Returns the value of an object's last member with exactly that key.
    pub fn get(self, key: &str) -> Option<Value<'a>> {
        self.members().filter(|member| member.key == key).last().map(|member| member.value)
    }

    /// Returns the value of an object's last member whose key is a spelling of `known` (PJ-7,
    /// PJ-8).
    pub fn get_folded(self, known: &str) -> Option<Value<'a>> {
        self.members().filter(|member| member.is(known)).last().map(|member| member.value)
    }

    /// Returns a finding about this value.
    pub fn diagnostic(self, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(message).at(self.document, self.span())
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.span(), self.preview())
    }
}

/// One member of an object.
#[derive(Clone, Debug)]
pub struct Member<'a> {
    /// Its key, decoded (PJ-4).
    pub key: Cow<'a, str>,
    /// The place of the key in the document, with its quotes.
    pub key_span: Range<usize>,
    /// The value of the member.
    pub value: Value<'a>,
}

impl Member<'_> {
    /// Whether its key is a spelling of `known` (PJ-7).
    pub fn is(&self, known: &str) -> bool {
        equal_fold(&self.key, known)
    }

    /// Returns a finding about this member's key.
    pub fn diagnostic(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(message).at(self.value.document, self.key_span.clone())
    }
}

/// The way through an array or object.
#[derive(Clone, Debug)]
struct Items<'a> {
    document: &'a [u8],
    /// The offset of the next item's first byte, or of what stands before it.
    at: usize,
    end: usize,
}

impl<'a> Items<'a> {
    fn of(value: Value<'a>, kind: Kind) -> Self {
        // Inside the brackets; another kind of value has no inside.
        let (at, end) = match value.kind() == kind {
            true => (value.start + 1, value.end.saturating_sub(1)),
            false => (value.end, value.end),
        };
        Self { document: value.document, at, end }
    }

    /// Finds the start of the next item, if there is one.
    fn advance(&mut self) -> Option<usize> {
        let mut at = scan::white_space(self.document, self.at);
        if self.document.get(at) == Some(&b',') {
            at = scan::white_space(self.document, at + 1);
        }
        if at >= self.end {
            self.at = self.end;
            return None;
        }
        Some(at)
    }

    fn value(&mut self, at: usize) -> Value<'a> {
        let value = Value::starting(self.document, at);
        // Always on, so that the way through anything ends.
        self.at = value.end.max(at + 1);
        value
    }
}
