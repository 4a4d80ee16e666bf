// SPDX-License-Identifier: Apache-2.0
//! The tags of a repository, page by page.

use std::collections::BTreeSet;

use reqwest::{Method, Url};
use serde::Deserialize;

use crate::answer::Answer;
use crate::auth::scope::Access;
use crate::error::{Error, ErrorKind, Result};
use crate::link;
use crate::repository::Repository;

/// The largest page that is asked for: some registries fail on more.
const MAX_PAGE: u32 = 1000;

/// A list of tags, under way.
#[derive(Debug)]
pub struct Tags {
    repository: Repository,
    next: Option<Url>,
    seen: BTreeSet<Url>,
    entries: usize,
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    tags: Option<Vec<String>>,
}

impl Repository {
    /// Lists the tags, `page` at a time where it is given, at most 1000.
    pub fn list_tags(&self, page: Option<u32>) -> Tags {
        let mut url = self.url(&["tags", "list"]);
        if let Some(page) = page {
            url.query_pairs_mut().append_pair("n", &page.clamp(1, MAX_PAGE).to_string());
        }
        Tags { repository: self.clone(), next: Some(url), seen: BTreeSet::new(), entries: 0 }
    }

    /// Returns all tags, in the registry's order, each once.
    ///
    /// # Errors
    /// Those of [`Tags::next_page`].
    pub async fn tags(&self) -> Result<Vec<String>> {
        let (mut all, mut seen) = (Vec::new(), BTreeSet::new());
        let mut pages = self.list_tags(None);
        while let Some(page) = pages.next_page().await? {
            all.extend(page.into_iter().filter(|tag| seen.insert(tag.clone())));
        }
        Ok(all)
    }
}

impl Tags {
    /// Returns the next page; none after the last.
    ///
    /// # Errors
    /// [`ErrorKind::RepositoryNotFound`] or [`ErrorKind::NotFound`]; [`ErrorKind::TooLarge`] past
    /// the client's limits; [`ErrorKind::ForbiddenAddress`] if the next page is elsewhere;
    /// [`ErrorKind::Protocol`].
    pub async fn next_page(&mut self) -> Result<Option<Vec<String>>> {
        let Some(url) = self.next.take() else { return Ok(None) };
        let limits = &self.repository.inner().limits;
        if self.seen.len() >= limits.pages {
            let message = format!("the list of tags has more than {} pages", limits.pages);
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        if !self.seen.insert(url.clone()) {
            return Ok(None);
        }
        let asked = last_of(&url);
        let call = self.repository.call(Method::GET, url, Access::Pull);
        let (repository, request) = (&self.repository, &call.request.url);
        let (tags, next) =
            repository.ask(&call, |answer| read_page(repository, request, answer)).await?;
        // A page may be empty and others come after it; what is asked for with the same `last` again
        // is the same page.
        let is_stuck = tags.is_empty()
            && asked.is_some()
            && next.as_ref().is_some_and(|next| last_of(next) == asked);
        self.next = next.filter(|_| !is_stuck);
        self.entries = self.entries.saturating_add(tags.len());
        if self.entries > limits.entries {
            let message = format!("the list of tags has more than {} entries", limits.entries);
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        Ok(Some(tags))
    }
}

/// Reads a page of tags, and where the next one is.
async fn read_page(
    repository: &Repository,
    request: &Url,
    mut answer: Answer,
) -> Result<(Vec<String>, Option<Url>)> {
    if answer.status() != 200 {
        return Err(answer.refused(&format!("the list of tags of {}", repository.name())).await);
    }
    let response = &mut answer.response;
    let body = response.bytes(repository.inner().limits.page, "a page of tags").await?;
    let page: Page = serde_json::from_slice(&body).map_err(|_| {
        let media_type = response.media_type();
        Error::protocol("the list of tags is not the right JSON")
            .but_came(media_type.as_deref(), &body)
    })?;
    // A page may come from elsewhere, by a redirect; the next one is asked for here.
    let base = if response.is_foreign { request } else { &response.url };
    let next = link::next(&response.headers, base)?;
    Ok((page.tags.unwrap_or_default(), next))
}

/// Returns the tag after which a page begins, where its address says so.
fn last_of(url: &Url) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == "last").map(|(_, last)| last.into_owned())
}
