// SPDX-License-Identifier: Apache-2.0
//! PAX records: what does not fit into a header, as text before it.

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

/// An epoch as the value of a record: decimal seconds with a fraction where it has one (TAR-10).
pub(super) fn time_value(epoch: Epoch) -> String {
    let (seconds, nanos) = (epoch.seconds(), epoch.nanos());
    if seconds < 0 && nanos > 0 {
        // The sign is that of the whole number: -1 s + 0.5 s is written as -0.5.
        let whole = (seconds + 1).unsigned_abs();
        return format!("-{whole}{}", Fraction(1_000_000_000 - nanos));
    }
    format!("{seconds}{}", Fraction(nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tar_10_a_record_counts_its_own_digits() {
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
    fn tar_10_times() {
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
}
