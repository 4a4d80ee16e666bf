// SPDX-License-Identifier: Apache-2.0
//! Lists of tags (end-8).

use oci_artifact::json::Writer;

use super::{json, set};
use crate::name::Repository;
use crate::page::Page;
use crate::refusal::{Answer, Code, Refusal};
use crate::registry::{Call, Registry};

/// `GET /v2/<name>/tags/list`: the tags, in byte order, in pages.
pub(crate) async fn list(registry: &Registry, call: Call, repository: Repository) -> Answer {
    let page = Page::parse(&call.query)?;
    registry
        .blocking(move |storage| {
            if !storage.has_repository(&repository)? {
                return Err(Refusal::new(Code::NameUnknown, "there is no such repository"));
            }
            let catalog = storage.catalog()?;
            let all =
                catalog.get(&repository).into_iter().flat_map(|contents| contents.tags.keys());
            let (tags, next) = page.take(all, |tag| tag.as_str());
            let mut document = Writer::new();
            document.object(|json| {
                json.key("name").string(repository.as_str());
                json.key("tags").strings(&tags);
            });
            let mut response = json("application/json", document.into_bytes());
            if let Some(last) = next {
                let link = page.link(&format!("/v2/{repository}/tags/list"), &last, &[]);
                set(response.headers_mut(), "link", &link)?;
            }
            Ok(response)
        })
        .await
}
