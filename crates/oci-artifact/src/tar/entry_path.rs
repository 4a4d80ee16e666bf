// SPDX-License-Identifier: Apache-2.0
//! The paths of members: bytes, with `/` between components.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Included, Unbounded};
use std::path::PathBuf;

/// Returns the lexically cleaned path (format.md, 0): repeated `/` collapsed, `.` dropped, `x/..`
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

/// Returns the cleaned path of a member, if it stays inside the directory that the archive stands
/// for (EX-15): relative, without a backslash (BUG-60), and on Windows without a drive.
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

/// Returns the path as a diagnostic shows it; what is not UTF-8 becomes U+FFFD.
pub(super) fn shown(path: &[u8]) -> PathBuf {
    String::from_utf8_lossy(path).into_owned().into()
}

/// The meaning of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Node {
    File,
    Directory,
}

/// The paths of an archive so far, among which no file is there twice, is a directory as well, or
/// has something below it (BUG-62).
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    paths: BTreeMap<Vec<u8>, Node>,
    directories: usize,
}

impl Tree {
    /// Adds a cleaned path.
    ///
    /// # Errors
    /// What is wrong, as the end of a sentence about the path.
    pub(super) fn add(&mut self, path: &[u8], node: Node) -> Result<(), &'static str> {
        // With NUL for `/`, what is below a path follows right after it, before `path-`.
        let key: Vec<u8> = path.iter().map(|b| if *b == b'/' { 0 } else { *b }).collect();
        self.directories += self.new_directories(&key, node);
        let below = [key.as_slice(), &[0]].concat();

        // Of a file above, this would be the next path: only what is below could stand between.
        let before = self.paths.range::<[u8], _>((Unbounded, Excluded(&key[..]))).next_back();
        if let Some((above, Node::File)) = before
            && key.strip_prefix(&above[..]).is_some_and(|rest| rest.starts_with(&[0]))
        {
            return Err("is below a path that is a file");
        }
        let after = self.paths.range::<[u8], _>((Included(&below[..]), Unbounded)).next();
        if node == Node::File && after.is_some_and(|(path, _)| path.starts_with(&below)) {
            return Err("is a file and a directory");
        }
        match (self.paths.insert(key, node), node) {
            (None, _) | (Some(Node::Directory), Node::Directory) => Ok(()),
            (Some(Node::File), Node::File) => Err("is there twice"),
            _ => Err("is a file and a directory"),
        }
    }

    /// Returns the directories that the paths so far need, whether they are members or not.
    pub(super) fn directories(&self) -> usize {
        self.directories
    }

    /// Returns the number of directories that a path brings and none before it needs. All paths below a directory,
    /// and the directory, follow each other, so only the two neighbours can share one.
    fn new_directories(&self, key: &[u8], node: Node) -> usize {
        let before = self.paths.range::<[u8], _>((Unbounded, Included(key))).next_back();
        let after = self.paths.range::<[u8], _>((Included(key), Unbounded)).next();
        let shared = |other: Option<(&Vec<u8>, &Node)>| {
            other.map_or(0, |(other, node)| shared_directories(key, other, *node))
        };
        let all = depth(key) - usize::from(node == Node::File);
        all.saturating_sub(shared(before).max(shared(after)))
    }
}

/// Returns the number of directories on the way to a path that are also on the way to another one, or are that one.
fn shared_directories(key: &[u8], other: &[u8], node: Node) -> usize {
    let count = |key: &[u8]| key.iter().filter(|b| **b == 0).count();
    let same = key.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (start, rest) = key.split_at_checked(same).unwrap_or((key, &[]));
    // The last name of the common start is a whole one of both where both end or go on after it.
    let is_whole = |rest: &[u8]| rest.first().is_none_or(|b| *b == 0);
    let is_directory = |rest: &[u8]| !rest.is_empty() || node == Node::Directory;
    let other = other.get(same..).unwrap_or_default();
    let last = is_whole(rest) && is_whole(other) && is_directory(other) && !start.is_empty();
    count(start) + usize::from(last)
}

/// The number of names in a path, with NUL between them.
fn depth(key: &[u8]) -> usize {
    1 + key.iter().filter(|b| **b == 0).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lexical_cleaning_ex_15() {
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
    fn paths_that_lead_elsewhere_ex_15_bug_60() {
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
        // Where there are drives, this is a path on one.
        let expected = if cfg!(windows) { Err("names a drive") } else { Ok(b"a:b".as_slice()) };
        assert_eq!(checked(b"a:b").as_deref().map_err(|why| *why), expected);
        for path in ["...", "..a", "a..b", "ab:c", "CON", ".git/x", "a\nb", "~", "é", "a/..."] {
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
    fn names_of_files_bug_61() {
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
    fn directories_are_counted_once_whether_they_are_members_or_implied_dev_6() {
        use Node::{Directory, File};
        // In all orders of the members; a set of prefixes is the other way to count.
        let members = [
            ("a/b/c/x", File),
            ("a/b/y", File),
            ("a!/b/x", File),
            ("a/b", Directory),
            ("a/bc/x", File),
            ("a", Directory),
            ("d/e/f", Directory),
            ("d/e/f/g", File),
            ("top", File),
        ];
        for turn in 0..members.len() {
            for stride in [1, 2, 4, 5, 7, 8] {
                let (mut tree, mut set) = (Tree::default(), std::collections::BTreeSet::new());
                for at in 0..members.len() {
                    let (path, node) = members[(turn + at * stride) % members.len()];
                    tree.add(path.as_bytes(), node).expect("is accepted");
                    let names: Vec<&str> = path.split('/').collect();
                    let count = names.len() - usize::from(node == File);
                    set.extend((1..=count).map(|count| names[..count].join("/")));
                    assert_eq!(tree.directories(), set.len(), "{path} {turn} {stride}");
                }
            }
        }
    }

    #[test]
    fn files_directories_and_what_is_below_bug_62() {
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
