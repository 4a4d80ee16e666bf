// SPDX-License-Identifier: Apache-2.0
//! The report as a page: one file, no script, nothing loaded from anywhere (RP-1).

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::report::{Item, Part, Report};
use crate::source::Source;

/// The policy of a report: what is not in it is not loaded, nothing in it runs, and no form is sent.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
/// The style, light and dark, for narrow and wide windows and for paper.
const STYLE: &str = include_str!("style.css");

/// Makes a page of its body: with the style of all reports, and `style` behind it, which is one of ours.
pub fn page(title: &str, style: &str, policy: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="referrer" content="no-referrer";
                meta name="robots" content="noindex";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) (PreEscaped(style)) }
            }
            body {
                (body)
            }
        }
    };
    page.into_string()
}

impl Report {
    /// Returns the report as a page of its own.
    pub fn to_html(&self) -> String {
        let body = html! {
            header { (self.heading()) }
            (self.contents())
            main { (self.sections()) }
            @if !self.ending.is_empty() {
                footer { p { (self.ending) } }
            }
        };
        page(&self.title, "", POLICY, &body)
    }

    /// The title and what is known of the whole, for a page around them.
    pub fn heading(&self) -> Markup {
        html! { h1 { (self.title) } (self.about()) }
    }

    /// Kind, remarks and facts.
    pub fn about(&self) -> Markup {
        html! {
            p .kind { (self.kind) }
            @for remark in &self.remarks {
                p .remark { (remark) }
            }
            @if !self.facts.is_empty() {
                dl {
                    @for [name, value] in &self.facts {
                        div { dt { (name) } dd { code { (value) } } }
                    }
                }
            }
        }
    }

    /// Links to the parts; nothing if there is only one.
    pub fn contents(&self) -> Markup {
        html! {
            @if self.parts.len() > 1 {
                nav aria-label="Contents" {
                    ul {
                        @for (at, part) in self.parts.iter().enumerate() {
                            li {
                                a href={ "#part-" (at) } { (part.title) }
                                " " span .count { (part.items.len() + part.more) }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Returns the sections of the page.
    pub fn sections(&self) -> Markup {
        html! {
            @for (at, part) in self.parts.iter().enumerate() {
                (section(at, part))
            }
        }
    }
}

fn section(at: usize, part: &Part) -> Markup {
    html! {
        section aria-labelledby={ "part-" (at) } {
            h2 id={ "part-" (at) } { (part.title) }
            @if part.items.is_empty() {
                p { "nothing" }
            } @else {
                ul .items {
                    @for item in &part.items {
                        li class=[item.is_marked.then_some("marked")] { (entry(item)) }
                    }
                }
            }
            @if part.more > 0 {
                p { "and " (part.more) " more, which are not shown here" }
            }
        }
    }
}

/// Returns the text of one item; its lines are opened on demand.
fn entry(item: &Item) -> Markup {
    html! {
        @if item.sources.is_empty() {
            div .entry { (words(item)) }
        } @else {
            details {
                summary .entry { (words(item)) }
                @for source in &item.sources {
                    (lines(source))
                }
            }
        }
        @if let Some([before, after]) = &item.sides {
            div .sides {
                (side("before", before))
                (side("after", after))
            }
        }
    }
}

fn words(item: &Item) -> Markup {
    html! {
        @if item.is_marked { strong .mark { "! " } }
        @if !item.label.is_empty() { span .label { (item.label) } " " }
        @if !item.text.is_empty() { code .text { (item.text) } " " }
        @if !item.note.is_empty() { span .note { (item.note) } }
    }
}

fn side(name: &str, text: &str) -> Markup {
    html! {
        div class=(name) {
            p .side { (name) }
            pre { (text) }
        }
    }
}

fn lines(source: &Source) -> Markup {
    html! {
        figure {
            figcaption { code { (source.place) } }
            @if !source.lines.is_empty() {
                pre {
                    @for (number, text) in &source.lines {
                        @if *number == source.meant {
                            mark { span .number { (number) } " " (text) }
                        } @else {
                            span .number { (number) } " " (text)
                        }
                        "\n"
                    }
                }
            }
        }
    }
}
