// SPDX-License-Identifier: Apache-2.0
//! Challenges: what a `WWW-Authenticate` header asks for (R-8). It is the other side's text, so
//! everything is capped and nothing is trusted.

/// All header lines together, in bytes; what stands past it is not read.
const MAX_LENGTH: usize = 16 * 1024;
/// The largest number of challenges that are read.
const MAX_CHALLENGES: usize = 16;
/// The largest number of parameters of a challenge that are kept.
const MAX_PARAMETERS: usize = 32;

/// The scheme of a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scheme {
    /// Basic authentication, with a user name and a password.
    Basic,
    /// Bearer authentication, with a token of a token server.
    Bearer,
}

/// One challenge of a `WWW-Authenticate` header. Those of unknown schemes are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// The scheme of the challenge.
    pub scheme: Scheme,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// Returns a parameter's value; the first one of that name.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut all = self.parameters.iter();
        all.find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Reads the challenges in all `WWW-Authenticate` header lines, in order. Never fails: what cannot
/// be understood is left out.
///
/// ```
/// use oci_registry_http::auth::challenge::{Scheme, parse};
///
/// let challenges = parse([br#"Basic realm="x", bearer realm=https://t.example/token"#.as_slice()]);
/// assert_eq!(challenges[1].scheme, Scheme::Bearer);
/// assert_eq!(challenges[1].parameter("realm"), Some("https://t.example/token"));
/// ```
pub fn parse<'a>(lines: impl IntoIterator<Item = &'a [u8]>) -> Vec<Challenge> {
    let mut found = Vec::new();
    let mut left = MAX_LENGTH;
    for line in lines {
        let line = line.get(..left.min(line.len())).unwrap_or_default();
        left = left.saturating_sub(line.len());
        parse_line(&mut Reader { bytes: line, at: 0 }, &mut found);
        if found.len() > MAX_CHALLENGES {
            break;
        }
    }
    found.truncate(MAX_CHALLENGES);
    found
        .into_iter()
        .filter_map(|(name, parameters)| {
            let scheme = match name.as_str() {
                "basic" => Scheme::Basic,
                "bearer" => Scheme::Bearer,
                _ => return None,
            };
            Some(Challenge { scheme, parameters })
        })
        .collect()
}

type Found = (String, Vec<(String, String)>);

/// A word is a scheme, unless an equals sign follows: then it is a parameter of the scheme before.
fn parse_line(reader: &mut Reader<'_>, found: &mut Vec<Found>) {
    let mut has_scheme = false;
    while found.len() <= MAX_CHALLENGES {
        reader.skip(|b| b == b',' || b.is_ascii_whitespace());
        if reader.peek().is_none() {
            return;
        }
        let word = reader.take(is_token_byte);
        if word.is_empty() {
            // No token: a stray quote or such. Nothing can be said of what follows up to a comma.
            reader.at += 1;
            reader.skip(|b| b != b',');
            continue;
        }
        let after_word = reader.at;
        reader.skip(|b| b == b' ' || b == b'\t');
        if reader.peek() == Some(b'=') && has_scheme {
            reader.at += 1;
            reader.skip(|b| b == b' ' || b == b'\t');
            let value = reader.value();
            if let Some((_, parameters)) = found.last_mut()
                && parameters.len() < MAX_PARAMETERS
            {
                parameters.push((lower(word), value));
            }
        } else {
            reader.at = after_word;
            found.push((lower(word), Vec::new()));
            has_scheme = true;
            reader.skip_token68();
        }
    }
}

fn lower(word: &[u8]) -> String {
    String::from_utf8_lossy(word).to_ascii_lowercase()
}

