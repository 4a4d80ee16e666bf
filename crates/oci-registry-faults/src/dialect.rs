// SPDX-License-Identifier: Apache-2.0
//! The ways of known registries (registry.md, part C), as rules like any other.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use oci_registry_server::Endpoint;

use crate::script::lock;
use crate::{Fault, Reply, Seen, When};

/// A known registry, as far as it differs from the specification, or from what clients expect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dialect {
    /// GitHub's: chunks of at most 4 MiB (416), referrers lead to a web page (303), no POST at the
    /// token endpoint (405).
    Ghcr,
    /// Docker Hub: 401 for repositories that are not there, 429 in plain text is up to the test.
    DockerHub,
    /// Amazon's: PATCH answers 201 and drops all chunks but the first, no `Location` after a
    /// manifest's push, at most 1,000 tags a page.
    Ecr,
    /// Azure's: referrers are refused with 424.
    Acr,
    /// Quay: a mount without `from` is refused with 400, no `expires_in` of tokens.
    Quay,
    /// Harbor: a mount from a repository that is not there is 401; codes are `NOT_FOUND`.
    Harbor,
    /// GitLab's: the fallback tag of referrers leads to the subject itself.
    GitLab,
    /// Artifactory: 403 for tags that are not there; of chunks only the last is kept, so that the
    /// commit fails.
    Artifactory,
    /// The docker registry 2.8: no referrers (404 in plain text), no `OCI-Subject`, no SHA-512.
    Distribution28,
    /// The docker registry 3: as 2.8, and more than 1,000 tags a page are refused with 400.
    Distribution3,
    /// zot: challenges without quotes, `from` without `mount` is 405.
    Zot,
    /// olareg: the state in an upload's location changes with each chunk, and an old one is
    /// refused with 400; `Range: 0--1` of an empty upload; `rel=next` without quotes; 416 without a
    /// location.
    Olareg,
    /// Nexus: no `Docker-Content-Digest`.
    Nexus,
    /// Huawei's: digests in headers lack their algorithm.
    HuaweiSwr,
    /// ollama's: manifests are plain text.
    Ollama,
    /// Cloudflare before a registry: `HEAD` has no length; more than 100 MB are 413 in HTML.
    Cloudflare,
    /// The registry of go-containerregistry's tests: 204 for PATCH.
    Ggcr,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::Ghcr,
        Self::DockerHub,
        Self::Ecr,
        Self::Acr,
        Self::Quay,
        Self::Harbor,
        Self::GitLab,
        Self::Artifactory,
        Self::Distribution28,
        Self::Distribution3,
        Self::Zot,
        Self::Olareg,
        Self::Nexus,
        Self::HuaweiSwr,
        Self::Ollama,
        Self::Cloudflare,
        Self::Ggcr,
    ];

    /// Returns the rules of the dialect.
    pub fn rules(self) -> Vec<(When, Fault)> {
        match self {
            Self::Ghcr => ghcr(),
            Self::DockerHub => docker_hub(),
            Self::Ecr => ecr(),
            Self::Acr => {
                vec![(referrers(), Fault::reply(Reply::error(424, "FAILED_DEPENDENCY", "cached")))]
            }
            Self::Quay => quay(),
            Self::Harbor => harbor(),
            Self::GitLab => gitlab(),
            Self::Artifactory => artifactory(),
            Self::Distribution28 => distribution(),
            Self::Distribution3 => {
                let mut rules = distribution();
                rules.push(large_pages("PAGINATION_NUMBER_INVALID"));
                rules
            }
            Self::Zot => zot(),
            Self::Olareg => olareg(),
            Self::Nexus => vec![(When::any(), Fault::pass().remove(DIGEST))],
            Self::HuaweiSwr => {
                let strip = |digest: &str| digest.replace("sha256:", "");
                vec![(When::any(), Fault::pass().map(DIGEST, strip))]
            }
            Self::Ollama => {
                let plain = Fault::pass().map("content-type", |_| "text/plain".to_owned());
                vec![(When::get(Endpoint::Manifest), plain)]
            }
            Self::Cloudflare => cloudflare(),
            Self::Ggcr => vec![(When::patch(), Fault::pass().with_status(204))],
        }
    }
}

