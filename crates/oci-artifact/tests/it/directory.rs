// SPDX-License-Identifier: Apache-2.0
//! The walk (format.md, 1).

use std::fs;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use oci_artifact::directory::{Directory, Hidden, HiddenSpecials, Tree};
use oci_artifact::{Error, ErrorKind, limits};
use tempfile::TempDir;

const MANIFEST: &str = ".claude-plugin/plugin.json";
const STRICT: Hidden = Hidden {
    directories: &[".claude-plugin"],
    files: &[".mcp.json"],
    specials: HiddenSpecials::Refuse,
};
const LENIENT: Hidden = Hidden { directories: &[], files: &[], specials: HiddenSpecials::Ignore };

/// A directory with these files; those whose names end in `/` are directories.
fn tree(paths: &[&str]) -> TempDir {
    let root = TempDir::new().expect("a temporary directory");
    for path in paths {
        let full = root.path().join(path);
        if path.ends_with('/') {
            fs::create_dir_all(full).expect("a directory");
        } else {
            fs::create_dir_all(full.parent().expect("has one")).expect("a directory");
            fs::write(full, path).expect("a file");
        }
    }
    root
}

fn walk(root: &Path, hidden: &Hidden) -> Result<Tree, Error> {
    Directory::open(root)?.walk(hidden, MANIFEST)
}

fn paths(tree: &Tree) -> Vec<&str> {
    tree.paths().collect()
}

fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorKind {
    result.expect_err("has to fail").kind()
}

#[test]
fn files_are_sorted_by_bytes_not_by_components_tar_1() {
    let root = tree(&["a/b", "a.b", "a-b", "A", "a b", "\u{e9}", "a/", "z/", "z/y/"]);
    let found = walk(root.path(), &STRICT).expect("walks");
    assert_eq!(paths(&found), ["A", "a b", "a-b", "a.b", "a/b", "é"]);
}

#[test]
fn hidden_entries_of_a_plugin_pw_2_pw_4() {
    let root = tree(&[
        MANIFEST,
        ".claude-plugin/marketplace.json",
        ".claude-plugin/sub/x",
        ".claude-plugin/.sub/x",
        ".mcp.json",
        ".lsp.json",
        ".git/config",
        "sub/.mcp.json",
        "x/.claude-plugin/y",
        "..foo",
        "a..b",
    ]);
    let found = walk(root.path(), &STRICT).expect("walks");
    assert_eq!(paths(&found), [".mcp.json", "a..b"]);
    let omitted: Vec<_> = found.omitted.iter().map(|p| String::from_utf8_lossy(p)).collect();
    assert_eq!(
        omitted,
        [
            "..foo",
            ".claude-plugin/.sub/",
            ".claude-plugin/marketplace.json",
            ".claude-plugin/sub/x",
            ".git/",
            ".lsp.json",
            "sub/.mcp.json",
            "x/.claude-plugin/"
        ]
    );
    let warning = found.omitted_warning().expect("BUG-12: the author is told");
    assert!(warning.message.starts_with("7 hidden entries"), "{warning}");
}

#[test]
fn what_the_finder_leaves_everywhere_is_left_out_without_a_word_bug_12() {
    let root = tree(&[MANIFEST, ".DS_Store", "sub/.DS_Store", "sub/file"]);
    let found = walk(root.path(), &STRICT).expect("walks");
    assert_eq!((paths(&found), found.omitted.len()), (vec!["sub/file"], 2));
    assert_eq!(found.omitted_warning().map(|warning| warning.message), None);
    let root = tree(&[MANIFEST, ".DS_Store", ".DS_Store2", "sub/.DS_Store/x/", ".lsp.json"]);
    let found = walk(root.path(), &STRICT).expect("walks");
    let warning = found.omitted_warning().expect("of the others");
    assert!(warning.message.ends_with("artifact: .DS_Store2, .lsp.json"), "{warning}");
}

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
fn one_file_too_many_pw_6() {
    let root = tree(&[MANIFEST]);
    for n in 0..limits::MAX_FILES {
        fs::write(root.path().join(format!("f{n:04}")), "").expect("a file");
    }
    assert_eq!(walk(root.path(), &STRICT).expect("as many as may be").files.len(), 1_000);
    fs::write(root.path().join("one-more"), "").expect("a file");
    assert_eq!(kind(walk(root.path(), &STRICT)), ErrorKind::TooManyFiles);
}

