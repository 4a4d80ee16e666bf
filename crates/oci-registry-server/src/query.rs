// SPDX-License-Identifier: Apache-2.0
//! The part of a request's target after the question mark, and form bodies, which look the same.

use std::fmt::Display;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The largest number of pairs that are read.
const MAX_PAIRS: usize = 256;

/// Decoded pairs, in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads what stands between question mark and end; what is not UTF-8 becomes U+FFFD.
    pub(crate) fn parse(text: Option<&str>) -> Self {
        let pairs = form_urlencoded::parse(text.unwrap_or_default().as_bytes()).into_owned();
        Self(pairs.take(MAX_PAIRS).collect())
    }

    /// Returns the first value of that key.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, value)| value.as_str())
    }

    /// Returns all pairs.
    pub(crate) fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }

    /// Returns all values of that key.
    pub(crate) fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(k, _)| k == key).map(|(_, value)| value.as_str())
    }
}

/// All that a query's value may not hold as it is: but for the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Undoes the percent-encoding of a path, where a plus sign is itself. What is not well-formed stays as
/// it is; what is not UTF-8 becomes U+FFFD, which no grammar here allows.
pub(crate) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Encodes a query's value.
pub(crate) fn encode(text: &str) -> impl Display {
    utf8_percent_encode(text, RESERVED)
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
        assert_eq!(decode(&encode("ä/ +&=%\0~").to_string()), "ä/ +&=%\0~");
        assert_eq!(encode("a/ä~").to_string(), "a%2F%C3%A4~");
    }
}
