// SPDX-License-Identifier: Apache-2.0
//! Attachments of an artifact (signatures, SBOMs, provenance), taken along when it is pulled,
//! copied or pushed (signatures.md, SIG-1 to SIG-6).

mod found;
mod joined;
mod kept;

use oci_artifact::Digest;
use oci_artifact::reference::{Defaults, Reference};
use oci_artifact::store::Store;

use crate::client::Client;
use crate::error::Result;
use crate::transfer::copy::{copy_about, copy_joined};
use crate::transfer::pull::{Binding, PullOptions, Pulled, pull_bound};
use crate::transfer::push::{PushOptions, Pushed, push, push_joined};

pub use found::{Attached, Layout, list_attached};

/// Fetches what is attached to `digest`, and to every manifest below it, in the repository of
/// `reference`, at any depth: a referrer is tagged with its reference by digest, what lies at a tag
/// with the full name that it has there (SIG-6). Limits and progress are those of `options`; what was
/// pulled before an error stays.
///
/// # Errors
/// Those of [`pull`](super::pull()); [`ErrorKind::Refused`](crate::ErrorKind::Refused) if a manifest that the
/// registry lists does not say itself what it is attached to;
/// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) for more than 256. What cannot be asked for is an error, too
/// (SIG-4).
pub async fn pull_attached(
    client: &Client,
    reference: &Reference,
    digest: &Digest,
    store: &Store,
    options: &PullOptions,
) -> Result<Vec<Pulled>> {
    let repository = client.repository(reference)?;
    let mut pulled = Vec::new();
    for Attached { digest, subject, layout, .. } in list_attached(&repository, digest).await? {
        let (tag, binding) = match layout {
            Layout::Referrer => (None, Binding::Subject),
            Layout::Tag(tag) => (Some(named(reference, &tag)), Binding::Name),
        };
        let options = PullOptions {
            expectation: None,
            about: Some(subject),
            platform: None,
            tag,
            ..options.clone()
        };
        let pinned = pinned(reference, &digest)?;
        pulled.push(pull_bound(client, &pinned, store, &options, binding).await?);
    }
    Ok(pulled)
}

/// Copies what is attached to `digest`, and to every manifest below it, from the one repository to the
/// other, at any depth; signatures that are there already stay (SIG-3).
///
/// # Errors
/// Those of [`copy`](super::copy()), and those of [`pull_attached`].
pub async fn copy_attached(
    client: &Client,
    from: &Reference,
    to: &Reference,
    digest: &Digest,
    options: &PushOptions,
) -> Result<Vec<(Digest, Pushed)>> {
    let repository = client.repository(from)?;
    let mut copied = Vec::new();
    for Attached { digest, subject, layout, .. } in list_attached(&repository, digest).await? {
        let from = pinned(from, &digest)?;
        copied.push(match layout {
            Layout::Referrer => {
                copy_about(client, &from, &pinned(to, &digest)?, Some(&subject), options).await?
            }
            Layout::Tag(tag) => copy_joined(client, &from, to, &tag, options).await?,
        });
    }
    Ok(copied)
}

/// Sends what the store has that is attached to `digest`, and to every manifest below it, to the
/// repository of `to`, at any depth; signatures that are there already stay (SIG-3).
///
/// # Errors
/// Those of [`push`](super::push()), and those of reading the store.
pub async fn push_attached(
    client: &Client,
    store: &Store,
    digest: &Digest,
    to: &Reference,
    options: &PushOptions,
) -> Result<Vec<(Digest, Pushed)>> {
    let mut sent = Vec::new();
    for Attached { digest, layout, .. } in kept::list(store, digest).await? {
        let pushed = match layout {
            Layout::Referrer => {
                push(client, store, &digest, &[pinned(to, &digest)?], options).await?
            }
            Layout::Tag(tag) => push_joined(client, store, &digest, to, &tag, options).await?,
        };
        sent.push((digest, pushed));
    }
    Ok(sent)
}

/// Returns the digest in the repository of that reference.
fn pinned(reference: &Reference, digest: &Digest) -> Result<Reference> {
    Ok(Reference::parse(&format!("{}@{digest}", reference.name()), Defaults::Strict)?)
}

/// Returns the full name of a tag in the repository of that reference.
fn named(reference: &Reference, tag: &str) -> String {
    format!("{}:{tag}", reference.name())
}
