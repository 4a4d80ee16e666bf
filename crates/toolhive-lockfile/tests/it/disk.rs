// SPDX-License-Identifier: Apache-2.0
//! The file on disk (lock.md, 2.4).

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use oci_artifact::ErrorKind;
use toolhive_lockfile::{Entry, FILE_NAME, LOCK_NAME, LockFile, Session, load};

fn lock(name: &str) -> LockFile {
    let entry = Entry {
        name: name.to_owned(),
        source: "x".to_owned(),
        digest: "0".repeat(40),
        ..Entry::default()
    };
    LockFile { skills: vec![entry], ..LockFile::default() }
}

#[test]
fn a_session_reads_and_replaces_the_file() {
    let root = tempfile::tempdir().expect("a directory");
    assert!(load(root.path()).expect("is read").is_none());
    let session = Session::begin(root.path(), &()).expect("begins");
    assert!(session.read().expect("is read").is_empty());
    session.write(&lock("ab")).expect("is written");
    session.write(&lock("cd")).expect("is written");
    let read = load(root.path()).expect("is read").expect("is there");
    assert_eq!(read.skills[0].name, "cd");
    let path = root.path().join(FILE_NAME);
    assert_eq!(fs::metadata(path).expect("is there").permissions().mode() & 0o777, 0o644);
    let mut names: Vec<_> = fs::read_dir(root.path())
        .expect("is read")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
        .collect();
    names.sort();
    assert_eq!(names, [FILE_NAME, LOCK_NAME], "nothing is left over");
}

#[test]
fn no_link_is_followed() {
    let (root, other) = (tempfile::tempdir().expect("made"), tempfile::tempdir().expect("made"));
    let outside = other.path().join("file");
    fs::write(&outside, "version: 1\n").expect("written");
    for name in [FILE_NAME, LOCK_NAME] {
        let path = root.path().join(name);
        let _ = fs::remove_file(&path);
        symlink(&outside, &path).expect("linked");
        let error = match name {
            FILE_NAME => {
                let session = Session::begin(root.path(), &()).expect("begins");
                assert_eq!(
                    session.write(&lock("ab")).expect_err("link").kind(),
                    ErrorKind::InvalidFile
                );
                drop(session);
                load(root.path()).expect_err("is refused")
            }
            _ => Session::begin(root.path(), &()).expect_err("is refused"),
        };
        assert_eq!(error.kind(), ErrorKind::InvalidFile, "{error}");
        assert_eq!(fs::read(&outside).expect("is there"), b"version: 1\n");
        fs::remove_file(&path).expect("removed");
    }
}

#[test]
fn an_invalid_file_is_refused_with_path_and_place_and_never_written() {
    let root = tempfile::tempdir().expect("a directory");
    fs::write(root.path().join(FILE_NAME), "skills:\n  - name: A\n").expect("written");
    let error = load(root.path()).expect_err("is refused");
    assert!(error.to_string().contains(&format!("{FILE_NAME}:2:")), "{error}");
    let session = Session::begin(root.path(), &()).expect("begins");
    assert!(session.write(&lock("NO")).is_err());
    let text = fs::read_to_string(root.path().join(FILE_NAME)).expect("is there");
    assert_eq!(text, "skills:\n  - name: A\n");
}