const DIGEST: &str = "docker-content-digest";
const CHUNK_LIMIT: u64 = 4 << 20;

fn referrers() -> When {
    When::get(Endpoint::Referrers)
}

fn length(seen: &Seen) -> u64 {
    seen.header("content-length").and_then(|length| length.parse().ok()).unwrap_or_default()
}

fn html(status: u16) -> Fault {
    let page = "<html><body><h1>Nothing for machines</h1></body></html>";
    Fault::reply(Reply::new(status).header("content-type", "text/html").body(page))
}

/// Pages with more entries than some registries give are refused.
fn large_pages(code: &'static str) -> (When, Fault) {
    let is_large = |seen: &Seen| {
        seen.parameter("n").and_then(|n| n.parse::<u64>().ok()).is_some_and(|n| n > 1_000)
    };
    let refusal = Reply::error(400, code, "n must not be larger than 1000");
    (When::get(Endpoint::Tags).matching(is_large), Fault::reply(refusal))
}

fn ghcr() -> Vec<(When, Fault)> {
    let too_large = Reply::new(416).body("exceeds maximum permissible limit of 4.00MiB");
    vec![
        (
            When::patch().matching(|seen| length(seen) > CHUNK_LIMIT),
            Fault::reply(too_large).after_body(),
        ),
        (referrers(), Fault::redirect(303, "https://registry.invalid/-/v2/packages")),
        (When::post(Endpoint::Token), Fault::status(405)),
    ]
}

fn docker_hub() -> Vec<(When, Fault)> {
    let hide = Fault::pass().map_status(404, 401);
    vec![(When::get(Endpoint::Tags), hide.clone()), (When::get(Endpoint::Manifest), hide)]
}

fn ecr() -> Vec<(When, Fault)> {
    // Every chunk but the first is dropped: the range does not move.
    let is_later =
        |seen: &Seen| seen.header("content-range").is_some_and(|range| !range.starts_with("0-"));
    let dropped = Fault::respond(|seen| {
        let end = seen.header("content-range").and_then(|range| range.split('-').next());
        let end = end.and_then(|start| start.parse::<u64>().ok()).unwrap_or_default();
        Reply::new(201)
            .header("location", seen.path.as_str())
            .header("range", format!("0-{}", end.saturating_sub(1)))
    });
    vec![
        (When::patch(), Fault::pass().with_status(201)),
        (When::patch().matching(is_later), dropped.after_body()),
        (When::put(Endpoint::Manifest), Fault::pass().remove("location")),
        large_pages("INVALID_PARAMETER"),
    ]
}

fn quay() -> Vec<(When, Fault)> {
    let is_anonymous =
        |seen: &Seen| seen.parameter("mount").is_some() && seen.parameter("from").is_none();
    let refusal = Reply::error(400, "MANIFEST_INVALID", "from is missing");
    let without_end = Fault::pass().map_body(|json| json.replace("\"expires_in\"", "\"unused\""));
    vec![
        (When::post(Endpoint::Uploads).matching(is_anonymous), Fault::reply(refusal)),
        (When::any().on(Endpoint::Token), without_end),
    ]
}

fn harbor() -> Vec<(When, Fault)> {
    let is_mount = |seen: &Seen| seen.parameter("mount").is_some();
    let codes = |json: &str| {
        ["MANIFEST_UNKNOWN", "BLOB_UNKNOWN", "NAME_UNKNOWN"]
            .iter()
            .fold(json.to_owned(), |json, code| json.replace(code, "NOT_FOUND"))
    };
    vec![
        (When::post(Endpoint::Uploads).matching(is_mount), Fault::pass().map_status(202, 401)),
        (When::method("GET"), Fault::pass().map_error(codes)),
    ]
}

