// SPDX-License-Identifier: Apache-2.0
//! Complete layers of the reference (format.md, appendix A): read, and made again from what was in
//! them.

use std::io::Write;

use oci_artifact::ErrorKind;
use oci_artifact::epoch::Epoch;
use oci_artifact::gzip::{self, Writer};
use oci_artifact::limits::MAX_LAYER_SIZE;
use oci_artifact::tar::{Limits, Reader};
use sha2::{Digest, Sha256};

use crate::tar_fixture::{File, archive, files};

fn read(layer: &[u8]) -> Vec<File> {
    files(Reader::new(gzip::Reader::new(layer, MAX_LAYER_SIZE), Limits::default()))
        .expect("is good")
}

fn write(files: &[File], epoch: Epoch) -> Vec<u8> {
    let tar = archive(files, epoch).expect("can be written");
    let mut encoder = Writer::new(Vec::new(), epoch.gzip_mtime()).expect("can be written");
    encoder.write_all(&tar).expect("can be written");
    encoder.finish().expect("can be written")
}

fn round_trip(name: &str, sha256: &str, seconds: i64, expected: &[(&str, u32, usize)]) {
    let path = test_support::testdata("layers").join(name);
    let layer = std::fs::read(path).expect("can be read");
    let digest: String = Sha256::digest(&layer).iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(digest, sha256);
    let files = read(&layer);
    let shown: Vec<_> = files
        .iter()
        .map(|(path, mode, content)| (str::from_utf8(path).expect("is text"), *mode, content.len()))
        .collect();
    assert_eq!(shown, expected);
    assert!(write(&files, Epoch::from_seconds(seconds)) == layer, "{name} differs");
}

#[test]
fn f1_a_plugin() {
    round_trip(
        "f1.tar.gz",
        "64d83a1d1b1447e42505bb766aede325480d07bd6505d2d0798e3f90c98f5ad2",
        1_700_000_000,
        &[
            (".claude-plugin/plugin.json", 0o644, 305),
            (".mcp.json", 0o600, 2),
            ("bin/run.sh", 0o755, 10),
            ("commands/a&b.md", 0o644, 6),
        ],
    );
}

#[test]
fn f2_a_skill() {
    round_trip(
        "f2.tar.gz",
        "a81d99571ec3008be33ffc550903de20f2e3e4193d019c718d4b992159f0fd7d",
        1_700_000_000,
        &[("SKILL.md", 0o644, 239), ("scripts/run.sh", 0o644, 8)],
    );
}

#[test]
fn f3_the_smallest_plugin() {
    round_trip(
        "f3.tar.gz",
        "96af1cd661134c2acf39caf169ea1efc74885720fd57316120549f0af86a9e36",
        0,
        &[(".claude-plugin/plugin.json", 0o644, 12)],
    );
}

#[test]
fn f4_the_smallest_skill() {
    round_trip(
        "f4.tar.gz",
        "ac9a024f064272785276bd1481cfd29d5b85e7c6157a5b195f9709be9c531eaf",
        0,
        &[("SKILL.md", 0o644, 16)],
    );
}

#[test]
fn an_archive_within_a_bad_gzip_member_has_its_kind_of_error_gu_1() {
    let archive = archive(&[(b"f".to_vec(), 0o644, vec![7; 100_000])], Epoch::UNIX).expect("fits");
    let mut writer = Writer::new(Vec::new(), 0).expect("begins");
    writer.write_all(&archive).expect("writes");
    let member = writer.finish().expect("ends");
    let cut_off = &member[..member.len() - 1];
    // The limit is passed in a header, and in what a file holds.
    for (member, limit, kind) in [
        (cut_off, MAX_LAYER_SIZE, ErrorKind::InvalidArchive),
        (&b"no member"[..], MAX_LAYER_SIZE, ErrorKind::InvalidArchive),
        (&member, 100, ErrorKind::TooLarge),
        (&member, 1_000, ErrorKind::TooLarge),
    ] {
        let input = gzip::Reader::new(member, limit);
        let error = files(Reader::new(input, Limits::default())).expect_err("is refused");
        assert_eq!(error.kind(), kind, "{error:?}");
    }
}
