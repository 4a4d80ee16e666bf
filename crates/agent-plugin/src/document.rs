// SPDX-License-Identifier: Apache-2.0
//! Configuration files: JSON within limits (S-4, S-82).

use oci_artifact::json::{self, Kind, Member, Value};

use crate::inventory::At;
use crate::limits::Limits;

/// A byte order mark.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// The fault of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) at: Option<At>,
    pub(crate) help: Option<String>,
}

/// A document that was read, and what is wrong with it all the same.
#[derive(Clone, Debug)]
pub(crate) struct Read<'d> {
    pub(crate) value: Value<'d>,
    pub(crate) faults: Vec<Fault>,
}

/// Reads a document. Keys that are there twice are faults, and the last one counts (S-4).
pub(crate) fn parse<'d>(bytes: &'d [u8], limits: &Limits) -> Result<Read<'d>, Fault> {
    let mut faults = Vec::new();
    let text = without_mark(bytes);
    if text.len() < bytes.len() {
        let message = "the file starts with a byte order mark".to_owned();
        faults.push(Fault { code: "bom", message, at: Some(At::line(1)), help: None });
    }
    if is_deeper(text, limits.depth) {
        let message = format!("the file is nested deeper than {} levels", limits.depth);
        return Err(Fault { code: "unread", message, at: None, help: None });
    }
    let value = json::parse(text).map_err(|problem| Fault {
        code: "json-syntax",
        help: problem.help.as_ref().map(ToString::to_string),
        message: problem.message,
        at: problem.position.map(|position| at_position(text, position)),
    })?;
    faults.extend(twice(value));
    Ok(Read { value, faults })
}

/// Returns the byte at a line and a column, counted in characters.
fn at_position(text: &[u8], position: oci_artifact::Position) -> At {
    let oci_artifact::Position { line, column } = position;
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    let start: usize = lines.clone().take(line.saturating_sub(1)).map(<[u8]>::len).sum();
    let rest = String::from_utf8_lossy(text.get(start..).unwrap_or_default());
    let inside: usize = rest.chars().take(column.saturating_sub(1)).map(char::len_utf8).sum();
    let start = start.saturating_add(inside);
    At { line, start, end: start.saturating_add(1) }
}

/// Returns the text behind a byte order mark.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BOM).unwrap_or(bytes)
}

/// Returns a key of a value that is there twice (S-4).
pub(crate) fn twice(value: Value<'_>) -> Option<Fault> {
    let twice = json::duplicate_key_ignoring_case(value)?;
    let at = |span: std::ops::Range<usize>| {
        let found = oci_artifact::Diagnostic::new("").at(value.document(), span.clone());
        let line = found.position?.line;
        Some(At { line, start: span.start, end: span.end })
    };
    let (first, second) = (at(twice.first), at(twice.second));
    let message = format!(
        "the key {:?} is there twice, in lines {} and {}: readers disagree about which one counts",
        twice.key,
        first.unwrap_or_default().line,
        second.unwrap_or_default().line
    );
    Some(Fault { code: "json-duplicate-key", message, at: second, help: None })
}

/// Returns the document, if it is one.
pub(crate) fn parse_quietly<'d>(bytes: &'d [u8], limits: &Limits) -> Option<Value<'d>> {
    parse(bytes, limits).ok().map(|read| read.value)
}

/// Whether brackets, outside of strings, are nested deeper than that.
fn is_deeper(text: &[u8], most: usize) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > most {
            return true;
        }
    }
    false
}

/// Returns a value as it may be shown: its text, without secrets and on one line.
pub(crate) fn shown(value: Value<'_>) -> String {
    let text = value.document().get(value.span()).unwrap_or_default();
    let lines = crate::section::shown_lines(&String::from_utf8_lossy(text));
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

/// Returns the text of a member that is a string.
pub(crate) fn text(object: Value<'_>, key: &str) -> Option<String> {
    object.get(key)?.as_string()
}

/// Returns a member that is an object.
pub(crate) fn object<'d>(object: Value<'d>, key: &str) -> Option<Value<'d>> {
    object.get(key).filter(|value| value.kind() == Kind::Object)
}

/// Returns the members of a member that is an object.
pub(crate) fn members<'d>(object: Value<'d>, key: &str) -> impl Iterator<Item = Member<'d>> {
    object.get(key).into_iter().flat_map(Value::members)
}

/// Returns a member that is `true` or `false`; `false` if there is none.
pub(crate) fn flag(object: Value<'_>, key: &str) -> bool {
    object.get(key).and_then(Value::as_bool).unwrap_or(false)
}

/// The starts of a document's lines, so that each place is found without reading it again.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// The document: where it lies, and its size.
    document: (usize, usize),
    starts: Vec<usize>,
}

impl Lines {
    /// Returns the place of a value. It must be of a document that outlives this.
    pub(crate) fn of(&mut self, value: Value<'_>) -> At {
        let text = value.document();
        let document = (text.as_ptr() as usize, text.len());
        if self.document != document {
            self.document = document;
            let breaks = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
            self.starts = breaks.map(|(at, _)| at + 1).collect();
        }
        let std::ops::Range { start, end } = value.span();
        At { line: 1 + self.starts.partition_point(|line| *line <= start), start, end }
    }
}

/// Returns the strings of an array; `None` if it is not one, or holds anything else.
pub(crate) fn texts(value: Value<'_>) -> Option<Vec<String>> {
    if value.kind() != Kind::Array {
        return None;
    }
    value.elements().map(|element| element.as_string()).collect()
}

/// Returns a pointer's part (RFC 6901).
pub(crate) fn pointer(key: &str) -> String {
    format!("/{}", key.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_readers_disagree_about_s_4() {
        let read = parse(b"{\"hooks\": 1,\n\"Hooks\": 2}", &Limits::default()).expect("is JSON");
        assert_eq!(read.faults[0].code, "json-duplicate-key");
        assert_eq!(read.faults[0].at.map(|at| at.line), Some(2));
        let read = parse(b"\xef\xbb\xbf{}", &Limits::default()).expect("is JSON");
        assert_eq!(read.faults[0].code, "bom");
    }

    #[test]
    fn depth_is_bounded_s_82() {
        let limits = Limits::default();
        let nested = |levels: usize| "[".repeat(levels) + "1" + &"]".repeat(levels);
        assert!(parse(nested(64).as_bytes(), &limits).is_ok());
        assert_eq!(parse(nested(65).as_bytes(), &limits).expect_err("deep").code, "unread");
        assert!(parse(format!("[\"{}\"]", "[".repeat(99)).as_bytes(), &limits).is_ok());
    }
}
