// SPDX-License-Identifier: Apache-2.0
//! Pages that `registry serve` shows to browsers: repositories, tags, what an artifact would run, its files, and
//! the difference of two (docs/spec/web.md).
//!
//! An [`Address`] → what the registry has, as its reader may see it → a view → a page. Pages are read-only, have
//! no script and no cookie, and load nothing. What is made of an artifact follows from its digest, and is kept within
//! bounds.

mod address;
mod order;
mod memory;
mod names;
mod shown;
mod frame;
mod front;
mod repository;
mod judge;
mod artifact;
mod file;
mod difference;

use std::sync::Arc;

use hyper::StatusCode;
use maud::{Markup, PreEscaped, html};
use oci_artifact::{Descriptor, Digest, Error, ErrorKind, Result};
use oci_registry_server::{Asked, Front, OneRepository, Page, Repositories};

use crate::output::harmless;
use address::Address;
pub(super) use judge::Judge;
use memory::Memory;
use names::Known;
use shown::Shown;

/// The most bytes that are kept of what was made of artifacts (WB-6).
const MOST_SHOWN: usize = 64 << 20;
/// The largest size of the cache of names and descriptions, in bytes.
const MOST_NAMES: usize = 16 << 20;
/// The largest size of the cache of differences, in bytes.
const MOST_DIFFERENCES: usize = 16 << 20;

/// The pages of a registry.
pub(super) struct Pages {
    names: Memory<Digest, Known>,
    shown: Memory<Digest, Shown>,
    differences: Memory<[Digest; 2], String>,
    judge: Option<Judge>,
}

impl Pages {
    /// Pages that also say what a policy says, where there is one.
    pub(super) fn new(judge: Option<Judge>) -> Self {
        Self {
            judge,
            names: Memory::new(MOST_NAMES),
            shown: Memory::new(MOST_SHOWN),
            differences: Memory::new(MOST_DIFFERENCES),
        }
    }

    fn view(&self, asked: &Asked, all: &Repositories) -> Result<View> {
        match Address::of(asked).ok_or_else(nothing)? {
            Address::Front => self.front(asked, all),
            Address::Repository(name) => self.repository(&repository(all, name)?),
            Address::Artifact(name, reference) => {
                self.artifact(&repository(all, name)?, reference, &asked.host)
            }
            Address::File(name, reference) => {
                self.file(&repository(all, name)?, reference, asked.get("path"))
            }
            Address::Difference(name) => self.difference(&repository(all, name)?, asked),
        }
    }

    /// The page of an artifact of a repository, which has it.
    fn shown(&self, source: &OneRepository, root: Descriptor) -> Result<Arc<Shown>> {
        let digest = root.digest;
        self.shown.get(&digest, || {
            let shown = Shown::of(source, root)?;
            let bytes = shown.bytes();
            Ok((shown, bytes))
        })
    }
}

/// A page before it has a frame.
struct View {
    title: String,
    /// The way to it from the front, as names and addresses; the last is the page itself.
    path: Vec<(String, String)>,
    /// The words that were searched for.
    words: String,
    body: Markup,
}

impl View {
    fn new(title: &str, body: Markup) -> Self {
        Self { title: title.to_owned(), path: Vec::new(), words: String::new(), body }
    }

    /// Returns the view below the front page, at that path.
    fn at(self, path: &[(&str, String)]) -> Self {
        let path = path.iter().map(|(name, address)| ((*name).to_owned(), address.clone()));
        Self { path: path.collect(), ..self }
    }
}

impl Front for Pages {
    fn answer(&self, asked: &Asked, repositories: &Repositories) -> Page {
        match self.view(asked, repositories) {
            Ok(view) => Page { status: StatusCode::OK, html: frame::page(&view) },
            Err(error) => {
                let (status, message) = told(&error);
                Page { status, html: self.refused(status, &message) }
            }
        }
    }

    fn refused(&self, status: StatusCode, message: &str) -> String {
        let title = status.canonical_reason().unwrap_or("Refused");
        let body = html! {
            main {
                h1 { (title) }
                p .remark { (harmless(message)) }
                p { a href="/" { "All repositories" } }
            }
        };
        frame::page(&View::new(title, body))
    }
}

/// The repository that is asked for. One that may not be seen is as absent as one that is not there.
fn repository(all: &Repositories, name: &str) -> Result<OneRepository> {
    all.get(name)?.ok_or_else(nothing)
}

fn nothing() -> Error {
    Error::new(ErrorKind::NotFound, "there is nothing here")
}

/// The status and the words of an error. What concerns this machine stands in its log.
fn told(error: &Error) -> (StatusCode, String) {
    match error.kind() {
        ErrorKind::NotFound => (StatusCode::NOT_FOUND, error.to_string()),
        ErrorKind::Io | ErrorKind::InvalidStore | ErrorKind::Locked => {
            tracing::error!(%error, "a page could not be created");
            let message = "this could not be read; the registry's log says why";
            (StatusCode::INTERNAL_SERVER_ERROR, message.to_owned())
        }
        _ => (StatusCode::UNPROCESSABLE_ENTITY, error.to_string()),
    }
}

/// A digest, short enough for a table; the whole one appears when it is pointed at.
fn short(digest: &Digest) -> Markup {
    let whole = digest.to_string();
    let end = whole.find(':').map_or(12, |at| at + 13);
    html! { code title=(whole) { (whole.get(..end).unwrap_or(&whole)) } }
}

/// Markup that was made before.
fn made(text: &str) -> PreEscaped<&str> {
    PreEscaped(text)
}
