// SPDX-License-Identifier: Apache-2.0
//! The protocol itself (end-1), and the list of repositories.

use hyper::Response;
use oci_artifact::json::Writer;

use super::{json, set};
use crate::body::Body;
use crate::page::Page;
use crate::refusal::Answer;
use crate::registry::{Call, Registry};

/// `GET /v2/`: yes, this is a registry.
pub(crate) fn version() -> Response<Body> {
    json("application/json", b"{}".to_vec())
}

/// `GET /v2/_catalog`: the repositories, in byte order, in pages.
pub(crate) async fn catalog(registry: &Registry, call: Call) -> Answer {
    let page = Page::parse(&call.query)?;
    let all = registry.blocking(|storage| storage.repositories()).await?;
    let (names, next) = page.take(all.iter(), |name| name.as_str());
    let mut document = Writer::new();
    document.object(|json| json.key("repositories").strings(names.iter().map(|n| n.as_str())));
    let mut response = json("application/json", document.into_bytes());
    if let Some(last) = next {
        set(response.headers_mut(), "link", &page.link("/v2/_catalog", &last, &[]))?;
    }
    Ok(response)
}
