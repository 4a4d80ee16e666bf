// SPDX-License-Identifier: Apache-2.0
//! PAX records: what does not fit into a header, as text before it.

use std::collections::BTreeMap;

use crate::epoch::{Epoch, Fraction};

/// Appends the record `<len> <key>=<value>` LF, whose length counts itself (TAR-10).
pub(super) fn push_record(records: &mut Vec<u8>, key: &str, value: &[u8]) {
    let rest = " =\n".len() + key.len() + value.len();
    // The digits themselves can push the length past a power of ten.
    let mut length = rest;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    records.extend_from_slice(format!("{length} {key}=").as_bytes());
    records.extend_from_slice(value);
    records.push(b'\n');
}

/// Returns an epoch as the value of a record: decimal seconds with a fraction where it has one
/// (TAR-10).
pub(super) fn time_value(epoch: Epoch) -> String {
    let (seconds, nanos) = (epoch.seconds(), epoch.nanos());
    if seconds < 0 && nanos > 0 {
        // The sign is that of the whole number: -1 s + 0.5 s is written as -0.5.
        let whole = (seconds + 1).unsigned_abs();
        return format!("-{whole}{}", Fraction(1_000_000_000 - nanos));
    }
    format!("{seconds}{}", Fraction(nanos))
}

/// The records before a member that matter for it (EX-7), not yet validated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Records(BTreeMap<&'static str, Vec<u8>>);

impl Records {
    /// Takes apart the content of a member of type `x`; of a repeated key the last value counts.
    ///
    /// # Errors
    /// What is wrong, as the end of a sentence about the records.
    pub(super) fn parse(mut text: &[u8]) -> Result<Self, &'static str> {
        let mut records = BTreeMap::new();
        while !text.is_empty() {
            let (key, value, rest) = parse_record(text).ok_or("are malformed")?;
            text = rest;
            if key.starts_with(b"GNU.sparse.") {
                return Err("describe a sparse file, which is not accepted");
            }
            if let Some(known) = KNOWN.into_iter().find(|known| known.as_bytes() == key) {
                records.insert(known, value.to_vec());
            }
        }
        Ok(Self(records))
    }

    /// Returns the path of the member and its size where the records say them. Empty values say
    /// nothing.
    ///
    /// # Errors
    /// What is wrong, as the end of a sentence about the records.
    pub(super) fn validate(mut self) -> Result<(Option<Vec<u8>>, Option<i64>), &'static str> {
        self.0.retain(|_, value| !value.is_empty());
        for (key, value) in &self.0 {
            let valid = match *key {
                PATH => true,
                SIZE | "uid" | "gid" => decimal(value).is_some(),
                _ => is_time(value),
            };
            if !valid {
                return Err("have a value that is not a number");
            }
        }
        let size = self.0.get(SIZE).and_then(|value| decimal(value));
        Ok((self.0.remove(PATH), size))
    }
}

const PATH: &str = "path";
const SIZE: &str = "size";
/// The keys that are used, and those that are only validated.
const KNOWN: [&str; 7] = [PATH, SIZE, "uid", "gid", "mtime", "atime", "ctime"];
/// Keys whose values cannot have a NUL.
const TEXTS: [&[u8]; 4] = [b"path", b"linkpath", b"uname", b"gname"];
/// No record is shorter.
const MIN_RECORD: usize = 5;

/// Key and value of the first record, and what follows it.
fn parse_record(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let digits = text.iter().position(|b| *b == b' ')?;
    let length = usize::try_from(decimal(text.get(..digits)?)?).ok()?;
    if length < MIN_RECORD {
        return None;
    }
    let (record, rest) = text.split_at_checked(length)?;
    let record = record.get(digits + 1..)?.strip_suffix(b"\n")?;
    let equals = record.iter().position(|b| *b == b'=')?;
    let (key, value) = (record.get(..equals)?, record.get(equals + 1..)?);
    let bad_key = key.is_empty() || key.contains(&0);
    let bad_value = TEXTS.contains(&key) && value.contains(&0);
    (!bad_key && !bad_value).then_some((key, value, rest))
}

