// SPDX-License-Identifier: Apache-2.0
//! DEV-4: problems say where, what, and what to do, all at once.

use super::tree::read;

/// Each problem as its text, its message and its help.
fn problems(yaml: &str) -> Vec<(&str, String, String)> {
    let problems = read(yaml).problems.into_iter();
    problems
        .map(|p| (yaml.get(p.span).expect("is inside"), p.message, p.help.unwrap_or_default()))
        .collect()
}

#[track_caller]
fn check(yaml: &str, expected: &[(&str, &str, &str)]) {
    let found = problems(yaml);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for ((text, message, help), (want_text, want_message, want_help)) in found.iter().zip(expected)
    {
        assert_eq!(text, want_text, "{message}");
        assert!(message.contains(want_message), "{message}");
        assert!(help.contains(want_help), "{message}: {help}");
    }
}

#[test]
fn an_unquoted_colon_gets_the_quoted_line_dev_4() {
    check(
        "name: a\ndescription: Use when: \"x\" \\ y\n",
        &[(":", "in the middle of a value", r#"`description: "Use when: \"x\" \\ y"`"#)],
    );
    check("name: a\n  b: c\n", &[(":", "in the middle of a value", "indent it like the keys")]);
}

#[test]
fn all_problems_at_once_dev_4() {
    check(
        "a: b: c\nd: \"e\nf: g\nh: [i\nj: `k`\nl: *m\nn: o\n\tp\n",
        &[
            (":", "in the middle", "`a: \"b: c\"`"),
            ("\"e", "never closed", "close it"),
            ("[", "never closed", "close the bracket"),
            ("`", "backtick", "`j: \"`k`\"`"),
            ("*m", "no anchor above has the name `&m`", "quotes"),
            ("\t", "a tab cannot indent", "spaces"),
        ],
    );
}

#[test]
fn values_that_look_like_yaml_dev_4() {
    check("a: [b] [c]\n", &[("[", "follows a complete value", "`a: \"[b] [c]\"`")]);
    check("a: 'it's'\n", &[("s'", "follows a complete value", "`a: \"it's\"`")]);
    check("a: *.md\n", &[("*.", "YAML reference", "`a: \"*.md\"`")]);
    check("a: @x\n", &[("@", "cannot start with `@`", "`a: \"@x\"`")]);
    check("a: `x`\n", &[("`", "backtick", "quotes")]);
    check("a: - x\n", &[("-", "list cannot start", "`a: \"- x\"`")]);
    check("a: |x\n", &[("x", "the line must end", "next line")]);
    check("a: \"\\.\"\n", &[("\\.", "not an escape", "single quotes")]);
    check("a:\n\tb: c\n", &[("\t", "a tab cannot indent", "spaces")]);
    check("a: b\ntext\nc: d\n", &[("text", "`:` is missing", "indent")]);
    check("a:\n  - b\n  c: d\n", &[("c", "", "")][..1]);
    check("%a: b\n", &[("%a:", "directive", "quotes")]);
    check("a: !x(y z\n", &[]);
    check("a: !{x}\n", &[("!{", "tag", "`a: \"!{x}\"`")]);
}

#[test]
fn characters_dev_4() {
    check("a: \u{1}\nb: \u{7f}\n", &[("\u{1}", "U+0001", "UTF-8"), ("\u{7f}", "U+007F", "UTF-8")]);
}
