// SPDX-License-Identifier: Apache-2.0
//! One version from its registry into the store, under its pin, and what is known of who signed it.

use oci_artifact::original::ContentSource as _;
use oci_artifact::reference::{Defaults, Reference};
use oci_artifact::store::Store;
use oci_artifact::{Error, ErrorKind, Result};
use oci_registry_http::Registry;
use signatures::key::PublicKey;
use signatures::verify::Expected;

use super::trust::{MOST, Trust};
use crate::commands::content::{Content, check_name};
use crate::context::Context;
use crate::kind::{self, Kind};
use crate::network::explain::explain;
use crate::network::material::judge;
use crate::network::remote::{RemoteSource, not_there};
use crate::network::verified::Verified;
use crate::output::harmless;
use crate::place::Place;

/// A version that is in the store by now.
pub(super) struct Obtained {
    pub(super) content: Content,
    /// As it was asked for.
    pub(super) source: String,
    /// `registry/repository:tag`, or with the digest where no tag was asked for.
    pub(super) resolved: String,
    pub(super) digest: String,
    pub(super) trust: Trust,
}

/// A reference as the lock file takes it. Without a tag it means `latest`, as for ToolHive; that is said.
pub(super) fn reference(text: &str, context: &Context) -> Result<Reference> {
    let strict = crate::network::args::reference(text);
    let Err(error) = strict else { return strict };
    let Ok(latest) = Reference::parse(&format!("{text}:latest"), Defaults::Strict) else {
        return Err(error);
    };
    let text = harmless(text);
    context.output.warning(&format!("{text} has no tag: it is read as {text}:latest"));
    Ok(latest)
}

/// The reference as an entry has it.
pub(super) fn resolved(reference: &Reference) -> String {
    let (registry, repository) = (reference.registry(), reference.repository());
    match (reference.tag(), reference.digest()) {
        (Some(tag), _) => format!("{registry}/{repository}:{tag}"),
        (None, Some(digest)) => format!("{registry}/{repository}@{digest}"),
        (None, None) => reference.as_str().to_owned(),
    }
}

/// Fetches what `reference` names now, and nothing that is not what it should be.
///
/// # Errors
/// Those of the registry and the store; [`ErrorKind::InvalidDocument`] where it is of another kind, or
/// has another name than its repository.
pub(super) fn obtain<K: Kind>(
    source_text: &str,
    reference: &Reference,
    keys: &[PublicKey],
    store: &Store,
    context: &Context,
) -> Result<Obtained> {
    let text = reference.as_str();
    let source = RemoteSource::new(text, context)?;
    kind::check::<K>(&source, text, &["install", text]).map_err(not_there)?;
    let root = source.resolve(text)?;
    let manifest = source.document(&root)?;
    let digest = root.digest().clone();
    let place = Place::Registry(Box::new(source));
    let verdict = judge(&place, &digest, &Expected::new(&digest, &manifest, keys), MOST)?;
    let Place::Registry(source) = place else {
        return Err(Error::new(ErrorKind::Io, "it was a registry"));
    };
    let signer = |id: &str| keys.iter().find(|key| key.id() == id).cloned();
    let trust = match verdict.as_str() {
        "trusted" => match verdict.accepted.iter().find_map(|good| signer(&good.key_id)) {
            Some(key) => Trust::Signed(key),
            None => Trust::Unchecked,
        },
        "untrusted" => Trust::Unchecked,
        _ => Trust::Unsigned,
    };
    let remote = source.into_remote();
    let pin = format!("{}/{}@{digest}", reference.registry(), reference.repository());
    let pinned = Reference::parse(&pin, Defaults::Strict)?;
    let registry = Registry::<K>::new(remote.client.clone());
    let verified = Verified::new(pinned.clone(), digest.clone(), verdict.accepted);
    let pulled = remote.run(async {
        registry.pull_as(store, &pinned, Some(&pin)).await?;
        // So that they can be checked again without a network.
        verified.keep(registry.client(), store).await
    });
    if let Err(error) = pulled {
        let source = RemoteSource::over(remote, pinned)?;
        return Err(not_there(explain::<K>(&source, &pin, &["install", text], error)));
    }
    let digest = digest.to_string();
    let content = Content::read::<K>(store, &digest)?;
    check_name(&content.name, &content.name, Some(reference.repository()))?;
    let (source, resolved) = (source_text.to_owned(), resolved(reference));
    Ok(Obtained { content, source, resolved, digest, trust })
}
