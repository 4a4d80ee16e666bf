// SPDX-License-Identifier: Apache-2.0
//! Writing a scalar: plain where it reads back as the same text, else as `yaml.v3` quotes it.

use toolhive_frontmatter::is_plain_text;

use crate::value::{OLD_FALSE, OLD_TRUE, Scalar, Type};

/// The style in which a text is written.
enum Style {
    Plain,
    Single,
    Double,
    Literal,
}

/// Writes a key.
pub(super) fn key(scalar: &Scalar, out: &mut String) {
    match scalar.text.as_str() {
        // Without quotes it would be no key, but other keys.
        "<<" => double("<<", out),
        _ => write(scalar, None, out),
    }
}

/// Writes a value; the lines of one with line breaks begin at `indent`.
pub(super) fn value(scalar: &Scalar, indent: usize, out: &mut String) {
    write(scalar, Some(indent), out);
}

fn write(scalar: &Scalar, indent: Option<usize>, out: &mut String) {
    let text = scalar.text.as_str();
    match (scalar.is, style(text), indent) {
        // The one typed value without characters is null.
        (Type::Other, _, _) if text.is_empty() => out.push_str("null"),
        (Type::Other, Style::Double | Style::Plain, _) if !is_plain_text(text) => {
            out.push_str(text)
        }
        (_, Style::Plain, _) => out.push_str(text),
        (_, Style::Single, _) => {
            out.push('\'');
            out.push_str(&text.replace('\'', "''"));
            out.push('\'');
        }
        (_, Style::Literal, Some(indent)) => literal(text, indent, out),
        (_, Style::Literal, None) | (_, Style::Double, _) => double(text, out),
    }
}

/// Returns the style that `yaml.v3` chooses outside of flow collections.
fn style(text: &str) -> Style {
    let looks = Looks::of(text);
    if text.contains('\n') {
        return if looks.is_unfit_for_literal { Style::Double } else { Style::Literal };
    }
    let is_old_bool = OLD_TRUE.contains(&text) || OLD_FALSE.contains(&text);
    let changes_type = !is_plain_text(text) || is_base_60(text) || is_old_bool;
    match (changes_type, looks) {
        (true, _) => Style::Double,
        (_, Looks { is_special: true, .. }) => Style::Double,
        (_, Looks { has_indicator: true, .. } | Looks { has_outer_space: true, .. }) => {
            Style::Single
        }
        _ => Style::Plain,
    }
}

/// The properties of a text that some styles cannot hold.
#[derive(Default)]
struct Looks {
    /// Whether it contains a character that begins another kind of node.
    has_indicator: bool,
    /// A space, or a line break, at an end.
    has_outer_space: bool,
    /// A tab, or what cannot be printed: only double quotes hold it.
    is_special: bool,
    /// A space before a line break or at the very end; a space, a tab or a line break at the start, where
    /// the indentation of the block would be guessed wrong; what cannot be printed but is no tab.
    is_unfit_for_literal: bool,
}

impl Looks {
    fn of(text: &str) -> Self {
        let mut looks = Self {
            has_indicator: text.starts_with("---") || text.starts_with("..."),
            has_outer_space: text.starts_with([' ', '\n']) || text.ends_with([' ', '\n']),
            is_unfit_for_literal: text.starts_with([' ', '\t', '\n']) || text.ends_with(' '),
            is_special: false,
        };
        let mut before = None;
        let mut rest = text.chars();
        while let Some(of) = rest.next() {
            let next = rest.clone().next();
            let ends = next.is_none_or(|next| matches!(next, ' ' | '\t'));
            looks.has_indicator |= match (before, of) {
                (None, '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>') => true,
                (None, '\'' | '"' | '%' | '@' | '`') => true,
                (None, '?' | '-') | (_, ':') => ends,
                (Some(before), '#') => matches!(before, ' ' | '\t' | '\n'),
                _ => false,
            };
            let is_unprintable = of != '\t' && of != '\n' && !is_printable(of);
            looks.is_special |= of == '\t' || is_unprintable;
            looks.is_unfit_for_literal |= is_unprintable || (of == ' ' && next == Some('\n'));
            before = Some(of);
        }
        looks
    }
}

/// Whether `yaml.v3` writes a character as it is. The two separators of Unicode it takes for line
/// breaks; they are escaped here, so that they come back.
fn is_printable(of: char) -> bool {
    matches!(of, ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
        && !matches!(of, '\u{feff}' | '\u{2028}' | '\u{2029}')
}

/// YAML 1.1's numbers to the base of 60: `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`.
fn is_base_60(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_digits = |text: &str| text.bytes().all(|of| of.is_ascii_digit() || of == b'_');
    let (text, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = text.split(':');
    let first = parts.next().unwrap_or_default();
    let is_part = |part: &str| match part.as_bytes() {
        [b'0'..=b'5', low] | [low] => low.is_ascii_digit(),
        _ => false,
    };
    let mut count = 0_usize;
    let are_parts = parts.all(|part| {
        count = count.saturating_add(1);
        is_part(part)
    });
    let is_first = first.starts_with(|of: char| of.is_ascii_digit()) && is_digits(first);
    is_first && are_parts && count > 0 && is_digits(fraction)
}

fn literal(text: &str, indent: usize, out: &mut String) {
    out.push('|');
    let body = text.strip_suffix('\n');
    match body {
        None => out.push('-'),
        Some(body) if body.is_empty() || body.ends_with('\n') => out.push('+'),
        Some(_) => {}
    }
    for part in body.unwrap_or(text).split('\n') {
        out.push('\n');
        if !part.is_empty() {
            out.extend(std::iter::repeat_n(' ', indent));
            out.push_str(part);
        }
    }
}

fn double(text: &str, out: &mut String) {
    out.push('"');
    // `yaml.v3` takes each character for a byte order mark where the first one is.
    let is_marked = text.starts_with('\u{feff}');
    for of in text.chars() {
        let short = match of {
            '\0' => '0',
            '\u{7}' => 'a',
            '\u{8}' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\u{b}' => 'v',
            '\u{c}' => 'f',
            '\r' => 'r',
            '\u{1b}' => 'e',
            '"' => '"',
            '\\' => '\\',
            '\u{85}' => 'N',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            '\u{a0}' if is_marked => '_',
            of if is_printable(of) && !is_marked => {
                out.push(of);
                continue;
            }
            of => {
                let number = u32::from(of);
                let escaped = match number {
                    0..=0xff => format!("\\x{number:02X}"),
                    0x100..=0xffff => format!("\\u{number:04X}"),
                    _ => format!("\\U{number:08X}"),
                };
                out.push_str(&escaped);
                continue;
            }
        };
        out.push('\\');
        out.push(short);
    }
    out.push('"');
}
