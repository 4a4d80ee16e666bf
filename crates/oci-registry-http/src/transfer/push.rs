// SPDX-License-Identifier: Apache-2.0
//! Pushes from the store to registries (PUSH-1 to PUSH-3, with BUG-58; ).

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt, stream};
use oci_artifact::Digest;
use oci_artifact::media_type::is_manifest;
use oci_artifact::reference::{Reference, Target};
use oci_artifact::store::Store;

use crate::auth::scope::Access;
use crate::blobs::{Blob, ByteStream, Chunking, Placed, Source, UploadOptions, read_ahead};
use crate::client::Client;
use crate::document::{Document, Link};
use crate::error::{Error, ErrorKind, Result};
use crate::manifests::Manifest;
use crate::repository::Repository;
use crate::transfer::graph::{Frontier, Graph};
use crate::transfer::progress::{OnEvent, Part, State, Teller};

/// Whether a registry that has a manifest is believed to have all that it refers to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// A manifest that exists is trusted to be complete: registries see to that.
    #[default]
    Trusted,
    /// Every part is asked about.
    Verified,
}

/// Settings of a push or a copy.
#[derive(Clone)]
#[non_exhaustive]
pub struct PushOptions {
    /// The number of blobs on their way at once; 4 by default.
    pub concurrency: usize,
    /// Whether what is there is believed to be whole.
    pub existing: Existing,
    /// The sizes of the parts of an upload.
    pub chunking: Chunking,
    /// Receives the progress.
    pub on_event: Option<OnEvent>,
}

impl Default for PushOptions {
    fn default() -> Self {
        Self {
            concurrency: 4,
            existing: Existing::Trusted,
            chunking: Chunking::Whole,
            on_event: None,
        }
    }
}

impl std::fmt::Debug for PushOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { concurrency, existing, .. } = self;
        f.debug_struct("PushOptions")
            .field("concurrency", concurrency)
            .field("existing", existing)
            .finish_non_exhaustive()
    }
}

/// The result of a push.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pushed {
    /// The number of configs and layers that were sent.
    pub blobs_uploaded: u32,
    /// The number of blobs that were there.
    pub blobs_skipped: u32,
    /// The number of blobs that another repository of the registry had.
    pub blobs_mounted: u32,
    /// The number of bytes of those that were sent.
    pub bytes_uploaded: u64,
    /// The number of manifests and indexes that were sent.
    pub manifests_uploaded: u32,
    /// The number of requests, those for tokens and those that failed included.
    pub requests: u32,
}

impl Pushed {
    pub(super) fn count(&mut self, blob: &Link, placed: Placed) {
        match placed {
            Placed::Existed => self.blobs_skipped += 1,
            Placed::Mounted => self.blobs_mounted += 1,
            Placed::Uploaded => {
                self.blobs_uploaded += 1;
                self.bytes_uploaded = self.bytes_uploaded.saturating_add(blob.size);
            }
        }
    }
}

/// Sends an artifact of the store, with all that it needs, to one or more references. Each tag is
/// written last, when everything is there. Where one fails, those after it are not begun.
///
/// # Errors
/// [`ErrorKind::InvalidOption`] if a reference has another digest than the artifact (BUG-58);
/// [`ErrorKind::NotFound`] if the store lacks a part; [`ErrorKind::InvalidManifest`] if the digest
/// is no manifest's; and whatever the registry says.
pub async fn push(
    client: &Client,
    store: &Store,
    digest: &Digest,
    to: &[Reference],
    options: &PushOptions,
) -> Result<Pushed> {
    for reference in to {
        check_digest(reference, digest)?;
    }
    let graph = read_graph(store, digest).await?;
    let mut done = Pushed::default();
    let mut origin: Option<Repository> = None;
    let mut rest: Vec<&Reference> = to.iter().collect();
    while let Some(first) = rest.first().copied() {
        let (these, others) = rest.into_iter().partition(|one| one.name() == first.name());
        rest = others;
        let repository = client.repository(first)?.counted_anew();
        let sender = Sender {
            repository: &repository,
            graph: &graph,
            options,
            origin: origin.as_ref().filter(|origin| origin.shares_registry_with(&repository)),
            contents: Contents::Store(store),
        };
        sender.send(&these, &mut done).await?;
        done.requests = done.requests.saturating_add(repository.requests());
        origin.get_or_insert(repository);
    }
    Ok(done)
}

