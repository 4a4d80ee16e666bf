// SPDX-License-Identifier: Apache-2.0
//! The calls do the same on every system: these tests are also built for Windows and run there.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};

use held_directory::{
    AtFlags, CWD, Dir, Errno, FileType, Mode, OFlags, OwnedFd, RenameFlags, fstat, fsync, mkdirat,
    openat, renameat, renameat_with, statat, unlinkat,
};
use tempfile::TempDir;

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW);
const NEW: OFlags =
    OFlags::WRONLY.union(OFlags::CREATE).union(OFlags::EXCL).union(OFlags::NOFOLLOW);

fn held(root: &TempDir) -> OwnedFd {
    openat(CWD, root.path(), OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty()).expect("opens")
}

fn write(directory: &OwnedFd, name: &str, text: &str) {
    let file = openat(directory, name, NEW, Mode::from_raw_mode(0o644)).expect("is new");
    let mut file = File::from(file);
    file.write_all(text.as_bytes()).expect("takes it");
    fsync(&file).expect("reaches the disk");
}

fn read(directory: &OwnedFd, name: &str) -> Result<String, Errno> {
    let file = openat(directory, name, OFlags::RDONLY | OFlags::NOFOLLOW, Mode::empty())?;
    let mut text = String::new();
    File::from(file).read_to_string(&mut text).expect("is text");
    Ok(text)
}

#[test]
fn files_are_made_once_read_and_replaced() {
    let root = tempfile::tempdir().expect("a directory");
    let top = held(&root);
    write(&top, "a", "one");
    assert_eq!(openat(&top, "a", NEW, Mode::from_raw_mode(0o644)).err(), Some(Errno::EXIST));
    write(&top, "b", "two");
    assert_eq!(read(&top, "a").as_deref(), Ok("one"));
    renameat(&top, "b", &top, "a").expect("takes its place");
    assert_eq!(read(&top, "a").as_deref(), Ok("two"));
    assert_eq!(read(&top, "b").err(), Some(Errno::NOENT));
    assert_eq!(read(&top, "none/x").err(), Some(Errno::NOENT));
    fsync(&top).expect("is nothing to wait for");
}

#[test]
fn a_file_is_replaced_while_it_is_read() {
    let root = tempfile::tempdir().expect("a directory");
    let top = held(&root);
    write(&top, "a", "one");
    write(&top, "b", "two");
    let reader = File::from(openat(&top, "a", OFlags::RDONLY, Mode::empty()).expect("opens"));
    // Where the system lets nobody replace what is open, the reader is waited for.
    let reading = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(50));
        std::io::read_to_string(reader).expect("is text")
    });
    renameat(&top, "b", &top, "a").expect("takes its place");
    assert_eq!(reading.join().expect("reads"), "one");
    assert_eq!(read(&top, "a").as_deref(), Ok("two"));
}

#[test]
fn what_is_below_a_file_is_not_just_missing() {
    let root = tempfile::tempdir().expect("a directory");
    let top = held(&root);
    write(&top, "file", "text");
    for name in ["file/x", "file/x/y"] {
        assert_eq!(read(&top, name), Err(Errno::NOTDIR), "{name}");
        let found = statat(&top, name, AtFlags::SYMLINK_NOFOLLOW);
        assert_eq!(found.err(), Some(Errno::NOTDIR), "{name}");
    }
}

#[test]
fn what_is_there_is_told_apart() {
    let root = tempfile::tempdir().expect("a directory");
    let top = held(&root);
    write(&top, "a", "text");
    write(&top, "b", "text");
    mkdirat(&top, "d", Mode::from_raw_mode(0o755)).expect("is new");
    assert_eq!(mkdirat(&top, "d", Mode::from_raw_mode(0o755)), Err(Errno::EXIST));
    let look = |name: &str| statat(&top, name, AtFlags::SYMLINK_NOFOLLOW).expect("is there");
    let kind = |name: &str| FileType::from_raw_mode(look(name).st_mode);
    assert_eq!((kind("a"), kind("d")), (FileType::RegularFile, FileType::Directory));
    assert_eq!(look("a").st_size, 4);
    assert_eq!(look("a").st_nlink, 1);
    assert!(look("a").st_ino != look("b").st_ino && look("a").st_dev == look("b").st_dev);
    let inside = openat(&top, "d", DIRECTORY, Mode::empty()).expect("opens");
    assert_eq!(fstat(&inside).expect("is open").st_ino, look("d").st_ino);
    let above = openat(&inside, "..", DIRECTORY, Mode::empty()).expect("opens");
    assert_eq!(fstat(&above).expect("is open").st_ino, fstat(&top).expect("is open").st_ino);
    assert_eq!(openat(&top, "a", DIRECTORY, Mode::empty()).err(), Some(Errno::NOTDIR));
    let mut names = BTreeSet::new();
    for entry in Dir::read_from(&top).expect("can be read") {
        let entry = entry.expect("can be read");
        let name = entry.file_name().to_string_lossy().into_owned();
        if !matches!(&*name, "." | "..") {
            names.insert((name, entry.file_type() == FileType::Directory));
        }
    }
    let wanted = [("a", false), ("b", false), ("d", true)];
    assert_eq!(names, wanted.map(|(name, is)| (name.to_owned(), is)).into());
}

