// SPDX-License-Identifier: Apache-2.0
//! The frame of every page: the way to it, and the search.

use maud::html;

use super::View;

/// The policy of a page: as of a report, and its forms are sent back here.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'";
/// The styles that reports do not have.
const STYLE: &str = include_str!("site.css");

/// The page of a view.
pub(super) fn page(view: &View) -> String {
    let body = html! {
        header .site {
            nav aria-label="Path" {
                @if view.path.is_empty() { span { "Registry" } } @else { a href="/" { "Registry" } }
                @for (at, (name, address)) in view.path.iter().enumerate() {
                    " / "
                    @if at + 1 == view.path.len() {
                        span aria-current="page" { (name) }
                    } @else {
                        a href=(address) { (name) }
                    }
                }
            }
            form role="search" action="/" method="get" {
                label for="q" { "Search " }
                input #q type="search" name="q" value=(view.words) maxlength="200";
                " " button type="submit" { "Find" }
            }
        }
        (view.body)
    };
    toolhive_report::html::page(&view.title, STYLE, POLICY, &body)
}
