// SPDX-License-Identifier: Apache-2.0
//! Byte ranges: `Range` of a download (RFC 9110, 14), `Content-Range` of a chunk (end-5).

use std::ops::Range;

/// A request for a part of a blob, as a `Range` header asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Everything: no header, another unit, or several ranges, which nobody has to serve.
    Whole,
    /// A part of the blob.
    Part(Range<u64>),
    /// A range that is not there.
    Nothing,
}

/// Reads a `Range` header for content of `size` bytes. A range whose end lies before its start is
/// refused like one past the end, as the docker registry does.
pub(crate) fn parse(header: Option<&str>, size: u64) -> Asked {
    let Some(ranges) = header.and_then(|text| text.trim().strip_prefix("bytes=")) else {
        return Asked::Whole;
    };
    if ranges.contains(',') {
        return Asked::Whole;
    }
    let Some((first, last)) = ranges.trim().split_once('-') else { return Asked::Nothing };
    let part = match (first, number(first), number(last)) {
        // The last that many bytes.
        ("", _, Some(length)) => size.saturating_sub(length)..size,
        (_, Some(start), None) if last.is_empty() => start..size,
        (_, Some(start), Some(end)) if start <= end => start..end.saturating_add(1).min(size),
        _ => return Asked::Nothing,
    };
    if part.is_empty() { Asked::Nothing } else { Asked::Part(part) }
}

/// Reads the `Content-Range` of a chunk: `^[0-9]+-[0-9]+$`, inclusive on both ends. `None` if it is
/// not one.
pub(crate) fn parse_chunk(header: &str) -> Option<Range<u64>> {
    let (first, last) = header.trim().split_once('-')?;
    let (first, last) = (number(first)?, number(last)?);
    (first <= last).then_some(first..last.checked_add(1)?)
}

fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_of_rfc_9110_end_2() {
        for (header, expected) in [
            ("bytes=0-0", Asked::Part(0..1)),
            ("bytes=500-", Asked::Part(500..2048)),
            ("bytes=-500", Asked::Part(1548..2048)),
            ("bytes=-5000", Asked::Part(0..2048)),
            ("bytes=2000-5000", Asked::Part(2000..2048)),
            ("bytes=2048-", Asked::Nothing),
            ("bytes=500-0", Asked::Nothing),
            ("bytes=-0", Asked::Nothing),
            ("bytes=-", Asked::Nothing),
            ("bytes=x-1", Asked::Nothing),
            ("bytes=99999999999999999999-", Asked::Nothing),
            ("bytes=0-1,5-6", Asked::Whole),
            ("lines=0-1", Asked::Whole),
        ] {
            assert_eq!(parse(Some(header), 2048), expected, "{header}");
        }
        assert_eq!(parse(None, 1), Asked::Whole);
        assert_eq!(parse(Some("bytes=0-"), 0), Asked::Nothing);
    }

    #[test]
    fn chunk_ranges_are_inclusive_on_both_ends_end_5() {
        assert_eq!(parse_chunk("0-0"), Some(0..1));
        assert_eq!(parse_chunk("10-19"), Some(10..20));
        for bad in ["", "-", "1", "5-4", "+1-2", "bytes 0-1", "0-18446744073709551615", "a-b"] {
            assert_eq!(parse_chunk(bad), None, "{bad}");
        }
    }
}
