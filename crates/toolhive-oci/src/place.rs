// SPDX-License-Identifier: Apache-2.0
//! The place of an artifact: a store, or a registry. From there only what is needed is read.

use std::io::Read;
use std::path::Path;

use oci_artifact::reader::ContentSource;
use oci_artifact::referrers::{self, Basis};
use oci_artifact::store::Store;
use oci_artifact::{Descriptor, Digest, ErrorKind, Result};
use serde::Serialize;

use crate::abbreviated;
use crate::args::Where;
use crate::context::Context;
use crate::hints;
use crate::kind::Kind;
use crate::network::{self, RemoteSource};
use crate::similar::suggest;

/// The origin of an artifact that is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Store,
    #[cfg_attr(not(feature = "network"), expect(dead_code, reason = "there is no registry"))]
    Registry,
}

/// The place of an artifact.
pub(crate) enum Place {
    Store(Store),
    Registry(Box<RemoteSource>),
}

/// An artifact that is attached to another one: a signature, an SBOM.
#[derive(Serialize)]
pub(crate) struct Attached {
    pub(crate) artifact_type: String,
    pub(crate) media_type: String,
    pub(crate) digest: Digest,
    /// The number of bytes of its manifest.
    pub(crate) size: u64,
    /// The digest that it is attached to.
    pub(crate) subject: Digest,
    /// `referrer`, or `tag` where the name of its tag attaches it (SIG-5).
    pub(crate) layout: &'static str,
    /// The tag whose name attaches it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tag: Option<String>,
    /// The side that says so, where its manifest was not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stated_by: Option<&'static str>,
}

impl Place {
    /// The store, or the registry of the reference; of that only what a policy in force lets in (SIG-32).
    pub(crate) fn new<K: Kind>(from: &Where, reference: &str, context: &Context) -> Result<Self> {
        Self::admitted::<K>(from, reference, context).map(|(place, _)| place)
    }

    /// Opens the artifact, and returns the signatures for which the policy let it in, for people.
    pub(crate) fn admitted<K: Kind>(
        from: &Where,
        reference: &str,
        context: &Context,
    ) -> Result<(Self, Vec<String>)> {
        let place = Self::at::<K>(from.origin(), reference, context)?;
        let signed_by = match &place {
            Self::Registry(registry) => from.admit(registry, context)?,
            Self::Store(_) => Vec::new(),
        };
        Ok((place, signed_by))
    }

    /// The store, or the registry of the reference, for those who look at signatures themselves.
    pub(crate) fn at<K: Kind>(origin: Origin, reference: &str, context: &Context) -> Result<Self> {
        match origin {
            Origin::Store => {
                let store = context.existing_store::<K>();
                Ok(Self::Store(store.map_err(|error| network::elsewhere(reference, error))?))
            }
            Origin::Registry => {
                Ok(Self::Registry(Box::new(context.network.source(reference, context)?)))
            }
        }
    }

    /// The store, where it is one.
    pub(crate) fn store(&self) -> Option<&Store> {
        match self {
            Self::Store(store) => Some(store),
            Self::Registry(_) => None,
        }
    }

    /// The attachments of the artifacts with these digests, for display.
    pub(crate) fn attached(&self, digests: &[Digest]) -> Result<Vec<Attached>> {
        let mut all = Vec::new();
        match self {
            Self::Store(store) => {
                let found = referrers::attached_to_each(store, digests, Basis::Notes)?;
                for (subject, found) in digests.iter().zip(found) {
                    all.extend(found.into_iter().map(|referrer| Attached {
                        artifact_type: referrer.artifact_type,
                        media_type: referrer.media_type,
                        digest: referrer.digest,
                        size: referrer.size,
                        subject: *subject,
                        layout: layout(referrer.tag.as_deref()),
                        tag: referrer.tag,
                        stated_by: None,
                    }));
                }
            }
            Self::Registry(registry) => {
                for digest in digests {
                    all.extend(registry.attached(digest)?);
                }
            }
        }
        Ok(all)
    }

    fn source(&self) -> &dyn ContentSource {
        match self {
            Self::Store(store) => store,
            Self::Registry(registry) => registry.as_ref(),
        }
    }
}

/// The name of the way in which something is attached.
pub(crate) fn layout(tag: Option<&str>) -> &'static str {
    if tag.is_some() { "tag" } else { "referrer" }
}

impl ContentSource for Place {
    fn resolve(&self, reference: &str) -> Result<Descriptor> {
        let resolved = self.source().resolve(reference);
        resolved.or_else(|error| match self.store() {
            // A directory is looked into instead.
            Some(_) if Path::new(reference).is_dir() => Err(error),
            Some(store) if error.kind() == ErrorKind::NotFound => {
                match abbreviated::find(store, reference)? {
                    Some(digest) => store.describe(&digest),
                    None => {
                        let error = abbreviated::missing(reference, error);
                        let error = hints::reference(reference, error);
                        Err(suggest(store, reference, network::elsewhere(reference, error)))
                    }
                }
            }
            _ => Err(error),
        })
    }

    fn document(&self, descriptor: &Descriptor) -> Result<Vec<u8>> {
        self.source().document(descriptor)
    }

    fn stream(&self, descriptor: &Descriptor) -> Result<Box<dyn Read + '_>> {
        self.source().stream(descriptor)
    }
}

/// The result of a look for a name; none if nothing was found, and it is the name of a directory.
pub(crate) fn or_directory<T>(path: &Path, found: Result<T>) -> Result<Option<T>> {
    match found {
        Err(error) if error.kind() == ErrorKind::NotFound && path.is_dir() => Ok(None),
        found => found.map(Some),
    }
}

/// Whether a name can only be meant as a directory, not as a tag or a reference: `.`, `..`, and what
/// begins with `/`, `./`, `../`.
pub(crate) fn names_a_directory(path: &Path) -> bool {
    path.is_absolute() || path.starts_with(".") || path.starts_with("..")
}
