// SPDX-License-Identifier: Apache-2.0
//! Tests that a report has the same elements, attributes and links for a hostile plugin as for a harmless one.

use std::fmt::Write as _;
use std::sync::LazyLock;

use agent_plugin::{Collector, Difference, Files, Inventory, Limits, Packed, Root};
use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::json;
use toolhive_report::Report;

const TEXTS: &str = include_str!("../../../../testdata/hostile/texts.json");

/// The texts of the corpus, and one of 100,000 characters.
fn texts() -> Vec<String> {
    let mut texts: Vec<String> = serde_json::from_str(TEXTS).unwrap();
    texts.push("<b>x</b>`".repeat(100_000 / 9));
    texts
}

/// A plugin that has this text in every place that can carry one.
fn plugin(text: &str) -> Files {
    let manifest = json!({
        "name": text, "version": text, "description": text,
        "mcpServers": {
            (format!("m{text}")): {"command": text, "args": [text], "env": {"NODE_OPTIONS": text}},
            (format!("h{text}")): {"type": "http", "url": text, "headers": {text: text}},
        },
        "lspServers": {(format!("l{text}")): {"command": text, "args": [text], "extensionToLanguage": {text: text}}},
        "userConfig": {text: {"type": text, "title": text, "description": text}},
        "hooks": {"PreToolUse": [{"matcher": text, "hooks": [
            {"type": "command", "command": text},
            {"type": "prompt", "prompt": text},
            {"type": "http", "url": text},
            {"type": text, "command": text},
        ]}], text: [{"hooks": [{"type": "command", "command": text}]}]},
    });
    let yaml = serde_json::to_string(text).unwrap();
    let command = format!(
        "---\ndescription: {yaml}\nallowed-tools: {yaml}\nmodel: {yaml}\n---\n!`{text}`\n{text}\n"
    );
    let mut files = Collector::new(Limits::default());
    let mut add = |path: &[u8], content: &str| {
        let bytes = content.as_bytes();
        files.file(path, 0o755, bytes.len() as u64, Packed::Kept, bytes).unwrap();
    };
    add(b".claude-plugin/plugin.json", &manifest.to_string());
    add(b"commands/one.md", &command);
    add(b"skills/one/SKILL.md", &command);
    let name = text.replace('/', "_").chars().filter(|c| *c != '\0').take(200).collect::<String>();
    if !["", ".", ".."].contains(&name.as_str()) {
        add(format!("commands/{name}.md").as_bytes(), &command);
        add(format!("bin/{name}").as_bytes(), &format!("#!/bin/sh\n{text}\n"));
    }
    files.finish()
}

/// The reports on a plugin that says this, and on how it differs from one that does not.
fn reports(text: &str) -> Vec<Report> {
    let (files, other) = (plugin(text), plugin("plain"));
    let inventory = Inventory::of(&files, &Root::plugin(text));
    let before = Inventory::of(&other, &Root::plugin("plain"));
    let mut report = Report::of(&inventory, &files);
    report.fact("Name", text);
    report.table("FILES", [[text.to_owned(), text.to_owned(), text.to_owned()]]);
    let difference = Difference::of(&before, &inventory);
    vec![report, Report::of_difference(&difference, text, text)]
}

/// Every text with its reports, which are made once for all tests.
pub(crate) fn all() -> &'static [(String, Vec<Report>)] {
    static ALL: LazyLock<Vec<(String, Vec<Report>)>> =
        LazyLock::new(|| texts().into_iter().map(|text| (text.clone(), reports(&text))).collect());
    &ALL
}

/// The elements of a page with their attributes, without the style and what a text may count.
fn elements(page: &str) -> Vec<String> {
    let (start, rest) = page.split_once("<style>").unwrap();
    let rest = rest.split_once("</style>").unwrap().1;
    let tags = format!("{start}{rest}");
    let found = tags.split('<').skip(1).map(|tag| tag.split('>').next().unwrap().to_owned());
    let mut found: Vec<String> = found.collect();
    found.sort();
    found.dedup();
    found
}

