// SPDX-License-Identifier: Apache-2.0
//! URLs and texts in the form in which they may be shown, without secrets.

use std::fmt;

use reqwest::Url;
use zeroize::Zeroizing;

/// The text that replaces a secret.
const REDACTED: &str = "[redacted]";
/// The character that replaces the rest of a text that is too long.
const CUT: char = '…';
/// The shortest text that is a secret worth the name.
const SHORTEST: usize = 4;
/// The longest text of another side that is shown.
const MAX_TEXT: usize = 1024;

/// A password or a token. Its memory is wiped when it is dropped, and it shows itself to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps a secret text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// Returns the secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// Returns a URL for people: without user info and fragment, and of its query only what is no
/// secret.
pub(crate) fn url(url: &Url) -> String {
    let mut text = format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default());
    if let Some(port) = url.port() {
        text.push(':');
        text.push_str(&port.to_string());
    }
    text.push_str(&clean(url.path()));
    let mut separator = '?';
    for pair in url.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let key = pair.split('=').next().unwrap_or_default();
        text.push(separator);
        separator = '&';
        if is_harmless(key) {
            text.push_str(&clean(pair));
        } else {
            text.push_str(&clean(key));
            text.push('=');
            text.push_str(REDACTED);
        }
    }
    text
}

/// Returns the values in a URL's query that are not shown: the signature of one that was signed.
pub(crate) fn hidden(url: &Url) -> impl Iterator<Item = &str> {
    let pairs = url.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(key, _)| !is_harmless(key)).map(|(_, value)| value)
}

fn is_harmless(key: &str) -> bool {
    matches!(
        key,
        "scope"
            | "service"
            | "mount"
            | "from"
            | "digest"
            | "digest-algorithm"
            | "n"
            | "last"
            | "artifactType"
    )
}

/// Cleans another side's text for people: at most 1 KiB, without control characters.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::new();
    for c in text.trim().chars() {
        if out.len() + c.len_utf8() > MAX_TEXT {
            out.push(CUT);
            break;
        }
        match c {
            '\n' | '\t' => out.push(' '),
            c if c.is_control() || is_invisible(c) => {}
            c => out.push(c),
        }
    }
    out
}

/// Marks that turn the direction of a text, and others that nobody sees.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// `text` without those secrets, should the other side have sent them back. A secret that may be a
/// word of the other side's own (a password like `password`) is taken out only where a secret stands:
/// elsewhere the hole would tell what the secret is, and the text would tell nothing.
pub(crate) fn scrub<'a>(text: &str, secrets: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = text.to_owned();
    for secret in secrets.into_iter().filter(|secret| !secret.is_empty()) {
        if is_word(secret) {
            text = scrub_word(&text, secret);
            continue;
        }
        text = text.replace(secret, REDACTED);
        // A text that was cut may have been cut within the secret.
        let Some(kept) = text.strip_suffix(CUT) else { continue };
        let ends = secret.char_indices().map(|(at, _)| at).filter(|at| *at >= SHORTEST).rev();
        let part = ends.filter_map(|end| secret.get(..end)).find(|part| kept.ends_with(part));
        if let Some(part) = part {
            let kept = kept.strip_suffix(part).unwrap_or(kept);
            text = format!("{kept}{REDACTED}{CUT}");
        }
    }
    text
}

/// Whether a secret may be a word or a number that others use without meaning it.
fn is_word(secret: &str) -> bool {
    /// Longer than the words of error messages.
    const LONGEST: usize = 16;
    let mut rest = secret.chars().skip(1);
    let is_lower = secret.chars().all(|c| c.is_ascii_lowercase());
    let is_upper = secret.chars().all(|c| c.is_ascii_uppercase());
    let is_title = secret.starts_with(|c: char| c.is_ascii_uppercase())
        && rest.all(|c| c.is_ascii_lowercase());
    let is_number = secret.chars().all(|c| c.is_ascii_digit());
    secret.len() < SHORTEST
        || (secret.len() <= LONGEST && (is_lower || is_upper || is_title))
        || (secret.len() <= 6 && is_number)
}

