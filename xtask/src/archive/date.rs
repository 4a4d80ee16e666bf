// SPDX-License-Identifier: Apache-2.0
//! A day, as a changelog names it.

use std::fmt;
use std::str::FromStr;

use crate::Result;

/// A day of the Gregorian calendar, since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Date {
    year: u32,
    month: u32,
    day: u32,
}

impl Date {
    /// When it began in UTC, in seconds since 1970.
    pub(crate) fn seconds(self) -> u64 {
        let years: u32 = (1970..self.year).map(days_of_year).sum();
        let months: u32 = (1..self.month).map(|month| days_of_month(self.year, month)).sum();
        u64::from(years + months + self.day - 1) * 24 * 60 * 60
    }
}

fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_of_year(year: u32) -> u32 {
    if is_leap(year) { 366 } else { 365 }
}

fn days_of_month(year: u32, month: u32) -> u32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl FromStr for Date {
    type Err = Box<dyn std::error::Error>;

    fn from_str(text: &str) -> Result<Self> {
        let read = || {
            let mut parts = text.split('-').map(|part| part.parse::<u32>().ok());
            let date = Self { year: parts.next()??, month: parts.next()??, day: parts.next()?? };
            let is_day = (1970..=9999).contains(&date.year)
                && (1..=12).contains(&date.month)
                && (1..=days_of_month(date.year, date.month)).contains(&date.day);
            (is_day && date.to_string() == text).then_some(date)
        };
        read().ok_or_else(|| format!("{text} is no day: write YYYY-MM-DD").into())
    }
}

impl fmt::Display for Date {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_what_the_calendar_says() {
        let seconds = |text: &str| text.parse::<Date>().expect("a day").seconds();
        assert_eq!(seconds("1970-01-01"), 0);
        assert_eq!(seconds("2000-03-01"), 951_868_800);
        assert_eq!(seconds("2024-02-29"), 1_709_164_800);
        for text in ["2026-02-29", "2026-13-01", "2026-1-01", "1969-12-31", "2026-01-01-01", ""] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }
}
