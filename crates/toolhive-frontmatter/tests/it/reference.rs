// SPDX-License-Identifier: Apache-2.0
//! Trees that yaml.v3 3.0.1, the library of the reference, made of 1,700 texts.
//!
//! A tree is written thus: a scalar as `S`, a sign of its style (`:` plain, `"`, `'`, `|`, `>`),
//! its text in base64, `<tag>` and `&anchor`; a list as `[<tag>&anchor items ]`; a mapping as
//! `{<tag>&anchor keys and values }`; an alias as `*` and its name in base64. The tag `!` counts
//! as none.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use toolhive_frontmatter::{Content, Node, Style, parse};

fn write(node: Node<'_>, out: &mut String) {
    let properties = |open: &str| {
        let tag = node.tag().filter(|tag| *tag != "!").unwrap_or_default();
        format!("{open}<{tag}>&{} ", node.anchor().unwrap_or_default())
    };
    match node.content() {
        Content::Alias(name, _) => *out += &format!("*{} ", BASE64_STANDARD.encode(name)),
        Content::Scalar(text, style) => {
            let sign = match style {
                Style::Plain => ':',
                Style::SingleQuoted => '\'',
                Style::DoubleQuoted => '"',
                Style::Literal => '|',
                Style::Folded => '>',
            };
            *out += &properties(&format!("S{sign}{}", BASE64_STANDARD.encode(text)));
        }
        Content::Sequence(items) => {
            *out += &properties("[");
            items.iter().for_each(|item| write(item, out));
            *out += "] ";
        }
        Content::Mapping(pairs) => {
            *out += &properties("{");
            for (key, value) in pairs.iter() {
                write(key, out);
                write(value, out);
            }
            *out += "} ";
        }
    }
}

#[test]
fn trees_are_those_of_the_reference_fm_6_to_14() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/vectors/frontmatter.json");
    let text = std::fs::read(path).expect("the vectors are there");
    let file: serde_json::Value = serde_json::from_slice(&text).expect("they are JSON");
    let vectors = file["vectors"].as_array().expect("it lists vectors");
    assert!(vectors.len() > 1_500);
    for vector in vectors {
        let yaml = match vector["yaml"].as_str() {
            Some(text) => text.as_bytes().to_vec(),
            None => BASE64_STANDARD
                .decode(vector["yaml_base64"].as_str().expect("one of the two"))
                .expect("is base64"),
        };
        let parsed = parse(&yaml, 0..yaml.len());
        let tree = parsed.problems.is_empty().then(|| {
            let mut tree = String::new();
            parsed.document.root().into_iter().for_each(|root| write(root, &mut tree));
            tree.trim_end().to_owned()
        });
        assert_eq!(tree.as_deref(), vector["tree"].as_str(), "of {}", yaml.escape_ascii());
    }
}
