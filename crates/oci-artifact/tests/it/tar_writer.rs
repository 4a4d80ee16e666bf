// SPDX-License-Identifier: Apache-2.0
//! The tar writer: vectors of the reference (TV-01 to TV-30), fields, and another reader's opinion.

use std::collections::BTreeMap;
use std::io::Read;

use oci_artifact::ErrorKind;
use oci_artifact::epoch::Epoch;
use oci_artifact::tar::{Writer, archive_size};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use crate::tar_fixture::{File, archive, epoch};

const UNIX: Epoch = Epoch::UNIX;

fn at(seconds: i64) -> Epoch {
    Epoch::from_seconds(seconds)
}

fn at_nanos(seconds: i64, nanos: u32) -> Epoch {
    Epoch::new(seconds, nanos).expect("a valid epoch")
}

/// A member as the fixture takes it.
fn file(path: &[u8], mode: u32, content: &[u8]) -> File {
    (path.to_vec(), mode, content.to_vec())
}

/// The archive of one file `hi`.
fn single(path: &[u8], epoch: Epoch) -> Vec<u8> {
    archive(&[file(path, 0, b"hi")], epoch).expect("can be written")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn archives_are_the_bytes_of_the_reference_tv_01_to_28() {
    let a = |n| "a".repeat(n);
    let p = |n| "p".repeat(n);
    let b = |n| "b".repeat(n);
    let one = |path: String, epoch| single(path.as_bytes(), epoch);
    let mut many = ["a/b", "a.b", "a-b", "A", "é", "a", "a b"];
    many.sort_unstable();
    let many = many.map(|path| file(path.as_bytes(), 0, b"hi"));
    let content = |path: &[u8], mode, content: &[u8], epoch| {
        archive(&[file(path, mode, content)], epoch).expect("can be written")
    };
    #[rustfmt::skip]
    let table = [
        ("TV-01", archive(&[], UNIX).expect("can be written"), 1024, "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"),
        ("TV-02", single(b"a.txt", UNIX), 2048, "63702ec632c4225aaa494f507ef04f83e386736bbd2b33dd2b0fc9e2f6f20b83"),
        ("TV-03", content(b"a.txt", 0o755, b"", at(1_700_000_000)), 1536, "d57b36f1b8c8be976587eeb79c46622dba9826ffbee58b541464aea486ecb669"),
        ("TV-04", content(b"e", 0, &[0; 512], UNIX), 2048, "1359f70e7ddea7509c0bd2c5bb66425cb8a20e3c5b56259f6d9a1a09ce42d8dc"),
        ("TV-05", content(b"e", 0, &[0; 513], UNIX), 2560, "470330fb8826112fe94e8d15e65151f2290edffbfae967c82ea28696dbd273b1"),
        ("TV-06", one(a(100), UNIX), 2048, "4ec034fe107d3cf879d1a36f40a6031ec8642f7fb9ec8e978c335f4b1d05fee0"),
        ("TV-07", one(a(101), UNIX), 3072, "ab65e20154480b499d453f8a693c935c47da9ff467c74c9513c491d02c8430dc"),
        ("TV-08", one(format!("d/{}", a(100)), UNIX), 2048, "200b5b542b182994ce0b7ca89bda3169964d7e287172411ffa8f8e49db3a07d2"),
        ("TV-09", one(format!("d/{}", a(101)), UNIX), 3072, "3e5f3f482cc59c8b89deb5dbc3c321ecf105422bc9a3545339ba4f4c25c8cec4"),
        ("TV-10", one(format!("{}/{}", p(155), a(100)), UNIX), 2048, "21d4fb19c99ad50824963b44380b6fde1f2e93436c7ecac94806faabe30ddad7"),
        ("TV-11", one(format!("{}/{}", p(156), a(99)), UNIX), 3072, "0c10dff505b7b1c79d40d524fc486f8410efbf8bb0a5147ecadb6a4ce5f4f765"),
        ("TV-12", one(format!("{}/x", p(160)), UNIX), 3072, "83cca2872b75d9be78cab635ac1fc9d622514539bfe828d05aa37f77df9fcf79"),
        ("TV-13", one(format!("{}/{}/{}", p(100), "q".repeat(55), "r".repeat(10)), UNIX), 2048, "de538c4dccce5d9669d27fd5a3abbc71edd1d79f3fd33d82f07afd01f8d54233"),
        ("TV-14", one(format!("{}/{}", p(99), b(110)), UNIX), 3072, "35deafde7e16e8dcfa6fab6c8fb05e033bc33c747dcf355b2f3e7eca1ebd0152"),
        ("TV-15", single("é.txt".as_bytes(), UNIX), 3072, "8ae4011a81b9637f8a80e4be33fe52932e8dabbf564c74aec230a39481f49a4c"),
        ("TV-16", single("dé/ü/ñ.txt".as_bytes(), UNIX), 3072, "a514a96e5fece162afceaa373d5f51edaa9a5ae5a46c754c91ed357b6ab6355b"),
        ("TV-17", single("日本/語".as_bytes(), UNIX), 3072, "eb73bfcbd50d8762767956dcfd365e969d5e93c9db6c0a73c31b3bd44ba239e9"),
        ("TV-18", single(b"\x61\xFF\x2F\x62\xFE", UNIX), 3072, "81f822fa7c5f325c9649318fdf1a29991f21aa7d8caf92a6ecfcf2c4890b0d41"),
        ("TV-19", one(format!("é{}", a(89)), UNIX), 3072, "755acfd98998045fa4858d0b721db9852be495d16a59a1b993023723284da114"),
        ("TV-20", one(format!("{}/é/é/{}", p(96), b(20)), UNIX), 3072, "ecc65ae9dc13dcffba150b5be777a9771a7946396009bced7174d798973e6555"),
        ("TV-21", single(b"a", at(8_589_934_591)), 2048, "42724cd2129d191f2b6ddc3a20669a3b4ee30b4a93d5941d3adc96ff3fd96077"),
        ("TV-22", single(b"a", at(8_589_934_592)), 3072, "f51e4df0828299af45a4e3c6ae739ef3159c036bd7ada6b24f5ae4b54ddd83df"),
        ("TV-23", single(b"a", at(-1)), 3072, "b9c49c80b32c69a09e95be20aa4f5e55fc9e4562b34afffa0530d25b096ad85e"),
        ("TV-24", single(b"a", at_nanos(1, 500_000_000)), 3072, "3a8ef703598ef944a1baa5c9dff6ebf846d19ab53c658806a66184a053ec25d2"),
        ("TV-25", single(b"a", at_nanos(-1, 500_000_000)), 3072, "c6dac40b1e141b73ec219e91dc73cc9c4d64dff3f078d9358b841bb13f745d8b"),
        ("TV-26", one(format!("d/{}", a(100)), at(-5)), 3072, "3bc6e90dfa8a386b94e2337004d31d1eec6d72730d7c4aafd2a52eefdfddbca9"),
        ("TV-27", single("é".as_bytes(), at(-5)), 3072, "a34ffcccb4fe2b6f5892cfdccce595f270d0d8439be32d7e26f431fcc8e4a7de"),
        ("TV-28", archive(&many, UNIX).expect("can be written"), 9216, "4c775d6db675de99a9e9dd079e90b4ebd168706ea86834867301dde29920c9ec"),
    ];
    for (id, bytes, size, sha256) in table {
        assert_eq!((bytes.len(), hex(&Sha256::digest(&bytes)).as_str()), (size, sha256), "{id}");
    }
}

#[test]
fn modes_and_names_that_no_header_holds_are_refused_tv_29_and_30() {
    for (path, mode) in [("a/", 0o644), ("a", 0o1000_0000), ("a", u32::MAX), ("a\0b", 0o644)] {
        let error = archive(&[file(path.as_bytes(), mode, b"hi")], UNIX).expect_err(path);
        assert_eq!(error.kind(), ErrorKind::InvalidFile, "{path} {mode:o}");
    }
    assert!(archive(&[file(b"a", 0o777_7777, b"hi")], UNIX).is_ok());
}

#[test]
fn members_are_sorted_and_unique_tar_1() {
    for paths in [["a/b", "a.b"], ["a", "a"], ["b", "a"]] {
        let members = paths.map(|path| file(path.as_bytes(), 0, b"hi"));
        let error = archive(&members, UNIX).expect_err("is out of order");
        assert_eq!(error.kind(), ErrorKind::InvalidFile);
    }
}

#[test]
fn no_mode_is_0644_tar_3() {
    assert_eq!(single(b"a", UNIX)[100..108], *b"0000644\0");
}

#[test]
fn every_field_of_a_plain_header_tar_7() {
    let bytes = archive(&[file(b"bin/run", 0o755, b"0123456789")], at(8)).expect("can be written");
    let mut header = [0; 512];
    let fields: [(usize, &[u8]); 12] = [
        (0, b"bin/run"),
        (100, b"0000755\0"),
        (108, b"0000000\0"),
        (116, b"0000000\0"),
        (124, b"00000000012\0"),
        (136, b"00000000010\0"),
        (148, b"        "),
        (156, b"0"),
        (257, b"ustar\0"),
        (263, b"00"),
        (329, b"0000000\0"),
        (337, b"0000000\0"),
    ];
    for (offset, field) in fields {
        header[offset..offset + field.len()].copy_from_slice(field);
    }
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut content = [0; 512];
    content[..10].copy_from_slice(b"0123456789");
    assert_eq!(bytes, [header, content, [0; 512], [0; 512]].concat());
}

#[test]
fn bytes_stay_behind_the_end_of_a_name_tar_12() {
    let path = format!("{}///{}", "p".repeat(97), "b".repeat(110));
    let bytes = single(path.as_bytes(), UNIX);
    assert_eq!(bytes[1024 + 95..1024 + 101], *b"pp\0//0");
}

#[test]
fn content_of_another_size_is_an_error_tar_14() {
    for (size, content) in [(3, "hi"), (1, "hi"), (0, "hi"), (100_000, "hi")] {
        let mut writer = Writer::new(Vec::new(), UNIX);
        let error = writer.append(b"a", 0, size, &mut content.as_bytes()).expect_err("differs");
        assert_eq!(error.kind(), ErrorKind::InvalidFile);
    }
    let mut writer = Writer::new(Vec::new(), UNIX);
    let error = writer.append(b"a", 0, 1 << 33, &mut b"".as_slice()).expect_err("too large");
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(archive_size([(b"a".as_slice(), 1 << 33)], UNIX).is_err());
}

/// Yields its bytes in pieces, with interruptions.
struct Halting<'a>(&'a [u8], usize);

