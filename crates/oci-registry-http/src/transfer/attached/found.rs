// SPDX-License-Identifier: Apache-2.0
//! Attachments of an artifact in a repository, in both layouts (SIG-1).

use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt, stream};
use oci_artifact::Digest;
use oci_artifact::media_type::is_image_index;
use oci_artifact::reference::Target;
use oci_artifact::referrers::attached_type;

use crate::document::Document;
use crate::error::{Error, ErrorKind, Result};
use crate::repository::Repository;
use crate::tagged::AT_ONCE;

/// A signature of an SBOM of an artifact is two deep.
pub(super) const MAX_DEPTH: usize = 3;
/// Attached to one artifact, at any depth.
const MAX_ATTACHED: usize = 256;
/// The largest number of indexes and manifests of an artifact that are asked about.
pub(super) const MAX_SUBJECTS: usize = 1024;

/// The way in which something is attached.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layout {
    /// A manifest that names its subject itself.
    Referrer,
    /// Its tag says what it is about.
    Tag(String),
}

/// An attached artifact, and its subject.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attached {
    /// The digest of its manifest.
    pub digest: Digest,
    /// The manifest that it is attached to.
    pub subject: Digest,
    /// The way in which it is.
    pub layout: Layout,
    /// The media type of its manifest.
    pub media_type: String,
    /// Its type; empty if nothing says so.
    pub artifact_type: String,
    /// The number of bytes of its manifest.
    pub size: u64,
}

/// Gathers what is attached: each thing once a layout, what it is attached to before itself.
#[derive(Default)]
pub(super) struct Gathered {
    found: Vec<Attached>,
    seen: BTreeSet<(Digest, Layout)>,
}

impl Gathered {
    /// Takes what one level has. The digests to look at next.
    pub(super) fn add(&mut self, level: impl IntoIterator<Item = Attached>) -> Result<Vec<Digest>> {
        let mut next = Vec::new();
        for one in level {
            if !self.seen.insert((one.digest, one.layout.clone())) {
                continue;
            }
            if self.found.len() == MAX_ATTACHED {
                let message = format!("more than {MAX_ATTACHED} artifacts are attached");
                return Err(Error::new(ErrorKind::TooLarge, message));
            }
            if !next.contains(&one.digest) {
                next.push(one.digest);
            }
            self.found.push(one);
        }
        Ok(next)
    }

    pub(super) fn finish(self) -> Vec<Attached> {
        self.found
    }
}

/// Lists all that is attached to an artifact and to every manifest below it, what it is attached to
/// before itself.
///
/// # Errors
/// Those of the requests: what cannot be asked for is not absent (SIG-4); [`ErrorKind::TooLarge`]
/// for more than 256 things, or an artifact of more than 1024 manifests.
pub async fn list_attached(repository: &Repository, digest: &Digest) -> Result<Vec<Attached>> {
    let mut gathered = Gathered::default();
    let mut below = Below::new(digest);
    while let Some(index) = below.next() {
        below.add(repository.get_manifest(&Target::Digest(&index)).await?.document)?;
    }
    let mut level = below.all;
    for _ in 0..MAX_DEPTH {
        let asking = level.iter().map(|subject| attached_to(repository, subject));
        let found: Vec<Vec<Attached>> =
            stream::iter(asking).buffered(AT_ONCE).try_collect().await?;
        level = gathered.add(found.into_iter().flatten())?;
    }
    Ok(gathered.finish())
}

/// Returns the attachments of one manifest.
async fn attached_to(repository: &Repository, subject: &Digest) -> Result<Vec<Attached>> {
    let (links, tagged) =
        tokio::try_join!(repository.referrers(subject, None), repository.tagged(subject))?;
    let referrers = links.into_iter().map(|link| Attached {
        digest: link.digest,
        subject: *subject,
        layout: Layout::Referrer,
        media_type: link.media_type,
        artifact_type: link.artifact_type.unwrap_or_default(),
        size: link.size,
    });
    let tagged = tagged.into_iter().map(|one| Attached {
        subject: *subject,
        layout: Layout::Tag(one.tag),
        artifact_type: attached_type(&one.manifest.document).to_owned(),
        media_type: one.manifest.document.media_type,
        size: one.manifest.bytes.len() as u64,
        digest: one.manifest.digest,
    });
    Ok(referrers.chain(tagged).collect())
}

/// The digest of an artifact, and those of all manifests below it.
pub(super) struct Below {
    pub(super) all: Vec<Digest>,
    /// Those that are still to be read.
    indexes: Vec<Digest>,
}

impl Below {
    pub(super) fn new(digest: &Digest) -> Self {
        Self { all: vec![*digest], indexes: vec![*digest] }
    }

    /// Returns the next index to read.
    pub(super) fn next(&mut self) -> Option<Digest> {
        self.indexes.pop()
    }

    /// Adds what an index lists.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`] for an artifact of more manifests than are asked about.
    pub(super) fn add(&mut self, document: Document) -> Result<()> {
        for link in document.manifests {
            if self.all.contains(&link.digest) {
                continue;
            }
            if self.all.len() >= MAX_SUBJECTS {
                let message =
                    format!("the artifact has more than {MAX_SUBJECTS} manifests to ask about");
                return Err(Error::new(ErrorKind::TooLarge, message));
            }
            if is_image_index(&link.media_type) {
                self.indexes.push(link.digest);
            }
            self.all.push(link.digest);
        }
        Ok(())
    }
}
