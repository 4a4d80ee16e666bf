// SPDX-License-Identifier: Apache-2.0
//! A YAML 1.1 reader that keeps every scalar's text (format.md, 3.2).
//!
//! characters → tokens → events → tree. It follows libyaml's reading of YAML 1.1, with the
//! differences FM-7 to FM-13 list, because what the reference refuses must be refused here, and
//! what it reads must be read alike to the last folded space.
//!
//! It is written by hand since no crate follows these rules (DEV-5). `saphyr-parser`,
//! `granit-parser` and `yaml-rust2` read YAML 1.2: of 33,606 mutated frontmatters each took some
//! 3 % that the reference refuses, and refused 2 to 3 % that it takes. `libyaml-safer` is near, but
//! FM-7 to FM-12 lie deep in its scanner, it has unsafe code, and it panics on `>\n  >`. Here the
//! count was none of either.
//!
//! Depth, time and memory are bounded: nothing recurses, nesting ends at [`MAX_DEPTH`], each
//! character is looked at a constant number of times, and an alias is never expanded.

mod character;
mod composer;
mod cursor;
mod event;
mod hint;
mod parser;
mod recover;
mod scanner;
mod token;

use std::ops::Range;

use crate::Problem;
use crate::node::Document;
use character::Characters;

/// The deepest nesting of flow collections, and of block collections (FM-12).
pub(crate) const MAX_DEPTH: usize = 10_000;

/// The result of reading a text.
#[derive(Debug)]
pub struct Parsed {
    /// The document; with problems, what could be read beside them.
    pub document: Document,
    /// The bytes after the document, if there are any but comments: nothing reads them (FM-6).
    pub rest: Option<Range<usize>>,
    /// The problems of the text, in the order in which they were found; empty if there are none.
    pub problems: Vec<Problem>,
}

/// Reads the first document of the YAML text at those bytes of `file`. Positions are bytes of
/// `file`.
///
/// After a problem in an entry of the outermost block mapping, reading goes on without this
/// entry, so that all problems show at once (DEV-4).
pub fn parse(file: &[u8], yaml: Range<usize>) -> Parsed {
    let text = file.get(yaml.clone()).unwrap_or_default();
    let (characters, problems) = Characters::decode(text, yaml.start);
    recover::parse(characters, problems)
}
