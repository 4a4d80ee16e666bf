// SPDX-License-Identifier: Apache-2.0
//! Blobs in, blobs out.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;

use oci_layout::digest::Algorithm;
use oci_layout::{Error, ErrorKind, digest, limits};

use super::fixture::{count, document, empty, leftovers, path};

#[test]
fn blobs_are_read_only_st_1() {
    let (_dir, store) = empty();
    let digest = store.put_blob(b"hello").expect("puts");
    // Windows' bit of that name would keep a file from being removed, so it is not set there.
    #[cfg(unix)]
    {
        let meta = fs::metadata(path(&store, &digest)).expect("is there");
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o777, 0o444);
    }
    assert_eq!(store.get_blob(&digest).expect("gets"), b"hello");
    assert_eq!(store.blob_size(&digest).expect("looks"), Some(5));
    assert_eq!(leftovers(&store), 0);
}

#[test]
fn nothing_appears_before_it_is_complete_ls_7() {
    let (_dir, store) = empty();
    let mut writer = store.blob_writer().expect("starts");
    let part = vec![7; 100_000];
    for _ in 0..3 {
        writer.write_all(&part).expect("writes");
    }
    assert_eq!(count(&store), 0);
    drop(writer);
    assert_eq!((count(&store), leftovers(&store)), (0, 0));

    let mut writer = store.blob_writer().expect("starts");
    for _ in 0..3 {
        writer.write_all(&part).expect("writes");
    }
    let (found, size) = writer.finish().expect("ends");
    assert_eq!((found, size), (digest::sha256(&vec![7; 300_000]), 300_000));
    assert_eq!((count(&store), leftovers(&store)), (1, 0));
}

#[test]
fn a_blob_that_is_not_what_was_claimed_is_not_stored_ls_7() {
    let (_dir, store) = empty();
    let claimed = digest::sha256(b"hello");
    for (bytes, size) in [(b"hellO", 5), (b"hello", 6)] {
        let mut writer = store.blob_writer().expect("starts");
        writer.write_all(bytes).expect("writes");
        let error = writer.finish_expecting(&claimed, size).expect_err("is something else");
        assert_eq!(error.kind(), ErrorKind::DigestMismatch);
    }
    assert_eq!((count(&store), leftovers(&store)), (0, 0));
    let mut writer = store.blob_writer().expect("starts");
    writer.write_all(b"hello").expect("writes");
    writer.finish_expecting(&claimed, 5).expect("is it");
    assert_eq!(store.get_blob(&claimed).expect("gets"), b"hello");
}

#[test]
fn a_blob_of_another_size_is_replaced_ls_7() {
    let (_dir, store) = empty();
    let digest = store.put_blob(b"hello").expect("puts");
    let file = path(&store, &digest);
    fs::remove_file(&file).expect("removes");
    fs::write(&file, b"hell").expect("writes");
    store.put_blob(b"hello").expect("puts again");
    assert_eq!(store.get_blob(&digest).expect("gets"), b"hello");
}

#[test]
fn a_blob_that_was_found_corrupt_is_replaced_ls_7_bug_55() {
    let (_dir, store) = empty();
    let digest = store.put_blob(b"hello").expect("puts");
    let file = path(&store, &digest);
    fs::remove_file(&file).expect("removes");
    fs::write(&file, b"hellO").expect("writes");
    store.put_blob(b"hello").expect("is taken to be there");
    assert_eq!(store.get_blob(&digest).expect_err("is not").kind(), ErrorKind::DigestMismatch);

    let ingest = store.ingest().expect("starts");
    assert!(!ingest.adopt(&digest, 5).expect("looks"));
    ingest.put_blob(b"hello").expect("puts");
    ingest.commit().expect("commits");
    assert_eq!(store.get_blob(&digest).expect("gets"), b"hello");
}

#[test]
fn what_is_read_is_verified_ls_8_bug_45() {
    let (_dir, store) = empty();
    let bytes = vec![9; 200_000];
    let digest = store.put_blob(&bytes).expect("puts");
    let mut all = Vec::new();
    store.open_blob(&digest).expect("opens").read_to_end(&mut all).expect("reads");
    assert_eq!(all, bytes);

    let file = path(&store, &digest);
    fs::remove_file(&file).expect("removes");
    let mut wrong = bytes.clone();
    wrong[150_000] = 0;
    for wrong in [&wrong[..], &bytes[..199_999], &[&bytes[..], b"x"].concat(), b""] {
        fs::write(&file, wrong).expect("writes");
        assert_eq!(
            store.get_blob(&digest).expect_err("is wrong").kind(),
            ErrorKind::DigestMismatch
        );
        let mut reader = store.open_blob(&digest).expect("opens");
        let mut all = Vec::new();
        let error = reader.read_to_end(&mut all).expect_err("is wrong");
        assert!(all.len() < wrong.len().max(1), "the last part is held back");
        let error = Error::from_io("read", &file, error);
        assert_eq!(error.kind(), ErrorKind::DigestMismatch);
        assert!(error.diagnostics()[0].help.is_some());
        reader.read(&mut [0; 8]).expect_err("stays wrong");
    }
}

