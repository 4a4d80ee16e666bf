// SPDX-License-Identifier: Apache-2.0
//! An artifact: how to get it, what is attached to it, and its report (WB-4).

use maud::{Markup, html};
use oci_artifact::reader::ContentSource as _;
use oci_artifact::{Digest, Result};
use oci_registry_server::{Attachment, OneRepository};

use super::repository::sorted;
use super::{Pages, View, address, made, told};
use crate::output::{harmless, size};
use crate::place::layout;

impl Pages {
    pub(super) fn artifact(
        &self,
        source: &OneRepository,
        reference: &str,
        host: &str,
    ) -> Result<View> {
        let root = source.resolve(reference)?;
        let digest = root.digest;
        let verdict = self.judge.as_ref().map(|judge| judge.view(source, &root, host));
        let shown = self.shown(source, root)?;
        let name = source.name();
        let attached = all_attached(source, &digest, &shown.manifests);
        let older = older(source, reference)?;
        let body = html! {
            main {
                (made(&shown.head))
                section aria-labelledby="get" {
                    h2 #get { "HOW TO GET IT" }
                    (how(shown.kind, host, name, reference, &digest))
                    @if let Some(older) = older {
                        p {
                            a href=(address::difference(name, &older, reference)) {
                                "What changed since " (older)
                            }
                        }
                    }
                }
                @if let Some(verdict) = verdict { (verdict) }
                (attachments(name, attached.map_err(|error| told(&error).1)))
                (made(&shown.sections))
            }
            footer { p { (agent_plugin::LAST) } }
        };
        let path = [(name, address::repository(name)), (reference, String::new())];
        Ok(View::new(&format!("{} - {name}", shown.title), body).at(&path))
    }
}

/// The commands that fetch it, by its name and by its digest.
fn how(kind: Option<&str>, host: &str, name: &str, reference: &str, digest: &Digest) -> Markup {
    let host = if host.is_empty() { "HOST" } else { host };
    let mark = if reference.contains(':') { '@' } else { ':' };
    let named = format!("{host}/{name}{mark}{reference}");
    let pinned = format!("{host}/{name}@{digest}");
    html! {
        pre .how {
            @match kind {
                Some(kind) => {
                    "toolhive-oci " (kind) " install " (named) "\n"
                    "toolhive-oci " (kind) " pull " (pinned) "\n"
                }
                None => { (named) "\n" (pinned) "\n" }
            }
        }
    }
}

/// The attachments of the artifact and of every manifest below it (SIG-5).
fn all_attached(
    source: &OneRepository,
    digest: &Digest,
    manifests: &[Digest],
) -> Result<Vec<Attachment>> {
    let mut found = source.attached(digest)?;
    for manifest in manifests {
        found.extend(source.attached(manifest)?);
    }
    Ok(found)
}

fn attachments(name: &str, attached: Result<Vec<Attachment>, String>) -> Markup {
    html! {
        section aria-labelledby="attached" {
            h2 #attached { "ATTACHED" }
            @match attached {
                Err(message) => { p .remark { "The attached artifacts are not known: " (message) } }
                Ok(attached) if attached.is_empty() => {
                    p { "nothing: no signature, no SBOM, no provenance" }
                }
                Ok(attached) => { ul .items {
                    @for one in &attached {
                        @let digest = one.descriptor.digest.to_string();
                        li { div .entry {
                            span .label { (harmless(&one.artifact_type)) } " "
                            a href=(address::artifact(name, &digest)) { code { (digest) } } " "
                            span .note {
                                (size(one.descriptor.size)) ", " (layout(one.tag.as_deref()))
                            }
                        } }
                    }
                } }
            }
        }
    }
}

/// The tag before this one, if this is a tag and has one.
fn older(source: &OneRepository, reference: &str) -> Result<Option<String>> {
    let mut tags = sorted(source)?.into_iter().map(|(tag, _)| tag);
    tags.find(|tag| tag == reference);
    Ok(tags.next())
}
