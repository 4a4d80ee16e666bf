// SPDX-License-Identifier: Apache-2.0
//! Finding the way through JSON text, byte by byte or eight at a time.
//!
//! Positions past the end of the document are allowed everywhere and mean its end.

/// Returns the position of the first byte at or after `at` that is not JSON white space (PJ-2).
pub(super) fn white_space(document: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = document.get(at) {
        at += 1;
    }
    at
}

/// Returns the position of the first byte at or after `at` that is a quote, a backslash or a
/// control character: what ends a run of plain characters in a string.
pub(crate) fn plain(document: &[u8], at: usize) -> usize {
    let rest = document.get(at..).unwrap_or_default();
    let (words, tail) = rest.as_chunks::<8>();
    let mut passed = at;
    for word in words {
        let found = special(u64::from_le_bytes(*word));
        if found != 0 {
            return passed + found.trailing_zeros() as usize / 8;
        }
        passed += 8;
    }
    let is_special = |b: &u8| matches!(b, b'"' | b'\\' | 0..0x20);
    passed + tail.iter().position(is_special).unwrap_or(tail.len())
}

/// Returns the bytes of `word` that are special, marked by their highest bit. A borrow can mark a
/// byte above a special one wrongly, so that only the lowest mark counts.
fn special(word: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGHEST: u64 = ONES << 7;
    let zero = |bytes: u64| bytes.wrapping_sub(ONES) & !bytes;
    let quote = zero(word ^ (ONES * b'"' as u64));
    let backslash = zero(word ^ (ONES * b'\\' as u64));
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    (quote | backslash | control) & HIGHEST
}

/// The end of the string that starts at `at`, in a document that was checked.
pub(super) fn string_end(document: &[u8], at: usize) -> usize {
    let mut at = plain(document, at + 1);
    while let Some(b'\\') = document.get(at) {
        at = plain(document, at + 2);
    }
    at + 1
}

/// The end of the value that starts at `at`, in a document that was checked.
pub(super) fn value_end(document: &[u8], mut at: usize) -> usize {
    match document.get(at) {
        Some(b'"') => string_end(document, at),
        Some(b'{' | b'[') => {
            let mut depth = 0_usize;
            while let Some(byte) = document.get(at) {
                match byte {
                    b'"' => {
                        at = string_end(document, at);
                        continue;
                    }
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' if depth <= 1 => return at + 1,
                    b'}' | b']' => depth -= 1,
                    _ => (),
                }
                at += 1;
            }
            at
        }
        _ => {
            let is_inside =
                |b: &u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'E' | b'+' | b'-' | b'.');
            while document.get(at).is_some_and(is_inside) {
                at += 1;
            }
            at
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_bytes_at_a_time_find_what_one_at_a_time_finds_pj_2() {
        for length in 0..20 {
            for place in 0..length {
                for byte in 0..=255_u8 {
                    for filler in [b' ', b'!', b'#', b'[', b']', 0x7f, 0x80, 0xa2, 0xdc, 0xff] {
                        let mut text = vec![filler; length];
                        text[place] = byte;
                        let special = byte < 0x20 || byte == b'"' || byte == b'\\';
                        let expected = if special { place } else { length };
                        assert_eq!(plain(&text, 0), expected, "{text:?}");
                    }
                }
            }
        }
    }
}
