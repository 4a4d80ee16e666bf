// SPDX-License-Identifier: Apache-2.0
//! The part of a request's target after the question mark, and form bodies, which look the same.

use std::fmt::Write as _;

/// More pairs than this are not looked at.
const MAX_PAIRS: usize = 256;

/// Decoded pairs, in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads what stands between question mark and end.
    pub(crate) fn parse(text: Option<&str>) -> Self {
        let pairs = text.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        let decoded = pairs.take(MAX_PAIRS).map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key, Plus::IsSpace), decode(value, Plus::IsSpace))
        });
        Self(decoded.collect())
    }

    /// The first value of that key.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, value)| value.as_str())
    }

    /// All values of that key.
    pub(crate) fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(k, _)| k == key).map(|(_, value)| value.as_str())
    }
}

/// What a plus sign means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plus {
    /// Itself, as in a path.
    IsPlus,
    /// A space, as in a query.
    IsSpace,
}

/// Undoes percent-encoding. What is not well-formed stays as it is; what is not UTF-8 becomes
/// U+FFFD, which no grammar here allows.
pub(crate) fn decode(text: &str, plus: Plus) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = tail.first().copied().and_then(digit).zip(tail.get(1).copied().and_then(digit));
        rest = match (first, hex) {
            (b'%', Some((high, low))) => {
                bytes.push(high << 4 | low);
                tail.get(2..).unwrap_or_default()
            }
            (b'+', _) if plus == Plus::IsSpace => {
                bytes.push(b' ');
                tail
            }
            _ => {
                bytes.push(first);
                tail
            }
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Encodes a query's value: everything but the unreserved characters of RFC 3986.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => {
                // A String takes every write.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_decoded_and_never_fail() {
        let query = Query::parse(Some("digest=sha256%3Aab&tag=a&tag=b+c&x&=&%zz=%f&%ff=1"));
        assert_eq!(query.get("digest"), Some("sha256:ab"));
        assert_eq!(query.all("tag").collect::<Vec<_>>(), ["a", "b c"]);
        assert_eq!(query.get("x"), Some(""));
        assert_eq!(query.get("%zz"), Some("%f"));
        assert_eq!(query.get("\u{fffd}"), Some("1"));
        assert_eq!(decode(&encode("ä/ +&=%\0"), Plus::IsPlus), "ä/ +&=%\0");
    }
}
