// SPDX-License-Identifier: Apache-2.0
//! Copies from registry to registry, without the store.

use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt, stream};
use oci_artifact::Digest;
use oci_artifact::reference::{Reference, Target};

use crate::blobs::reader::BlobReader;
use crate::blobs::{Blob, ByteStream, Source};
use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::manifests::Manifest;
use crate::repository::Repository;
use crate::transfer::graph::{Frontier, Graph};
use crate::transfer::pull::check_subject;
use crate::transfer::push::{Contents, PushOptions, Pushed, Sender, check_digest};
use crate::transport::AtGate;

/// Copies an artifact, with all that it needs. Within one registry blobs are mounted where that
/// works; else they stream through, and nothing touches the disk. What is copied is what `from`
/// named when it was asked for, whatever moves since (D30).
///
/// # Errors
/// As of [`push`](super::push()), and those of reading from the other registry.
pub async fn copy(
    client: &Client,
    from: &Reference,
    to: &Reference,
    options: &PushOptions,
) -> Result<(Digest, Pushed)> {
    copy_about(client, from, to, None, options).await
}

/// Copies an artifact that must be about another one, where that is given.
pub(super) async fn copy_about(
    client: &Client,
    from: &Reference,
    to: &Reference,
    about: Option<&Digest>,
    options: &PushOptions,
) -> Result<(Digest, Pushed)> {
    let sides = Sides::new(client, from, to)?;
    let root = sides.source.get_manifest(&from.target()).await?;
    check_digest(to, &root.digest)?;
    if let Some(about) = about {
        let asked = || sides.source.shown(&["manifests", &from.target().to_string()]);
        let checked = check_subject(&root.document, &root.digest, about);
        checked.map_err(|error| error.about(asked))?;
    }
    let digest = root.digest;
    let graph = fetch_graph(&sides.source, root, options.concurrency.max(1)).await?;
    let mut done = Pushed::default();
    sides.sender(&graph, options).send(&[to], &mut done).await?;
    Ok((digest, sides.counted(done)))
}

/// Copies what a tag attaches to an artifact, under the same tag; what is there stays (SIG-3).
pub(super) async fn copy_joined(
    client: &Client,
    from: &Reference,
    to: &Reference,
    tag: &str,
    options: &PushOptions,
) -> Result<(Digest, Pushed)> {
    let sides = Sides::new(client, from, to)?;
    let root = sides.source.get_manifest(&from.target()).await?;
    let digest = root.digest;
    let graph = fetch_graph(&sides.source, root, options.concurrency.max(1)).await?;
    let mut done = Pushed::default();
    sides.sender(&graph, options).send_joined(tag, &mut done).await?;
    Ok((digest, sides.counted(done)))
}

/// The repositories of a copy, whose requests are counted.
struct Sides {
    source: Repository,
    target: Repository,
}

impl Sides {
    fn new(client: &Client, from: &Reference, to: &Reference) -> Result<Self> {
        let source = client.repository(from)?.counted_anew();
        Ok(Self { source, target: client.repository(to)?.counted_anew() })
    }

    fn sender<'a>(&'a self, graph: &'a Graph, options: &'a PushOptions) -> Sender<'a> {
        let Self { source, target } = self;
        let origin = Some(source).filter(|source| source.shares_registry_with(target));
        let contents = Contents::Repository(source);
        Sender { repository: target, graph, options, origin, contents }
    }

    fn counted(&self, done: Pushed) -> Pushed {
        Pushed { requests: self.source.requests().saturating_add(self.target.requests()), ..done }
    }
}

/// Fetches an artifact's manifests.
async fn fetch_graph(source: &Repository, root: Manifest, concurrency: usize) -> Result<Graph> {
    let mut frontier = Frontier::default();
    let mut links = frontier.add(vec![root])?;
    while !links.is_empty() {
        let fetching = links.into_iter().map(|link| async move {
            let manifest = source.get_manifest(&Target::Digest(&link.digest)).await?;
            if manifest.bytes.len() as u64 != link.size {
                let message = format!("{} has another size than announced", link.digest);
                let request = || source.shown(&["manifests", &link.digest.to_string()]);
                return Err(Error::new(ErrorKind::SizeMismatch, message).about(request));
            }
            Ok(manifest)
        });
        let level: Vec<Manifest> =
            stream::iter(fetching).buffered(concurrency).try_collect().await?;
        links = frontier.add(level)?;
    }
    Ok(frontier.finish())
}

/// A blob of a repository as the source of an upload to another.
#[derive(Debug)]
pub(super) struct RemoteSource {
    from: Repository,
    blob: Blob,
    at_gate: AtGate,
}

impl RemoteSource {
    pub(super) fn new(from: &Repository, to: &Repository, blob: &Blob) -> Self {
        // It is read while the upload holds a place: at the same gate it would wait for itself.
        let at_gate = if from.shares_registry_with(to) { AtGate::Passes } else { AtGate::Waits };
        Self { from: from.clone(), blob: blob.clone(), at_gate }
    }
}

#[async_trait]
impl Source for RemoteSource {
    fn size(&self) -> u64 {
        self.blob.size
    }

    async fn open(&self, offset: u64) -> std::io::Result<ByteStream> {
        let (from, blob) = (self.from.clone(), self.blob.clone());
        let reader = BlobReader::open_at(from, blob, offset, self.at_gate).await;
        let reader = reader.map_err(std::io::Error::other)?;
        Ok(Box::pin(stream::try_unfold(reader, |mut reader| async move {
            let chunk = reader.next().await.map_err(std::io::Error::other)?;
            Ok(chunk.map(|chunk| (chunk, reader)))
        })))
    }
}