#[test]
fn sizes_are_summed_before_anything_is_read_pw_7_bug_05() {
    let root = tree(&[]);
    let sparse = |name: &str, size| {
        let file = fs::File::create(root.path().join(name)).expect("a file");
        file.set_len(size).expect("a sparse file");
    };
    sparse("a", limits::MAX_CONTENT_SIZE - 1);
    sparse("b", 1);
    assert_eq!(walk(root.path(), &STRICT).expect("fits").size, limits::MAX_CONTENT_SIZE);
    sparse("b", 2);
    assert_eq!(kind(walk(root.path(), &STRICT)), ErrorKind::TooLarge);
    sparse("b", 1 << 40);
    assert_eq!(kind(walk(root.path(), &STRICT)), ErrorKind::TooLarge);
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
fn what_stands_in_place_of_the_manifest_pd_1_bug_02() {
    let manifest = |root: &TempDir| {
        let directory = Directory::open(root.path()).expect("opens");
        directory.open_manifest(MANIFEST).map(|(_, entry)| entry.size)
    };
    assert_eq!(manifest(&tree(&[MANIFEST])).ok(), Some(MANIFEST.len() as u64));
    assert_eq!(kind(manifest(&tree(&["x"]))), ErrorKind::ManifestMissing);
    assert_eq!(kind(manifest(&tree(&[".claude-plugin/"]))), ErrorKind::ManifestMissing);
    assert_eq!(kind(manifest(&tree(&[".claude-plugin/Plugin.json"]))), ErrorKind::ManifestMissing);
    assert_eq!(kind(manifest(&tree(&[".claude-plugin/plugin.json/"]))), ErrorKind::InvalidFile);
    assert_eq!(kind(manifest(&tree(&[".claude-plugin"]))), ErrorKind::InvalidFile);

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

#[test]
fn a_missing_directory_and_a_file_are_no_directories() {
    let root = tree(&["file"]);
    for path in ["missing", "file", "file/sub", "a\0b"] {
        let result = Directory::open(&root.path().join(path));
        assert_eq!(kind(result), ErrorKind::InvalidDir, "{path}");
    }
    assert_eq!(kind(Directory::open(Path::new(""))), ErrorKind::InvalidDir);
}

/// The walk's error, and what a survey has against the tree.
fn refused(root: &Path) -> (Error, Vec<Error>) {
    let directory = Directory::open(root).expect("opens");
    let survey = directory.survey(&STRICT).expect("surveys");
    assert!(!survey.is_complete);
    (directory.walk(&STRICT, MANIFEST).expect_err("is refused"), survey.refusals)
}

#[test]
fn the_number_of_names_in_a_path_dev_6() {
    let path = |names: usize| vec!["d"; names].join("/");
    let root = tree(&[&path(256)]);
    assert_eq!(paths(&walk(root.path(), &STRICT).expect("walks")), [path(256)]);
    let root = tree(&[&path(257)]);
    let (error, told) = refused(root.path());
    assert_eq!(error.kind(), ErrorKind::InvalidFile);
    assert!(error.to_string().contains("more than 256 names"), "{error}");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].to_string(), error.to_string());
    // What is left out may be as deep as it likes.
    let root = tree(&[&format!(".hidden/{}", path(300)), "file"]);
    assert_eq!(paths(&walk(root.path(), &STRICT).expect("walks")), ["file"]);
    let survey = Directory::open(root.path()).expect("opens").survey(&STRICT).expect("surveys");
    assert!(survey.refusals.is_empty() && !survey.is_complete);
}

#[test]
fn the_number_of_directories_dev_6() {
    let root = tree(&["file"]);
    let make = |at: usize| fs::create_dir(root.path().join(format!("d{at}"))).expect("made");
    (0..limits::MAX_DIRECTORIES).for_each(make);
    fs::create_dir(root.path().join(".hidden")).expect("made");
    assert_eq!(paths(&walk(root.path(), &STRICT).expect("walks")), ["file"]);
    make(limits::MAX_DIRECTORIES);
    let (error, told) = refused(root.path());
    assert_eq!(error.kind(), ErrorKind::TooManyFiles);
    assert!(error.to_string().contains("more than 10000 directories"), "{error}");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].kind(), ErrorKind::TooManyFiles);
}

#[test]
fn a_file_that_changed_since_the_walk_is_refused() {
    let root = tree(&["file", "other"]);
    let directory = Directory::open(root.path()).expect("opens");
    let found = directory.walk(&STRICT, MANIFEST).expect("walks");
    assert!(found.files.iter().all(|file| directory.open_file(file).is_ok()));

    fs::write(root.path().join("file"), "grown").expect("written");
    fs::remove_file(root.path().join("other")).expect("removed");
    for file in &found.files {
        assert_eq!(kind(directory.open_file(file)), ErrorKind::InvalidFile);
    }
}

#[test]
fn permission_bits_only_mode_1() {
    let root = tree(&["file"]);
    let path = root.path().join("file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o6751)).expect("set");
    let found = walk(root.path(), &STRICT).expect("walks");
    assert_eq!(found.files[0].mode, 0o751);
}

/// A link that another process puts in the place of a directory while we read is never followed.
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
