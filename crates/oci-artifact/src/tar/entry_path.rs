// SPDX-License-Identifier: Apache-2.0
//! The paths of members: bytes, with `/` between components.

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

/// The path as a diagnostic shows it; what is not UTF-8 becomes U+FFFD.
pub(super) fn shown(path: &[u8]) -> PathBuf {
    String::from_utf8_lossy(path).into_owned().into()
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
}
