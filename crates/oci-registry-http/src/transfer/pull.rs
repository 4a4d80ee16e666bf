// SPDX-License-Identifier: Apache-2.0
//! Pulls from a registry into the store (PULL-1 to PULL-V7, with BUG-49 to BUG-57).

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use oci_artifact::Digest;
use oci_artifact::content::Limits;
use oci_artifact::media_type::is_image_index;
use oci_artifact::reference::{Reference, Target};
use oci_artifact::store::{Ingest, Origin, Store, Tagged};
use oci_spec::image::Platform;
use tokio::sync::mpsc;

use crate::auth::scope::Access;
use crate::blobs::Blob;
use crate::client::Client;
use crate::document::{Document, Link};
use crate::error::{Error, ErrorKind, Result};
use crate::manifests::Manifest;
use crate::repository::Repository;
use crate::transfer::acceptance::{
    Expectation, Links, check, check_child, check_link, check_whole, choose, other_size,
};
use crate::transfer::progress::{OnEvent, Part, State, Teller};

/// The number of chunks that wait to be written to the disk.
const WAITING: usize = 16;

/// Settings of a pull.
#[derive(Clone)]
#[non_exhaustive]
pub struct PullOptions {
    /// The requirements on the artifact; none means that anything is taken.
    pub expectation: Option<Expectation>,
    /// The subject that an attachment must have; without, an artifact with a subject is
    /// refused.
    pub about: Option<Digest>,
    /// The one platform that is wanted of an index; its manifest then is what is tagged.
    pub platform: Option<Platform>,
    /// The tag in the store; the reference as it was written where none is given (PULL-1).
    pub tag: Option<String>,
    /// The limits of the artifact.
    pub limits: Limits,
    /// The number of parts on their way at once; 4 by default.
    pub concurrency: usize,
    /// Receives the progress.
    pub on_event: Option<OnEvent>,
}

impl Default for PullOptions {
    fn default() -> Self {
        Self {
            expectation: None,
            about: None,
            platform: None,
            tag: None,
            limits: Limits::default(),
            concurrency: 4,
            on_event: None,
        }
    }
}

impl std::fmt::Debug for PullOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PullOptions").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// The result of a pull.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pulled {
    /// The digest of what is tagged now.
    pub digest: Digest,
    /// The tag, and what it was before.
    pub tagged: Option<Tagged>,
    /// The number of manifests, configs and layers that were fetched, without the root.
    pub blobs_fetched: u32,
    /// The number of blobs that the store had.
    pub blobs_skipped: u32,
    /// The number of bytes of those that were fetched.
    pub bytes_fetched: u64,
    /// The number of requests, those for tokens and those that failed included.
    pub requests: u32,
}

/// Fetches an artifact into the store and tags it. What comes is checked before it is followed, and
/// verified before it is stored; nothing is in the store unless all of it is.
///
/// # Errors
/// [`ErrorKind::NotFound`]; [`ErrorKind::Refused`] if it is not what is expected or refers to what is not taken;
/// [`ErrorKind::TooLarge`] past a limit; [`ErrorKind::DigestMismatch`], [`ErrorKind::SizeMismatch`]; and whatever the
/// registry or the store has against it.
pub async fn pull(
    client: &Client,
    reference: &Reference,
    store: &Store,
    options: &PullOptions,
) -> Result<Pulled> {
    pull_bound(client, reference, store, options, Binding::Subject).await
}

/// The tie between something attached and what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binding {
    /// Its own `subject`, which must be there.
    Subject,
    /// The name of its tag; a `subject` that it has all the same must agree (SIG-5).
    Name,
}