#[test]
fn an_empty_blob_is_a_blob_ls_8() {
    let (_dir, store) = empty();
    let digest = store.put_blob(b"").expect("puts");
    assert_eq!(store.get_blob(&digest).expect("gets"), b"");
    let mut all = Vec::new();
    store.open_blob(&digest).expect("opens").read_to_end(&mut all).expect("reads");
    assert!(all.is_empty());
}

#[test]
fn the_largest_blob_st_25_bug_47() {
    let (_dir, store) = empty();
    let mib = vec![1; 1 << 20];
    let mut writer = store.blob_writer().expect("starts");
    for _ in 0..limits::MAX_BLOB_SIZE >> 20 {
        writer.write_all(&mib).expect("fits");
    }
    let error = writer.write_all(b"x").expect_err("is one too many");
    let error = Error::from_io("write", store.root(), error);
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    drop(writer);
    assert_eq!((count(&store), leftovers(&store)), (0, 0));

    let digest = digest::sha256(b"any");
    fs::create_dir_all(path(&store, &digest).parent().expect("has one")).expect("mkdir");
    let file = fs::File::create(path(&store, &digest)).expect("makes");
    file.set_len(limits::MAX_BLOB_SIZE + 1).expect("a sparse file");
    assert_eq!(store.get_blob(&digest).expect_err("is too large").kind(), ErrorKind::TooLarge);
}

#[test]
fn the_other_algorithms_can_be_read_st_4() {
    let (_dir, store) = empty();
    let text = "sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f\
                2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e";
    let digest = digest::parse(text).expect("is one");
    let file = path(&store, &digest);
    fs::create_dir_all(file.parent().expect("has one")).expect("mkdir");
    fs::write(&file, b"").expect("writes");
    assert_eq!(store.get_blob(&digest).expect("gets"), b"");
    fs::write(&file, b"x").expect("writes");
    assert_eq!(store.get_blob(&digest).expect_err("is wrong").kind(), ErrorKind::DigestMismatch);

    // One of another algorithm is no digest here, and so nobody can ask for it.
    let error = digest::parse("foo:bar").expect_err("is unknown");
    assert_eq!(error.kind(), ErrorKind::InvalidReference);
}

#[test]
fn is_index_looks_at_the_content_st_26() {
    let (_dir, store) = empty();
    let is_index = |bytes: &[u8]| {
        let digest = store.put_blob(bytes).expect("puts");
        (store.is_index(&digest).expect("looks"), store.get_index(&digest).is_ok())
    };
    let index = document(|json| {
        json.key("schemaVersion").integer(2);
        json.key("manifests").array(|_| ());
    });
    assert_eq!(is_index(&index), (true, true));
    assert_eq!(
        is_index(br#"{"mediaType":"application/vnd.oci.image.index.v1+json"}"#),
        (true, false)
    );
    assert_eq!(is_index(br#"{"config":{},"layers":[]}"#), (false, false));
    assert_eq!(is_index(b"no JSON"), (false, false));
}

#[test]
fn a_manifest_is_a_json_object_st_12() {
    let (_dir, store) = empty();
    for text in ["", "x", "[]", "null", "{}x"] {
        let error = store.put_manifest(text.as_bytes()).expect_err(text);
        assert_eq!(error.kind(), ErrorKind::InvalidDocument);
    }
    assert_eq!((count(&store), leftovers(&store)), (0, 0));
    let text = b"{ \"any\" : 1 }\n";
    let digest = store.put_manifest(text).expect("puts");
    assert_eq!(store.get_manifest(&digest).expect("gets"), text);
}

#[test]
fn a_writer_may_have_another_limit_st_25() {
    let (_dir, store) = empty();
    let mut writer = store.blob_writer().expect("starts").with_limit(10);
    writer.write_all(&[1; 10]).expect("fits");
    let error = writer.write_all(&[1]).expect_err("is too much");
    let error = oci_layout::Error::from_io("write", Path::new(""), error);
    assert_eq!(error.kind(), ErrorKind::TooLarge);
}

#[test]
fn a_blob_may_be_stored_under_a_digest_of_another_algorithm_st_4() {
    let (_dir, store) = empty();
    // In memory until its end; in its file; and a part of it in each.
    for size in [0, 10, 200_000, 200_000 + 1] {
        let bytes = vec![7; size];
        for algorithm in [Algorithm::Sha384, Algorithm::Sha512] {
            let zeros = "0".repeat(2 * algorithm.size());
            let any = digest::parse(&format!("{algorithm}:{zeros}")).expect("is one");
            let mut hasher = digest::Hasher::of(algorithm);
            hasher.update(&bytes);
            let right = hasher.finish();
            let write = || {
                let mut writer = store.blob_writer().expect("starts");
                for piece in bytes.chunks(150_000) {
                    writer.write_all(piece).expect("writes");
                }
                writer
            };
            let error = write().finish_expecting(&any, size as u64).expect_err("is another");
            assert_eq!(error.kind(), ErrorKind::DigestMismatch);
            write().finish_expecting(&right, size as u64).expect("is it");
            assert_eq!(store.get_blob(&right).expect("is there"), bytes);
            assert_eq!(store.blob_size(&any).expect("looks"), None);
        }
    }
}