#[test]
fn a_directory_takes_the_place_of_an_empty_one_and_of_nothing_else() {
    let root = tempfile::tempdir().expect("a directory");
    let top = held(&root);
    for name in ["new", "empty", "full"] {
        mkdirat(&top, name, Mode::from_raw_mode(0o755)).expect("is new");
    }
    fs::write(root.path().join("new/x"), "new").expect("written");
    fs::write(root.path().join("full/x"), "old").expect("written");
    let refused = renameat(&top, "new", &top, "full").expect_err("it is not empty");
    assert!(matches!(refused, Errno::NOTEMPTY | Errno::EXIST), "{refused:?}");
    renameat(&top, "new", &top, "empty").expect("it is");
    assert_eq!(fs::read(root.path().join("empty/x")).expect("is there"), b"new");
    let refused = unlinkat(&top, "full", AtFlags::REMOVEDIR).expect_err("it is not empty");
    assert!(matches!(refused, Errno::NOTEMPTY | Errno::EXIST), "{refused:?}");
    let inside = openat(&top, "full", DIRECTORY, Mode::empty()).expect("opens");
    unlinkat(&inside, "x", AtFlags::empty()).expect("goes");
    drop(inside);
    unlinkat(&top, "full", AtFlags::REMOVEDIR).expect("goes");
    assert_eq!(unlinkat(&top, "full", AtFlags::REMOVEDIR), Err(Errno::NOENT));
}

#[test]
fn renaming_with_flags_does_it_or_says_that_it_cannot() {
    let root = tempfile::tempdir().expect("a directory");
    let top = held(&root);
    write(&top, "a", "one");
    write(&top, "b", "two");
    let done = renameat_with(&top, "a", &top, "b", RenameFlags::NOREPLACE);
    assert!(matches!(done, Err(Errno::EXIST | Errno::NOSYS | Errno::INVAL)), "{done:?}");
    assert_eq!(read(&top, "b").as_deref(), Ok("two"));
}

/// A name leads to an entry of the directory, whatever a system makes of some characters.
#[cfg(windows)]
#[test]
fn names_that_mean_more_to_windows_lead_nowhere() {
    let root = tempfile::tempdir().expect("a directory");
    let top = held(&root);
    write(&top, "a", "text");
    for name in ["a:stream", "a::$DATA", "x\\..\\a", "C:", "?", "a\0", ""] {
        assert!(read(&top, name).is_err(), "{name:?}");
        let made = openat(&top, name, NEW, Mode::from_raw_mode(0o644));
        assert_eq!(made.err(), Some(Errno::NOENT), "{name:?}");
    }
    assert_eq!(fs::read_dir(root.path()).expect("is there").count(), 1);
}

/// A held directory cannot be renamed by others.
#[cfg(windows)]
#[test]
fn a_directory_that_is_held_stays_where_it_is() {
    let root = tempfile::tempdir().expect("a directory");
    let top = held(&root);
    mkdirat(&top, "d", Mode::from_raw_mode(0o755)).expect("is new");
    let inside = openat(&top, "d", DIRECTORY, Mode::empty()).expect("opens");
    fs::rename(root.path().join("d"), root.path().join("e")).expect_err("it is held");
    drop(inside);
    fs::rename(root.path().join("d"), root.path().join("e")).expect("it is free");
}

#[cfg(unix)]
#[test]
fn no_link_is_followed() {
    let root = tempfile::tempdir().expect("a directory");
    let top = held(&root);
    write(&top, "a", "text");
    std::os::unix::fs::symlink("a", root.path().join("link")).expect("a link");
    std::os::unix::fs::symlink(".", root.path().join("up")).expect("a link");
    assert_eq!(read(&top, "link").err(), Some(Errno::LOOP));
    let opened = openat(&top, "up", DIRECTORY, Mode::empty()).expect_err("is a link");
    assert!(matches!(opened, Errno::LOOP | Errno::NOTDIR), "{opened:?}");
    unlinkat(&top, "link", AtFlags::empty()).expect("goes");
    assert_eq!(read(&top, "a").as_deref(), Ok("text"));
}
