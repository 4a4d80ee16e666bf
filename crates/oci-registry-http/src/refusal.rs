// SPDX-License-Identifier: Apache-2.0
//! Reads what registries say when they refuse, in all the forms that there are (R-76).

use serde_json::Value;

use crate::error::Refusal;
use crate::transport::redact::clean;

/// The largest number of codes that are kept.
const MAX_CODES: usize = 8;

/// The most that is looked at of something that is no refusal, in bytes.
const MAX_PARSED: usize = 64 * 1024;

/// Reads an error's body: the specification's JSON, something like it, text, or HTML. Never fails.
pub(crate) fn read(body: &[u8]) -> Refusal {
    match serde_json::from_slice::<Value>(body) {
        Ok(document) => read_json(&document),
        Err(_) => Refusal { message: read_text(body), ..Refusal::default() },
    }
}

fn read_json(document: &Value) -> Refusal {
    let errors = match document.get("errors") {
        Some(Value::Array(errors)) => errors.as_slice(),
        Some(single @ Value::Object(_)) => std::slice::from_ref(single),
        _ => std::slice::from_ref(document),
    };
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(clean);
    let codes = errors.iter().filter_map(|error| text(error, "code")).take(MAX_CODES).collect();
    let message = errors.iter().find_map(|error| {
        ["message", "error_description", "error", "details"]
            .iter()
            .find_map(|key| text(error, key))
            .filter(|message| !message.is_empty())
    });
    Refusal { codes, message: message.unwrap_or_default(), ..Refusal::default() }
}

/// Text as it is; of HTML only the title.
fn read_text(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let start = text.trim_start();
    if !start.starts_with('<') {
        return clean(&text);
    }
    let lower = text.to_ascii_lowercase();
    let title = lower.find("<title>").and_then(|open| {
        let from = open + "<title>".len();
        let to = lower.get(from..)?.find("</title>")? + from;
        text.get(from..to)
    });
    title.map(clean).unwrap_or_default()
}

/// Describes a body for people: its type and size, and how a page or a text begins.
pub(crate) fn describe(media_type: Option<&str>, body: &[u8]) -> String {
    /// The characters that are shown of a text.
    const MAX_START: usize = 80;
    let media_type = media_type.map_or_else(|| "of no type".to_owned(), clean);
    let size = body.len();
    let refusal = read(body.get(..MAX_PARSED).unwrap_or(body));
    let start: String = refusal.message.chars().take(MAX_START).collect();
    match start.is_empty() {
        true => format!("{media_type}, {size} bytes"),
        false => format!("{media_type}, {size} bytes: {start:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_is_described_r_88() {
        let page = b"<!DOCTYPE html><html><title>Sign in</title>";
        for (media_type, body, words) in [
            (Some("text/html"), page.as_slice(), "text/html, 43 bytes: \"Sign in\""),
            (Some("text/plain"), b"no\x1b[31m!", "text/plain, 8 bytes: \"no[31m!\""),
            (Some("application/json"), b"{}", "application/json, 2 bytes"),
            (None, b"", "of no type, 0 bytes"),
        ] {
            assert_eq!(describe(media_type, body), words);
        }
        let long = describe(None, "ä".repeat(100_000).as_bytes());
        assert!(long.len() < 300, "{long}");
    }

    #[test]
    fn error_bodies_in_every_form_f_114() {
        let cases: &[(&[u8], &[&str], &str)] = &[
            (
                br#"{"errors":[{"code":"DENIED","message":"no","detail":{"x":1}},{"code":"X"}]}"#,
                &["DENIED", "X"],
                "no",
            ),
            (br#"{"errors":{"code":"NOT_FOUND","message":"gone"}}"#, &["NOT_FOUND"], "gone"),
            (br#"{"errors":null}"#, &[], ""),
            (br#"{"errors":null,"message":"why"}"#, &[], "why"),
            (br#"{"message":"why"}"#, &[], "why"),
            (br#"{"error":"why"}"#, &[], "why"),
            (br#"{"code":"UNAUTHORIZED","error":{"a":1}}"#, &["UNAUTHORIZED"], ""),
            (br#"[]"#, &[], ""),
            (b"", &[], ""),
            (b"Too Many Requests\r\n", &[], "Too Many Requests"),
            (b"\xff\xfe a\x1b[2Jb", &[], "\u{fffd}\u{fffd} a[2Jb"),
            (
                b"  <!DOCTYPE html><html><head><TITLE>413 Too Large</TITLE></head>",
                &[],
                "413 Too Large",
            ),
            (b"<html><body>secret</body></html>", &[], ""),
        ];
        for (body, codes, message) in cases {
            let refusal = read(body);
            assert_eq!(refusal.codes, *codes, "{}", String::from_utf8_lossy(body));
            assert_eq!(refusal.message, *message, "{}", String::from_utf8_lossy(body));
        }
        let huge = format!(r#"{{"message":"{}"}}"#, "x".repeat(100_000));
        assert!(read(huge.as_bytes()).message.len() < 1100);
    }
}
