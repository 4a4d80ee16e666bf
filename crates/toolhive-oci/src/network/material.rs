// SPDX-License-Identifier: Apache-2.0
//! Material that may be a signature of an artifact, and what of it counts (signatures.md 4).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use oci_artifact::document::{Document, Link};
use oci_artifact::reader::ContentSource;
use oci_artifact::referrers::{self, Basis, Referrer};
use oci_artifact::store::Store;
use oci_artifact::{Descriptor, Digest};
use oci_artifact::{Error, ErrorKind, Result};
use oci_registry_server::{Attachment, OneRepository};
use serde::Serialize;
use signatures::bundle::is_bundle;
use signatures::layout::SIMPLE_SIGNING;
use signatures::verify::{Accepted, Expected, Signer, verify_bundle, verify_simple};
use signatures::{Fault, FaultKind};

use crate::bounded;
use crate::place::{Place, layout};

/// The most bytes of a manifest, a bundle and a payload.
const MAX_SIZE: u64 = 1 << 20;
/// The artifact type of something whose list says nothing of it.
const UNSAID: [&str; 2] = ["", "application/vnd.oci.empty.v1+json"];

/// A manifest that may have a signature.
pub(super) struct Candidate {
    pub(super) layout: &'static str,
    pub(super) descriptor: Descriptor,
    /// The type of it, as a list or the manifest says.
    pub(super) artifact_type: String,
    /// The manifest, where it was read already.
    pub(super) bytes: Option<Vec<u8>>,
}

/// The owner of the material.
pub(super) trait Holder: ContentSource {
    /// The candidates for a signature of the artifact with that digest: its referrers, and what lies at its tag
    /// `sha256-<hex>.sig`.
    fn candidates(&self, digest: &Digest) -> Result<Vec<Candidate>>;
}

impl Holder for Store {
    fn candidates(&self, digest: &Digest) -> Result<Vec<Candidate>> {
        let found = referrers::attached(self, digest, Basis::Documents)?.into_iter();
        let candidate = |one: Referrer| {
            let descriptor = Descriptor::new(one.media_type.as_str(), one.size, one.digest);
            Candidate::attached(one.tag, descriptor, one.artifact_type)
        };
        Ok(found.filter_map(candidate).collect())
    }
}

/// A repository that is served here.
impl Holder for OneRepository {
    fn candidates(&self, digest: &Digest) -> Result<Vec<Candidate>> {
        let found = self.attached(digest)?.into_iter();
        let candidate =
            |one: Attachment| Candidate::attached(one.tag, one.descriptor, one.artifact_type);
        Ok(found.filter_map(candidate).collect())
    }
}

impl Holder for Place {
    fn candidates(&self, digest: &Digest) -> Result<Vec<Candidate>> {
        match self {
            Self::Store(store) => store.candidates(digest),
            Self::Registry(registry) => registry.candidates(digest),
        }
    }
}

impl Candidate {
    /// Something that is attached, unless its tag is not one of signatures.
    fn attached(
        tag: Option<String>,
        descriptor: Descriptor,
        artifact_type: String,
    ) -> Option<Self> {
        let layout = layout(tag.as_deref());
        let is_one = tag.is_none_or(|tag| tag.ends_with(".sig"));
        is_one.then_some(Self { layout, descriptor, artifact_type, bytes: None })
    }
}

/// A signature that counts.
#[derive(Serialize)]
pub(super) struct Good {
    pub(super) layout: &'static str,
    pub(super) manifest: Digest,
    pub(super) method: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) key_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) identity: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) issuer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source_repository: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source_ref: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) runner_environment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log_index: Option<u64>,
    pub(super) bundle_sha256: String,
    /// The SHA-256 of what is signed.
    #[serde(skip)]
    pub(super) content: String,
}

