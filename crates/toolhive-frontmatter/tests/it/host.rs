// SPDX-License-Identifier: Apache-2.0
//! Tests of frontmatter that the host reads and YAML does not (S-105). Each case was asked of the
//! host, 2.1.332.

use toolhive_frontmatter::{Content, Reading, read_as_host, split};

/// Returns a field, or an error if nothing could be read.
fn field(frontmatter: &str, wanted: &str) -> Result<Option<String>, ()> {
    let text = format!("---\n{frontmatter}\n---\nbody\n");
    let yaml = split(text.as_bytes()).expect("is closed").yaml;
    let reading = read_as_host(text.as_bytes(), yaml);
    let document = reading.document().ok_or(())?;
    let Some(Content::Mapping(pairs)) = document.root().map(|root| root.content()) else {
        return Ok(None);
    };
    let mut found = None;
    for (key, value) in pairs.iter() {
        if let (Content::Scalar(key, _), Content::Scalar(value, _)) =
            (key.content(), value.content())
            && key == wanted
        {
            found = Some(value.to_owned());
        }
    }
    Ok(found)
}

#[test]
fn what_the_host_repairs_hides_no_field_s_105() {
    for line in [
        "description: Use this when: x",
        "description: @x y",
        "description: `x` y",
        "description: %x",
        "description: *x y",
        "argument-hint: [a] [b]",
        "description: {x} y",
        "description: \"x: y\" z: w",
        "description:\ta: b: c",
        "description: |x",
        "description: a\ndescription: b: c",
        // Tabs before a line, characters that cannot be printed, a comma.
        "x:\n\ty: z",
        "x:\n\t- y",
        "x: y\n\t",
        "x: \u{7}",
        "[a]: b",
        "x: \u{1b}[31m",
        "x: a\u{85}b",
        "x: a\u{85}b: c",
        "x: ,y",
        "x: [a,\n b\n]",
    ] {
        let text = format!("name: n\n{line}\nallowed-tools: Bash");
        assert_eq!(field(&text, "allowed-tools"), Ok(Some("Bash".to_owned())), "{line}");
        assert_eq!(field(&text, "name"), Ok(Some("n".to_owned())), "{line}");
    }
    let text = "description: say \\ \"x\": y";
    assert_eq!(field(text, "description"), Ok(Some("say \\ \"x\": y".to_owned())));
}

#[test]
fn what_the_host_cannot_read_is_unread_not_empty_s_105() {
    for line in [
        "description: \"x\" y",
        "description: 'x' y",
        "description: \"x y",
        "description: a\nb c",
        "description: when:",
        "meta:\n  sub: a: b",
        "k3y: a: b",
        "a.b: a: b",
        "description: a: b\r",
        "- a",
        "text",
        "x: [a,\nb]",
        "x:\n  {a: b,\nc: d}",
        " x: y",
        "x: \0",
        "  \tx: y",
        "x: a\u{2028}b: c",
    ] {
        assert_eq!(field(&format!("{line}\nallowed-tools: Bash"), "name"), Err(()), "{line}");
    }
}

#[test]
fn line_ends_of_yaml_1_1_are_none_s_105() {
    for end in ['\u{85}', '\u{2028}', '\u{2029}'] {
        let text = format!("name: n\nallowed-tools: Bash #{end}allowed-tools: Read");
        assert_eq!(field(&text, "allowed-tools"), Ok(Some("Bash".to_owned())), "{end:?}");
    }
}

#[test]
fn places_are_those_of_the_file_s_105() {
    let text = "---\nname: n\ndescription: \"a\": b\ntools:   *x y\n---\n";
    let yaml = split(text.as_bytes()).expect("is closed").yaml;
    let Reading::Repaired(document, problems) = read_as_host(text.as_bytes(), yaml) else {
        panic!("it is repaired")
    };
    assert!(!problems.is_empty());
    let Some(Content::Mapping(pairs)) = document.root().map(|root| root.content()) else {
        panic!("a mapping")
    };
    let keys: Vec<&str> = pairs.iter().map(|(key, _)| &text[key.span()]).collect();
    assert_eq!(keys, ["name", "description", "tools"]);
    let last = pairs.iter().last().expect("a pair").1.span();
    assert!(last.end <= text.len() && text[last].ends_with("x y"));
}
