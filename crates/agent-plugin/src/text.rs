// SPDX-License-Identifier: Apache-2.0
//! Outside text made harmless (S-83).

use std::borrow::Cow;
use std::fmt::Write as _;

/// The mark before what goes on from the line above (S-103).
pub const CONTINUED: &str = "↳ ";

/// Returns the text with everything that could move a cursor, hide or reorder other text, or start
/// a new line written as an escape. Lines that are made of it have to be [`guarded`].
pub fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => out.push(' '),
            c if c.is_control() || is_invisible(c) => {
                // A String takes every write.
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// The text with letters of other alphabets in names of hosts written as escapes: one of them can look like
/// one of these.
pub(crate) fn plain_hosts(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.contains("://") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        let stops = |c: char| c.is_ascii_whitespace() || "/?#\"'`<>|;)".contains(c);
        let (host, tail) = after.split_at(after.find(stops).unwrap_or(after.len()));
        out.push_str(before);
        out.push_str("://");
        out.push_str(&ascii(host));
        rest = tail;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Returns a name with everything that is not of ASCII as an escape.
pub(crate) fn ascii(name: &str) -> String {
    let one = |c: char| match c.is_ascii() {
        true => c.to_string(),
        false => format!("\\u{{{:x}}}", u32::from(c)),
    };
    name.chars().map(one).collect()
}

/// Lines of output in which nothing is a command to the system that runs a job (S-103): GitHub obeys a
/// line that begins with `::`, blanks aside, and wherever `##[name]` or `##vso[…]` stands GitHub, Azure
/// or TeamCity do. The second character becomes an escape. No line of ours has any of these.
pub fn guarded(text: &str) -> Cow<'_, str> {
    if !text.contains("##") && !text.contains("::") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let start = line.len() - line.trim_start().len();
        let (blanks, rest) = line.split_at_checked(start).unwrap_or(("", line));
        out.push_str(blanks);
        let rest = match rest.strip_prefix("::") {
            Some(rest) => {
                out.push_str(":\\u{3a}");
                rest
            }
            None => rest,
        };
        push_without_commands(rest, "\\u{23}", &mut out);
    }
    Cow::Owned(out)
}

/// Returns a JSON document with the same value in which a terminal sees no control, and nobody an invisible character
/// or a command (S-103): what [`harmless`] and [`guarded`] escape of other text is an escape of JSON.
pub fn visible_json(document: &str) -> Cow<'_, str> {
    let is_unseen = |c: char| (c.is_control() && c != '\n') || is_invisible(c);
    if !document.contains(is_unseen) && !document.contains("##") {
        return Cow::Borrowed(document);
    }
    let mut seen = String::with_capacity(document.len());
    for c in document.chars() {
        // Outside of strings there are none.
        if is_unseen(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // A String takes every write.
                let _ = write!(seen, "\\u{unit:04x}");
            }
        } else {
            seen.push(c);
        }
    }
    let mut out = String::with_capacity(seen.len());
    push_without_commands(&seen, "\\u0023", &mut out);
    Cow::Owned(out)
}

/// Appends a text with `escape` for the second `#` of each `##name[`.
fn push_without_commands(text: &str, escape: &str, out: &mut String) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("##") {
        out.push_str(before);
        let name =
            after.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "._-".contains(c));
        out.push('#');
        if name.starts_with('[') {
            out.push_str(escape);
            rest = after;
        } else {
            // The second one may be the first of a command.
            rest = rest.get(before.len() + 1..).unwrap_or_default();
        }
    }
    out.push_str(rest);
}

/// Returns the parts of a text between separators that stand in no brackets of these.
pub(crate) fn split_outside<'t>(
    text: &'t str,
    [open, close]: [char; 2],
    is_separator: impl Fn(char) -> bool + 't,
) -> impl Iterator<Item = &'t str> {
    let mut depth = 0_usize;
    text.split(move |c: char| {
        if c == open {
            depth += 1;
        } else if c == close {
            depth = depth.saturating_sub(1);
        }
        depth == 0 && is_separator(c)
    })
}

/// Whether the name of a host has letters of another alphabet, which may look like familiar ones.
pub(crate) fn is_foreign(host: &str) -> bool {
    !host.is_ascii() || host.split('.').any(|part| part.starts_with("xn--"))
}