/// Sends what a tag attaches to an artifact to the same tag of another repository; what is there stays
/// (SIG-3).
pub(super) async fn push_joined(
    client: &Client,
    store: &Store,
    digest: &Digest,
    to: &Reference,
    tag: &str,
    options: &PushOptions,
) -> Result<Pushed> {
    let graph = read_graph(store, digest).await?;
    let repository = client.repository(to)?.counted_anew();
    let contents = Contents::Store(store);
    let sender = Sender { repository: &repository, graph: &graph, options, origin: None, contents };
    let mut done = Pushed::default();
    sender.send_joined(tag, &mut done).await?;
    done.requests = repository.requests();
    Ok(done)
}

/// A reference with a digest must have the content's.
pub(super) fn check_digest(reference: &Reference, digest: &Digest) -> Result<()> {
    match reference.digest() {
        Some(wanted) if wanted != digest => {
            let message = format!("{reference} has another digest than the artifact, {digest}");
            Err(Error::new(ErrorKind::InvalidOption, message)
                .with_help("push to a tag, or to the artifact's own digest"))
        }
        _ => Ok(()),
    }
}

/// Sends a graph to one repository.
pub(super) struct Sender<'a> {
    pub(super) repository: &'a Repository,
    pub(super) graph: &'a Graph,
    pub(super) options: &'a PushOptions,
    /// A repository of the same registry that has everything.
    pub(super) origin: Option<&'a Repository>,
    pub(super) contents: Contents<'a>,
}