impl Read for Halting<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.1 += 1;
        if self.1.is_multiple_of(2) {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        let room = buffer.len().min(7);
        self.0.read(&mut buffer[..room])
    }
}

#[test]
fn how_content_is_cut_does_not_matter_tar_14() {
    let content: Vec<u8> = (0..200_000u32).map(|n| (n % 251) as u8).collect();
    let mut writer = Writer::new(Vec::new(), UNIX);
    writer.append(b"a", 0, 200_000, &mut Halting(&content, 0)).expect("can be written");
    let whole = archive(&[file(b"a", 0, &content)], UNIX).expect("can be written");
    assert!(writer.finish().expect("can be written") == whole);
}

/// Paths with everything that makes a header choose its form.
fn path() -> impl Strategy<Value = Vec<u8>> {
    let component = prop_oneof![
        4 => "[a-z.]{1,6}",
        1 => "[a-z]{90,160}",
        1 => "[é日]{1,3}[a-z]{0,3}",
        1 => "[ -.0-~]{1,12}",
    ];
    // The tar crate splits records at every line feed, so none is in the paths that it reads.
    let byte = any::<u8>().prop_filter("a line feed", |byte| *byte != b'\n');
    let raw = prop::collection::vec(byte, 1..4);
    let component = prop_oneof![8 => component.prop_map(String::into_bytes), 1 => raw];
    prop::collection::vec(component, 1..5)
        .prop_map(|parts| parts.join(&b'/'))
        .prop_filter("refused", |path| !path.contains(&0) && path.last() != Some(&b'/'))
}

