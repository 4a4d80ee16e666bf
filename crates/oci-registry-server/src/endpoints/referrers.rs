// SPDX-License-Identifier: Apache-2.0
//! Lists of referrers (end-12).

use oci_artifact::Digest;
use oci_artifact::json::Writer;
use oci_artifact::media_type;

use super::{json, set};
use crate::name::Repository;
use crate::page::Page;
use crate::refusal::Answer;
use crate::registry::{Call, Registry};
use crate::storage::Referrer;

/// The bytes after which a page is full: as large as the largest manifest that clients must take.
const MAX_BYTES: usize = 4 << 20;

/// `GET /v2/<name>/referrers/<digest>`: an index of the manifests whose subject that is. It is there
/// for any digest, and empty if nothing refers to it.
pub(crate) async fn list(
    registry: &Registry,
    call: Call,
    repository: Repository,
    subject: Digest,
) -> Answer {
    let mut page = Page::parse(&call.query)?;
    let wanted = call.query.get("artifactType").map(str::to_owned);
    registry
        .blocking(move |storage| {
            let all = storage.referrers(&repository, &subject)?;
            let is_wanted = |referrer: &&Referrer| {
                wanted.is_none() || referrer.document.kind() == wanted.as_deref()
            };
            let key = |referrer: &&Referrer| -> String { referrer.digest.to_string() };
            let after = page.last.take().unwrap_or_default();
            let rest: Vec<&Referrer> =
                all.iter().filter(is_wanted).filter(|referrer| key(referrer) > after).collect();
            let mut entries = Writer::new();
            let (mut shown, mut bytes) = (0, 0);
            entries.array(|json| {
                for referrer in &rest {
                    let entry = describe(referrer);
                    if shown > 0 && (shown >= page.limit || bytes + entry.len() > MAX_BYTES) {
                        break;
                    }
                    (shown, bytes) = (shown + 1, bytes + entry.len());
                    json.raw(&entry);
                }
            });
            let mut document = Writer::new();
            document.object(|json| {
                json.key("schemaVersion").integer(2);
                json.key("mediaType").string(media_type::IMAGE_INDEX);
                json.key("manifests").raw(&entries.into_bytes());
            });
            let mut response = json(media_type::IMAGE_INDEX, document.into_bytes());
            let headers = response.headers_mut();
            if wanted.is_some() {
                set(headers, "oci-filters-applied", "artifactType")?;
            }
            if shown < rest.len()
                && let Some(last) = shown.checked_sub(1).and_then(|at| rest.get(at))
            {
                let path = format!("/v2/{repository}/referrers/{subject}");
                let filter = wanted.as_deref().map(|wanted| ("artifactType", wanted));
                let link = page.link(&path, &key(last), filter.as_slice());
                set(headers, "link", &link)?;
            }
            Ok(response)
        })
        .await
}

/// Returns the descriptor of a referrer.
fn describe(referrer: &Referrer) -> Vec<u8> {
    let Referrer { digest, size, document } = referrer;
    let mut json = Writer::new();
    json.object(|json| {
        json.key("mediaType").string(&document.media_type);
        json.key("digest").string(digest.to_string());
        json.key("size").integer(*size);
        if let Some(artifact_type) = document.kind() {
            json.key("artifactType").string(artifact_type);
        }
        if !document.annotations.is_empty() {
            json.key("annotations").texts(&document.annotations);
        }
    });
    json.into_bytes()
}
