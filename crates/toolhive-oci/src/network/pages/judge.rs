// SPDX-License-Identifier: Apache-2.0
//! The verdict of a policy on an artifact that is served here (signatures.md, 5).

use maud::{Markup, html};
use oci_artifact::reader::ContentSource as _;
use oci_artifact::reference::is_registry;
use oci_artifact::{Descriptor, Result};
use oci_registry_server::OneRepository;

use super::told;
use crate::args::{Format, Verbosity};
use crate::network::admission::{InForce, MOST, Wants, full_name};
use crate::network::material::{Verdict, judge};
use crate::output::{Output, harmless};

/// Judges artifacts by a policy.
pub(crate) struct Judge(InForce);

impl Judge {
    pub(crate) fn new(policy: InForce) -> Self {
        Self(policy)
    }

    /// The part of the artifact's page. What cannot be checked is an error there, and no verdict.
    pub(super) fn view(&self, source: &OneRepository, root: &Descriptor, host: &str) -> Markup {
        html! {
            section aria-labelledby="policy" {
                h2 #policy { "POLICY" }
                @match self.verdict(source, root, host) {
                    Ok(verdict) => { (verdict) }
                    Err(error) => { p .remark { "It could not be checked: " (told(&error).1) } }
                }
            }
        }
    }

    fn verdict(&self, source: &OneRepository, root: &Descriptor, host: &str) -> Result<Markup> {
        let name = full_name(&format!("{}@{}", named(source.name(), host), root.digest))?;
        let quiet = Output::new(Format::Json, Verbosity::Quiet);
        let (signers, rule) = match self.0.wants(&name, quiet)? {
            Wants::Nothing => return Ok(html! { p { "accepted, signed or not" } }),
            // Its words name the policy's file, which is no business of a browser's.
            Wants::Refusal(_) => {
                return Ok(
                    html! { p .remark { "refused: the policy has no rule for " (name.name()) } },
                );
            }
            Wants::Signature(signers, rule) => (signers, rule),
        };
        let manifest = source.document(root)?;
        let expected = signers.of(&root.digest, &manifest);
        let verdict = judge(source, &root.digest, &expected, MOST)?;
        Ok(signed(&verdict, &rule))
    }
}

/// The name by which a policy decides: a repository that is called as in its own registry keeps that name.
fn named(repository: &str, host: &str) -> String {
    match repository.split_once('/') {
        Some((registry, _)) if registry.contains('.') && is_registry(registry) => {
            repository.to_owned()
        }
        _ => format!("{host}/{repository}"),
    }
}

fn signed(verdict: &Verdict, rule: &str) -> Markup {
    html! {
        @if verdict.accepted.is_empty() {
            p .remark {
                "refused: the rule " (format!("{rule:?}")) " requires a signature, and "
                @if verdict.rejected.is_empty() { "there is none" } @else { "none counts" }
            }
        } @else {
            p { "accepted by the rule " (format!("{rule:?}")) ", signed by:" }
        }
        @if !verdict.accepted.is_empty() || !verdict.rejected.is_empty() {
            ul .items {
                @for good in &verdict.accepted { li { div .entry { code { (harmless(&good.text())) } } } }
                @for bad in &verdict.rejected {
                    li { div .entry {
                        span .note { "is not valid (" (bad.layout) "): " (harmless(&bad.message)) }
                    } }
                }
            }
        }
    }
}
