// SPDX-License-Identifier: Apache-2.0
//! The demands of YAML's own types on a text (FM-20).

/// Whether a scalar without quotes and tag is a text, and no null, truth value, number or time.
pub fn is_plain_text(text: &str) -> bool {
    !(is_null(text) || is_bool(text) || is_int(text) || is_float(text) || is_timestamp(text))
}

/// Whether a text is of the type `!!null`.
pub(super) fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// Whether a text is of the type `!!bool`.
pub(super) fn is_bool(text: &str) -> bool {
    matches!(text, "true" | "True" | "TRUE" | "false" | "False" | "FALSE")
}

/// `!!int`: within i64 or u64.
pub(super) fn is_int(text: &str) -> bool {
    integer(text).is_some()
}

/// `!!float`: an integer within i64, another finite number, or a spelling of infinity or
/// not-a-number.
pub(super) fn is_float(text: &str) -> bool {
    // What begins otherwise, `_1` too, is asked for no number.
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return false;
    }
    if let Some(number) = integer(text) {
        return i64::try_from(number).is_ok();
    }
    // Underscores do not count, unless a dot comes first.
    let digits = if text.starts_with('.') { text.to_owned() } else { text.replace('_', "") };
    (is_float_text(&digits) && digits.parse::<f64>().is_ok_and(f64::is_finite))
        || is_special_float(text)
}

fn is_special_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

/// Returns an integer within i64 or u64, in decimal, or with `0x`, `0o`, `0` (octal) or `0b` before
/// it; `_` do not count.
fn integer(text: &str) -> Option<i128> {
    text.bytes().next().filter(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-'))?;
    let text = text.replace('_', "");
    let (sign, digits) = match text.as_bytes() {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        rest => (1, rest),
    };
    let (radix, digits) = match digits {
        [b'0', b'x' | b'X', rest @ ..] => (16, rest),
        [b'0', b'o' | b'O', rest @ ..] => (8, rest),
        [b'0', b'b' | b'B', rest @ ..] => (2, rest),
        [b'0', rest @ ..] if !rest.is_empty() => (8, rest),
        rest => (10, rest),
    };
    if digits.is_empty() {
        return None;
    }
    let mut number: i128 = 0;
    for digit in digits {
        let digit = char::from(*digit).to_digit(radix)?;
        number = number.checked_mul(i128::from(radix))?.checked_add(i128::from(digit))?;
    }
    let number = sign * number;
    (i64::try_from(number).is_ok() || u64::try_from(number).is_ok()).then_some(number)
}

/// Whether a text matches `[-+]?(\.d+|d+(\.d*)?)([eE][-+]?d+)?`.
fn is_float_text(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let are_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let is_number = |text: &str| !text.is_empty() && are_digits(text);
    let is_mantissa = match mantissa.split_once('.') {
        Some(("", fraction)) => is_number(fraction),
        Some((whole, fraction)) => is_number(whole) && are_digits(fraction),
        None => is_number(mantissa),
    };
    is_mantissa && exponent.is_none_or(|e| is_number(e.strip_prefix(['+', '-']).unwrap_or(e)))
}

/// `!!timestamp`: a date, or a date and a time.
pub(super) fn is_timestamp(text: &str) -> bool {
    timestamp(text).is_some()
}

fn timestamp(text: &str) -> Option<()> {
    let mut rest = text;
    let year = number(&mut rest, 4, 4)?;
    rest = rest.strip_prefix('-')?;
    let month = number(&mut rest, 1, 2)?;
    rest = rest.strip_prefix('-')?;
    let day = number(&mut rest, 1, 2)?;
    if !(1..=12).contains(&month) || day == 0 || day > days_in(year, month) {
        return None;
    }
    if rest.is_empty() {
        return Some(());
    }
    if let Some(time) = rest.strip_prefix(' ') {
        let mut time = time.trim_start_matches(' ');
        clock(&mut time)?;
        return time.is_empty().then_some(());
    }
    rest = rest.strip_prefix(['T', 't'])?;
    clock(&mut rest)?;
    zone(rest)
}

/// `h:m:s` and perhaps a fraction.
fn clock(rest: &mut &str) -> Option<()> {
    let hour = number(rest, 1, 2)?;
    *rest = rest.strip_prefix(':')?;
    let minute = number(rest, 1, 2)?;
    *rest = rest.strip_prefix(':')?;
    let second = number(rest, 1, 2)?;
    if let Some(fraction) = rest.strip_prefix(['.', ',']) {
        let after = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
        if after.len() < fraction.len() {
            *rest = after;
        }
    }
    (hour < 24 && minute < 60 && second < 60).then_some(())
}

/// `Z` or `±hh:mm`.
fn zone(rest: &str) -> Option<()> {
    if rest == "Z" {
        return Some(());
    }
    let mut rest = rest.strip_prefix(['+', '-'])?;
    let hours = number(&mut rest, 2, 2)?;
    rest = rest.strip_prefix(':')?;
    let minutes = number(&mut rest, 2, 2)?;
    (rest.is_empty() && hours <= 24 && minutes < 60).then_some(())
}

fn number(rest: &mut &str, least: usize, most: usize) -> Option<u32> {
    let length = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (digits, after) = rest.split_at_checked(length).filter(|_| length >= least)?;
    *rest = after;
    digits.parse().ok()
}

fn days_in(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
