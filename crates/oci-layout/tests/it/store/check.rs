// SPDX-License-Identifier: Apache-2.0
//! Checking and repairing.

use std::fs;

use oci_layout::ErrorKind;
use oci_layout::store::{CheckMode, CheckReport, FindingKind, Store};
use tempfile::TempDir;

use super::fixture::{INDEX, build, build_with_layer, count, empty, go_store, index_text, path};

fn check(store: &Store, mode: CheckMode) -> CheckReport {
    Store::check(store.root(), mode).expect("checks")
}

fn kinds(report: &CheckReport) -> Vec<FindingKind> {
    report.findings.iter().map(|finding| finding.kind).collect()
}

/// Checks that a repair fixes exactly the expected findings, and leaves none.
fn mends(store: &Store, expected: &[FindingKind]) -> CheckReport {
    let before = (index_text_if_any(store), count(store));
    let found = check(store, CheckMode::Report);
    assert_eq!(kinds(&found), expected);
    assert!(!found.is_sound());
    assert!(found.findings.iter().all(|finding| finding.diagnostic.help.is_some()));
    assert_eq!((index_text_if_any(store), count(store)), before, "a report changes nothing");
    let mended = check(store, CheckMode::Repair);
    assert_eq!(kinds(&mended), expected);
    assert!(mended.is_sound());
    let after = check(store, CheckMode::Report);
    assert!(after.is_sound(), "{:?}", after.findings);
    let again = Store::open(store.root()).expect("opens");
    for tag in again.list_tags().expect("lists") {
        again.get_blob(&again.resolve(&tag).expect("resolves").digest).expect("reads");
    }
    mended
}

fn index_text_if_any(store: &Store) -> Option<Vec<u8>> {
    fs::read(store.root().join("index.json")).ok()
}

#[test]
fn a_sound_store_is_found_sound_ls_12() {
    let (_dir, store) = empty();
    build(&store, "one");
    build(&store, "two");
    let report = check(&store, CheckMode::Report);
    assert_eq!(report.findings, []);
    assert_eq!((report.entries, report.blobs), (2, 12));
    assert_eq!(check(&store, CheckMode::Repair), report);
}

#[test]
fn a_corrupt_blob_costs_the_builds_that_need_it_ls_12() {
    let (_dir, store) = empty();
    let one = build_with_layer(&store, "one", "shared");
    build_with_layer(&store, "two", "shared");
    let three = build(&store, "three");
    let file = path(&store, &one.layer);
    fs::remove_file(&file).expect("removes");
    fs::write(&file, "sharec").expect("writes");
    use FindingKind::{CorruptBlob, Garbage, Incomplete};
    let report = mends(&store, &[CorruptBlob, Incomplete, Incomplete, Garbage]);
    let lost: Vec<_> = report.findings.iter().filter_map(|f| f.tag.as_deref()).collect();
    assert_eq!(lost, ["one", "two"]);
    let repairs: Vec<_> = report.findings.iter().filter_map(|f| f.repair.as_deref()).collect();
    assert_eq!(repairs, ["removed it", "dropped the tag one", "dropped the tag two"]);
    assert_eq!(store.list_tags().expect("lists"), ["three"]);
    assert!(three.blobs.iter().all(|digest| store.get_blob(digest).is_ok()));
    assert!(!file.exists());
    // Building it again heals it.
    build_with_layer(&store, "one", "shared");
    assert!(check(&store, CheckMode::Report).is_sound());
}

#[test]
fn a_corrupt_index_is_a_dangling_entry_ls_12() {
    let (_dir, store) = empty();
    let one = build(&store, "one");
    let file = path(&store, &one.index);
    let text = fs::read_to_string(&file).expect("reads").replace("amd64", "amd63");
    fs::remove_file(&file).expect("removes");
    fs::write(&file, text + " ").expect("writes");
    // Its manifests are complete, and no longer part of anything.
    use FindingKind::{CorruptBlob, Dangling, Unlisted};
    mends(&store, &[CorruptBlob, Dangling, Unlisted, Unlisted]);
}

#[test]
fn dangling_entries_of_the_go_code_are_dropped_ls_10_ls_12() {
    let (_dir, root) = go_store("dangling");
    let store = Store::open(&root).expect("opens");
    // They have no tag, so nobody misses anything (LS-20).
    let found = check(&store, CheckMode::Report);
    assert_eq!(kinds(&found), [FindingKind::DanglingPart; 3]);
    assert!(found.is_sound());
    assert_eq!(check(&store, CheckMode::Repair).findings.len(), 3);
    assert_eq!(store.entries().expect("lists").len(), 3);
    assert_eq!(store.list_tags().expect("lists"), ["beta"]);
}

#[test]
fn wrong_media_types_are_corrected_ls_2_ls_12() {
    let (_dir, root) = go_store("octet-stream");
    let store = Store::open(&root).expect("opens");
    mends(&store, &[FindingKind::WrongDescriptor; 2]);
    assert_eq!(index_text(&store).matches(INDEX).count(), 3);
    assert_eq!(store.list_tags().expect("lists"), ["alpha", "beta"]);
}

