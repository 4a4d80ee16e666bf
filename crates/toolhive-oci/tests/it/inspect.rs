// SPDX-License-Identifier: Apache-2.0
//! `inspect` of what the store has.

use crate::support::{Sandbox, example};

#[test]
fn a_tag_and_its_digests_show_the_same_artifact() {
    let sandbox = Sandbox::new();
    let built = sandbox.json(0, &["plugin", "build", &example("plugins/release-notes")]);
    for key in ["reference", "index_digest", "manifest_digest"] {
        let reference = built[key].as_str().expect("text");
        let found = sandbox.json(0, &["plugin", "inspect", reference]);
        for same in ["manifest_digest", "config_digest", "layer_digest", "diff_id", "layer_size"] {
            assert_eq!(found["artifact"][same], built[same], "{key}: {same}");
        }
        assert_eq!(found["artifact"]["files"], built["files"]);
        assert_eq!(found["config"], built["config"]);
    }
    let text = sandbox.text(&["plugin", "inspect", "release-notes"]);
    assert!(text.contains("0755     2.6 KiB  hooks/check_changelog.py"), "{text}");
}

#[test]
fn what_is_not_there_or_not_of_the_kind_is_said() {
    let sandbox = Sandbox::new();
    let missing = sandbox.json(1, &["plugin", "inspect", "missing"]);
    assert_eq!(missing["error"]["kind"], "not-found");
    let skill = example("skills/why-digests-differ");
    sandbox.text(&["skill", "build", &skill]);
    let other = sandbox.json(1, &["plugin", "inspect", "why-digests-differ"]);
    assert_eq!(other["error"]["kind"], "invalid-document");
}

/// Signatures, SBOMs and provenance that a store has are listed with what they are about.
#[test]
fn inspect_lists_what_is_attached() {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", r#"{"name":"p"}"#);
    let built = sandbox.json(0, &["plugin", "build", "p"]);
    let found = sandbox.json(0, &["plugin", "inspect", "p"]);
    assert_eq!(found["artifact"].get("referrers"), None);

    let subject = built["index_digest"].as_str().expect("text");
    let store = oci_artifact::store::Store::open(sandbox.path("store")).expect("opens");
    let ingest = store.ingest().expect("begins");
    let empty = ingest.put_blob(b"{}").expect("stored");
    let index = store.get_blob(&subject.parse().expect("a digest")).expect("is there");
    let config = format!(
        r#"{{"mediaType":"application/vnd.oci.empty.v1+json","digest":"{empty}","size":2}}"#
    );
    let manifest = format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/spdx+json","config":{config},"layers":[{config}],"subject":{{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"{subject}","size":{}}}}}"#,
        index.len()
    );
    let digest = ingest.put_manifest(manifest.as_bytes()).expect("stored");
    ingest.tag(&digest, "sbom", oci_artifact::store::Origin::Remote).expect("a tag");
    ingest.commit().expect("commits");

    let found = sandbox.json(0, &["plugin", "inspect", "p"]);
    let wanted = serde_json::json!([{
        "artifact_type": "application/spdx+json",
        "digest": digest.to_string(),
        "size": manifest.len(),
        "total_size": manifest.len() + 4,
        "subject": subject,
    }]);
    assert_eq!(found["artifact"]["referrers"], wanted);
    let text = sandbox.text(&["plugin", "inspect", "p"]);
    assert!(text.contains("Attached (1):\n  application/spdx+json"), "{text}");
}
