// SPDX-License-Identifier: Apache-2.0
//! Tests that content that nobody lists, or that is just being written, is kept (LS-18, LS-19).

use std::fs;
use std::thread;
use std::time::Duration;

use oci_layout::store::{CheckMode, FindingKind, GcOptions, Origin, Store};
use oci_layout::{Digest, ErrorKind, Result};

use super::fixture::{build, count, document, empty, index_text, now, path, set_time};

/// A complete manifest with that name among its annotations, under that tag.
fn named(store: &Store, tag: &str, name: &str, version: i128) -> Digest {
    let manifest = document(|json| {
        json.key("schemaVersion").integer(2);
        json.key("mediaType").string("application/vnd.oci.image.index.v1+json");
        json.key("manifests").array(|_| {});
        json.key("annotations").object(|json| {
            json.key("org.example.name").string(name);
            json.key("org.example.version").integer(version);
        });
    });
    let ingest = store.ingest().expect("starts");
    let digest = ingest.put_manifest(&manifest).expect("puts");
    ingest.tag(&digest, tag, Origin::LocalBuild).expect("tags");
    ingest.commit().expect("commits");
    digest
}

/// Takes an entry out of the index file, as another program does that writes it from memory.
fn drop_entry(store: &Store, tag: &str) {
    let text = index_text(store);
    let (head, list) = text.split_once('[').expect("has a list");
    let list = list.strip_suffix("]}").expect("ends with it");
    let entries: Vec<_> = list.split("},{").collect();
    let kept: Vec<_> = entries
        .iter()
        .map(|entry| entry.trim_start_matches('{'))
        .filter(|entry| !entry.contains(&format!("{tag:?}")))
        .map(|entry| entry.strip_suffix("}}}").unwrap_or(entry).trim_end_matches('}'))
        .map(|entry| format!("{{{entry}}}}}"))
        .collect();
    let text = format!("{head}[{}]}}", kept.join(","));
    fs::write(store.root().join("index.json"), text).expect("writes");
}

fn gc_after(store: &Store, age: Duration) -> oci_layout::store::GcReport {
    let mut options = GcOptions::new(now() + age);
    options.grace = Duration::ZERO;
    store.gc(options).expect("collects")
}

