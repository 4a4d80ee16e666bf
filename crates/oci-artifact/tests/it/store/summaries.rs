// SPDX-License-Identifier: Apache-2.0
//! Lists of builds, as they are read and as they were noted (LS-36).

use std::fs;

use oci_artifact::builds::{self, Build};
use oci_artifact::referrers::{Basis, attached};
use oci_artifact::store::{Origin, Store};
use tempfile::TempDir;

use super::fixture::{empty, set_mode};
use super::tree::Note;

/// The number of builds of the test: more than the number that makes summaries worth writing.
const BUILDS: usize = 230;

/// A store with that many notes, and one thing of another kind.
fn store() -> (TempDir, Store) {
    let (dir, store) = empty();
    let ingest = store.ingest().expect("starts");
    for number in 0..=BUILDS {
        let kind = if number == BUILDS { "other" } else { "note" };
        let text = format!(
            r#"{{"schemaVersion":2,"artifactType":"application/vnd.example.{kind}.v1","manifests":[],"annotations":{{"example.name":"note {number}","example.description":"line\nline","example.files":"x"}}}}"#
        );
        let digest = ingest.put_manifest(text.as_bytes()).expect("puts");
        ingest.tag(&digest, &format!("t{number:03}"), Origin::LocalBuild).expect("tags");
    }
    ingest.commit().expect("commits");
    (dir, store)
}

fn list(store: &Store) -> Vec<Build> {
    builds::list::<Note>(store).expect("lists")
}

#[test]
fn builds_are_listed_as_they_were_read_ls_36() {
    let (_dir, store) = store();
    let read = list(&store);
    assert_eq!(read.len(), BUILDS);
    assert_eq!(read[7].name.as_deref(), Some("note 7"));
    assert_eq!(read[7].description.as_deref(), Some("line\nline"));
    assert_eq!(read[7].version, None);
    assert!(store.root().join("index.json.summaries").exists());
    assert_eq!(list(&store), read);
    assert_eq!(list(&Store::open_existing(store.root()).expect("opens")), read);
    assert!(
        Store::check(store.root(), oci_artifact::store::CheckMode::Report)
            .expect("checks")
            .is_sound()
    );
}

#[test]
fn a_build_that_has_gone_is_not_listed_and_one_that_came_is_ls_36() {
    let (_dir, store) = store();
    let before = list(&store);
    store.delete_build("t001").expect("removes");
    let blob = |digest: &oci_artifact::Digest| store.root().join("blobs/sha256").join(digest.hex());
    fs::remove_file(blob(&before[2].digest)).expect("removes");
    // It is not read again, so that nobody notices here: `check` does.
    let damaged = blob(&before[3].digest);
    let text = fs::read(&damaged).expect("reads");
    set_mode(&damaged, 0o644);
    fs::write(&damaged, text.to_ascii_uppercase()).expect("writes");
    let ingest = store.ingest().expect("starts");
    let digest = ingest.put_manifest(br#"{"schemaVersion":2,"artifactType":"application/vnd.example.note.v1","manifests":[],"annotations":{"example.name":"new"}}"#).expect("puts");
    ingest.tag(&digest, "t001", Origin::LocalBuild).expect("tags");
    ingest.commit().expect("commits");
    let after = list(&store);
    let names: Vec<_> =
        after.iter().take(3).map(|build| (&*build.tag, build.name.as_deref())).collect();
    assert_eq!(names, [("t000", Some("note 0")), ("t001", Some("new")), ("t003", Some("note 3"))]);
    assert_eq!(after.len(), before.len() - 1);
    // Where nothing is noted, what cannot be read has no name.
    fs::remove_file(store.root().join("index.json.summaries")).expect("removes");
    let read = list(&store);
    assert_eq!((read[2].tag.as_str(), &read[2].name), ("t003", &None));
    assert_eq!((&read[..2], &read[3..]), (&after[..2], &after[3..]));
}

#[test]
fn what_several_threads_read_is_what_one_reads_ls_21_ls_36() {
    let (_dir, store) = store();
    let subject = store.resolve("t042").expect("resolves");
    let ingest = store.ingest().expect("starts");
    let config = ingest.put_blob(b"{}").expect("puts");
    let text = format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{{"mediaType":"a/b","digest":"{config}","size":2}},"layers":[],"subject":{{"mediaType":"a/b","digest":"{}","size":{}}}}}"#,
        subject.digest, subject.size
    );
    let signature = ingest.put_manifest(text.as_bytes()).expect("puts");
    ingest.tag(&signature, "signature", Origin::Remote).expect("tags");
    ingest.commit().expect("commits");
    let attached = |basis| {
        let found = attached(&store, &subject.digest, basis).expect("looks");
        found.into_iter().map(|one| one.digest).collect::<Vec<_>>()
    };
    let file = |name: &str| store.root().join(format!("index.json.{name}"));
    assert_eq!(attached(Basis::Documents), [signature]);
    assert!(!file("subjects").exists(), "who decides notes nothing");
    let read = list(&store);
    assert!(file("summaries").exists() && file("subjects").exists(), "the list noted both");
    assert_eq!(attached(Basis::Notes), [signature]);
    for name in ["summaries", "subjects"] {
        fs::remove_file(file(name)).expect("removes");
    }
    assert_eq!(attached(Basis::Notes), [signature]);
    assert!(file("summaries").exists() && file("subjects").exists(), "so did the search");
    assert_eq!(list(&store), read);
    // The first removal reads what all others need.
    let removed = store.delete_build("t042").expect("removes");
    assert!(removed.blobs.is_empty(), "what is attached to it needs it, too");
    assert!(file("references").exists());
    assert_eq!(store.delete_build("t043").expect("removes").blobs.len(), 1);
    let report = Store::check(store.root(), oci_artifact::store::CheckMode::Report);
    assert!(report.expect("checks").is_sound());
}
