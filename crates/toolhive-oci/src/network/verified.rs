// SPDX-License-Identifier: Apache-2.0
//! `pull --verify`: the decision before anything is fetched (SIG-17).

use oci_artifact::Result;
use oci_artifact::original::ContentSource as _;
use oci_artifact::reference::{Defaults, Reference};
use oci_artifact::store::Store;
use oci_registry_http::Client;
use oci_registry_http::transfer::{PullOptions, Pulled, pull};
use oci_spec::image::Digest;
use signatures::verify::Expected;

use super::args::Pull;
use super::material::{Good, judge, keys};
use super::remote::{Remote, RemoteSource, not_there};
use super::verify_signature;
use crate::args::Format;
use crate::context::Context;
use crate::kind::{self, Kind};
use crate::place::Place;

/// Signatures that are looked at.
const MOST: u16 = 32;

/// Whether the artifact is pulled.
pub(super) enum Decision {
    Pull(Box<Verified>),
    /// It was said why.
    Refuse,
}

/// An artifact that is signed by whom is expected.
pub(super) struct Verified {
    /// The digest that was verified, in its repository.
    pub(super) reference: Reference,
    digest: Digest,
    accepted: Vec<Good>,
}

/// Looks whether the artifact is signed by one of the keys. What could not be asked for is an error.
pub(super) fn decide<K: Kind>(
    args: &Pull,
    remote: Remote,
    context: &Context,
) -> Result<(Remote, Decision)> {
    let keys = keys(&args.verification.key)?;
    let reference = args.reference.as_str();
    let source = RemoteSource::over(remote, args.reference.clone())?;
    kind::check::<K>(&source, reference, &["pull", reference]).map_err(not_there)?;
    let root = source.resolve(reference)?;
    let manifest = source.document(&root)?;
    let digest = root.digest().clone();
    let place = Place::Registry(Box::new(source));
    let expected = Expected::new(&digest, &manifest, &keys);
    let verdict = judge(&place, &digest, &expected, MOST)?;
    let Place::Registry(source) = place else {
        return Err(oci_artifact::Error::new(oci_artifact::ErrorKind::Io, "it was a registry"));
    };
    let remote = source.into_remote();
    if verdict.accepted.is_empty() {
        match context.output.format {
            Format::Json => {
                verify_signature::print(reference, digest.as_ref(), &verdict, context);
            }
            Format::Text => {
                verify_signature::explain(reference, digest.as_ref(), &verdict, context);
                context.output.note("nothing was pulled");
            }
        }
        return Ok((remote, Decision::Refuse));
    }
    let text = format!("{}@{digest}", repository(&args.reference));
    let reference = Reference::parse(&text, Defaults::Strict)?;
    Ok((
        remote,
        Decision::Pull(Box::new(Verified { reference, digest, accepted: verdict.accepted })),
    ))
}

impl Verified {
    /// What counted of the signatures of a digest in its repository.
    pub(super) fn new(reference: Reference, digest: Digest, accepted: Vec<Good>) -> Self {
        Self { reference, digest, accepted }
    }

    /// Fetches the signatures that counted, so that they can be checked again from the store.
    pub(super) async fn keep(
        &self,
        client: &Client,
        store: &Store,
    ) -> oci_registry_http::Result<Vec<Pulled>> {
        let repository = repository(&self.reference);
        let mut kept: Vec<Pulled> = Vec::new();
        for Good { layout, manifest, .. } in &self.accepted {
            if kept.iter().any(|pulled| pulled.digest.as_ref() == manifest) {
                continue;
            }
            let pinned = Reference::parse(&format!("{repository}@{manifest}"), Defaults::Strict)?;
            let mut options = PullOptions::default();
            match *layout {
                "tag" => {
                    let tag = self.digest.to_string().replacen(':', "-", 1);
                    options.tag = Some(format!("{repository}:{tag}.sig"));
                }
                _ => options.about = Some(self.digest.clone()),
            }
            kept.push(pull(client, &pinned, store, &options).await?);
        }
        Ok(kept)
    }
}

/// `REGISTRY/REPOSITORY`
fn repository(reference: &Reference) -> String {
    format!("{}/{}", reference.registry(), reference.repository())
}
