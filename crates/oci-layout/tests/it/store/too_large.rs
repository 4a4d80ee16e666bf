// SPDX-License-Identifier: Apache-2.0
//! A document that is too large to be read, and an index file that cannot be: neither refers to
//! nothing, and nothing is lost by what is advised (LS-16, LS-19).

use std::fs;
use std::io::{Read as _, Write as _};

use oci_layout::digest::Hasher;
use oci_layout::store::{CheckMode, FindingKind, GcOptions, Store};
use oci_layout::{Digest, Error, ErrorKind, Remedy, limits};

use super::fixture::{INDEX, build, count, empty, index_text, now, path};

/// Lists a blob that begins like this and is a byte larger than a blob may be, as an index.
fn list_large(store: &Store, start: &[u8], tag: &str) -> Digest {
    let size = limits::MAX_BLOB_SIZE + 1;
    let made = store.root().join("large");
    let mut file = fs::File::create_new(&made).expect("makes");
    file.write_all(start).expect("writes");
    file.set_len(size).expect("is sparse");
    let mut hasher = Hasher::sha256();
    let (mut file, mut buffer) = (fs::File::open(&made).expect("opens"), vec![0; 1 << 20]);
    loop {
        match file.read(&mut buffer).expect("reads") {
            0 => break,
            read => hasher.update(&buffer[..read]),
        }
    }
    let digest = hasher.finish();
    fs::rename(&made, path(store, &digest)).expect("moves");
    let entry = format!(
        r#"{{"mediaType":"{INDEX}","digest":"{digest}","size":{size},"annotations":{{"org.opencontainers.image.ref.name":"{tag}"}}}}"#
    );
    let text = index_text(store).replace("\"manifests\":[", &format!("\"manifests\":[{entry},"));
    fs::write(store.root().join("index.json"), text).expect("writes");
    digest
}

fn gc(store: &Store) -> oci_layout::Result<usize> {
    let mut options = GcOptions::new(now());
    options.grace = std::time::Duration::ZERO;
    options.unlisted = std::time::Duration::ZERO;
    store.gc(options).map(|report| report.blobs.len())
}

#[test]
fn a_document_that_is_too_large_may_need_everything_ls_16() {
    let starts: [&[u8]; 4] = [b"{\"manifests\":[", b" \n\t{", b"\xef\xbb\xbf{", &[b' '; 5000]];
    for start in starts {
        let (_dir, store) = empty();
        build(&store, "one");
        store.put_blob(b"what only the large one needs, for all that is known").expect("puts");
        let large = list_large(&store, start, "large");
        let (before, blobs) = (index_text(&store), count(&store));
        for (what, error) in [
            ("gc", gc(&store).expect_err("may need it")),
            ("remove another", store.delete_build("one").expect_err("may need it")),
            ("remove it", store.delete_build("large").expect_err("may need it")),
        ] {
            let start = String::from_utf8_lossy(start);
            assert_eq!(error.kind(), ErrorKind::TooLarge, "{what}, {start:?}: {error:?}");
            let help = error.diagnostics()[0].help.as_ref().expect("helps").to_string();
            assert!(help.contains("nothing was removed"), "{what}: {help}");
            assert_eq!((count(&store), index_text(&store)), (blobs, before.clone()), "{what}");
        }
        let report = Store::check(store.root(), CheckMode::Repair).expect("checks");
        assert!(!report.is_sound());
        let kinds: Vec<_> = report.findings.iter().map(|finding| finding.kind).collect();
        assert!(kinds.contains(&FindingKind::Unreadable), "{kinds:?}");
        assert_eq!(store.list_tags().expect("lists"), ["large", "one"], "{large}");
        assert_eq!(count(&store), blobs);
    }
}

#[test]
fn what_is_too_large_and_no_document_needs_nothing_ls_16() {
    // A list is no manifest, for anybody.
    let starts: [&[u8]; 2] = [b"\x1f\x8b", b"["];
    for start in starts {
        let (_dir, store) = empty();
        build(&store, "one");
        store.put_blob(b"garbage").expect("puts");
        list_large(&store, start, "large");
        assert_eq!(gc(&store).expect("collects"), 1);
        store.delete_build("one").expect("removes");
        store.delete_build("large").expect("removes");
        assert_eq!(count(&store), 0);
    }
}

/// The help of an error, and whether it offers a repair.
fn help(error: &Error) -> (String, bool) {
    let help = error.diagnostics()[0].help.as_ref().expect("helps");
    let mut offers = false;
    let text = help.worded(|remedy| {
        offers |= remedy == Remedy::RepairStore;
        remedy.as_str().into()
    });
    (text, offers)
}

#[test]
fn a_repair_that_loses_tags_says_so_wherever_it_is_offered_ls_19() {
    type Harm = fn(&std::path::Path, &str);
    let harms: [(&str, Harm); 8] = [
        ("cut", |index, text| fs::write(index, &text[..text.len() - 20]).expect("writes")),
        ("empty", |index, _| fs::write(index, "").expect("writes")),
        ("no JSON", |index, _| fs::write(index, "<html>").expect("writes")),
        ("a list", |index, _| fs::write(index, "[]").expect("writes")),
        ("two lists", |index, text| {
            fs::write(index, text.replacen('{', "{\"manifests\":[],", 1)).expect("writes");
        }),
        ("missing", |index, _| fs::remove_file(index).expect("removes")),
        ("large", |index, _| {
            let file = fs::File::create(index).expect("makes");
            file.set_len(limits::MAX_INDEX_FILE_SIZE + 1).expect("is sparse");
        }),
        ("an entry without a digest", |index, text| {
            fs::write(index, text.replace("sha256:", "")).expect("writes");
        }),
    ];
    for (harm, spoil) in harms {
        let (_dir, store) = empty();
        build(&store, "one");
        let (text, root) = (index_text(&store), store.root().to_owned());
        spoil(&root.join("index.json"), &text);
        let mut told = Vec::new();
        match Store::open_existing(&root) {
            Err(error) => told.push(error),
            Ok(store) => {
                let warnings = store.warnings().iter().cloned();
                let warned =
                    warnings.map(|one| Error::from_diagnostics(ErrorKind::InvalidStore, vec![one]));
                told.extend(warned);
                told.extend(gc(&store).err());
                told.extend(store.resolve("one").err());
                told.extend(store.delete_build("one").err());
            }
        }
        assert!(!told.is_empty(), "{harm}");
        for error in &told {
            if error.kind() == ErrorKind::NotFound {
                continue;
            }
            let (help, offers) = help(error);
            let says =
                ["tags are lost", "with it its tag", "with it the tag", "nothing was removed"];
            assert!(says.iter().any(|word| help.contains(word)), "{harm}: {error}: {help}");
            assert!(offers || help.contains("nothing was removed"), "{harm}: {help}");
        }
        let report = Store::check(&root, CheckMode::Report).expect("checks");
        assert!(!report.findings.is_empty(), "{harm}");
        for finding in &report.findings {
            let help = finding.diagnostic.help.as_ref().map(ToString::to_string);
            let Some(help) = help.filter(|_| finding.kind == FindingKind::IndexFile) else {
                continue;
            };
            assert!(help.contains("tags are lost"), "{harm}: {help}");
        }
    }
}