impl Good {
    fn new(layout: &'static str, manifest: &Digest, accepted: Accepted) -> Self {
        let Accepted { signer, proven, sha256, content } = accepted;
        let good = Self {
            layout,
            manifest: *manifest,
            time: proven.time,
            log_index: proven.log_index,
            bundle_sha256: sha256,
            content,
            method: "",
            key_id: None,
            identity: None,
            issuer: None,
            source_repository: None,
            source_ref: None,
            runner_environment: None,
        };
        match signer {
            Signer::Key(id) => Self { method: "key", key_id: Some(id), ..good },
            Signer::Owner(claims) => Self {
                method: "certificate",
                identity: Some(claims.identity),
                issuer: Some(claims.issuer),
                source_repository: claims.source_repository,
                source_ref: claims.source_ref,
                runner_environment: claims.runner_environment,
                ..good
            },
        }
    }

    /// The line for people: whose it is, when it was made, and where it lies.
    pub(super) fn text(&self) -> String {
        let issuer = self.issuer.as_deref().unwrap_or_default();
        let who = match (&self.key_id, &self.identity) {
            (Some(id), _) => format!("key {id}"),
            (None, identity) => format!("{} ({issuer})", identity.as_deref().unwrap_or_default()),
        };
        let time = self.time.as_ref().map(|time| format!(" at {time}")).unwrap_or_default();
        let log = self.log_index.map(|index| format!(" [log {index}]")).unwrap_or_default();
        format!("{who}{time}{log} [{}]", self.layout)
    }
}

/// A signature that does not count, and why.
#[derive(Serialize)]
pub(super) struct Bad {
    pub(super) layout: &'static str,
    pub(super) digest: Digest,
    pub(super) kind: &'static str,
    pub(super) message: String,
}

/// The candidates that there are.
#[derive(Default)]
pub(super) struct Verdict {
    pub(super) accepted: Vec<Good>,
    pub(super) rejected: Vec<Bad>,
}

impl Verdict {
    pub(super) fn as_str(&self) -> &'static str {
        match (self.accepted.is_empty(), self.rejected.is_empty()) {
            (false, _) => "trusted",
            (true, false) => "untrusted",
            (true, true) => "unsigned",
        }
    }

    fn add(&mut self, layout: &'static str, manifest: &Digest, found: Result<Accepted, Fault>) {
        match found {
            Ok(accepted) => self.accepted.push(Good::new(layout, manifest, accepted)),
            Err(fault) => self.rejected.push(Bad {
                layout,
                digest: *manifest,
                kind: fault.kind.as_str(),
                message: fault.message,
            }),
        }
    }
}

/// Reads a file of at most that many bytes.
pub(super) fn content(path: &Path, most: u64) -> Result<Vec<u8>> {
    let content = bounded::read(path, most)
        .map_err(|error| Error::from_io("the file cannot be read", path, error))?;
    if content.len() as u64 > most {
        let message = format!("the file has more than {most} bytes");
        return Err(Error::new(ErrorKind::TooLarge, message).at_path(path));
    }
    Ok(content)
}

/// Checks a bundle of a file.
pub(super) fn judge_file(path: &Path, expected: &Expected<'_>) -> Result<Verdict> {
    let bytes = content(path, MAX_SIZE)?;
    let mut verdict = Verdict::default();
    let digest = oci_artifact::digest::sha256(&bytes);
    verdict.add("file", &digest, verify_bundle(&bytes, expected));
    Ok(verdict)
}

/// Checks all signatures that are attached to the artifact, at most `most`. All are tried: a broken one
/// hides no good one (SIG-14).
///
/// What cannot be read is an error, unless there is one that counts (SIG-19).
pub(super) fn judge(
    holder: &dyn Holder,
    artifact: &Digest,
    expected: &Expected<'_>,
    most: u16,
) -> Result<Verdict> {
    let mut judging = Judging {
        holder,
        artifact,
        expected,
        verdict: Verdict::default(),
        rest: most,
        is_cut: false,
        failure: None,
        seen: BTreeSet::new(),
    };
    for candidate in holder.candidates(artifact)? {
        judging.candidate(&candidate);
    }
    let Judging { verdict, is_cut, failure, .. } = judging;
    match (verdict.accepted.is_empty(), failure) {
        (true, Some(error)) => Err(error),
        (true, None) if is_cut => {
            let message =
                format!("none of the first {most} signatures is valid, and there are more");
            Err(Error::new(ErrorKind::TooLarge, message)
                .with_help("--max-signatures NUMBER examines more of them"))
        }
        _ => Ok(verdict),
    }
}

