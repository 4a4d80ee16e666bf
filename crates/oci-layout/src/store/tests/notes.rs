// SPDX-License-Identifier: Apache-2.0
//! Notes of what is listed (LS-36): what was read once is not read again, and no state of these files,
//! and no failure while they are made, hides what is there.

use std::fs;

use held_directory::Errno;
use tempfile::TempDir;

use super::super::fs::faults::{Looks, Plan, blind, under};
use super::build;
use super::looks::shares;
use crate::digest;
use crate::digest::Digest;
use crate::referrers::{Basis, attached_to_each, referrers};
use crate::store::{Origin, Store};
use crate::survey::Summaries;

/// Returns a store in which an index lists what is attached to the result, beside that many other
/// builds.
fn store(builds: usize) -> (TempDir, Store, Digest) {
    let dir = TempDir::new().expect("a directory");
    let store = Store::open(dir.path().join("store")).expect("opens");
    build(&store, "subject").expect("builds");
    for number in 0..builds {
        shares(&store, &format!("{number:02}"), "subject");
    }
    let subject = store.resolve("subject").expect("resolves").digest;
    let about = store.get_manifest(&subject).expect("reads").len();
    let ingest = store.ingest().expect("starts");
    let config = digest::sha256(b"{}");
    let attached = format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{{"mediaType":"a/b","digest":"{config}","size":2}},"layers":[],"subject":{{"mediaType":"a/b","digest":"{subject}","size":{about}}}}}"#
    );
    let digest = ingest.put_manifest(attached.as_bytes()).expect("puts");
    let size = attached.len();
    let index = format!(
        r#"{{"schemaVersion":2,"manifests":[{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{digest}","size":{size}}}]}}"#
    );
    let index = ingest.put_manifest(index.as_bytes()).expect("puts");
    ingest.tag(&index, "signatures", Origin::Remote).expect("tags");
    ingest.commit().expect("commits");
    (dir, store, subject)
}

/// Returns the number of attached artifacts, and the number of lookups of files that finding them
/// took.
fn attached(store: &Store, subject: &Digest) -> (usize, usize) {
    let (found, looks) = blind(None, || referrers(store, subject, Basis::Notes));
    (found.expect("lists").len(), looks.len())
}

#[test]
fn what_was_read_once_is_not_read_again_ls_36() {
    let looks = |builds| {
        let (_dir, store, subject) = store(builds);
        let first = attached(&store, &subject);
        assert!(store.root().join("index.json.subjects").exists());
        let other = digest::sha256(b"another");
        let again = [attached(&store, &subject), attached(&store, &other)];
        assert_eq!([first.0, again[0].0, again[1].0], [1, 1, 0]);
        assert!(first.1 > again[0].1 + 4 * builds && again[0].1 > again[1].1, "{first:?}");
        again.map(|(_, looks)| looks)
    };
    assert_eq!(looks(10), looks(40));
}

#[test]
fn what_could_not_be_read_is_read_another_time_ls_36() {
    let (_dir, model, subject) = store(10);
    let file = model.root().join("index.json.subjects");
    let (_, looks) = blind(None, || referrers(&model, &subject, Basis::Notes));
    for at in 0..looks.len() {
        for way in [Looks::Only, Looks::From, Looks::There] {
            if file.exists() {
                fs::remove_file(&file).expect("removes");
            }
            let store = Store::open(model.root()).expect("opens");
            let (_, _) =
                blind(Some((way(at), Errno::IO)), || referrers(&store, &subject, Basis::Notes));
            assert_eq!(attached(&store, &subject).0, 1, "{at}");
        }
    }
}

#[test]
fn a_store_that_cannot_be_written_to_is_listed_ls_14_ls_36() {
    let (_dir, store, subject) = store(10);
    let (found, calls) = under(Some(Plan::From(0)), || referrers(&store, &subject, Basis::Notes));
    // One for each file.
    assert_eq!((found.expect("lists").len(), calls.len()), (1, 2));
    assert!(!store.root().join("index.json.subjects").exists());
}

#[test]
fn no_damage_to_notes_hides_anything_ls_36() {
    let (_dir, store, subject) = store(10);
    let file = store.root().join("index.json.subjects");
    attached(&store, &subject);
    let text = fs::read(&file).expect("is there");
    let hidden = String::from_utf8(text.clone()).expect("text").replace(&subject.to_string(), "");
    let other = {
        let (_dir, store, subject) = self::store(12);
        attached(&store, &subject);
        fs::read(store.root().join("index.json.subjects")).expect("is there")
    };
    let head = text.iter().position(|byte| *byte == b'\n').expect("has lines");
    let cuts = [0, 1, head, head + 1, text.len() / 2, text.len() - 1];
    let mut harms: Vec<Vec<u8>> = cuts.map(|end| text[..end].to_vec()).into();
    harms.push(hidden.into_bytes());
    harms.push(text[head + 1..].to_vec());
    harms.push([b"subjects 1", &text[10..]].concat());
    harms.push(vec![0xff; 100]);
    for (number, harm) in harms.iter().enumerate() {
        fs::write(&file, harm).expect("writes");
        assert_eq!(attached(&store, &subject).0, 1, "{number}");
        assert_eq!(fs::read(&file).expect("is there"), text, "{number}: it is made anew");
    }
    // One of another store is whole, and says nothing here.
    fs::write(&file, other).expect("writes");
    assert_eq!(attached(&store, &subject).0, 1);
}

#[test]
fn a_list_notes_what_everything_is_attached_to_ls_36() {
    let (_dir, store, subject) = store(10);
    let digests = store.listed_digests().expect("reads");
    let (first, looks) = blind(None, || Summaries::of(&store, &digests));
    assert!(first.each(digests.iter()).all(|summary| summary.is_some()));
    let (again, fewer) = blind(None, || Summaries::of(&store, &digests));
    assert!(again.each(digests.iter()).eq(first.each(digests.iter())));
    assert!(looks.len() > fewer.len() + 4 * digests.len(), "{}", fewer.len());
    // Nothing but what is attached has to be read now.
    let found = attached(&store, &subject);
    assert_eq!(found, attached(&store, &subject));
    assert_eq!(found.0, 1);
    assert!(found.1 < 20, "{}", found.1);
}

#[test]
fn who_decides_does_not_believe_notes_ls_36() {
    let (_dir, store, subject) = store(10);
    attached(&store, &subject);
    let file = store.root().join("index.json.subjects");
    let text = fs::read_to_string(&file).expect("is there");
    let (_, lines) = text.split_once('\n').expect("has lines");
    let forged = lines.replace(&subject.to_string(), "");
    assert_ne!(forged, lines);
    fs::write(&file, format!("subjects 2 {}\n{forged}", digest::sha256(forged.as_bytes())))
        .expect("writes");
    assert_eq!(attached(&store, &subject).0, 0, "they are for display");
    let subjects = [subject, digest::sha256(b"another"), subject];
    let found = attached_to_each(&store, &subjects, Basis::Documents).expect("lists");
    assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [1, 0, 1]);
}
