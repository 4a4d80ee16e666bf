// SPDX-License-Identifier: Apache-2.0
//! An artifact in a registry, read without a store: its documents, and its layer as a stream.

use std::cell::RefCell;
use std::io::{self, Read};

use oci_artifact::limits::MAX_BLOB_SIZE;
use oci_artifact::media_type::is_manifest;
use oci_artifact::reader::ContentSource;
use oci_artifact::reference::{Reference, Target};
use oci_artifact::referrers::{attached_tags, attached_type};
use oci_artifact::{Descriptor, Digest, Error, ErrorKind, Result};
use oci_registry_http::Repository;
use oci_registry_http::blobs::Blob;
use oci_registry_http::blobs::reader::BlobReader;
use oci_registry_http::manifests::Manifest;
use oci_spec::image::MediaType;

use super::{Remote, not_there};
use crate::context::Context;
use crate::network::material::{Candidate, Holder};
use crate::network::progress::Transfer;
use crate::place::{Attached, layout};

/// A reference and its registry.
pub(crate) struct RemoteSource {
    remote: Remote,
    repository: Repository,
    reference: Reference,
    /// The manifest that the reference names, once that has been asked.
    root: RefCell<Option<Manifest>>,
}

impl RemoteSource {
    pub(crate) fn new(reference: &str, context: &Context) -> Result<Self> {
        let reference = crate::network::args::reference(reference)?;
        Self::over(Remote::new(context, [reference.registry()])?, reference)
    }

    /// Creates a source over an existing client.
    pub(crate) fn over(remote: Remote, reference: Reference) -> Result<Self> {
        let repository = remote.client.repository(&reference)?;
        Ok(Self { remote, repository, reference, root: RefCell::default() })
    }

    /// The client, for what comes after.
    pub(crate) fn into_remote(self) -> Remote {
        self.remote
    }

    /// Returns the reference.
    pub(crate) fn reference(&self) -> &Reference {
        &self.reference
    }

    /// Returns the repository.
    pub(crate) fn repository(&self) -> &Repository {
        &self.repository
    }

    /// Returns the client.
    pub(crate) fn remote(&self) -> &Remote {
        &self.remote
    }

    /// The attachments of that digest, as the registry has them: no manifest of a referrer is read
    /// and what a tag is about is the registry's word, too (SIG-5).
    pub(crate) fn attached(&self, subject: &Digest) -> Result<Vec<Attached>> {
        let (links, tagged) = self.remote.run(async {
            let referrers = self.repository.referrers(subject, None);
            tokio::try_join!(referrers, self.repository.tagged(subject))
        })?;
        let referrers = links.into_iter().map(|link| Attached {
            artifact_type: link.artifact_type.unwrap_or_default(),
            media_type: link.media_type,
            digest: link.digest,
            size: link.size,
            subject: *subject,
            layout: layout(None),
            tag: None,
            stated_by: Some("registry"),
        });
        let tagged = tagged.into_iter().map(|one| Attached {
            artifact_type: attached_type(&one.manifest.document).to_owned(),
            digest: one.manifest.digest,
            size: one.manifest.bytes.len() as u64,
            media_type: one.manifest.document.media_type,
            subject: *subject,
            layout: layout(Some(&one.tag)),
            tag: Some(one.tag),
            stated_by: Some("registry"),
        });
        Ok(referrers.chain(tagged).collect())
    }
}

impl Holder for RemoteSource {
    fn candidates(&self, subject: &Digest) -> Result<Vec<Candidate>> {
        let tag = attached_tags(subject).into_iter().find(|tag| tag.ends_with(".sig"));
        let (links, tagged) = self.remote.run(async {
            let referrers = self.repository.referrers(subject, None);
            let at_tag = async {
                match &tag {
                    Some(tag) => self.repository.manifest_at(tag).await,
                    None => Ok(None),
                }
            };
            tokio::try_join!(referrers, at_tag)
        })?;
        let referrers = links.into_iter().map(|link| Candidate {
            layout: layout(None),
            descriptor: link.descriptor(),
            artifact_type: link.artifact_type.unwrap_or_default(),
            bytes: None,
        });
        let tagged = tagged.into_iter().map(|manifest| Candidate {
            layout: layout(tag.as_deref()),
            descriptor: descriptor(&manifest),
            artifact_type: attached_type(&manifest.document).to_owned(),
            bytes: Some(manifest.bytes.to_vec()),
        });
        Ok(referrers.chain(tagged).collect())
    }
}

impl ContentSource for RemoteSource {
    fn resolve(&self, reference: &str) -> Result<Descriptor> {
        if reference != self.reference.as_str() {
            let message = format!("{reference} is not {}", self.reference.as_str());
            return Err(Error::new(ErrorKind::InvalidReference, message));
        }
        // It is asked for once: what a tag names then is what all of a command is about.
        if let Some(root) = self.root.borrow().as_ref() {
            return Ok(descriptor(root));
        }
        let root = self.remote.run(self.repository.get_manifest(&self.reference.target()));
        let root = root.map_err(not_there)?;
        let descriptor = descriptor(&root);
        self.root.replace(Some(root));
        Ok(descriptor)
    }

    fn document(&self, descriptor: &Descriptor) -> Result<Vec<u8>> {
        let digest = &descriptor.digest;
        if let Some(root) = self.root.borrow().as_ref().filter(|root| root.digest == *digest) {
            return Ok(root.bytes.to_vec());
        }
        let bytes = if is_manifest(descriptor.media_type.as_str()) {
            let target = Target::Digest(digest);
            self.remote.run(self.repository.get_manifest(&target))?.bytes
        } else {
            let blob = Blob { digest: *digest, size: descriptor.size };
            self.remote.run(self.repository.get_blob_bytes(&blob, MAX_BLOB_SIZE))?
        };
        Ok(bytes.to_vec())
    }

    fn stream(&self, descriptor: &Descriptor) -> Result<Box<dyn Read + '_>> {
        let blob = Blob { digest: descriptor.digest, size: descriptor.size };
        let shown = self.remote.asking();
        let reader = self.remote.run(self.repository.get_blob(&blob))?;
        let chunk = Default::default();
        Ok(Box::new(Stream { remote: &self.remote, reader, chunk, _shown: shown }))
    }
}

fn descriptor(root: &Manifest) -> Descriptor {
    let media_type = MediaType::from(root.document.media_type.as_str());
    Descriptor::new(media_type, root.bytes.len() as u64, root.digest)
}

/// A blob on its way, for those who read and do not wait.
struct Stream<'a> {
    remote: &'a Remote,
    reader: BlobReader,
    chunk: io::Cursor<Vec<u8>>,
    /// The line that is shown while it is read.
    _shown: Option<Transfer>,
}

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.chunk.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            match self.remote.run(self.reader.next()).map_err(io::Error::from)? {
                Some(chunk) => self.chunk = io::Cursor::new(chunk.into()),
                None => return Ok(0),
            }
        }
    }
}
