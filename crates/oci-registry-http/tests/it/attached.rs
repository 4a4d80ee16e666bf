// SPDX-License-Identifier: Apache-2.0
//! R-90, R-93: what is attached says so itself, what cannot be listed is not nothing, and a tag's
//! digest is the SHA-256 of what it is.

use std::sync::Arc;

use bytes::Bytes;
use oci_artifact::media_type::{IMAGE_INDEX, IMAGE_MANIFEST};
use oci_artifact::reference::Target;
use oci_registry_faults::Endpoint;
use oci_registry_faults::{Fault, Reply, When};
use oci_registry_http::ErrorKind;
use oci_registry_http::transfer::{PullOptions, PushOptions, copy_attached, pull, pull_attached};
use sha2::{Digest as _, Sha512};

use crate::manifests::pushed;
use crate::support::{Artifact, Lab, blob, descriptor};

/// A manifest about another one, or about none.
fn about(subject: Option<&[u8]>) -> Bytes {
    let subject = subject
        .map_or(String::new(), |bytes| format!(r#","subject":{}"#, descriptor(IMAGE_INDEX, bytes)));
    let empty = descriptor("application/vnd.oci.empty.v1+json", b"{}");
    Bytes::from(format!(
        r#"{{"schemaVersion":2,"mediaType":"{IMAGE_MANIFEST}","artifactType":"test/x","config":{empty},"layers":[{empty}]{subject}}}"#
    ))
}

/// A lab with an artifact, and a manifest that its registry lists as attached to it.
async fn listed(subject: impl Fn(&Artifact) -> Option<Vec<u8>>) -> (Lab, Artifact) {
    let lab = Lab::open().await;
    let artifact = pushed(&lab).await;
    let repository = lab.repository("x");
    let source = Arc::new(Bytes::from_static(b"{}"));
    repository.put_blob(&blob(b"{}"), source, &Default::default()).await.expect("fine");
    let subject = subject(&artifact);
    let bytes = about(subject.as_deref());
    let digest = blob(&bytes).digest;
    repository.put_manifest(&Target::Digest(&digest), bytes.clone()).await.expect("fine");
    let entry = descriptor(IMAGE_MANIFEST, &bytes);
    let list =
        format!(r#"{{"schemaVersion":2,"mediaType":"{IMAGE_INDEX}","manifests":[{entry}]}}"#);
    let subject = artifact.digest().to_string();
    lab.server.script(
        When::get(Endpoint::Referrers).target(subject),
        Fault::reply(Reply::new(200).header("content-type", IMAGE_INDEX).body(list)),
    );
    (lab, artifact)
}

#[tokio::test]
async fn what_is_attached_has_the_subject_that_was_asked_for_or_is_refused_r_90() {
    type Subject = fn(&Artifact) -> Option<Vec<u8>>;
    let cases: [(&str, Subject, bool); 4] = [
        ("itself", |artifact| Some(artifact.index.clone()), true),
        ("a part of it", |artifact| Some(artifact.manifests[0].clone()), false),
        ("another one", |_| Some(b"{}".to_vec()), false),
        ("none", |_| None, false),
    ];
    for (name, subject, is_fine) in cases {
        let (lab, artifact) = listed(subject).await;
        let (from, to) = (lab.reference("x:v1"), lab.reference("y:v1"));
        let digest = artifact.digest();
        let store = lab.store("second");
        pull(&lab.client, &from, &store, &PullOptions::default()).await.expect("fine");
        let options = PullOptions::default();
        let pulled = pull_attached(&lab.client, &from, &digest, &store, &options).await;
        let options = PushOptions::default();
        let copied = copy_attached(&lab.client, &from, &to, &digest, &options).await;
        for error in [pulled.map(drop).err(), copied.map(drop).err()] {
            assert_eq!(error.is_none(), is_fine, "{name}: {error:?}");
            if let Some(error) = error {
                assert_eq!(error.kind(), ErrorKind::Refused, "{name}");
                assert!(error.to_string().contains("the registry lists sha256:"), "{error}");
                let manifest = blob(&about(subject(&artifact).as_deref())).digest;
                let asked = error.request().expect("says what was asked for");
                assert!(asked.starts_with("GET http"), "{asked}");
                assert!(asked.ends_with(&format!("/v2/x/manifests/{manifest}")), "{asked}");
            }
        }
        let listed = blob(&about(subject(&artifact).as_deref())).digest;
        assert_eq!(store.get_manifest(&listed).is_ok(), is_fine, "{name}: in the store");
        let there = lab.repository("y").resolve(&Target::Digest(&listed)).await.expect("fine");
        assert_eq!(there.is_some(), is_fine, "{name}: in the other repository");
    }
}

#[tokio::test]
async fn what_cannot_be_listed_is_not_nothing_r_90() {
    for (when, fault) in [
        (Endpoint::Referrers, Fault::status(429)),
        (Endpoint::Referrers, Fault::status(503)),
        (Endpoint::Referrers, Fault::status(507)),
        (Endpoint::Referrers, Fault::reset()),
        (
            Endpoint::Referrers,
            Fault::reply(Reply::new(200).header("content-type", IMAGE_INDEX).body("{")),
        ),
        (Endpoint::Manifest, Fault::status(401)),
        (Endpoint::Manifest, Fault::status(403)),
        (Endpoint::Manifest, Fault::status(500)),
        (
            Endpoint::Manifest,
            Fault::reply(Reply::new(200).header("content-type", IMAGE_INDEX).body("{")),
        ),
    ] {
        let lab = Lab::open().await;
        let artifact = pushed(&lab).await;
        let name = format!("{when:?} {fault:?}");
        if matches!(when, Endpoint::Manifest) {
            lab.server.script(When::get(Endpoint::Referrers), Fault::status(404));
        }
        lab.server.script(When::get(when), fault);
        let found = lab.repository("x").referrers(&artifact.digest(), None).await;
        found.expect_err(&name);
    }
}

#[tokio::test]
async fn the_digest_of_a_tag_is_the_sha_256_of_its_bytes_r_93() {
    let lab = Lab::open().await;
    let artifact = pushed(&lab).await;
    let sha512 = |bytes: &[u8]| {
        let hex: String = Sha512::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("sha512:{hex}")
    };
    let tag = Target::Tag("v1");
    let repository = lab.repository("x");
    let right = sha512(&artifact.index);
    for when in [When::get(Endpoint::Manifest), When::head(Endpoint::Manifest)] {
        lab.server.script(when, Fault::pass().set("docker-content-digest", &right));
    }
    assert_eq!(repository.get_manifest(&tag).await.expect("fine").digest, artifact.digest());
    let resolved = repository.resolve(&tag).await.expect("fine").expect("there");
    assert_eq!(resolved.digest, artifact.digest());
    let store = lab.store("second");
    let reference = lab.reference("x:v1");
    let pulled = pull(&lab.client, &reference, &store, &PullOptions::default()).await;
    assert_eq!(pulled.expect("fine").digest, artifact.digest());
    // It must be true all the same.
    let lab = Lab::open().await;
    pushed(&lab).await;
    let wrong = Fault::pass().set("docker-content-digest", sha512(b"x"));
    lab.server.script(When::get(Endpoint::Manifest), wrong);
    let got = lab.repository("x").get_manifest(&tag).await;
    assert_eq!(got.expect_err("it is not").kind(), ErrorKind::DigestMismatch);
}
