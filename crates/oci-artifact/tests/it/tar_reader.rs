// SPDX-License-Identifier: Apache-2.0
//! The tar reader: every rule of format.md, 11.2, with the archives that try it.

use std::io::{self, Read};

use oci_artifact::tar::{Limits, Reader};
use oci_artifact::{Error, ErrorKind, Result};
use proptest::prelude::*;

use crate::tar_fixture::{File, archive, epoch, files};

fn read_from(archive: impl Read, limits: Limits) -> Result<Vec<File>> {
    files(Reader::new(archive, limits))
}

fn read(archive: &[u8]) -> Result<Vec<File>> {
    read_from(archive, Limits::default())
}

/// The paths in an archive that must be good.
#[track_caller]
fn paths(archive: &[u8]) -> Vec<String> {
    let files = read(archive).expect("is accepted");
    files.into_iter().map(|(path, ..)| String::from_utf8(path).expect("is text")).collect()
}

/// The message for an archive that must be refused, whether its content is looked at or not.
#[track_caller]
fn refusal(archive: &[u8]) -> String {
    let error = read(archive).expect_err("is refused");
    assert_eq!(error.kind(), ErrorKind::InvalidArchive, "{error}");
    let mut reader = Reader::new(archive, Limits::default());
    while let Ok(Some(_)) = reader.next_entry() {}
    reader.next_entry().expect_err("stays refused");
    error.to_string()
}

/// A ustar member: header, content and padding.
fn member(name: &str, kind: u8, content: &[u8]) -> Vec<u8> {
    edited(name, kind, content, &[])
}

/// Returns an archive with other bytes at some offsets of the header, and a right checksum.
fn edited(name: &str, kind: u8, content: &[u8], edits: &[(usize, &[u8])]) -> Vec<u8> {
    let mut header = [0; 512];
    let size = format!("{:011o}\0", content.len());
    let fields: [(usize, &[u8]); 6] = [
        (0, name.as_bytes()),
        (100, b"0000644\0"),
        (124, size.as_bytes()),
        (148, b"        "),
        (156, &[kind]),
        (257, b"ustar\x0000"),
    ];
    for (offset, bytes) in fields.into_iter().chain(edits.iter().copied()) {
        header[offset..offset + bytes.len()].copy_from_slice(bytes);
    }
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let padding = vec![0; content.len().wrapping_neg() % 512];
    [&header, content, &padding].concat()
}

fn file(name: &str) -> Vec<u8> {
    member(name, b'0', b"hi")
}

/// A PAX member of these records.
fn pax(records: &[(&str, &str)]) -> Vec<u8> {
    let mut content = String::new();
    for (key, value) in records {
        let rest = key.len() + value.len() + 3;
        let length = (1..).find(|digits| (rest + digits).to_string().len() == *digits);
        content += &format!("{} {key}={value}\n", rest + length.expect("has a length"));
    }
    member("PaxHeaders.0/x", b'x', content.as_bytes())
}

const END: [u8; 1024] = [0; 1024];
const ZEROS: [u8; 512] = [0; 512];

#[test]
fn where_an_archive_ends_ex_1() {
    let a = file("a");
    for end in [&END[..], &ZEROS, b"", &[&END[..], b"junk"].concat(), &[&END, &a[..]].concat()] {
        assert_eq!(paths(&[&a, end].concat()), ["a"]);
    }
    assert_eq!(paths(b""), [""; 0]);
    assert_eq!(paths(&END), [""; 0]);
    assert_eq!(paths(&a[..514]), ["a"], "padding may be missing");
    assert_eq!(paths(&a[..600]), ["a"], "in part, too");
    for cut in [1, 511, 512, 513, 1024 + 1, 1024 + 511] {
        refusal(&[&a[..], &a[..]].concat()[..cut]);
    }
    assert!(refusal(&[&ZEROS, &a[..]].concat()).contains("zeros"));
    refusal(&[&a, &ZEROS[..], b"x"].concat());
}

#[test]
fn a_wrong_checksum_ex_2() {
    let mut archive = file("a");
    archive[1] = b'b';
    assert!(refusal(&archive).contains("checksum"));
    refusal(&[0x20; 512]);
}