fn kinds(store: &Store, mode: CheckMode) -> Vec<FindingKind> {
    let report = Store::check(store.root(), mode).expect("checks");
    report.findings.iter().map(|finding| finding.kind).collect()
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[test]
fn the_first_write_without_an_index_file_lists_again_what_is_complete_ls_18() {
    let (dir, store) = empty();
    let one = named(&store, "one", "one", 1);
    let two = named(&store, "ghcr.io/me/two:1", "two", 1);
    let three = build(&store, "three");
    fs::remove_file(store.root().join("index.json")).expect("removes");
    let store = Store::open(dir.path().join("store")).expect("opens");
    let [warning] = store.warnings() else { panic!("one warning") };
    let help = warning.help.as_ref().expect("helps").to_string();
    assert!(help.contains("other tags are lost"), "{help}");
    named(&store, "new", "new", 1);
    assert_eq!(store.list_tags().expect("lists"), ["new", "one", "two"]);
    assert_eq!(store.resolve("one").expect("resolves").digest, one);
    assert_eq!(store.resolve("two").expect("resolves").digest, two);
    let entries = store.entries().expect("lists");
    let untagged: Vec<_> = entries.iter().filter(|entry| entry.tag.is_none()).collect();
    assert_eq!(untagged.len(), 1, "what has no name");
    assert_eq!(untagged[0].descriptor.digest, three.index);
    assert_eq!(gc_after(&store, 30 * DAY).blobs, []);
    assert_eq!(kinds(&store, CheckMode::Report), []);
}

#[test]
fn what_another_program_dropped_is_named_kept_for_seven_days_and_listed_again_ls_18() {
    let (_dir, store) = empty();
    let lost = named(&store, "lost", "lost", 1);
    named(&store, "other", "other", 1);
    drop_entry(&store, "lost");
    assert_eq!(store.list_tags().expect("lists"), ["other"]);
    let report = Store::check(store.root(), CheckMode::Report).expect("checks");
    let [finding] = &report.findings[..] else { panic!("{:?}", report.findings) };
    assert_eq!(finding.kind, FindingKind::Unlisted);
    assert_eq!(finding.digest, Some(lost));
    assert!(finding.time.is_some() && finding.tag.as_deref() == Some("lost"));
    let message = &finding.diagnostic.message;
    assert!(message.contains(&lost.to_string()) && message.contains("\"lost\""), "{message}");
    // It counts from when it was noticed, not from when it came.
    set_time(&path(&store, &lost), now() - 100 * DAY);
    for age in [Duration::ZERO, DAY, 6 * DAY] {
        let report = gc_after(&store, age);
        assert_eq!((report.blobs.len(), report.unlisted.len()), (0, 1));
        assert_eq!(report.unlisted[0].name.as_deref(), Some("lost"));
    }
    let report = Store::check(store.root(), CheckMode::Repair).expect("repairs");
    assert_eq!(report.findings[0].repair.as_deref(), Some("listed it again as lost"));
    assert_eq!(store.resolve("lost").expect("resolves").digest, lost);
    drop_entry(&store, "lost");
    assert_eq!(gc_after(&store, 6 * DAY).blobs.len(), 0);
    assert_eq!(gc_after(&store, 8 * DAY).blobs.len(), 1);
}

#[test]
fn a_name_that_is_taken_is_not_taken_away_ls_18() {
    let (_dir, store) = empty();
    let old = named(&store, "lost", "name", 1);
    let new = named(&store, "name", "name", 2);
    drop_entry(&store, "lost");
    assert_eq!(kinds(&store, CheckMode::Repair), [FindingKind::Unlisted]);
    assert_eq!(store.resolve("name").expect("resolves").digest, new);
    let entries = store.entries().expect("lists");
    assert!(entries.iter().any(|it| it.tag.is_none() && it.descriptor.digest == old));
}

#[test]
fn what_this_store_let_go_of_does_not_wait_ls_18() {
    let (_dir, store) = empty();
    named(&store, "moved", "moved", 1);
    named(&store, "moved", "moved", 2);
    named(&store, "untagged", "untagged", 1);
    store.delete_tag("untagged").expect("deletes");
    assert_eq!(kinds(&store, CheckMode::Report), [FindingKind::Garbage]);
    assert_eq!(gc_after(&store, Duration::ZERO).blobs.len(), 2);
    // What was let go of and is tagged again is not let go of.
    let again = named(&store, "again", "again", 1);
    store.delete_tag("again").expect("deletes");
    store.tag(&again, "again").expect("tags");
    drop_entry(&store, "again");
    assert_eq!(gc_after(&store, Duration::ZERO).unlisted.len(), 1);
    // Nothing stays behind but what is listed.
    store.delete_build("moved").expect("removes");
    let mut all = GcOptions::new(now());
    (all.grace, all.unlisted) = (Duration::ZERO, Duration::ZERO);
    assert_eq!(store.gc(all).expect("collects").blobs.len(), 1);
    assert_eq!((count(&store), super::fixture::leftovers(&store)), (0, 0));
}

#[test]
fn an_index_file_that_is_being_written_is_waited_for_ls_19() {
    let (_dir, store) = empty();
    named(&store, "one", "one", 1);
    let text = index_text(&store);
    let index = store.root().join("index.json");
    for cut in [0, text.len() / 2] {
        fs::write(&index, &text[..cut]).expect("writes");
        let writer = thread::spawn({
            let (index, text) = (index.clone(), text.clone());
            move || {
                thread::sleep(Duration::from_millis(200));
                fs::write(index, text).expect("writes");
            }
        });
        let store = Store::open(store.root()).expect("waits, and opens");
        assert_eq!(store.list_tags().expect("lists"), ["one"]);
        writer.join().expect("ends");
    }
}

#[test]
fn an_index_file_that_is_none_is_left_alone_ls_19() {
    let unchanged = |store: &Store, prepare: &dyn Fn(&std::path::Path)| -> Result<()> {
        named(store, "one", "one", 1);
        let index = store.root().join("index.json");
        fs::remove_file(&index).expect("removes");
        prepare(&index);
        let error = Store::open(store.root()).expect_err("is none");
        assert_eq!(error.kind(), ErrorKind::InvalidStore);
        let help = error.diagnostics()[0].help.as_ref().expect("helps").to_string();
        assert!(!help.starts_with("repairing the store"), "{help}");
        let report = Store::check(store.root(), CheckMode::Repair)?;
        assert!(!report.is_sound());
        assert_eq!(count(store), 1);
        Ok(())
    };
    let (_dir, store) = empty();
    let large = unchanged(&store, &|index| {
        fs::File::create(index).expect("makes").set_len(1 << 40).expect("is sparse");
    });
    large.expect("is a finding");
    assert_eq!(fs::metadata(store.root().join("index.json")).expect("is there").len(), 1 << 40);
    let (_dir, store) = empty();
    let directory = unchanged(&store, &|index| fs::create_dir(index).expect("makes"));
    assert_eq!(directory.expect_err("is refused").kind(), ErrorKind::InvalidStore);
    assert!(store.root().join("index.json").is_dir());
}

#[test]
fn a_directory_in_a_blobs_place_is_moved_aside_ls_16() {
    let (_dir, store) = empty();
    let (one, _) = (build(&store, "one"), build(&store, "two"));
    let file = path(&store, &one.index);
    fs::remove_file(&file).expect("removes");
    fs::create_dir(&file).expect("makes");
    fs::write(file.join("mine"), "x").expect("writes");
    for error in [
        store.blob_size(&one.index).expect_err("is no file"),
        store.gc(GcOptions::new(now())).expect_err("may need everything"),
        store.delete_build("two").expect_err("may need everything"),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidStore, "{error:?}");
    }
    let report = Store::check(store.root(), CheckMode::Repair).expect("repairs");
    assert!(report.is_sound(), "{:?}", report.findings);
    assert!(file.with_extension("broken").join("mine").exists(), "nothing of it is removed");
    build(&store, "one");
    store.get_blob(&one.index).expect("is there again");
}

