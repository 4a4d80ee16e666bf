// SPDX-License-Identifier: Apache-2.0
//! The kind of a file by its first bytes (S-77).

/// The number of first bytes that are looked at.
pub(super) const SIZE: usize = 1_024;

/// The kind of a file, by its first bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Head {
    /// A kind that is not recognised.
    #[default]
    Unknown,
    /// `#!` and this line, without a line end.
    Shebang(String),
    /// A machine's own code: `elf`, `mach-o`, `pe`, `wasm`.
    Binary(&'static str),
    /// An archive: `zip`, `gzip`.
    Archive(&'static str),
}

impl Head {
    /// Looks at the first bytes of a file.
    pub(super) fn of(start: &[u8]) -> Self {
        if let Some(rest) = start.strip_prefix(b"#!") {
            let line = rest.split(|b| matches!(b, b'\n' | b'\r')).next().unwrap_or_default();
            return Self::Shebang(String::from_utf8_lossy(line).trim().to_owned());
        }
        match start {
            [0x7f, b'E', b'L', b'F', ..] => Self::Binary("elf"),
            [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..] | [0xce | 0xcf, 0xfa, 0xed, 0xfe, ..] => {
                Self::Binary("mach-o")
            }
            // A fat Mach-O; a Java class has a larger version in the same place.
            [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 0..=31, ..] => Self::Binary("mach-o"),
            [b'M', b'Z', rest @ ..] if rest.contains(&0) => Self::Binary("pe"),
            [0, b'a', b's', b'm', ..] => Self::Binary("wasm"),
            [b'P', b'K', 3, 4, ..] => Self::Archive("zip"),
            [0x1f, 0x8b, 8, ..] => Self::Archive("gzip"),
            _ => Self::Unknown,
        }
    }

    /// Returns the interpreter that a shebang names: `bash` of `/usr/bin/env -S bash -e`.
    pub fn interpreter(&self) -> Option<&str> {
        let Self::Shebang(line) = self else { return None };
        let mut words = line.split_ascii_whitespace();
        let program = words.next()?.rsplit('/').next()?;
        if program != "env" {
            return Some(program);
        }
        let word = words.find(|word| !word.starts_with('-') && !word.contains('='))?;
        word.rsplit('/').next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_tell_what_a_file_is_s_77() {
        assert_eq!(Head::of(b"#!/usr/bin/env -S uv run --script\n").interpreter(), Some("uv"));
        assert_eq!(Head::of(b"#!/bin/sh").interpreter(), Some("sh"));
        assert_eq!(Head::of(b"#!/usr/bin/env A=b python3\r\n").interpreter(), Some("python3"));
        assert_eq!(Head::of(b"#!").interpreter(), None);
        assert_eq!(Head::of(b"\x7fELF\x02"), Head::Binary("elf"));
        assert_eq!(Head::of(b"MZ\x90\0"), Head::Binary("pe"));
        assert_eq!(Head::of(b"MZ is a text"), Head::Unknown);
        assert_eq!(Head::of(b"PK\x03\x04"), Head::Archive("zip"));
        assert_eq!(Head::of(b"\xca\xfe\xba\xbe\0\0\0\x02"), Head::Binary("mach-o"));
        assert_eq!(Head::of(b"\xca\xfe\xba\xbe\0\0\0\x41"), Head::Unknown, "a Java class");
    }
}
