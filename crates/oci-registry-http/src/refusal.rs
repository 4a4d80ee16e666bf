// SPDX-License-Identifier: Apache-2.0
//! Reads what registries say when they refuse, in all the forms that there are (R-76).

use serde_json::Value;

use crate::error::Refusal;
use crate::transport::redact::clean;

/// Codes that are kept.
const MAX_CODES: usize = 8;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f_114_error_bodies_in_every_form() {
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
