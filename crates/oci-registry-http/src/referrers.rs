// SPDX-License-Identifier: Apache-2.0
//! Referrers: what says something about a manifest (R-62, R-63); by the registry's API, or by the
//! tag that stands in for it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use oci_artifact::Digest;
use oci_artifact::json::Writer;
use oci_artifact::media_type::IMAGE_INDEX;
use reqwest::header::{ACCEPT, CONTENT_TYPE, ETAG, HeaderValue, IF_MATCH, IF_NONE_MATCH};
use reqwest::{Method, Url};

use crate::answer::Answer;
use crate::auth::scope::Access;
use crate::document::{Document, Link};
use crate::error::{Error, ErrorKind, Result};
use crate::link;
use crate::repository::{Call, Repository};
use crate::transport::body::Body;
use crate::transport::gate::lock;
use crate::transport::retry::is_transient_status;

/// The time for which it is believed that a registry has no referrers API.
const MEMORY: Duration = Duration::from_secs(300);
/// The number of times that the list behind the tag is written again, where others write it too (R-63).
const MAX_WRITES: u32 = 10;
/// The longest list that is kept behind a tag.
const MAX_REFERRERS: usize = 10_000;

/// A page of the API.
enum Page {
    /// The links on it, and the URL of the next one.
    Links(Vec<Link>, Option<Url>),
    /// The next one is said to be where it cannot be.
    Astray(Error),
    NoRepository,
    NoApi,
}

impl Repository {
    /// Lists the manifests that refer to a manifest; only those of one artifact type, if one is given.
    ///
    /// # Errors
    /// Those of the requests. No referrers are none, not an error.
    pub async fn referrers(
        &self,
        digest: &Digest,
        artifact_type: Option<&str>,
    ) -> Result<Vec<Link>> {
        let mut found = match self.has_referrers_api() {
            true => self.referrers_by_api(digest, artifact_type).await?,
            false => None,
        };
        if found.is_none() {
            found = self.referrers_behind_tag(digest, Access::Pull).await?.map(|list| list.links);
        }
        let mut seen = BTreeSet::new();
        let mut found = found.unwrap_or_default();
        found.retain(|link| {
            artifact_type.is_none_or(|wanted| link.artifact_type.as_deref() == Some(wanted))
                && seen.insert(link.digest)
        });
        Ok(found)
    }

    fn has_referrers_api(&self) -> bool {
        let now = self.inner().patience.clock.now();
        let known = lock(&self.inner().referrers).get(&self.name().canonical()).copied();
        known.is_none_or(|until| now >= until)
    }

