// SPDX-License-Identifier: Apache-2.0
//! The labels in the bytes of an image config (CX-6).

use std::collections::BTreeMap;

use super::{invalid, text_or_null, wrong};
use crate::Result;
use crate::json::{self, Kind, Value};

/// The labels, or `None` if there is no map of them. Where a key is repeated, what comes later is
/// added to what came before; a later `null` map takes all labels away.
pub(super) fn labels(image: &[u8]) -> Result<Option<BTreeMap<String, String>>> {
    let image = json::parse(image).map_err(invalid)?;
    let mut labels = None;
    for member in object(image)?.members() {
        if member.is("created") {
            created(member.value)?;
        } else if member.is("config") {
            for member in object(member.value)?.members().filter(|member| member.is("labels")) {
                add(&mut labels, member.value)?;
            }
        }
    }
    Ok(labels)
}

fn add(labels: &mut Option<BTreeMap<String, String>>, value: Value<'_>) -> Result<()> {
    if value.is_null() {
        *labels = None;
        return Ok(());
    }
    let labels = labels.get_or_insert_default();
    for label in object(value)?.members() {
        labels.insert(label.key.into_owned(), text_or_null(label.value)?);
    }
    Ok(())
}

/// An object, or `null`, which has no members.
fn object(value: Value<'_>) -> Result<Value<'_>> {
    match value.kind() {
        Kind::Object | Kind::Null => Ok(value),
        _ => Err(wrong("an object", value)),
    }
}

fn created(value: Value<'_>) -> Result<()> {
    // The reference does not decode this string, so that an escape is an error.
    let text = value.raw().strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\""));
    match (value.kind(), text) {
        (Kind::Null, _) => Ok(()),
        (Kind::String, Some(text)) if is_rfc3339(text) => Ok(()),
        (Kind::String, _) => {
            let diagnostic = value.diagnostic("the time is not written as RFC 3339 says");
            Err(invalid(diagnostic.with_help("as in 2023-11-14T22:13:20Z")))
        }
        _ => Err(wrong("a string", value)),
    }
}

/// Whether `text` is a time, with upper-case `T` and `Z`: `2023-11-14T22:13:20.5+01:00`.
fn is_rfc3339(text: &[u8]) -> bool {
    let Some((date_time, rest)) = text.split_at_checked(19) else { return false };
    let Some([year, month, day, hour, minute, second]) = numbers(date_time, b"0000-00-00T00:00:00")
    else {
        return false;
    };
    let zone = match rest.strip_prefix(b".") {
        None => Some(rest),
        Some(fraction) => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            fraction.get(digits..).filter(|_| digits > 0)
        }
    };
    let is_zone = match zone {
        Some(b"Z") => true,
        Some([b'+' | b'-', offset @ ..]) => {
            matches!(numbers(offset, b"00:00"), Some([0..24, 0..60]))
        }
        _ => false,
    };
    (1..=12).contains(&month)
        && (1..=days(year, month)).contains(&day)
        && (hour < 24 && minute < 60 && second < 60)
        && is_zone
}

/// The numbers in `text`, which must look like `pattern`: a digit for each `0`.
fn numbers<const N: usize>(text: &[u8], pattern: &[u8]) -> Option<[u32; N]> {
    let matches = |(byte, pattern): (&u8, &u8)| match pattern {
        b'0' => byte.is_ascii_digit(),
        _ => byte == pattern,
    };
    if text.len() != pattern.len() || !text.iter().zip(pattern).all(matches) {
        return None;
    }
    let text = std::str::from_utf8(text).ok()?;
    let numbers = text.split(|c: char| !c.is_ascii_digit()).map(|number| number.parse().ok());
    numbers.collect::<Option<Vec<u32>>>()?.try_into().ok()
}

/// The days of a month in the Gregorian calendar.
fn days(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::is_rfc3339;

    #[test]
    fn cx_6_times_of_rfc_3339() {
        for time in [
            "2023-11-14T22:13:20Z",
            "0000-01-01T00:00:00Z",
            "2024-02-29T23:59:59.123456789Z",
            "2000-02-29T00:00:00.5+23:59",
            "9999-12-31T23:59:59-00:00",
        ] {
            assert!(is_rfc3339(time.as_bytes()), "{time}");
        }
        for text in [
            "",
            "2023-11-14",
            "2023-11-14t22:13:20Z",
            "2023-11-14T22:13:20z",
            "2023-11-14T22:13:20",
            "2023-11-14 22:13:20Z",
            "2023-11-14T22:13Z",
            "2023-13-14T22:13:20Z",
            "2023-00-14T22:13:20Z",
            "2023-02-29T22:13:20Z",
            "1900-02-29T00:00:00Z",
            "2023-04-31T00:00:00Z",
            "2023-11-00T22:13:20Z",
            "2023-11-14T24:00:00Z",
            "2023-11-14T22:60:00Z",
            "2023-11-14T22:13:60Z",
            "2023-11-14T2:13:20Z",
            "2023-11-14T22:13:20.Z",
            "2023-11-14T22:13:20,5Z",
            "2023-11-14T22:13:20+24:00",
            "2023-11-14T22:13:20+01:60",
            "2023-11-14T22:13:20+0100",
            "2023-11-14T22:13:20Z ",
            "+023-11-14T22:13:20Z",
            "２023-11-14T22:13:20Z",
        ] {
            assert!(!is_rfc3339(text.as_bytes()), "{text}");
        }
    }
}