#[test]
fn no_text_makes_an_element_or_an_attribute_rp_1() {
    let known: Vec<&str> = vec![
        "!DOCTYPE html",
        "html lang=\"en\"",
        "head",
        "/head",
        "meta charset=\"utf-8\"",
        "title",
        "/title",
        "meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\"",
        "meta name=\"referrer\" content=\"no-referrer\"",
        "meta name=\"robots\" content=\"noindex\"",
        "meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"",
        "meta name=\"color-scheme\" content=\"light dark\"",
        "body",
        "/body",
        "/html",
        "header",
        "/header",
        "h1",
        "/h1",
        "p",
        "p class=\"kind\"",
        "p class=\"remark\"",
        "p class=\"side\"",
        "/p",
        "dl",
        "/dl",
        "dt",
        "/dt",
        "dd",
        "/dd",
        "div",
        "/div",
        "code",
        "/code",
        "nav aria-label=\"Contents\"",
        "/nav",
        "ul",
        "/ul",
        "ul class=\"items\"",
        "li",
        "li class=\"marked\"",
        "/li",
        "/a",
        "main",
        "/main",
        "/section",
        "/h2",
        "div class=\"entry\"",
        "div class=\"sides\"",
        "div class=\"before\"",
        "div class=\"after\"",
        "details",
        "/details",
        "summary class=\"entry\"",
        "/summary",
        "strong class=\"mark\"",
        "/strong",
        "span class=\"label\"",
        "span class=\"note\"",
        "span class=\"number\"",
        "span class=\"count\"",
        "/span",
        "code class=\"text\"",
        "figure",
        "/figure",
        "figcaption",
        "/figcaption",
        "pre",
        "/pre",
        "mark",
        "/mark",
        "footer",
        "/footer",
    ];
    let numbered = ["a href=\"#part-", "section aria-labelledby=\"part-", "h2 id=\"part-"];
    let is_numbered = |tag: &str| {
        let rest = numbered.iter().find_map(|start| tag.strip_prefix(start));
        rest.and_then(|rest| rest.strip_suffix('"')).is_some_and(|at| at.parse::<usize>().is_ok())
    };
    for (text, reports) in all() {
        for report in reports {
            let page = report.to_html();
            let strange: Vec<String> = elements(&page)
                .into_iter()
                .filter(|tag| !known.contains(&tag.as_str()) && !is_numbered(tag))
                .collect();
            assert!(strange.is_empty(), "{text:.80?}: {strange:?}");
        }
    }
}

#[test]
fn no_text_is_markup_a_link_or_a_mention_in_markdown_rp_3() {
    for (text, reports) in all() {
        for report in reports {
            let markdown = report.to_markdown();
            let mut outside = String::new();
            for event in Parser::new_ext(&markdown, Options::all()) {
                match event {
                    Event::Html(html) | Event::InlineHtml(html) => panic!("{text:.80?}: {html}"),
                    Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                        panic!("{text:.80?}: {dest_url}")
                    }
                    Event::Text(words) => writeln!(outside, "{words}").unwrap(),
                    _ => {}
                }
            }
            for sign in ["@", "://", "www.", "example", "alert", "evil", "GH-"] {
                assert!(!outside.contains(sign), "{text:.80?}: {sign} in {outside}");
            }
        }
    }
}

#[test]
fn nothing_invisible_or_reordering_is_left_s_83() {
    for (text, reports) in all() {
        for report in reports {
            for form in [report.to_html(), report.to_markdown()] {
                let bad = |c: &char| {
                    (c.is_control() && *c != '\n')
                        || ('\u{202a}'..='\u{202e}').contains(c)
                        || ('\u{2066}'..='\u{2069}').contains(c)
                        || ('\u{e0000}'..='\u{e007f}').contains(c)
                        || "\u{200b}\u{feff}\u{2028}\u{2029}".contains(*c)
                };
                let found = form.chars().find(bad);
                assert!(found.is_none(), "{text:.80?}: {found:?}");
            }
        }
    }
}

#[test]
fn a_report_stays_small_whatever_a_plugin_says_rp_4() {
    let report = reports(&"y".repeat(300_000)).remove(0);
    assert!(report.to_html().len() < 4_000_000, "{}", report.to_html().len());
    assert!(report.to_markdown().chars().count() <= toolhive_report::MARKDOWN_LIMIT);
}