/// `[+-]?[0-9]+` within 64 bits.
fn decimal(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// A decimal number with or without a fraction, which may be empty.
fn is_time(text: &[u8]) -> bool {
    let mut parts = text.splitn(2, |b| *b == b'.');
    parts.next().is_some_and(|whole| decimal(whole).is_some())
        && parts.next().is_none_or(|fraction| fraction.iter().all(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_counts_its_own_digits_tar_10() {
        for (value, length) in
            [(0, 8), (1, 9), (2, 11), (90, 99), (91, 101), (989, 999), (990, 1001)]
        {
            let mut records = Vec::new();
            push_record(&mut records, "path", &vec![b'v'; value]);
            assert_eq!(records.len(), length, "{value}");
            let text = String::from_utf8(records).expect("is text");
            assert!(text.starts_with(&format!("{length} path=")) && text.ends_with('\n'), "{text}");
        }
    }

    #[test]
    fn times_tar_10() {
        for (seconds, nanos, text) in [
            (0, 0, "0"),
            (-1, 0, "-1"),
            (8_589_934_592, 0, "8589934592"),
            (1, 500_000_000, "1.5"),
            (1, 1, "1.000000001"),
            (0, 120_000_000, "0.12"),
            (-1, 500_000_000, "-0.5"),
            (-2, 1, "-1.999999999"),
            (i64::MAX, 1, "9223372036854775807.000000001"),
            (i64::MIN, 0, "-9223372036854775808"),
            (i64::MIN, 999_999_999, "-9223372036854775807.000000001"),
        ] {
            let epoch = Epoch::new(seconds, nanos).expect("a valid epoch");
            assert_eq!(time_value(epoch), text);
        }
    }

    #[test]
    fn what_a_record_may_look_like_ex_7() {
        for (text, path) in [
            ("", None),
            ("9 path=x\n", Some("x")),
            ("+10 path=x\n", None),
            ("+11 path=x\n", Some("x")),
            ("0011 path=x\n", None),
            ("0012 path=x\n", Some("x")),
            ("9 path=x\n9 path=y\n", Some("y")),
            ("9 path=x\n8 path=\n", None),
            ("9 path==\n", Some("=")),
            ("9 Path=x\n", None),
            ("5 a=\n", None),
            ("15 comment=\0\u{1}x\n", None),
        ] {
            let misfit = ["+10", "0011"].iter().any(|bad| text.starts_with(bad));
            let records = Records::parse(text.as_bytes());
            assert_eq!(records.is_err(), misfit, "{text:?}");
            let found = records.unwrap_or_default().validate().expect("is valid").0;
            assert_eq!(found.as_deref(), path.map(str::as_bytes), "{text:?}");
        }
    }

    #[test]
    fn malformed_records_ex_7() {
        for text in [
            "9 path=x",
            "9 path=xx\n",
            "8 path=x\n",
            "11 path=x\n",
            "9 path=x\n\0",
            "9 path=x\n\n",
            "6 abcd\n",
            "5 ab\n",
            "4 =\n",
            "5 =a\n",
            "-9 path=x\n",
            "99999999999999999999 path=x\n",
            "9223372036854775807 path=x\n",
            "0x9 path=x\n",
            " path=x\n",
            "path=x\n",
        ] {
            assert!(Records::parse(text.as_bytes()).is_err(), "{text:?}");
        }
        for (key, value) in [
            ("path", "\0x"),
            ("linkpath", "\0"),
            ("uname", "x\0"),
            ("gname", "\0"),
            ("a\0b", ""),
            ("", "x"),
        ] {
            let mut text = Vec::new();
            push_record(&mut text, key, value.as_bytes());
            assert!(Records::parse(&text).is_err(), "{key:?} {value:?}");
        }
    }

    #[test]
    fn records_of_sparse_files_are_refused_bug_64() {
        for key in ["GNU.sparse.major", "GNU.sparse.map", "GNU.sparse.name", "GNU.sparse.size"] {
            let mut text = Vec::new();
            push_record(&mut text, key, b"1");
            let why = Records::parse(&text).expect_err(key);
            assert!(why.contains("sparse"), "{why}");
        }
    }

    #[test]
    fn numbers_are_validated_once_they_apply_ex_7() {
        let validate = |key: &str, value: &str| {
            let mut text = Vec::new();
            push_record(&mut text, key, value.as_bytes());
            Records::parse(&text).expect("is well-formed").validate()
        };
        assert_eq!(validate("size", "7"), Ok((None, Some(7))));
        assert_eq!(validate("size", "-7"), Ok((None, Some(-7))));
        for key in ["size", "uid", "gid"] {
            for (value, good) in [("", true), ("+07", true), ("7.0", false), ("x", false)] {
                assert_eq!(validate(key, value).is_ok(), good, "{key} {value}");
            }
            assert!(validate(key, "9223372036854775808").is_err());
        }
        for key in ["mtime", "atime", "ctime"] {
            for (value, good) in [
                ("", true),
                ("-1", true),
                ("1.", true),
                ("-0.5", true),
                ("+1.0000000000001", true),
                (".5", false),
                ("1.5.5", false),
                ("1.-5", false),
                ("1 ", false),
                ("9223372036854775808", false),
            ] {
                assert_eq!(validate(key, value).is_ok(), good, "{key} {value}");
            }
        }
    }
}
