// SPDX-License-Identifier: Apache-2.0
//! EP-1 to EP-8, JSON-8, JSON-9, GZ-2, and the calendar against the crate `time`.

use proptest::prelude::*;

use super::*;

fn from_env(value: &str) -> (Epoch, Option<Diagnostic>) {
    Epoch::from_source_date_epoch(Some(OsStr::new(value)))
}

#[test]
fn unset_and_empty_are_zero_without_a_warning_ep_1() {
    assert_eq!(Epoch::from_source_date_epoch(None), (Epoch::UNIX, None));
    assert_eq!(from_env(""), (Epoch::UNIX, None));
    assert_eq!(Epoch::default(), Epoch::UNIX);
}

#[test]
fn signs_and_leading_zeros_are_fine_ep_1() {
    let long = format!("-{}7", "0".repeat(100));
    for (text, seconds) in [
        ("0", 0),
        ("-0", 0),
        ("+1700000000", 1_700_000_000),
        ("007", 7),
        (long.as_str(), -7),
        ("9223372036854775807", i64::MAX),
        ("-9223372036854775808", i64::MIN),
    ] {
        assert_eq!(from_env(text), (Epoch::from_seconds(seconds), None), "{text}");
        assert_eq!(Epoch::parse(text).expect(text).seconds(), seconds, "{text}");
    }
}

#[test]
fn a_bad_value_is_zero_with_a_warning_that_says_why_bug_30() {
    for text in [
        "+",
        "-",
        " 1",
        "1 ",
        "1\n",
        "1_000",
        "0x10",
        "1e3",
        "1.5",
        "١",
        "--1",
        "+-1",
        "1\0",
        "now",
        "-\u{2212}1",
    ] {
        let (epoch, warning) = from_env(text);
        assert_eq!(epoch, Epoch::UNIX, "{text:?}");
        let warning = warning.expect(text);
        assert!(warning.message.ends_with("is not a whole number of seconds"), "{warning}");
        assert!(!warning.message.contains(char::is_control), "{warning}");
        let error = Epoch::parse(text).expect_err(text);
        assert_eq!(error.kind(), ErrorKind::InvalidOption);
        assert!(error.diagnostics()[0].help.is_some());
    }
    for text in ["9223372036854775808", "-9223372036854775809", &"9".repeat(10_000)] {
        let (epoch, warning) = from_env(text);
        assert_eq!(epoch, Epoch::UNIX);
        let message = warning.expect(text).message;
        assert!(message.ends_with("does not fit into 64 bits") && message.len() < 200, "{message}");
    }
    assert_eq!(Epoch::parse("").expect_err("empty").kind(), ErrorKind::InvalidOption);
}

#[cfg(unix)]
#[test]
fn a_value_that_is_not_utf_8_is_zero_with_a_warning_bug_30() {
    use std::os::unix::ffi::OsStrExt;
    let (epoch, warning) = Epoch::from_source_date_epoch(Some(OsStr::from_bytes(b"1\xff")));
    assert_eq!(epoch, Epoch::UNIX);
    assert!(warning.is_some());
}

#[test]
fn the_zero_time_of_go_is_not_set_ep_4() {
    assert_eq!(Epoch::from_seconds(-62_135_596_800), Epoch::UNIX);
    assert_eq!(Epoch::new(-62_135_596_800, 0), Some(Epoch::UNIX));
    assert_eq!(from_env("-62135596800"), (Epoch::UNIX, None));
    let near = Epoch::new(-62_135_596_800, 1).expect("a valid epoch");
    assert_eq!(near.rfc3339().expect("in range"), "0001-01-01T00:00:00.000000001Z");
}

#[test]
fn the_first_and_the_last_second_ep_7() {
    for (seconds, text) in [
        (FIRST, "0000-01-01T00:00:00Z"),
        (LAST, "9999-12-31T23:59:59Z"),
        (-1, "1969-12-31T23:59:59Z"),
        (0, "1970-01-01T00:00:00Z"),
        (951_782_400, "2000-02-29T00:00:00Z"),
        (1_700_000_000, "2023-11-14T22:13:20Z"),
    ] {
        assert_eq!(Epoch::from_seconds(seconds).rfc3339().expect(text), text);
        assert_eq!(Epoch::from_seconds(seconds).rfc3339_seconds().expect(text), text);
    }
    for seconds in [FIRST - 1, LAST + 1, i64::MIN, i64::MAX] {
        let error = Epoch::from_seconds(seconds).rfc3339().expect_err("out of range");
        assert_eq!(error.kind(), ErrorKind::InvalidOption);
        assert!(Epoch::from_seconds(seconds).rfc3339_seconds().is_err());
    }
}

#[test]
fn nanoseconds_stay_below_a_second_ep_8() {
    assert_eq!(Epoch::new(1, 1_000_000_000), None);
    assert_eq!(Epoch::new(1, u32::MAX), None);
    let last = Epoch::new(LAST, 999_999_999).expect("a valid epoch");
    assert_eq!(last.rfc3339().expect("in range"), "9999-12-31T23:59:59.999999999Z");
}

#[test]
fn only_the_config_has_the_fraction_json_8_and_9() {
    let half = Epoch::new(-1, 500_000_000).expect("a valid epoch");
    assert_eq!(half.rfc3339().expect("in range"), "1969-12-31T23:59:59.5Z");
    assert_eq!(half.rfc3339_seconds().expect("in range"), "1969-12-31T23:59:59Z");
}

#[test]
fn the_time_of_a_gzip_header_wraps_gz_2_bug_32() {
    for (seconds, mtime) in [
        (0, 0),
        (-1, 0),
        (i64::MIN, 0),
        (1, 1),
        (1 << 32, 0),
        ((1 << 32) + 1, 1),
        (8_589_934_591, u32::MAX),
        (i64::MAX, u32::MAX),
    ] {
        assert_eq!(Epoch::from_seconds(seconds).gzip_mtime(), mtime, "{seconds}");
    }
    assert_eq!(Epoch::new(0, 500_000_000).expect("a valid epoch").gzip_mtime(), 0);
}

#[test]
fn every_day_has_the_date_that_time_gives_it_ep_7() {
    for days in FIRST / DAY..=LAST / DAY {
        let theirs = time::OffsetDateTime::from_unix_timestamp(days * DAY).expect("in range");
        let (year, month, day) = date(days);
        assert_eq!(
            (year, month, day),
            (theirs.year().into(), u8::from(theirs.month()).into(), theirs.day().into())
        );
    }
}

proptest! {
    #[test]
    fn texts_are_those_of_time_json_8(seconds in FIRST..=LAST, nanos in 0..SECOND) {
        use time::format_description::well_known::Rfc3339;
        prop_assume!(seconds != GO_ZERO_TIME);
        let theirs = time::OffsetDateTime::from_unix_timestamp(seconds)
            .expect("in range")
            .replace_nanosecond(nanos)
            .expect("below a second");
        let ours = Epoch::new(seconds, nanos).expect("a valid epoch");
        prop_assert_eq!(ours.rfc3339().expect("in range"), theirs.format(&Rfc3339).expect("in range"));
    }

    #[test]
    fn accepts_just_its_grammar_ep_1(text in "[+-]?[0-9]{0,20}|\\PC{0,4}") {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(&text);
        let grammar = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let fits = text.parse::<i128>().is_ok_and(|n| i64::try_from(n).is_ok());
        prop_assert_eq!(Epoch::parse(&text).is_ok(), grammar && fits);
    }
}
