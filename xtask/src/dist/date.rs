// SPDX-License-Identifier: Apache-2.0
//! A day, as a changelog names it.

use std::fmt;
use std::str::FromStr;

use oci_artifact::Epoch;

use crate::Result;

/// A day of the Gregorian calendar, since 1970: the instant at which it began in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Date(Epoch);

impl Date {
    /// Returns the start of the day in UTC, in seconds since 1970.
    pub(crate) fn seconds(self) -> u64 {
        u64::try_from(self.0.seconds()).unwrap_or_default()
    }
}

impl FromStr for Date {
    type Err = Box<dyn std::error::Error>;

    fn from_str(text: &str) -> Result<Self> {
        let epoch = Epoch::from_rfc3339(&format!("{text}T00:00:00Z"));
        let date = epoch.filter(|epoch| epoch.seconds() >= 0).map(Self);
        date.ok_or_else(|| format!("{text} is no day: write YYYY-MM-DD").into())
    }
}

impl fmt::Display for Date {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.rfc3339_seconds().map_err(|_| fmt::Error)?;
        out.write_str(text.split('T').next().unwrap_or_default())
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
        assert_eq!("2024-02-29".parse::<Date>().expect("a day").to_string(), "2024-02-29");
        for text in ["2026-02-29", "2026-13-01", "2026-1-01", "1969-12-31", "2026-01-01-01", ""] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }
}
