// SPDX-License-Identifier: Apache-2.0
//! The store's own work, known by its shape and by its owner. Nothing else is removed
//! without being named (LS-33): a store may come from elsewhere, or be others' too.

use toolhive_diagnostics::Remedy;

use super::fs as ops;
use super::layout::Layout;
use super::release;
use super::root::{Meta, StorePath, user};
use crate::{Error, ErrorKind, Result};

/// The prefix of the names of notes of removals; the digest of the tag follows, in hexadecimal.
pub(super) const NOTE_PREFIX: &str = "removed-";

/// The kinds of things that may lie in the directory of ingests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A session's directory: `<process>-<number>`.
    Session,
    /// A note of a removal: `removed-<hex>`.
    Note,
    /// A mark of content that nothing lists: `released-<digest>`, `unlisted-<digest>`.
    Mark,
    /// A file that the Go code writes a blob to: `<hex>_<number>`.
    GoFile,
}

impl Shape {
    /// Returns the shape of a thing that exists; `None` if the store makes no such things.
    pub(super) fn of(path: &StorePath, meta: &Meta) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        if meta.is_dir() {
            let (process, number) = name.split_once('-')?;
            return (is_number(process) && is_number(number)).then_some(Self::Session);
        }
        if !meta.is_file() {
            return None;
        }
        if let Some(tag) = name.strip_prefix(NOTE_PREFIX) {
            return is_hex(tag).then_some(Self::Note);
        }
        if release::is_note(name) {
            return Some(Self::Mark);
        }
        let (digest, number) = name.split_once('_')?;
        (is_hex(digest) && is_number(number)).then_some(Self::GoFile)
    }
}

/// Whether a session may have made this.
pub(super) fn is_of_session(path: &StorePath, meta: &Meta) -> bool {
    meta.is_file() && path.file_name().and_then(|name| name.to_str()).is_some_and(is_number)
}

/// The processes whose leftovers are removed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owners {
    user: u32,
    root: u32,
}

impl Owners {
    /// Returns this process's user, and the owner of the store's directory.
    pub(super) fn of(layout: &Layout) -> Result<Self> {
        let top = layout.top();
        let root = ops::open_dir(&top).and_then(|dir| ops::stat_open(&dir, &top));
        Ok(Self {
            user: user(),
            root: ops::done("cannot examine the directory", &top, root)?.owner,
        })
    }

    /// Whether it belongs to one of them.
    pub(super) fn have(&self, meta: &Meta) -> bool {
        [self.user, self.root].contains(&meta.owner)
    }

    /// Refuses what is someone else's.
    pub(super) fn check(&self, path: &StorePath, meta: &Meta) -> Result<()> {
        if self.have(meta) {
            return Ok(());
        }
        let message = format!("it belongs to another user, {}, and stays", meta.owner);
        Err(Error::new(ErrorKind::InvalidStore, message).at_path(path).with_help(
            Remedy::CollectGarbage
                .help("{}, run by that user or by the owner of the store, removes it"),
        ))
    }

    /// Refuses a session's directory in which anything is someone else's, or no session's work.
    pub(super) fn check_session(&self, dir: &StorePath, meta: &Meta) -> Result<()> {
        self.check(dir, meta)?;
        for file in ops::entries(dir)? {
            let meta = ops::done("cannot examine it", &file, ops::stat(&file))?;
            let Some(meta) = meta else { continue };
            if !is_of_session(&file, &meta) {
                return Err(foreign(&file));
            }
            self.check(&file, &meta)?;
        }
        Ok(())
    }
}

/// The error for what the store does not make.
pub(super) fn foreign(path: &StorePath) -> Error {
    Error::new(ErrorKind::InvalidStore, "the store did not create this, so it stays")
        .at_path(path)
        .with_help("find out what it is, and move it away")
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