struct Judging<'a> {
    holder: &'a dyn Holder,
    artifact: &'a Digest,
    expected: &'a Expected<'a>,
    verdict: Verdict,
    rest: u16,
    is_cut: bool,
    /// The first thing that could not be read.
    failure: Option<Error>,
    seen: BTreeSet<(Digest, BTreeMap<String, String>)>,
}

impl Judging<'_> {
    fn candidate(&mut self, candidate: &Candidate) {
        let is_referrer = candidate.layout == "referrer";
        let is_unsaid = UNSAID.contains(&candidate.artifact_type.as_str());
        if is_referrer && !is_unsaid && !is_bundle(&candidate.artifact_type) {
            return;
        }
        if !self.counts() {
            return;
        }
        let Some(manifest) = self.manifest(candidate) else { return };
        let document = match Document::parse(&manifest, None) {
            Ok(document) => document,
            Err(error) => return self.malformed(candidate, error.to_string()),
        };
        if is_referrer {
            let subject = document.subject.as_ref().map(|subject| &subject.digest);
            let bundle = document.layers.iter().find(|layer| is_bundle(&layer.media_type));
            let Some(bundle) = bundle else {
                if !is_unsaid {
                    self.malformed(candidate, "it has no bundle");
                }
                return;
            };
            if subject != Some(self.artifact) {
                let message = "the manifest itself does not name the artifact as its subject";
                let fault = Fault { kind: FaultKind::BindingMismatch, message: message.to_owned() };
                return self.add(candidate, Err(fault));
            }
            if let Some(bytes) = self.blob(candidate, bundle) {
                self.add(candidate, verify_bundle(&bytes, self.expected));
            }
            return;
        }
        let signatures = document.layers.iter().filter(|layer| layer.media_type == SIMPLE_SIGNING);
        for (index, layer) in signatures.enumerate() {
            if index > 0 && !self.counts() {
                return;
            }
            let Some(payload) = self.blob(candidate, layer) else { continue };
            self.add(candidate, verify_simple(&payload, &layer.annotations, self.expected));
        }
    }

    /// Whether one more may be looked at.
    fn counts(&mut self) -> bool {
        match self.rest.checked_sub(1) {
            Some(rest) => self.rest = rest,
            None => self.is_cut = true,
        }
        !self.is_cut
    }

    fn add(&mut self, candidate: &Candidate, found: Result<Accepted, Fault>) {
        self.verdict.add(candidate.layout, &candidate.descriptor.digest, found);
    }

    fn malformed(&mut self, candidate: &Candidate, message: impl Into<String>) {
        let (kind, message) = (FaultKind::MalformedMaterial, message.into());
        self.add(candidate, Err(Fault { kind, message }));
    }

    fn manifest(&mut self, candidate: &Candidate) -> Option<Vec<u8>> {
        if let Some(bytes) = &candidate.bytes {
            return Some(bytes.clone());
        }
        if candidate.descriptor.size > MAX_SIZE {
            self.malformed(candidate, format!("its manifest has more than {MAX_SIZE} bytes"));
            return None;
        }
        self.read(candidate, &candidate.descriptor)
    }

    /// A bundle or a payload, unless it was there before.
    fn blob(&mut self, candidate: &Candidate, link: &Link) -> Option<Vec<u8>> {
        if !self.seen.insert((link.digest, link.annotations.clone())) {
            return None;
        }
        if link.size > MAX_SIZE {
            self.malformed(candidate, format!("it has {} bytes, more than {MAX_SIZE}", link.size));
            return None;
        }
        self.read(candidate, &link.descriptor())
    }

    /// Reads content and verifies it. What is not what its digest says is refused; what cannot be
    /// had may be anything.
    fn read(&mut self, candidate: &Candidate, descriptor: &Descriptor) -> Option<Vec<u8>> {
        match self.holder.document(descriptor) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == ErrorKind::DigestMismatch => {
                self.malformed(candidate, error.to_string());
                None
            }
            Err(error) => {
                self.failure.get_or_insert(error);
                None
            }
        }
    }
}
