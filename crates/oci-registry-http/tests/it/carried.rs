// SPDX-License-Identifier: Apache-2.0
//! SIG-1 to SIG-6: what is attached travels in both layouts, and what cannot be asked for is not absent.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use oci_artifact::media_type::{IMAGE_INDEX, IMAGE_MANIFEST};
use oci_artifact::reference::Target;
use oci_artifact::referrers::attached_tags;
use oci_registry_faults::{Endpoint, Fault, Reply, When};
use oci_registry_http::transfer::{
    Layout, PullOptions, PushOptions, copy, copy_attached, list_attached, pull, pull_attached,
    push, push_attached,
};
use oci_registry_http::{ErrorKind, Repository};
use oci_spec::image::Digest;

use crate::manifests::pushed;
use crate::support::{Artifact, Lab, blob, descriptor};

const SIMPLE_SIGNING: &str = "application/vnd.dev.cosign.simplesigning.v1+json";

/// A manifest of layers with these texts, as signers write it to a tag.
fn tagged(layers: &[&str]) -> Bytes {
    let layers: Vec<String> = layers
        .iter()
        .map(|text| {
            let plain = descriptor(SIMPLE_SIGNING, text.as_bytes());
            plain.replace('}', &format!(r#","annotations":{{"of":"{text}"}}}}"#))
        })
        .collect();
    let config = descriptor("application/vnd.oci.image.config.v1+json", b"{}");
    let layers = layers.join(",");
    Bytes::from(format!(
        r#"{{"schemaVersion":2,"mediaType":"{IMAGE_MANIFEST}","config":{config},"layers":[{layers}]}}"#
    ))
}

/// A manifest about another one.
fn referrer(name: &str, subject: &[u8]) -> Bytes {
    let empty = descriptor("application/vnd.oci.empty.v1+json", b"{}");
    let subject = descriptor(IMAGE_MANIFEST, subject);
    Bytes::from(format!(
        r#"{{"schemaVersion":2,"mediaType":"{IMAGE_MANIFEST}","artifactType":"test/{name}","config":{empty},"layers":[{empty}],"subject":{subject}}}"#
    ))
}

async fn put(repository: &Repository, tag: Option<&str>, bytes: &Bytes, blobs: &[&str]) -> Digest {
    for text in blobs.iter().chain(&["{}"]) {
        let source = Arc::new(Bytes::copy_from_slice(text.as_bytes()));
        let blob = blob(text.as_bytes());
        repository.put_blob(&blob, source, &Default::default()).await.expect("fine");
    }
    let digest = blob(bytes).digest;
    let target = tag.map_or(Target::Digest(&digest), Target::Tag);
    repository.put_manifest(&target, bytes.clone()).await.expect("fine");
    digest
}

fn tag(subject: &Digest, ending: &str) -> String {
    let tags = attached_tags(subject);
    tags.into_iter().find(|tag| tag.ends_with(ending)).expect("a tag")
}

/// Attaches something in every way: to the index and to both manifests below it, at every tag and as a
/// referrer, and a signature to a referrer.
async fn attach_all(lab: &Lab, artifact: &Artifact) -> usize {
    let repository = lab.repository("x");
    let mut count = 0;
    for subject in [&artifact.index].into_iter().chain(&artifact.manifests) {
        let digest = blob(subject).digest;
        for ending in [".sig", ".att", ".sbom"] {
            let text = format!("{ending} of {digest}");
            put(&repository, Some(&tag(&digest, ending)), &tagged(&[&text]), &[&text]).await;
            count += 1;
        }
        let about = referrer("one", subject);
        let digest = put(&repository, None, &about, &[]).await;
        let text = format!("of {digest}");
        put(&repository, Some(&tag(&digest, ".sig")), &tagged(&[&text]), &[&text]).await;
        put(&repository, None, &referrer("two", &about), &[]).await;
        count += 3;
    }
    count
}

type Found = BTreeSet<(String, String, Layout)>;

async fn found(lab: &Lab, name: &str, artifact: &Artifact) -> Found {
    let listed = list_attached(&lab.repository(name), &artifact.digest()).await.expect("it lists");
    let one = |one: oci_registry_http::transfer::Attached| {
        (one.digest.to_string(), one.subject.to_string(), one.layout)
    };
    listed.into_iter().map(one).collect()
}

/// Takes the referrers API away from the registry.
fn without_api(lab: &Lab) {
    lab.server.script(When::get(Endpoint::Referrers), Fault::status(404));
    // It does not say that it keeps them, either.
    lab.server.script(When::put(Endpoint::Manifest), Fault::pass().remove("oci-subject"));
}

#[tokio::test]
async fn the_same_set_is_reachable_after_copy_pull_and_push_sig_1_sig_2_sig_6() {
    for has_api in [true, false] {
        let lab = Lab::open().await;
        if !has_api {
            without_api(&lab);
        }
        let artifact = pushed(&lab).await;
        let count = attach_all(&lab, &artifact).await;
        let wanted = found(&lab, "x", &artifact).await;
        assert_eq!(wanted.len(), count, "api {has_api}");
        let (from, digest) = (lab.reference("x:v1"), artifact.digest());

        let (to, options) = (lab.reference("y:v1"), PushOptions::default());
        copy(&lab.client, &from, &to, &options).await.expect("fine");
        let copied = copy_attached(&lab.client, &from, &to, &digest, &options).await;
        assert_eq!(copied.expect("fine").len(), count);
        assert_eq!(found(&lab, "y", &artifact).await, wanted, "copied, api {has_api}");

        let (store, pulling) = (lab.store("second"), PullOptions::default());
        pull(&lab.client, &from, &store, &pulling).await.expect("fine");
        let pulled = pull_attached(&lab.client, &from, &digest, &store, &pulling).await;
        assert_eq!(pulled.expect("fine").len(), count);
        let to = lab.reference("z:v1");
        push(&lab.client, &store, &digest, std::slice::from_ref(&to), &options)
            .await
            .expect("fine");
        let sent = push_attached(&lab.client, &store, &digest, &to, &options).await;
        assert_eq!(sent.expect("fine").len(), count);
        assert_eq!(found(&lab, "z", &artifact).await, wanted, "pushed, api {has_api}");
        let signatures = lab.reference(&format!("x:{}", tag(&digest, ".sig")));
        store.resolve(signatures.as_str()).expect("under its full name");
    }
}

#[tokio::test]
async fn signatures_that_are_there_stay_sig_3() {
    let texts = |layers: &[&str]| layers.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    for (there, comes, wanted) in [
        (vec!["a"], vec!["b"], vec!["a", "b"]),
        (vec!["a", "b"], vec!["b"], vec!["a", "b"]),
        (vec!["a"], vec!["b", "a"], vec!["b", "a"]),
        (vec!["a", "b"], vec!["b", "c"], vec!["a", "b", "c"]),
        (vec!["a"], vec!["a"], vec!["a"]),
    ] {
        for ending in [".sig", ".att", ".sbom"] {
            let lab = Lab::open().await;
            let artifact = pushed(&lab).await;
            let (from, to) = (lab.reference("x:v1"), lab.reference("y:v1"));
            let tag = tag(&artifact.digest(), ending);
            put(&lab.repository("x"), Some(&tag), &tagged(&comes), &comes).await;
            put(&lab.repository("y"), Some(&tag), &tagged(&there), &there).await;
            let options = PushOptions::default();
            let copied = copy_attached(&lab.client, &from, &to, &artifact.digest(), &options).await;
            copied.expect("fine");
            let manifest = lab.repository("y").get_manifest(&Target::Tag(&tag)).await;
            let layers = manifest.expect("there").document.layers;
            let found: Vec<String> =
                layers.iter().map(|layer| layer.annotations["of"].clone()).collect();
            // One document has one place.
            let wanted = if ending == ".sbom" { &comes } else { &wanted };
            assert_eq!(found, texts(wanted), "{there:?} and {comes:?} at {ending}");
        }
    }
}

#[tokio::test]
async fn what_another_writer_takes_away_is_written_again_sig_16() {
    let lab = Lab::open().await;
    let artifact = pushed(&lab).await;
    let repository = lab.repository("x");
    let tag = tag(&artifact.digest(), ".sig");
    put(&repository, None, &tagged(&["a"]), &["a", "b"]).await;
    // What is read after the first two writes is another's.
    let other = tagged(&["b"]);
    let reply = Reply::new(200).header("content-type", IMAGE_MANIFEST).body(other.clone());
    let rule = lab.server.script(
        When::get(Endpoint::Manifest).target(tag.clone()).first(3),
        Fault::reply(reply.clone()),
    );
    assert!(repository.add_at_tag(&tag, &tagged(&["a"])).await.expect("fine"));
    assert_eq!(rule.fired(), 3);
    let layers = repository.get_manifest(&Target::Tag(&tag)).await.expect("fine").document.layers;
    assert_eq!(layers.len(), 2);
    assert!(!repository.add_at_tag(&tag, &tagged(&["a"])).await.expect("fine"), "it is there");
    // One that always wins is an error.
    let rule = When::get(Endpoint::Manifest).target(tag.clone());
    lab.server.script(rule, Fault::reply(reply));
    let error = repository.add_at_tag(&tag, &tagged(&["a"])).await.expect_err("never");
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_not_absent_sig_4() {
    let body = || Reply::new(200).header("content-type", IMAGE_INDEX).body("{");
    let faults: [fn() -> Fault; 7] = [
        || Fault::status(401),
        || Fault::status(403),
        || Fault::status(429),
        || Fault::status(500),
        || Fault::status(503),
        Fault::reset,
        || Fault::redirect_to(307, "127.0.0.1:1"),
    ];
    for ending in [".sig", ".att", ".sbom"] {
        for below in [false, true] {
            for fault in faults.iter().map(|fault| fault()).chain([Fault::reply(body())]) {
                let lab = Lab::open().await;
                let artifact = pushed(&lab).await;
                let subject = if below { &artifact.manifests[1] } else { &artifact.index };
                let target = tag(&blob(subject).digest, ending);
                let name = format!("{ending} {below} {fault:?}");
                lab.server.script(When::any().on(Endpoint::Manifest).target(target), fault);
                let (from, to) = (lab.reference("x:v1"), lab.reference("y:v1"));
                let digest = artifact.digest();
                list_attached(&lab.repository("x"), &digest).await.expect_err(&name);
                let store = lab.store("second");
                pull(&lab.client, &from, &store, &PullOptions::default()).await.expect("fine");
                let options = PullOptions::default();
                let pulled = pull_attached(&lab.client, &from, &digest, &store, &options).await;
                pulled.expect_err(&name);
                let options = PushOptions::default();
                let copied = copy_attached(&lab.client, &from, &to, &digest, &options).await;
                copied.expect_err(&name);
            }
        }
    }
}