proptest! {
    #[test]
    fn the_tar_crate_reads_what_was_written_tar_8(
        files in prop::collection::btree_map(
            path(), (0u32..=0o777, prop::collection::vec(any::<u8>(), 0..1100)), 0..8),
        epoch in epoch(),
    ) {
        let members: Vec<File> = files.iter().map(|(path, (m, c))| file(path, *m, c)).collect();
        let bytes = archive(&members, epoch).expect("can be written");
        prop_assert_eq!(bytes.len() % 512, 0);

        let mut read = BTreeMap::new();
        for entry in tar::Archive::new(&bytes[..]).entries().expect("starts") {
            let mut entry = entry.expect("a member");
            let mut content = Vec::new();
            entry.read_to_end(&mut content).expect("content");
            let mode = entry.header().mode().expect("a mode");
            prop_assert!(entry.header().entry_type().is_file());
            if epoch.nanos() == 0 && (0..1 << 33).contains(&epoch.seconds()) {
                prop_assert_eq!(entry.header().mtime().ok(), u64::try_from(epoch.seconds()).ok());
            }
            read.insert(entry.path_bytes().into_owned(), (mode, content));
        }
        let expected: BTreeMap<_, _> = files
            .into_iter()
            .map(|(path, (mode, content))| (path, (if mode == 0 { 0o644 } else { mode }, content)))
            .collect();
        prop_assert_eq!(read, expected);
    }
}
