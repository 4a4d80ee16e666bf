// SPDX-License-Identifier: Apache-2.0
//! A repository: its tags as versions, and two of them to compare (WB-3).

use maud::html;
use oci_artifact::{Digest, Result};
use oci_registry_server::OneRepository;

use super::names::Known;
use super::{Pages, View, address, order, short, told};

/// The most tags on the page.
const MOST: usize = 500;

impl Pages {
    pub(super) fn repository(&self, source: &OneRepository) -> Result<View> {
        let name = source.name();
        let all = sorted(source)?;
        let rows: Vec<_> = all
            .iter()
            .take(MOST)
            .map(|(tag, digest)| {
                let known = self.names.get(digest, || Known::of(source, digest));
                (tag, digest, known.map_err(|error| told(&error).1))
            })
            .collect();
        let body = html! {
            main {
                h1 { (name) }
                @if all.len() > MOST {
                    p .kind { "The newest " (MOST) " of " (all.len()) " tags" }
                }
                @if all.is_empty() { p { "It has no tags." } } @else {
                    @if all.len() > 1 { (comparison(name, &all)) }
                    div .wide role="region" aria-label="Tags" tabindex="0" { table {
                        thead { tr { th { "Tag" } th { "Version" } th { "Kind" } th { "Digest" } } }
                        tbody {
                            @for (tag, digest, known) in &rows {
                                tr {
                                    td { a href=(address::artifact(name, tag)) { (tag) } }
                                    @match known {
                                        Ok(known) => { td { (known.version) } td { (known.kind) } }
                                        Err(message) => { td colspan="2" .remark { (message) } }
                                    }
                                    td { (short(digest)) }
                                }
                            }
                        }
                    } }
                }
            }
        };
        Ok(View::new(name, body).at(&[(name, address::repository(name))]))
    }
}

/// The tags of a repository, the newest first, without those that attach something.
pub(super) fn sorted(source: &OneRepository) -> Result<Vec<(String, Digest)>> {
    let mut tags = order::listed(source.tags()?);
    order::sort(&mut tags);
    Ok(tags)
}

/// A form for two tags: as it comes, the newest against the one before.
fn comparison(name: &str, tags: &[(String, Digest)]) -> maud::Markup {
    html! {
        form action={ "/r/" (name) "/-diff" } method="get" {
            @for (key, label, chosen) in [("before", "Compare", 1), ("after", "with", 0)] {
                label for=(key) { (label) " " }
                select id=(key) name=(key) {
                    @for (at, (tag, _)) in tags.iter().take(MOST).enumerate() {
                        option value=(tag) selected[at == chosen] { (tag) }
                    }
                }
                " "
            }
            button type="submit" { "Show what changed" }
        }
    }
}
