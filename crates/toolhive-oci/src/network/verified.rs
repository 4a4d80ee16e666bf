// SPDX-License-Identifier: Apache-2.0
//! `pull`, with --verify or under a policy: the decision before anything is fetched (SIG-17, SIG-32).

use oci_artifact::Digest;
use oci_artifact::Result;
use oci_artifact::reader::ContentSource as _;
use oci_artifact::reference::Reference;
use oci_artifact::store::Store;
use oci_registry_http::Client;
use oci_registry_http::transfer::{PullOptions, Pulled, pull};

use super::admission::{InForce, MOST, Wants};
use super::args::{Expectation, Pull, Verification, Whom, pinned};
use super::material::{Good, judge};
use super::remote::{Remote, RemoteSource, not_there};
use super::signers::Signers;
use super::verify_signature::{self, Found};
use crate::context::Context;
use crate::kind::{self, Kind};

/// Whether the artifact is pulled.
pub(super) enum Decision {
    /// Accepted as it is: nothing is required of it.
    Unseen,
    /// Pull what was verified.
    Pull(Box<Verified>),
    /// Refused; the reason was printed.
    Refuse,
}

/// An artifact that is signed by whom is expected.
pub(super) struct Verified {
    /// The digest that was verified, in its repository.
    pub(super) reference: Reference,
    digest: Digest,
    accepted: Vec<Good>,
}

/// Looks whether the artifact may be pulled: what a policy in force says, and whether it is signed by
/// whom was asked for. What could not be asked for is an error.
pub(super) fn decide<K: Kind>(
    args: &Pull,
    remote: Remote,
    context: &Context,
) -> Result<(Remote, Decision)> {
    let (expectation, named) = match &args.verification {
        Verification::None => (None, None),
        Verification::Policy(path) => (None, Some(path.as_path())),
        Verification::Verify(expectation) => (Some(expectation), None),
    };
    // With --verify and a policy, that one is what was asked for, and stands for the environment's.
    let asked = expectation.map(|expectation| &expectation.whom);
    let policy = match asked {
        Some(Whom::Policy(path)) => Some(InForce::load(path)?),
        _ => InForce::find(named)?,
    };
    if policy.is_none() && expectation.is_none() {
        return Ok((remote, Decision::Unseen));
    }
    let reference = args.reference.as_str();
    let source = RemoteSource::over(remote, args.reference.clone())?;
    kind::check::<K>(&source, reference, &["pull", reference]).map_err(not_there)?;
    let root = source.resolve(reference)?;
    let digest = root.digest;
    let mut accepted = Vec::new();
    let signers = match (policy, expectation) {
        (Some(policy), Some(Expectation { whom: Whom::Policy(_), .. })) => {
            match policy.wants(&args.reference, context.output)? {
                Wants::Nothing => return Ok((source.into_remote(), Decision::Unseen)),
                Wants::Refusal(error) => return Err(error),
                Wants::Signature(signers, _) => Some(*signers),
            }
        }
        (policy, expectation) => {
            if let Some(policy) = policy {
                let admitted = policy.admit(&source, context)?;
                accepted.extend(admitted.into_iter().flat_map(|verdict| verdict.accepted));
            }
            expectation.map(|expectation| Signers::said(expectation, context.output)).transpose()?
        }
    };
    if let Some(signers) = &signers {
        let manifest = source.document(&root)?;
        let expected = signers.of(&digest, &manifest);
        let verdict = judge(&source, &digest, &expected, MOST)?;
        if verdict.accepted.is_empty() {
            let found = Found { reference, digest: &digest, verdict: &verdict, signers };
            if context.output.is_json() {
                found.print(context);
            } else {
                verify_signature::explain(reference, &digest, &verdict, context);
                context.output.note("nothing was pulled");
            }
            return Ok((source.into_remote(), Decision::Refuse));
        }
        accepted.extend(verdict.accepted);
    }
    // A policy may require nothing of it: then it is pulled by its name, as ever.
    if accepted.is_empty() {
        return Ok((source.into_remote(), Decision::Unseen));
    }
    let reference = pinned(&args.reference, &digest)?;
    let verified = Box::new(Verified { reference, digest, accepted });
    Ok((source.into_remote(), Decision::Pull(verified)))
}

impl Verified {
    /// The signatures of a digest in its repository that counted.
    pub(super) fn new(reference: Reference, digest: Digest, accepted: Vec<Good>) -> Self {
        Self { reference, digest, accepted }
    }

    /// Fetches the signatures that counted, so that they can be checked again from the store.
    pub(super) async fn keep(
        &self,
        client: &Client,
        store: &Store,
    ) -> oci_registry_http::Result<Vec<Pulled>> {
        let repository = self.reference.name();
        let mut kept: Vec<Pulled> = Vec::new();
        for Good { layout, manifest, .. } in &self.accepted {
            if kept.iter().any(|pulled| pulled.digest == *manifest) {
                continue;
            }
            let pinned = pinned(&self.reference, manifest)?;
            let mut options = PullOptions::default();
            match *layout {
                "tag" => {
                    let tag = self.digest.to_string().replacen(':', "-", 1);
                    options.tag = Some(format!("{repository}:{tag}.sig"));
                }
                _ => options.about = Some(self.digest),
            }
            kept.push(pull(client, &pinned, store, &options).await?);
        }
        Ok(kept)
    }
}