    /// Lists referrers by the API; `None` if the registry does not have it, in whatever way it says
    /// so.
    async fn referrers_by_api(
        &self,
        digest: &Digest,
        artifact_type: Option<&str>,
    ) -> Result<Option<Vec<Link>>> {
        let mut url = self.url(&["referrers", &digest.to_string()]);
        if let Some(artifact_type) = artifact_type {
            url.query_pairs_mut().append_pair("artifactType", artifact_type);
        }
        let limits = &self.inner().limits;
        let (mut links, mut seen) = (Vec::new(), BTreeSet::new());
        let mut next = Some(url);
        while let Some(url) = next.take().filter(|url| seen.insert(url.clone())) {
            if seen.len() > limits.pages {
                let message = "the list of referrers has too many pages";
                return Err(Error::new(ErrorKind::TooLarge, message));
            }
            let mut call = self.call(Method::GET, url, Access::Pull);
            call.request.headers.insert(ACCEPT, HeaderValue::from_static(IMAGE_INDEX));
            // GHCR sends everybody to a web page.
            call.request.stays = true;
            let request = &call.request.url;
            let page = match self.ask(&call, |answer| self.read_page(request, answer)).await {
                Ok(page) => page,
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::Redirect
                            | ErrorKind::ForbiddenAddress
                            | ErrorKind::MissingChallenge
                    ) =>
                {
                    return Ok(self.without_api());
                }
                Err(error) => return Err(error),
            };
            let (more, after) = match page {
                Page::Links(more, after) => (more, after),
                Page::Astray(error) => return Err(error.about(|| call.request.show())),
                Page::NoRepository => return Ok(Some(Vec::new())),
                Page::NoApi => return Ok(self.without_api()),
            };
            links.extend(more);
            if links.len() > limits.entries {
                let message = "the list of referrers is too long";
                return Err(Error::new(ErrorKind::TooLarge, message));
            }
            next = after;
        }
        Ok(Some(links))
    }

    /// Reads a page of the API. What may pass and what could not be read is an error, and says nothing
    /// about the API or what it would list (R-62, R-90).
    async fn read_page(&self, request: &Url, mut answer: Answer) -> Result<Page> {
        let media_type = answer.response.media_type();
        match answer.status() {
            200 if media_type.as_deref() == Some(IMAGE_INDEX) => {}
            404 => {
                let error = answer.refused("the list of referrers").await;
                return Ok(match error.kind() {
                    ErrorKind::RepositoryNotFound => Page::NoRepository,
                    _ => Page::NoApi,
                });
            }
            501 => return Ok(Page::NoApi),
            // A page for people is what GHCR has in place of the API.
            429 if media_type.as_deref() == Some("text/html") => return Ok(Page::NoApi),
            status if status >= 500 || is_transient_status(status) => {
                return Err(answer.refused("the list of referrers").await);
            }
            // Also 401: some require other rights for it than for the tag (R-90).
            _ => return Ok(Page::NoApi),
        }
        let body = answer.response.bytes(self.inner().limits.page, "the list of referrers").await?;
        let document = Document::parse(&body, Some(IMAGE_INDEX))
            .map_err(|error| Error::from(error).but_came(media_type.as_deref(), &body))?;
        let base = if answer.response.is_foreign { request } else { &answer.response.url };
        Ok(match link::next(&answer.response.headers, base) {
            Ok(next) => Page::Links(document.manifests, next),
            Err(error) => Page::Astray(error),
        })
    }

    fn without_api(&self) -> Option<Vec<Link>> {
        let until = self.inner().patience.clock.now() + MEMORY;
        lock(&self.inner().referrers).insert(self.name().canonical(), until);
        None
    }

    /// Lists referrers by the tag; `None` if there is no such tag, or it is something else.
    async fn referrers_behind_tag(
        &self,
        digest: &Digest,
        access: Access,
    ) -> Result<Option<Behind>> {
        let tag = referrers_tag(digest);
        let mut call = self.call(Method::GET, self.url(&["manifests", &tag]), access);
        call.request.headers.insert(ACCEPT, HeaderValue::from_static(IMAGE_INDEX));
        self.ask(&call, |answer| self.read_behind(digest, answer)).await
    }

    async fn read_behind(&self, digest: &Digest, mut answer: Answer) -> Result<Option<Behind>> {
        match answer.status() {
            200 => {}
            404 => return Ok(None),
            _ => return Err(answer.refused("the list of referrers").await),
        }
        let etag = answer.response.headers.get(ETAG).cloned();
        let stated = answer.response.media_type();
        let body =
            answer.response.bytes(self.inner().limits.manifest, "the list of referrers").await?;
        // GitLab answers with the subject itself: that is no list.
        if oci_artifact::digest::verify(&body, digest).is_ok() {
            return Ok(None);
        }
        // What cannot be read is not an empty list (R-90).
        let document = Document::parse(&body, stated.as_deref())
            .map_err(|error| Error::from(error).but_came(stated.as_deref(), &body))?;
        if document.media_type != IMAGE_INDEX {
            return Ok(None);
        }
        Ok(Some(Behind { links: document.manifests, annotations: document.annotations, etag }))
    }

    /// Adds a manifest to the list behind the subject's tag, for a registry without the API.
    pub(crate) async fn add_referrer(
        &self,
        subject: &Link,
        document: &Document,
        bytes: &Bytes,
    ) -> Result<()> {
        let digest = oci_artifact::digest::sha256(bytes);
        let descriptor = write_descriptor(document, &digest, bytes.len() as u64);
        let tag = referrers_tag(&subject.digest);
        let turn = self.inner().turn(&format!("{}:{tag}", self.name().canonical()));
        let _turn = turn.lock().await;
        for write in 0..MAX_WRITES {
            let before = self.referrers_behind_tag(&subject.digest, Access::PullPush).await?;
            let links = before.as_ref().map(|before| before.links.as_slice()).unwrap_or_default();
            if links.iter().any(|link| link.digest == digest) {
                return Ok(());
            }
            if links.len() >= MAX_REFERRERS {
                let message = "the list of referrers is full";
                return Err(Error::new(ErrorKind::TooLarge, message));
            }
            let annotations = before.as_ref().map(|before| &before.annotations);
            let list = write_list(links, &descriptor, annotations);
            let call = self.put_list(&tag, list, before.as_ref());
            let answer = self.send(&call).await?;
            match answer.status() {
                // Somebody else may have written in between: the next round sees.
                200 | 201 | 202 | 412 => {}
                _ => return Err(answer.refused("the list of referrers").await),
            }
            let pause = Duration::from_millis(20 << write.min(6))
                .mul_f64(self.inner().patience.jitter.draw());
            if write > 0 {
                self.inner().patience.clock.sleep(pause).await;
            }
        }
        let message =
            format!("others are changing the list of referrers of {}, too", subject.digest);
        Err(Error::new(ErrorKind::Unavailable, message))
    }

    fn put_list(&self, tag: &str, list: Vec<u8>, before: Option<&Behind>) -> Call {
        let mut call = self.call(Method::PUT, self.url(&["manifests", tag]), Access::PullPush);
        call.request.headers.insert(CONTENT_TYPE, HeaderValue::from_static(IMAGE_INDEX));
        match before.map(|before| before.etag.clone()) {
            Some(Some(etag)) => call.request.headers.insert(IF_MATCH, etag),
            Some(None) => None,
            None => call.request.headers.insert(IF_NONE_MATCH, HeaderValue::from_static("*")),
        };
        call.request.body = Body::Bytes(list.into());
        call
    }
}