/// The bytes of a token (RFC 9110, 5.6.2).
fn is_token_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.rest();
        let end = rest.iter().position(|b| !wanted(*b)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    fn skip(&mut self, unwanted: impl Fn(u8) -> bool) {
        self.take(unwanted);
    }

    /// Passes over the one blob that some schemes have instead of parameters: `Negotiate abc==`.
    fn skip_token68(&mut self) {
        let start = self.at;
        self.skip(|b| b == b' ' || b == b'\t');
        self.skip(|b| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b));
        self.skip(|b| b == b'=');
        let end = self.at;
        self.skip(|b| b == b' ' || b == b'\t');
        let ends_here = matches!(self.peek(), None | Some(b','));
        self.at = if ends_here && end > start { end } else { start };
    }

    /// Returns a value in quotes with its escapes resolved, or up to the next comma or blank.
    fn value(&mut self) -> String {
        if self.peek() != Some(b'"') {
            let value = self.take(|b| b != b',' && !b.is_ascii_whitespace());
            return String::from_utf8_lossy(value).into_owned();
        }
        self.at += 1;
        let mut value = Vec::new();
        while let Some(b) = self.peek() {
            self.at += 1;
            match b {
                b'"' => break,
                b'\\' => {
                    value.extend(self.peek());
                    self.at += 1;
                }
                b => value.push(b),
            }
        }
        String::from_utf8_lossy(&value).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn schemes(lines: &[&str]) -> Vec<Scheme> {
        parse(lines.iter().map(|l| l.as_bytes())).iter().map(|c| c.scheme).collect()
    }

    fn one(line: &str) -> Challenge {
        let all = parse([line.as_bytes()]);
        assert_eq!(all.len(), 1, "{line}: {all:?}");
        all.into_iter().next().expect("one")
    }

    #[test]
    fn a_registry_challenge_r_8() {
        let line =
            r#"Bearer realm="https://t/token",service="r.io",scope="repository:a/b:pull,push""#;
        let challenge = one(line);
        assert_eq!(challenge.parameter("realm"), Some("https://t/token"));
        assert_eq!(challenge.parameter("service"), Some("r.io"));
        assert_eq!(challenge.parameter("scope"), Some("repository:a/b:pull,push"));
        assert_eq!(challenge.parameter("error"), None);
    }

    #[test]
    fn two_challenges_in_one_header_or_two_f_8() {
        use Scheme::{Basic, Bearer};
        assert_eq!(schemes(&[r#"Basic realm="x", Bearer realm="y""#]), [Basic, Bearer]);
        assert_eq!(schemes(&[r#"Bearer realm="y",service=z,Basic realm="x""#]), [Bearer, Basic]);
        assert_eq!(schemes(&[r#"Basic realm="x""#, r#"Bearer realm="y""#]), [Basic, Bearer]);
        assert_eq!(schemes(&["Basic", "Bearer"]), [Basic, Bearer]);
        assert_eq!(schemes(&["Basic, Bearer"]), [Basic, Bearer]);
    }

    #[test]
    fn odd_spellings_f_9() {
        for line in [
            "bearer realm=http://t/x?a=b,service=zot",
            "BEARER  realm = \"http://t/x?a=b\" , , service=\"zot\",",
            ",, Bearer\trealm=http://t/x?a=b , service=\"z\\ot\"",
            "Negotiate, Bearer realm=\"http://t/x?a=b\" service=zot",
            "Negotiate abc/d+==, Bearer realm=\"http://t/x?a=b\",service=zot",
            "Digest realm=\"a, Basic realm=b\", nonce=x, Bearer realm=\"http://t/x?a=b\",service=zot",
            "Bearer Realm=\"http://t/x?a=b\",SERVICE=zot,realm=other,scope=\"\"",
        ] {
            let challenge = one(line);
            assert_eq!(challenge.scheme, Scheme::Bearer, "{line}");
            assert_eq!(challenge.parameter("realm"), Some("http://t/x?a=b"), "{line}");
            assert_eq!(challenge.parameter("service"), Some("zot"), "{line}");
        }
        assert_eq!(one(r#"Basic realm="a \"b\" \\c""#).parameter("realm"), Some(r#"a "b" \c"#));
    }

    #[test]
    fn garbage_is_bounded_f_11() {
        let huge = "Bearer realm=\"x".to_owned() + &"y".repeat(1 << 20);
        assert!(one(&huge).parameter("realm").is_some_and(|realm| realm.len() < MAX_LENGTH));
        let many = "Bearer realm=x, ".repeat(1000);
        assert_eq!(parse([many.as_bytes()]).len(), MAX_CHALLENGES);
        let wide = "Bearer ".to_owned() + &"a=b,".repeat(1000);
        assert_eq!(one(&wide).parameters.len(), MAX_PARAMETERS);
        for garbage in ["", ",", "=", "\"", "\"\\", "Bearer realm=\"\\", "= =,=", "\u{0}\u{1}"] {
            parse([garbage.as_bytes()]);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(lines in proptest::collection::vec(any::<Vec<u8>>(), 0..4)) {
            parse(lines.iter().map(Vec::as_slice));
        }

        #[test]
        fn what_is_quoted_comes_back(value in "[ -~]{0,40}") {
            let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
            let line = format!("Bearer realm=\"{quoted}\", service=s");
            let all = parse([line.as_bytes()]);
            prop_assert_eq!(all.first().and_then(|c| c.parameter("realm")), Some(value.as_str()));
            prop_assert_eq!(all.first().and_then(|c| c.parameter("service")), Some("s"));
        }
    }
}
