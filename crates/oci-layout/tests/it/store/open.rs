// SPDX-License-Identifier: Apache-2.0
//! Opening a store.

use std::fs;
use std::path::Path;

use oci_layout::ErrorKind;
use oci_layout::store::Store;
use tempfile::TempDir;

use super::fixture::{build, empty, index_text};

#[test]
fn a_new_store_has_the_reference_layout_st_1_st_3() {
    let (_dir, store) = empty();
    let read = |name| fs::read_to_string(store.root().join(name)).expect(name);
    assert_eq!(read("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#);
    assert_eq!(
        read("index.json"),
        r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#
    );
    assert!(store.root().join("blobs").is_dir());
    assert!(store.warnings().is_empty());
}

#[test]
fn the_root_is_absolute_st_5_bug_46() {
    assert!(Store::open_existing("no/such/store").is_err());
    let (_dir, store) = empty();
    assert!(store.root().is_absolute());
}

#[test]
fn another_version_of_the_layout_is_refused_st_5() {
    for text in [r#"{"imageLayoutVersion":"1.1.0"}"#, "{}", "", "[]", "{"] {
        let (dir, _) = empty();
        let root = dir.path().join("store");
        fs::write(root.join("oci-layout"), text).expect("writes");
        let error = Store::open(&root).expect_err(text);
        assert_eq!(error.kind(), ErrorKind::InvalidStore);
        assert!(error.to_string().contains("oci-layout"), "{error}");
    }
}

#[test]
fn open_existing_makes_nothing() {
    let dir = TempDir::new().expect("a directory");
    let error = Store::open_existing(dir.path().join("none")).expect_err("is missing");
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let error = Store::open_existing(dir.path()).expect_err("is no store");
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(fs::read_dir(dir.path()).expect("a directory").count(), 0);
}

#[test]
fn an_index_file_without_a_list_lists_nothing_and_can_be_written_st_6() {
    for (before, after) in [
        (
            "null",
            r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"#,
        ),
        ("{}", r#"{"manifests":[{"#),
        (r#" {"x" : [1] } "#, r#" {"x" : [1] ,"manifests":[{"#),
        (r#"{"manifests":null,"x":"\u0061"}"#, r#"{"manifests":[{"#),
        (r#"{"manifests": [ ] }"#, r#"{"manifests": [{"#),
    ] {
        let (dir, _) = empty();
        let root = dir.path().join("store");
        fs::write(root.join("index.json"), before).expect("writes");
        let store = Store::open(&root).expect(before);
        assert_eq!(store.list_tags().expect("lists"), [""; 0]);
        build(&store, "demo");
        assert!(index_text(&store).starts_with(after), "{}", index_text(&store));
        let again = Store::open(&root).expect("opens again");
        assert_eq!(again.list_tags().expect("lists"), ["demo"]);
    }
}

#[test]
fn a_malformed_index_file_is_an_error_that_points_ls_12() {
    for (text, place) in [
        ("", "1:1"),
        (r#"{"manifests":[{"digest":"sha256:0"#, "1:25"),
        ("{\n  \"manifests\": {}\n}", "2:16"),
        ("[]", "1:1"),
        (r#"{"manifests":[],"Manifests":[]}"#, "1:17"),
    ] {
        let (dir, _) = empty();
        let root = dir.path().join("store");
        fs::write(root.join("index.json"), text).expect("writes");
        let error = Store::open(&root).expect_err(text);
        assert_eq!(error.kind(), ErrorKind::InvalidStore);
        let message = error.to_string();
        assert!(message.contains(&format!("index.json:{place}: ")), "{message}");
        let help = error.diagnostics()[0].help.as_ref().expect("helps").to_string();
        assert!(help.contains("repairing the store"), "{help}");
    }
}

#[test]
fn an_enormous_index_file_is_refused_unread_bug_69() {
    let (dir, _) = empty();
    let root = dir.path().join("store");
    let file = fs::File::create(root.join("index.json")).expect("opens");
    file.set_len(1 << 40).expect("a sparse file");
    let error = Store::open(&root).expect_err("is too large");
    assert_eq!(error.kind(), ErrorKind::InvalidStore);
    assert!(error.to_string().contains("67108864 bytes"), "{error}");
    let file = fs::File::create(root.join("oci-layout")).expect("opens");
    file.set_len(1 << 40).expect("a sparse file");
    assert_eq!(Store::open(&root).expect_err("is too large").kind(), ErrorKind::InvalidStore);
}

#[test]
fn blobs_without_an_index_file_open_as_an_empty_store_with_a_warning_ls_12() {
    let (dir, store) = empty();
    build(&store, "demo");
    let root = dir.path().join("store");
    fs::remove_file(root.join("index.json")).expect("removes");
    let store = Store::open(&root).expect("opens");
    assert_eq!(store.list_tags().expect("lists"), [""; 0]);
    let [warning] = store.warnings() else { panic!("{:?}", store.warnings()) };
    assert!(warning.message.contains("no index.json"), "{warning}");
    assert!(!root.join("index.json").exists(), "opening changes nothing");
}

#[test]
fn opening_reads_no_blob_ls_13() {
    let (dir, store) = empty();
    let built = build(&store, "demo");
    for digest in &built.blobs {
        fs::remove_file(super::fixture::path(&store, digest)).expect("removes");
    }
    Store::open(dir.path().join("store")).expect("opens all the same");
}

#[test]
fn a_complete_store_is_opened_without_a_change_ls_14() {
    let (dir, store) = empty();
    let built = build(&store, "demo");
    let before = listing(store.root());
    let store = Store::open(dir.path().join("store")).expect("opens");
    assert_eq!(store.list_tags().expect("lists"), ["demo"]);
    assert_eq!(store.resolve("demo").expect("resolves").digest(), &built.index);
    store.get_index(&built.index).expect("reads");
    assert_eq!(listing(store.root()), before);
}

/// Names and change times of all that lies there.
fn listing(root: &Path) -> Vec<(std::path::PathBuf, std::time::SystemTime)> {
    let mut all = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(dir).expect("a directory").map(|entry| entry.expect("an entry")) {
            let meta = entry.metadata().expect("stats");
            if meta.is_dir() {
                open.push(entry.path());
            }
            all.push((entry.path(), meta.modified().expect("has a time")));
        }
    }
    all.sort();
    all
}
