// SPDX-License-Identifier: Apache-2.0
//! Lists of builds, as they are read and as they were noted (LS-36).

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use oci_artifact::builds::{self, Build};
use oci_artifact::store::{Origin, Store};
use tempfile::TempDir;

use super::fixture::empty;
use super::tree::Note;

/// More than the number from which on it is worth it.
const BUILDS: usize = 230;

/// A store with so many notes, and one thing of another kind.
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
    let blob =
        |digest: &oci_spec::image::Digest| store.root().join("blobs/sha256").join(digest.digest());
    fs::remove_file(blob(&before[2].digest)).expect("removes");
    // It is not read again, so that nobody notices here: `check` does.
    let damaged = blob(&before[3].digest);
    let text = fs::read(&damaged).expect("reads");
    fs::set_permissions(&damaged, fs::Permissions::from_mode(0o644)).expect("chmod");
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