#[test]
fn sizes_and_modes_in_base_256_ex_4() {
    let mut size = [0; 12];
    (size[0], size[11]) = (0x80, 2);
    let mode = [0x80, 0, 0, 0, 0, 0, 0x01, 0xff];
    let files = read(&edited("a", b'0', b"hi", &[(100, &mode), (124, &size)]));
    assert_eq!(files.expect("is accepted"), [(b"a".to_vec(), 0o777, b"hi".to_vec())]);
}

#[test]
fn a_negative_size_ex_6() {
    assert!(refusal(&edited("a", b'0', b"hi", &[(124, &[0xff; 12])])).contains("negative"));
    assert!(refusal(&edited("a", 0, b"hi", &[(124, &[0xff; 12])])).contains("negative"));
    for kind in *b"xLK" {
        refusal(&edited("a", kind, b"hi", &[(124, &[0xff; 12])]));
    }
    let directory = edited("d", b'5', b"", &[(124, &[0xff; 12])]);
    assert_eq!(paths(&[directory, file("a")].concat()), ["a"]);
    let directory = edited("d", b'5', b"", &[(124, b"00000001000\0")]);
    assert_eq!(paths(&[directory, file("a")].concat()), ["a"], "a directory has no content");
}

#[test]
fn records_apply_to_the_next_member_ex_7() {
    let a = file("a");
    for (records, expected) in [
        (vec![("path", "long/é"), ("mtime", "-0.5"), ("comment", "x")], "long/é"),
        (vec![("path", "")], "a"),
        (vec![("path", "x"), ("path", "y")], "y"),
        (vec![("path", "./x//y")], "x/y"),
        (vec![("size", "2"), ("linkpath", "z"), ("uname", "u")], "a"),
    ] {
        assert_eq!(paths(&[pax(&records), a.clone(), file("b")].concat()), [expected, "b"]);
    }
    let archive = [pax(&[("path", "x")]), pax(&[("size", "2")]), a.clone()].concat();
    assert_eq!(paths(&archive), ["a"], "a second header replaces the first");
    let long = ("d".repeat(20) + "/").repeat(190) + "f";
    assert_eq!(paths(&[pax(&[("path", &long)]), a.clone()].concat()), [long]);
    for records in
        [vec![("size", "-2")], vec![("size", "x")], vec![("uid", "x")], vec![("mtime", ".5")]]
    {
        refusal(&[pax(&records), a.clone()].concat());
    }
    assert!(refusal(&[pax(&[("path", "../x")]), a.clone()].concat()).contains("leads out"));
    refusal(&[member("x", b'x', b"9 path=x"), a.clone()].concat());
    refusal(&[pax(&[("path", "x")])[..520].to_vec(), a].concat());
}

#[test]
fn the_size_of_a_record_wins_ex_7() {
    let archive = [pax(&[("size", "3")]), edited("a", b'0', b"123", &[(124, b"00000000000\0")])];
    assert_eq!(read(&archive.concat()).expect("is accepted")[0].2, b"123");
}

#[test]
fn helpers_have_a_mebibyte_at_most_ex_7_and_8() {
    let text = "x".repeat(1 << 20);
    let full = format!("{} comment={}\n", 1 << 20, &text[..(1 << 20) - 17]);
    assert_eq!(full.len(), 1 << 20);
    assert_eq!(paths(&[member("x", b'x', full.as_bytes()), file("a")].concat()), ["a"]);
    assert_eq!(paths(&[member("x", b'K', text.as_bytes()), file("a")].concat()), ["a"]);
    for kind in *b"xLK" {
        let over = member("x", kind, format!("{text}x").as_bytes());
        refusal(&[over, file("a")].concat());
        refusal(&edited("x", kind, b"", &[(124, b"77777777777\0")]));
    }
}

#[test]
fn gnu_long_names_ex_8() {
    let long = |name: &str| member("././@LongLink", b'L', name.as_bytes());
    assert_eq!(paths(&[long("long\0junk"), file("a"), file("b")].concat()), ["long", "b"]);
    assert_eq!(paths(&[long("x\0"), long("y\0"), file("a")].concat()), ["y"]);
    assert_eq!(paths(&[long("\0"), file("a")].concat()), ["a"]);
    assert_eq!(paths(&[pax(&[("path", "p")]), long("l"), file("a")].concat()), ["l"]);
    assert_eq!(paths(&[long("l"), pax(&[("path", "p")]), file("a")].concat()), ["l"]);
    assert_eq!(paths(&[member("k", b'K', b"../evil\0"), file("a")].concat()), ["a"]);
    refusal(&[long("../x\0"), file("a")].concat());
}

