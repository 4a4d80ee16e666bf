// SPDX-License-Identifier: Apache-2.0
//! `KIND sign REF`: signatures of what a registry has, with a key or keyless, in both layouts.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use oci_artifact::reader::ContentSource as _;
use oci_artifact::reference::{Target, is_docker_hub};
use oci_artifact::{Descriptor, Digest, Error, Result};
use oci_registry_http::Repository;
use oci_registry_http::blobs::Blob;
use serde::Serialize;
use signatures::identity::Identity;
use signatures::key::{MAX_KEY_FILE, PrivateKey};
use signatures::layout::{Subject, referrer};
use signatures::sign::{Request, Signed};
use signatures::verify::{Expected, Owners, Signer};

use super::args::{LayoutArg, Sign};
use super::keyless::Services;
use super::keys::password;
use super::material::{Good, content, judge};
use super::remote::{RemoteSource, not_there};
use super::signers::Trust;
use crate::context::Context;
use crate::kind::{self, Kind};
use crate::output::{Outcome, harmless};

#[derive(Serialize)]
struct Report<'a> {
    reference: &'a str,
    digest: &'a Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<&'a str>,
    /// The layouts that were written; those that had such a signature already are left out.
    added: &'a [&'static str],
}

/// The largest number of signatures that are examined to find one's own.
const MOST: u16 = 1024;

pub(super) fn run<K: Kind>(args: &Sign, context: &Context) -> Result<Outcome> {
    let key = args.key.as_deref().map(private_key).transpose()?;
    let reference = args.reference.as_str();
    let source = RemoteSource::new(reference, context)?;
    let words = ["sign", reference, "--key", "FILE"];
    kind::check::<K>(&source, reference, &words).map_err(not_there)?;
    let root = source.resolve(reference)?;
    let manifest = source.document(&root)?;
    let digest = &root.digest;

    let registry = args.reference.registry();
    let registry = if is_docker_hub(registry) { "index.docker.io" } else { registry };
    let name = format!("{registry}/{}", args.reference.repository());
    let annotations: BTreeMap<String, String> = args.annotation.iter().cloned().collect();
    let request = Request::new(digest, &name).with_annotations(annotations);
    let wants = |layout| args.layout == LayoutArg::Both || args.layout == layout;
    let mut layouts = vec![("referrer", request.statement()), ("tag", request.payload())];
    layouts.retain(|(name, _)| {
        wants(if *name == "tag" { LayoutArg::Tag } else { LayoutArg::Referrer })
    });
    // What lacks a signature of the same signer over the same content: one is enough (SIG-16), and other
    // annotations are other content.
    let lacking = |expected: &Expected<'_>| {
        let there = judge(&source, digest, expected, MOST)?;
        let is_there = |name: &str, content: &[u8]| {
            let sha256 = oci_artifact::digest::sha256(content);
            let same = |one: &Good| one.layout == name && one.content == sha256.hex();
            there.accepted.iter().any(same)
        };
        let lacking = layouts.iter().filter(|(name, content)| !is_there(name, content));
        Ok::<_, Error>(lacking.map(|(name, _)| *name).collect::<Vec<_>>())
    };
    let (added, signed, signer, time) = match &key {
        Some(key) => {
            let own = [key.public()?];
            let added = lacking(&Expected::new(digest, &manifest, &own))?;
            let signed = Some(Signed::new(&request, key)?);
            (added, signed, Signer::Key(own[0].id()), None)
        }
        None => {
            let trust = Trust::new(args.keyless.trusted_root.as_deref(), context.output)?;
            let services = Services::new(&args.keyless, source.remote())?;
            let draft = services.draft(&request, source.remote())?;
            let owner = draft.owner()?;
            let own = [Identity::of(&owner)];
            let added = lacking(&trust.of(digest, &manifest, Owners::These(&own)))?;
            // The log is for ever: nothing goes there that is there.
            if added.is_empty() {
                (added, None, Signer::Owner(Box::new(owner)), None)
            } else {
                let signed = services.log(draft, source.remote())?;
                let accepted = trust.check(&signed, digest, &manifest)?;
                (added, Some(signed), accepted.signer, accepted.proven.time)
            }
        }
    };
    if let Some(signed) = &signed {
        write(args, &source, &root, signed, &added, time, context)?;
    }
    let (key_id, owner, who) = match &signer {
        Signer::Key(id) => (Some(id.as_str()), None, format!("the key {id}")),
        Signer::Owner(claims) => {
            let who = format!("a certificate of {} ({})", claims.identity, claims.issuer);
            (None, Some(claims), who)
        }
    };
    let report = Report {
        reference,
        digest,
        key_id,
        identity: owner.map(|owner| owner.identity.as_str()),
        issuer: owner.map(|owner| owner.issuer.as_str()),
        added: &added,
    };
    context.output.result(&report, |output| {
        let what = match added.as_slice() {
            [] => format!("was signed with {who} before"),
            layouts => format!("signed with {who} [{}]", layouts.join(", ")),
        };
        output.note(&harmless(&format!("{reference} {what}")));
        output.print(&digest.to_string());
    });
    Ok(Outcome::Done)
}

fn private_key(file: &Path) -> Result<PrivateKey> {
    PrivateKey::from_pem(&content(file, MAX_KEY_FILE as u64)?, &password())
        .map_err(|fault| Error::from(fault).at_path(file))
}

/// Writes the layouts that are to be added, and the bundle where a file is named for it. `time` is when
/// the log took it in.
fn write(
    args: &Sign,
    source: &RemoteSource,
    root: &Descriptor,
    signed: &Signed,
    added: &[&str],
    time: Option<String>,
    context: &Context,
) -> Result<()> {
    let (epoch, _) = context.environment_epoch();
    let created = match time {
        Some(time) if std::env::var_os("SOURCE_DATE_EPOCH").is_none() => time,
        _ => epoch.rfc3339_seconds()?,
    };
    let digest = &root.digest;
    let subject = Subject { media_type: &root.media_type, digest, size: root.size };
    let attaching = Bytes::from(referrer(&signed.bundle, &subject, &created));
    let repository = source.repository().clone();
    let tag = format!("{}.sig", digest.to_string().replacen(':', "-", 1));
    source.remote().run(async {
        // Blobs, then what refers to them; the tag last.
        if added.contains(&"referrer") {
            send(&repository, &signed.bundle).await?;
            send(&repository, b"{}").await?;
        }
        if added.contains(&"tag") {
            send(&repository, &signed.payload).await?;
            send(&repository, &signed.simple.config()).await?;
        }
        if added.contains(&"referrer") {
            let digest = oci_artifact::digest::sha256(&attaching);
            repository.put_manifest(&Target::Digest(&digest), attaching.clone()).await?;
        }
        if added.contains(&"tag") {
            repository.add_at_tag(&tag, &signed.simple.manifest().into()).await?;
        }
        Ok::<_, oci_registry_http::Error>(())
    })?;
    if let Some(file) = &args.bundle {
        std::fs::write(file, &signed.bundle)
            .map_err(|error| Error::from_io("cannot write the bundle", file, error))?;
    }
    Ok(())
}

async fn send(repository: &Repository, bytes: &[u8]) -> oci_registry_http::Result<()> {
    let blob = Blob { digest: oci_artifact::digest::sha256(bytes), size: bytes.len() as u64 };
    let source = Arc::new(Bytes::copy_from_slice(bytes));
    repository.put_blob(&blob, source, &Default::default()).await.map(drop)
}