/// The list behind a tag.
struct Behind {
    links: Vec<Link>,
    annotations: BTreeMap<String, String>,
    etag: Option<HeaderValue>,
}

/// Returns the tag that stands in for the API: `sha256-<hex>`, cut to what a tag may have.
pub fn referrers_tag(digest: &Digest) -> String {
    format!("{}-{:.64}", digest.algorithm(), digest.hex())
}

/// Returns the descriptor of a referrer: with its artifact type (or its config's) and its
/// annotations.
fn write_descriptor(document: &Document, digest: &Digest, size: u64) -> Vec<u8> {
    let mut json = Writer::new();
    json.object(|json| {
        json.key("mediaType").string(&document.media_type);
        json.key("digest").string(digest.to_string());
        json.key("size").integer(size);
        if let Some(artifact_type) = document.kind() {
            json.key("artifactType").string(artifact_type);
        }
        write_annotations(json, Some(&document.annotations));
    });
    json.into_bytes()
}

/// Returns the list: what was there, as it was, and one more.
fn write_list(
    links: &[Link],
    descriptor: &[u8],
    annotations: Option<&BTreeMap<String, String>>,
) -> Vec<u8> {
    let mut json = Writer::new();
    json.object(|json| {
        json.key("schemaVersion").integer(2);
        json.key("mediaType").string(IMAGE_INDEX);
        json.key("manifests").array(|json| {
            links.iter().for_each(|link| json.raw(&link.raw));
            json.raw(descriptor);
        });
        write_annotations(json, annotations);
    });
    json.into_bytes()
}

fn write_annotations(json: &mut Writer, annotations: Option<&BTreeMap<String, String>>) {
    if let Some(annotations) = annotations.filter(|annotations| !annotations.is_empty()) {
        json.key("annotations").object(|json| {
            annotations.iter().for_each(|(key, text)| json.key(key).string(text));
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_is_cut_f_100() {
        let hex = "ab".repeat(32);
        let digest = oci_artifact::digest::parse(&format!("sha256:{hex}")).expect("a digest");
        assert_eq!(referrers_tag(&digest), format!("sha256-{hex}"));
        let digest = oci_artifact::digest::parse(&format!("sha512:{hex}{hex}")).expect("a digest");
        assert_eq!(referrers_tag(&digest), format!("sha512-{hex}"));
    }

    #[test]
    fn the_list_keeps_what_was_there_r_63() {
        let d = r#"{"mediaType":"m","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2,"x":1}"#;
        let old = format!(r#"{{"manifests":[{d}],"annotations":{{"a":"b"}}}}"#);
        let old = Document::parse(old.as_bytes(), None).expect("fine");
        let list = write_list(&old.manifests, b"{}", Some(&old.annotations));
        let wanted = format!(
            r#"{{"schemaVersion":2,"mediaType":"{IMAGE_INDEX}","manifests":[{d},{{}}],"annotations":{{"a":"b"}}}}"#
        );
        assert_eq!(String::from_utf8(list).expect("text"), wanted);
    }
}
