// SPDX-License-Identifier: Apache-2.0
//! Tests of artifacts that are attached to another one in a store.

use oci_layout::Digest;
use oci_layout::digest;
use oci_layout::referrers::{Basis, Referrer, referrers};
use oci_layout::store::{Origin, Store};
use tempfile::TempDir;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

struct Place {
    _root: TempDir,
    store: Store,
}

impl Place {
    fn new() -> Self {
        let root = TempDir::new().expect("a directory");
        let store = Store::open(root.path().join("store")).expect("opens");
        Self { _root: root, store }
    }

    /// Stores a manifest and gives it that tag.
    fn put(&self, text: &str, tag: &str) -> Digest {
        let ingest = self.store.ingest().expect("begins");
        ingest.put_blob(b"{}").expect("stored");
        let digest = ingest.put_manifest(text.as_bytes()).expect("stored");
        ingest.tag(&digest, tag, Origin::Remote).expect("a tag");
        ingest.commit().expect("commits");
        digest
    }

    fn told(&self, subject: &Digest) -> Vec<(String, u64)> {
        let found = referrers(&self.store, subject, Basis::Documents).expect("lists");
        found
            .into_iter()
            .map(|Referrer { artifact_type, size, .. }| (artifact_type, size))
            .collect()
    }
}

fn config() -> String {
    let digest = digest::sha256(b"{}");
    format!(r#"{{"mediaType":"application/vnd.oci.empty.v1+json","digest":"{digest}","size":2}}"#)
}

/// A manifest about `subject`, with these members besides.
fn attached(subject: &Digest, members: &str) -> String {
    let config = config();
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{MANIFEST}",{members}"config":{config},"layers":[{config}],"subject":{{"mediaType":"{MANIFEST}","digest":"{subject}","size":1}}}}"#
    )
}

#[test]
fn referrers_have_type_digest_size_and_annotations() {
    let place = Place::new();
    let subject = digest::sha256(b"the artifact");
    assert_eq!(place.told(&subject), []);
    let sbom =
        attached(&subject, r#""artifactType":"application/spdx+json","annotations":{"a":"b"},"#);
    let digest = place.put(&sbom, "sbom");
    // Its artifact type is that of its config if it states none.
    let signature = attached(&subject, "");
    place.put(&signature, "signature");
    place.put(&attached(&digest::sha256(b"another"), ""), "other");

    let found = referrers(&place.store, &subject, Basis::Notes).expect("lists");
    let types: Vec<&str> = found.iter().map(|found| found.artifact_type.as_str()).collect();
    assert_eq!(types, ["application/spdx+json", "application/vnd.oci.empty.v1+json"]);
    let first = &found[0];
    assert_eq!((&first.digest, first.size), (&digest, sbom.len() as u64));
    assert_eq!(first.total_size, sbom.len() as u64 + 4);
    assert_eq!(first.media_type, MANIFEST);
    let annotations: Vec<_> = first.annotations.iter().collect();
    assert_eq!(annotations, [(&"a".to_owned(), &"b".to_owned())]);
}

#[test]
fn referrers_of_an_index_and_of_what_is_attached() {
    let place = Place::new();
    let subject = digest::sha256(b"the artifact");
    let sbom = attached(&subject, r#""artifactType":"x/sbom","#);
    let ingest = place.store.ingest().expect("begins");
    ingest.put_blob(b"{}").expect("stored");
    let digest = ingest.put_manifest(sbom.as_bytes()).expect("stored");
    // As registries without the referrers API keep them: an index with a tag.
    let index = format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{{"mediaType":"{MANIFEST}","digest":"{digest}","size":{}}}]}}"#,
        sbom.len()
    );
    let index = ingest.put_manifest(index.as_bytes()).expect("stored");
    ingest.tag(&index, "sha256-x", Origin::Remote).expect("a tag");
    ingest.commit().expect("commits");
    assert_eq!(place.told(&subject), [("x/sbom".to_owned(), sbom.len() as u64)]);
    // A signature of the SBOM is attached to that, not to the artifact.
    let signature = attached(&digest, r#""artifactType":"x/signature","#);
    let size = format!("\"size\":{}}}}}", sbom.len());
    place.put(&signature.replace("\"size\":1}}", &size), "signature");
    assert_eq!(place.told(&subject).len(), 1);
    assert_eq!(place.told(&digest)[0].0, "x/signature");
}

#[test]
fn referrers_that_cannot_be_read_are_passed_over() {
    let place = Place::new();
    let subject = digest::sha256(b"the artifact");
    let sbom = place.put(&attached(&subject, r#""artifactType":"x/sbom","#), "sbom");
    place.put(&attached(&subject, r#""artifactType":"x/other","#), "other");
    let blob = place.store.root().join("blobs/sha256").join(sbom.hex());
    std::fs::remove_file(blob).expect("removed");
    assert_eq!(place.told(&subject).len(), 1);
}

#[test]
fn what_lies_at_a_tag_is_attached_whatever_repository_it_came_from_sig_6() {
    let place = Place::new();
    let subject = digest::sha256(b"the artifact");
    let hex = subject.hex();
    let manifest = |name: &str| attached_to_nothing(&format!(r#""artifactType":"test/{name}","#));
    place.put(&manifest("a"), &format!("127.0.0.1:5000/me/x:sha256-{hex}.sig"));
    place.put(&manifest("b"), &format!("sha256-{hex}.att"));
    place.put(&manifest("c"), &format!("r.io/x:sha256-{hex}.sbom"));
    place.put(&manifest("d"), &format!("r.io/x:sha256-{hex}"));
    place.put(&manifest("e"), &format!("r.io/x:sha256-{hex}.sig.x"));
    place.put(&manifest("f"), &format!("r.io/sha256-{hex}.sig:v1"));
    let place_of = |name: &str| format!("r.io/y:sha256-{}.{name}", digest::sha256(b"x").hex());
    place.put(&manifest("g"), &place_of("sig"));
    place.put(&attached(&subject, ""), "referrer");
    let found =
        oci_layout::referrers::attached(&place.store, &subject, Basis::Documents).expect("lists");
    let found: Vec<_> = found.iter().map(|one| (one.tag.clone(), &*one.artifact_type)).collect();
    let tag = |ending: &str| Some(format!("sha256-{hex}.{ending}"));
    assert_eq!(
        found,
        [
            (None, "application/vnd.oci.empty.v1+json"),
            (tag("att"), "test/b"),
            (tag("sbom"), "test/c"),
            (tag("sig"), "test/a"),
        ]
    );
}

#[test]
fn a_signature_that_cannot_be_read_is_not_absent_sig_4() {
    let place = Place::new();
    let subject = digest::sha256(b"the artifact");
    let tag = format!("r.io/x:sha256-{}.sig", subject.hex());
    let digest = place.put(&attached_to_nothing(""), &tag);
    let blob = place.store.root().join("blobs/sha256").join(digest.hex());
    std::fs::remove_file(&blob).expect("removed");
    oci_layout::referrers::attached(&place.store, &subject, Basis::Documents)
        .expect_err("it is missing");
    // A directory in its place cannot be read, and may be anything.
    std::fs::create_dir(&blob).expect("made");
    oci_layout::referrers::attached(&place.store, &subject, Basis::Documents)
        .expect_err("it cannot be read");
    oci_layout::referrers::referrers(&place.store, &subject, Basis::Documents)
        .expect_err("nor as a referrer");
}

fn attached_to_nothing(members: &str) -> String {
    let config = config();
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{MANIFEST}",{members}"config":{config},"layers":[{config}]}}"#
    )
}
