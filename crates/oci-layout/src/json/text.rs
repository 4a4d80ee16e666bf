// SPDX-License-Identifier: Apache-2.0
//! The text between two quotes, decoded (PJ-4).

use std::borrow::Cow;

/// Returns the text of a string's inside, in a document that was checked. Every byte that is not
/// part of well-formed UTF-8 becomes one U+FFFD; so does every surrogate that is not half of a
/// pair.
pub(super) fn decode(inside: &[u8]) -> Cow<'_, str> {
    if !inside.contains(&b'\\')
        && let Ok(text) = std::str::from_utf8(inside)
    {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(inside.len());
    let mut rest = inside;
    while let Some(backslash) = rest.iter().position(|byte| *byte == b'\\') {
        let (plain, escape) = rest.split_at(backslash);
        push_plain(&mut text, plain);
        let (character, length) = unescape(escape);
        text.push(character);
        rest = escape.get(length..).unwrap_or_default();
    }
    push_plain(&mut text, rest);
    Cow::Owned(text)
}

/// The start of `text`, short enough for a message.
pub(crate) fn preview(text: &[u8]) -> String {
    const LONGEST: usize = 40;
    // A character has at most four bytes.
    let start = text.get(..4 * LONGEST).unwrap_or(text);
    let mut preview: String = String::from_utf8_lossy(start).chars().take(LONGEST).collect();
    if preview.len() < text.len() {
        preview.push('…');
    }
    preview
}

fn push_plain(text: &mut String, plain: &[u8]) {
    for chunk in plain.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
}

/// Returns the character of the escape that `text` starts with, and how many bytes it takes.
fn unescape(text: &[u8]) -> (char, usize) {
    let character = match text.get(1) {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unescape_unicode(text),
        Some(other) => char::from(*other),
        None => char::REPLACEMENT_CHARACTER,
    };
    (character, 2)
}

fn unescape_unicode(text: &[u8]) -> (char, usize) {
    let first = unit(text);
    let pair = [first, unit(text.get(6..).unwrap_or_default())].map(Option::unwrap_or_default);
    if let Some(Ok(character)) = char::decode_utf16(pair).next()
        && character.len_utf16() == 2
    {
        return (character, 12);
    }
    let alone = first.and_then(|unit| char::from_u32(unit.into()));
    (alone.unwrap_or(char::REPLACEMENT_CHARACTER), 6)
}

/// Returns the UTF-16 code unit of the `\uXXXX` that `text` starts with.
fn unit(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}