#[test]
fn what_waits_at_the_end_is_ignored_and_directories_consume_it_ex_9() {
    let records = pax(&[("path", "p")]);
    assert_eq!(paths(&[file("a"), records.clone(), END.to_vec()].concat()), ["a"]);
    assert_eq!(paths(&[file("a"), records.clone()].concat()), ["a"]);
    assert_eq!(paths(&[records, member("d/", b'5', b""), file("a")].concat()), ["a"]);
}

#[test]
fn a_global_header_fails_the_archive_ex_10_bug_66() {
    let global = member("pax_global_header", b'g', b"16 comment=abcd\n");
    assert!(refusal(&[global, file("a")].concat()).contains("global PAX header"));
}

#[test]
fn the_type_before_posix_ex_11() {
    let old = |name: &str, content: &[u8]| member(name, 0, content);
    assert_eq!(paths(&[old("d/", b""), old("d/a", b"hi")].concat()), ["d/a"]);
    assert!(refusal(&old("d/", b"hi")).contains("content"));
    assert!(refusal(&[pax(&[("size", "2")]), old("d/", b"")].concat()).contains("content"));
    assert!(refusal(&[pax(&[("path", "d/")]), old("d", b"hi")].concat()).contains("content"));
    let hidden = [old("d/", &file("hidden")), END.to_vec()].concat();
    assert!(refusal(&hidden).contains("content"), "no member hides in a directory");
}

#[test]
fn sparse_files_are_refused_ex_12_bug_64() {
    let v0_0 = [
        ("GNU.sparse.size", "1000"),
        ("GNU.sparse.numblocks", "1"),
        ("GNU.sparse.offset", "998"),
        ("GNU.sparse.numbytes", "2"),
    ];
    let v0_1 =
        [("GNU.sparse.size", "1000"), ("GNU.sparse.numblocks", "1"), ("GNU.sparse.map", "998,2")];
    let v1_0 = [
        ("GNU.sparse.major", "1"),
        ("GNU.sparse.minor", "0"),
        ("GNU.sparse.name", "a"),
        ("GNU.sparse.realsize", "104857600"),
    ];
    for records in [&v0_0[..], &v0_1, &v1_0, &[("GNU.sparse.major", "2")]] {
        assert!(refusal(&[pax(records), file("a")].concat()).contains("sparse"));
    }
    assert!(refusal(&member("a", b'S', b"hi")).contains("`S`"));
}

#[test]
fn links_devices_and_all_else_ex_13() {
    assert!(refusal(&member("a", b'1', b"")).contains("hard link"));
    assert!(refusal(&member("a", b'2', b"")).contains("symbolic link"));
    for kind in (1..=u8::MAX).filter(|kind| !b"05xgLK12".contains(kind)) {
        assert!(refusal(&member("a", kind, b"hi")).contains("is not accepted"), "{kind}");
    }
    for kind in *b"0125" {
        assert!(refusal(&member("../a", kind, b"")).contains("leads out"), "names come first");
    }
}

#[test]
fn the_size_of_a_member_ex_13() {
    let limits = Limits { member_size: 2, ..Limits::default() };
    assert!(read_from(&file("a")[..], limits).is_ok());
    let error = read_from(&member("a", b'0', b"123")[..], limits).expect_err("is too large");
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    let claimed = edited("a", b'0', b"hi", &[(124, b"77777777777\0")]);
    assert_eq!(read(&claimed).expect_err("is too large").kind(), ErrorKind::TooLarge);
    // EX-17: no limit is too large to be one.
    let limits = Limits {
        member_size: u64::MAX,
        members: usize::MAX,
        path_size: usize::MAX,
        directories: usize::MAX,
        depth: usize::MAX,
    };
    let files = read_from(&file("a")[..], limits).expect("is accepted");
    assert_eq!(files[0].2, b"hi");
    assert_eq!(
        read_from(&claimed[..], limits).expect_err("is cut").kind(),
        ErrorKind::InvalidArchive
    );
}

#[test]
fn empty_files_and_files_of_whole_blocks_ex_14() {
    let block = [7; 512];
    let archive = [member("a", b'0', b""), member("b", 0, &block), member("c", b'0', b"")].concat();
    let sizes: Vec<usize> = read(&archive).expect("is good").iter().map(|f| f.2.len()).collect();
    assert_eq!(sizes, [0, 512, 0]);
}