/// The place of the blobs.
#[derive(Clone, Copy)]
pub(super) enum Contents<'a> {
    Store(&'a Store),
    Repository(&'a Repository),
}

impl Sender<'_> {
    pub(super) async fn send(&self, to: &[&Reference], done: &mut Pushed) -> Result<()> {
        let Some((root, children)) = self.graph.manifests.split_last() else { return Ok(()) };
        // What is asked first shows at once whether all is there, and gets the token for all.
        let (mut missing, mut is_there) = (Vec::new(), false);
        for reference in to {
            let is_same = match is_there {
                true => false,
                false => self.is_same(reference, root).await?,
            };
            is_there |= is_same;
            if !is_same {
                missing.push(*reference);
            }
        }
        if is_there && self.options.existing == Existing::Trusted {
            for link in &self.graph.blobs {
                self.teller(link).tell(State::Skipped);
                done.count(link, Placed::Existed);
            }
        } else {
            self.send_blobs(done).await?;
            self.send_manifests(children, done).await?;
            missing = to.to_vec();
        }
        for reference in missing {
            self.send_manifest(&target(reference, root), root).await?;
            done.manifests_uploaded += 1;
        }
        Ok(())
    }

    /// Sends all but the root.
    pub(super) async fn send_parts(&self, done: &mut Pushed) -> Result<()> {
        let children = self.graph.manifests.split_last().map_or(&[][..], |(_, children)| children);
        self.send_blobs(done).await?;
        self.send_manifests(children, done).await
    }

    async fn is_same(&self, reference: &Reference, root: &Manifest) -> Result<bool> {
        let target = target(reference, root);
        let found = self.repository.resolve_for(&target, Access::PullPush).await;
        match found {
            Ok(found) => Ok(found.is_some_and(|found| found.digest == root.digest)),
            // Some registries answer so about what is not there.
            Err(error) if matches!(error.status(), Some(400 | 403)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn send_blobs(&self, done: &mut Pushed) -> Result<()> {
        let sending = self.graph.blobs.iter().cloned().map(|link| async move {
            let placed = self.send_blob(&link).await?;
            Ok::<_, Error>((link, placed))
        });
        let mut sending = stream::iter(sending).buffer_unordered(self.options.concurrency.max(1));
        while let Some((link, placed)) = sending.try_next().await? {
            done.count(&link, placed);
        }
        Ok(())
    }

    async fn send_blob(&self, link: &Link) -> Result<Placed> {
        let teller = self.teller(link);
        let blob = Blob { digest: link.digest, size: link.size };
        let moved = teller.clone();
        let options = UploadOptions {
            chunking: self.options.chunking,
            on_bytes: Some(Arc::new(move |bytes| moved.moved(bytes))),
        };
        if self.repository.has_blob_for(&blob, Access::PullPush).await? {
            teller.tell(State::Skipped);
            return Ok(Placed::Existed);
        }
        teller.tell(State::Started);
        let source: Arc<dyn Source> = match self.contents {
            Contents::Store(store) => Arc::new(StoreSource::new(store, &blob)),
            Contents::Repository(from) => {
                Arc::new(super::copy::RemoteSource::new(from, self.repository, &blob))
            }
        };
        let placed = match self.origin {
            Some(origin) => self.repository.mount_blob(&blob, origin, source, &options).await?,
            None => self.repository.upload_blob(&blob, source, &options).await?,
        };
        teller.tell(if placed == Placed::Mounted { State::Mounted } else { State::Done });
        Ok(placed)
    }

    /// Children before parents: those of one level at once.
    async fn send_manifests(&self, children: &[Manifest], done: &mut Pushed) -> Result<()> {
        let mut rest = children;
        while let Some(first) = rest.first() {
            // What the graph has in a row and refers to nothing in that row goes together.
            let refers = |node: &Manifest, to: &[Manifest]| {
                node.document.children().any(|link| to.iter().any(|one| one.digest == link.digest))
            };
            let mut end = 1;
            while rest
                .get(end)
                .is_some_and(|node| !refers(node, rest.get(..end).unwrap_or_default()))
            {
                end += 1;
            }
            let (level, others) =
                rest.split_at_checked(end).unwrap_or((std::slice::from_ref(first), &[]));
            let sending = level.iter().cloned().map(|node| async move {
                self.send_manifest(&Target::Digest(&node.digest), &node).await
            });
            let mut sending =
                stream::iter(sending).buffer_unordered(self.options.concurrency.max(1));
            while sending.try_next().await?.is_some() {
                done.manifests_uploaded += 1;
            }
            rest = others;
        }
        Ok(())
    }

    async fn send_manifest(&self, target: &Target<'_>, node: &Manifest) -> Result<()> {
        self.repository.put_manifest(target, node.bytes.clone()).await?;
        let (on_event, size) = (self.options.on_event.as_ref(), node.bytes.len() as u64);
        Teller::new(on_event, Part::Manifest, &node.digest, size).tell(State::Done);
        Ok(())
    }

    fn teller(&self, link: &Link) -> Teller {
        Teller::new(self.options.on_event.as_ref(), Part::Blob, &link.digest, link.size)
    }
}

/// Returns the target of the root: its own digest, where the reference has one (BUG-58), or the
/// tag.
fn target<'a>(reference: &'a Reference, root: &'a Manifest) -> Target<'a> {
    match reference.target() {
        Target::Tag(tag) => Target::Tag(tag),
        Target::Digest(_) => Target::Digest(&root.digest),
    }
}

/// Reads an artifact's manifests from the store.
async fn read_graph(store: &Store, root: &Digest) -> Result<Graph> {
    let (store, root) = (store.clone(), *root);
    toolhive_offload::run(move |_| {
        let mut frontier = Frontier::default();
        let mut level = vec![(root, None)];
        while !level.is_empty() {
            let nodes = level
                .into_iter()
                .map(|(digest, link): (Digest, Option<Link>)| {
                    read_node(&store, digest, link.as_ref())
                })
                .collect::<Result<Vec<_>>>()?;
            let next = frontier.add(nodes)?;
            level = next.into_iter().map(|link| (link.digest, Some(link))).collect();
        }
        Ok(frontier.finish())
    })
    .await
}

fn read_node(store: &Store, digest: Digest, link: Option<&Link>) -> Result<Manifest> {
    let bytes = store.get_manifest(&digest)?;
    let stated = link.map(|link| link.media_type.as_str());
    let document = Document::parse(&bytes, stated)?;
    if !is_manifest(&document.media_type) {
        let message = format!("{digest} is not a manifest, so it cannot be pushed");
        return Err(Error::new(ErrorKind::InvalidManifest, message));
    }
    Ok(Manifest { digest, bytes: bytes.into(), document })
}

/// A blob of the store as the source of an upload. The store verifies it on the way.
#[derive(Debug)]
struct StoreSource {
    store: Store,
    blob: Blob,
    size: u64,
}

impl StoreSource {
    fn new(store: &Store, blob: &Blob) -> Self {
        // What is not there, or cannot be read, is found when it is opened; what has another size,
        // before.
        let size = store.blob_size(&blob.digest).ok().flatten().unwrap_or(blob.size);
        Self { store: store.clone(), blob: blob.clone(), size }
    }
}

#[async_trait]
impl Source for StoreSource {
    fn size(&self) -> u64 {
        self.size
    }

    async fn open(&self, offset: u64) -> std::io::Result<ByteStream> {
        let (store, digest) = (self.store.clone(), self.blob.digest);
        let opened = toolhive_offload::run(move |_| {
            let mut reader = store.open_blob(&digest)?;
            // The store verifies what it reads, so what comes before is read, too.
            let mut before = std::io::Read::take(&mut reader, offset);
            std::io::copy(&mut before, &mut std::io::sink()).map_err(|error| {
                oci_artifact::Error::from_io("cannot read the blob", store.root(), error)
            })?;
            Ok::<_, oci_artifact::Error>(reader)
        });
        Ok(read_ahead(opened.await?))
    }
}