#[test]
fn a_lost_layout_file_beside_a_whole_index_file_is_a_warning_ls_12() {
    let (_dir, store) = empty();
    named(&store, "one", "one", 1);
    fs::remove_file(store.root().join("oci-layout")).expect("removes");
    let found = Store::open_existing(store.root()).expect("opens");
    assert_eq!(found.warnings().len(), 1);
    assert_eq!(found.list_tags().expect("lists"), ["one"]);
    assert_eq!(kinds(&store, CheckMode::Repair), [FindingKind::LayoutFile]);
    assert!(Store::open_existing(store.root()).expect("opens").warnings().is_empty());
}

#[test]
fn an_index_file_of_somebody_else_makes_no_store_ls_19() {
    for text in [r#"{"name":"a project"}"#, "// not JSON", "[]"] {
        let dir = tempfile::TempDir::new().expect("a directory");
        fs::write(dir.path().join("index.json"), text).expect("writes");
        for error in [
            Store::open(dir.path()).expect_err("is no store"),
            Store::open_existing(dir.path()).expect_err("is no store"),
            Store::check(dir.path(), CheckMode::Repair).expect_err("is no store"),
        ] {
            assert_eq!(error.kind(), ErrorKind::InvalidStore, "{text}");
        }
        assert_eq!(fs::read_dir(dir.path()).expect("reads").count(), 1, "nothing was made");
        assert_eq!(fs::read_to_string(dir.path().join("index.json")).expect("reads"), text);
    }
}

#[test]
fn an_entry_of_an_unknown_algorithm_may_need_everything_ls_16() {
    let (_dir, store) = empty();
    named(&store, "one", "one", 1);
    let text = index_text(&store);
    let odd = r#"{"mediaType":"m","digest":"blake3:0123","size":1}"#;
    let text = text.replace("\"manifests\":[", &format!("\"manifests\":[{odd},"));
    fs::write(store.root().join("index.json"), text).expect("writes");
    let error = store.gc(GcOptions::new(now())).expect_err("is not known");
    assert_eq!(error.kind(), ErrorKind::InvalidStore);
    assert_eq!(kinds(&store, CheckMode::Repair).first(), Some(&FindingKind::Unreadable));
    assert!(index_text(&store).contains(odd), "it is left alone");
}
