// SPDX-License-Identifier: Apache-2.0
//! Tests of the complaints that people read, and of the places to which they point.

use super::super::parse;
use super::any_input::walk;
use super::refusal;

/// The inputs with the complaint, its place, and a part of its help.
const COMPLAINTS: &[(&str, &str, (usize, usize), &str)] = &[
    ("", "the document is empty", (1, 1), "{}"),
    ("{\"a\": 1,\n}", "trailing comma before '}'", (1, 8), "remove the comma"),
    ("[1,\n 2 ,]", "trailing comma before ']'", (2, 4), "remove the comma"),
    ("[1,,2]", "two commas in a row", (1, 4), "remove one"),
    ("{\"a\":1 \"b\":2}", "expected ',' or '}' after a member, found a string", (1, 8), "comma"),
    ("[1 2]", "expected ',' or ']' after an element, found 2", (1, 4), "comma"),
    ("{\n[1}\n", "expected a key in double quotes, found '['", (2, 1), "{\"key\""),
    ("[\n[1}\n", "expected ',' or ']' after an element, found '}'", (2, 3), "closes with ']'"),
    (
        "[\"a\": 1]",
        "expected ',' or ']' after an element, found ':'",
        (1, 5),
        "keys belong in objects",
    ),
    ("{\"a\" 1}", "expected ':' after the key, found 1", (1, 6), "{\"key\""),
    ("{\"a\" = 1}", "expected ':' after the key, found '='", (1, 6), "{\"key\""),
    ("{\"a\":}", "the key has no value: found '}'", (1, 6), "null"),
    ("{name: 1}", "expected a key in double quotes, found name", (1, 2), "\"name\""),
    ("{'a': 1}", "strings are quoted with double quotes, not with '", (1, 2), "\"text\""),
    (
        "{“a”: 1}",
        "strings are quoted with plain double quotes, not with “",
        (1, 2),
        "word processor",
    ),
    ("{ // hi\n}", "comments are not JSON", (1, 3), "remove the comment"),
    ("{\"a\": 1 /* hi */}", "comments are not JSON", (1, 9), "remove the comment"),
    ("{}\n# hi", "comments are not JSON", (2, 1), "remove the comment"),
    ("\u{feff}{}", "the document has a byte order mark (U+FEFF)", (1, 1), "without"),
    ("{\u{a0}}", "U+00A0 is not white space in JSON", (1, 2), "spaces, tabs"),
    ("{\0\"\0", "the document is not UTF-8 but looks like UTF-16", (1, 2), "UTF-8"),
    ("[True]", "True is not a JSON value", (1, 2), "write true"),
    ("[None]", "None is not a JSON value", (1, 2), "write null"),
    ("[-Infinity]", "-Infinity is not a JSON number", (1, 2), "null"),
    ("[nullx]", "expected a value, found nullx", (1, 2), "\"nullx\""),
    ("{\"v\": v1.2}", "expected a value, found v1.2", (1, 7), "\"v1.2\""),
    ("[007]", "007 is not a number as JSON writes it", (1, 2), "no zero"),
    ("[0x1F]", "0x1F is not a number as JSON writes it", (1, 2), "decimal"),
    ("[1.2.3]", "1.2.3 is not a number as JSON writes it", (1, 2), "double quotes"),
    ("[1.]", "1. is not a number as JSON writes it", (1, 2), "both sides"),
    ("[.5]", ".5 is not a number as JSON writes it", (1, 2), "both sides"),
    ("[+1]", "+1 is not a number as JSON writes it", (1, 2), "'+'"),
    ("[-]", "- is not a number as JSON writes it", (1, 2), "digits"),
    ("[\"a \"b\" c\"]", "the string ended before b", (1, 6), "\\\""),
    ("[\"a\n\"]", "a string cannot contain a line break", (1, 4), "\\n"),
    ("[\"a\tb\"]", "a string cannot contain a raw tab", (1, 4), "\\t"),
    ("[\"\u{1}\"]", "a string cannot contain the raw control character U+0001", (1, 3), "\\u0001"),
    ("[\"C:\\Users\"]", "'\\' before Users", (1, 5), "\\\\"),
    ("[\"\\u00\"]", "'\\u' needs four hexadecimal digits", (1, 3), "\\u00e9"),
    ("{\"a\": \"b", "this string never ends", (1, 7), "'\"'"),
    (
        "{\n\"a\": [1,",
        "the document ends inside the array that starts at line 2, column 6",
        (2, 9),
        "']'",
    ),
    ("{} {}", "expected the end, found '{'", (1, 4), "one value"),
    ("[]\n]", "expected the end, found ']'", (2, 1), "no counterpart"),
];

#[test]
fn errors_point_and_help_dev_4() {
    for (document, message, (line, column), help) in COMPLAINTS {
        let found = refusal(document);
        assert_eq!(found.message, *message, "{document:?}");
        let position = found.position.expect("has a place");
        assert_eq!((position.line, position.column), (*line, *column), "{document:?}: {message}");
        assert!(
            found.help.as_ref().is_some_and(|h| h.to_string().contains(help)),
            "{message}: {:?}",
            found.help
        );
    }
}

#[test]
fn messages_stay_short_dev_4() {
    let long = "x".repeat(1_000_000);
    for document in [
        format!("[{long}]"),
        format!("{{{long}:1}}"),
        format!("[1 {long}]"),
        "7".repeat(1_000_000) + "x",
    ] {
        let found = refusal(document);
        assert!(found.message.len() < 150, "{}", found.message);
        assert!(found.help.is_some_and(|help| help.to_string().len() < 250));
    }
}

#[test]
fn every_prefix_of_a_document_is_refused_with_a_place_dev_4() {
    let document =
        "{\"a\":[1,-2.5e+3,\"x\\u00e9\\n\",{\"b\":null}],\"c\":true,\"é\":\"\u{1F600}\"}"
            .as_bytes();
    for end in 0..document.len() {
        assert!(refusal(&document[..end]).position.is_some(), "{end}");
    }
    for at in 0..document.len() {
        for byte in [0, b' ', b'"', b'\\', b',', b':', b'}', b']', b'x', 0x80, 0xff] {
            let mut document = document.to_vec();
            document[at] = byte;
            let _ = parse(&document).map(walk);
        }
    }
}