/// Characters that are not seen themselves but change what is: line and paragraph separators,
/// bidirectional controls, zero-width characters, tags, fillers, and the byte order mark.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Returns the lines of a text in a column of that many characters, broken at blanks where there are any. Each but
/// the first has the mark `↳ ` before it, so that it is no line of its own (S-103).
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = wrap(text, width, width.saturating_sub(CONTINUED.chars().count()));
    for line in lines.iter_mut().skip(1) {
        line.insert_str(0, CONTINUED);
    }
    lines
}

/// Returns the lines of a text, the first and the others of such a width, broken at blanks where there are any.
fn wrap(text: &str, first: usize, others: usize) -> Vec<String> {
    let mut width = first.max(1);
    let all: Vec<char> = text.chars().collect();
    let mut lines = Vec::new();
    let mut rest = all.as_slice();
    while rest.len() > width {
        let blank = rest.iter().take(width + 1).rposition(|c| *c == ' ');
        // A blank near the start would waste most of the line.
        let at = blank.filter(|at| *at > width / 3).unwrap_or(width);
        let (line, tail) = rest.split_at(at);
        lines.push(line.iter().collect::<String>().trim_end().to_owned());
        let blanks = tail.iter().take_while(|c| **c == ' ').count();
        rest = tail.get(blanks..).unwrap_or_default();
        width = others.max(1);
    }
    if !rest.is_empty() {
        lines.push(rest.iter().collect());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_is_wrapped_and_never_cut_s_83() {
        assert_eq!(wrap("aaa bbb ccc", 7, 7), ["aaa bbb", "ccc"]);
        assert_eq!(wrap("aaaaaaaaaa", 4, 4), ["aaaa", "aaaa", "aa"]);
        assert_eq!(wrap("a bbbbbbbbb", 6, 6), ["a bbbb", "bbbbb"]);
        assert_eq!(wrap("", 4, 4), [""; 0]);
        assert_eq!(wrapped("aaa bbb ccc", 7), ["aaa bbb", "↳ ccc"]);
        assert_eq!(wrapped("x::error::y ::error::z", 12), ["x::error::y", "↳ ::error::z"]);
    }

    #[test]
    fn outside_text_cannot_forge_lines_or_colours_s_83() {
        assert_eq!(
            harmless("a\nb\r\x1b[31mc\u{202e}d\u{9b}e\tf"),
            "a\\u{a}b\\u{d}\\u{1b}[31mc\\u{202e}d\\u{9b}e f"
        );
        assert_eq!(harmless("grün ✓ 日本"), "grün ✓ 日本");
    }

    #[test]
    fn no_line_is_a_command_to_a_ci_system_s_103() {
        for (text, shown) in [
            ("::add-mask::x", ":\\u{3a}add-mask::x"),
            ("a\n \t::error::x\nb", "a\n \t:\\u{3a}error::x\nb"),
            ("\u{a0}::stop-commands::x", "\u{a0}:\\u{3a}stop-commands::x"),
            (":::x", ":\\u{3a}:x"),
            ("##[error]x", "#\\u{23}[error]x"),
            ("a ##vso[task.setvariable]x", "a #\\u{23}vso[task.setvariable]x"),
            ("####[group]", "###\\u{23}[group]"),
            ("##teamcity[x] ##[y]", "#\\u{23}teamcity[x] #\\u{23}[y]"),
            ("::##[x]", ":\\u{3a}#\\u{23}[x]"),
            // Nothing of these.
            ("std::fmt ## [link] ##", "std::fmt ## [link] ##"),
            ("## Title [x]", "## Title [x]"),
            ("", ""),
        ] {
            assert_eq!(guarded(text), shown);
            assert_eq!(guarded(&guarded(text)), shown, "once is enough");
        }
    }

    #[test]
    fn a_document_has_the_same_value_and_nothing_unseen_s_103() {
        let value = serde_json::json!({
            "\u{7f}\u{9b}31m": ["\u{85}\u{202e}\u{200b}\u{feff}", "\u{e0041}", "é ✓ 日本", "::x", "##"],
            "##[x]": "a ##vso[y] \\##[z] \\\\##[z]",
        });
        for document in [value.to_string(), serde_json::to_string_pretty(&value).expect("JSON")] {
            let shown = visible_json(&document);
            let unseen = |c: char| (c.is_control() && c != '\n') || is_invisible(c);
            assert!(!shown.contains(unseen), "{shown}");
            assert!(!shown.contains("##[") && !shown.contains("##vso["), "{shown}");
            let back: serde_json::Value = serde_json::from_str(&shown).expect("is JSON");
            assert_eq!(back, value);
        }
        assert!(matches!(visible_json("{\n  \"é\": 1\n}"), Cow::Borrowed(_)));
    }
}