#[test]
fn names_are_cleaned_ex_15() {
    for (name, cleaned) in [("./a", "a"), ("a//b", "a/b"), ("a/../b", "b"), ("a\n:é", "a\n:é")] {
        assert_eq!(paths(&file(name)), [cleaned]);
    }
    for name in ["/a", "../a", "a/../../b", "..", "//a"] {
        refusal(&file(name));
    }
    assert_eq!(paths(&[member("./", b'5', b""), file("./a")].concat()), ["a"]);
}

#[test]
fn backslashes_are_refused_bug_60() {
    for name in ["a\\b", "..\\a", "C:\\a", "\\\\host\\a", "\\"] {
        for kind in *b"05" {
            assert!(refusal(&member(name, kind, b"")).contains("backslash"));
        }
    }
}

#[test]
fn files_need_a_name_bug_61() {
    for name in ["", ".", "./", "a/", "a/.", "a/..", "a/b/.."] {
        refusal(&member(name, b'0', b"hi"));
    }
}

#[test]
fn duplicates_and_conflicts_bug_62() {
    let directory = |name| member(name, b'5', b"");
    for archive in [
        vec![file("a"), file("a")],
        vec![file("a"), file("./a")],
        vec![file("a"), file("b"), file("a/c")],
        vec![file("a/b"), file("a-"), file("a")],
        vec![file("a"), directory("a/")],
        vec![directory("a/b/"), file("a")],
    ] {
        refusal(&archive.concat());
    }
    let good = [directory("a"), directory("a/"), file("a/b"), file("a-"), directory("a/c/")];
    assert_eq!(paths(&good.concat()), ["a/b", "a-"]);
}

#[test]
fn modes_are_masked_bug_63() {
    for (mode, masked) in [
        (b"0104755\0", 0o755),
        (b"0007777\0", 0o777),
        (b"0000000\0", 0),
        (b"\xff\xff\xff\xff\xff\xff\xff\xff", 0o777),
    ] {
        let files = read(&edited("a", b'0', b"", &[(100, mode)]));
        assert_eq!(files.expect("is accepted")[0].1, masked);
    }
}

#[test]
fn the_number_of_members_bug_65() {
    let limits = Limits { members: 2, ..Limits::default() };
    let two = [file("a"), member("d", b'5', b"")].concat();
    assert!(read_from(&[&two[..], &END].concat()[..], limits).is_ok());
    let error = read_from(&[two, file("b")].concat()[..], limits).expect_err("is one too many");
    assert_eq!(error.kind(), ErrorKind::TooManyFiles);
}

#[test]
fn the_number_of_directories_whether_they_are_members_or_implied_dev_6() {
    let limits = Limits { directories: 3, ..Limits::default() };
    let three = [file("a/b/x"), file("a/b/y"), member("a/c", b'5', b""), file("z")].concat();
    assert!(read_from(&[&three[..], &END].concat()[..], limits).is_ok());
    for one_more in [file("d/x"), member("d", b'5', b""), file("a/b/e/x"), file("a/c/e/x")] {
        let error = read_from(&[&three[..], &one_more].concat()[..], limits).expect_err("too many");
        assert_eq!(error.kind(), ErrorKind::TooManyFiles);
        assert!(error.to_string().contains("more than 3 directories"), "{error}");
    }
}

#[test]
fn the_number_of_names_in_a_path_dev_6() {
    let path = |names: usize| vec!["d"; names].join("/");
    let deep = |names: usize| [pax(&[("path", &path(names))]), file("a")].concat();
    assert_eq!(paths(&deep(256)), [path(256)]);
    assert!(refusal(&deep(257)).contains("more than 256 names"));
    // What cleaning leaves counts.
    let longer = format!("./{}//x/../f", path(255));
    assert_eq!(paths(&[pax(&[("path", &longer)]), file("a")].concat()), [path(255) + "/f"]);
    let directory = [pax(&[("path", &path(257))]), member("a", b'5', b"")].concat();
    assert!(refusal(&directory).contains("more than 256 names"));
}

#[test]
fn the_length_of_a_path_bug_65() {
    let limits = Limits { path_size: 5, ..Limits::default() };
    assert!(read_from(&file("a/b/c")[..], limits).is_ok());
    assert!(read_from(&file("a/b/cd")[..], limits).is_err());
    refusal(&[pax(&[("path", &"x".repeat(4_097))]), file("a")].concat());
}