/// Pulls something that is about another artifact, where `options` name one.
pub(super) async fn pull_bound(
    client: &Client,
    reference: &Reference,
    store: &Store,
    options: &PullOptions,
    binding: Binding,
) -> Result<Pulled> {
    let repository = client.repository(reference)?.counted_anew();
    let limit = options.limits.manifest_size;
    let root = repository.get_manifest_for(&reference.target(), Access::Pull, limit).await?;
    let asked = || repository.shown(&["manifests", &reference.target().to_string()]);
    if let (Some(about), Binding::Subject) = (&options.about, binding) {
        let checked = check_subject(&root.document, &root.digest, about);
        checked.map_err(|error| error.about(asked))?;
    }
    check(&root.document, options).map_err(|error| error.about(asked))?;
    let (ingest, root, tagged) = {
        let store = store.clone();
        let ingest = toolhive_offload::run(move |_| store.ingest()).await?;
        let receiver = Receiver { repository: &repository, ingest: Arc::new(ingest), options };
        let (root, counted) = receiver.receive(root).await?;
        (receiver.ingest, root, counted)
    };
    let digest = root.digest;
    let tag = options.tag.clone().unwrap_or_else(|| reference.as_str().to_owned());
    let committed = toolhive_offload::run(move |_| {
        ingest.put_manifest(&root.bytes)?;
        ingest.tag(&root.digest, &tag, Origin::Remote)?;
        match Arc::into_inner(ingest) {
            Some(ingest) => ingest.commit(),
            None => Err(oci_artifact::Error::new(
                oci_artifact::ErrorKind::Cancelled,
                "parts of the artifact are still being written",
            )),
        }
    });
    let committed = committed.await?;
    let Counted { fetched, skipped, bytes } = tagged;
    Ok(Pulled {
        digest,
        tagged: committed.tags.into_iter().next(),
        blobs_fetched: fetched,
        blobs_skipped: skipped,
        bytes_fetched: bytes,
        requests: repository.requests(),
    })
}

/// Whether something that a registry lists as attached says so itself: anybody may list it,
/// and its own word is what its digest stands for.
pub(super) fn check_subject(document: &Document, digest: &Digest, about: &Digest) -> Result<()> {
    let says = match &document.subject {
        Some(subject) if subject.digest == *about => return Ok(()),
        Some(subject) => format!("says that its subject is {}", subject.digest),
        None => "names no subject".to_owned(),
    };
    let message = format!(
        "the registry lists {digest} as attached to {about}, and the manifest itself {says}"
    );
    Err(Error::new(ErrorKind::Refused, message).with_help(
        "it is not copied; leave out attached artifacts, or ask the owner of the repository about \
         it",
    ))
}

#[derive(Clone, Copy, Debug, Default)]
struct Counted {
    fetched: u32,
    skipped: u32,
    bytes: u64,
}

impl Counted {
    fn count(&mut self, size: u64, way: Way) {
        match way {
            Way::Had => self.skipped += 1,
            Way::Fetched => {
                self.fetched += 1;
                self.bytes = self.bytes.saturating_add(size);
            }
        }
    }
}

/// The way in which a part came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Had,
    Fetched,
}

/// The use of a document that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    /// The document is a part of what is pulled.
    Kept,
    /// The document is only compared with what is pulled.
    Dropped,
}

/// A manifest of an index, and what the index says of it.
struct Child {
    link: Link,
    manifest: Manifest,
    way: Way,
}

/// Brings the parts of an artifact into an ingest.
struct Receiver<'a> {
    repository: &'a Repository,
    ingest: Arc<Ingest>,
    options: &'a PullOptions,
}

