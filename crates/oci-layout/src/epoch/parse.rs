// SPDX-License-Identifier: Apache-2.0
//! The instant that a time of RFC 3339 names: the way back from an artifact's texts.

use super::{DAY, Epoch};

impl Epoch {
    /// The instant that a text such as `2023-11-14T22:13:20.5+01:00` names (JSON-8); `None` if it is no time of RFC
    /// 3339. Digits past the ninth of a fraction do not count. 0001-01-01T00:00:00Z is [`Epoch::UNIX`], as everywhere
    /// (EP-3).
    ///
    /// ```
    /// use oci_layout::Epoch;
    /// let epoch = Epoch::from_rfc3339("2023-11-14T23:13:20+01:00");
    /// assert_eq!(epoch, Some(Epoch::from_seconds(1_700_000_000)));
    /// ```
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        let (date_time, rest) = text.split_at_checked(19)?;
        let [year, month, day, hour, minute, second] = numbers(date_time, "0000-00-00T00:00:00")?;
        let (nanos, zone) = match rest.strip_prefix('.') {
            None => (0, rest),
            Some(fraction) => {
                let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
                let (digits, zone) = fraction.split_at_checked(digits)?;
                if digits.is_empty() {
                    return None;
                }
                let nine: String = digits.chars().chain("000000000".chars()).take(9).collect();
                (nine.parse().ok()?, zone)
            }
        };
        let offset = match zone.split_at_checked(1)? {
            ("Z", "") => 0,
            (sign @ ("+" | "-"), offset) => {
                let [hours, minutes] = numbers(offset, "00:00")?;
                if hours > 23 || minutes > 59 {
                    return None;
                }
                let seconds = hours * 3600 + minutes * 60;
                if sign == "+" { seconds } else { -seconds }
            }
            _ => return None,
        };
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let days = days(year, month, day)?;
        Self::new(days * DAY + hour * 3600 + minute * 60 + second - offset, nanos)
    }
}

/// Returns the days from 1970-01-01 to that date, if there is such a date. Years have four digits
/// at most.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Counted from March, as in `date`.
    let (year_of_march, march) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, of_era) = (year_of_march.div_euclid(400), year_of_march.rem_euclid(400));
    let before = 365 * of_era + of_era / 4 - of_era / 100 + (153 * march + 2) / 5;
    let days = era * 146_097 + before + day - 1 - 719_468;
    // A day past the end of its month is the first ones of the next.
    (super::date(days) == (year, month, day)).then_some(days)
}

/// Returns the numbers in `text`, which has a digit for each `0` of the pattern and the rest as it is there.
fn numbers<const N: usize>(text: &str, pattern: &str) -> Option<[i64; N]> {
    let is_like = |(found, wanted): (u8, u8)| match wanted {
        b'0' => found.is_ascii_digit(),
        other => found == other,
    };
    if text.len() != pattern.len() || !text.bytes().zip(pattern.bytes()).all(is_like) {
        return None;
    }
    let numbers = text.split(|c: char| !c.is_ascii_digit()).map(|digits| digits.parse().ok());
    numbers.collect::<Option<Vec<i64>>>()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_json_8() {
        let seconds = [
            0,
            1,
            -1,
            951_782_400,
            951_868_799,
            1_700_000_000,
            -62_167_219_200,
            253_402_300_799,
            -2_203_891_200,
        ];
        for seconds in seconds {
            for nanos in [0, 1, 500_000_000, 999_999_999] {
                let epoch = Epoch::new(seconds, nanos).expect("is one");
                let text = epoch.rfc3339().expect("is in range");
                assert_eq!(Epoch::from_rfc3339(&text), Some(epoch), "{text}");
            }
        }
        // Every day of 400 years.
        for day in (-719_468..-719_468 + 146_097).chain(10_000..12_000) {
            let (year, month, of_month) = super::super::date(day);
            assert_eq!(days(year, month, of_month), Some(day));
        }
    }

    #[test]
    fn the_zero_time_is_1970_ep_3() {
        assert_eq!(Epoch::from_rfc3339("0001-01-01T00:00:00Z"), Some(Epoch::UNIX));
    }

    #[test]
    fn zones_and_fractions_ep_8() {
        let read = |text| Epoch::from_rfc3339(text).map(|epoch| (epoch.seconds(), epoch.nanos()));
        assert_eq!(read("1970-01-01T01:00:00.25+01:00"), Some((0, 250_000_000)));
        assert_eq!(read("1969-12-31T23:30:00-00:30"), Some((0, 0)));
        assert_eq!(read("1970-01-01T00:00:00.1234567899Z"), Some((0, 123_456_789)));
        for no_time in [
            "",
            "1970-01-01",
            "1970-01-01 00:00:00Z",
            "1970-01-01T00:00:00",
            "1970-01-01T00:00:00.Z",
            "1970-01-01T00:00:00z",
            "1970-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "1970-04-31T00:00:00Z",
            "1970-13-01T00:00:00Z",
            "1970-01-01T24:00:00Z",
            "1970-01-01T00:00:60Z",
            "1970-01-01T00:00:00+24:00",
            "1970-01-01T00:00:00+1:00",
            "197é-01-01T00:00:00Z",
            "+970-01-01T00:00:00Z",
        ] {
            assert_eq!(read(no_time), None, "{no_time}");
        }
    }
}
