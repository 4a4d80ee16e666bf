// SPDX-License-Identifier: Apache-2.0
//! The list of repositories, and the search in it (WB-2).

use std::sync::Arc;

use maud::{Markup, html};
use oci_artifact::Result;
use oci_registry_server::{Asked, Repositories};

use super::names::Known;
use super::{Pages, View, address, order, told};
use crate::output::counted;

/// The largest number of repositories on a page.
const MOST: usize = 100;

/// A repository of the list.
struct Row {
    name: String,
    tags: usize,
    newest: Option<String>,
    /// The facts that its newest artifact states, or why they are not known.
    known: Result<Arc<Known>, String>,
}

impl Pages {
    pub(super) fn front(&self, asked: &Asked, all: &Repositories) -> Result<View> {
        let words = asked.get("q").trim();
        let lower: Vec<String> = words.to_lowercase().split_whitespace().map(Into::into).collect();
        let page: usize = asked.get("page").parse().unwrap_or(0);
        let start = page.saturating_mul(MOST);
        let (mut rows, mut count) = (Vec::new(), 0);
        for name in all.names()? {
            let is_shown = |count: usize| count >= start && count - start < MOST;
            if lower.is_empty() && !is_shown(count) {
                count += 1;
                continue;
            }
            let row = self.row(all, name)?;
            if row.is_found(&lower) {
                if is_shown(count) {
                    rows.push(row);
                }
                count += 1;
            }
        }
        let body = html! {
            main {
                h1 { "Repositories" }
                p .kind { (told_count(count, words)) }
                @if !rows.is_empty() { ul .list { @for row in &rows { (row.view()) } } }
                @if count > MOST {
                    nav aria-label="Pages" {
                        @if page > 0 { a rel="prev" href=(address::front(words, page - 1)) { "Previous" } " " }
                        span { "Page " (page.saturating_add(1)) " of " (count.div_ceil(MOST)) }
                        @if start.saturating_add(MOST) < count {
                            " " a rel="next" href=(address::front(words, page + 1)) { "Next" }
                        }
                    }
                }
            }
        };
        Ok(View { words: words.to_owned(), ..View::new("Repositories", body) })
    }

    fn row(&self, all: &Repositories, name: String) -> Result<Row> {
        let repository = all.get(&name)?;
        let tags = match &repository {
            Some(repository) => order::listed(repository.tags()?),
            None => Vec::new(),
        };
        let newest = order::newest(&tags);
        let known = match (&repository, newest) {
            (Some(repository), Some((_, digest))) => {
                self.names.get(digest, || Known::of(repository, digest)).map_err(|e| told(&e).1)
            }
            _ => Ok(Arc::default()),
        };
        let newest = newest.map(|(tag, _)| tag.clone());
        Ok(Row { name, tags: tags.len(), newest, known })
    }
}

impl Row {
    fn is_found(&self, words: &[String]) -> bool {
        match &self.known {
            Ok(known) => known.has(&self.name, words),
            Err(_) => Known::default().has(&self.name, words),
        }
    }

    fn view(&self) -> Markup {
        html! {
            li {
                a href=(address::repository(&self.name)) { (self.name) }
                @match &self.known {
                    Ok(known) => {
                        @if !known.kind.is_empty() { " " span .badge { (known.kind) } }
                        p .kind {
                            (counted(self.tags, "tag", "tags"))
                            @if let Some(newest) = &self.newest { ", the newest is " (newest) }
                        }
                        @if !known.description.is_empty() { p { (known.description) } }
                    }
                    Err(message) => { p .remark { (message) } }
                }
            }
        }
    }
}

fn told_count(count: usize, words: &str) -> String {
    let all = counted(count, "repository", "repositories");
    match (words, count) {
        ("", 0) => "Nothing has been pushed here yet".to_owned(),
        ("", _) => all,
        _ => format!("{all} with these words in the name or the description"),
    }
}