impl Receiver<'_> {
    /// Fetches all that `root` needs, or all that the one manifest of it needs that is wanted. What is
    /// pulled, and how much came.
    async fn receive(&self, root: Manifest) -> Result<(Manifest, Counted)> {
        let chosen = match &self.options.platform {
            Some(platform) if is_image_index(&root.document.media_type) => {
                Some(choose(&root, platform)?)
            }
            _ => None,
        };
        let is_chosen = |link: &Link| chosen.as_ref().is_none_or(|one| one.digest == link.digest);
        // An artifact is read whole even if one platform is wanted: all of them are one content
        // (CFG-8).
        let is_whole = self.options.expectation.is_some();
        let mut manifests = Links::default();
        let mut blobs = Links::default();
        self.collect(&root.document, &mut manifests, &mut blobs)?;
        self.check_total(&root, &manifests, &blobs)?;
        let concurrency = self.options.concurrency.max(1);
        let then = if chosen.is_some() { Then::Dropped } else { Then::Kept };
        let mut wanted: Vec<Link> = manifests.all().cloned().collect();
        wanted.retain(|link| is_whole || is_chosen(link));
        let fetching = wanted.into_iter().map(|link| self.receive_manifest(link, then));
        let children: Vec<Child> =
            stream::iter(fetching).buffered(concurrency).try_collect().await?;
        let mut counted = Counted::default();
        for child in &children {
            if then == Then::Kept {
                counted.count(child.link.size, child.way);
            }
            if is_chosen(&child.link) {
                // Only blobs can be found here: a manifest in a manifest is refused.
                self.collect(&child.manifest.document, &mut Links::default(), &mut blobs)?;
            }
        }
        self.check_total(&root, &manifests, &blobs)?;
        if is_whole {
            let received = self.compare(&root, &children, &blobs).await?;
            for (digest, size, way) in received {
                blobs.remove(&digest);
                counted.count(size, way);
            }
        }
        let fetching = blobs.all().cloned().map(|link| async move {
            let way = self.receive_blob(&link).await?;
            Ok::<_, Error>((link.size, way))
        });
        let mut fetching = stream::iter(fetching).buffer_unordered(concurrency);
        while let Some((size, way)) = fetching.try_next().await? {
            counted.count(size, way);
        }
        let mut children = children.into_iter();
        let root = match &chosen {
            Some(link) => children.find(|child| child.link.digest == link.digest),
            None => None,
        }
        .map_or(root, |child| child.manifest);
        Ok((root, counted))
    }

    /// Reads the configs of all manifests and checks that these are one content (CFG-8). The configs
    /// that were kept, which are those among `blobs`.
    async fn compare(
        &self,
        root: &Manifest,
        children: &[Child],
        blobs: &Links,
    ) -> Result<Vec<(Digest, u64, Way)>> {
        let listed: BTreeMap<Digest, &Child> =
            children.iter().map(|child| (child.link.digest, child)).collect();
        // As the index lists them, also twice: that is one of the faults.
        let images: Vec<(&Document, Option<&Platform>)> = match root.document.manifests.as_slice() {
            [] => vec![(&root.document, None)],
            links => {
                let child = |link: &Link| listed.get(&link.digest).copied();
                let pairs = links.iter().filter_map(|link| Some((child(link)?, link)));
                let image = pairs.map(|(child, link)| (&child.manifest.document, &link.platform));
                image.map(|(document, platform)| (document, platform.as_ref())).collect()
            }
        };
        let mut configs = Links::default();
        let limits = &self.options.limits;
        for link in images.iter().filter_map(|(document, _)| document.config.as_ref()) {
            check_link(link, limits.config_size.min(limits.blob_size))?;
            configs.add(link)?;
        }
        let fetching = configs.all().cloned().map(|link| async move {
            let then = if blobs.has(&link.digest) { Then::Kept } else { Then::Dropped };
            let (bytes, way) = self.receive_config(&link, then).await?;
            Ok::<_, Error>((link, bytes, way, then))
        });
        let fetched: Vec<(Link, Bytes, Way, Then)> =
            stream::iter(fetching).buffered(self.options.concurrency.max(1)).try_collect().await?;
        check_whole(&images, |digest| {
            fetched.iter().find(|(link, ..)| link.digest == *digest).map(|(_, bytes, ..)| bytes)
        })?;
        let kept = fetched.into_iter().filter(|(.., then)| *then == Then::Kept);
        Ok(kept.map(|(link, _, way, _)| (link.digest, link.size, way)).collect())
    }

    /// Sorts what a document refers to.
    fn collect(&self, document: &Document, manifests: &mut Links, blobs: &mut Links) -> Result<()> {
        let limits = &self.options.limits;
        for link in document.children() {
            let is_of_index = is_image_index(&document.media_type);
            let limit = if is_of_index { limits.manifest_size } else { limits.blob_size };
            check_link(link, limit)?;
            match is_of_index {
                true => manifests.add(link)?,
                false => blobs.add(link)?,
            }
        }
        Ok(())
    }

    fn check_total(&self, root: &Manifest, manifests: &Links, blobs: &Links) -> Result<()> {
        let all = manifests.all().chain(blobs.all());
        let total = all.fold(root.bytes.len() as u64, |sum, link| sum.saturating_add(link.size));
        let limit = self.options.limits.total_size;
        if total > limit {
            let message = format!("the artifact has {total} bytes in all, more than {limit}");
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        Ok(())
    }

    async fn receive_manifest(&self, link: Link, then: Then) -> Result<Child> {
        if let Some(bytes) = self.document_there(&link, then).await? {
            let document = Document::parse(&bytes, Some(&link.media_type))?;
            check_child(&document, self.options)?;
            let manifest = Manifest { bytes, digest: link.digest, document };
            return Ok(Child { link, manifest, way: Way::Had });
        }
        let target = Target::Digest(&link.digest);
        let limit = self.options.limits.manifest_size;
        let manifest = self.repository.get_manifest_for(&target, Access::Pull, limit).await?;
        let request = || self.repository.shown(&["manifests", &link.digest.to_string()]);
        if manifest.bytes.len() as u64 != link.size {
            return Err(other_size(&link, manifest.bytes.len() as u64).about(request));
        }
        if manifest.document.media_type != link.media_type {
            let message = format!(
                "{} is announced as {:?} but is {:?}",
                link.digest, link.media_type, manifest.document.media_type
            );
            return Err(Error::new(ErrorKind::InvalidManifest, message).about(request));
        }
        check_child(&manifest.document, self.options)?;
        if then == Then::Kept {
            let (ingest, bytes) = (Arc::clone(&self.ingest), manifest.bytes.clone());
            toolhive_offload::run(move |_| ingest.put_manifest(&bytes)).await?;
        }
        self.teller(Part::Manifest, &link).tell(State::Done);
        Ok(Child { link, manifest, way: Way::Fetched })
    }

    fn teller(&self, part: Part, link: &Link) -> Teller {
        Teller::new(self.options.on_event.as_ref(), part, &link.digest, link.size)
    }

    async fn receive_config(&self, link: &Link, then: Then) -> Result<(Bytes, Way)> {
        let teller = self.teller(Part::Blob, link);
        if let Some(bytes) = self.document_there(link, then).await? {
            teller.tell(State::Skipped);
            return Ok((bytes, Way::Had));
        }
        teller.tell(State::Started);
        let blob = Blob { digest: link.digest, size: link.size };
        let bytes = self.repository.get_blob_bytes(&blob, link.size).await?;
        if then == Then::Kept {
            let (ingest, bytes) = (Arc::clone(&self.ingest), bytes.clone());
            toolhive_offload::run(move |_| ingest.put_blob(&bytes)).await?;
        }
        teller.tell(State::Done);
        Ok((bytes, Way::Fetched))
    }

    /// Returns the bytes of a document that the store has intact.
    async fn document_there(&self, link: &Link, then: Then) -> Result<Option<Bytes>> {
        if then == Then::Kept && !self.adopt(link).await? {
            return Ok(None);
        }
        let (store, digest) = (self.ingest.store().clone(), link.digest);
        let read = toolhive_offload::run(move |_| store.get_blob(&digest)).await;
        match read {
            Ok(bytes) if bytes.len() as u64 == link.size => Ok(Some(bytes.into())),
            Err(error) if then == Then::Kept => Err(error.into()),
            _ => Ok(None),
        }
    }

    async fn receive_blob(&self, link: &Link) -> Result<Way> {
        let teller = self.teller(Part::Blob, link);
        if self.adopt(link).await? {
            teller.tell(State::Skipped);
            return Ok(Way::Had);
        }
        teller.tell(State::Started);
        let blob = Blob { digest: link.digest, size: link.size };
        let mut reader = self.repository.get_blob(&blob).await?;
        let (sender, mut receiver) = mpsc::channel::<Option<Bytes>>(WAITING);
        let ingest = Arc::clone(&self.ingest);
        let writing = toolhive_offload::run(move |_| {
            let mut writer = ingest.blob_writer();
            let root = ingest.store().root().to_owned();
            drop(ingest);
            // The end is said, not only seen: a sender that is gone ends nothing.
            while let Some(Some(chunk)) = receiver.blocking_recv() {
                std::io::Write::write_all(&mut writer, &chunk).map_err(|error| {
                    oci_artifact::Error::from_io("cannot write the blob", &root, error)
                })?;
            }
            writer.finish_expecting(&blob.digest, blob.size)
        });
        let reading = async {
            while let Some(chunk) = reader.next().await? {
                if sender.send(Some(chunk)).await.is_err() {
                    break;
                }
                teller.moved(reader.offset());
            }
            let _ = sender.send(None).await;
            Ok::<_, Error>(())
        };
        tokio::try_join!(async { writing.await.map_err(Error::from) }, reading)?;
        teller.tell(State::Done);
        Ok(Way::Fetched)
    }

    /// Takes what the store has, if it is intact (PULL-2, BUG-55).
    async fn adopt(&self, link: &Link) -> Result<bool> {
        let (ingest, digest, size) = (Arc::clone(&self.ingest), link.digest, link.size);
        Ok(toolhive_offload::run(move |_| ingest.adopt(&digest, size)).await?)
    }
}
