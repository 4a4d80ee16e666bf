// SPDX-License-Identifier: Apache-2.0
//! The writer of every document that gets a digest.

use std::io::Write as _;

/// Writes one compact JSON document (JSON-1): no white space, no line end, keys in the order in
/// which they are written.
///
/// ```
/// let mut json = oci_layout::json::Writer::new();
/// json.object(|json| {
///     json.key("name").string("a&b");
///     json.key("files").array(|json| json.string("x"));
/// });
/// assert_eq!(json.into_bytes(), br#"{"name":"a\u0026b","files":["x"]}"#);
/// ```
#[derive(Debug, Default)]
pub struct Writer {
    out: Vec<u8>,
}

impl Writer {
    /// Creates an empty document.
    pub fn new() -> Self {
        Self::default()
    }

    /// An object whose members `members` writes, each as [`key`](Self::key) and a value.
    pub fn object(&mut self, members: impl FnOnce(&mut Self)) {
        self.nested(b'{', b'}', members);
    }

    /// An array whose elements `elements` writes.
    pub fn array(&mut self, elements: impl FnOnce(&mut Self)) {
        self.nested(b'[', b']', elements);
    }

    /// Returns the key of an object's next member.
    pub fn key(&mut self, key: impl AsRef<[u8]>) -> &mut Self {
        self.string(key);
        self.out.push(b':');
        self
    }

    /// Writes a string. Bytes that are not UTF-8 become `\ufffd`, six characters for each (JSON-7).
    pub fn string(&mut self, text: impl AsRef<[u8]>) {
        self.separate();
        self.out.push(b'"');
        for chunk in text.as_ref().utf8_chunks() {
            chunk.valid().chars().for_each(|c| self.character(c));
            chunk.invalid().iter().for_each(|_| self.out.extend_from_slice(b"\\ufffd"));
        }
        self.out.push(b'"');
    }

    /// A list of strings.
    pub fn strings<S: AsRef<[u8]>>(&mut self, list: impl IntoIterator<Item = S>) {
        self.array(|json| list.into_iter().for_each(|text| json.string(text)));
    }

    /// An object of strings.
    pub fn texts<K: AsRef<[u8]>, T: AsRef<[u8]>>(&mut self, all: impl IntoIterator<Item = (K, T)>) {
        self.object(|json| all.into_iter().for_each(|(key, text)| json.key(key).string(text)));
    }

    /// A decimal integer (JSON-6).
    pub fn integer(&mut self, number: impl Into<i128>) {
        self.separate();
        // A Vec takes every write.
        let _ = write!(self.out, "{}", number.into());
    }

    /// Writes `null`.
    pub fn null(&mut self) {
        self.raw(b"null");
    }

    /// A value that is JSON already.
    pub fn raw(&mut self, json: &[u8]) {
        self.separate();
        self.out.extend_from_slice(json);
    }

    /// Returns the bytes of the document.
    pub fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    fn nested(&mut self, open: u8, close: u8, inside: impl FnOnce(&mut Self)) {
        self.separate();
        self.out.push(open);
        inside(self);
        self.out.push(close);
    }

    /// A comma, unless this is the first of its kind or the value of a key.
    fn separate(&mut self) {
        if !matches!(self.out.last(), None | Some(b'{' | b'[' | b':')) {
            self.out.push(b',');
        }
    }

    /// Writes a character of a string as Go does (JSON-3). Note that `/`, DEL and everything past
    /// ASCII but U+2028 and U+2029 stay as they are.
    fn character(&mut self, c: char) {
        let escape: &[u8] = match c {
            '"' => b"\\\"",
            '\\' => b"\\\\",
            '\u{8}' => b"\\b",
            '\u{c}' => b"\\f",
            '\n' => b"\\n",
            '\r' => b"\\r",
            '\t' => b"\\t",
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(self.out, "\\u{:04x}", u32::from(c));
                return;
            }
            c => {
                let mut buffer = [0; 4];
                self.out.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
                return;
            }
        };
        self.out.extend_from_slice(escape);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn string(text: &[u8]) -> String {
        let mut json = Writer::new();
        json.string(text);
        String::from_utf8(json.into_bytes()).expect("the writer makes UTF-8")
    }

    #[test]
    fn escapes_json_3() {
        assert_eq!(
            string(b"\"\\\x08\x0c\n\r\t\x00\x1f<>&/\x7f"),
            "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f\\u003c\\u003e\\u0026/\u{7f}\""
        );
        assert_eq!(
            string("\u{2028}\u{2029}é\u{85}\u{feff}\u{ffff}".as_bytes()),
            "\"\\u2028\\u2029é\u{85}\u{feff}\u{ffff}\""
        );
    }

    #[test]
    fn nested_documents_are_escaped_twice_json_4() {
        let mut inner = Writer::new();
        inner.strings(["a&b", "\"", "\n", "\\", "é"]);
        assert_eq!(
            string(&inner.into_bytes()),
            r#""[\"a\\u0026b\",\"\\\"\",\"\\n\",\"\\\\\",\"é\"]""#
        );
    }

    #[test]
    fn each_byte_that_is_not_utf8_is_replaced_json_7() {
        assert_eq!(string(b"\xe2\x82b"), r#""\ufffd\ufffdb""#);
        assert_eq!(string(b"\xed\xa0\x80"), r#""\ufffd\ufffd\ufffd""#);
        assert_eq!(string("\u{fffd}".as_bytes()), "\"\u{fffd}\"");
    }

    #[test]
    fn commas_stand_between_and_nowhere_else_json_1() {
        let mut json = Writer::new();
        json.object(|json| {
            json.key("a").object(|_| ());
            json.key("b").array(|json| {
                json.array(|_| ());
                json.null();
                json.integer(-1);
                json.string("{");
                json.string("");
            });
        });
        assert_eq!(json.into_bytes(), br#"{"a":{},"b":[[],null,-1,"{",""]}"#);
    }
}
