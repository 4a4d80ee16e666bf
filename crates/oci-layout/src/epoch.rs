// SPDX-License-Identifier: Apache-2.0
//! The instant that an artifact carries (format.md, 7).
//!
//! One value goes into every part of an artifact: the tar members, the gzip header, the config and
//! the annotations. It has no time zone: all texts are in UTC. (The reference can be handed a zone
//! by a program that calls it, EP-8; no command and no environment can do that.)

mod parse;

use std::ffi::OsStr;
use std::num::IntErrorKind;

use crate::json::preview;
use crate::{Diagnostic, Error, ErrorKind, Result};

/// The number of nanoseconds of a second.
const SECOND: u32 = 1_000_000_000;
/// The number of seconds of a day.
const DAY: i64 = 86_400;
/// 0001-01-01T00:00:00Z, which Go takes for "not set" (EP-4).
const GO_ZERO_TIME: i64 = -62_135_596_800;
/// 0000-01-01T00:00:00Z, the first second that RFC 3339 can write (EP-7).
const FIRST: i64 = -62_167_219_200;
/// 9999-12-31T23:59:59Z, the last one.
const LAST: i64 = 253_402_300_799;

/// An instant: seconds and nanoseconds since 1970-01-01T00:00:00Z, `seconds + nanos / 10^9`.
///
/// The instant 0001-01-01T00:00:00Z does not exist here: it is Go's "not set", so whatever makes
/// an epoch turns it into [`Epoch::UNIX`] (EP-3, EP-4; BUG-29: for skills, too).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch {
    seconds: i64,
    nanos: u32,
}

impl Epoch {
    /// 1970-01-01T00:00:00Z, the epoch of an artifact that was given none.
    pub const UNIX: Self = Self { seconds: 0, nanos: 0 };

    /// Returns the epoch that many seconds after 1970-01-01T00:00:00Z; -62 135 596 800 is taken as
    /// 0 (EP-4).
    ///
    /// Every value has a tar and a gzip form; the texts have a smaller range (EP-7).
    pub const fn from_seconds(seconds: i64) -> Self {
        if seconds == GO_ZERO_TIME { Self::UNIX } else { Self { seconds, nanos: 0 } }
    }

    /// Returns the epoch at `seconds + nanos / 10^9` (EP-8), or `None` unless `nanos` is below
    /// 10^9.
    pub const fn new(seconds: i64, nanos: u32) -> Option<Self> {
        match nanos {
            0 => Some(Self::from_seconds(seconds)),
            1..SECOND => Some(Self { seconds, nanos }),
            SECOND.. => None,
        }
    }

    /// Returns the time that the environment variable `SOURCE_DATE_EPOCH` asks for (EP-1): its value in seconds; 0 if
    /// it is unset or empty; also 0, with a warning, if it is anything but `[+-]?[0-9]+` within 64 bits (BUG-30).
    pub fn from_source_date_epoch(value: Option<&OsStr>) -> (Self, Option<Diagnostic>) {
        let Some(value) = value.filter(|value| !value.is_empty()) else {
            return (Self::UNIX, None);
        };
        // What is not UTF-8 turns into U+FFFD, which is no digit either.
        let text = value.to_string_lossy();
        match seconds(&text) {
            Ok(seconds) => (Self::from_seconds(seconds), None),
            Err(why) => {
                let warning = Diagnostic::new(format!(
                    "SOURCE_DATE_EPOCH is ignored and 0 (1970-01-01) used instead: {} {why}",
                    quoted(&text)
                ));
                (Self::UNIX, Some(warning.with_rule("source-date-epoch").with_help(HELP)))
            }
        }
    }

    /// Returns the epoch that a person wrote: the grammar of [`Self::from_source_date_epoch`],
    /// strictly.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidOption`] for anything else, and for the empty text.
    pub fn parse(text: &str) -> Result<Self> {
        seconds(text).map(Self::from_seconds).map_err(|why| {
            Error::new(ErrorKind::InvalidOption, format!("the epoch {} {why}", quoted(text)))
                .with_help(HELP)
        })
    }

    /// Returns the whole seconds since 1970, rounded down.
    pub const fn seconds(self) -> i64 {
        self.seconds
    }

    /// Returns the nanoseconds past [`Self::seconds`], below 10^9.
    pub const fn nanos(self) -> u32 {
        self.nanos
    }

    /// `YYYY-MM-DDThh:mm:ss[.fffffffff]Z`, as the config has it (JSON-8).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidOption`] outside the years 0 to 9999 (EP-7).
    pub fn rfc3339(self) -> Result<String> {
        Ok(format!("{}{}Z", self.date_time()?, Fraction(self.nanos)))
    }

    /// `YYYY-MM-DDThh:mm:ssZ`, as the annotation has it: any fraction is cut off (JSON-9, BUG-33).
    ///
    /// # Errors
    /// As [`Self::rfc3339`].
    pub fn rfc3339_seconds(self) -> Result<String> {
        Ok(format!("{}Z", self.date_time()?))
    }

    /// Returns the MTIME of a gzip header: the seconds modulo 2^32, and 0 before 1970 (GZ-2).
    pub const fn gzip_mtime(self) -> u32 {
        if self.seconds > 0 { self.seconds as u32 } else { 0 }
    }

    fn date_time(self) -> Result<String> {
        if !(FIRST..=LAST).contains(&self.seconds) {
            let message = format!("the epoch {} is not in the years 0 to 9999", self.seconds);
            return Err(Error::new(ErrorKind::InvalidOption, message).with_help(HELP));
        }
        let (year, month, day) = date(self.seconds.div_euclid(DAY));
        let time = self.seconds.rem_euclid(DAY);
        let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
        Ok(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"))
    }
}

const HELP: &str = "give whole seconds since 1970-01-01T00:00:00Z, such as 1700000000";

/// `.` and the digits of that many nanoseconds without trailing zeros; nothing for 0 (JSON-8, TAR-10).
#[derive(Clone, Copy, Debug)]
pub struct Fraction(pub u32);

impl std::fmt::Display for Fraction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 == 0 {
            return Ok(());
        }
        write!(f, ".{}", format!("{:09}", self.0).trim_end_matches('0'))
    }
}

/// `[+-]?[0-9]+` within 64 bits, which is just what std reads (EP-1); else what is wrong with it.
fn seconds(text: &str) -> Result<i64, &'static str> {
    text.parse::<i64>().map_err(|error| match error.kind() {
        IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => "does not fit into 64 bits",
        _ => "is not a whole number of seconds",
    })
}

/// Returns the text between quotes, harmless to print and not too long.
fn quoted(text: &str) -> String {
    format!("{:?}", preview(text.as_bytes()))
}

/// Year, month and day of the day that many days after 1970-01-01, for days between [`FIRST`] and
/// [`LAST`].
///
/// Years are counted from March, so that a leap day ends one: within the 400 years after which
/// the calendar repeats (146 097 days), the rest is division.
const fn date(days: i64) -> (i64, i64, i64) {
    const ERA: i64 = 146_097;
    let days = days + 719_468; // since 0000-03-01
    let (era, day) = (days.div_euclid(ERA), days.rem_euclid(ERA));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153; // 0 is March
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
    (400 * era + year, month, day)
}

#[cfg(test)]
mod tests;
