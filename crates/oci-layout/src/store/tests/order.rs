// SPDX-License-Identifier: Apache-2.0
//! Tests of the order in which changes reach the disk (LS-5, LS-7), from the calls that they make:
//! a machine that stops at any moment leaves no index file, and no layout file, without all that
//! must be there before it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::super::fs::faults::{Call, under};
use super::super::own::NOTE_PREFIX;
use super::super::release::is_note;
use super::{build, no_grace};
use crate::store::{CheckMode, Origin, Store};
use crate::{Result, digest};

/// The changes that may not be on the disk after some calls.
#[derive(Debug, Default)]
struct Unsettled {
    contents: BTreeSet<PathBuf>,
    /// Names, which their directories hold.
    entries: BTreeSet<PathBuf>,
}

impl Unsettled {
    fn add(&mut self, call: &Call) {
        let (name, paths) = call;
        // What a note says is not lost with it, but kept longer.
        let names = paths.iter().filter_map(|path| path.file_name()?.to_str());
        if names.clone().any(is_note) {
            return;
        }
        match (*name, paths.as_slice()) {
            ("mkdir", [path]) => {
                self.entries.insert(path.clone());
            }
            ("create", [path]) => {
                self.entries.insert(path.clone());
                self.contents.insert(path.clone());
            }
            ("write" | "overwrite" | "chmod", [path]) => {
                self.contents.insert(path.clone());
            }
            ("rename", [from, to]) => {
                self.entries.remove(from);
                self.entries.insert(to.clone());
                if self.contents.remove(from) {
                    self.contents.insert(to.clone());
                }
            }
            ("link", [_, to]) => {
                self.entries.insert(to.clone());
            }
            ("fsync", [path]) => {
                self.contents.remove(path);
                self.entries.retain(|entry| entry.parent() != Some(path));
            }
            ("syncfs", [_]) => *self = Self::default(),
            ("unlink" | "rmdir", [path]) => {
                self.entries.remove(path);
                self.contents.remove(path);
            }
            ("touch", [_]) => (),
            other => panic!("{other:?}"),
        }
    }

    /// All that is there is on the disk, but for what an ingest has to itself, and for names beside
    /// the index file: without it a new store is an empty one.
    fn assert_empty(&self, root: &Path, why: &str) {
        assert!(self.contents.is_empty(), "{why}: {:?}", self.contents);
        let is_needed = |entry: &&PathBuf| match entry.strip_prefix(root) {
            Err(_) => true,
            Ok(below) => {
                let is_note = format!("ingest/{NOTE_PREFIX}");
                below == Path::new("")
                    || below.starts_with("blobs")
                    || below.to_string_lossy().starts_with(&is_note)
            }
        };
        let entries: Vec<_> = self.entries.iter().filter(is_needed).collect();
        assert!(entries.is_empty(), "{why}: {entries:?}");
    }
}

/// Everything that `work` makes is on the disk before it changes the index file or the layout file;
/// they are before it removes a blob, and when it is done.
fn in_order(root: &Path, work: impl FnOnce() -> Result<()>) {
    let (result, calls) = under(None, work);
    result.expect("works");
    assert!(!calls.is_empty());
    let mains = ["index.json", "oci-layout"].map(|name| root.join(name));
    let mut unsettled = Unsettled::default();
    let is_settled = |unsettled: &Unsettled, when: &str| {
        let is_main = |entry: &&PathBuf| mains.contains(entry);
        assert_eq!(unsettled.entries.iter().find(is_main), None, "{when}");
    };
    for call in &calls {
        match (call.0, call.1.as_slice()) {
            ("rename", [_, to]) if mains.contains(to) => {
                unsettled.assert_empty(root, &to.display().to_string());
            }
            ("unlink", [path]) if path.starts_with(root.join("blobs")) => {
                is_settled(&unsettled, "a blob is removed");
            }
            _ => (),
        }
        unsettled.add(call);
    }
    unsettled.assert_empty(root, "the end");
    is_settled(&unsettled, "the end");
}

/// Returns a store with two builds, and its directory.
fn store() -> (TempDir, Store) {
    let dir = TempDir::new().expect("a directory");
    let store = Store::open(dir.path().join("store")).expect("opens");
    build(&store, "old").expect("builds");
    build(&store, "other").expect("builds");
    (dir, store)
}

#[test]
fn a_new_store_is_on_the_disk_before_it_is_one_ls_7() {
    let dir = TempDir::new().expect("a directory");
    let root = dir.path().join("a/b/store");
    in_order(&root, || Store::open(&root).map(|_| ()));
}

#[test]
fn blobs_are_on_the_disk_before_they_are_listed_ls_7() {
    let dir = TempDir::new().expect("a directory");
    let store = Store::open(dir.path().join("store")).expect("opens");
    // The first one, which makes directories, one beside it, and the same again.
    for tag in ["a", "b", "b"] {
        in_order(store.root(), || build(&store, tag));
    }
    in_order(store.root(), || {
        let ingest = store.ingest()?;
        let mut writer = ingest.blob_writer();
        writer.add(b"{}")?;
        let sha512 = "27c74670adb75075fad058d5ceaf7b20c4e7786c83bae8a32f626f9782af34c9\
                      a33c2046ef60fd2a7878d378e29fec851806bbd9a67878f3a9f1cda4830763fd";
        let digest = digest::parse(&format!("sha512:{sha512}"))?;
        writer.finish_expecting(&digest, 2)?;
        ingest.tag(&digest, "another algorithm", Origin::LocalBuild)?;
        ingest.commit().map(|_| ())
    });
    in_order(store.root(), || {
        let ingest = store.ingest()?;
        for n in 0..70 {
            let digest = ingest.put_manifest(format!(r#"{{"n":{n}}}"#).as_bytes())?;
            ingest.tag(&digest, "many", Origin::LocalBuild)?;
        }
        ingest.commit().map(|_| ())
    });
    in_order(store.root(), || store.put_blob(b"in no list").map(|_| ()));
}

#[test]
fn the_index_file_is_on_the_disk_before_it_is_one_ls_5() {
    let (_dir, store) = store();
    in_order(store.root(), || {
        let digest = store.resolve("other")?.digest;
        store.tag(&digest, "new").map(|_| ())
    });
    in_order(store.root(), || store.delete_tag("new"));
    in_order(store.root(), || store.delete_build("old").map(|_| ()));
    in_order(store.root(), || {
        store.delete_tag("other")?;
        store.gc(no_grace()).map(|_| ())
    });
}

#[test]
fn what_a_repair_writes_is_on_the_disk_before_it_counts_ls_12() {
    let (_dir, store) = store();
    for name in ["index.json", "oci-layout"] {
        std::fs::write(store.root().join(name), "torn").expect("writes");
        in_order(store.root(), || Store::check(store.root(), CheckMode::Repair).map(|_| ()));
    }
}
