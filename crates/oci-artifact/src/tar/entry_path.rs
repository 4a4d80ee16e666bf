// SPDX-License-Identifier: Apache-2.0
//! The paths of members: bytes, with `/` between components.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Included, Unbounded};
use std::path::PathBuf;

/// The lexically cleaned path (format.md, 0): repeated `/` collapsed, `.` dropped, `x/..`
/// resolved, a leading `..` kept in a relative path and dropped in an absolute one, a trailing `/`
/// dropped; `.` if nothing remains.
pub fn clean(path: &[u8]) -> Vec<u8> {
    let absolute = path.first() == Some(&b'/');
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|b| *b == b'/') {
        match part {
            b"" | b"." => {}
            b".." => match parts.last() {
                Some(last) if *last != b".." => {
                    parts.pop();
                }
                _ if absolute => {}
                _ => parts.push(part),
            },
            _ => parts.push(part),
        }
    }
    match (absolute, parts.is_empty()) {
        (true, _) => [b"/", parts.join(&b'/').as_slice()].concat(),
        (false, true) => b".".to_vec(),
        (false, false) => parts.join(&b'/'),
    }
}

/// The cleaned path of a member, if it stays inside the directory that the archive stands for
/// (EX-15): relative, without a backslash (BUG-60), and on Windows without a drive.
///
/// A directory may be `.`; see [`names_a_file`] for files.
///
/// # Errors
/// What is wrong, as the end of a sentence about the path.
pub fn checked(path: &[u8]) -> Result<Vec<u8>, &'static str> {
    if path.contains(&0) {
        return Err("contains a NUL byte");
    }
    if path.contains(&b'\\') {
        return Err("contains a backslash");
    }
    let path = clean(path);
    if path.starts_with(b"/") {
        return Err("is absolute");
    }
    if path == b".." || path.starts_with(b"../") {
        return Err("leads out of the archive's directory");
    }
    if cfg!(windows) && has_drive(&path) {
        return Err("names a drive");
    }
    Ok(path)
}

/// Whether the last component, before cleaning, can be that of a file: neither empty (as in `a/`)
/// nor `.` nor `..` (BUG-61).
pub fn names_a_file(path: &[u8]) -> bool {
    let last = path.rsplit(|b| *b == b'/').next().unwrap_or_default();
    !matches!(last, b"" | b"." | b"..")
}

/// Whether Windows would take the start of the path for a drive.
fn has_drive(path: &[u8]) -> bool {
    matches!(path, [letter, b':', ..] if letter.is_ascii_alphabetic())
}

/// The path as a diagnostic shows it; what is not UTF-8 becomes U+FFFD.
pub(super) fn shown(path: &[u8]) -> PathBuf {
    String::from_utf8_lossy(path).into_owned().into()
}

/// What a path stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Node {
    File,
    Directory,
}

/// The paths of an archive so far, among which no file is there twice, is a directory as well, or
/// has something below it (BUG-62).
#[derive(Clone, Debug, Default)]
pub(super) struct Tree(BTreeMap<Vec<u8>, Node>);

impl Tree {
    /// Adds a cleaned path.
    ///
    /// # Errors
    /// What is wrong, as the end of a sentence about the path.
    pub(super) fn add(&mut self, path: &[u8], node: Node) -> Result<(), &'static str> {
        // With NUL for `/`, what is below a path follows right after it, before `path-`.
        let key: Vec<u8> = path.iter().map(|b| if *b == b'/' { 0 } else { *b }).collect();
        let below = [key.as_slice(), &[0]].concat();

        // Of a file above, this would be the next path: only what is below could stand between.
        let before = self.0.range::<[u8], _>((Unbounded, Excluded(&key[..]))).next_back();
        if let Some((above, Node::File)) = before
            && key.strip_prefix(&above[..]).is_some_and(|rest| rest.starts_with(&[0]))
        {
            return Err("is below a path that is a file");
        }
        let after = self.0.range::<[u8], _>((Included(&below[..]), Unbounded)).next();
        if node == Node::File && after.is_some_and(|(path, _)| path.starts_with(&below)) {
            return Err("is a file and a directory");
        }
        match (self.0.insert(key, node), node) {
            (None, _) | (Some(Node::Directory), Node::Directory) => Ok(()),
            (Some(Node::File), Node::File) => Err("is there twice"),
            _ => Err("is a file and a directory"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ex_15_lexical_cleaning() {
        for (path, cleaned) in [
            ("", "."),
            (".", "."),
            ("./a", "a"),
            ("a//b", "a/b"),
            ("a/../b", "b"),
            ("a/", "a"),
            ("a/..", "."),
            ("..", ".."),
            ("../a/..", ".."),
            ("a/../../b", "../b"),
            ("../../a", "../../a"),
            ("/", "/"),
            ("//a", "/a"),
            ("/../a/", "/a"),
            ("/a/..", "/"),
            ("...", "..."),
            ("a/.../b", "a/.../b"),
        ] {
            assert_eq!(clean(path.as_bytes()), cleaned.as_bytes(), "{path}");
        }
    }

    #[test]
    fn ex_15_and_bug_60_paths_that_lead_elsewhere() {
        for path in [
            "..",
            "../a",
            "a/../..",
            "a/../../b",
            "/",
            "/a",
            "//a",
            "/..",
            "a\\b",
            "\\a",
            "..\\a",
            "a\\\\b",
            "C:\\a",
            "a\0b",
        ] {
            assert!(checked(path.as_bytes()).is_err(), "{path:?}");
        }
        for path in ["...", "..a", "a..b", "a:b", "CON", ".git/x", "a\nb", "~", "é", "a/..."] {
            assert_eq!(checked(path.as_bytes()).as_deref(), Ok(path.as_bytes()));
        }
        assert_eq!(checked(b"a/../b\xff").as_deref(), Ok(b"b\xff".as_slice()));
        assert!(
            has_drive(b"C:")
                && has_drive(b"c:/a")
                && !has_drive("é:".as_bytes())
                && !has_drive(b"ab:")
        );
    }

    #[test]
    fn bug_61_names_of_files() {
        for (path, good) in [
            ("", false),
            (".", false),
            ("..", false),
            ("a/", false),
            ("a/.", false),
            ("a/b/..", false),
            ("a", true),
            ("./a", true),
            ("a/...", true),
        ] {
            assert_eq!(names_a_file(path.as_bytes()), good, "{path}");
        }
    }

    #[test]
    fn bug_62_files_directories_and_what_is_below() {
        use Node::{Directory, File};
        for (paths, good) in [
            (vec![("a", File), ("b", File), ("a-", File), ("a.b", File)], true),
            (vec![("a/b", File), ("a-", File), ("a/c", File), ("a", Directory)], true),
            (vec![("a", Directory), ("a", Directory), ("a/b", File)], true),
            (vec![("ab", File), ("a", File), ("abc/d", File)], true),
            (vec![("a", File), ("a", File)], false),
            (vec![("a", File), ("a", Directory)], false),
            (vec![("a", Directory), ("a", File)], false),
            (vec![("a", File), ("a!", File), ("a/b/c/d", File)], false),
            (vec![("a", File), ("a/b", Directory)], false),
            (vec![("a/b/c", File), ("a!", File), ("a", File)], false),
            (vec![("a/b", Directory), ("a", File)], false),
            (vec![("a", Directory), ("a/b", File), ("a/b/c", File)], false),
        ] {
            let mut tree = Tree::default();
            let added = paths.iter().try_for_each(|(path, node)| tree.add(path.as_bytes(), *node));
            assert_eq!(added.is_ok(), good, "{paths:?} {added:?}");
        }
    }
}