fn gitlab() -> Vec<(When, Fault)> {
    // `sha256-<hex>` is taken for `sha256:<hex>`.
    let to_subject = Fault::respond(|seen| {
        Reply::new(307).header("location", seen.path.replacen("sha256-", "sha256:", 1))
    });
    let is_fallback = |seen: &Seen| seen.path.contains("/manifests/sha256-");
    vec![
        (referrers(), Fault::status(404)),
        (When::get(Endpoint::Manifest).matching(is_fallback), to_subject),
    ]
}

fn artifactory() -> Vec<(When, Fault)> {
    // What came before is forgotten with each chunk, so that the digest of the whole is wrong.
    let is_late =
        |seen: &Seen| seen.header("content-range").is_some_and(|range| !range.starts_with("0-"));
    let broken = Arc::new(AtomicU64::new(0));
    let (count, look) = (broken.clone(), broken);
    let count_chunk = move |seen: &Seen| {
        if is_late(seen) {
            count.fetch_add(1, Relaxed);
        }
        false
    };
    let wrong = Reply::error(400, "DIGEST_INVALID", "the digest did not match");
    vec![
        (When::patch().matching(count_chunk), Fault::pass()),
        (
            When::put(Endpoint::Upload).matching(move |_| look.swap(0, Relaxed) > 0),
            Fault::reply(wrong).after_body(),
        ),
        (When::get(Endpoint::Manifest), Fault::pass().map_status(404, 403)),
        (When::head(Endpoint::Manifest), Fault::pass().map_status(404, 403)),
    ]
}

fn distribution() -> Vec<(When, Fault)> {
    let text = Reply::new(404).header("content-type", "text/plain").body("404 page not found\n");
    let is_sha512 = |seen: &Seen| seen.path.contains("/sha512");
    let refusal = Reply::error(400, "DIGEST_INVALID", "provided digest did not match");
    vec![
        (referrers(), Fault::reply(text)),
        (When::put(Endpoint::Manifest).matching(is_sha512), Fault::reply(refusal).after_body()),
        (When::put(Endpoint::Manifest), Fault::pass().remove("oci-subject").remove("oci-tag")),
    ]
}

fn zot() -> Vec<(When, Fault)> {
    let is_half =
        |seen: &Seen| seen.parameter("from").is_some() && seen.parameter("mount").is_none();
    let bare = |challenge: &str| challenge.replace('"', "").replacen("Bearer", "bearer", 1);
    vec![
        (When::any(), Fault::pass().map("www-authenticate", bare)),
        (When::post(Endpoint::Uploads).matching(is_half), Fault::status(405)),
    ]
}

fn olareg() -> Vec<(When, Fault)> {
    let newest = Arc::<Mutex<BTreeMap<String, u64>>>::default();
    let states = newest.clone();
    let add_state = move |location: &str| match location.contains("/uploads/") {
        true => {
            let mut states = lock(&states);
            let state = states.entry(location.to_owned()).or_default();
            *state = state.saturating_add(1);
            format!("{location}?state={state}")
        }
        false => location.to_owned(),
    };
    // Only an upload's newest state counts; what asks how far it is need not know it.
    let is_stale = move |seen: &Seen| {
        let state = seen.parameter("state").and_then(|state| state.parse().ok());
        seen.method != "GET" && state != lock(&newest).get(&seen.path).copied()
    };
    let stale = Reply::error(400, "BLOB_UPLOAD_INVALID", "the state is not the newest");
    vec![
        (When::any(), Fault::pass().map("location", add_state)),
        (When::any().on(Endpoint::Upload).matching(is_stale), Fault::reply(stale).after_body()),
        (When::post(Endpoint::Uploads), Fault::pass().map("range", |_| "0--1".to_owned())),
        (When::any(), Fault::pass().map("link", |link| link.replace("\"next\"", "next"))),
        (When::patch(), Fault::pass().remove_from(416, "location")),
    ]
}

fn cloudflare() -> Vec<(When, Fault)> {
    vec![
        (When::method("HEAD"), Fault::pass().remove("content-length")),
        (When::any().matching(|seen| length(seen) > 100_000_000), html(413)),
    ]
}
