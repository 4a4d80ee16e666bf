// SPDX-License-Identifier: Apache-2.0
//! "Pushing Manifests with Subject", "Listing Referrers".

use oci_artifact::digest;
use serde_json::{Value, json};

use crate::client::{Fixture, INDEX, MANIFEST, descriptor, image, index, start};

fn list(registry: &Fixture, target: &str) -> (Vec<Value>, Option<String>) {
    let answer = registry.get(target);
    assert_eq!((answer.status, answer.header("content-type")), (200, Some(INDEX)), "{answer:?}");
    let document = answer.json();
    assert_eq!((&document["schemaVersion"], &document["mediaType"]), (&json!(2), &json!(INDEX)));
    let applied = answer.header("oci-filters-applied").map(str::to_owned);
    (document["manifests"].as_array().expect("a list").clone(), applied)
}

#[test]
fn end_12a_without_referrers_the_list_is_empty_and_never_404() {
    let registry = start();
    let digest = digest::sha256(b"nothing");
    let (manifests, _) = list(&registry, &format!("/v2/a/referrers/{digest}"));
    assert!(manifests.is_empty());
    assert_eq!(registry.get("/v2/a/referrers/sha256:x").status, 400);
}

#[test]
fn a_subject_need_not_be_there_and_is_confirmed_end_7() {
    let registry = start();
    registry.push_blob("a", b"{}");
    registry.push_blob("a", b"layer");
    let subject = image(b"{}", b"layer", "");
    let more = format!(",\"subject\":{}", descriptor(MANIFEST, &subject));
    let answer = registry.put_manifest("a", "sig", &image(b"{}", b"layer", &more));
    assert_eq!(answer.status, 201);
    let digest = digest::sha256(&subject).to_string();
    assert_eq!(answer.header("oci-subject"), Some(digest.as_str()));
    // What it is about must be of the size that it says, once it is there.
    registry.put_manifest("a", "v1", &subject);
    let wrong = more.replace(&format!(":{}}}", subject.len()), ":1}");
    let answer = registry.put_manifest("a", "wrong", &image(b"{}", b"layer", &wrong));
    assert_eq!((answer.status, answer.code()), (400, "MANIFEST_INVALID".into()));
    // No subject, no header.
    assert_eq!(registry.put_manifest("a", "v1", &subject).header("oci-subject"), None);
    let (manifests, _) = list(&registry, &format!("/v2/a/referrers/{digest}"));
    assert_eq!(manifests.len(), 1);
}

#[test]
fn end_12a_descriptors_have_type_size_artifact_type_and_all_annotations() {
    let registry = start();
    let (subject, digest) = registry.push_image("a", "v1", b"layer");
    let subject = descriptor(MANIFEST, &subject);
    let with = |more: &str| format!(",\"subject\":{subject}{more}");
    // An artifact type of its own; its config's; and an index has none.
    let annotations = ",\"annotations\":{\"b\":\"2\",\"a\":\"1\"}";
    let own = image(b"{}", b"layer", &with(&format!(",\"artifactType\":\"x/sbom\"{annotations}")));
    let by_config = image(b"{}", b"layer", &with(""));
    let of_index = index(&[], &with(annotations));
    for manifest in [&own, &by_config, &of_index] {
        let digest = digest::sha256(manifest).to_string();
        assert_eq!(registry.put_manifest("a", &digest, manifest).status, 201);
    }
    let target = format!("/v2/a/referrers/{digest}");
    let (manifests, applied) = list(&registry, &target);
    assert_eq!((manifests.len(), applied), (3, None));
    let find = |bytes: &[u8]| {
        let digest = digest::sha256(bytes).to_string();
        let entry = manifests.iter().find(|m| m["digest"] == json!(digest)).expect("is listed");
        assert_eq!(entry["size"], json!(bytes.len()));
        entry
    };
    assert_eq!(find(&own)["artifactType"], "x/sbom");
    assert_eq!(find(&own)["annotations"], json!({"a": "1", "b": "2"}));
    assert_eq!(find(&own)["mediaType"], MANIFEST);
    assert_eq!(find(&by_config)["artifactType"], "application/vnd.oci.image.config.v1+json");
    assert!(find(&of_index).get("artifactType").is_none());
    assert_eq!(find(&of_index)["mediaType"], INDEX);
    assert_eq!(find(&of_index)["annotations"]["a"], "1");

    // end-12b
    let (filtered, applied) = list(&registry, &format!("{target}?artifactType=x%2Fsbom"));
    assert_eq!(applied.as_deref(), Some("artifactType"));
    assert_eq!(filtered, [find(&own).clone()]);
    let (none, applied) = list(&registry, &format!("{target}?artifactType=x/none"));
    assert_eq!((none.len(), applied.as_deref()), (0, Some("artifactType")));
    // They belong to their repository.
    assert!(list(&registry, &format!("/v2/b/referrers/{digest}")).0.is_empty());

    let deleted = digest::sha256(&own);
    assert_eq!(registry.delete(&format!("/v2/a/manifests/{deleted}")).status, 202);
    assert_eq!(list(&registry, &target).0.len(), 2);
}

#[test]
fn end_12a_large_lists_come_in_pages() {
    let registry = start();
    let (subject, digest) = registry.push_image("a", "v1", b"layer");
    let filler = "x".repeat(1 << 20);
    for number in 0..6 {
        let more = format!(
            ",\"subject\":{},\"artifactType\":\"a/b\",\"annotations\":{{\"n\":\"{number}{filler}\"}}",
            descriptor(MANIFEST, &subject)
        );
        assert_eq!(
            registry
                .put_manifest("a", &format!("r{number}"), &image(b"{}", b"layer", &more))
                .status,
            201
        );
    }
    let mut target = format!("/v2/a/referrers/{digest}?artifactType=a%2Fb");
    let (mut all, mut pages) = (Vec::new(), 0);
    loop {
        let answer = registry.get(&target);
        assert!(answer.body.len() < 5 << 20);
        all.extend(answer.json()["manifests"].as_array().expect("a list").clone());
        pages += 1;
        let Some(link) = answer.header("link") else { break };
        target = link.trim_start_matches('<').split('>').next().expect("a link").to_owned();
    }
    assert_eq!((all.len(), pages), (6, 2));
    all.dedup();
    assert_eq!(all.len(), 6);
}