/// An input that fails at its end.
struct Failing<'a>(&'a [u8]);

impl Read for Failing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(Error::new(ErrorKind::DigestMismatch, "wrong").into()),
            read => Ok(read),
        }
    }
}

#[test]
fn the_input_is_read_to_its_end_and_its_errors_are_told_ex_1() {
    let archive = [file("a"), END.to_vec(), b"junk".to_vec()].concat();
    for cut in [0, 100, 512, 513, 600, 1024, 1024 + 512, archive.len()] {
        let error = read_from(Failing(&archive[..cut]), Limits::default()).expect_err("fails");
        assert_eq!(error.kind(), ErrorKind::DigestMismatch, "{cut}");
    }
}

#[test]
fn what_is_not_read_of_a_member_is_passed_over_ex_16() {
    let archive = [member("a", b'0', &[1; 2000]), file("b")].concat();
    for take in [0, 1, 1999, 2000] {
        let mut reader = Reader::new(&archive[..], Limits::default());
        let entry = reader.next_entry().expect("is good").expect("has a member");
        let mut content = Vec::new();
        entry.take(take).read_to_end(&mut content).expect("is good");
        let next = reader.next_entry().expect("is good").expect("has a second member");
        assert_eq!(next.path(), b"b");
    }
}

#[test]
fn an_archive_of_gnu_tar_and_one_of_python_ex_16() {
    for (name, archive) in [
        ("gnu", &include_bytes!("../../../../testdata/tar/gnu.tar")[..]),
        ("python", include_bytes!("../../../../testdata/tar/python.tar")),
    ] {
        let long = format!("d/{}/{}", "l".repeat(90), "é".repeat(60));
        let mut files = read(archive).expect(name);
        files.sort();
        let expected = [("d/a.txt", 0o644, "hi\n"), (&long, 0o644, "long\n"), ("d/run", 0o755, "")];
        let expected = expected.map(|(p, m, c)| (p.as_bytes().to_vec(), m, c.as_bytes().to_vec()));
        assert_eq!(files, expected, "{name}");
    }
}

fn any_files() -> impl Strategy<Value = Vec<File>> {
    let component = prop_oneof![
        4 => "[a-z]{1,6}",
        1 => "[a-z]{90,160}",
        1 => "[é日]{1,3}[a-z]{0,3}",
        1 => "[!-.0-\\[^-~]{3,12}",
    ];
    let path =
        prop::collection::vec(component, 1..5).prop_map(|parts| parts.join("/").into_bytes());
    let content = prop::collection::vec(any::<u8>(), 0..1100);
    // A number in front keeps paths apart.
    prop::collection::vec((path, 1u32..=0o777, content), 0..8).prop_map(|mut files| {
        for (at, (path, ..)) in files.iter_mut().enumerate() {
            path.splice(..0, format!("{at}").into_bytes());
        }
        files
    })
}

proptest! {
    #[test]
    fn what_the_writer_wrote_comes_back_ex_16(files in any_files(), epoch in epoch()) {
        prop_assert_eq!(read(&archive(&files, epoch).expect("can be written")).expect("is accepted"), files);
    }

    #[test]
    fn no_damage_makes_it_panic_or_yield_more_than_there_is_ex_13(
        files in any_files(),
        epoch in epoch(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        mend in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut archive = archive(&files, epoch).expect("can be written");
        for (at, byte) in edits {
            *at.get_mut(&mut archive[..]) = byte;
        }
        // One header gets its checksum right again, so that the damage is looked at.
        let block = mend.index(archive.len() / 512) * 512;
        let block = &mut archive[block..block + 512];
        block[148..156].copy_from_slice(b"        ");
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());

        for archive in [&archive[..], &archive[..cut.index(archive.len())]] {
            if let Ok(files) = read(archive) {
                let total: usize = files.iter().map(|file| file.2.len()).sum();
                prop_assert!(total <= archive.len());
                for (path, mode, _) in files {
                    let parts: Vec<_> = path.split(|b| *b == b'/').collect();
                    prop_assert!(parts.iter().all(|p| !matches!(*p, b"" | b"." | b"..")));
                    prop_assert!(mode <= 0o777);
                }
            }
        }
    }
}
