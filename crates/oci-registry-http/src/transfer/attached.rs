// SPDX-License-Identifier: Apache-2.0
//! What is attached to an artifact (signatures, SBOMs, provenance), taken along when it is pulled or
//! copied.

use std::collections::BTreeSet;

use oci_artifact::reference::{Defaults, Reference};
use oci_artifact::store::Store;
use oci_spec::image::Digest;

use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::repository::Repository;
use crate::transfer::copy::copy_about;
use crate::transfer::pull::{PullOptions, Pulled, pull};
use crate::transfer::push::{PushOptions, Pushed};

/// A signature of an SBOM of an artifact is two deep.
const MAX_DEPTH: usize = 3;
/// Attached to one artifact, at any depth.
const MAX_ATTACHED: usize = 256;

/// Something attached, and what it is attached to.
struct Attached {
    digest: Digest,
    subject: Digest,
}

/// Fetches what is attached to `digest` in the repository of `reference`, at any depth, each tagged
/// with its reference by digest. Limits and progress are those of `options`; what was pulled before
/// an error stays.
///
/// # Errors
/// Those of [`pull`]; [`ErrorKind::Refused`] where a manifest that the registry lists does not say
/// itself what it is attached to; [`ErrorKind::TooLarge`] for more than 256.
pub async fn pull_attached(
    client: &Client,
    reference: &Reference,
    digest: &Digest,
    store: &Store,
    options: &PullOptions,
) -> Result<Vec<Pulled>> {
    let repository = client.repository(reference)?;
    let mut pulled = Vec::new();
    for Attached { digest, subject } in list(&repository, digest).await? {
        let options = PullOptions {
            expectation: None,
            about: Some(subject),
            platform: None,
            tag: None,
            ..options.clone()
        };
        pulled.push(pull(client, &pinned(reference, &digest)?, store, &options).await?);
    }
    Ok(pulled)
}

/// Copies what is attached to `digest` from the one repository to the other, at any depth.
///
/// # Errors
/// Those of [`copy`](super::copy()); [`ErrorKind::Refused`] as of [`pull_attached`];
/// [`ErrorKind::TooLarge`] for more than 256.
pub async fn copy_attached(
    client: &Client,
    from: &Reference,
    to: &Reference,
    digest: &Digest,
    options: &PushOptions,
) -> Result<Vec<(Digest, Pushed)>> {
    let repository = client.repository(from)?;
    let mut copied = Vec::new();
    for Attached { digest, subject } in list(&repository, digest).await? {
        let (from, to) = (pinned(from, &digest)?, pinned(to, &digest)?);
        copied.push(copy_about(client, &from, &to, Some(&subject), options).await?);
    }
    Ok(copied)
}

/// All that is attached, what it is attached to before itself.
async fn list(repository: &Repository, digest: &Digest) -> Result<Vec<Attached>> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::from([digest.to_string()]);
    let mut level = vec![digest.clone()];
    for _ in 0..MAX_DEPTH {
        let mut next = Vec::new();
        for subject in level {
            for link in repository.referrers(&subject, None).await? {
                if !seen.insert(link.digest.to_string()) {
                    continue;
                }
                if found.len() == MAX_ATTACHED {
                    let message = format!("more than {MAX_ATTACHED} things are attached");
                    return Err(Error::new(ErrorKind::TooLarge, message));
                }
                next.push(link.digest.clone());
                found.push(Attached { digest: link.digest, subject: subject.clone() });
            }
        }
        level = next;
    }
    Ok(found)
}

/// The digest in the repository of that reference.
fn pinned(reference: &Reference, digest: &Digest) -> Result<Reference> {
    let text = format!("{}/{}@{digest}", reference.registry(), reference.repository());
    Ok(Reference::parse(&text, Defaults::Strict)?)
}
