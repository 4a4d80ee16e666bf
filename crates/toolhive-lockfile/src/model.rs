// SPDX-License-Identifier: Apache-2.0
//! The lock file as values. As in the reference, an empty text is an absent one.

use oci_artifact::reference::{Defaults, Reference};

use crate::value::{Scalar, Value};

/// A lock file of version 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockFile {
    /// The skills, sorted by name.
    pub skills: Vec<Entry>,
    /// The plugins, sorted by name: a graph of their own.
    pub plugins: Vec<Entry>,
    /// Keys that this program does not know, with their values.
    pub other: Vec<(Scalar, Value)>,
}

/// One skill or plugin of the lock file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Its name, unique in its list.
    pub name: String,
    /// The version that the artifact says.
    pub version: String,
    /// The reference that was asked for; never rewritten.
    pub source: String,
    /// The full reference that it was resolved to.
    pub resolved_reference: String,
    /// The artifact's digest, or a full commit.
    pub digest: String,
    /// The digest of its files ([`content_digest`](crate::content_digest)).
    pub content_digest: String,
    /// The signer, as a verified install recorded it.
    pub provenance: Option<Provenance>,
    /// Whether somebody accepted that it is unsigned.
    pub unsigned: bool,
    /// The names that need it, in the same list.
    pub required_by: Vec<String>,
    /// Whether it was asked for directly.
    pub explicit: bool,
    /// Keys that this program does not know.
    pub other: Vec<(Scalar, Value)>,
}

/// The signer of an artifact (lock.md, 2.2). Empty fields do not constrain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The identity in the certificate.
    pub signer_identity: String,
    /// The issuer of the certificate.
    pub cert_issuer: String,
    /// The repository that it was built from.
    pub repository_uri: String,
    /// The branch or tag.
    pub repository_ref: String,
    /// The kind of machine.
    pub runner_environment: String,
    /// The transparency log.
    pub sigstore_url: String,
    /// Whether it is provisional, as it was written.
    pub provisional: Option<Scalar>,
    /// A public key, base64 of its DER, instead of identity and issuer.
    pub public_key: String,
    /// Keys that this program does not know.
    pub other: Vec<(Scalar, Value)>,
}

impl LockFile {
    /// Whether nothing at all stands in it.
    pub fn is_empty(&self) -> bool {
        self.skills.is_empty() && self.plugins.is_empty() && self.other.is_empty()
    }

    /// Adds an entry to a list, or replaces the one of its name; the list stays sorted.
    pub fn put(list: &mut Vec<Entry>, entry: Entry) {
        match list.binary_search_by(|known| known.name.cmp(&entry.name)) {
            Ok(at) => {
                if let Some(known) = list.get_mut(at) {
                    *known = entry;
                }
            }
            Err(at) => list.insert(at, entry),
        }
    }
}

impl Entry {
    /// Returns the reference that `resolvedReference` is, unless that is absent or names a git
    /// repository.
    pub fn resolved(&self) -> Option<Reference> {
        Reference::parse(&self.resolved_reference, Defaults::Strict).ok()
    }

    /// Returns the pin: the repository of `resolvedReference` with the digest (lock.md, 3.1).
    /// Nothing else is ever fetched to restore an entry.
    pub fn pin(&self) -> Option<Reference> {
        let resolved = self.resolved()?;
        let text = format!("{}/{}@{}", resolved.registry(), resolved.repository(), self.digest);
        Reference::parse(&text, Defaults::Strict).ok()
    }

    /// Whether it comes from a git repository, of which this program has no client.
    pub fn is_from_git(&self) -> bool {
        !self.digest.starts_with("sha256:") || self.resolved_reference.starts_with("git://")
    }
}