#[test]
fn wrong_sizes_odd_entries_and_shadows_are_mended_ls_12() {
    let (_dir, store) = empty();
    build(&store, "one");
    build(&store, "two");
    build(&store, "three");
    let text = index_text(&store);
    let text = text.replacen("\"size\":", "\"size\":1", 1).replace("\"two\"", "\"three\"");
    let text = text.replace("\"manifests\":[", "\"manifests\":[{\"digest\":\"x\"},null,");
    fs::write(store.root().join("index.json"), text).expect("writes");
    use FindingKind::{InvalidEntry, Shadowed, WrongDescriptor};
    mends(&store, &[WrongDescriptor, Shadowed, InvalidEntry, InvalidEntry]);
    assert_eq!(store.list_tags().expect("lists"), ["one", "three"]);
    assert_eq!(store.entries().expect("lists").len(), 3, "both contents of the tag are kept");
}

#[test]
fn a_lost_index_file_is_made_again_ls_12() {
    let (_dir, store) = empty();
    let (one, two) = (build(&store, "one"), build(&store, "two"));
    store.put_blob(b"alone").expect("puts");
    fs::remove_file(store.root().join("index.json")).expect("removes");
    use FindingKind::{Garbage, IndexFile, Unlisted};
    let report = check(&store, CheckMode::Report);
    assert_eq!(kinds(&report), [IndexFile, Unlisted, Unlisted, Garbage]);
    assert!(!store.root().join("index.json").exists());
    mends(&store, &[IndexFile, Unlisted, Unlisted, Garbage]);
    let entries = store.entries().expect("lists");
    let mut digests: Vec<_> = entries.iter().map(|entry| &entry.descriptor.digest).collect();
    digests.sort_by_key(|digest| digest.to_string());
    let mut expected = [&one.index, &two.index];
    expected.sort_by_key(|digest| digest.to_string());
    assert_eq!(digests, expected);
    assert!(entries.iter().all(|entry| entry.tag.is_none()));
    store.tag(&one.index, "one").expect("gets its name again");
}

#[test]
fn a_torn_index_file_keeps_what_can_be_read_ls_12() {
    let (_dir, store) = empty();
    for tag in ["a", "b", "c"] {
        build(&store, tag);
    }
    let whole = index_text(&store);
    let last = whole.rfind("{\"mediaType\"").expect("the last entry");
    for cut in [last, last + 30, whole.len() - 3] {
        fs::write(store.root().join("index.json"), &whole[..cut]).expect("writes");
        assert_eq!(Store::open(store.root()).expect_err("is torn").kind(), ErrorKind::InvalidStore);
        let report = mends(&store, &[FindingKind::IndexFile, FindingKind::Unlisted]);
        let repair = report.findings[0].repair.as_deref().expect("is mended");
        assert!(repair.contains("2 entries"), "{repair}");
        assert_eq!(store.list_tags().expect("lists"), ["a", "b"]);
        let kept = fs::read_to_string(store.root().join("index.json.broken")).expect("is kept");
        assert_eq!(kept, whole[..cut]);
    }
    for text in ["", "x", "{\"manifests\":{}}", "[]"] {
        fs::write(store.root().join("index.json"), text).expect("writes");
        use FindingKind::{IndexFile, Unlisted};
        mends(&store, &[IndexFile, Unlisted, Unlisted, Unlisted]);
    }
}

#[test]
fn a_lost_layout_file_is_written_again_ls_12() {
    let (_dir, store) = empty();
    build(&store, "demo");
    fs::write(store.root().join("oci-layout"), "{").expect("writes");
    mends(&store, &[FindingKind::LayoutFile]);
    fs::remove_file(store.root().join("oci-layout")).expect("removes");
    mends(&store, &[FindingKind::LayoutFile]);
    fs::write(store.root().join("oci-layout"), r#"{"imageLayoutVersion":"2"}"#).expect("writes");
    let error = Store::check(store.root(), CheckMode::Repair).expect_err("is another version");
    assert_eq!(error.kind(), ErrorKind::InvalidStore);
}

#[test]
fn foreign_files_are_told_and_left_ls_12() {
    let (_dir, store) = empty();
    build(&store, "demo");
    fs::write(store.root().join("notes.txt"), "x").expect("writes");
    fs::write(store.root().join("blobs/sha256/x"), "x").expect("writes");
    fs::write(store.root().join("blobs/x"), "x").expect("writes");
    // A registry's notes are known.
    fs::create_dir(store.root().join("registry")).expect("makes");
    let report = check(&store, CheckMode::Repair);
    assert_eq!(kinds(&report), [FindingKind::Stray; 3]);
    assert!(report.is_sound());
    assert!(store.root().join("blobs/sha256/x").exists());
}

#[test]
fn check_needs_something_of_a_store() {
    let dir = TempDir::new().expect("a directory");
    for root in [dir.path().to_owned(), dir.path().join("none")] {
        let error = Store::check(root, CheckMode::Repair).expect_err("is none");
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
    assert_eq!(fs::read_dir(dir.path()).expect("a directory").count(), 0);
}