/// `text` without `secret` where it stands for itself: after the name of a scheme or a secret, after
/// an `=`, before an `@`.
fn scrub_word(text: &str, secret: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(secret) {
        let (before, found) = rest.split_at(at);
        out.push_str(before);
        let after = found.get(secret.len()..).unwrap_or_default();
        let is_whole = !after.starts_with(|c: char| c.is_alphanumeric());
        out.push_str(match is_whole && is_place_of_secret(&out, after) {
            true => REDACTED,
            false => secret,
        });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Whether what stands between those two is a secret, as the text has it.
fn is_place_of_secret(before: &str, after: &str) -> bool {
    const NAMES: [&str; 8] =
        ["password", "passwd", "pwd", "pass", "secret", "token", "basic", "bearer"];
    let quotes = |c: char| matches!(c, '"' | '\'' | '`');
    if before.ends_with('=') || before.trim_end_matches(quotes).ends_with('=') {
        return true;
    }
    // `user:SECRET@host`.
    if after.starts_with('@') && before.ends_with(':') {
        return true;
    }
    let bare = before.trim_end_matches(quotes).trim_end();
    let named = bare.strip_suffix(':').unwrap_or(bare).trim_end().trim_end_matches(quotes);
    // A name that is quoted itself is followed by its value only behind a colon.
    let is_value = bare.ends_with(':') || before.ends_with(' ') || before.ends_with(quotes);
    let name_at = named.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(0, |at| {
        at + named.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
    });
    let name = named.get(name_at..).unwrap_or_default().to_ascii_lowercase();
    let is_scheme = matches!(name.as_str(), "basic" | "bearer");
    let is_named = NAMES.contains(&name.as_str());
    is_value && is_named && (is_scheme || bare.ends_with(':') || before.ends_with(quotes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_show_only_what_is_harmless_r_77() {
        let signed = "https://user:pass@s3.example:444/b/k?X-Amz-Signature=abc&digest=sha256:1#f";
        let shown = url(&Url::parse(signed).expect("a URL"));
        assert_eq!(shown, "https://s3.example:444/b/k?X-Amz-Signature=[redacted]&digest=sha256:1");
        let shown = url(&Url::parse("http://[::1]:5000/v2/?_state=x").expect("a URL"));
        assert_eq!(shown, "http://[::1]:5000/v2/?_state=[redacted]");
    }

    #[test]
    fn secrets_show_themselves_to_nobody_r_77() {
        let secret = Secret::new("canary-7");
        assert_eq!(
            format!("{secret:?} {:#?}", Some(&secret)),
            "[redacted] Some(\n    [redacted],\n)"
        );
        assert_eq!(secret.expose(), "canary-7");
        assert_eq!(scrub("a canary-7, a can", [secret.expose()]), "a [redacted], a can");
        assert_eq!(scrub("a canar…", [secret.expose()]), "a [redacted]…");
        assert_eq!(scrub("a can…", [secret.expose()]), "a can…");
    }

    #[test]
    fn common_words_are_redacted_only_where_a_secret_stands_r_89() {
        for secret in ["password", "denied", "user", "Unauthorized", "UNKNOWN", "abc", "401"] {
            let own =
                format!("{secret}: invalid user or password, access is denied ({secret}), 401");
            assert_eq!(scrub(&own, [secret]), own, "{secret}");
            for (text, wanted) in [
                ("you sent Basic SECRET, so no", "you sent Basic [redacted], so no"),
                ("bearer SECRET", "bearer [redacted]"),
                ("password=SECRET&x", "password=[redacted]&x"),
                ("?q=SECRET", "?q=[redacted]"),
                ("k=\"SECRET\"", "k=\"[redacted]\""),
                ("the password \"SECRET\" is wrong", "the password \"[redacted]\" is wrong"),
                ("password: SECRET", "password: [redacted]"),
                ("{\"secret\": \"SECRET\"}", "{\"secret\": \"[redacted]\"}"),
                ("{\"token\":\"SECRET\"}", "{\"token\":\"[redacted]\"}"),
                ("https://ci:SECRET@h.example/", "https://ci:[redacted]@h.example/"),
                ("passwd 'SECRET'", "passwd '[redacted]'"),
            ] {
                assert_eq!(scrub(&text.replace("SECRET", secret), [secret]), wanted, "{secret}");
            }
        }
        for secret in ["hunter2", "correcthorsebatterystaple", "pass-word", "S3cret", "1234567"] {
            let text = format!("no {secret}, or{secret}so");
            assert_eq!(scrub(&text, [secret]), "no [redacted], or[redacted]so", "{secret}");
        }
        assert_eq!(scrub("anything", [""]), "anything");
    }

    #[test]
    fn texts_are_cut_and_cleaned_f_114() {
        assert_eq!(clean(" a\u{1b}[31mb\r\nc\u{202e}d\0 "), "a[31mb cd");
        let long = clean(&"ä".repeat(5000));
        assert!(long.len() < 1030 && long.ends_with('…'));
    }
}
