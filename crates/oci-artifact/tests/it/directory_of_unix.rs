// SPDX-License-Identifier: Apache-2.0
//! The walk among what Unix alone has: links, pipes, modes, and names that are no text (format.md, 1).

use std::fs;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::sync::atomic::{AtomicBool, Ordering};

use oci_artifact::directory::Directory;
use oci_artifact::{ErrorKind, limits};

use super::directory::{LENIENT, MANIFEST, STRICT, kind, manifest, paths, tree, walk};

#[test]
fn hidden_entries_of_a_skill_sw_1() {
    let root = tree(&["SKILL.md", "sub/SKILL.md", ".mcp.json", ".x/y"]);
    symlink("/etc/passwd", root.path().join(".link")).expect("a link");
    let found = Directory::open(root.path()).expect("opens").walk(&LENIENT, "SKILL.md");
    assert_eq!(paths(&found.expect("walks")), ["sub/SKILL.md"]);
}

#[test]
fn links_are_refused_hidden_or_not_pw_1() {
    for name in ["link", ".link", ".mcp.json", "sub/link"] {
        let root = tree(&["sub/", "file"]);
        symlink("file", root.path().join(name)).expect("a link");
        assert_eq!(kind(walk(root.path(), &STRICT)), ErrorKind::InvalidFile, "{name}");
    }
    let root = tree(&[".hidden/"]);
    symlink("file", root.path().join(".hidden/link")).expect("a link");
    assert!(walk(root.path(), &STRICT).is_ok(), "what is passed over is not looked into");
}

#[test]
fn special_files_pw_3_sw_4() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    for (name, strict, lenient) in [("fifo", false, false), (".fifo", false, true)] {
        let root = tree(&["file"]);
        let path = root.path().join(name);
        mknodat(CWD, &path, FileType::Fifo, Mode::RUSR, 0).expect("a FIFO");
        assert_eq!(walk(root.path(), &STRICT).is_ok(), strict, "{name}");
        assert_eq!(walk(root.path(), &LENIENT).is_ok(), lenient, "{name}");
    }
}

#[test]
fn a_root_behind_a_link_is_walked_like_any_other_bug_01() {
    let root = tree(&["real/file", "real/sub/file"]);
    symlink("real", root.path().join("link")).expect("a link");
    let found = walk(&root.path().join("link"), &STRICT).expect("walks");
    assert_eq!(paths(&found), ["file", "sub/file"]);
}

#[test]
fn names_that_cannot_be_packaged_bug_18_bug_19() {
    for name in [&b"not\xffutf8"[..], b"back\\slash", b"two\\\\of"] {
        let root = tree(&[]);
        fs::write(root.path().join(std::ffi::OsStr::from_bytes(name)), "").expect("a file");
        assert_eq!(kind(walk(root.path(), &STRICT)), ErrorKind::InvalidFile);
    }
    let root = tree(&[]);
    fs::write(root.path().join(std::ffi::OsStr::from_bytes(b".\xff")), "").expect("a file");
    assert!(walk(root.path(), &STRICT).is_ok(), "what is left out may be called anything");
}

#[test]
fn the_depth_is_bounded_and_needs_no_stack_dev_6() {
    let root = tree(&[]);
    let mut directory =
        rustix::fs::open(root.path(), rustix::fs::OFlags::DIRECTORY, rustix::fs::Mode::empty())
            .expect("opens");
    for depth in 0..limits::MAX_PATH_SIZE / 2 + 2 {
        use rustix::fs::{Mode, OFlags};
        rustix::fs::mkdirat(&directory, "d", Mode::RWXU).expect("a directory");
        directory =
            rustix::fs::openat(&directory, "d", OFlags::DIRECTORY, Mode::empty()).expect("opens");
        if depth == 250 {
            let found = walk(root.path(), &STRICT).expect("deep, but not too deep");
            assert!(found.files.is_empty(), "WALK-5: empty directories vanish");
        }
    }
    assert_eq!(kind(walk(root.path(), &STRICT)), ErrorKind::InvalidFile);
}

#[test]
fn permission_bits_only_mode_1() {
    let root = tree(&["file"]);
    let path = root.path().join("file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o6751)).expect("set");
    let found = walk(root.path(), &STRICT).expect("walks");
    assert_eq!(found.files[0].mode, 0o751);
}

/// Another process that swaps a directory for a link while we read must never get us to read what
/// lies behind it.
#[test]
fn no_link_is_followed_even_if_it_appears_meanwhile_walk_2() {
    let outside = tree(&["file"]);
    fs::write(outside.path().join("file"), "secret").expect("written");
    let root = tree(&["sub/file"]);
    let (sub, aside) = (root.path().join("sub"), root.path().join(".aside"));
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                fs::rename(&sub, &aside).expect("renamed");
                symlink(outside.path(), &sub).expect("a link");
                fs::remove_file(&sub).expect("removed");
                fs::rename(&aside, &sub).expect("renamed back");
            }
        });
        let (mut rounds, mut read) = (0, 0);
        // The other thread may sleep for a while in the middle of a swap.
        while rounds < 3_000 || (read == 0 && rounds < 3_000_000) {
            rounds += 1;
            let directory = Directory::open(root.path()).expect("opens");
            let Ok(found) = directory.walk(&LENIENT, MANIFEST) else { continue };
            for entry in &found.files {
                if let Ok(mut file) = directory.open_file(entry) {
                    let mut text = String::new();
                    file.read_to_string(&mut text).expect("reads");
                    assert_eq!(text, "sub/file");
                    read += 1;
                }
            }
        }
        stop.store(true, Ordering::Relaxed);
        assert!(read > 0, "the swapping never let a file through");
    });
}

#[test]
fn a_link_in_place_of_the_manifest_pd_1_bug_02() {
    let root = tree(&["elsewhere/plugin.json", "file"]);
    symlink("elsewhere", root.path().join(".claude-plugin")).expect("a link");
    assert_eq!(kind(manifest(&root)), ErrorKind::InvalidFile);
    fs::remove_file(root.path().join(".claude-plugin")).expect("removed");
    symlink("nowhere", root.path().join(".claude-plugin")).expect("a link");
    assert_eq!(kind(manifest(&root)), ErrorKind::ManifestMissing);
    fs::remove_file(root.path().join(".claude-plugin")).expect("removed");
    fs::create_dir(root.path().join(".claude-plugin")).expect("a directory");
    symlink("../file", root.path().join(MANIFEST)).expect("a link");
    assert_eq!(kind(manifest(&root)), ErrorKind::InvalidFile);
}
