// SPDX-License-Identifier: Apache-2.0
//! Fetches one version from its registry into the store, under its pin, with what is known of its
//! signer.

use std::path::Path;

use oci_artifact::Result;
use oci_artifact::reader::ContentSource as _;
use oci_artifact::reference::{Defaults, Reference};
use oci_artifact::store::Store;
use oci_registry_http::Registry;
use oci_registry_http::transfer::PullOptions;
use signatures::key::PublicKey;
use signatures::verify::Expected;
use toolhive_lockfile::Provenance;

use super::trust::Trust;
use crate::commands::content::{Content, check_name};
use crate::context::Context;
use crate::kind::{self, Kind};
use crate::network::admission::{InForce, MOST, Wants};
use crate::network::args::pinned;
use crate::network::explain::explain;
use crate::network::material::{Good, judge};
use crate::network::remote::{RemoteSource, not_there};
use crate::network::verified::Verified;
use crate::output::harmless;

/// A version that is in the store by now.
pub(super) struct Obtained {
    pub(super) content: Content,
    /// The reference as it was given.
    pub(super) source: String,
    /// `registry/repository:tag`, or with the digest where no tag was asked for.
    pub(super) resolved: String,
    pub(super) digest: String,
    pub(super) trust: Trust,
}

/// The signer that is expected.
pub(super) struct Expecting<'a> {
    pub(super) keys: &'a [PublicKey],
    /// The policy that was named; the environment's where none was.
    pub(super) policy: Option<&'a Path>,
}

/// The signer that the policy in force requires, if it requires one (SIG-32).
fn admitted(
    source: &RemoteSource,
    reference: &Reference,
    named: Option<&Path>,
    context: &Context,
) -> Result<Option<(Trust, Vec<Good>)>> {
    let Some(policy) = InForce::find(named)? else { return Ok(None) };
    let Some(verdict) = policy.admit(source, context)? else { return Ok(None) };
    let signers = match policy.wants(reference, context.output)? {
        Wants::Signature(signers, _) => Some(signers),
        Wants::Nothing | Wants::Refusal(_) => None,
    };
    let known = signers.iter().flat_map(|signers| signers.keys());
    let mut key = known.filter(|key| {
        verdict.accepted.iter().any(|good| good.key_id.as_deref() == Some(key.id().as_str()))
    });
    let trust = match (key.next().cloned(), verdict.accepted.iter().find_map(owner)) {
        (Some(key), _) => Trust::Signed(key),
        (None, Some(owner)) => Trust::Owned(Box::new(owner)),
        (None, None) => Trust::Unchecked,
    };
    Ok(Some((trust, verdict.accepted)))
}

/// The owner of a certificate, as an entry names them (lock.md, 2.2).
pub(super) fn owner(good: &Good) -> Option<Provenance> {
    let (identity, issuer) = (good.identity.as_ref()?, good.issuer.as_ref()?);
    let repository = good.source_repository.clone().unwrap_or_default();
    let name = identity.split('@').next().unwrap_or_default();
    // A job's name begins with its repository, which stands beside it.
    let workflow = name.strip_prefix(&repository).filter(|_| !repository.is_empty());
    Some(Provenance {
        signer_identity: workflow.unwrap_or(identity).to_owned(),
        cert_issuer: issuer.clone(),
        repository_uri: repository,
        repository_ref: good.source_ref.clone().unwrap_or_default(),
        runner_environment: good.runner_environment.clone().unwrap_or_default(),
        ..Provenance::default()
    })
}

/// A reference as the lock file takes it. Without a tag it means `latest`, as for ToolHive; that is said.
pub(super) fn reference(text: &str, context: &Context) -> Result<Reference> {
    let strict = crate::network::args::reference(text);
    let Err(error) = strict else { return strict };
    let Ok(latest) = Reference::parse(&format!("{text}:latest"), Defaults::Strict) else {
        return Err(error);
    };
    let text = harmless(text);
    context.output.warning(&format!("{text} has no tag: {text}:latest is used"));
    Ok(latest)
}

/// The reference as an entry has it.
pub(super) fn resolved(reference: &Reference) -> String {
    let name = reference.name();
    match (reference.tag(), reference.digest()) {
        (Some(tag), _) => format!("{name}:{tag}"),
        (None, Some(digest)) => format!("{name}@{digest}"),
        (None, None) => reference.as_str().to_owned(),
    }
}

/// Fetches what `reference` names now, and nothing that is not what it should be.
///
/// # Errors
/// Those of the registry and the store; [`ErrorKind::InvalidDocument`](oci_artifact::ErrorKind::InvalidDocument) if
/// it is of another kind, or has another name than its repository.
pub(super) fn obtain<K: Kind>(
    source_text: &str,
    reference: &Reference,
    expecting: &Expecting<'_>,
    store: &Store,
    context: &Context,
) -> Result<Obtained> {
    let text = reference.as_str();
    let source = RemoteSource::new(text, context)?;
    kind::check::<K>(&source, text, &["install", text]).map_err(not_there)?;
    let root = source.resolve(text)?;
    let manifest = source.document(&root)?;
    let digest = root.digest;
    let by_policy = admitted(&source, reference, expecting.policy, context)?;
    let keys = expecting.keys;
    let expected = Expected::new(&digest, &manifest, keys);
    let mut verdict = judge(&source, &digest, &expected, MOST)?;
    let signer = |id: &str| keys.iter().find(|key| key.id() == id).cloned();
    let trust = match verdict.as_str() {
        "trusted" => match verdict.accepted.iter().find_map(|good| signer(good.key_id.as_deref()?))
        {
            Some(key) => Trust::Signed(key),
            None => Trust::Unchecked,
        },
        // Without a key, the policy decides.
        _ if by_policy.is_some() && keys.is_empty() => match by_policy {
            Some((trust, accepted)) => {
                verdict.accepted = accepted;
                trust
            }
            None => Trust::Unchecked,
        },
        "untrusted" => Trust::Unchecked,
        _ => Trust::Unsigned,
    };
    let remote = source.into_remote();
    let pinned = pinned(reference, &digest)?;
    let pin = pinned.as_str().to_owned();
    let registry = Registry::<K>::new(remote.client.clone());
    let verified = Verified::new(pinned.clone(), digest, verdict.accepted);
    let pulled = remote.run(async {
        let mut options = PullOptions::default();
        options.tag = Some(pin.clone());
        registry.pull_as(store, &pinned, &options).await?;
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
