// SPDX-License-Identifier: Apache-2.0
//! FM-1 to FM-5 and BUG-20 to BUG-22.

use toolhive_frontmatter::{Close, MAX_SIZE, split};

/// The YAML text and how its closing delimiter stands, or the rule that was broken.
fn yaml(text: &str) -> Result<(&str, Close), &'static str> {
    let split = split(text.as_bytes()).map_err(|problem| problem.rule)?;
    assert_eq!(&text[split.opening], "---");
    assert_eq!(&text[split.closing], "---");
    Ok((&text[split.yaml], split.close))
}

#[test]
fn white_space_before_is_trimmed_fm_1() {
    let own_line = |text| Ok((text, Close::OwnLine));
    assert_eq!(yaml("---\na\n---\n"), own_line("a\n"));
    assert_eq!(yaml(" \t\r\n\u{b}\u{c}---\na\n---"), own_line("a\n"));
    assert_eq!(
        yaml("\u{85}\u{a0}\u{1680}\u{2003}\u{2028}\u{202f}\u{3000}---\na\n---"),
        own_line("a\n")
    );
    assert_eq!(yaml("\u{200b}---\na\n---"), Err("no-frontmatter"));
    assert_eq!(yaml("x---\na\n---"), Err("no-frontmatter"));
    assert_eq!(yaml("--\na\n---"), Err("no-frontmatter"));
    assert_eq!(yaml(""), Err("no-frontmatter"));
    assert_eq!(yaml("# Title\n"), Err("no-frontmatter"));
    assert!(split(b"\x85---\na\n---").is_err(), "a lone byte is no white space");
}

#[test]
fn a_byte_order_mark_is_refused_fm_1_bug_22() {
    let problem = split("\u{feff}---\na\n---".as_bytes()).expect_err("it starts with a BOM");
    assert!(problem.message.contains("byte order mark"), "{}", problem.message);
    assert_eq!(yaml(" \u{feff}---\na\n---"), Err("no-frontmatter"));
}

#[test]
fn only_one_lf_is_skipped_bug_21_fm_2() {
    assert_eq!(yaml("---\n\na\n---").map(|(text, _)| text), Ok("\na\n"));
    assert_eq!(yaml("---\r\na\n---").map(|(text, _)| text), Ok("\r\na\n"));
    assert_eq!(yaml("---name: x\n---").map(|(text, _)| text), Ok("name: x\n"));
    assert_eq!(yaml("--- name: x ---"), Ok((" name: x ", Close::InsideLine)));
}

#[test]
fn the_first_three_hyphens_close_fm_3_bug_20() {
    let inside = |text| Ok((text, Close::InsideLine));
    assert_eq!(yaml("---\ndescription: foo --- bar\n---"), inside("description: foo "));
    assert_eq!(yaml("---\nname: a---b\n---"), inside("name: a"));
    assert_eq!(yaml("---name: x---"), inside("name: x"));
    assert_eq!(yaml("---\na: |\n  ---\n---"), inside("a: |\n  "));
    assert_eq!(yaml("---\n# --- a\nb: c\n---"), inside("# "));
    assert_eq!(yaml("----\nname: a\n----\n"), Ok(("-\nname: a\n", Close::OwnLine)));
    assert_eq!(yaml("---\na\n---  \t\r\nbody --- body"), Ok(("a\n", Close::OwnLine)));
    assert_eq!(yaml("---\na\n--- b\n"), inside("a\n"));
    assert_eq!(yaml("------"), Ok(("", Close::OwnLine)));
    assert_eq!(yaml("---\n---\n"), Ok(("", Close::OwnLine)));
    assert_eq!(yaml("---\na: b\n"), Err("frontmatter-unclosed"));
    assert_eq!(yaml("---"), Err("frontmatter-unclosed"));
}

#[test]
fn at_most_65536_bytes_fm_4() {
    let file = |size: usize| format!("---\n{}---\n", "x".repeat(size));
    assert_eq!(yaml(&file(MAX_SIZE)).map(|(text, _)| text.len()), Ok(65_536));
    assert_eq!(yaml(&file(MAX_SIZE + 1)), Err("frontmatter-too-large"));
    assert_eq!(yaml("---\nx"), Err("frontmatter-unclosed"));
    assert_eq!(yaml(&format!("---{}", "x".repeat(MAX_SIZE + 1))), Err("frontmatter-too-large"));
}
